/* UTF-8 (RFC 3629), as far as mail needs it. */
#ifndef STORE_UTF8_H
#define STORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How many octets the well-formed sequence at the start of text has, which is
 * not empty; 0 where there is none.
 */
size_t utf8_sequence(const char *text, size_t length);

/*
 * Whether text is well-formed: no overlong form, no surrogate, nothing past
 * U+10FFFF (RFC 3629 section 4).
 */
bool utf8_is_valid(const char *text, size_t length);

/*
 * The code point at the start of well-formed text, which is not empty;
 * returns how many octets it has.
 */
size_t utf8_take(const char *text, uint32_t *point);

/* Whether well-formed text has one of the C1 controls, U+0080 to U+009F. */
bool utf8_has_controls(const char *text, size_t length);

#endif
