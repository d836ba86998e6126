/* The filter; see filter.h. */
#include "smtp-stdio/filter.h"

#include <sysexits.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "smtp-stdio/runner.h"
#include "smtp-stdio/session.h"
#include "stdio/log.h"
#include "store/delivery.h"

/* What it exits with for a message that is taken and goes nowhere. */
#define EX_DROP 99

/*
 * The files that a filter works on.  All are in .incoming/ and locked by us:
 * a descriptor of one that was closed in this process would drop its lock, so
 * what the filter is given is opened by who runs it.
 */
struct filtering {
	struct session *session;
	struct delivery *message;
	struct delivery output;         /* what it writes in its place */
	struct delivery recipients;     /* one a line */
	struct delivery said;           /* on standard error */
};

/* One a line; empty, unless they fit. */
static char *
list_recipients(const struct envelope *envelope)
{
	char *buffer = malloc(RECIPIENTS_OCTETS_MAX + 1);
	struct text text;
	size_t i;

	if (buffer == NULL)
		return NULL;
	text_init(&text, buffer, RECIPIENTS_OCTETS_MAX + 1);
	for (i = 0; i < envelope->count; i++) {
		text_add(&text, envelope->recipients[i]->forward_path);
		text_add_octet(&text, '\n');
	}
	if (text.cut)
		buffer[0] = '\0';
	return buffer;
}

static enum store_error
write_recipients(struct filtering *filtering)
{
	const struct envelope *envelope = &filtering->session->envelope;
	enum store_error error = STORE_OK;
	char buffer[PATH_OCTETS_MAX + 2];
	struct text text;
	size_t i;

	for (i = 0; i < envelope->count && error == STORE_OK; i++) {
		text_init(&text, buffer, sizeof buffer);
		text_add(&text, envelope->recipients[i]->forward_path);
		text_add_octet(&text, '\n');
		error = delivery_write(&filtering->recipients, buffer,
		    text.length, 0);
	}
	return error == STORE_OK ? delivery_flush(&filtering->recipients) :
	    error;
}

/* Makes the files; those that are made are to be ended whatever comes. */
static enum store_error
make_files(struct filtering *filtering)
{
	struct mail_root *root = filtering->message->root;
	const char *host = filtering->session->settings->common.hostname;
	enum store_error error;

	filtering->output.file = filtering->recipients.file =
	    filtering->said.file = -1;
	error = delivery_begin(&filtering->output, root, host);
	if (error == STORE_OK)
		error = delivery_begin(&filtering->recipients, root, host);
	if (error == STORE_OK)
		error = delivery_begin(&filtering->said, root, host);
	if (error == STORE_OK)
		error = write_recipients(filtering);
	return error;
}

/* The first line of what it said. */
static void
read_text(const struct filtering *filtering, char *text)
{
	ssize_t got = delivery_read(&filtering->said, text,
	    REPLY_LINE_OCTETS_MAX - 1, 0);

	text[got > 0 ? got : 0] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
}

static enum verdict
fail(const char *why)
{
	log_event(LOG_IS_ERROR, "filter", "error", why);
	return VERDICT_FAIL;
}

/* An exit status without a meaning here, and what may say why. */
static enum verdict
fail_with(const struct filtering *filtering, int status, char *text)
{
	struct log_line line;

	read_text(filtering, text);
	log_begin(&line, LOG_IS_ERROR, "filter");
	log_text(&line, "error", "its exit status is none that has a meaning");
	log_number(&line, "exit", (uint64_t)status);
	log_text(&line, "said", text);
	log_end(&line);
	return VERDICT_FAIL;
}

/* It has written something: that is the message. */
static enum verdict
take_output(struct filtering *filtering)
{
	uint64_t limit = runner_octets_max(filtering->session->settings);
	char any;
	ssize_t got = delivery_read(&filtering->output, &any, 1, 0);

	if (got == 0)
		return VERDICT_DELIVER;
	if (limit != 0 && delivery_read(&filtering->output, &any, 1,
	    limit - 1) != 0)
		return fail("it has written more than -m");
	if (got == -1 || delivery_replace(filtering->message,
	    &filtering->output) != STORE_OK)
		return fail(strerror(errno));
	return VERDICT_REPLACED;
}

static enum verdict
verdict_of(struct filtering *filtering, int status, char *text)
{
	switch (status) {
	case EX_OK:
		return take_output(filtering);
	case EX_DROP:
		return VERDICT_DROP;
	case EX_DATAERR:
	case EX_NOUSER:
	case EX_NOHOST:
	case EX_UNAVAILABLE:
	case EX_PROTOCOL:
	case EX_NOPERM:
		read_text(filtering, text);
		return VERDICT_REFUSE;
	}
	return fail_with(filtering, status, text);
}

static enum verdict
run(struct filtering *filtering, char *text)
{
	const struct session *session = filtering->session;
	struct filter_job job = {
		.message = filtering->message->base,
		.recipients = filtering->recipients.base,
		.output = filtering->output.base,
		.said = filtering->said.base,
		.sender = session->envelope.reverse_path,
		.user = session->user,
		.address = session->peer->address,
		.id = filtering->message->id
	};
	char *list = list_recipients(&session->envelope);
	enum program_end end = PROGRAM_FAILED;
	int status;

	if (list != NULL) {
		job.recipient_list = list;
		end = runner_run_filter(&job, &status);
	}
	free(list);
	switch (end) {
	case PROGRAM_EXITED:
		return verdict_of(filtering, status, text);
	case PROGRAM_KILLED:
		return fail("it was killed by a signal");
	case PROGRAM_TOO_SLOW:
		return fail("it took too long, or the session was stopped");
	case PROGRAM_FAILED:
		break;
	}
	return fail("it cannot be executed");
}

enum verdict
filter_run(struct session *session, struct delivery *message, char *text)
{
	struct filtering filtering;
	enum verdict verdict = VERDICT_FAIL;
	enum store_error error;

	memset(&filtering, 0, sizeof filtering);
	filtering.session = session;
	filtering.message = message;
	text[0] = '\0';
	error = make_files(&filtering);
	if (error == STORE_OK)
		verdict = run(&filtering, text);
	else
		(void)fail(store_error_text(error));
	delivery_end(&filtering.output);
	delivery_end(&filtering.recipients);
	delivery_end(&filtering.said);
	return verdict;
}
