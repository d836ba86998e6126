/* The letter on its way to the server; see submission_letter.h. */
#include "smtp-stdio/submission_letter.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

#include "stdio/dot_stuffing.h"
#include "store/text.h"

/* What a server that has stopped reading has for its last words. */
#define LAST_WORDS_SECONDS 2

void
submission_tell(struct submission *submission,
    const struct smtp_client *client, struct recipient *recipient,
    const struct answer *answer, const char *to)
{
	struct failure failure;

	if (answer_is_good(answer)) {
		recipient->state = RECIPIENT_SENT;
		submission->told(submission->context, recipient, answer, NULL);
		return;
	}
	recipient->state = RECIPIENT_REFUSED;
	answer_refuses(answer, client->connection, to, &failure);
	submission->told(submission->context, recipient, answer, &failure);
}

bool
submission_refuse(struct submission *submission,
    const struct smtp_client *client, const struct answer *answer,
    const char *to, struct failure *failure)
{
	submission->verdict = *answer;
	return answer_refuses(answer, client->connection, to, failure);
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
	if (passing->submission->shows_progress)
		progress_add(&passing->submission->progress, length);
	errno = ECONNRESET;
	return passing->connection->out.status == WRITE_OK;
}

/*
 * The server does not take what is written any more: it may have said why.
 * Always false.
 */
static bool
read_last_words(struct submission *submission, struct smtp_client *client,
    const char *to, struct failure *failure)
{
	struct answer answer;

	client->is_over = true;
	if (smtp_client_answer(client, LAST_WORDS_SECONDS, to, &answer,
	    failure) && !answer_is_good(&answer))
		return submission_refuse(submission, client, &answer, to,
		    failure);
	return failure_set(failure, EX_TEMPFAIL, "%s took only a part of the "
	    "message, and closed the connection", client->connection->name);
}

/* All of the letter, with its end; false where not all of it could be sent. */
static bool
pass_letter(struct submission *submission, struct smtp_client *client,
    const char *to, struct failure *failure)
{
	struct connection *connection = client->connection;
	struct passing passing = { submission, connection, { 0 } };
	bool passed;

	stuffer_init(&passing.stuffer, &connection->out,
	    !(client->offers & OFFERS_CHUNKING));
	passed = letter_pass(submission->letter, put_data, &passing);
	if (!passed && connection->out.status == WRITE_OK) {
		client->is_over = true;         /* it must not look complete */
		return failure_set(failure, EX_IOERR,
		    "cannot read the message again: %s", strerror(errno));
	}
	stuff_end(&passing.stuffer);
	if (line_writer_flush(&connection->out) == WRITE_OK && passed)
		return true;
	return read_last_words(submission, client, to, failure);
}

/* The reply to the letter; without it nobody knows. */
static bool
take_reply(struct smtp_client *client, const char *to, struct answer *answer,
    struct failure *failure)
{
	if (client->is_over)
		return failure_set(failure, EX_TEMPFAIL, "%s has ended the "
		    "session before it answered for all recipients: the "
		    "message may have been delivered or not to the others",
		    client->connection->name);
	if (!smtp_client_answer(client, client->connection->end_seconds, to,
	    answer, failure))
		return failure_add(failure,
		    ": the message may have been delivered or not");
	return true;
}

/* The replies in the order of the recipients; of SMTP's one, the first. */
static bool
take_replies(struct submission *submission, struct smtp_client *client,
    const char *to, struct failure *failure)
{
	struct answer answer;
	bool is_answered = false;
	size_t i;

	for (i = submission->first; i < submission->behind; i++) {
		struct recipient *recipient = submission->recipients->list[i];

		if (recipient->state != RECIPIENT_ACCEPTED)
			continue;
		if ((client->is_lmtp || !is_answered) &&
		    !take_reply(client, to, &answer, failure))
			return false;
		is_answered = true;
		if (!client->is_lmtp && !answer_is_good(&answer))
			return submission_refuse(submission, client, &answer,
			    to, failure);
		submission_tell(submission, client, recipient, &answer, to);
	}
	return true;
}

bool
submission_send_letter(struct submission *submission,
    struct smtp_client *client, struct failure *failure)
{
	bool chunking = client->offers & OFFERS_CHUNKING, passed;
	const char *to = chunking ? "BDAT" : "the end of the message";
	char buffer[64];
	struct text line;

	if (chunking) {
		text_init(&line, buffer, sizeof buffer);
		text_add(&line, "BDAT ");
		text_add_number(&line,
		    submission->letter->content.wire_octets);
		text_add(&line, " LAST");
		connection_put(client->connection, buffer, line.length);
	}
	if (submission->shows_progress)
		progress_begin(&submission->progress, "sending",
		    submission->letter->content.octets);
	passed = pass_letter(submission, client, to, failure);
	if (submission->shows_progress)
		progress_end(&submission->progress);
	return passed && take_replies(submission, client, to, failure);
}
