/* The table of commands, and those that only talk; see commands.h. */
#include "smtp-stdio/commands.h"

#include <string.h>

#include "smtp-stdio/auth.h"
#include "smtp-stdio/chunks.h"
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

const char *const smtp_keywords[] = {
	"PIPELINING", "SIZE", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING",
	"DSN", "SMTPUTF8", "LIMITS", "AUTH", "STARTTLS", "HELP", NULL
};

/* RFC 9422 section 4.2: RCPTMAX is of at most six digits. */
#define RCPTMAX_MOST 999999

/*
 * Writes what EHLO says of a keyword, which is offered, behind its name;
 * false where it is not to be listed now.
 */
static bool
add_values(struct session *session, enum keyword keyword, struct text *line)
{
	const struct options *options = &session->settings->common;
	bool scram = options->checkpassword == NULL;
	bool passwords = options_allow_passwords(options);

	switch (keyword) {
	case KEYWORD_SIZE:
		text_add_octet(line, ' ');
		text_add_number(line, session->settings->size_max);
		break;
	case KEYWORD_LIMITS:
		text_add(line, " RCPTMAX=");
		text_add_number(line, session->settings->recipients_max);
		return session->settings->recipients_max <= RCPTMAX_MOST;
	case KEYWORD_AUTH:
		sasl_list(line, scram, passwords);
		return session->user[0] == '\0' && (scram || passwords);
	case KEYWORD_STARTTLS:
		return tls_wrapper_is_ready(options);
	case KEYWORD_PIPELINING:
	case KEYWORD_8BITMIME:
	case KEYWORD_ENHANCEDSTATUSCODES:
	case KEYWORD_CHUNKING:
	case KEYWORD_DSN:
	case KEYWORD_SMTPUTF8:
	case KEYWORD_HELP:
		break;
	}
	return true;
}

/* ehlo-line = ehlo-keyword *( SP ehlo-param ); the last has no hyphen. */
static void
list_keywords(struct session *session)
{
	const struct reply *said = reply(REPLY_HELLO);
	char lines[sizeof smtp_keywords / sizeof smtp_keywords[0] + 1][64];
	size_t count = 0, i;

	for (i = 0; smtp_keywords[i] != NULL; i++) {
		enum keyword keyword = (enum keyword)(1U << i);
		struct text line;

		if (!session_offers(session, keyword))
			continue;
		text_init(&line, lines[count], sizeof lines[count]);
		text_add(&line, smtp_keywords[i]);
		count += add_values(session, keyword, &line);
	}
	session_put_line(session, said, session->settings->common.hostname,
	    count > 0);
	for (i = 0; i < count; i++)
		session_put_line(session, said, lines[i], i + 1 < count);
}

/* In SMTP EHLO, in LMTP LHLO: each unknown to the other (RFC 2033 section 4.1). */
static const struct reply *
extended_hello(struct session *session, char *argument)
{
	if (!hello(session, argument, true))
		return reply(REPLY_HELLO_SYNTAX);
	list_keywords(session);
	return NULL;
}

static const struct reply *
smtp_ehlo(struct session *session, char *argument)
{
	return session->settings->lmtp ? reply(REPLY_OTHER_HELLO) :
	    extended_hello(session, argument);
}

static const struct reply *
smtp_lhlo(struct session *session, char *argument)
{
	return session->settings->lmtp ? extended_hello(session, argument) :
	    reply(REPLY_UNKNOWN_COMMAND);
}

static const struct reply *
smtp_helo(struct session *session, char *argument)
{
	if (session->settings->lmtp)
		return reply(REPLY_OTHER_HELLO);
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
 * keyword   what takes the command away with it when it is left out (-X)
 */
const struct command smtp_commands[] = {
	{ "EHLO", ANY_STATE,         LAST_IN_GROUP, 0, smtp_ehlo },
	{ "LHLO", ANY_STATE,         LAST_IN_GROUP, 0, smtp_lhlo },
	{ "HELO", ANY_STATE,         LAST_IN_GROUP, 0, smtp_helo },
	{ "AUTH", GREETED,           LAST_IN_GROUP | NEEDS_ARGUMENT | IS_SECRET,
	  KEYWORD_AUTH, smtp_auth },
	{ "STARTTLS", ANY_STATE,     LAST_IN_GROUP | NO_ARGUMENT,
	  KEYWORD_STARTTLS, smtp_starttls },
	{ "MAIL", GREETED,           NEEDS_LOGIN,   0, smtp_mail },
	{ "RCPT", MAY_ADD_RECIPIENT, 0,             0, smtp_rcpt },
	{ "DATA", HAS_RECIPIENT,     LAST_IN_GROUP | NO_ARGUMENT, 0, smtp_data },
	{ "BDAT", ANY_STATE,         0,             0, smtp_bdat },
	{ "RSET", ANY_STATE,         NO_ARGUMENT,   0, smtp_rset },
	{ "NOOP", ANY_STATE,         LAST_IN_GROUP, 0, smtp_noop },
	{ "VRFY", ANY_STATE,         LAST_IN_GROUP | NEEDS_ARGUMENT | NEEDS_LOGIN,
	  0, smtp_vrfy },
	{ "HELP", ANY_STATE,         LAST_IN_GROUP, KEYWORD_HELP, smtp_help },
	{ "QUIT", ANY_STATE,         LAST_IN_GROUP | NO_ARGUMENT, 0, smtp_quit },

	{ "EXPN", ANY_STATE,         LAST_IN_GROUP, 0, smtp_not_offered },
	{ "TURN", ANY_STATE,         LAST_IN_GROUP, 0, smtp_not_offered },
	{ "SEND", ANY_STATE,         LAST_IN_GROUP, 0, smtp_not_offered },
	{ "SOML", ANY_STATE,         LAST_IN_GROUP, 0, smtp_not_offered },
	{ "SAML", ANY_STATE,         LAST_IN_GROUP, 0, smtp_not_offered },
	{ "ETRN", ANY_STATE,         LAST_IN_GROUP, 0, smtp_not_offered },
	{ NULL, 0, 0, 0, NULL }
};
