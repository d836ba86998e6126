/*
 * Octets found sixty-four at a time: the quick way finds what the plain one
 * does.
 */
#include "store/block.h"

#include "tests/lib/check.h"

/* Wherever the block starts, and whatever stands before and behind it. */
static void
test_every_place(void)
{
	char text[2 * BLOCK_OCTETS];
	bool alone = true, others = true;
	size_t start, place, i;

	for (start = 0; start < BLOCK_OCTETS; start++)
		for (place = 0; place < sizeof text; place++) {
			uint64_t expected = place >= start &&
			    place < start + BLOCK_OCTETS ?
			    UINT64_C(1) << (place - start) : 0;

			memset(text, 'a', sizeof text);
			text[place] = '\n';
			alone &= block_find(text + start, '\n') == expected;
			others &= block_find(text + start, 'a') == ~expected;
			if (expected != 0)
				alone &= block_first(expected) == place - start;
		}
	CHECK(alone, "one octet, wherever it is");
	CHECK(others, "all others");
	for (i = 0; i < sizeof text; i++)
		text[i] = (char)(i * 4);
	CHECK(block_find(text, (char)0xfc) == UINT64_C(1) << 63 &&
	    block_find(text, (char)0x80) == UINT64_C(1) << 32 &&
	    block_find(text, '\0') == 1, "octets with the high bit, and NUL");
}

static void
test_all_octets(void)
{
	char block[BLOCK_OCTETS];
	bool right = true;
	unsigned state = 1;
	int round, octet;
	size_t i;

	for (round = 0; round < 200; round++) {
		for (i = 0; i < sizeof block; i++) {
			state = state * 1103515245U + 12345U;
			block[i] = (char)(state >> 16 & (round % 2 == 0 ?
			    0xff : 0x83));
		}
		for (octet = 0; octet < 256; octet++)
			right &= block_find(block, (char)octet) ==
			    block_find_plainly(block, (char)octet);
	}
	CHECK(right, "both ways find the same");
}

int
main(void)
{
	test_every_place();
	test_all_octets();
	return check_end();
}
