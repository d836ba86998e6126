/* The table of commands, and those that only talk; see commands.h. */
#include "smtp-stdio/commands.h"

#include <string.h>

#include "smtp-stdio/auth.h"
#include "smtp-stdio/mail_data.h"
#include "smtp-stdio/session.h"
#include "smtp-stdio/transaction.h"
#include "stdio/sasl.h"
#include "stdio/tls_wrapper.h"
#include "store/text.h"

/*
 * The argument of EHLO and HELO: by section 4.1.4 no mail is refused for what
 * it is, so any one word is taken that can be recorded.
 */
static bool
is_client_name(const char *name)
{
	size_t i;

	for (i = 0; name[i] != '\0'; i++)
		if (name[i] == ' ' || text_is_control(name[i]))
			return false;
	return i > 0 && i < sizeof ((struct session *)0)->client_name;
}

/* Section 4.1.4: a good EHLO or HELO clears the transaction as RSET does. */
static bool
hello(struct session *session, const char *name, bool extended)
{
	if (!is_client_name(name))
		return false;
	memcpy(session->client_name, name, strlen(name) + 1);
	session->extended = extended;
	smtp_enter_state(session, GREETED);
	return true;
}

static const struct reply *
smtp_ehlo(struct session *session, char *argument)
{
	const struct options *options = &session->settings->common;
	const struct reply *said = reply(REPLY_HELLO);
	bool scram = options->checkpassword == NULL;
	bool passwords = options_allow_passwords(options);
	char line[64];
	struct text text;

	if (!hello(session, argument, true))
		return reply(REPLY_HELLO_SYNTAX);
	session_put_line(session, said, options->hostname, true);
	session_put_line(session, said, "PIPELINING", true);
	text_init(&text, line, sizeof line);
	text_add(&text, "SIZE ");
	text_add_number(&text, session->settings->size_max);
	session_put_line(session, said, line, true);
	session_put_line(session, said, "8BITMIME", true);
	session_put_line(session, said, "ENHANCEDSTATUSCODES", true);
	session_put_line(session, said, "DSN", true);
	if (session->user[0] == '\0' && (scram || passwords)) {
		text_init(&text, line, sizeof line);
		text_add(&text, "AUTH");
		sasl_list(&text, scram, passwords);
		session_put_line(session, said, line, true);
	}
	if (tls_wrapper_is_ready(options))
		session_put_line(session, said, "STARTTLS", true);
	session_put_line(session, said, "HELP", false);
	return NULL;
}

static const struct reply *
smtp_helo(struct session *session, char *argument)
{
	if (!hello(session, argument, false))
		return reply(REPLY_HELLO_SYNTAX);
	return session_reply_with(session, REPLY_HELLO,
	    session->settings->common.hostname);
}

static const struct reply *
smtp_rset(struct session *session, char *argument)
{
	(void)argument;
	if (session->state & IN_TRANSACTION)
		smtp_enter_state(session, GREETED);
	return reply(REPLY_OK);
}

static const struct reply *
smtp_noop(struct session *session, char *argument)
{
	(void)session;
	(void)argument;
	return reply(REPLY_OK);
}

/* Section 7.3: known and unknown users look alike. */
static const struct reply *
smtp_vrfy(struct session *session, char *argument)
{
	(void)session;
	(void)argument;
	return reply(REPLY_WILL_NOT_VERIFY);
}

static const struct reply *
smtp_help(struct session *session, char *argument)
{
	(void)session;
	(void)argument;
	return reply(REPLY_HELP);
}

static const struct reply *
smtp_quit(struct session *session, char *argument)
{
	(void)argument;
	session->end = END_QUIT;
	return reply(REPLY_BYE);
}

/* Section 4.2.4: a command that is known, but not implemented. */
static const struct reply *
smtp_not_offered(struct session *session, char *argument)
{
	(void)session;
	(void)argument;
	return reply(REPLY_NOT_OFFERED);
}

/*
 * verb      as in RFC 5321 section 4.1.1, compared without case
 * states    where it is allowed; elsewhere the loop answers 503 5.5.1
 * flags     what the loop sees to: see commands.h
 */
const struct command smtp_commands[] = {
	{ "EHLO", ANY_STATE,      LAST_IN_GROUP,                  smtp_ehlo },
	{ "HELO", ANY_STATE,      LAST_IN_GROUP,                  smtp_helo },
	{ "AUTH", GREETED,        NEEDS_ARGUMENT | LAST_IN_GROUP | IS_SECRET,
	  smtp_auth },
	{ "STARTTLS", ANY_STATE,  NO_ARGUMENT | LAST_IN_GROUP, smtp_starttls },
	{ "MAIL", GREETED,        NEEDS_LOGIN,                    smtp_mail },
	{ "RCPT", IN_TRANSACTION, 0,                              smtp_rcpt },
	{ "DATA", HAS_RECIPIENT,  NO_ARGUMENT | LAST_IN_GROUP,    smtp_data },
	{ "RSET", ANY_STATE,      NO_ARGUMENT,                    smtp_rset },
	{ "NOOP", ANY_STATE,      LAST_IN_GROUP,                  smtp_noop },
	{ "VRFY", ANY_STATE,      NEEDS_ARGUMENT | LAST_IN_GROUP | NEEDS_LOGIN,
	  smtp_vrfy },
	{ "HELP", ANY_STATE,      LAST_IN_GROUP,                  smtp_help },
	{ "QUIT", ANY_STATE,      NO_ARGUMENT | LAST_IN_GROUP,    smtp_quit },

	{ "EXPN", ANY_STATE,      LAST_IN_GROUP,           smtp_not_offered },
	{ "TURN", ANY_STATE,      LAST_IN_GROUP,           smtp_not_offered },
	{ "SEND", ANY_STATE,      LAST_IN_GROUP,           smtp_not_offered },
	{ "SOML", ANY_STATE,      LAST_IN_GROUP,           smtp_not_offered },
	{ "SAML", ANY_STATE,      LAST_IN_GROUP,           smtp_not_offered },
	{ "ETRN", ANY_STATE,      LAST_IN_GROUP,           smtp_not_offered },
	{ "BDAT", ANY_STATE,      LAST_IN_GROUP,           smtp_not_offered },
	{ NULL, 0, 0, NULL }
};
