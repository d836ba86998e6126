/*
 * HTML as text that can be read: without its tags, with line ends where
 * paragraphs, rows and items begin, and with its character references
 * resolved.
 */
#ifndef POP3_STDIO_HTML_TEXT_H
#define POP3_STDIO_HTML_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "pop3-stdio/sink.h"

struct html_text {
	struct sink to;
	enum {
		HTML_TEXT,
		HTML_TAG,               /* behind "<" */
		HTML_QUOTED,            /* in a value of an attribute */
		HTML_COMMENT,           /* behind "<!--" */
		HTML_REFERENCE          /* behind "&" */
	} state;
	char quote;             /* that ends the value */
	char name[12];          /* of the tag, or the reference, as far as it fits */
	size_t length;
	bool name_is_over;
	char hidden[12];        /* the element whose content is not shown, or "" */
	bool blank;             /* a blank is to come before the next text */
	unsigned lines;         /* line ends are, at most two */
	bool has_text;          /* something was put out */
};

/* Begins; what comes in and goes out is UTF-8. */
void html_text_begin(struct html_text *html, struct sink to);
void html_text_put(struct html_text *html, const char *octets, size_t length);

/* Puts out the end of the last line. */
void html_text_end(struct html_text *html);

#endif
