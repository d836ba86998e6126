/* mailstore queue: mail that waits for another host; see mailstore.h. */
#include "store/mailstore.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "store/durable.h"
#include "store/json.h"
#include "store/outgoing.h"
#include "store/progress.h"

/* An entry as it is listed. */
struct waiting {
	struct outgoing outgoing;
	uint64_t octets;                /* of the message */
	bool is_taken;                  /* by who sends it, just now */
};

/* The longest time in a column, with its NUL: "9999999d". */
#define SPAN_SIZE 24

/* As mailstore_fail(), but for an entry. */
static int
fail(const char *what, const char *id, enum store_error error)
{
	switch (error) {
	case STORE_NOT_FOUND:
		fprintf(stderr, "mailstore: nothing with the id %s is in the "
		    "queue\n", id);
		return EX_NOINPUT;
	case STORE_BUSY:
		fprintf(stderr, "mailstore: %s %s: it is being sent just now\n",
		    what, id);
		return EX_TEMPFAIL;
	case STORE_MALFORMED:
		(void)mailstore_fail(what, id, error);
		return EX_DATAERR;
	case STORE_OK:
	case STORE_NOT_HOSTED:
	case STORE_EXISTS:
	case STORE_FULL:
	case STORE_FAILED:
		break;
	}
	return mailstore_fail(what, id, error);
}

/* A number of seconds as people say it, in at most four columns or so. */
static const char *
span(char text[SPAN_SIZE], int64_t seconds)
{
	static const struct {
		int64_t least, unit;
		char name;
	} units[] = {
		{ (int64_t)48 * 3600, (int64_t)24 * 3600, 'd' },
		{ 3600,               3600,               'h' },
		{ 60,                 60,                 'm' },
	};
	size_t i;

	seconds = seconds < 0 ? 0 : seconds;
	for (i = 0; i < sizeof units / sizeof units[0]; i++)
		if (seconds >= units[i].least)
			break;
	if (i == sizeof units / sizeof units[0])
		(void)snprintf(text, SPAN_SIZE, "%" PRId64 "s", seconds);
	else
		(void)snprintf(text, SPAN_SIZE, "%" PRId64 "%c",
		    seconds / units[i].unit, units[i].name);
	return text;
}

/* When something is done about a recipient next. */
static const char *
next_of(char text[SPAN_SIZE], const struct waiting *waiting,
    const struct outgoing_recipient *recipient, int64_t now)
{
	if (waiting->is_taken)
		return "busy";
	if (recipient->state != OUTGOING_WAITING || recipient->due <= now)
		return "now";
	return span(text, recipient->due - now);
}

/* Writes a line for each recipient. */
static void
print_lines(const struct waiting *waiting, int64_t now)
{
	const struct outgoing *outgoing = &waiting->outgoing;
	char age[SPAN_SIZE], next[SPAN_SIZE];
	size_t i;

	for (i = 0; i < outgoing->count; i++) {
		const struct outgoing_recipient *recipient =
		    &outgoing->recipients[i];

		printf("%s  %4s  %9" PRIu64 "  %3u  %4s  ", outgoing->id,
		    span(age, now - outgoing->arrived), waiting->octets,
		    recipient->tries, next_of(next, waiting, recipient, now));
		mailstore_print(outgoing->reverse_path[0] == '\0' ? "<>" :
		    outgoing->reverse_path);
		fputs("  ", stdout);
		mailstore_print(recipient->path);
		if (recipient->said[0] != '\0') {
			fputs("  ", stdout);
			mailstore_print(recipient->server);
			fputs(": ", stdout);
			mailstore_print(recipient->said);
		}
		putchar('\n');
	}
}

static void
print_member(const char *name, const char *value)
{
	printf(",\"%s\":", name);
	json_print_string(stdout, value, strlen(value));
}

static void
print_recipient(const struct outgoing_recipient *recipient)
{
	static const char *const states[] = {
		[OUTGOING_WAITING] = "waiting",
		[OUTGOING_FAILED] = "failed",
		[OUTGOING_RELAYED] = "relayed"
	};

	printf("{\"to\":");
	json_print_string(stdout, recipient->path, strlen(recipient->path));
	print_member("state", states[recipient->state]);
	if (recipient->state == OUTGOING_WAITING)
		printf(",\"tries\":%u,\"due\":%" PRId64, recipient->tries,
		    recipient->due);
	else
		print_member("status", recipient->status);
	if (recipient->server[0] != '\0')
		print_member("server", recipient->server);
	if (recipient->said[0] != '\0')
		print_member("said", recipient->said);
	putchar('}');
}

static void
print_object(const struct waiting *waiting)
{
	const struct outgoing *outgoing = &waiting->outgoing;
	size_t i;

	printf("{\"id\":\"%s\",\"arrived\":%" PRId64 ",\"octets\":%" PRIu64
	    ",\"busy\":%s", outgoing->id, outgoing->arrived, waiting->octets,
	    waiting->is_taken ? "true" : "false");
	print_member("from", outgoing->reverse_path);
	printf(",\"recipients\":[");
	for (i = 0; i < outgoing->count; i++) {
		if (i > 0)
			putchar(',');
		print_recipient(&outgoing->recipients[i]);
	}
	puts("]}");
}

static bool
is_there(struct mail_root *root, const char *id)
{
	struct outgoing outgoing;
	bool is_there = outgoing_read(root, id, &outgoing) == STORE_OK;

	if (is_there)
		outgoing_free(&outgoing);
	return is_there;
}

static enum store_error
print_entry(struct mail_root *root, const char *id, bool json)
{
	struct waiting waiting;
	enum store_error error;

	error = outgoing_read(root, id, &waiting.outgoing);
	if (error != STORE_OK)
		return error;
	error = outgoing_look(root, id, &waiting.octets, &waiting.is_taken);
	if (error == STORE_NOT_FOUND && is_there(root, id))
		error = STORE_MALFORMED;        /* without a message */
	else if (error == STORE_OK && json)
		print_object(&waiting);
	else if (error == STORE_OK)
		print_lines(&waiting, (int64_t)time(NULL));
	outgoing_free(&waiting.outgoing);
	return error;
}

static int
list_queue(struct mail_root *root, bool json)
{
	struct outgoing_entry *entries;
	enum store_error error;
	int status = EX_OK;
	size_t count, i;

	error = outgoing_list(root, &entries, &count);
	if (error != STORE_OK)
		return mailstore_fail("cannot list", "the queue", error);
	for (i = 0; i < count; i++) {
		error = print_entry(root, entries[i].id, json);
		/* What is gone was sent meanwhile. */
		if (error != STORE_OK && error != STORE_NOT_FOUND)
			status = fail("cannot read", entries[i].id, error);
	}
	free(entries);
	return status;
}

/* Removes an entry, also a malformed one, and one without its message. */
static enum store_error
remove_entry(struct mail_root *root, const char *id)
{
	struct outgoing outgoing;
	enum store_error error;
	int message = -1;

	error = outgoing_lock(root, id, &message);
	if (error == STORE_OK || error == STORE_NOT_FOUND) {
		error = outgoing_read(root, id, &outgoing);
		if (error == STORE_OK)
			outgoing_free(&outgoing);
		if (error == STORE_OK || error == STORE_MALFORMED)
			error = outgoing_remove(root, id);
	}
	if (message != -1)
		durable_close(message);
	return error;
}

/* Makes all that waits due; whether any of it was not. */
static bool
set_due(struct outgoing *outgoing, int64_t now)
{
	bool is_changed = false;
	size_t i;

	for (i = 0; i < outgoing->count; i++) {
		struct outgoing_recipient *recipient =
		    &outgoing->recipients[i];

		if (recipient->state == OUTGOING_WAITING &&
		    recipient->due > now) {
			recipient->due = now;
			is_changed = true;
		}
	}
	return is_changed;
}

/*
 * Has all that waits in an entry sent by the next run.  One that is so already
 * is written again only where that is wanted; *is_written: it was.
 */
static enum store_error
change_due(struct mail_root *root, const char *id, bool is_wanted,
    bool *is_written)
{
	struct outgoing outgoing;
	enum store_error error;
	int message;

	error = outgoing_take(root, id, &outgoing, &message);
	if (error != STORE_OK)
		return error;
	if (set_due(&outgoing, (int64_t)time(NULL)) || is_wanted) {
		error = outgoing_update(root, &outgoing);
		*is_written = true;
	}
	outgoing_free(&outgoing);
	durable_close(message);
	return error;
}

static enum store_error
make_due(struct mail_root *root, const char *id)
{
	bool is_written;

	return change_due(root, id, true, &is_written);
}

/*
 * All of them, but those that are gone or being sent: no more is asked for.
 * Where all are due already, one is written again, for a change in the queue
 * is what a supervisor starts a run on.
 */
static int
make_all_due(struct mail_root *root)
{
	struct outgoing_entry *entries;
	struct progress progress;
	enum store_error error;
	bool is_written = false;
	int status = EX_OK;
	size_t count, i;

	error = outgoing_list(root, &entries, &count);
	if (error != STORE_OK)
		return mailstore_fail("cannot list", "the queue", error);
	progress_begin(&progress, "queue", count);
	for (i = 0; i < count; i++) {
		error = change_due(root, entries[i].id,
		    i + 1 == count && !is_written, &is_written);
		if (error != STORE_OK && error != STORE_NOT_FOUND &&
		    error != STORE_BUSY) {
			progress_hide(&progress);
			status = fail("cannot change", entries[i].id, error);
		}
		progress_add(&progress, 1);
	}
	progress_end(&progress);
	free(entries);
	return status;
}

/* Does it to each that is named; the exit status is that of the last failure. */
static int
for_each(struct call *call, const char *what,
    enum store_error (*change)(struct mail_root *root, const char *id))
{
	struct progress progress;
	enum store_error error;
	int status = EX_OK, i;

	progress_begin(&progress, "queue", (uint64_t)call->count);
	for (i = 0; i < call->count; i++) {
		error = change(&call->root, call->operands[i]);
		if (error != STORE_OK) {
			progress_hide(&progress);
			status = fail(what, call->operands[i], error);
		}
		progress_add(&progress, 1);
	}
	progress_end(&progress);
	return status;
}

int
mailstore_queue(struct call *call)
{
	if (call->remove)
		return for_each(call, "cannot remove", remove_entry);
	if (call->now && call->count > 0)
		return for_each(call, "cannot change", make_due);
	if (call->now)
		return make_all_due(&call->root);
	return list_queue(&call->root, call->json);
}
