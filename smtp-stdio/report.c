/* Reports to senders; see report.h. */
#include "smtp-stdio/report.h"

#include <errno.h>
#include <string.h>

#include "smtp-stdio/path.h"
#include "smtp-stdio/session.h"
#include "smtp-stdio/trace.h"
#include "stdio/log.h"
#include "store/account.h"

/* Room for what is written at once: one recipient, or the head. */
#define PIECE_SIZE 4096

enum store_error
report_find_sender(struct session *session, struct address *account)
{
	char text[PATH_OCTETS_MAX + 3] = "<";
	struct address address;
	const char *rest;
	struct path path;
	size_t length;

	length = strlen(session->envelope.reverse_path);
	memcpy(text + 1, session->envelope.reverse_path, length);
	memcpy(text + 1 + length, ">", 2);
	if (path_parse(&path, text, &rest) != PATH_OK ||
	    path.domain == NULL || path.literal ||
	    !address_set(&address, path.local, path.local_length,
	    path.domain, strlen(path.domain)))
		return STORE_NOT_HOSTED;
	return account_resolve(&session->root, &address, false, account);
}

/* What a report is made from. */
struct writer {
	struct report *report;
	const struct incoming *message;
	const struct envelope *envelope;
	const char *hostname;
	const char *domain;             /* of the sender */
	bool has_failures;
	bool has_eight_bits;            /* in what is returned */
	uint64_t end;                   /* of what is returned, in the file */
};

static enum store_error
put_octets(const struct writer *writer, const char *octets, size_t length)
{
	uint64_t lines = 0;
	size_t i;

	for (i = 0; i < length; i++)
		lines += octets[i] == '\n';
	return delivery_write(&writer->report->delivery, octets, length,
	    length + lines);
}

static enum store_error
put_text(const struct writer *writer, const struct text *text)
{
	return put_octets(writer, text->start, text->length);
}

/* "--" boundary: the report's id, which nobody could know before. */
static void
add_boundary(struct text *text, const struct writer *writer, const char *tail)
{
	text_add(text, "\n--");
	text_add(text, writer->report->delivery.id);
	text_add(text, tail);
	text_add_octet(text, '\n');
}

/* RFC 2045 section 6.4: of a part, and of what it is a part of. */
static void
add_encoding(struct text *text, const struct writer *writer)
{
	if (writer->has_eight_bits)
		text_add(text, "Content-Transfer-Encoding: 8bit\n");
}

/* RFC 3461 section 6.1: from the null sender, so that nothing answers it. */
static enum store_error
put_head(const struct writer *writer)
{
	const struct delivery *delivery = &writer->report->delivery;
	char buffer[PIECE_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	text_add(&text, "Return-Path: <>\nDate: ");
	date_write(&text, delivery->seconds);
	text_add(&text, "\nFrom: Mail delivery <postmaster@");
	text_add(&text, writer->domain);
	text_add(&text, ">\nTo: <");
	text_add(&text, writer->envelope->reverse_path);
	text_add(&text, ">\nSubject: ");
	text_add(&text, writer->has_failures ?
	    "Your message could not be delivered" :
	    "Your message has been delivered");
	text_add(&text, "\nMessage-ID: <");
	text_add(&text, delivery->id);
	text_add_octet(&text, '@');
	text_add(&text, writer->hostname);
	text_add(&text, ">\nAuto-Submitted: auto-replied\n"
	    "MIME-Version: 1.0\n");
	add_encoding(&text, writer);
	text_add(&text, "Content-Type: multipart/report; report-type=delivery-status;\n"
	    "\tboundary=\"");
	text_add(&text, delivery->id);
	text_add(&text, "\"\n\nThis is a MIME message.\n");
	add_boundary(&text, writer, "");
	text_add(&text, "Content-Type: text/plain; charset=us-ascii\n\n"
	    "This is the mail system at ");
	text_add(&text, writer->hostname);
	text_add(&text, ".\n\n");
	return put_text(writer, &text);
}

/* Puts a line for a person, or the fields of RFC 3464 section 2.3. */
typedef void add_recipient(struct text *text, const struct reported *reported);

static void
add_words(struct text *text, const struct reported *reported)
{
	text_add(text, "  <");
	text_add(text, reported->forward_path);
	text_add(text, reported->failed ? ">\n    No such mailbox here\n" :
	    ">\n    Delivered\n");
}

static void
add_fields(struct text *text, const struct reported *reported)
{
	text_add_octet(text, '\n');
	if (reported->original != NULL) {
		text_add(text, "Original-Recipient: ");
		text_add(text, reported->original);
		text_add_octet(text, '\n');
	}
	text_add(text, "Final-Recipient: rfc822; ");
	text_add(text, reported->forward_path);
	text_add(text, reported->failed ?
	    "\nAction: failed\nStatus: 5.1.1\n" :
	    "\nAction: delivered\nStatus: 2.1.5\n");
}

static enum store_error
put_recipients(const struct writer *writer, add_recipient *add)
{
	enum store_error error = STORE_OK;
	char buffer[PIECE_SIZE];
	struct text text;
	size_t i;

	for (i = 0; i < writer->envelope->reported_count &&
	    error == STORE_OK; i++) {
		text_init(&text, buffer, sizeof buffer);
		add(&text, writer->envelope->reported[i]);
		error = put_text(writer, &text);
	}
	return error;
}

static enum store_error
put_words(const struct writer *writer)
{
	static const char failed[] =
	    "Your message could not be delivered to all recipients.\n\n";
	static const char delivered[] =
	    "As you have asked to be told: your message has been delivered.\n\n";
	enum store_error error;

	error = writer->has_failures ?
	    put_octets(writer, failed, sizeof failed - 1) :
	    put_octets(writer, delivered, sizeof delivered - 1);
	return error == STORE_OK ? put_recipients(writer, add_words) : error;
}

/* message/delivery-status, RFC 3464 section 2 */
static enum store_error
put_status(const struct writer *writer)
{
	const char *id = writer->envelope->parameters.envelope_id;
	enum store_error error;
	char buffer[PIECE_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	add_boundary(&text, writer, "");
	text_add(&text, "Content-Type: message/delivery-status\n\n");
	if (*id != '\0') {
		text_add(&text, "Original-Envelope-Id: ");
		text_add(&text, id);
		text_add_octet(&text, '\n');
	}
	text_add(&text, "Reporting-MTA: dns; ");
	text_add(&text, writer->hostname);
	text_add(&text, "\nArrival-Date: ");
	date_write(&text, writer->message->delivery.seconds);
	text_add_octet(&text, '\n');
	error = put_text(writer, &text);
	return error == STORE_OK ? put_recipients(writer, add_fields) : error;
}

/* RFC 3461 section 4.3: a failure returns all, unless RET says otherwise. */
static bool
returns_all(const struct writer *writer)
{
	return writer->has_failures &&
	    writer->envelope->parameters.returned != RETURN_HEADERS;
}

/*
 * Goes through what is returned, piece by piece: looks for octets from 0x80
 * on, or copies it.
 */
static enum store_error
read_returned(struct writer *writer, bool copy)
{
	uint64_t at = writer->message->start;
	char buffer[32768];

	while (at < writer->end) {
		uint64_t left = writer->end - at;
		enum store_error error = STORE_OK;
		ssize_t got, i;

		got = delivery_read(&writer->message->delivery, buffer,
		    left < sizeof buffer ? (size_t)left : sizeof buffer, at);
		if (got <= 0)
			return STORE_FAILED;
		if (copy)
			error = put_octets(writer, buffer, (size_t)got);
		else
			for (i = 0; i < got; i++)
				if ((unsigned char)buffer[i] >= 0x80)
					writer->has_eight_bits = true;
		if (error != STORE_OK)
			return error;
		at += (uint64_t)got;
	}
	return STORE_OK;
}

/* The message or its header; RFC 6533 section 4 where that is not ASCII. */
static enum store_error
put_returned(struct writer *writer)
{
	bool is_global = writer->message->header.has_eight_bits;
	enum store_error error;
	char buffer[PIECE_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	add_boundary(&text, writer, "");
	text_add(&text, "Content-Type: ");
	if (returns_all(writer))
		text_add(&text, is_global ? "message/global" :
		    "message/rfc822");
	else
		text_add(&text, is_global ? "message/global-headers" :
		    "text/rfc822-headers");
	text_add_octet(&text, '\n');
	add_encoding(&text, writer);
	text_add_octet(&text, '\n');
	error = put_text(writer, &text);
	if (error == STORE_OK)
		error = read_returned(writer, true);
	if (error != STORE_OK)
		return error;
	text_init(&text, buffer, sizeof buffer);
	add_boundary(&text, writer, "--");
	return put_text(writer, &text);
}

static enum store_error
put_all(struct writer *writer)
{
	enum store_error error;

	error = read_returned(writer, false);
	if (error == STORE_OK)
		error = put_head(writer);
	if (error == STORE_OK)
		error = put_words(writer);
	if (error == STORE_OK)
		error = put_status(writer);
	if (error == STORE_OK)
		error = put_returned(writer);
	return error;
}

static bool
has_failures(const struct envelope *envelope)
{
	size_t i;

	for (i = 0; i < envelope->reported_count; i++)
		if (envelope->reported[i]->failed)
			return true;
	return false;
}

enum store_error
report_write(struct report *report, const struct incoming *message)
{
	struct session *session = message->session;
	struct writer writer = {
		.report = report,
		.message = message,
		.envelope = &session->envelope,
		.hostname = session->settings->common.hostname,
		.has_failures = has_failures(&session->envelope)
	};
	struct address sender;
	enum store_error error;

	report->delivery.file = -1;
	if (writer.envelope->reported_count == 0)
		return STORE_OK;
	error = report_find_sender(session, &sender);
	if (error != STORE_OK)          /* nobody here is to be told */
		return error == STORE_NOT_HOSTED || error == STORE_NOT_FOUND ?
		    STORE_OK : error;
	writer.domain = sender.domain;
	writer.end = returns_all(&writer) ? message->delivery.sizes.disk :
	    message->header_end;
	address_text(&sender, report->sender);
	error = delivery_begin(&report->delivery, &session->root,
	    writer.hostname);
	if (error == STORE_OK) {
		error = put_all(&writer);
		if (error != STORE_OK)
			report_abort(report);
	}
	return error;
}

enum store_error
report_deliver(struct report *report)
{
	char *const accounts[1] = { report->sender };
	enum store_error error;
	struct log_line line;

	if (report->delivery.file == -1)
		return STORE_OK;
	error = delivery_commit(&report->delivery, accounts, 1);
	if (error != STORE_OK)
		return error;
	log_begin(&line, LOG_IS_INFO, "report");
	log_text(&line, "id", report->delivery.id);
	log_text(&line, "to", report->sender);
	log_end(&line);
	return STORE_OK;
}

void
report_abort(struct report *report)
{
	int saved = errno;

	delivery_abort(&report->delivery);
	errno = saved;
}
