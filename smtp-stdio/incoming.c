/* A message on its way into the store; see incoming.h. */
#include "smtp-stdio/incoming.h"

#include <string.h>

#include "smtp-stdio/deliver.h"
#include "smtp-stdio/session.h"
#include "smtp-stdio/trace.h"
#include "stdio/deadline.h"
#include "stdio/log.h"

/* RFC 5321 section 6.3: this many Received lines are no loop yet. */
#define RECEIVED_LINES_MAX 100

/* Room for a Date and a Message-ID. */
#define ADDED_SIZE (HOSTNAME_SIZE + 128)

void
incoming_log_trouble(const struct incoming *incoming, enum store_error error)
{
	struct log_line line;

	log_begin(&line, LOG_IS_ERROR, "delivery-failed");
	log_text(&line, "id", incoming->delivery.id);
	log_text(&line, "peer", incoming->session->peer->address);
	log_text(&line, "error", store_error_text(error));
	log_end(&line);
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

/* What writing to the message's file has come to; the first failure sticks. */
static void
note_result(struct incoming *incoming, enum store_error error)
{
	incoming->error = error;
	if (error != STORE_OK)
		incoming_log_trouble(incoming, error);
}

static void
write_octets(struct incoming *incoming, const char *octets, size_t length,
    uint64_t lines)
{
	if (incoming->error == STORE_OK && length > 0)
		note_result(incoming, delivery_write(&incoming->delivery,
		    octets, length, length + lines));
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

/*
 * What stands behind "with": RFC 3848, RFC 6531 section 4.3, and RFC 5321
 * section 4.4 after HELO.
 */
static void
add_protocol(struct text *text, const struct session *session)
{
	bool is_lmtp = session->settings->lmtp;

	if (session->envelope.parameters.has_utf8)
		text_add(text, is_lmtp ? "UTF8LMTP" : "UTF8SMTP");
	else
		text_add(text, is_lmtp ? "LMTP" :
		    session->extended ? "ESMTP" : "SMTP");
	if (!session->extended)
		return;
	if (session->settings->common.is_protected)
		text_add_octet(text, 'S');
	if (session->user[0] != '\0')
		text_add_octet(text, 'A');
}

static void
write_trace(struct incoming *incoming)
{
	struct session *session = incoming->session;
	const struct envelope *envelope = &session->envelope;
	char buffer[TRACE_SIZE], word[16];
	struct trace trace;
	struct text text, protocol;

	text_init(&protocol, word, sizeof word);
	add_protocol(&protocol, session);
	trace.reverse_path = envelope->reverse_path;
	trace.forward_path =
	    envelope->count == 1 ? envelope->recipients[0]->forward_path : NULL;
	trace.client_name = session->client_name;
	trace.peer = session->peer;
	trace.hostname = session->settings->common.hostname;
	trace.protocol = word;
	trace.id = incoming->delivery.id;
	trace.seconds = incoming->delivery.seconds;
	text_init(&text, buffer, sizeof buffer);
	trace_write(&trace, &text);
	write_text(incoming, &text);
}

/* A forwarder that has had the message before does not send it on again. */
static void
note_loop(void *context, const char *address)
{
	struct expansion *expansion = context;
	size_t i;

	for (i = 0; i < expansion->forwarder_count; i++)
		if (strcmp(expansion->forwarders[i].account, address) == 0)
			expansion->forwarders[i].loops = true;
}

const struct reply *
incoming_begin(struct incoming *incoming, struct session *session)
{
	memset(incoming, 0, sizeof *incoming);
	incoming->session = session;
	incoming->began = deadline_clock();
	header_scan_init(&incoming->header);
	incoming->header.delivered_to = note_loop;
	incoming->header.context = &session->envelope.expansion;
	incoming->error = delivery_begin(&incoming->delivery, &session->root,
	    session->settings->common.hostname);
	if (incoming->error != STORE_OK) {
		incoming_log_trouble(incoming, incoming->error);
		return reply_for_delivery(incoming->error);
	}
	write_trace(incoming);
	incoming->start = incoming->delivery.sizes.disk;
	if (incoming->error == STORE_OK)
		return NULL;
	delivery_end(&incoming->delivery);
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
	uint64_t header_lines = incoming->header.lines;
	size_t header = header_scan_add(&incoming->header, octets, length);

	header_lines = incoming->header.lines - header_lines;
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
		delivery_end(&incoming->delivery);    /* room for others */
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

const struct reply *
incoming_chunk_refusal(const struct incoming *incoming)
{
	if (is_too_big(incoming))
		return reply(REPLY_TOO_BIG);
	return incoming->error == STORE_OK ? NULL :
	    reply_for_delivery(incoming->error);
}

void
incoming_end_line(struct incoming *incoming)
{
	static const char line_end[] = "\n";

	incoming->octets -= 2;
	incoming_add(incoming, line_end, 1, 1);
}

enum store_error
incoming_survey(struct incoming *incoming, const char *trace, size_t length)
{
	uint64_t end = incoming->delivery.sizes.disk;
	struct header_scan header;
	char buffer[4096];

	header_scan_init(&header);
	incoming->start = incoming->header_end = 0;
	while (!header.ended && incoming->header_end < end) {
		ssize_t got = delivery_read(&incoming->delivery, buffer,
		    sizeof buffer, incoming->header_end);

		if (got <= 0)
			return STORE_FAILED;
		if (incoming->header_end == 0 && (size_t)got >= length &&
		    memcmp(buffer, trace, length) == 0)
			incoming->start = length;
		incoming->header_end +=
		    header_scan_add(&header, buffer, (size_t)got);
	}
	incoming->header.has_eight_bits = header.has_eight_bits;
	return STORE_OK;
}

const struct reply *
incoming_finish(struct incoming *incoming)
{
	struct session *session = incoming->session;
	const char *rule = rules_apply(&session->settings->common.rules, ".");
	const struct reply *said = NULL;

	if (!is_refused(incoming) && !incoming->header.ended)
		end_header(incoming);
	if (!is_refused(incoming))
		note_result(incoming, delivery_flush(&incoming->delivery));
	if (rule != NULL)
		session_say(session, rule, session->settings->lmtp ?
		    session->envelope.count : 1);
	else
		said = deliver(incoming, refusal_of(incoming));
	delivery_end(&incoming->delivery);
	smtp_enter_state(session, GREETED);
	return said;
}

void
incoming_abort(struct incoming *incoming)
{
	delivery_end(&incoming->delivery);
}
