/*
 * One SASL exchange on a server's connection: challenges go out, responses
 * come in, in base 64, a line each (RFC 4954 section 4, RFC 5034 section 4).
 * How a challenge looks, and who knows the passwords, is the protocol's.
 */
#ifndef STDIO_SASL_EXCHANGE_H
#define STDIO_SASL_EXCHANGE_H

#include <stddef.h>

#include "stdio/line_reader.h"
#include "stdio/options.h"
#include "stdio/sasl.h"
#include "store/password.h"

/* RFC 4954 section 4: a line of an exchange with its CRLF. */
#define SASL_LINE_OCTETS_MAX 12288

struct sasl_exchange {
	struct line_reader *in;
	const struct options *options;
	void *context;                  /* passed to the functions below */

	/* Sends a challenge, which is in base 64 already. */
	void (*challenge)(void *context, const char *base64, size_t length);

	/*
	 * Who decides, as login_check() and login_scram_begin() and _end() of
	 * store/login.h do, and logs what it refuses.
	 */
	enum password_result (*password)(void *context,
	    const char *user, size_t user_length,
	    const char *password, size_t password_length);
	enum password_result (*salt)(void *context,
	    const char *user, size_t user_length, struct scram_salt *salt);
	enum password_result (*proof)(void *context,
	    const char *auth_message, size_t length,
	    const unsigned char proof[SHA256_OCTETS],
	    unsigned char signature[SHA256_OCTETS]);

	enum read_status ended;         /* set after SASL_INPUT_ENDED */
};

enum sasl_outcome {
	SASL_LOGGED_IN,
	SASL_WRONG,             /* so says who decides */
	SASL_NOT_THE_MECHANISM, /* nobody was asked: what stands where a name
	                         * should may be a password */
	SASL_BROKEN,            /* the stored verifier is not to be used */
	SASL_FAILED,            /* it cannot be checked now */
	SASL_BAD_ARGUMENT,      /* no mechanism, or more than its response */
	SASL_UNKNOWN_MECHANISM, /* or one that is not offered */
	SASL_UNPROTECTED,       /* it sends the password, and who may listen? */
	SASL_CANCELLED,         /* by the client */
	SASL_NOT_BASE64,
	SASL_LINE_TOO_LONG,
	SASL_LINE_BROKEN,       /* a bare CR or LF, or a NUL in it */
	SASL_INPUT_ENDED        /* see there */
};

/*
 * Has the exchange that a command asks for, whose argument is the mechanism
 * and, where there is one, the initial response in base 64, "=" for the empty
 * one.  The argument is the caller's to wipe; passwords, and the lines that
 * they come in later, are wiped before this returns.
 */
enum sasl_outcome sasl_exchange(struct sasl_exchange *exchange,
    char *argument);

#endif
