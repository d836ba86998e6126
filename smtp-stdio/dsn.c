/* Delivery status notifications; see dsn.h. */
#include "smtp-stdio/dsn.h"

#include <string.h>

#include "smtp-stdio/header.h"
#include "smtp-stdio/trace.h"
#include "store/durable.h"
#include "store/utf8.h"

/* Room for what is written at once: one recipient, or the head. */
#define PIECE_SIZE 8192

/* A report that is being written. */
struct writer {
	const struct dsn *dsn;
	struct delivery *report;
	const char *domain;
	enum dsn_action gravest;        /* of all recipients */
	bool has_eight_bits;            /* in what is returned */
	uint64_t end;                   /* of what is returned, in the file */
};

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

/* What another host has said, which may be anything. */
static void
add_printable(struct text *text, const char *said)
{
	for (; *said != '\0'; said++)
		text_add_octet(text, *said >= 0x20 && *said < 0x7f ? *said :
		    '?');
}

static enum store_error
put_octets(const struct writer *writer, const char *octets, size_t length)
{
	uint64_t lines = 0;
	size_t i;

	for (i = 0; i < length; i++)
		lines += octets[i] == '\n';
	return delivery_write(writer->report, octets, length, length + lines);
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
	text_add(text, writer->report->id);
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

static const char *
subject_of(enum dsn_action gravest)
{
	switch (gravest) {
	case DSN_FAILED:
		return "Your message could not be delivered";
	case DSN_DELAYED:
		return "Your message is late";
	case DSN_DELIVERED:
		return "Your message has been delivered";
	case DSN_RELAYED:
		break;
	}
	return "Your message has been passed on";
}

/* RFC 3461 section 6.1: from the null sender, so that nothing answers it. */
static enum store_error
put_head(const struct writer *writer)
{
	const struct delivery *report = writer->report;
	char buffer[PIECE_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	text_add(&text, "Return-Path: <>\nDate: ");
	date_write(&text, report->seconds);
	text_add(&text, "\nFrom: Mail delivery <postmaster@");
	text_add(&text, writer->domain);
	text_add(&text, ">\nTo: <");
	text_add(&text, writer->dsn->reverse_path);
	text_add(&text, ">\nSubject: ");
	text_add(&text, subject_of(writer->gravest));
	text_add(&text, "\nMessage-ID: <");
	text_add(&text, report->id);
	text_add_octet(&text, '@');
	text_add(&text, writer->dsn->hostname);
	text_add(&text, ">\nAuto-Submitted: auto-replied\n"
	    "MIME-Version: 1.0\n");
	add_encoding(&text, writer);
	text_add(&text, "Content-Type: multipart/report; report-type=delivery-status;\n"
	    "\tboundary=\"");
	text_add(&text, report->id);
	text_add(&text, "\"\n\nThis is a MIME message.\n");
	add_boundary(&text, writer, "");
	text_add(&text, "Content-Type: text/plain; charset=us-ascii\n\n"
	    "This is the mail system at ");
	text_add(&text, writer->dsn->hostname);
	text_add(&text, ".\n\n");
	return put_text(writer, &text);
}

/* Puts lines for a person, or the fields of RFC 3464 section 2.3. */
typedef void add_recipient(struct text *text,
    const struct dsn_recipient *recipient);

static void
add_words(struct text *text, const struct dsn_recipient *recipient)
{
	text_add(text, "  <");
	add_address(text, recipient->forward_path, "");
	text_add(text, ">\n    ");
	text_add(text, recipient->words);
	text_add_octet(text, '\n');
	if (*recipient->said == '\0')
		return;
	text_add(text, "    ");
	add_printable(text, recipient->server);
	text_add(text, " has said:\n    ");
	add_printable(text, recipient->said);
	text_add_octet(text, '\n');
}

static const char *
action_word(enum dsn_action action)
{
	switch (action) {
	case DSN_FAILED:
		return "failed";
	case DSN_DELAYED:
		return "delayed";
	case DSN_DELIVERED:
		return "delivered";
	case DSN_RELAYED:
		break;
	}
	return "relayed";
}

/* A field, where there is something to say. */
static void
add_field(struct text *text, const char *name, const char *value)
{
	if (*value == '\0')
		return;
	text_add(text, name);
	add_printable(text, value);
	text_add_octet(text, '\n');
}

static void
add_date(struct text *text, const char *name, int64_t seconds)
{
	if (seconds == 0)
		return;
	text_add(text, name);
	date_write(text, seconds);
	text_add_octet(text, '\n');
}

static void
add_fields(struct text *text, const struct dsn_recipient *recipient)
{
	const char *path = recipient->forward_path;

	text_add_octet(text, '\n');
	if (*recipient->original != '\0') {
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
	text_add_octet(text, '\n');
	add_field(text, "Action: ", action_word(recipient->action));
	add_field(text, "Status: ", recipient->status);
	add_field(text, "Remote-MTA: dns; ", recipient->server);
	add_field(text, "Diagnostic-Code: smtp; ", recipient->said);
	add_date(text, "Last-Attempt-Date: ", recipient->last_attempt);
	add_date(text, "Will-Retry-Until: ", recipient->retry_until);
}

static enum store_error
put_recipients(const struct writer *writer, add_recipient *add)
{
	enum store_error error = STORE_OK;
	char buffer[PIECE_SIZE];
	struct text text;
	size_t i;

	for (i = 0; i < writer->dsn->count && error == STORE_OK; i++) {
		text_init(&text, buffer, sizeof buffer);
		add(&text, &writer->dsn->recipients[i]);
		error = put_text(writer, &text);
	}
	return error;
}

static const char *
opening_of(enum dsn_action gravest)
{
	switch (gravest) {
	case DSN_FAILED:
		return "Your message has not reached everybody.  "
		    "What became of it:\n\n";
	case DSN_DELAYED:
		return "Your message has not reached everybody yet.  "
		    "It is tried again;\nyou need not send it again.\n\n";
	case DSN_DELIVERED:
		return "As you have asked to be told: "
		    "your message has been delivered.\n\n";
	case DSN_RELAYED:
		break;
	}
	return "As you have asked to be told: your message has been passed on, "
	    "and\nnothing more will be said of it when it arrives.\n\n";
}

static enum store_error
put_words(const struct writer *writer)
{
	const char *opening = opening_of(writer->gravest);
	enum store_error error = put_octets(writer, opening, strlen(opening));

	return error == STORE_OK ? put_recipients(writer, add_words) : error;
}

/* message/delivery-status, RFC 3464 section 2 */
static enum store_error
put_status(const struct writer *writer)
{
	enum store_error error;
	char buffer[PIECE_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	add_boundary(&text, writer, "");
	text_add(&text, "Content-Type: message/delivery-status\n\n");
	add_field(&text, "Original-Envelope-Id: ", writer->dsn->envelope_id);
	text_add(&text, "Reporting-MTA: dns; ");
	text_add(&text, writer->dsn->hostname);
	text_add(&text, "\nArrival-Date: ");
	date_write(&text, writer->dsn->arrived);
	text_add_octet(&text, '\n');
	error = put_text(writer, &text);
	return error == STORE_OK ? put_recipients(writer, add_fields) : error;
}

/* RFC 3461 section 4.3: a failure returns all, unless RET says otherwise. */
static bool
returns_all(const struct writer *writer)
{
	return writer->gravest == DSN_FAILED && !writer->dsn->returns_header;
}

/*
 * Goes through what is returned, piece by piece: looks for octets from 0x80
 * on, or copies it.
 */
static enum store_error
read_returned(struct writer *writer, bool copy)
{
	uint64_t at = writer->dsn->start;
	char buffer[32768];

	while (at < writer->end) {
		uint64_t left = writer->end - at;
		enum store_error error = STORE_OK;
		ssize_t got, i;

		got = durable_read_at(writer->dsn->message, buffer,
		    left < sizeof buffer ? (size_t)left : sizeof buffer,
		    (off_t)at);
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
	bool is_global = writer->dsn->has_utf8_header;
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

enum store_error
dsn_write(const struct dsn *dsn, const char *domain, struct delivery *report)
{
	struct writer writer = {
		.dsn = dsn,
		.report = report,
		.domain = domain,
		.gravest = DSN_RELAYED
	};
	enum store_error error;
	size_t i;

	for (i = 0; i < dsn->count; i++)
		if (dsn->recipients[i].action < writer.gravest)
			writer.gravest = dsn->recipients[i].action;
	writer.end = returns_all(&writer) ? dsn->end : dsn->header_end;
	error = read_returned(&writer, false);
	if (error == STORE_OK)
		error = put_head(&writer);
	if (error == STORE_OK)
		error = put_words(&writer);
	if (error == STORE_OK)
		error = put_status(&writer);
	if (error == STORE_OK)
		error = put_returned(&writer);
	return error;
}

enum store_error
dsn_survey(struct dsn *dsn)
{
	struct header_scan header;
	char buffer[4096];
	struct stat status;

	if (durable_file_status(dsn->message, &status) == -1)
		return STORE_FAILED;
	header_scan_init(&header);
	dsn->start = dsn->header_end = 0;
	dsn->end = (uint64_t)status.st_size;
	while (!header.ended && dsn->header_end < dsn->end) {
		ssize_t got = durable_read_at(dsn->message, buffer,
		    sizeof buffer, (off_t)dsn->header_end);

		if (got <= 0)
			return STORE_FAILED;
		if (dsn->header_end == 0)
			dsn->start = trace_top_length(buffer,
			    (size_t)got);
		dsn->header_end +=
		    header_scan_add(&header, buffer, (size_t)got);
	}
	dsn->has_utf8_header = header.has_eight_bits;
	return STORE_OK;
}
