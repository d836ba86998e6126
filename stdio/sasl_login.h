/*
 * A client logs in: the lines of one SASL exchange (RFC 4954 section 4, RFC
 * 5034 section 4).  How a challenge looks is the protocol's.
 */
#ifndef STDIO_SASL_LOGIN_H
#define STDIO_SASL_LOGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "stdio/failure.h"
#include "stdio/sasl.h"

/* What a server answers to a line of an exchange. */
enum sasl_answer {
	SASL_CHALLENGE,
	SASL_SUCCESS,
	SASL_REFUSAL,           /* the failure says with what reply */
	SASL_NO_ANSWER          /* the connection is of no use; failure says why */
};

struct sasl_login {
	/*
	 * Sends a line, of which is_secret says that it may not be shown, and
	 * takes the answer; *challenge is its base 64, until the next call.
	 */
	enum sasl_answer (*send)(void *context, const char *line,
	    size_t length, bool is_secret, const char **challenge,
	    struct failure *failure);
	void *context;
	bool takes_initial;             /* a response in the command itself */
	size_t command_octets_max;      /* of that, without the CRLF */
};

/*
 * Logs in.  Success is believed only where the mechanism's server has shown
 * what it has to.  False: the failure says why, and nobody is logged in.
 */
bool sasl_login(const struct sasl_login *login, enum sasl_mechanism mechanism,
    const char *user, const char *password, struct failure *failure);

#endif
