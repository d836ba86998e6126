/* Base 64; see base64.h. */
#include "store/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(struct text *text, const void *octets, size_t length)
{
	const unsigned char *in = octets;

	while (length > 0) {
		size_t n = length < 3 ? length : 3;
		uint32_t group = (uint32_t)in[0] << 16;
		char out[4];

		if (n > 1)
			group |= (uint32_t)in[1] << 8;
		if (n > 2)
			group |= in[2];
		out[0] = alphabet[group >> 18];
		out[1] = alphabet[group >> 12 & 63];
		out[2] = n > 1 ? alphabet[group >> 6 & 63] : '=';
		out[3] = n > 2 ? alphabet[group & 63] : '=';
		text_add_octets(text, out, sizeof out);
		in += n;
		length -= n;
	}
}

/* The six bits that a character stands for; 64 where it stands for none. */
static uint32_t
value_of(char character)
{
	const char *place;

	if (character == '\0')
		return 64;
	place = strchr(alphabet, character);
	return place == NULL ? 64 : (uint32_t)(place - alphabet);
}

bool
base64_decode(const char *characters, size_t length,
    void *octets, size_t size, size_t *octets_length)
{
	unsigned char *out = octets;
	size_t i, k, used = 0;

	if (length % 4 != 0)
		return false;
	for (i = 0; i < length; i += 4) {
		uint32_t group = 0;
		size_t n = 3;           /* octets in this group */

		if (i + 4 == length && characters[i + 3] == '=')
			n = characters[i + 2] == '=' ? 1 : 2;
		for (k = 0; k < 4; k++) {
			uint32_t value = k <= n ? value_of(characters[i + k]) : 0;

			if (value == 64)
				return false;
			group = group << 6 | value;
		}
		if ((n < 3 && (group & 0xff) != 0) ||
		    (n < 2 && (group & 0xff00) != 0) || used + n > size)
			return false;
		for (k = 0; k < n; k++)
			out[used++] = (unsigned char)(group >> (16 - 8 * k));
	}
	*octets_length = used;
	return true;
}
