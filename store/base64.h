/* Base 64 (RFC 4648 section 4), with padding and nothing else in it. */
#ifndef STORE_BASE64_H
#define STORE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "store/text.h"

/* The characters that length octets become. */
#define BASE64_LENGTH(length) (((length) + 2) / 3 * 4)

/* Appends the encoding of length octets. */
void base64_encode(struct text *text, const void *octets, size_t length);

/*
 * Decodes length characters into at most size octets.  False where they are
 * no canonical encoding (a foreign character, missing or inner padding, bits
 * after the end) or do not fit; what octets holds then is not defined.
 */
bool base64_decode(const char *characters, size_t length,
    void *octets, size_t size, size_t *octets_length);

#endif
