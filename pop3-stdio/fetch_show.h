/* How pop3-fetch shows what is in a header: to people, and to programs. */
#ifndef POP3_STDIO_FETCH_SHOW_H
#define POP3_STDIO_FETCH_SHOW_H

#include <stddef.h>

#include "pop3-stdio/header_fields.h"

/* A decoded field may be longer than it was: charsets become UTF-8. */
#define SHOWN_OCTETS_MAX (3 * FIELD_OCTETS_MAX)

/* Prints From, To, Cc, Subject and Date, a line each, those that are there. */
void show_header(const struct header_fields *fields);

/* Prints ,"name":"value" */
void show_json(const char *name, const char *value, size_t length);

/* Prints the same fields as members of a JSON object; the date as ISO 8601. */
void show_json_header(const struct header_fields *fields);

#endif
