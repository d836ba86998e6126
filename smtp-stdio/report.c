/* Reports to senders; see report.h. */
#include "smtp-stdio/report.h"

#include <errno.h>
#include <string.h>

#include "smtp-stdio/path.h"
#include "smtp-stdio/session.h"
#include "smtp-stdio/trace.h"
#include "stdio/log.h"
#include "store/account.h"
#include "store/utf8.h"

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
	if (!path_parse(&path, text, &rest) || path.domain == NULL || path.literal ||
	    !address_set(&address, path.local, path.local_length,
	    path.domain, strlen(path.domain)))
		return STORE_NOT_HOSTED;
	return account_resolve(&session->root, &address, false, account);
}

/* EmbeddedUnicodeChar = "\\x{" HEXPOINT "}", RFC 6533 section 3 */
static void
add_embedded(struct text *text, uint32_t point)
{
	static const char digits[] = "0123456789ABCDEF";
	int shift = 20;

	while (shift > 4 && point >> shift == 0)
		shift -= 4;
	text_add(text, "\\x{");
	for (; shift >= 0; shift -= 4)
		text_add_octet(text, digits[point >> shift & 15]);
	text_add_octet(text, '}');
}

/*
 * An address as ASCII, with all else embedded, and what is in others.  It is
 * well-formed UTF-8, or was refused.
 */
static void
add_address(struct text *text, const char *address, const char *others)
{
	while (*address != '\0') {
		uint32_t point;

		if ((unsigned char)*address < 0x80 &&
		    strchr(others, *address) == NULL) {
			text_add_octet(text, *address++);
			continue;
		}
		address += utf8_take(address, &point);
		add_embedded(text, point);
	}
}

/* What a report is made from. */
struct writer {
	struct report *report;
	const struct incoming *message;
	const struct envelope *envelope;
	const bool *wanted;             /* of the recipients; NULL: all */
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
typedef void add_recipient(struct text *text,
    const struct recipient *recipient);

static bool
has_failed(const struct recipient *recipient)
{
	return recipient->target_count == 0;
}

/* RFC 3461 section 5.2.7.3: one address that has become several. */
static bool
is_spread(const struct recipient *recipient)
{
	return recipient->forwarder != VIA_NONE && recipient->target_count > 1;
}

static void
add_words(struct text *text, const struct recipient *recipient)
{
	text_add(text, "  <");
	add_address(text, recipient->forward_path, "");
	text_add(text, ">\n    ");
	text_add(text, has_failed(recipient) ? "No such mailbox here" :
	    is_spread(recipient) ? "Passed on to several addresses" :
	    "Delivered");
	text_add_octet(text, '\n');
}

static void
add_fields(struct text *text, const struct recipient *recipient)
{
	const char *path = recipient->forward_path;

	text_add_octet(text, '\n');
	if (recipient->original != NULL) {
		text_add(text, "Original-Recipient: ");
		add_address(text, recipient->original, "");
		text_add_octet(text, '\n');
	}
	if (text_is_ascii(path)) {
		text_add(text, "Final-Recipient: rfc822; ");
		text_add(text, path);
	} else {                        /* QCHAR: printable but for these */
		text_add(text, "Final-Recipient: utf-8; ");
		add_address(text, path, " +=\\");
	}
	text_add(text, "\nAction: ");
	text_add(text, has_failed(recipient) ? "failed\nStatus: 5.1.1\n" :
	    is_spread(recipient) ? "relayed\nStatus: 2.1.5\n" :
	    "delivered\nStatus: 2.1.5\n");
}

/* Whether the sender wants to be told of a recipient now. */
static bool
is_told_of(const struct writer *writer, size_t i)
{
	const struct recipient *recipient = writer->envelope->recipients[i];

	return (writer->wanted == NULL || writer->wanted[i]) &&
	    recipient_is_reported(recipient, has_failed(recipient));
}

static enum store_error
put_recipients(const struct writer *writer, add_recipient *add)
{
	enum store_error error = STORE_OK;
	char buffer[PIECE_SIZE];
	struct text text;
	size_t i;

	for (i = 0; i < writer->envelope->count && error == STORE_OK; i++) {
		if (!is_told_of(writer, i))
			continue;
		text_init(&text, buffer, sizeof buffer);
		add(&text, writer->envelope->recipients[i]);
		error = put_text(writer, &text);
	}
	return error;
}

static enum store_error
put_words(const struct writer *writer)
{
	static const char failed[] =
	    "Your message has not reached everybody.  What became of it:\n\n";
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

/* Looks for somebody to be told of; finds out whether one of them has failed. */
static bool
has_something_to_tell(struct writer *writer)
{
	bool has_any = false;
	size_t i;

	for (i = 0; i < writer->envelope->count; i++)
		if (is_told_of(writer, i)) {
			has_any = true;
			if (has_failed(writer->envelope->recipients[i]))
				writer->has_failures = true;
		}
	return has_any;
}

enum store_error
report_write(struct report *report, const struct incoming *message,
    const bool *wanted)
{
	struct session *session = message->session;
	struct writer writer = {
		.report = report,
		.message = message,
		.envelope = &session->envelope,
		.wanted = wanted,
		.hostname = session->settings->common.hostname
	};
	struct address sender;
	enum store_error error;

	report->delivery.file = -1;
	if (!has_something_to_tell(&writer))
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
	error = delivery_place(&report->delivery, accounts, 1);
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

	delivery_end(&report->delivery);
	errno = saved;
}
