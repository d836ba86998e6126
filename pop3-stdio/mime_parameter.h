/* Parameters of MIME fields (RFC 2045 section 5.1, RFC 2231). */
#ifndef POP3_STDIO_MIME_PARAMETER_H
#define POP3_STDIO_MIME_PARAMETER_H

#include <stdbool.h>

#include "store/text.h"

/*
 * Appends the value that a field gives the parameter of this name, in UTF-8:
 * a token, a quoted string, also one with encoded words in it, or what RFC
 * 2231 makes of several parts and of charsets.  False where there is none.
 */
bool mime_parameter(const char *field, const char *name, struct text *value);

#endif
