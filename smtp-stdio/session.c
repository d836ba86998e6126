/* The session and its loop; see session.h. */
#include "smtp-stdio/session.h"

#include <string.h>
#include <unistd.h>

#include "smtp-stdio/auth.h"
#include "smtp-stdio/chunks.h"
#include "smtp-stdio/commands.h"
#include "smtp-stdio/confinement.h"
#include "smtp-stdio/runner.h"
#include "stdio/command.h"
#include "stdio/log.h"
#include "stdio/proxy.h"
#include "store/text.h"
#include "store/wipe.h"

void
smtp_enter_state(struct session *session, enum smtp_state state)
{
	if (session->state == HAS_CHUNKS && state != HAS_CHUNKS)
		chunks_abort(&session->chunks);
	if (!(state & IN_TRANSACTION))
		envelope_reset(&session->envelope);
	session->state = state;
}

const struct reply *
session_reply_with(struct session *session, enum reply_id id, const char *text)
{
	struct text out;

	session->made = *reply(id);
	text_init(&out, session->made_text, sizeof session->made_text);
	text_add(&out, text);
	session->made.text = session->made_text;
	return &session->made;
}

/*
 * Reply-line = Reply-code [ SP / "-" ] textstring CRLF, RFC 5321 section 4.2,
 * with the enhanced code first in the text (RFC 2034 section 4).
 */
void
session_put_line(struct session *session, const struct reply *said,
    const char *string, bool more)
{
	char line[REPLY_LINE_OCTETS_MAX + 1];
	struct text text;
	size_t i;

	text_init(&text, line, sizeof line - 2);
	text_add_number(&text, said->code);
	text_add_octet(&text, more ? '-' : ' ');
	if (said->enhanced != NULL &&
	    session_offers(session, KEYWORD_ENHANCEDSTATUSCODES)) {
		text_add(&text, said->enhanced);
		text_add_octet(&text, ' ');
	}
	text_add(&text, string);
	for (i = 0; i < text.length; i++)
		if (line[i] < 0x20 || line[i] > 0x7e)
			line[i] = '?';
	if (session->settings->common.verbose)
		log_event(LOG_IS_DEBUG, "conversation", "server", line);
	line[text.length++] = '\r';
	line[text.length++] = '\n';
	line_writer_put(&session->out, line, text.length);
}

bool
session_offers(const struct session *session, enum keyword keyword)
{
	uint32_t left_out = session->settings->common.left_out;

	if (keyword == KEYWORD_SMTPUTF8 && (left_out & KEYWORD_8BITMIME))
		return false;           /* RFC 6531 section 3.1 */
	return (left_out & (uint32_t)keyword) == 0;
}

/* Counts a reply; whether it is the fault that is one too many. */
static bool
is_one_too_many(struct session *session, const struct reply *said)
{
	if (said == reply(REPLY_UNKNOWN_MAILBOX))
		session->refused_recipients++;
	if (!reply_is_fault(said) ||
	    ++session->faults < session->settings->common.errors_max)
		return false;
	session->end = END_FAULTS;
	return true;
}

void
session_send(struct session *session, const struct reply *said)
{
	if (said == NULL)
		return;
	if (is_one_too_many(session, said))
		said = reply(REPLY_TOO_MANY_FAULTS);
	session_put_line(session, said, said->text, false);
}

void
session_send_one_of(struct session *session, const struct reply *said)
{
	session_put_line(session, said, said->text, false);
}

void
session_end_replies(struct session *session, const struct reply *worst)
{
	const struct reply *limit = reply(REPLY_TOO_MANY_FAULTS);

	if (is_one_too_many(session, worst))
		session_put_line(session, limit, limit->text, false);
}

const struct reply *
session_end_input(struct session *session, enum read_status status)
{
	session->end = session_end_from(status);
	if (session->end == END_TIMED_OUT)
		return reply(REPLY_TIMED_OUT);
	if (session->end == END_STOPPED)
		return reply(REPLY_STOPPED);
	return NULL;
}

/* Whether the operator wants to know first who the client is (RFC 6409). */
static bool
must_log_in(const struct session *session, const struct command *command)
{
	return (command->flags & NEEDS_LOGIN) &&
	    session->settings->submission && session->user[0] == '\0';
}

void
session_say(struct session *session, const char *string, size_t times)
{
	char line[REPLY_LINE_OCTETS_MAX];
	struct text text;

	if (*string == '\0')
		session->end = END_RULE;
	text_init(&text, line, sizeof line - 2);
	text_add(&text, string);
	if (session->settings->common.verbose)
		log_event(LOG_IS_DEBUG, "conversation", "server", line);
	line[text.length++] = '\r';
	line[text.length++] = '\n';
	for (; times > 0 && *string != '\0'; times--)
		line_writer_put(&session->out, line, text.length);
}

/* A command that -x has another reply for, and no effect. */
static const struct reply *
follow_rule(struct session *session, const struct command *command,
    char *argument, const char *rule)
{
	/* The octets of a chunk are no commands, whatever the reply is. */
	if (command != NULL && command->handler == smtp_bdat)
		(void)smtp_bdat_drop(session, argument, NULL);
	if (session->end == NOT_ENDED)
		session_say(session, rule, 1);
	return NULL;
}

/* Decides whether a command may be, and does it. */
static const struct reply *
carry_out(struct session *session, const struct command *command,
    char *argument, size_t length)
{
	if (length > COMMAND_LINE_OCTETS_MAX - 2 &&
	    (command == NULL || command->handler != smtp_auth))
		return reply(REPLY_LINE_TOO_LONG);
	if (command == NULL)
		return reply(REPLY_UNKNOWN_COMMAND);
	if (command->keyword & session->settings->common.left_out)
		return reply(REPLY_NOT_OFFERED);
	if ((command->flags & NO_ARGUMENT) && *argument != '\0')
		return reply(REPLY_NO_ARGUMENT_ALLOWED);
	if (!(command->states & session->state))
		return reply(REPLY_BAD_SEQUENCE);
	if (must_log_in(session, command))
		return reply(REPLY_LOGIN_NEEDED);
	if ((command->flags & NEEDS_ARGUMENT) && *argument == '\0')
		return reply(REPLY_ARGUMENT_SYNTAX);
	return command->handler(session, argument);
}

/* Decides what a command line asks for, and does it. */
static const struct reply *
obey(struct session *session, char *line, size_t length, bool *flush)
{
	const struct command *command;
	const struct reply *said;
	char *copy = session->secret_line;
	const char *rule;
	char *argument;

	command_split(line, &argument);
	argument = command_trim(argument);
	command = command_find(smtp_commands, line);
	if (session->settings->common.verbose)
		command_log(command, argument);
	*flush = command == NULL || (command->flags & LAST_IN_GROUP);
	rule = rules_apply_command(&session->settings->common.rules,
	    line);
	argument = command_hide(command, argument, line, length, copy);
	said = rule != NULL ?
	    follow_rule(session, command, argument, rule) :
	    carry_out(session, command, argument, length);
	if (argument == copy)
		wipe(copy, length);
	return said;
}

/*
 * Whether the client has said its last: what was to be sent at once (RFC 2920
 * section 3.2) is so with the reply to that.
 */
static bool
quit_is_next(const struct session *session)
{
	static const char quit[] = "QUIT\r\n";
	const struct line_reader *in = &session->in;

	return text_equal_folded(in->buffer + in->start,
	    line_reader_buffered(in), quit, sizeof quit - 1);
}

/* Reads one command and answers it. */
static void
converse(struct session *session)
{
	const struct reply *said = NULL;
	enum read_status status;
	bool flush = true;
	size_t length;
	char *line;

	status = line_reader_line(&session->in, AUTH_LINE_OCTETS_MAX,
	    deadline_in(session->settings->common.seconds), &line, &length);
	switch (status) {
	case READ_LINE:
		said = obey(session, line, length, &flush);
		break;
	case READ_BARE_CR:
	case READ_BARE_LF:
	case READ_NUL:
		said = reply(REPLY_LINE_BROKEN);
		break;
	case READ_TOO_LONG:
		said = text_equal_folded(session->in.head, 5, "AUTH ", 5) ?
		    reply(REPLY_AUTH_LINE_TOO_LONG) :
		    reply(REPLY_LINE_TOO_LONG);
		break;
	case READ_END:
	case READ_TIMED_OUT:
	case READ_STOPPED:
		said = session_end_input(session, status);
		break;
	}
	session_send(session, said);
	if (flush && !quit_is_next(session) && session->end == NOT_ENDED) {
		log_release();
		(void)line_writer_flush(&session->out);
	}
}

static void
log_session(const struct session *session, int64_t started)
{
	struct log_line line;

	log_begin(&line, LOG_IS_INFO, "session");
	log_text(&line, "peer", session->peer->address);
	log_text(&line, "helo", session->client_name);
	if (session->user[0] != '\0')
		log_text(&line, "user", session->user);
	log_text(&line, "tls",
	    session->settings->common.is_protected ? "yes" : "no");
	log_number(&line, "messages", session->messages);
	log_number(&line, "refused", session->refused_recipients);
	log_number(&line, "faults", session->faults);
	log_text(&line, "end", session_end_text(session->end));
	log_number(&line, "milliseconds",
	    (uint64_t)(deadline_clock() - started));
	log_end(&line);
}

static void
greet(struct session *session)
{
	const char *rule =
	    rules_apply(&session->settings->common.rules, "+");
	char greeting[HOSTNAME_SIZE + 16];
	struct text text;

	if (rule != NULL) {
		session_say(session, rule, 1);
		return;
	}
	text_init(&text, greeting, sizeof greeting);
	text_add(&text, session->settings->common.hostname);
	text_add(&text, session->settings->lmtp ? " LMTP" : " ESMTP");
	session_send(session, session_reply_with(session, REPLY_GREETING,
	    greeting));
}

/* In place of a greeting: nothing can be done (RFC 5321 section 3.8). */
static void
refuse_service(struct session *session, enum store_error error)
{
	char greeting[HOSTNAME_SIZE + 64];
	struct log_line line;
	struct text text;

	if (!session->lacks_runner) {           /* that has been logged */
		log_begin(&line, LOG_IS_ERROR, "mail-root");
		log_text(&line, "path", session->settings->common.root);
		log_text(&line, "error", store_error_text(error));
		log_end(&line);
	}
	session->end = END_STORE;
	text_init(&text, greeting, sizeof greeting);
	text_add(&text, session->settings->common.hostname);
	text_add(&text, " Trouble with the mail store, try again later");
	session_send(session, session_reply_with(session, REPLY_GREETING_FAILED,
	    greeting));
}

/* -P: nothing is done, nor said, before the header is there. */
static void
read_proxy_header(struct session *session)
{
	enum read_status status = proxy_read(&session->in,
	    deadline_in(session->settings->common.seconds), session->peer);

	if (status == READ_LINE)
		runner_tell_peer(session->peer);
	else
		session->end = status == READ_TIMED_OUT ||
		    status == READ_STOPPED ? session_end_from(status) :
		    END_NO_PROXY_HEADER;
}

enum session_end
session_run(struct session *session, struct settings *settings,
    struct peer *peer)
{
	int64_t started = deadline_clock();
	enum store_error error;

	session->settings = settings;
	session->peer = peer;
	session->logins.root = &session->root;
	session->logins.program = settings->common.checkpassword;
	session->logins.ask = runner_ask_password;
	session->state = CONNECTED;
	line_writer_init(&session->out, STDOUT_FILENO, settings->common.seconds);
	line_reader_init(&session->in, STDIN_FILENO, &session->out,
	    settings->common.lf_ends_lines);
	session->in.companion = runner_companion();
	error = root_open(&session->root, settings->common.root);
	if (error == STORE_OK)
		error = smtp_confine(session);
	if (settings->common.proxy)
		read_proxy_header(session);
	if (session->lacks_runner)
		error = STORE_FAILED;
	if (session->end == NOT_ENDED && error != STORE_OK)
		refuse_service(session, error);
	else if (session->end == NOT_ENDED && !settings->common.greeted)
		greet(session);
	while (session->end == NOT_ENDED)
		converse(session);
	if (session->end == END_TLS &&
	    line_writer_flush(&session->out) != WRITE_OK)
		session->end = END_CLOSED;
	smtp_enter_state(session, CONNECTED);
	log_session(session, started);  /* with what it tells of, then the last */
	(void)line_writer_flush(&session->out);
	if (session->end != END_TLS)
		peer_hang_up();
	return session->end;
}
