/* Random octets; see random.h. */
#include "store/random.h"

#include <unistd.h>

#include "store/text.h"

int
random_octets(void *octets, size_t length)
{
	return getentropy(octets, length);
}

int
random_name(char name[RANDOM_NAME_SIZE])
{
	unsigned char octets[RANDOM_NAME_SIZE / 2];
	struct text text;

	if (random_octets(octets, sizeof octets) == -1)
		return -1;
	text_init(&text, name, RANDOM_NAME_SIZE);
	text_add_hexadecimal(&text, octets, sizeof octets);
	return 0;
}
