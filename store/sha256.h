/*
 * SHA-256 (FIPS 180-4), HMAC (RFC 2104) and PBKDF2 (RFC 8018 section 5.2)
 * with it.  Written here because a password verifier needs nothing more and
 * the programs link no library.
 */
#ifndef STORE_SHA256_H
#define STORE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_OCTETS 32
#define SHA256_BLOCK_OCTETS 64

struct sha256 {
	uint32_t state[8];
	uint64_t length;                        /* octets taken in so far */
	unsigned char block[SHA256_BLOCK_OCTETS];
};

void sha256_init(struct sha256 *sha256);
void sha256_add(struct sha256 *sha256, const void *octets, size_t length);
void sha256_end(struct sha256 *sha256, unsigned char digest[SHA256_OCTETS]);

/* The hash of one piece of text. */
void sha256_of(const void *octets, size_t length,
    unsigned char digest[SHA256_OCTETS]);

/* A keyed hash of one piece of text; key of any length. */
void hmac_sha256(const void *key, size_t key_length,
    const void *octets, size_t length, unsigned char digest[SHA256_OCTETS]);

/*
 * The first 32 octets that PBKDF2 derives: SCRAM's Hi(), RFC 5802 section
 * 2.2.  iterations > 0; two compressions each, so this is what a login costs.
 */
void pbkdf2_sha256(const void *password, size_t password_length,
    const void *salt, size_t salt_length, uint32_t iterations,
    unsigned char key[SHA256_OCTETS]);

#endif
