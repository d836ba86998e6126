/* Files as parts of a message (RFC 2046 section 5.1.3, RFC 2183). */
#ifndef SMTP_STDIO_ATTACHMENT_H
#define SMTP_STDIO_ATTACHMENT_H

#include <stdbool.h>
#include <stdio.h>

#include "smtp-stdio/content.h"
#include "stdio/failure.h"

/*
 * Prints one part: its header, with the file's name, and the file in base 64.
 */
bool attachment_print(FILE *out, const char *path, struct failure *failure);

/*
 * What a text says of its characters: ASCII, UTF-8, else what the user's
 * locale has, or that nobody knows (RFC 1428).
 */
const char *charset_name(const struct content *content);

#endif
