/* What makes any text or file fit into a message of ASCII lines (MIME). */
#ifndef SMTP_STDIO_MIME_ENCODE_H
#define SMTP_STDIO_MIME_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Prints a field, "Name: text" and a line end, folded.  Text in UTF-8 is put
 * into encoded words (RFC 2047); controls become blanks.
 */
void field_print(FILE *out, const char *name, const char *text);

/*
 * Prints a mailbox (RFC 5322 section 3.4) at the start of a line's text, with
 * its name, which may be "", as atoms, a quoted string or encoded words.
 */
void mailbox_print(FILE *out, const char *name, const char *address);

/*
 * Prints "; name=value" as a parameter of a MIME field: as it is, quoted, or
 * as RFC 2231 has it for what is not ASCII.
 */
void parameter_print(FILE *out, const char *name, const char *value);

enum transfer_encoding {
	ENCODING_7BIT,
	ENCODING_QUOTED_PRINTABLE,
	ENCODING_BASE64
};

const char *transfer_encoding_name(enum transfer_encoding encoding);

/*
 * Copies a file from offset to its end, encoded (RFC 2045 section 6); the
 * last line gets an end.  False, with errno set, where reading fails; what
 * out has to say of writing is left to ferror(3).
 */
bool encoded_copy(FILE *out, int file, uint64_t offset,
    enum transfer_encoding encoding);

#endif
