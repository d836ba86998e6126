/* AUTHORIZATION; see authorization.h. */
#include "pop3-stdio/authorization.h"

#include <string.h>

#include "pop3-stdio/session.h"
#include "stdio/login_failure.h"
#include "stdio/sasl_exchange.h"
#include "stdio/tls_wrapper.h"

/* RFC 2595 section 2.3: no password in clear unless the operator says so. */
const struct reply *
pop3_user(struct session *session, char *argument)
{
	size_t size = strlen(argument) + 1;

	if (!options_allow_passwords(&session->settings->common))
		return reply(REPLY_NOT_PROTECTED);
	if (size > sizeof session->user)
		return reply(REPLY_ARGUMENT_SYNTAX);
	memcpy(session->user, argument, size);
	return reply(REPLY_USER_OK);
}

/* Who has shown the right password gets the maildrop, where it is free. */
static const struct reply *
log_in(struct session *session)
{
	switch (gate_ask_open(&session->gate)) {
	case STORE_OK:
		session->logged_in = true;
		return reply(REPLY_LOGGED_IN);
	case STORE_BUSY:
		return reply(REPLY_IN_USE);
	case STORE_NOT_FOUND:
	case STORE_NOT_HOSTED:
	case STORE_EXISTS:
	case STORE_MALFORMED:
	case STORE_FULL:
	case STORE_FAILED:
		break;
	}
	return reply(REPLY_STORE_FAILED);
}

static const struct reply *
refuse(struct session *session)
{
	login_failure_wait(&session->in, &session->failed_logins);
	return reply(REPLY_WRONG_PASSWORD);
}

const struct reply *
pop3_pass(struct session *session, char *argument)
{
	enum password_result result;

	if (!options_allow_passwords(&session->settings->common))
		return reply(REPLY_NOT_PROTECTED);
	if (session->user[0] == '\0')
		return reply(REPLY_PASS_WITHOUT_USER);
	result = gate_ask_password(&session->gate, session->user,
	    strlen(session->user), argument, strlen(argument));
	switch (result) {
	case PASSWORD_RIGHT:
		return log_in(session);
	case PASSWORD_WRONG:
		return refuse(session);
	case PASSWORD_MALFORMED:
		return reply(REPLY_ACCOUNT_BROKEN);
	case PASSWORD_FAILED:
		break;
	}
	return reply(REPLY_STORE_FAILED);
}

/* continue-req = "+" SP [base64] CRLF, RFC 5034 section 5 */
static void
send_challenge(void *context, const char *base64, size_t length)
{
	struct session *session = context;

	line_writer_put(&session->out, "+ ", 2);
	line_writer_put(&session->out, base64, length);
	line_writer_put(&session->out, "\r\n", 2);
}

static enum password_result
check_password(void *context, const char *user, size_t user_length,
    const char *password, size_t password_length)
{
	struct session *session = context;

	return gate_ask_password(&session->gate, user, user_length, password,
	    password_length);
}

static enum password_result
find_salt(void *context, const char *user, size_t user_length,
    struct scram_salt *salt)
{
	struct session *session = context;

	return gate_ask_salt(&session->gate, user, user_length, salt);
}

static enum password_result
check_proof(void *context, const char *auth_message, size_t length,
    const unsigned char proof[SHA256_OCTETS],
    unsigned char signature[SHA256_OCTETS])
{
	struct session *session = context;

	return gate_ask_proof(&session->gate, auth_message, length, proof,
	    signature);
}

/* auth-command = "AUTH" SP sasl-mech [SP (initial-response / "=")] CRLF */
const struct reply *
pop3_auth(struct session *session, char *argument)
{
	struct sasl_exchange exchange = {
		.in = &session->in,
		.options = &session->settings->common,
		.context = session,
		.challenge = send_challenge,
		.password = check_password,
		.salt = find_salt,
		.proof = check_proof
	};

	switch (sasl_exchange(&exchange, argument)) {
	case SASL_LOGGED_IN:
		return log_in(session);
	case SASL_NOT_THE_MECHANISM:
		login_failure_log(session->peer, "", 0,
		    "not what the mechanism asks for");
		return refuse(session);
	case SASL_WRONG:
		return refuse(session);
	case SASL_BROKEN:
		return reply(REPLY_ACCOUNT_BROKEN);
	case SASL_FAILED:
		return reply(REPLY_STORE_FAILED);
	case SASL_BAD_ARGUMENT:
		return reply(REPLY_ARGUMENT_SYNTAX);
	case SASL_UNKNOWN_MECHANISM:
		return reply(REPLY_UNKNOWN_MECHANISM);
	case SASL_UNPROTECTED:
		return reply(REPLY_NOT_PROTECTED);
	case SASL_CANCELLED:
		return reply(REPLY_CANCELLED);
	case SASL_NOT_BASE64:
		return reply(REPLY_NOT_BASE64);
	case SASL_LINE_TOO_LONG:
		return reply(REPLY_LINE_TOO_LONG);
	case SASL_LINE_BROKEN:
		return reply(REPLY_LINE_BROKEN);
	case SASL_INPUT_ENDED:
		break;
	}
	session->end = session_end_from(exchange.ended);
	return NULL;
}

const struct reply *
pop3_stls(struct session *session, char *argument)
{
	(void)argument;
	switch (tls_wrapper_request(&session->settings->common,
	    &session->in)) {
	case TLS_BEGINS:
		break;
	case TLS_IS_THERE:
		return reply(REPLY_PROTECTED_ALREADY);
	case TLS_IS_NOT_OFFERED:
		return reply(REPLY_TLS_NOT_OFFERED);
	case TLS_IS_NOT_READY:
		return reply(REPLY_TLS_NOT_READY);
	case TLS_IS_LATE:
		session->end = END_INJECTION;
		return reply(REPLY_TEXT_BEFORE_TLS);
	}
	session->end = END_TLS;
	return reply(REPLY_START_TLS);
}
