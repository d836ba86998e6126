/*
 * A client's session (RFC 5321 section 3): greeting, EHLO or HELO, or LMTP's
 * LHLO, what the server offers, AUTH, QUIT.  Sending mail in it is
 * submission.h's.
 */
#ifndef SMTP_STDIO_SMTP_CLIENT_H
#define SMTP_STDIO_SMTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "smtp-stdio/answer.h"
#include "stdio/client.h"
#include "stdio/connection.h"
#include "stdio/failure.h"
#include "stdio/options.h"

/* What servers offer and we use; or-ed together. */
enum {
	OFFERS_PIPELINING = 1,  /* RFC 2920 */
	OFFERS_SIZE = 2,        /* RFC 1870 */
	OFFERS_8BITMIME = 4,    /* RFC 6152 */
	OFFERS_SMTPUTF8 = 8,    /* RFC 6531 */
	OFFERS_CHUNKING = 16,   /* RFC 3030 */
	OFFERS_DSN = 32,        /* RFC 3461 */
	OFFERS_AUTH = 64        /* RFC 4954 */
};

struct smtp_client {
	struct connection *connection;  /* the caller's */
	bool is_lmtp;                   /* RFC 2033: a reply for each recipient */
	unsigned offers;
	uint64_t size_max;              /* of SIZE; 0: not said */
	uint64_t recipients_max;        /* of LIMITS RCPTMAX; 0: not said */
	char mechanisms[512];           /* of AUTH */
	char server[HOSTNAME_SIZE];     /* what it calls itself; "": nothing */
	bool is_over;                   /* no further command makes sense */
};

/*
 * Greets the server, and is greeted.  hostname is what we are called; where
 * that is no domain name our address goes out in its place, if it is known.
 */
bool smtp_client_begin(struct smtp_client *client,
    struct connection *connection, bool is_lmtp, const char *hostname,
    struct failure *failure);

/*
 * Logs in with the best mechanism that may be used here: one that sends the
 * password only where the connection is private or the user says so (-p).
 */
bool smtp_client_login(struct smtp_client *client,
    const struct client *options, struct failure *failure);

/*
 * Reads the reply to a command; one of 421 or no reply at all is the end of
 * the session.
 */
bool smtp_client_answer(struct smtp_client *client, unsigned seconds,
    const char *to, struct answer *answer, struct failure *failure);

/* Sends a command and reads its reply. */
bool smtp_client_command(struct smtp_client *client, const char *command,
    struct answer *answer, struct failure *failure);

/*
 * Says QUIT, unless the session is over.  False where that is answered by
 * anything but 221: what was sent before is not touched by it.
 */
bool smtp_client_quit(struct smtp_client *client, struct failure *failure);

#endif
