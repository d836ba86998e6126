/*
 * The client's side of each mechanism, step by step and without I/O: who
 * calls passes in each challenge of the server's, decoded, and sends the
 * response that comes of it.
 */
#ifndef STDIO_SASL_CLIENT_H
#define STDIO_SASL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "stdio/sasl.h"
#include "stdio/scram.h"
#include "store/password.h"
#include "store/text.h"

struct sasl_client {
	enum sasl_mechanism mechanism;
	const char *user, *password, *nonce;    /* the caller's memory */
	unsigned responses;                     /* made so far */
	struct text response;                   /* to be sent, before base 64 */
	char response_buffer[SCRAM_MESSAGE_OCTETS_MAX];

	/* SCRAM */
	struct text auth_message;
	char auth_buffer[SCRAM_AUTH_MESSAGE_SIZE];
	unsigned char signature[SHA256_OCTETS]; /* what the server has to show */
	bool server_is_proven;
};

/*
 * Begins an exchange; user and password are not longer than sasl.h says.
 * nonce is as for the server.  All three stay the caller's.
 */
void sasl_client_begin(struct sasl_client *client,
    enum sasl_mechanism mechanism, const char *user, const char *password,
    const char *nonce);

/* Whether the mechanism has the client begin, with an initial response. */
bool sasl_client_is_first(const struct sasl_client *client);

/*
 * Makes client->response to a challenge; the first of a mechanism where the
 * client begins answers the empty one.  False where the server does not do
 * what the mechanism says, or cannot prove that it knows the user: then the
 * exchange is to be cancelled.
 */
bool sasl_client_respond(struct sasl_client *client, const char *challenge,
    size_t length);

/*
 * Whether success may be believed when the server says so: with SCRAM only
 * after it has proven itself.
 */
bool sasl_client_may_succeed(const struct sasl_client *client);

/* Wipes all that the exchange has brought. */
void sasl_client_end(struct sasl_client *client);

#endif
