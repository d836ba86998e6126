/* JSON (RFC 8259), as far as the tools write it. */
#ifndef STORE_JSON_H
#define STORE_JSON_H

#include <stddef.h>
#include <stdio.h>

/*
 * Writes a string in its quotes.  Controls are escaped, those beyond ASCII
 * too, so a terminal may show it; an octet that belongs to no UTF-8 becomes
 * U+FFFD.
 */
void json_print_string(FILE *file, const char *string, size_t length);

/* The same without the quotes: whole characters of a longer string. */
void json_print_characters(FILE *file, const char *string, size_t length);

#endif
