/*
 * The server's side of each mechanism, step by step and without I/O: who
 * calls passes in what the client sent, decoded, and does what the step asks
 * for.
 *
 *   begin --> SASL_CHALLENGE --take--> ... --> SASL_CHECK_PASSWORD   (PLAIN, LOGIN)
 *
 *   begin --> SASL_CHALLENGE --take--> SASL_FIND_SALT --salt--> SASL_CHALLENGE
 *     --take--> SASL_CHECK_PROOF --signature--> SASL_CHALLENGE
 *     --take--> SASL_ACCEPT                                          (SCRAM)
 *
 * and SASL_REFUSE from each take, which is a failed login like any other.
 */
#ifndef STDIO_SASL_SERVER_H
#define STDIO_SASL_SERVER_H

#include <stddef.h>

#include "stdio/sasl.h"
#include "stdio/scram.h"
#include "store/password.h"
#include "store/text.h"

enum sasl_step {
	SASL_CHALLENGE,         /* send the challenge, and take the response */
	SASL_CHECK_PASSWORD,    /* is it the user's?  The exchange is over */
	SASL_FIND_SALT,         /* the user's, and pass it in */
	SASL_CHECK_PROOF,       /* over auth_message, and pass the signature in */
	SASL_ACCEPT,            /* the client has seen the signature */
	SASL_REFUSE             /* this is not what the mechanism says */
};

struct sasl_server {
	enum sasl_mechanism mechanism;
	const char *nonce;              /* ours; the caller's memory */
	unsigned responses;             /* taken so far */

	/* what to send next, before base 64 */
	struct text challenge;
	char challenge_buffer[2 * SCRAM_MESSAGE_OCTETS_MAX];

	/* who wants to log in; from the first response that says so */
	size_t user_length;
	char user[SASL_NAME_OCTETS_MAX];
	size_t password_length;
	char password[SASL_PASSWORD_OCTETS_MAX];

	/* SCRAM */
	struct text auth_message;
	char auth_buffer[SCRAM_AUTH_MESSAGE_SIZE];
	struct text header;             /* the gs2-header in base 64 */
	char header_buffer[2 * SCRAM_MESSAGE_OCTETS_MAX];
	size_t client_nonce_length;     /* in auth_message, at its place */
	unsigned char proof[SHA256_OCTETS];
};

/*
 * Begins an exchange.  nonce is printable, has no comma, and was never used
 * before; it stays the caller's.  Returns SASL_CHALLENGE; where the client
 * has sent an initial response, the challenge is not sent, and the response
 * taken at once.
 */
enum sasl_step sasl_server_begin(struct sasl_server *server,
    enum sasl_mechanism mechanism, const char *nonce);

/* Takes a response of the client's. */
enum sasl_step sasl_server_take(struct sasl_server *server,
    const char *response, size_t length);

/* After SASL_FIND_SALT. */
enum sasl_step sasl_server_salt(struct sasl_server *server,
    const struct scram_salt *salt);

/* After SASL_CHECK_PROOF, where the proof is right. */
enum sasl_step sasl_server_signature(struct sasl_server *server,
    const unsigned char signature[SHA256_OCTETS]);

/* Wipes all that the exchange has brought. */
void sasl_server_end(struct sasl_server *server);

#endif
