/* Random octets; see random.h. */
#include "store/random.h"

#include <unistd.h>

int
random_octets(void *octets, size_t length)
{
	return getentropy(octets, length);
}

int
random_name(char name[RANDOM_NAME_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char octets[RANDOM_NAME_SIZE / 2];
	size_t i;

	if (random_octets(octets, sizeof octets) == -1)
		return -1;
	for (i = 0; i < sizeof octets; i++) {
		name[2 * i] = digits[octets[i] >> 4];
		name[2 * i + 1] = digits[octets[i] & 15];
	}
	name[2 * sizeof octets] = '\0';
	return 0;
}
