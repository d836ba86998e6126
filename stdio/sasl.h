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

/* Whether it sends the password itself, so that the line must be protected. */
bool sasl_sends_password(enum sasl_mechanism mechanism);

/*
 * Appends " " and the name of each mechanism that a server offers: SCRAM
 * where it can read verifiers, the others where passwords may be sent.
 */
void sasl_list(struct text *list, bool scram, bool passwords);

#endif
