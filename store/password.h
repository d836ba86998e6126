/*
 * Passwords and what is stored in their place, as pure functions.
 *
 * The native verifier is the one of SCRAM-SHA-256 (RFC 5803 section 1):
 *
 *     SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY
 *
 * with the salt and the keys in base 64.  It checks a password sent in clear
 * and serves SCRAM alike, and the password cannot be had from it.  A crypt(3)
 * string, of an account that came from elsewhere, checks passwords in clear.
 */
#ifndef STORE_PASSWORD_H
#define STORE_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/sha256.h"

/* Room for either kind, with its NUL. */
#define VERIFIER_SIZE 512

#define SALT_OCTETS 16                  /* of the salts that we make */
#define SALT_OCTETS_MAX 128             /* of those that we take */

#define ITERATIONS_LEAST 4096           /* RFC 7677 section 4 */
#define ITERATIONS_MAX 10000000
#define ITERATIONS_DEFAULT 10000        /* about 10 ms of one login */

/* The longest password, in octets: what POP3's longest PASS line can carry. */
#define PASSWORD_OCTETS_MAX 500

struct scram_verifier {
	uint32_t iterations;
	unsigned char salt[SALT_OCTETS_MAX];
	size_t salt_length;
	unsigned char stored_key[SHA256_OCTETS];
	unsigned char server_key[SHA256_OCTETS];
};

/* Reads an RFC 5803 verifier; spaces around each $ are allowed. */
bool scram_verifier_parse(struct scram_verifier *verifier,
    const char *text, size_t length);

/* Derives the verifier of a password; salt and iterations are set before. */
void scram_verifier_make(struct scram_verifier *verifier,
    const char *password, size_t length);

/* Writes the RFC 5803 form, without spaces, and a NUL. */
void scram_verifier_text(const struct scram_verifier *verifier,
    char text[VERIFIER_SIZE]);

enum password_result {
	PASSWORD_RIGHT,
	PASSWORD_WRONG,
	PASSWORD_MALFORMED      /* the verifier, not the password */
};

/*
 * Checks a password against a verifier of either kind, white space at the
 * verifier's end ignored.  Takes the time of the verifier's iterations
 * whatever the answer.
 */
enum password_result password_check(const char *verifier,
    const char *password, size_t length);

/*
 * Takes as long as password_check() with a verifier of the default count, and
 * is always wrong: for a user that does not exist.
 */
enum password_result password_check_nobody(const char *password,
    size_t length);

#endif
