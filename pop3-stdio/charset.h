/* Text of any charset, as UTF-8. */
#ifndef POP3_STDIO_CHARSET_H
#define POP3_STDIO_CHARSET_H

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>

#include "pop3-stdio/sink.h"

struct charset {
	struct sink to;
	enum {
		CHARSET_AS_IT_IS,       /* UTF-8, or ASCII, or not told */
		CHARSET_CONVERTED,      /* by iconv(3) */
		CHARSET_UNKNOWN         /* only what is ASCII can be shown */
	} kind;
	iconv_t converter;
	char rest[16];          /* a character that is not complete yet */
	size_t rest_length;
};

/*
 * Begins a text in the charset of this name, in a mail's words; it comes out
 * as UTF-8.  What has no meaning becomes "?", but what is said to be UTF-8
 * stays as it is.  charset_end() ends it.
 */
void charset_begin(struct charset *charset, const char *name, size_t length,
    struct sink to);

void charset_put(struct charset *charset, const char *octets, size_t length);

void charset_end(struct charset *charset);

#endif
