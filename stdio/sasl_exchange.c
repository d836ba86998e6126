/* A SASL exchange; see sasl_exchange.h. */
#include "stdio/sasl_exchange.h"

#include <string.h>

#include "stdio/command.h"
#include "stdio/log.h"
#include "stdio/sasl_server.h"
#include "store/base64.h"
#include "store/wipe.h"

static void
send_challenge(struct sasl_exchange *exchange, const struct text *challenge)
{
	char buffer[SASL_LINE_OCTETS_MAX];
	struct text base64;

	text_init(&base64, buffer, sizeof buffer);
	base64_encode(&base64, challenge->start, challenge->length);
	exchange->challenge(exchange->context, buffer, base64.length);
}

/* What is wrong with a line of the client's; SASL_LOGGED_IN where nothing is. */
static enum sasl_outcome
read_line(struct sasl_exchange *exchange, char **line, size_t *length)
{
	enum read_status status = line_reader_line(exchange->in,
	    SASL_LINE_OCTETS_MAX, deadline_in(exchange->options->seconds), line,
	    length);

	switch (status) {
	case READ_LINE:
		break;
	case READ_BARE_CR:
	case READ_BARE_LF:
	case READ_NUL:
		return SASL_LINE_BROKEN;
	case READ_TOO_LONG:
		return SASL_LINE_TOO_LONG;
	case READ_END:
	case READ_TIMED_OUT:
	case READ_STOPPED:
		exchange->ended = status;
		return SASL_INPUT_ENDED;
	}
	return strcmp(*line, "*") == 0 ? SASL_CANCELLED : SASL_LOGGED_IN;
}

/* Decodes a response in its place, and has the server take it. */
static enum sasl_outcome
take(struct sasl_server *server, char *line, size_t length,
    enum sasl_step *step)
{
	size_t octets;

	if (!base64_decode(line, length, line, length, &octets))
		return SASL_NOT_BASE64;
	*step = sasl_server_take(server, line, octets);
	return SASL_LOGGED_IN;
}

/* Sends the challenge, and takes the response to it. */
static enum sasl_outcome
ask(struct sasl_exchange *exchange, struct sasl_server *server,
    enum sasl_step *step)
{
	enum sasl_outcome outcome;
	size_t length = 0;
	char *line = NULL;

	send_challenge(exchange, &server->challenge);
	outcome = read_line(exchange, &line, &length);
	if (outcome == SASL_LOGGED_IN)
		outcome = take(server, line, length, step);
	if (outcome == SASL_LOGGED_IN || outcome == SASL_NOT_BASE64 ||
	    outcome == SASL_LINE_BROKEN)
		wipe(line, length);
	return outcome;
}

static enum sasl_outcome
outcome_from(enum password_result result)
{
	switch (result) {
	case PASSWORD_RIGHT:
		return SASL_LOGGED_IN;
	case PASSWORD_WRONG:
		return SASL_WRONG;
	case PASSWORD_MALFORMED:
		return SASL_BROKEN;
	case PASSWORD_FAILED:
		break;
	}
	return SASL_FAILED;
}

static enum sasl_outcome
find_salt(struct sasl_exchange *exchange, struct sasl_server *server,
    enum sasl_step *step)
{
	struct scram_salt salt;
	enum sasl_outcome outcome;

	outcome = outcome_from(exchange->salt(exchange->context, server->user,
	    server->user_length, &salt));
	if (outcome == SASL_LOGGED_IN)
		*step = sasl_server_salt(server, &salt);
	return outcome;
}

static enum sasl_outcome
check_proof(struct sasl_exchange *exchange, struct sasl_server *server,
    enum sasl_step *step)
{
	unsigned char signature[SHA256_OCTETS];
	enum sasl_outcome outcome;

	outcome = outcome_from(exchange->proof(exchange->context,
	    server->auth_message.start, server->auth_message.length,
	    server->proof, signature));
	if (outcome == SASL_LOGGED_IN)
		*step = sasl_server_signature(server, signature);
	return outcome;
}

/* Does what a step asks for, until the exchange has come to its end. */
static enum sasl_outcome
run(struct sasl_exchange *exchange, struct sasl_server *server,
    enum sasl_step step)
{
	enum sasl_outcome outcome = SASL_LOGGED_IN;

	while (outcome == SASL_LOGGED_IN) {
		switch (step) {
		case SASL_CHALLENGE:
			outcome = ask(exchange, server, &step);
			break;
		case SASL_FIND_SALT:
			outcome = find_salt(exchange, server, &step);
			break;
		case SASL_CHECK_PROOF:
			outcome = check_proof(exchange, server, &step);
			break;
		case SASL_CHECK_PASSWORD:
			return outcome_from(exchange->password(
			    exchange->context, server->user,
			    server->user_length, server->password,
			    server->password_length));
		case SASL_ACCEPT:
			return SASL_LOGGED_IN;
		case SASL_REFUSE:
			return SASL_NOT_THE_MECHANISM;
		}
	}
	return outcome;
}

/* Runs the exchange of a mechanism that may be used. */
static enum sasl_outcome
begin(struct sasl_exchange *exchange, enum sasl_mechanism mechanism,
    char *initial)
{
	char nonce[SASL_NONCE_SIZE];
	enum sasl_outcome outcome = SASL_LOGGED_IN;
	struct sasl_server server;
	enum sasl_step step;

	if (!sasl_nonce(nonce))
		return SASL_FAILED;
	step = sasl_server_begin(&server, mechanism, nonce);
	if (*initial != '\0') {
		size_t length = strcmp(initial, "=") == 0 ? 0 :
		    strlen(initial);

		outcome = take(&server, initial, length, &step);
	}
	if (outcome == SASL_LOGGED_IN)
		outcome = run(exchange, &server, step);
	sasl_server_end(&server);
	return outcome;
}

enum sasl_outcome
sasl_exchange(struct sasl_exchange *exchange, char *argument)
{
	const struct options *options = exchange->options;
	enum sasl_mechanism mechanism;
	char *initial, *more;

	command_split(argument, &initial);
	initial = command_trim(initial);
	command_split(initial, &more);
	if (*argument == '\0' || *command_trim(more) != '\0')
		return SASL_BAD_ARGUMENT;
	mechanism = sasl_mechanism_find(argument);
	if (mechanism == SASL_NONE || (mechanism == SASL_SCRAM_SHA_256 &&
	    options->checkpassword != NULL))
		return SASL_UNKNOWN_MECHANISM;
	if (sasl_sends_password(mechanism) &&
	    !options_allow_passwords(options))
		return SASL_UNPROTECTED;
	if (options->verbose)
		log_event(LOG_IS_DEBUG, "conversation", "mechanism", argument);
	return begin(exchange, mechanism, initial);
}
