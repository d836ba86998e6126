/*
 * Content transfer encodings (RFC 2045 section 6), decoded as they come by.
 * What is not as it should be is taken for what it looks like: this is for
 * reading, not for judging.
 */
#ifndef POP3_STDIO_TRANSFER_ENCODING_H
#define POP3_STDIO_TRANSFER_ENCODING_H

#include <stddef.h>
#include <stdint.h>

#include "pop3-stdio/sink.h"

enum transfer_encoding {
	ENCODING_NONE,          /* 7bit, 8bit, binary, or not known */
	ENCODING_BASE64,
	ENCODING_QUOTED_PRINTABLE
};

/* By the name that a Content-Transfer-Encoding field has. */
enum transfer_encoding transfer_encoding_find(const char *name);

struct decoder {
	struct sink to;
	enum transfer_encoding encoding;
	uint32_t bits;          /* base 64: so far in this group */
	unsigned count;         /* characters of the group so far */
	char held[2];           /* quoted-printable: "=" and what follows */
	size_t held_length;
};

void decoder_begin(struct decoder *decoder, enum transfer_encoding encoding,
    struct sink to);
void decoder_put(struct decoder *decoder, const char *octets, size_t length);

/* Puts out what is left at the end of the text. */
void decoder_end(struct decoder *decoder);

#endif
