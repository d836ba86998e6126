/* One letter to its recipients; see submission.h. */
#include "smtp-stdio/submission.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "stdio/dot_stuffing.h"
#include "store/text.h"

/*
 * So many commands may be on their way unanswered: their replies fit into
 * what a pipe or a socket holds, so that neither side waits for the other.
 */
#define COMMANDS_UNANSWERED_MAX 50

/* What a server that has stopped reading has for its last words. */
#define LAST_WORDS_SECONDS 2

/* A command line with the longest path and all parameters. */
#define COMMAND_SIZE (PATH_OCTETS_MAX + 256)

/* Whether the server can take the letter, and what it must then be told. */
static bool
check_offers(const struct submission *submission,
    const struct smtp_client *client, struct failure *failure)
{
	const char *name = client->connection->name;
	const struct letter *letter = submission->letter;
	size_t i;

	if (client->size_max != 0 &&
	    letter->content.wire_octets > client->size_max)
		return failure_set(failure, EX_UNAVAILABLE,
		    "%s takes messages of at most %llu octets, and this one "
		    "has %llu", name, (unsigned long long)client->size_max,
		    (unsigned long long)letter->content.wire_octets);
	if (letter->content.eight_bits > 0 &&
	    !(client->offers & OFFERS_8BITMIME))
		return failure_set(failure, EX_UNAVAILABLE, "%s takes messages "
		    "in ASCII only (it offers no 8BITMIME), and this one has "
		    "other octets", name);
	if ((submission->notify != NULL || submission->ret != NULL) &&
	    !(client->offers & OFFERS_DSN))
		return failure_set(failure, EX_UNAVAILABLE,
		    "%s makes no delivery reports (it offers no DSN)", name);
	for (i = 0; i <= submission->recipients->count; i++) {
		bool is_sender = i == submission->recipients->count;

		if (!(client->offers & OFFERS_SMTPUTF8) && !(is_sender ?
		    submission->reverse_path->is_ascii :
		    submission->recipients->list[i]->is_ascii))
			return failure_set(failure, EX_UNAVAILABLE,
			    "%s takes addresses in ASCII only (it offers no "
			    "SMTPUTF8): %s", name, is_sender ?
			    submission->reverse_path->text :
			    submission->recipients->list[i]->address);
	}
	return true;
}

/* Whether the envelope or the header wants RFC 6531. */
static bool
wants_smtputf8(const struct submission *submission)
{
	bool wants = !submission->reverse_path->is_ascii ||
	    (submission->letter->has_eight_bit_header &&
	    submission->letter->content.is_utf8);
	size_t i;

	for (i = submission->first; !wants && i < submission->behind; i++)
		wants = !submission->recipients->list[i]->is_ascii;
	return wants;
}

static void
write_mail(const struct submission *submission,
    const struct smtp_client *client, struct text *line)
{
	const struct content *content = &submission->letter->content;

	text_add(line, "MAIL FROM:<");
	text_add(line, submission->reverse_path->text);
	text_add(line, ">");
	if (client->offers & OFFERS_SIZE) {
		text_add(line, " SIZE=");
		text_add_number(line, content->wire_octets);
	}
	if (content->eight_bits > 0)
		text_add(line, " BODY=8BITMIME");
	if ((client->offers & OFFERS_SMTPUTF8) && wants_smtputf8(submission))
		text_add(line, " SMTPUTF8");
	if (submission->ret != NULL) {
		text_add(line, " RET=");
		text_add(line, submission->ret);
	}
}

static void
write_rcpt(const struct submission *submission, size_t i, struct text *line)
{
	text_add(line, "RCPT TO:<");
	text_add(line, submission->recipients->list[i]->address);
	text_add(line, ">");
	if (submission->notify != NULL) {
		text_add(line, " NOTIFY=");
		text_add(line, submission->notify);
	}
}

/*
 * The commands of a transaction in their order: MAIL is the first, then there
 * is one RCPT for each recipient that waits, and then DATA.
 */
struct group {
	struct smtp_client *client;
	size_t sent, answered;  /* recipients: places in the list */
	bool mail_is_sent, data_is_sent;
	unsigned unanswered;
	bool is_broken;         /* MAIL was refused, or the session is over */
};

static bool
is_waiting(const struct submission *submission, size_t i)
{
	return submission->recipients->list[i]->state == RECIPIENT_WAITING;
}

/* Sends the next command, where there is one that can be sent by now. */
static bool
send_next(struct submission *submission, struct group *group)
{
	struct smtp_client *client = group->client;
	char buffer[COMMAND_SIZE];
	struct text line;

	text_init(&line, buffer, sizeof buffer);
	while (group->sent < submission->behind &&
	    !is_waiting(submission, group->sent))
		group->sent++;
	if (!group->mail_is_sent) {
		write_mail(submission, client, &line);
		group->mail_is_sent = true;
	} else if (group->sent < submission->behind) {
		write_rcpt(submission, group->sent, &line);
		group->sent++;
	} else if (!group->data_is_sent &&
	    !(client->offers & OFFERS_CHUNKING) &&
	    (group->unanswered > 0 || submission->accepted > 0)) {
		text_add(&line, "DATA");
		group->data_is_sent = true;
	} else
		return false;
	connection_put(client->connection, line.start, line.length);
	group->unanswered++;
	return true;
}

/* What has become of a recipient. */
static void
book(struct submission *submission, struct recipient *recipient,
    const struct answer *answer, const struct group *group, const char *to)
{
	struct failure failure;

	if (answer_is_good(answer)) {
		recipient->state = RECIPIENT_ACCEPTED;
		submission->accepted++;
		return;
	}
	/* RFC 5321 section 4.5.3.1.10: too many for one transaction. */
	if (answer->code == 452 && submission->accepted > 0 &&
	    (strcmp(answer->status, "4.5.3") == 0 || *answer->status == '\0'))
		return;
	if (group->is_broken)
		return;                 /* not its own fault */
	recipient->state = RECIPIENT_REFUSED;
	answer_refuses(answer, group->client->connection, to, &failure);
	submission->refused(submission->context, recipient, &failure);
}

/* Where a reply is neither yes nor no, nothing is known of the server. */
static void
check_sense(struct smtp_client *client, const struct answer *answer)
{
	if (!answer_is_good(answer) && answer->code < 400)
		client->is_over = true;
}

/* The reply to MAIL: without it there is no transaction. */
static bool
take_mail(struct submission *submission, struct group *group,
    struct failure *failure)
{
	struct smtp_client *client = group->client;
	struct answer answer;

	if (!smtp_client_answer(client, client->connection->seconds, "MAIL",
	    &answer, failure))
		return false;
	check_sense(client, &answer);
	submission->has_sender = answer_is_good(&answer);
	if (!submission->has_sender) {
		group->is_broken = true;
		answer_refuses(&answer, client->connection, "MAIL", failure);
	}
	return true;
}

static bool
take_rcpt(struct submission *submission, struct group *group,
    struct failure *failure)
{
	struct smtp_client *client = group->client;
	char buffer[COMMAND_SIZE];
	struct answer answer;
	struct text line;

	while (!is_waiting(submission, group->answered))
		group->answered++;
	text_init(&line, buffer, sizeof buffer);
	write_rcpt(submission, group->answered, &line);
	if (!smtp_client_answer(client, client->connection->seconds,
	    line.start, &answer, failure))
		return false;
	check_sense(client, &answer);
	if (client->is_over)
		return answer_refuses(&answer, client->connection, line.start,
		    failure);
	book(submission, submission->recipients->list[group->answered++],
	    &answer, group, line.start);
	return true;
}

static bool
take_data(struct submission *submission, struct group *group,
    struct failure *failure)
{
	struct smtp_client *client = group->client;
	struct answer answer;

	if (!smtp_client_answer(client, client->connection->seconds, "DATA",
	    &answer, failure))
		return false;
	submission->wants_data = answer.code == 354;
	if (answer.code < 400 && answer.code != 354) {
		client->is_over = true;
		return answer_refuses(&answer, client->connection, "DATA",
		    failure);
	}
	if (!submission->wants_data && !group->is_broken &&
	    submission->accepted > 0) {
		group->is_broken = true;
		answer_refuses(&answer, client->connection, "DATA", failure);
	}
	return true;
}

/*
 * Sends the envelope, with as many commands ahead of their replies as the
 * server allows (RFC 2920), and books each reply.
 */
static bool
send_envelope(struct submission *submission, struct smtp_client *client,
    struct failure *failure)
{
	struct group group = {
		client, submission->first, submission->first,
		false, false, 0, false
	};
	unsigned ahead = client->offers & OFFERS_PIPELINING ?
	    COMMANDS_UNANSWERED_MAX : 1;
	bool mail_is_answered = false, good;

	submission->accepted = 0;
	submission->has_sender = submission->wants_data = false;
	for (;;) {
		while (group.unanswered < ahead && !group.is_broken &&
		    send_next(submission, &group))
			continue;
		if (group.unanswered == 0)
			return !group.is_broken;
		if (!mail_is_answered)
			good = take_mail(submission, &group, failure);
		else if (group.answered < group.sent)
			good = take_rcpt(submission, &group, failure);
		else
			good = take_data(submission, &group, failure);
		if (!good || client->is_over)
			return false;
		mail_is_answered = true;
		group.unanswered--;
	}
}

/* letter_pass()'s way to the server. */
struct passing {
	struct submission *submission;
	struct connection *connection;
	struct stuffer stuffer;
};

static bool
put_data(void *context, const char *octets, size_t length)
{
	struct passing *passing = context;

	stuff(&passing->stuffer, octets, length);
	progress_add(&passing->submission->progress, length);
	errno = ECONNRESET;
	return passing->connection->out.status == WRITE_OK;
}

/*
 * The server does not take what is written any more: it may have said why.
 * Always false.
 */
static bool
read_last_words(struct smtp_client *client, const char *to,
    struct failure *failure)
{
	struct answer answer;

	client->is_over = true;
	if (smtp_client_answer(client, LAST_WORDS_SECONDS, to, &answer,
	    failure) && !answer_is_good(&answer))
		return answer_refuses(&answer, client->connection, to, failure);
	return failure_set(failure, EX_TEMPFAIL, "%s took only a part of the "
	    "message, and closed the connection", client->connection->name);
}

/*
 * Sends the letter, after DATA's 354 or behind a BDAT, and takes the reply.
 * A server that has closed may have said why before.
 */
static bool
send_letter(struct submission *submission, struct smtp_client *client,
    struct failure *failure)
{
	struct connection *connection = client->connection;
	const struct letter *letter = submission->letter;
	bool chunking = client->offers & OFFERS_CHUNKING, passed;
	const char *to = chunking ? "BDAT" : "the end of the message";
	struct passing passing = { submission, connection, { 0 } };
	struct answer answer;

	stuffer_init(&passing.stuffer, &connection->out, !chunking);
	progress_begin(&submission->progress, "sending",
	    letter->content.octets);
	passed = letter_pass(letter, put_data, &passing);
	if (!passed && connection->out.status == WRITE_OK) {
		progress_end(&submission->progress);
		client->is_over = true;         /* it must not look complete */
		return failure_set(failure, EX_IOERR,
		    "cannot read the message again: %s", strerror(errno));
	}
	stuff_end(&passing.stuffer);
	passed = line_writer_flush(&connection->out) == WRITE_OK && passed;
	progress_end(&submission->progress);
	if (!passed)
		return read_last_words(client, to, failure);
	if (!smtp_client_answer(client, connection->end_seconds, to, &answer,
	    failure))
		return failure_add(failure,
		    ": the message may have been delivered or not");
	return answer_is_good(&answer) ||
	    answer_refuses(&answer, connection, to, failure);
}

/*
 * A transaction without recipients, or whose DATA was refused, is taken back;
 * where DATA was answered by 354 all the same, an empty message ends it (RFC
 * 2920 section 3.1).
 */
static bool
abandon(struct submission *submission, struct smtp_client *client,
    struct failure *failure)
{
	struct answer answer;

	if (client->is_over ||
	    (!submission->wants_data && !submission->has_sender))
		return true;
	return smtp_client_command(client, submission->wants_data ? "." :
	    "RSET", &answer, failure);
}

/* Those that were accepted have it, or wait again. */
static void
settle(struct submission *submission, enum recipient_state state)
{
	size_t i;

	for (i = submission->first; i < submission->behind; i++)
		if (submission->recipients->list[i]->state ==
		    RECIPIENT_ACCEPTED)
			submission->recipients->list[i]->state = state;
}

/* One transaction, with as many as may be in it of those that wait. */
static bool
send_some(struct submission *submission, struct smtp_client *client,
    struct failure *failure)
{
	const struct recipients *all = submission->recipients;
	struct failure ignored;
	char buffer[64];
	struct text line;
	uint64_t count = 0;
	bool done;

	for (submission->behind = submission->first;
	    submission->behind < all->count &&
	    (client->recipients_max == 0 || count < client->recipients_max);
	    submission->behind++)
		count += is_waiting(submission, submission->behind);
	if (!send_envelope(submission, client, failure)) {
		(void)abandon(submission, client, &ignored);
		settle(submission, RECIPIENT_WAITING);
		return false;
	}
	if (submission->accepted == 0)
		return abandon(submission, client, failure);
	if (client->offers & OFFERS_CHUNKING) {
		text_init(&line, buffer, sizeof buffer);
		text_add(&line, "BDAT ");
		text_add_number(&line,
		    submission->letter->content.wire_octets);
		text_add(&line, " LAST");
		connection_put(client->connection, buffer, line.length);
	}
	done = send_letter(submission, client, failure);
	settle(submission, done ? RECIPIENT_SENT : RECIPIENT_WAITING);
	return done;
}

bool
submission_run(struct submission *submission, struct smtp_client *client,
    struct failure *failure)
{
	const struct recipients *all = submission->recipients;

	if (!check_offers(submission, client, failure))
		return false;
	submission->first = 0;
	for (;;) {
		while (submission->first < all->count &&
		    !is_waiting(submission, submission->first))
			submission->first++;
		if (submission->first == all->count)
			return true;
		if (!send_some(submission, client, failure))
			return false;
	}
}
