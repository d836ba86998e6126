/* The books of the queue; see queue_book.h. */
#include "smtp-stdio/queue_book.h"

#include <time.h>

#include "smtp-stdio/parameters.h"
#include "smtp-stdio/queue_report.h"
#include "stdio/log.h"
#include "store/text.h"

int64_t
queue_wait(unsigned tries)
{
	int64_t seconds = QUEUE_WAIT_SECONDS;

	while (tries-- > 1 && seconds < QUEUE_WAIT_SECONDS_MAX)
		seconds *= 2;
	return seconds < QUEUE_WAIT_SECONDS_MAX ? seconds :
	    QUEUE_WAIT_SECONDS_MAX;
}

unsigned
queue_notify(const struct outgoing_recipient *recipient)
{
	const struct parameter_terms terms = { .has_utf8 = true };
	struct rcpt_parameters parameters = { 0 };

	(void)rcpt_parameters_parse(&parameters, &terms,
	    recipient->parameters);
	return parameters.notify;
}

/* Whether there is somebody who can be told anything. */
static bool
has_sender(const struct queue_entry *entry)
{
	return entry->outgoing.reverse_path[0] != '\0';
}

static int64_t
age(const struct queue_entry *entry)
{
	return (int64_t)time(NULL) - entry->outgoing.arrived;
}

/* next: in so many seconds; -1: never. */
static void
log_attempt(const struct queue_entry *entry,
    const struct outgoing_recipient *recipient, const struct queue_word *word,
    int64_t next)
{
	struct log_line line;

	log_begin(&line, word->code / 100 == 2 ? LOG_IS_INFO : LOG_IS_WARNING,
	    "attempt");
	log_text(&line, "id", entry->outgoing.id);
	log_text(&line, "to", recipient->path);
	log_text(&line, "server", word->server);
	if (word->code != 0)
		log_number(&line, "status", word->code);
	log_number(&line, "tries", recipient->tries);
	if (next >= 0)
		log_number(&line, "next", (uint64_t)next);
	if (word->code / 100 != 2)
		log_text(&line, "reason", word->text);
	log_end(&line);
}

/* The status, or the one of its class that says nothing more. */
static const char *
status_of(const struct queue_word *word)
{
	if (*word->status != '\0')
		return word->status;
	return word->code / 100 == 2 ? "2.0.0" : "5.0.0";
}

/* Notes the word, with the reply's code in front; without memory, not. */
static bool
note(struct queue_entry *entry, size_t i, enum outgoing_state state,
    const char *status, const struct queue_word *word)
{
	char said[OUTGOING_SAID_SIZE];
	struct text text;

	text_init(&text, said, sizeof said);
	if (word->code != 0) {
		text_add_number(&text, word->code);
		text_add_octet(&text, ' ');
	}
	text_add(&text, word->text);
	entry->is_changed = true;
	return outgoing_book(&entry->outgoing, i, state, status, word->server,
	    said);
}

static bool
drop(struct queue_entry *entry, size_t i)
{
	outgoing_drop(&entry->outgoing, i);
	entry->is_changed = true;
	return true;
}

/* A recipient that has it; RFC 3461 section 5.2.2 (b) asks for a report. */
static bool
book_sent(struct queue_entry *entry, size_t i, const struct queue_word *word)
{
	if (has_sender(entry) && !word->knows_dsn &&
	    (queue_notify(&entry->outgoing.recipients[i]) & NOTIFY_SUCCESS) &&
	    note(entry, i, OUTGOING_RELAYED, status_of(word), word))
		return false;
	return drop(entry, i);
}

static bool
book_failed(struct queue_entry *entry, size_t i, const char *status,
    const struct queue_word *word)
{
	unsigned notify = queue_notify(&entry->outgoing.recipients[i]);

	if (!has_sender(entry) || (notify != 0 && !(notify & NOTIFY_FAILURE)))
		return drop(entry, i);
	(void)note(entry, i, OUTGOING_FAILED, status, word);
	return false;
}

static void
book_waiting(struct queue_entry *entry, size_t i,
    const struct queue_word *word)
{
	struct outgoing_recipient *recipient;

	(void)note(entry, i, OUTGOING_WAITING, "", word);
	recipient = &entry->outgoing.recipients[i];
	recipient->due = (int64_t)time(NULL) + queue_wait(recipient->tries);
}

bool
queue_book(struct queue_entry *entry, size_t i, const struct queue_word *word)
{
	struct outgoing_recipient *recipient =
	    &entry->outgoing.recipients[i];
	bool waits = word->code / 100 != 2 && word->code / 100 != 5;
	bool is_old = age(entry) > QUEUE_AGE_SECONDS_MAX;

	recipient->tries++;
	log_attempt(entry, recipient, word,
	    waits && !is_old ? queue_wait(recipient->tries) : -1);
	if (word->code / 100 == 2)
		return book_sent(entry, i, word);
	if (!waits)
		return book_failed(entry, i, status_of(word), word);
	if (is_old)
		return book_failed(entry, i, QUEUE_EXPIRED, word);
	book_waiting(entry, i, word);
	return false;
}

void
queue_expire(struct queue_entry *entry, const struct route *route)
{
	size_t i;

	if (age(entry) <= QUEUE_AGE_SECONDS_MAX)
		return;
	for (i = entry->outgoing.count; i-- > 0; ) {
		struct outgoing_recipient *recipient =
		    &entry->outgoing.recipients[i];
		struct queue_word last = {
			recipient->server, 0, "", recipient->said, false
		};

		if (recipient->state != OUTGOING_WAITING ||
		    !route_takes(route, recipient->path))
			continue;
		log_attempt(entry, recipient, &last, -1);
		(void)book_failed(entry, i, QUEUE_EXPIRED, &last);
	}
}

bool
queue_is_delayed(const struct queue_entry *entry, size_t i)
{
	const struct outgoing_recipient *recipient =
	    &entry->outgoing.recipients[i];

	return !entry->outgoing.is_warned && has_sender(entry) &&
	    recipient->state == OUTGOING_WAITING &&
	    age(entry) >= QUEUE_DELAY_SECONDS &&
	    (queue_notify(recipient) & NOTIFY_DELAY);
}

enum store_error
queue_save(struct queue_entry *entry)
{
	enum store_error error;

	if (!entry->is_changed)
		return STORE_OK;
	error = outgoing_update(entry->root, &entry->outgoing);
	if (error == STORE_OK)
		entry->is_changed = false;
	return error;
}

/* Whether somebody is to be told something; warns: also of a delay. */
static bool
has_report(const struct queue_entry *entry, bool *warns)
{
	bool found = false;
	size_t i;

	*warns = false;
	for (i = 0; i < entry->outgoing.count; i++) {
		if (entry->outgoing.recipients[i].state != OUTGOING_WAITING)
			found = true;
		else if (queue_is_delayed(entry, i))
			found = *warns = true;
	}
	return found;
}

enum store_error
queue_settle(struct queue_entry *entry)
{
	enum store_error error = queue_save(entry);
	bool warns;
	size_t i;

	if (error != STORE_OK || !has_report(entry, &warns))
		return error;
	error = queue_report(entry);
	if (error != STORE_OK)
		return error;
	for (i = entry->outgoing.count; i-- > 0; )
		if (entry->outgoing.recipients[i].state != OUTGOING_WAITING)
			(void)drop(entry, i);
	entry->outgoing.is_warned |= warns;
	entry->is_changed = true;
	return queue_save(entry);
}
