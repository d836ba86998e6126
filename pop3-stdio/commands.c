/* The table of commands, and those of both states; see commands.h. */
#include "pop3-stdio/commands.h"

#include "pop3-stdio/authorization.h"
#include "pop3-stdio/session.h"
#include "pop3-stdio/transaction.h"
#include "stdio/sasl.h"
#include "stdio/tls_wrapper.h"
#include "store/text.h"

const char *const pop3_keywords[] = {
	"TOP", "UIDL", "USER", "SASL", "RESP-CODES", "AUTH-RESP-CODE",
	"PIPELINING", "EXPIRE", "STLS", "IMPLEMENTATION", NULL
};

/*
 * Writes what CAPA says of a capability, which is offered, behind its name;
 * false where it is not to be listed now.
 */
static bool
add_values(struct session *session, enum keyword keyword, struct text *line)
{
	const struct options *options = &session->settings->common;
	bool scram = options->checkpassword == NULL;
	bool passwords = options_allow_passwords(options);

	switch (keyword) {
	case KEYWORD_USER:
		return passwords;
	case KEYWORD_SASL:
		sasl_list(line, scram, passwords);
		return scram || passwords;
	case KEYWORD_EXPIRE:
		text_add(line, " NEVER");
		break;
	case KEYWORD_STLS:
		return session->state == AUTHORIZATION &&
		    tls_wrapper_is_ready(options);
	case KEYWORD_IMPLEMENTATION:
		text_add(line, " mail-stdio");
		break;
	case KEYWORD_TOP:
	case KEYWORD_UIDL:
	case KEYWORD_RESP_CODES:
	case KEYWORD_AUTH_RESP_CODE:
	case KEYWORD_PIPELINING:
		break;
	}
	return true;
}

/*
 * RFC 2449 section 5: the same list in both states, but for STLS (RFC 2595
 * section 4).  Every line of it is true: see each section 6.x of that RFC.
 */
static const struct reply *
pop3_capa(struct session *session, char *argument)
{
	size_t i;

	(void)argument;
	session_put_reply(session, true, "Capabilities follow");
	for (i = 0; pop3_keywords[i] != NULL; i++) {
		enum keyword keyword = (enum keyword)(1U << i);
		char buffer[64];
		struct text line;

		text_init(&line, buffer, sizeof buffer);
		text_add(&line, pop3_keywords[i]);
		if (session_offers(session, keyword) &&
		    add_values(session, keyword, &line))
			session_put_line(session, buffer);
	}
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
 * keyword   what takes the command away with it when it is left out (-X)
 */
const struct command pop3_commands[] = {
	{ "USER", AUTHORIZATION, NEEDS_ARGUMENT, KEYWORD_USER, pop3_user },
	{ "PASS", AUTHORIZATION, NEEDS_ARGUMENT | SPACES_COUNT | IS_SECRET,
	  KEYWORD_USER, pop3_pass },
	{ "AUTH", AUTHORIZATION, NEEDS_ARGUMENT | IS_SECRET,
	  KEYWORD_SASL, pop3_auth },
	{ "STLS", AUTHORIZATION, NO_ARGUMENT,    KEYWORD_STLS, pop3_stls },
	{ "STAT", TRANSACTION,   NO_ARGUMENT,    0,            pop3_stat },
	{ "LIST", TRANSACTION,   0,              0,            pop3_list },
	{ "UIDL", TRANSACTION,   0,              KEYWORD_UIDL, pop3_uidl },
	{ "RETR", TRANSACTION,   NEEDS_ARGUMENT, 0,            pop3_retr },
	{ "TOP",  TRANSACTION,   NEEDS_ARGUMENT, KEYWORD_TOP,  pop3_top  },
	{ "DELE", TRANSACTION,   NEEDS_ARGUMENT, 0,            pop3_dele },
	{ "NOOP", TRANSACTION,   NO_ARGUMENT,    0,            pop3_noop },
	{ "RSET", TRANSACTION,   NO_ARGUMENT,    0,            pop3_rset },
	{ "CAPA", ANY_STATE,     NO_ARGUMENT,    0,            pop3_capa },
	{ "QUIT", ANY_STATE,     NO_ARGUMENT,    0,            pop3_quit },
	{ NULL, 0, 0, 0, NULL }
};
