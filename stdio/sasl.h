/*
 * The SASL mechanisms (RFC 4422) that the programs have, by name.  What each
 * says is in sasl_server.h and sasl_client.h.
 */
#ifndef STDIO_SASL_H
#define STDIO_SASL_H

#include <stdbool.h>

#include "store/text.h"

/* A user name, in octets: as long as an address can be. */
#define SASL_NAME_OCTETS_MAX 511

/* A password: what no account can have need not be kept. */
#define SASL_PASSWORD_OCTETS_MAX 511

enum sasl_mechanism {
	SASL_NONE,
	SASL_SCRAM_SHA_256,     /* RFC 5802, RFC 7677 */
	SASL_PLAIN,             /* RFC 4616 */
	SASL_LOGIN              /* never standardized, and in wide use */
};

/* Compared without case; SASL_NONE for what is not here. */
enum sasl_mechanism sasl_mechanism_find(const char *name);

/* What it is called; "" for SASL_NONE. */
const char *sasl_mechanism_name(enum sasl_mechanism mechanism);

/* Whether it sends the password itself, so that the line must be protected. */
bool sasl_sends_password(enum sasl_mechanism mechanism);

/*
 * The best mechanism of those in a server's list, names with blanks between
 * them; one that sends the password only where passwords says that it may.
 */
enum sasl_mechanism sasl_choose(const char *list, bool passwords);

/* 24 characters of base 64, without padding or comma, and a NUL. */
#define SASL_NONCE_SIZE 25

/* A nonce for SCRAM; false where the kernel gives no random octets. */
bool sasl_nonce(char nonce[SASL_NONCE_SIZE]);

/*
 * Appends " " and the name of each mechanism that a server offers: SCRAM
 * where it can read verifiers, the others where passwords may be sent.
 */
void sasl_list(struct text *list, bool scram, bool passwords);

#endif
