/* Encoded words in header fields (RFC 2047), for people. */
#ifndef POP3_STDIO_HEADER_TEXT_H
#define POP3_STDIO_HEADER_TEXT_H

#include <stddef.h>

#include "store/text.h"

/*
 * Appends the value of an unfolded header field, its encoded words decoded,
 * in UTF-8.  What is no encoded word stays as it is: it may be anything.
 */
void header_text_decode(struct text *to, const char *value, size_t length);

/*
 * Appends the name of who sent it, for a list: of the first mailbox in the
 * value of an unfolded From field, its display name, else the comment behind
 * it, else the address; decoded.
 */
void header_text_name(struct text *to, const char *from, size_t length);

#endif
