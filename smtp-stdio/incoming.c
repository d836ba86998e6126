/* A message on its way into the store; see incoming.h. */
#include "smtp-stdio/incoming.h"

#include <string.h>

#include "smtp-stdio/report.h"
#include "smtp-stdio/session.h"
#include "smtp-stdio/trace.h"
#include "stdio/log.h"

/* RFC 5321 section 6.3: this many Received lines are no loop yet. */
#define RECEIVED_LINES_MAX 100

/* Room for a Date and a Message-ID. */
#define ADDED_SIZE (HOSTNAME_SIZE + 128)

static void
log_trouble(enum store_error error)
{
	log_event(LOG_IS_ERROR, "delivery-failed", "error", store_error_text(error));
}

static bool
is_too_big(const struct incoming *incoming)
{
	uint64_t size_max = incoming->session->settings->size_max;

	return size_max != 0 && incoming->octets > size_max;
}

/* Whether the message is to be refused whatever is still to come. */
static bool
is_refused(const struct incoming *incoming)
{
	return incoming->error != STORE_OK || incoming->has_bad_lines ||
	    is_too_big(incoming) ||
	    incoming->header.received > RECEIVED_LINES_MAX;
}

/* Writes to the message's file; the first failure sticks. */
static void
write_octets(struct incoming *incoming, const char *octets, size_t length,
    uint64_t lines)
{
	if (incoming->error != STORE_OK || length == 0)
		return;
	incoming->error = delivery_write(&incoming->delivery, octets, length,
	    length + lines);
	if (incoming->error != STORE_OK)
		log_trouble(incoming->error);
}

static void
write_text(struct incoming *incoming, const struct text *text)
{
	uint64_t lines = 0;
	size_t i;

	for (i = 0; i < text->length; i++)
		lines += text->start[i] == '\n';
	write_octets(incoming, text->start, text->length, lines);
}

/* What stands behind "with": RFC 3848, and RFC 5321 section 4.4 after HELO. */
static const char *
protocol_of(const struct session *session)
{
	bool is_protected = session->settings->common.is_protected;

	if (!session->extended)
		return "SMTP";
	if (session->user[0] == '\0')
		return is_protected ? "ESMTPS" : "ESMTP";
	return is_protected ? "ESMTPSA" : "ESMTPA";
}

static void
write_trace(struct incoming *incoming)
{
	struct session *session = incoming->session;
	const struct envelope *envelope = &session->envelope;
	char buffer[TRACE_SIZE];
	struct trace trace;
	struct text text;

	trace.reverse_path = envelope->reverse_path;
	trace.forward_path =
	    envelope->count == 1 ? envelope->forward_path : NULL;
	trace.client_name = session->client_name;
	trace.peer = session->peer;
	trace.hostname = session->settings->common.hostname;
	trace.protocol = protocol_of(session);
	trace.id = incoming->delivery.id;
	trace.seconds = incoming->delivery.seconds;
	text_init(&text, buffer, sizeof buffer);
	trace_write(&trace, &text);
	write_text(incoming, &text);
}

const struct reply *
incoming_begin(struct incoming *incoming, struct session *session)
{
	memset(incoming, 0, sizeof *incoming);
	incoming->session = session;
	header_scan_init(&incoming->header);
	incoming->error = delivery_begin(&incoming->delivery, &session->root,
	    session->settings->common.hostname);
	if (incoming->error != STORE_OK) {
		log_trouble(incoming->error);
		return reply_for_delivery(incoming->error);
	}
	write_trace(incoming);
	incoming->start = incoming->delivery.sizes.disk;
	if (incoming->error == STORE_OK)
		return NULL;
	delivery_abort(&incoming->delivery);
	return reply_for_delivery(incoming->error);
}

/* RFC 6409 section 8: what a submitted message's header lacks. */
static void
complete_header(struct incoming *incoming)
{
	char buffer[ADDED_SIZE];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	if (!incoming->header.has_date) {
		text_add(&text, "Date: ");
		date_write(&text, incoming->delivery.seconds);
		text_add_octet(&text, '\n');
	}
	if (!incoming->header.has_message_id) {
		text_add(&text, "Message-ID: <");
		text_add(&text, incoming->delivery.id);
		text_add_octet(&text, '@');
		text_add(&text, incoming->session->settings->common.hostname);
		text_add(&text, ">\n");
	}
	write_text(incoming, &text);
}

/* The header has come to its end. */
static void
end_header(struct incoming *incoming)
{
	if (incoming->session->settings->submission)
		complete_header(incoming);
	incoming->header_end = incoming->delivery.sizes.disk;
}

/*
 * Writes as much of the octets as is the header's; returns how much that was,
 * and takes its line ends off *lines.
 */
static size_t
add_header(struct incoming *incoming, const char *octets, size_t length,
    uint64_t *lines)
{
	size_t header = header_scan_add(&incoming->header, octets, length), i;
	uint64_t header_lines = 0;

	for (i = 0; i < header; i++)
		header_lines += octets[i] == '\n';
	write_octets(incoming, octets, header, header_lines);
	if (incoming->header.ended)
		end_header(incoming);
	*lines -= header_lines;
	return header;
}

void
incoming_add(struct incoming *incoming, const char *octets, size_t length,
    uint64_t lines)
{
	incoming->octets += length + lines;
	if (!is_refused(incoming) && !incoming->header.ended) {
		size_t header = add_header(incoming, octets, length, &lines);

		octets += header;
		length -= header;
	}
	if (!is_refused(incoming))
		write_octets(incoming, octets, length, lines);
	if (is_refused(incoming))
		delivery_abort(&incoming->delivery);    /* room for others */
}

/* Why a message that has come to its end is refused; NULL if it is not. */
static const struct reply *
refusal_of(const struct incoming *incoming)
{
	if (incoming->has_bad_lines)
		return reply(REPLY_LINE_ENDS);
	if (is_too_big(incoming))
		return reply(REPLY_TOO_BIG);
	if (incoming->header.received > RECEIVED_LINES_MAX)
		return reply(REPLY_LOOP);
	if (incoming->error != STORE_OK)
		return reply_for_delivery(incoming->error);
	return NULL;
}

/*
 * One line for each mailbox; one in all for a message that is refused, or
 * that only a report is made of.
 */
static void
log_delivery(const struct incoming *incoming, size_t accounts,
    const struct reply *said)
{
	const struct session *session = incoming->session;
	const struct envelope *envelope = &session->envelope;
	bool is_refusal = said->code >= 400;
	size_t i, lines = is_refusal || accounts == 0 ? 1 : accounts;

	for (i = 0; i < lines; i++) {
		struct log_line line;

		log_begin(&line, is_refusal ? LOG_IS_WARNING : LOG_IS_INFO,
		    "delivery");
		log_text(&line, "id", incoming->delivery.id);
		log_text(&line, "peer", session->peer->address);
		log_text(&line, "helo", session->client_name);
		if (session->user[0] != '\0')
			log_text(&line, "user", session->user);
		log_text(&line, "from", envelope->reverse_path);
		log_text(&line, "to", accounts > 0 ? envelope->accounts[i] :
		    "");
		if (lines < accounts)
			log_number(&line, "recipients", accounts);
		log_number(&line, "size", incoming->octets);
		log_number(&line, "status", said->code);
		if (is_refusal)
			log_text(&line, "reason", said->text);
		log_end(&line);
	}
}

/*
 * Delivers the message and its report: both, or neither.  The report is
 * written while the message can still be read.
 */
static enum store_error
deliver(struct incoming *incoming, size_t accounts)
{
	struct envelope *envelope = &incoming->session->envelope;
	enum store_error error;
	struct report report;

	error = report_write(&report, incoming);
	if (error == STORE_OK && accounts > 0)
		error = delivery_commit(&incoming->delivery,
		    envelope->accounts, accounts);
	if (error == STORE_OK) {
		error = report_deliver(&report);
		if (error != STORE_OK)
			delivery_revoke(&incoming->delivery,
			    envelope->accounts, accounts);
	}
	report_abort(&report);
	if (error != STORE_OK)
		log_trouble(error);
	return error;
}

const struct reply *
incoming_finish(struct incoming *incoming)
{
	struct session *session = incoming->session;
	size_t accounts = envelope_unique_accounts(&session->envelope);
	const struct reply *said;
	char text[MESSAGE_ID_SIZE + 8];
	struct text id;

	if (!is_refused(incoming) && !incoming->header.ended)
		end_header(incoming);
	said = refusal_of(incoming);
	if (said == NULL) {
		incoming->error = deliver(incoming, accounts);
		said = refusal_of(incoming);
	}
	if (said == NULL) {
		text_init(&id, text, sizeof text);
		text_add(&id, "OK id=");
		text_add(&id, incoming->delivery.id);
		said = session_reply_with(session, REPLY_DELIVERED, text);
		session->messages++;
	}
	log_delivery(incoming, accounts, said);
	delivery_abort(&incoming->delivery);
	smtp_enter_state(session, GREETED);
	return said;
}

void
incoming_abort(struct incoming *incoming)
{
	delivery_abort(&incoming->delivery);
}
