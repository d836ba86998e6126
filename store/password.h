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

/* What a SCRAM server shows of a verifier, and a client derives its keys with. */
struct scram_salt {
	uint32_t iterations;
	size_t length;
	unsigned char octets[SALT_OCTETS_MAX];
};

struct scram_verifier {
	struct scram_salt salt;
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
	PASSWORD_MALFORMED,     /* the verifier, not the password */
	PASSWORD_FAILED         /* it cannot be checked now */
};

/*
 * Checks a password against a verifier of either kind, white space at the
 * verifier's end ignored.  Takes the time of the verifier's iterations
 * whatever the answer.
 */
enum password_result password_check(const char *verifier,
    const char *password, size_t length);

/*
 * Reads a stored verifier for SCRAM.  PASSWORD_WRONG where it is a crypt(3)
 * string, with which no client can prove anything.
 */
enum password_result scram_verifier_read(struct scram_verifier *scram,
    const char *verifier);

/*
 * The server's part of SCRAM (RFC 5802 section 3): checks a client's proof
 * over the messages of the exchange, and makes the signature by which the
 * server shows that it has the verifier.
 */
bool scram_proof_check(const struct scram_verifier *verifier,
    const char *auth_message, size_t length,
    const unsigned char proof[SHA256_OCTETS],
    unsigned char signature[SHA256_OCTETS]);

/*
 * The client's part: the proof that it has the password, and the signature
 * that it has to see from the server.
 */
void scram_proof_make(const struct scram_salt *salt,
    const char *password, size_t password_length,
    const char *auth_message, size_t length,
    unsigned char proof[SHA256_OCTETS],
    unsigned char signature[SHA256_OCTETS]);

/* Whether two keys are equal, in a time that does not tell where they differ. */
bool scram_keys_are_equal(const unsigned char a[SHA256_OCTETS],
    const unsigned char b[SHA256_OCTETS]);

#endif
