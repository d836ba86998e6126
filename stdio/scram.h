/*
 * The messages of SCRAM (RFC 5802 section 7), as both sides read them.  Pure
 * functions: what they give back points into the text that they are given,
 * and they change nothing where they return false.
 */
#ifndef STDIO_SCRAM_H
#define STDIO_SCRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "stdio/sasl.h"
#include "store/password.h"
#include "store/text.h"

/* A longer message is refused: names and nonces are not that long. */
#define SCRAM_MESSAGE_OCTETS_MAX 2048

/* Room for client-first-bare "," server-first "," client-final-without-proof. */
#define SCRAM_AUTH_MESSAGE_SIZE (4 * SCRAM_MESSAGE_OCTETS_MAX)

struct scram_piece {
	const char *start;
	size_t length;
};

struct scram_client_first {
	struct scram_piece header;      /* gs2-header, with its last comma */
	struct scram_piece bare;
	struct scram_piece nonce;
	struct scram_piece user;        /* as sent: see scram_name_decode() */
	struct scram_piece authzid;     /* likewise; length 0: none */
};

bool scram_read_client_first(struct scram_client_first *first,
    const char *message, size_t length);

struct scram_client_final {
	struct scram_piece binding;     /* base 64 of the gs2-header */
	struct scram_piece nonce;
	struct scram_piece without_proof;
	unsigned char proof[SHA256_OCTETS];
};

bool scram_read_client_final(struct scram_client_final *final,
    const char *message, size_t length);

struct scram_server_first {
	struct scram_piece nonce;
	struct scram_salt salt;
};

/*
 * More than ITERATIONS_MAX iterations are refused: they would keep the client
 * busy for ever; fewer than 4096 too (RFC 7677 section 4).
 */
bool scram_read_server_first(struct scram_server_first *first,
    const char *message, size_t length);

/* The server's signature; false also where it says that the login failed. */
bool scram_read_server_final(unsigned char signature[SHA256_OCTETS],
    const char *message, size_t length);

/* Undoes the =2C and =3D in a name; false where it is malformed or too long. */
bool scram_name_decode(const struct scram_piece *piece,
    char name[SASL_NAME_OCTETS_MAX], size_t *length);

/* Appends a name with its "," and "=" escaped. */
void scram_name_encode(struct text *text, const char *name, size_t length);

#endif
