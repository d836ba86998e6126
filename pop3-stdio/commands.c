/* The table of commands, and those of both states; see commands.h. */
#include "pop3-stdio/commands.h"

#include "pop3-stdio/authorization.h"
#include "pop3-stdio/session.h"
#include "pop3-stdio/transaction.h"
#include "stdio/sasl.h"
#include "stdio/tls_wrapper.h"
#include "store/text.h"

/*
 * RFC 2449 section 5: the same list in both states, but for STLS (RFC 2595
 * section 4).  Every line of it is true: see each section 6.x of that RFC.
 */
static const struct reply *
pop3_capa(struct session *session, char *argument)
{
	const struct options *options = &session->settings->common;
	bool passwords = options_allow_passwords(options);
	char sasl[64];
	struct text text;

	(void)argument;
	text_init(&text, sasl, sizeof sasl);
	text_add(&text, "SASL");
	sasl_list(&text, options->checkpassword == NULL, passwords);
	session_put_reply(session, true, "Capabilities follow");
	session_put_line(session, "TOP");
	session_put_line(session, "UIDL");
	if (passwords)
		session_put_line(session, "USER");
	if (passwords || options->checkpassword == NULL)
		session_put_line(session, sasl);
	session_put_line(session, "RESP-CODES");
	session_put_line(session, "AUTH-RESP-CODE");
	session_put_line(session, "PIPELINING");
	session_put_line(session, "EXPIRE NEVER");
	if (session->state == AUTHORIZATION && tls_wrapper_is_ready(options))
		session_put_line(session, "STLS");
	session_put_line(session, "IMPLEMENTATION mail-stdio");
	session_put_line(session, ".");
	return NULL;
}

static const struct reply *
pop3_quit(struct session *session, char *argument)
{
	(void)argument;
	if (session->state == TRANSACTION)
		return pop3_update(session);
	session->end = END_QUIT;
	return reply(REPLY_BYE);
}

/*
 * verb      as in RFC 1939, compared without case
 * states    where it is allowed; elsewhere the loop answers -ERR
 * flags     what the loop sees to: see commands.h
 */
const struct command pop3_commands[] = {
	{ "USER", AUTHORIZATION, NEEDS_ARGUMENT,             pop3_user },
	{ "PASS", AUTHORIZATION, NEEDS_ARGUMENT | SPACES_COUNT | IS_SECRET,
	  pop3_pass },
	{ "AUTH", AUTHORIZATION, NEEDS_ARGUMENT | IS_SECRET, pop3_auth },
	{ "STLS", AUTHORIZATION, NO_ARGUMENT,                pop3_stls },
	{ "STAT", TRANSACTION,   NO_ARGUMENT,                pop3_stat },
	{ "LIST", TRANSACTION,   0,                          pop3_list },
	{ "UIDL", TRANSACTION,   0,                          pop3_uidl },
	{ "RETR", TRANSACTION,   NEEDS_ARGUMENT,             pop3_retr },
	{ "TOP",  TRANSACTION,   NEEDS_ARGUMENT,             pop3_top  },
	{ "DELE", TRANSACTION,   NEEDS_ARGUMENT,             pop3_dele },
	{ "NOOP", TRANSACTION,   NO_ARGUMENT,                pop3_noop },
	{ "RSET", TRANSACTION,   NO_ARGUMENT,                pop3_rset },
	{ "CAPA", ANY_STATE,     NO_ARGUMENT,                pop3_capa },
	{ "QUIT", ANY_STATE,     NO_ARGUMENT,                pop3_quit },
	{ NULL, 0, 0, NULL }
};
