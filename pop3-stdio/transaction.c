/* TRANSACTION; see transaction.h. */
#include "pop3-stdio/transaction.h"

#include <errno.h>
#include <string.h>

#include "pop3-stdio/session.h"
#include "stdio/dot_stuffing.h"
#include "stdio/log.h"
#include "store/durable.h"
#include "store/text.h"

/* Two numbers, a unique-id and a few words. */
#define LINE_SIZE 160

/*
 * Reads the message-number of a message that is there; 0, and why it cannot
 * be: what is no number is a fault, what is no message is none.
 */
static size_t
find_message(struct session *session, const char *digits, size_t length,
    const struct reply **refusal)
{
	uint64_t value;

	if (!text_to_number(digits, length, &value))
		*refusal = reply(REPLY_ARGUMENT_SYNTAX);
	else if (value == 0 || value > maildrop_count(&session->maildrop))
		*refusal = reply(REPLY_NO_MESSAGE);
	else if (maildrop_is_deleted(&session->maildrop, (size_t)value))
		*refusal = reply(REPLY_DELETED_ALREADY);
	else
		return (size_t)value;
	return 0;
}

/* What stands in one line of LIST and of UIDL, behind the number. */
typedef void line_tail(struct text *line, const struct mailbox *mailbox,
    const struct message *message);

static void
list_tail(struct text *line, const struct mailbox *mailbox,
    const struct message *message)
{
	(void)mailbox;
	text_add_number(line, message->octets);
}

static void
uidl_tail(struct text *line, const struct mailbox *mailbox,
    const struct message *message)
{
	char id[UNIQUE_ID_SIZE];

	message_unique_id(mailbox, message, id);
	text_add(line, id);
}

static void
make_line(struct text *line, struct session *session, size_t number,
    line_tail *tail)
{
	text_add_number(line, number);
	text_add_octet(line, ' ');
	tail(line, &session->maildrop.mailbox,
	    maildrop_message(&session->maildrop, number));
}

/* "n messages (m octets)", after "+OK ". */
static void
put_total(struct session *session)
{
	char buffer[LINE_SIZE];
	struct text text;
	uint64_t octets;
	size_t count;

	maildrop_total(&session->maildrop, &count, &octets);
	text_init(&text, buffer, sizeof buffer);
	text_add_number(&text, count);
	text_add(&text, " messages (");
	text_add_number(&text, octets);
	text_add(&text, " octets)");
	session_put_reply(session, true, buffer);
}

/* LIST and UIDL: one message, or all that are not deleted. */
static const struct reply *
put_list(struct session *session, const char *argument, line_tail *tail)
{
	const struct reply *refusal;
	char buffer[LINE_SIZE];
	struct text line;
	size_t number;

	if (*argument != '\0') {
		number = find_message(session, argument, strlen(argument),
		    &refusal);
		if (number == 0)
			return refusal;
		text_init(&line, buffer, sizeof buffer);
		make_line(&line, session, number, tail);
		session_put_reply(session, true, buffer);
		return NULL;
	}
	put_total(session);
	for (number = 1; number <= maildrop_count(&session->maildrop);
	    number++) {
		if (maildrop_is_deleted(&session->maildrop, number))
			continue;
		text_init(&line, buffer, sizeof buffer);
		make_line(&line, session, number, tail);
		session_put_line(session, buffer);
	}
	session_put_line(session, ".");
	return NULL;
}

const struct reply *
pop3_list(struct session *session, char *argument)
{
	return put_list(session, argument, list_tail);
}

const struct reply *
pop3_uidl(struct session *session, char *argument)
{
	return put_list(session, argument, uidl_tail);
}

const struct reply *
pop3_stat(struct session *session, char *argument)
{
	char buffer[LINE_SIZE];
	struct text text;
	uint64_t octets;
	size_t count;

	(void)argument;
	maildrop_total(&session->maildrop, &count, &octets);
	text_init(&text, buffer, sizeof buffer);
	text_add_number(&text, count);
	text_add_octet(&text, ' ');
	text_add_number(&text, octets);
	session_put_reply(session, true, buffer);
	return NULL;
}

/* How much of a message TOP sends: the header, the blank line, some lines. */
struct excerpt {
	bool whole;             /* RETR: all of it */
	bool in_body;
	enum { LINE_EMPTY, LINE_OF_CR, LINE_OF_TEXT } line;     /* so far */
	uint64_t lines;         /* of the body, still to be sent */
};

/* How many of the octets belong to the excerpt; fewer than length: it ends. */
static size_t
excerpt_take(struct excerpt *excerpt, const char *octets, size_t length)
{
	size_t i;

	if (excerpt->whole)
		return length;
	for (i = 0; i < length; i++) {
		if (excerpt->in_body && excerpt->lines == 0)
			break;
		if (octets[i] == '\n') {
			if (excerpt->in_body)
				excerpt->lines--;
			else if (excerpt->line != LINE_OF_TEXT)
				excerpt->in_body = true;
			excerpt->line = LINE_EMPTY;
		} else if (octets[i] == '\r' && excerpt->line == LINE_EMPTY)
			excerpt->line = LINE_OF_CR;
		else
			excerpt->line = LINE_OF_TEXT;
	}
	return i;
}

/*
 * Sends an open message, or an excerpt of it.  After a read error there is no
 * way to tell the client in the middle of a message but to close without the
 * final dot.
 */
static void
send_message(struct session *session, int file, struct excerpt *excerpt)
{
	static char buffer[262144];     /* no stack that a guard walks through */
	struct stuffer stuffer;
	size_t taken = 0;
	ssize_t got = 0;

	stuffer_init(&stuffer, &session->out, true);
	while (session->out.status == WRITE_OK &&
	    (got = durable_read(file, buffer, sizeof buffer)) > 0) {
		taken = excerpt_take(excerpt, buffer, (size_t)got);
		stuff(&stuffer, buffer, taken);
		if (taken < (size_t)got)
			break;
	}
	if (got == -1) {
		log_event(LOG_IS_ERROR, "message-unreadable", "error",
		    strerror(errno));
		session->end = END_STORE;
		return;
	}
	stuff_end(&stuffer);
}

static const struct reply *
put_message(struct session *session, size_t number, struct excerpt *excerpt)
{
	struct message *message = maildrop_message(&session->maildrop, number);
	char buffer[LINE_SIZE];
	struct text text;
	int file;

	if (mailbox_read(&session->maildrop.mailbox, message, &file) !=
	    STORE_OK)
		return reply(REPLY_MESSAGE_GONE);
	text_init(&text, buffer, sizeof buffer);
	if (excerpt->whole) {
		text_add_number(&text, message->octets);
		text_add(&text, " octets");
		session->retrieved++;
	} else
		text_add(&text, "Top of message follows");
	session_put_reply(session, true, buffer);
	send_message(session, file, excerpt);
	durable_close(file);
	return NULL;
}

const struct reply *
pop3_retr(struct session *session, char *argument)
{
	struct excerpt excerpt = { .whole = true };
	const struct reply *refusal;
	size_t number;

	number = find_message(session, argument, strlen(argument), &refusal);
	return number == 0 ? refusal : put_message(session, number, &excerpt);
}

const struct reply *
pop3_top(struct session *session, char *argument)
{
	struct excerpt excerpt = { .line = LINE_EMPTY };
	size_t first = strcspn(argument, " \t"), number;
	const char *lines = argument + first;
	const struct reply *refusal;

	lines += strspn(lines, " \t");
	if (!text_to_number(lines, strlen(lines), &excerpt.lines))
		return reply(REPLY_ARGUMENT_SYNTAX);
	number = find_message(session, argument, first, &refusal);
	return number == 0 ? refusal : put_message(session, number, &excerpt);
}

const struct reply *
pop3_dele(struct session *session, char *argument)
{
	const struct reply *refusal;
	size_t number;

	number = find_message(session, argument, strlen(argument), &refusal);
	if (number == 0)
		return refusal;
	maildrop_delete(&session->maildrop, number);
	return reply(REPLY_OK);
}

const struct reply *
pop3_noop(struct session *session, char *argument)
{
	(void)session;
	(void)argument;
	return reply(REPLY_OK);
}

const struct reply *
pop3_rset(struct session *session, char *argument)
{
	(void)argument;
	maildrop_reset(&session->maildrop);
	return reply(REPLY_OK);
}

const struct reply *
pop3_update(struct session *session)
{
	enum store_error error;
	size_t removed;

	error = maildrop_update(&session->maildrop, &removed);
	session->removed = removed;
	if (error == STORE_OK) {
		session->end = END_QUIT;
		return reply(removed == 0 ? REPLY_BYE : REPLY_REMOVED);
	}
	log_event(LOG_IS_ERROR, "update-failed", "error",
	    store_error_text(error));
	session->end = END_STORE;
	return reply(REPLY_NOT_ALL_REMOVED);
}
