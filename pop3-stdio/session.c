/* The session, its loop, and its two processes; see session.h. */
#include "pop3-stdio/session.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pop3-stdio/authorization.h"
#include "pop3-stdio/commands.h"
#include "pop3-stdio/judge.h"
#include "stdio/channel.h"
#include "stdio/checkpassword.h"
#include "stdio/command.h"
#include "stdio/confine.h"
#include "stdio/log.h"
#include "stdio/process.h"
#include "stdio/proxy.h"
#include "store/text.h"
#include "store/wipe.h"

void
session_put_line(struct session *session, const char *text)
{
	line_writer_put(&session->out, text, strlen(text));
	line_writer_put(&session->out, "\r\n", 2);
}

bool
session_offers(const struct session *session, enum keyword keyword)
{
	uint32_t left_out = session->settings->common.left_out;

	if (keyword == KEYWORD_AUTH_RESP_CODE &&
	    (left_out & KEYWORD_RESP_CODES))
		return false;           /* RFC 3206 section 6: it is one of these */
	return (left_out & (uint32_t)keyword) == 0;
}

/* A reply's text, without its response code where that is not offered. */
static const char *
without_code(const struct session *session, const char *string)
{
	static const char of_login[] = "[AUTH] ";
	bool is_of_login =
	    strncmp(string, of_login, sizeof of_login - 1) == 0;

	if (*string != '[' || (session_offers(session, KEYWORD_RESP_CODES) &&
	    (!is_of_login ||
	    session_offers(session, KEYWORD_AUTH_RESP_CODE))))
		return string;
	return strchr(string, ' ') + 1;
}

void
session_put_reply(struct session *session, bool positive, const char *string)
{
	char line[REPLY_LINE_OCTETS_MAX - 1];
	struct text text;

	text_init(&text, line, sizeof line);
	text_add(&text, positive ? "+OK " : "-ERR ");
	text_add(&text, without_code(session, string));
	if (session->settings->common.verbose)
		log_event(LOG_IS_DEBUG, "conversation", "server", line);
	session_put_line(session, line);
}

/* Sends a handler's reply; the fault that is one too many is the last. */
static void
send_reply(struct session *session, const struct reply *said)
{
	if (said == NULL)
		return;
	session_put_reply(session, said->positive, said->text);
	if (said->fault &&
	    ++session->faults >= session->settings->common.errors_max)
		session->end = END_FAULTS;
}

/* Says what a rule of -x says; where that is nothing, the session ends. */
static void
follow_rule(struct session *session, const char *rule)
{
	if (session->settings->common.verbose)
		log_event(LOG_IS_DEBUG, "conversation", "server", rule);
	if (*rule == '\0')
		session->end = END_RULE;
	else
		session_put_line(session, rule);
}

/* Decides whether a command may be, and does it. */
static const struct reply *
carry_out(struct session *session, const struct command *command,
    char *argument)
{
	if (command == NULL)
		return reply(REPLY_UNKNOWN_COMMAND);
	if (command->keyword & session->settings->common.left_out)
		return reply(REPLY_NOT_OFFERED);
	if (!(command->states & session->state))
		return reply(REPLY_BAD_STATE);
	if ((command->flags & NO_ARGUMENT) && *argument != '\0')
		return reply(REPLY_NO_ARGUMENT_ALLOWED);
	if ((command->flags & NEEDS_ARGUMENT) && *argument == '\0')
		return reply(REPLY_ARGUMENT_SYNTAX);
	return command->handler(session, argument);
}

/* Decides what a command line asks for, and does it. */
static const struct reply *
obey(struct session *session, char *line, size_t length)
{
	const struct command *command;
	const struct reply *said = NULL;
	char copy[COMMAND_LINE_OCTETS_MAX];
	const char *rule;
	char *argument;

	command_split(line, &argument);
	command = command_find(pop3_commands, line);
	if (command == NULL || !(command->flags & SPACES_COUNT))
		argument = command_trim(argument);
	if (session->settings->common.verbose)
		command_log(command, argument);

	/* RFC 1939 section 7: PASS comes right after USER, or not at all. */
	if (command == NULL || command->handler != pop3_pass)
		session->user[0] = '\0';
	rule = rules_apply_command(&session->settings->common.rules,
	    line);
	argument = command_hide(command, argument, line, length, copy);
	if (rule != NULL)
		follow_rule(session, rule);
	else
		said = carry_out(session, command, argument);
	if (command != NULL && command->handler == pop3_pass)
		session->user[0] = '\0';
	if (argument == copy)
		wipe(copy, length);
	return said;
}

/* Reads one command and answers it. */
static void
converse(struct session *session)
{
	const struct reply *said = NULL;
	enum read_status status;
	size_t length;
	char *line;

	status = line_reader_line(&session->in, COMMAND_LINE_OCTETS_MAX,
	    deadline_in(session->settings->common.seconds), &line, &length);
	switch (status) {
	case READ_LINE:
		said = obey(session, line, length);
		break;
	case READ_BARE_CR:
	case READ_BARE_LF:
	case READ_NUL:
		session->user[0] = '\0';
		said = reply(REPLY_LINE_BROKEN);
		break;
	case READ_TOO_LONG:
		session->user[0] = '\0';
		said = reply(REPLY_LINE_TOO_LONG);
		break;
	case READ_END:
	case READ_TIMED_OUT:            /* RFC 1939 section 3: no reply */
	case READ_STOPPED:
		session->end = session_end_from(status);
		break;
	}
	send_reply(session, said);
	if (session->out.status == WRITE_TIMED_OUT)
		session->end = process_must_stop() ? END_STOPPED :
		    END_TIMED_OUT;
	else if (session->out.status == WRITE_CLOSED)
		session->end = END_CLOSED;
}

/*
 * -P: nothing is done, nor said, before the header is there; false, and the
 * session has ended, where it is not.
 */
static bool
read_proxy_header(struct session *session)
{
	enum read_status status;

	if (!session->settings->common.proxy)
		return true;
	status = proxy_read(&session->in,
	    deadline_in(session->settings->common.seconds), session->peer);
	if (status != READ_LINE)
		session->end = status == READ_TIMED_OUT ||
		    status == READ_STOPPED ? session_end_from(status) :
		    END_NO_PROXY_HEADER;
	return status == READ_LINE;
}

static void
greet(struct session *session)
{
	const char *rule =
	    rules_apply(&session->settings->common.rules, "+");
	char greeting[HOSTNAME_SIZE + 16];
	struct text text;

	if (rule != NULL) {
		follow_rule(session, rule);
		return;
	}
	text_init(&text, greeting, sizeof greeting);
	text_add(&text, session->settings->common.hostname);
	text_add(&text, " POP3");
	session_put_reply(session, true, greeting);
}

/*
 * The child: greets, serves AUTHORIZATION, and after a login hands over what
 * the client has sent since.  Its exit status is why the session ended.
 */
static _Noreturn void
serve_authorization(struct session *session)
{
	const char *rest;
	size_t length;

	if (session->end == NOT_ENDED && read_proxy_header(session)) {
		if (session->settings->common.proxy)
			gate_say_peer(&session->gate, session->peer);
		if (!session->settings->common.greeted)
			greet(session);
	}
	while (session->end == NOT_ENDED && !session->logged_in)
		converse(session);
	if (line_writer_flush(&session->out) != WRITE_OK &&
	    session->end == END_TLS)
		session->end = END_CLOSED;
	if (session->logged_in) {
		rest = line_reader_take_all(&session->in, &length);
		if (!gate_hand_over(&session->gate, session->faults,
		    &session->settings->common.rules, rest, length))
			session->end = END_STORE;
	} else
		gate_say_faults(&session->gate, session->faults);
	_exit((int)session->end);
}

/* Tells the client, in place of a greeting, and the log, that nothing works. */
static void
refuse_service(struct session *session, const char *event, const char *error)
{
	struct log_line line;

	log_begin(&line, LOG_IS_ERROR, event);
	log_text(&line, "path", session->settings->common.root);
	log_text(&line, "error", error);
	log_end(&line);
	if (!read_proxy_header(session))
		return;
	send_reply(session, reply(REPLY_STORE_FAILED));
	(void)line_writer_flush(&session->out);
	session->end = END_STORE;
}

/*
 * Before the first octet of the client's is looked at: from here on no file
 * but those of this one maildrop.
 */
static bool
confine(const struct session *session, const struct address *account)
{
	char path[sizeof "mail//" + 2 * ADDRESS_PART_MAX];
	struct confinement confinement;
	struct text text;

	text_init(&text, path, sizeof path);
	text_add(&text, "mail/");
	text_add(&text, account->domain);
	text_add(&text, "/");
	text_add(&text, account->local);
	confine_begin(&confinement, session->settings->common.root);
	confine_allow(&confinement, -1, path,
	    CONFINE_READ | CONFINE_LIST | CONFINE_REMOVE);
	return confine_log(confine_enter(&confinement));
}

/* Whether no other program is wanted, neither for a password nor for TLS. */
static bool
executes_nothing(const struct options *options)
{
	return options->checkpassword == NULL && options->tls_command == NULL;
}

/*
 * The parent: has the child serve AUTHORIZATION, then serves TRANSACTION.
 * What has been sent by the child goes before what we send.
 */
static void
serve(struct session *session, struct judge *judge)
{
	bool handed_over = false, is_confined;
	int gates[2];
	size_t length;
	pid_t child;

	if (channel_make(gates) == -1 || (child = process_fork()) == -1) {
		refuse_service(session, "no-process", strerror(errno));
		return;
	}
	if (child == 0) {
		root_close(judge->source.root);
		close(gates[0]);
		session->gate.end = session->in.companion = gates[1];
		if (confine_to_descriptors() == CONFINE_FAILED)
			refuse_service(session, "confinement",
			    strerror(errno));
		serve_authorization(session);
	}
	close(gates[1]);
	if (executes_nothing(&session->settings->common))
		(void)confine_calls();          /* while the child does so */
	session->logged_in = judge_run(judge, gates[0]);
	if (session->logged_in)
		handed_over = gate_take_over(gates[0], &session->faults,
		    &session->settings->common.rules, session->in.buffer,
		    sizeof session->in.buffer, &length);
	else
		session->faults = judge->faults;
	close(gates[0]);
	root_close(judge->source.root);         /* the maildrop is open */
	is_confined = handed_over && confine(session, &judge->account);
	session->end = session_end_of(child);   /* what meanwhile has ended */
	if (handed_over && session->end == NOT_ENDED && !is_confined)
		session->end = END_STORE;
	if (handed_over && session->end == NOT_ENDED) {
		line_reader_preload(&session->in, length);
		session->state = TRANSACTION;
		while (session->end == NOT_ENDED)
			converse(session);
	}
	if (session->logged_in)
		maildrop_close(&session->maildrop);     /* others may, now */
	(void)line_writer_flush(&session->out);
}

static void
log_session(const struct session *session, const struct address *account,
    int64_t started)
{
	char user[ADDRESS_TEXT_SIZE] = "";
	struct log_line line;

	if (session->logged_in)
		address_text(account, user);
	log_begin(&line, LOG_IS_INFO, "session");
	log_text(&line, "peer", session->peer->address);
	log_text(&line, "user", user);
	log_number(&line, "retrieved", session->retrieved);
	log_number(&line, "removed", session->removed);
	log_text(&line, "tls",
	    session->settings->common.is_protected ? "yes" : "no");
	log_number(&line, "faults", session->faults);
	log_text(&line, "end", session_end_text(session->end));
	log_number(&line, "milliseconds",
	    (uint64_t)(deadline_clock() - started));
	log_end(&line);
}

enum session_end
session_run(struct session *session, struct settings *settings,
    struct peer *peer)
{
	int64_t started = deadline_clock();
	const struct options *options = &settings->common;
	enum store_error error;
	struct mail_root root;
	struct judge judge = {
		.source = { &root, options->checkpassword, checkpassword },
		.peer = peer,
		.awaits_peer = options->proxy,
		.refusals_max = options->errors_max,
		.maildrop = &session->maildrop
	};

	session->settings = settings;
	session->peer = peer;
	session->state = AUTHORIZATION;
	line_writer_init(&session->out, STDOUT_FILENO, options->seconds);
	line_reader_init(&session->in, STDIN_FILENO, &session->out,
	    options->lf_ends_lines);
	error = root_open(&root, options->root);
	if (error == STORE_OK) {
		serve(session, &judge);
		root_close(&root);
	} else
		refuse_service(session, "mail-root", store_error_text(error));
	log_session(session, &judge.account, started);
	if (session->end != END_TLS)
		peer_hang_up();
	return session->end;
}
