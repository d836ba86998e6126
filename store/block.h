/*
 * An octet found in sixty-four at once: for texts of which each octet has to
 * be looked at, and most are of no interest.
 */
#ifndef STORE_BLOCK_H
#define STORE_BLOCK_H

#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BLOCK_OCTETS 64

/* Where an octet stands in a block: bit i of the result is for octet i. */
static inline uint64_t
block_find_plainly(const char *block, char octet)
{
	uint64_t found = 0;
	int i;

	for (i = 0; i < BLOCK_OCTETS; i++)
		found |= (uint64_t)(block[i] == octet) << i;
	return found;
}

#ifdef __SSE2__

/* The same by sixteen octets a step, which every x86-64 can. */
static inline uint64_t
block_find(const char *block, char octet)
{
	const __m128i wanted = _mm_set1_epi8(octet);
	uint64_t found = 0;
	int i;

	for (i = 0; i < BLOCK_OCTETS; i += 16) {
		__m128i part =
		    _mm_loadu_si128((const __m128i *)(const void *)(block + i));

		found |= (uint64_t)(uint16_t)_mm_movemask_epi8(
		    _mm_cmpeq_epi8(part, wanted)) << i;
	}
	return found;
}

#else

static inline uint64_t
block_find(const char *block, char octet)
{
	return block_find_plainly(block, octet);
}

#endif

/* The first place of those found, of which there is one at least. */
static inline unsigned
block_first(uint64_t found)
{
	return (unsigned)__builtin_ctzll(found);
}

#endif
