/* Reports about entries of the queue; see queue_report.h. */
#include "smtp-stdio/queue_report.h"

#include <stdlib.h>
#include <string.h>

#include "smtp-stdio/dsn.h"
#include "smtp-stdio/parameters.h"
#include "smtp-stdio/report.h"

/* What a report is about; the lists have the same order. */
struct subject {
	struct dsn_recipient *recipients;
	struct rcpt_parameters *parameters;     /* where ORCPT is decoded */
	size_t count;
};

static bool
begin_subject(struct subject *subject, size_t room)
{
	subject->count = 0;
	subject->recipients = calloc(room, sizeof *subject->recipients);
	subject->parameters = calloc(room, sizeof *subject->parameters);
	return subject->recipients != NULL && subject->parameters != NULL;
}

static void
end_subject(struct subject *subject)
{
	free(subject->recipients);
	free(subject->parameters);
}

/* What has become of a recipient. */
static void
describe(struct dsn_recipient *to, const struct queue_entry *entry,
    const struct outgoing_recipient *from)
{
	switch (from->state) {
	case OUTGOING_FAILED:
		to->action = DSN_FAILED;
		to->status = from->status;
		to->words = strcmp(from->status, QUEUE_EXPIRED) == 0 ?
		    "Could not be delivered in five days" : "Was refused";
		break;
	case OUTGOING_RELAYED:
		to->action = DSN_RELAYED;
		to->status = from->status;
		to->words = "Passed on to a server that makes no reports";
		break;
	case OUTGOING_WAITING:
		to->action = DSN_DELAYED;
		to->status = "4.4.7";
		to->words = "Could not be delivered yet";
		to->retry_until = entry->outgoing.arrived +
		    QUEUE_AGE_SECONDS_MAX;
		if (from->tries > 0)
			to->last_attempt = from->due - queue_wait(from->tries);
		break;
	}
}

static void
add(struct subject *subject, const struct queue_entry *entry, size_t i)
{
	const struct outgoing_recipient *from =
	    &entry->outgoing.recipients[i];
	const struct parameter_terms terms = { .has_utf8 = true };
	struct rcpt_parameters *parameters =
	    &subject->parameters[subject->count];
	struct dsn_recipient *to = &subject->recipients[subject->count++];

	(void)rcpt_parameters_parse(parameters, &terms, from->parameters);
	to->forward_path = from->path;
	to->original = parameters->original;
	to->server = from->server;
	to->said = from->said;
	describe(to, entry, from);
}

enum store_error
queue_report(const struct queue_entry *entry)
{
	const struct outgoing *outgoing = &entry->outgoing;
	const struct parameter_terms terms = { 0 };
	struct mail_parameters parameters = { 0 };
	struct dsn dsn = {
		.hostname = entry->hostname,
		.reverse_path = outgoing->reverse_path,
		.envelope_id = parameters.envelope_id,
		.arrived = outgoing->arrived,
		.message = entry->message
	};
	enum store_error error = STORE_FULL;
	struct subject subject;
	struct report report;
	size_t i;

	(void)mail_parameters_parse(&parameters, &terms, outgoing->parameters);
	dsn.returns_header = parameters.returned == RETURN_HEADERS;
	report_init(&report);
	if (begin_subject(&subject, outgoing->count)) {
		for (i = 0; i < outgoing->count; i++)
			if (outgoing->recipients[i].state !=
			    OUTGOING_WAITING || queue_is_delayed(entry, i))
				add(&subject, entry, i);
		dsn.recipients = subject.recipients;
		dsn.count = subject.count;
		error = dsn_survey(&dsn);
		if (error == STORE_OK)
			error = report_write(&report, entry->root, &dsn);
		if (error == STORE_OK)
			error = report_place(&report);
	}
	report_end(&report);
	end_subject(&subject);
	return error;
}
