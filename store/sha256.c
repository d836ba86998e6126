/* SHA-256, HMAC, PBKDF2; see sha256.h.  Names as in FIPS 180-4. */
#include "store/sha256.h"

#include <string.h>

#include "store/wipe.h"

/* FIPS 180-4 section 4.2.2. */
static const uint32_t K[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

static uint32_t
rotate(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

/* FIPS 180-4 section 6.2.2: one block into the state. */
static void
compress(uint32_t state[8], const unsigned char block[SHA256_BLOCK_OCTETS])
{
	uint32_t W[64], a, b, c, d, e, f, g, h, T1, T2;
	unsigned t;

	for (t = 0; t < 16; t++, block += 4)
		W[t] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 |
		    (uint32_t)block[2] << 8 | block[3];
	for (; t < 64; t++) {
		uint32_t s0 = rotate(W[t - 15], 7) ^ rotate(W[t - 15], 18) ^
		    W[t - 15] >> 3;
		uint32_t s1 = rotate(W[t - 2], 17) ^ rotate(W[t - 2], 19) ^
		    W[t - 2] >> 10;

		W[t] = s1 + W[t - 7] + s0 + W[t - 16];
	}
	a = state[0], b = state[1], c = state[2], d = state[3];
	e = state[4], f = state[5], g = state[6], h = state[7];
	for (t = 0; t < 64; t++) {
		T1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
		    ((e & f) ^ (~e & g)) + K[t] + W[t];
		T2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
		    ((a & b) ^ (a & c) ^ (b & c));
		h = g, g = f, f = e, e = d + T1;
		d = c, c = b, b = a, a = T1 + T2;
	}
	state[0] += a, state[1] += b, state[2] += c, state[3] += d;
	state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void
sha256_init(struct sha256 *sha256)
{
	static const uint32_t first[8] = {      /* section 5.3.3 */
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
	};

	memcpy(sha256->state, first, sizeof first);
	sha256->length = 0;
}

void
sha256_add(struct sha256 *sha256, const void *octets, size_t length)
{
	const unsigned char *in = octets;

	while (length > 0) {
		size_t held = sha256->length % SHA256_BLOCK_OCTETS;
		size_t n = SHA256_BLOCK_OCTETS - held;

		if (n > length)
			n = length;
		memcpy(sha256->block + held, in, n);
		sha256->length += n;
		in += n;
		length -= n;
		if (held + n == SHA256_BLOCK_OCTETS)
			compress(sha256->state, sha256->block);
	}
}

static void
put_big_endian(unsigned char *out, uint64_t number, unsigned octets)
{
	while (octets > 0) {
		out[--octets] = (unsigned char)number;
		number >>= 8;
	}
}

void
sha256_end(struct sha256 *sha256, unsigned char digest[SHA256_OCTETS])
{
	static const unsigned char padding[SHA256_BLOCK_OCTETS] = { 0x80 };
	unsigned char bits[8];
	size_t held = sha256->length % SHA256_BLOCK_OCTETS;
	unsigned i;

	put_big_endian(bits, sha256->length * 8, sizeof bits);
	sha256_add(sha256, padding, held < 56 ? 56 - held : 120 - held);
	sha256_add(sha256, bits, sizeof bits);
	for (i = 0; i < 8; i++)
		put_big_endian(digest + 4 * i, sha256->state[i], 4);
}

void
sha256_of(const void *octets, size_t length, unsigned char digest[SHA256_OCTETS])
{
	struct sha256 sha256;

	sha256_init(&sha256);
	sha256_add(&sha256, octets, length);
	sha256_end(&sha256, digest);
	wipe(&sha256, sizeof sha256);
}

/* The states after the key's block, from which every HMAC with it starts. */
struct hmac_key {
	struct sha256 inner, outer;
};

static void
hmac_key_init(struct hmac_key *key, const void *octets, size_t length)
{
	unsigned char block[SHA256_BLOCK_OCTETS] = { 0 };
	unsigned i;

	if (length > sizeof block)
		sha256_of(octets, length, block);
	else if (length > 0)
		memcpy(block, octets, length);
	for (i = 0; i < sizeof block; i++)
		block[i] ^= 0x36;
	sha256_init(&key->inner);
	sha256_add(&key->inner, block, sizeof block);
	for (i = 0; i < sizeof block; i++)
		block[i] ^= 0x36 ^ 0x5c;
	sha256_init(&key->outer);
	sha256_add(&key->outer, block, sizeof block);
	wipe(block, sizeof block);
}

static void
hmac_with(const struct hmac_key *key, const void *first, size_t first_length,
    const void *second, size_t second_length,
    unsigned char digest[SHA256_OCTETS])
{
	struct sha256 hash = key->inner;

	sha256_add(&hash, first, first_length);
	sha256_add(&hash, second, second_length);
	sha256_end(&hash, digest);
	hash = key->outer;
	sha256_add(&hash, digest, SHA256_OCTETS);
	sha256_end(&hash, digest);
	wipe(&hash, sizeof hash);
}

void
hmac_sha256(const void *key, size_t key_length, const void *octets,
    size_t length, unsigned char digest[SHA256_OCTETS])
{
	struct hmac_key prepared;

	hmac_key_init(&prepared, key, key_length);
	hmac_with(&prepared, octets, length, NULL, 0, digest);
	wipe(&prepared, sizeof prepared);
}

void
pbkdf2_sha256(const void *password, size_t password_length,
    const void *salt, size_t salt_length, uint32_t iterations,
    unsigned char key[SHA256_OCTETS])
{
	static const unsigned char first_block[4] = { 0, 0, 0, 1 };
	unsigned char inner[SHA256_BLOCK_OCTETS] = { 0 };
	unsigned char outer[SHA256_BLOCK_OCTETS] = { 0 };
	struct hmac_key prepared;
	uint32_t u[8], sum[8];
	unsigned i;

	hmac_key_init(&prepared, password, password_length);
	hmac_with(&prepared, salt, salt_length,
	    first_block, sizeof first_block, key);

	/*
	 * From the second round on each hash is of exactly one block: 32
	 * octets behind the key's block, so the padding is the same each
	 * time and a round is two compressions and nothing else.
	 */
	memcpy(inner, key, SHA256_OCTETS);
	inner[SHA256_OCTETS] = outer[SHA256_OCTETS] = 0x80;
	put_big_endian(inner + 56, (SHA256_BLOCK_OCTETS + SHA256_OCTETS) * 8, 8);
	put_big_endian(outer + 56, (SHA256_BLOCK_OCTETS + SHA256_OCTETS) * 8, 8);
	for (i = 0; i < 8; i++)
		sum[i] = (uint32_t)key[4 * i] << 24 |
		    (uint32_t)key[4 * i + 1] << 16 |
		    (uint32_t)key[4 * i + 2] << 8 | key[4 * i + 3];
	while (--iterations > 0) {
		memcpy(u, prepared.inner.state, sizeof u);
		compress(u, inner);
		for (i = 0; i < 8; i++)
			put_big_endian(outer + 4 * i, u[i], 4);
		memcpy(u, prepared.outer.state, sizeof u);
		compress(u, outer);
		for (i = 0; i < 8; i++) {
			put_big_endian(inner + 4 * i, u[i], 4);
			sum[i] ^= u[i];
		}
	}
	for (i = 0; i < 8; i++)
		put_big_endian(key + 4 * i, sum[i], 4);
	wipe(&prepared, sizeof prepared);
	wipe(inner, sizeof inner);
	wipe(outer, sizeof outer);
	wipe(u, sizeof u);
	wipe(sum, sizeof sum);
}
