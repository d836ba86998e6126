/* xtext: text without blanks, "+" or "=" in it (RFC 3461 section 4). */
#ifndef SMTP_STDIO_XTEXT_H
#define SMTP_STDIO_XTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "store/text.h"

/*
 * Decodes length octets into text, which has room for size octets, and ends it
 * with a NUL.  False where it is malformed, does not fit, or has a control
 * character in it when decoded.
 */
bool xtext_decode(const char *xtext, size_t length, char *text, size_t size);

/* Appends text in this form. */
void xtext_encode(struct text *xtext, const char *text);

/* The value of 0-9 or A-F, capitals only; -1 for what is no such digit. */
int hexadecimal_digit(char digit);

#endif
