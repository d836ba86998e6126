/* The login of pop3-fetch; see fetch_login.h. */
#include "pop3-stdio/fetch_login.h"

#include <string.h>
#include <sysexits.h>

#include "stdio/client.h"
#include "stdio/sasl.h"
#include "stdio/sasl_login.h"
#include "store/text.h"
#include "store/wipe.h"

/* RFC 2449 section 4: a command line of 255 octets, with its CRLF. */
#define COMMAND_OCTETS_MAX 253

/* Sends a line of an exchange; see struct sasl_login. */
static enum sasl_answer
send_line(void *context, const char *line, size_t length, bool is_secret,
    const char **challenge, struct failure *failure)
{
	struct fetch *fetch = context;

	if (is_secret)
		connection_put_secret(&fetch->connection, line, length);
	else
		connection_put(&fetch->connection, line, length);
	switch (fetch_login_answer(fetch, "the login", challenge, failure)) {
	case ANSWER_OK:
		return SASL_SUCCESS;
	case ANSWER_CHALLENGE:
		return SASL_CHALLENGE;
	case ANSWER_REFUSED:
		return SASL_REFUSAL;
	case ANSWER_NONE:
		break;
	}
	return SASL_NO_ANSWER;
}

/* Sends "VERB argument", and takes its +OK. */
static bool
say(struct fetch *fetch, const char *verb, const char *argument,
    bool is_secret, struct failure *failure)
{
	char line[CLIENT_PASSWORD_SIZE + 16];
	struct text text;

	text_init(&text, line, sizeof line);
	text_add(&text, verb);
	text_add_octet(&text, ' ');
	text_add(&text, argument);
	if (is_secret)
		connection_put_secret(&fetch->connection, line, text.length);
	else
		connection_put(&fetch->connection, line, text.length);
	wipe(line, sizeof line);
	return fetch_answer(fetch, verb, &argument, failure) == ANSWER_OK;
}

bool
fetch_login(struct fetch *fetch, const char *password, bool passwords,
    struct failure *failure)
{
	struct sasl_login login = {
		send_line, fetch, true, COMMAND_OCTETS_MAX
	};
	enum sasl_mechanism mechanism;

	mechanism = sasl_choose(fetch->can.sasl, passwords);
	if (mechanism != SASL_NONE)
		return sasl_login(&login, mechanism, fetch->client->user, password,
		    failure);
	if (!passwords)
		return failure_set(failure, EX_UNAVAILABLE,
		    "%s wants the password itself, and the connection is "
		    "not protected: connect by a TLS command behind --, or "
		    "send it nevertheless with -p", fetch->connection.name);
	return say(fetch, "USER", fetch->client->user, false, failure) &&
	    say(fetch, "PASS", password, true, failure);
}
