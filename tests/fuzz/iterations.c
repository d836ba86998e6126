/*
 * In the place of pbkdf2_sha256(), as the linker is told: ten million
 * iterations, which verifiers and servers may ask for, are slow and no hang.
 */
#include "tests/fuzz/iterations.h"

#include <stddef.h>

#include "store/sha256.h"

void __real_pbkdf2_sha256(const void *password, size_t password_length,
    const void *salt, size_t salt_length, uint32_t iterations,
    unsigned char key[SHA256_OCTETS]);
void __wrap_pbkdf2_sha256(const void *password, size_t password_length,
    const void *salt, size_t salt_length, uint32_t iterations,
    unsigned char key[SHA256_OCTETS]);

uint32_t iterations_most = 1;

void
__wrap_pbkdf2_sha256(const void *password, size_t password_length,
    const void *salt, size_t salt_length, uint32_t iterations,
    unsigned char key[SHA256_OCTETS])
{
	if (iterations > iterations_most)
		iterations = iterations_most;
	__real_pbkdf2_sha256(password, password_length, salt, salt_length,
	    iterations, key);
}
