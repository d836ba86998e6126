/* An entry on its way; see queue_send.h. */
#include "smtp-stdio/queue_send.h"

#include <string.h>
#include <time.h>

#include "smtp-stdio/parameters.h"
#include "smtp-stdio/submission.h"
#include "smtp-stdio/trace.h"
#include "stdio/process.h"
#include "store/durable.h"
#include "store/text.h"

/* Between an entry and its submission. */
struct errand {
	struct queue_entry *entry;
	struct smtp_client *client;
	struct recipients recipients;   /* their numbers: in the envelope */
	struct queue_attempt *attempt;
	enum store_error error;         /* of the store, while it goes on */
	bool has_utf8;                  /* it came by SMTPUTF8 */
	char parameters[ENVID_OCTETS_MAX + 16];         /* of MAIL */
};

static bool
is_selected(const struct outgoing_recipient *recipient,
    const struct route *route, int64_t now)
{
	return recipient->state == OUTGOING_WAITING && recipient->due <= now &&
	    route_takes(route, recipient->path);
}

bool
queue_is_due(const struct queue_entry *entry, const struct route *route)
{
	const struct outgoing *outgoing = &entry->outgoing;
	int64_t now = (int64_t)time(NULL);
	size_t i;

	for (i = 0; i < outgoing->count; i++)
		if (is_selected(&outgoing->recipients[i], route, now))
			return true;
	return false;
}

/* A path of the envelope; false where it is none. */
static bool
read_path(struct path *path, const char *text)
{
	char bracketed[PATH_OCTETS_MAX + 3];
	struct text copy;
	const char *rest;

	text_init(&copy, bracketed, sizeof bracketed);
	text_add_octet(&copy, '<');
	text_add(&copy, text);
	text_add_octet(&copy, '>');
	return !copy.cut && path_parse(path, bracketed, &rest) &&
	    *rest == '\0';
}

/*
 * RFC 3461 section 5.2.1: RET and ENVID go along, letter for letter, where the
 * server knows them.
 */
static bool
read_mail_parameters(struct errand *errand)
{
	const struct parameter_terms terms = { 0 };
	const char *at = errand->entry->outgoing.parameters;
	struct mail_parameters parameters = { 0 };
	struct text text;

	text_init(&text, errand->parameters, sizeof errand->parameters);
	if (mail_parameters_parse(&parameters, &terms, at) != PARAMETERS_OK)
		return false;
	errand->has_utf8 = parameters.has_utf8;
	while (*at != '\0' && (errand->client->offers & OFFERS_DSN)) {
		size_t length = strcspn(at, " ");

		if ((length > 4 && text_equal_folded(at, 4, "RET=", 4)) ||
		    (length > 6 && text_equal_folded(at, 6, "ENVID=", 6))) {
			if (text.length > 0)
				text_add_octet(&text, ' ');
			text_add_octets(&text, at, length);
		}
		at += length + (at[length] == ' ');
	}
	return !text.cut;
}

/* Adds a recipient to the submission. */
static enum store_error
add_recipient(struct errand *errand, size_t i)
{
	const struct outgoing_recipient *from =
	    &errand->entry->outgoing.recipients[i];
	const struct parameter_terms terms = { .has_utf8 = true };
	struct rcpt_parameters parameters = { 0 };
	struct named_mailbox mailbox = { .name = "" };
	struct recipient *recipient;

	if (!read_path(&mailbox.path, from->path) ||
	    strlen(from->parameters) > SUBMISSION_PARAMETERS_MAX ||
	    rcpt_parameters_parse(&parameters, &terms, from->parameters) !=
	    PARAMETERS_OK)
		return STORE_MALFORMED;
	if (!recipients_add(&errand->recipients, &mailbox))
		return STORE_FULL;
	recipient = errand->recipients.list[errand->recipients.count - 1];
	recipient->number = i;
	if (errand->client->offers & OFFERS_DSN) {
		recipient->parameters = from->parameters;
		recipient->is_ascii &= text_is_ascii(from->parameters);
	}
	return STORE_OK;
}

static enum store_error
add_recipients(struct errand *errand, const struct route *route)
{
	const struct outgoing *outgoing = &errand->entry->outgoing;
	enum store_error error = STORE_OK;
	int64_t now = (int64_t)time(NULL);
	size_t i;

	for (i = 0; i < outgoing->count && error == STORE_OK; i++)
		if (is_selected(&outgoing->recipients[i], route, now))
			error = add_recipient(errand, i);
	return error;
}

/* The trace that is for mailboxes only (RFC 5321 section 4.4) is left out. */
static uint64_t
find_start(int message)
{
	char head[PATH_OCTETS_MAX + 64];
	ssize_t got = durable_read_at(message, head, sizeof head, 0);

	return got > 0 ? trace_top_length(head, (size_t)got) : 0;
}

/* Those that the submission has behind a recipient move up with it. */
static void
move_up(struct errand *errand, size_t number)
{
	size_t i;

	for (i = 0; i < errand->recipients.count; i++)
		if (errand->recipients.list[i]->number > number)
			errand->recipients.list[i]->number--;
}

/* Books a reply, or that there was none. */
static void
book(struct errand *errand, struct recipient *recipient,
    const struct answer *answer, const struct failure *failure)
{
	const struct smtp_client *client = errand->client;
	struct queue_word word = {
		client->server[0] != '\0' ? client->server :
		    client->connection->name,
		answer->code, answer->status, answer->text,
		client->offers & OFFERS_DSN
	};

	/* What we say in the server's place has its words in the failure. */
	if (failure != NULL && (word.code == 0 || *word.text == '\0'))
		word.text = failure->text;
	if (queue_book(errand->entry, recipient->number, &word))
		move_up(errand, recipient->number);
}

static void
take_word(void *context, struct recipient *recipient,
    const struct answer *answer, const struct failure *failure)
{
	struct errand *errand = context;

	errand->attempt->is_answered = true;
	book(errand, recipient, answer, failure);
}

static void
save(void *context)
{
	struct errand *errand = context;

	if (errand->error == STORE_OK)
		errand->error = queue_save(errand->entry);
}

/* An address that the server cannot have does not stop the others. */
static void
refuse_utf8(struct errand *errand)
{
	struct recipients *recipients = &errand->recipients;
	struct answer answer = { .code = 553, .status = "5.6.7",
	    .text = "The server takes addresses in ASCII only" };
	size_t i;

	if (errand->client->offers & OFFERS_SMTPUTF8)
		return;
	for (i = 0; i < recipients->count; i++)
		if (!recipients->list[i]->is_ascii) {
			recipients->list[i]->state = RECIPIENT_REFUSED;
			take_word(errand, recipients->list[i], &answer, NULL);
		}
}

/* Whether no word is to be booked: it was not this message that failed. */
static bool
is_free(const struct submission *submission, const struct smtp_client *client,
    bool is_used)
{
	bool has_ended = client->is_over && (submission->verdict.code == 0 ||
	    submission->verdict.code == 421);

	return process_must_stop() ||
	    (is_used && has_ended && !submission->has_sender);
}

/* Those without a reply of their own have the letter's. */
static void
book_rest(struct errand *errand, const struct submission *submission,
    bool is_used, const struct failure *failure)
{
	struct recipients *recipients = &errand->recipients;
	size_t i;

	errand->attempt->is_free = is_free(submission, errand->client,
	    is_used);
	if (errand->attempt->is_free)
		return;
	if (submission->verdict.code != 0 && !errand->client->is_over)
		errand->attempt->is_answered = true;
	for (i = 0; i < recipients->count; i++)
		if (recipients->list[i]->state == RECIPIENT_WAITING)
			book(errand, recipients->list[i],
			    &submission->verdict, failure);
}

/* All has been found out; sends it. */
static void
submit(struct errand *errand, const struct path *reverse_path,
    const struct letter *letter, bool is_used)
{
	struct submission submission = {
		.reverse_path = reverse_path,
		.parameters = errand->parameters,
		.recipients = &errand->recipients,
		.letter = letter,
		.needs_utf8 = errand->has_utf8 && letter->has_eight_bit_header,
		.told = take_word,
		.settled = save,
		.context = errand
	};
	struct failure failure;

	refuse_utf8(errand);
	if (!submission_run(&submission, errand->client, &failure))
		book_rest(errand, &submission, is_used, &failure);
	save(errand);
}

enum store_error
queue_send(struct queue_entry *entry, const struct route *route,
    struct smtp_client *client, bool is_used, struct queue_attempt *attempt)
{
	struct errand errand = {
		.entry = entry, .client = client, .attempt = attempt,
		.error = STORE_OK
	};
	struct path reverse_path;
	struct failure failure;
	struct letter letter;

	memset(attempt, 0, sizeof *attempt);
	recipients_init(&errand.recipients);
	letter_init(&letter);
	letter.file = entry->message;   /* and stays the entry's */
	letter.offset = find_start(entry->message);
	if (!read_path(&reverse_path, entry->outgoing.reverse_path) ||
	    !read_mail_parameters(&errand))
		errand.error = STORE_MALFORMED;
	if (errand.error == STORE_OK)
		errand.error = add_recipients(&errand, route);
	if (errand.error == STORE_OK && !letter_measure(&letter, &failure))
		errand.error = STORE_FAILED;
	if (errand.error == STORE_OK)
		submit(&errand, &reverse_path, &letter, is_used);
	recipients_free(&errand.recipients);
	return errand.error;
}
