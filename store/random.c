/* Random octets; see random.h. */
#include "store/random.h"

#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/auxv.h>
#endif

#include "store/sha256.h"
#include "store/text.h"

/*
 * A process has got random octets at its start from Linux.  The C library
 * guards its stack with them, so they are shown to nobody as they are.
 */
static int
seed(unsigned char *octets, size_t length)
{
#ifdef __linux__
	const void *given = (const void *)getauxval(AT_RANDOM);

	if (given != NULL) {
		memcpy(octets, given, length);
		return 0;
	}
#endif
	return random_octets(octets, length);
}

int
random_octets(void *octets, size_t length)
{
	return getentropy(octets, length);
}

/* What no other process has had, nor this one before; -1 with errno set. */
static int
unique_octets(unsigned char octets[SHA256_OCTETS])
{
	static struct {
		unsigned char seed[16];
		uint64_t count;
		struct timespec now;    /* a child begins with the same count */
	} state;
	struct sha256 hash;

	if (state.count == 0 && seed(state.seed, sizeof state.seed) == -1)
		return -1;
	state.count++;
	(void)clock_gettime(CLOCK_REALTIME, &state.now);
	sha256_init(&hash);
	sha256_add(&hash, &state, sizeof state);
	sha256_end(&hash, octets);
	return 0;
}

int
random_name(char name[RANDOM_NAME_SIZE])
{
	unsigned char octets[SHA256_OCTETS];
	struct text text;

	if (unique_octets(octets) == -1)
		return -1;
	text_init(&text, name, RANDOM_NAME_SIZE);
	text_add_hexadecimal(&text, octets, RANDOM_NAME_SIZE / 2);
	return 0;
}
