/* AUTH and STARTTLS; see auth.h. */
#include "smtp-stdio/auth.h"

#include "smtp-stdio/session.h"
#include "stdio/login_failure.h"
#include "stdio/sasl_exchange.h"
#include "stdio/tls_wrapper.h"

/* continue-req = "334" SP [base64] CRLF, RFC 4954 section 8 */
static void
send_challenge(void *context, const char *base64, size_t length)
{
	struct session *session = context;

	line_writer_put(&session->out, "334 ", 4);
	line_writer_put(&session->out, base64, length);
	line_writer_put(&session->out, "\r\n", 2);
}

/* Logs what was found out about a login. */
static enum password_result
tell(struct session *session, const char *user, size_t length,
    enum password_result result)
{
	const char *why = login_failure_reason(result);

	if (why != NULL)
		login_failure_log(session->peer, user, length, why);
	return result;
}

static enum password_result
check_password(void *context, const char *user, size_t user_length,
    const char *password, size_t password_length)
{
	struct session *session = context;

	return tell(session, user, user_length, login_check(&session->logins,
	    user, user_length, password, password_length,
	    &session->scram.account));
}

static enum password_result
find_salt(void *context, const char *user, size_t user_length,
    struct scram_salt *salt)
{
	struct session *session = context;
	enum password_result result;

	text_init(&session->scram_user, session->scram_user_buffer,
	    sizeof session->scram_user_buffer);
	text_add_octets(&session->scram_user, user, user_length);
	result = login_scram_begin(&session->logins, &session->scram, user,
	    user_length);
	if (result == PASSWORD_RIGHT)
		*salt = session->scram.verifier.salt;
	return tell(session, user, user_length, result);
}

static enum password_result
check_proof(void *context, const char *auth_message, size_t length,
    const unsigned char proof[SHA256_OCTETS],
    unsigned char signature[SHA256_OCTETS])
{
	struct session *session = context;

	return tell(session, session->scram_user.start,
	    session->scram_user.length, login_scram_end(&session->scram,
	    auth_message, length, proof, signature));
}

static const struct reply *
refuse(struct session *session)
{
	login_failure_wait(&session->in, &session->failed_logins);
	return reply(REPLY_WRONG_CREDENTIALS);
}

/* AUTH mechanism [initial-response] CRLF, RFC 4954 section 4 */
const struct reply *
smtp_auth(struct session *session, char *argument)
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

	if (session->user[0] != '\0')
		return reply(REPLY_BAD_SEQUENCE);
	switch (sasl_exchange(&exchange, argument)) {
	case SASL_LOGGED_IN:
		address_text(&session->scram.account, session->user);
		return reply(REPLY_AUTHENTICATED);
	case SASL_NOT_THE_MECHANISM:
		login_failure_log(session->peer, "", 0,
		    "not what the mechanism asks for");
		return refuse(session);
	case SASL_WRONG:
		return refuse(session);
	case SASL_BROKEN:
	case SASL_FAILED:
		return reply(REPLY_AUTH_FAILED);
	case SASL_BAD_ARGUMENT:
		return reply(REPLY_ARGUMENT_SYNTAX);
	case SASL_UNKNOWN_MECHANISM:
		return reply(REPLY_UNKNOWN_MECHANISM);
	case SASL_UNPROTECTED:
		return reply(REPLY_ENCRYPTION_NEEDED);
	case SASL_CANCELLED:
		return reply(REPLY_AUTH_CANCELLED);
	case SASL_NOT_BASE64:
	case SASL_LINE_BROKEN:
		return reply(REPLY_NOT_BASE64);
	case SASL_LINE_TOO_LONG:
		return reply(REPLY_AUTH_LINE_TOO_LONG);
	case SASL_INPUT_ENDED:
		break;
	}
	return session_end_input(session, exchange.ended);
}

const struct reply *
smtp_starttls(struct session *session, char *argument)
{
	(void)argument;
	switch (tls_wrapper_request(&session->settings->common,
	    &session->in)) {
	case TLS_BEGINS:
		break;
	case TLS_IS_THERE:
		return reply(REPLY_BAD_SEQUENCE);
	case TLS_IS_NOT_OFFERED:
		return reply(REPLY_NOT_OFFERED);
	case TLS_IS_NOT_READY:
		return reply(REPLY_TLS_NOT_READY);
	case TLS_IS_LATE:
		session->end = END_INJECTION;
		return reply(REPLY_TEXT_BEFORE_TLS);
	}
	session->end = END_TLS;
	return reply(REPLY_START_TLS);
}
