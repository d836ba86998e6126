/* DATA; see mail_data.h. */
#include "smtp-stdio/mail_data.h"

#include <stdbool.h>
#include <string.h>

#include "smtp-stdio/session.h"
#include "smtp-stdio/trace.h"
#include "stdio/deadline.h"
#include "stdio/dot_stuffing.h"
#include "stdio/log.h"
#include "store/delivery.h"

/* RFC 5321 section 6.3: this many Received lines are no loop yet. */
#define RECEIVED_LINES_MAX 100

/* The least that mail data must bring, over each window of -t seconds. */
#define OCTETS_A_SECOND_LEAST 100

/* Counts the Received lines of a header that comes in pieces. */
struct header_scan {
	bool ended;
	size_t matched;         /* of the name, in this line; or NO_MATCH */
	bool line_is_empty;
	unsigned received;
};

#define NO_MATCH SIZE_MAX

/* A message on its way from the client into the store. */
struct incoming {
	struct session *session;
	struct delivery delivery;
	struct unstuffer unstuffer;
	struct header_scan header;
	enum store_error error;         /* the first one; the rest is dropped */
	uint64_t stored;                /* octets of the message, LF ends */
	bool too_big;

	/* the window in which OCTETS_A_SECOND_LEAST has to come */
	struct deadline window_end;
	uint64_t window_octets;
};

static void
header_scan_init(struct header_scan *scan)
{
	memset(scan, 0, sizeof *scan);
	scan->line_is_empty = true;
}

static void
header_scan_add(struct header_scan *scan, const char *octets, size_t length)
{
	static const char name[] = "received:";
	size_t i;

	for (i = 0; i < length && !scan->ended; i++) {
		if (octets[i] == '\n') {
			scan->ended = scan->line_is_empty;
			scan->line_is_empty = true;
			scan->matched = 0;
			continue;
		}
		scan->line_is_empty = false;
		if (scan->matched == NO_MATCH)
			continue;
		if (text_fold(octets[i]) != name[scan->matched])
			scan->matched = NO_MATCH;
		else if (++scan->matched == sizeof name - 1) {
			scan->received++;
			scan->matched = NO_MATCH;
		}
	}
}

static void
log_trouble(enum store_error error)
{
	log_event(LOG_IS_ERROR, "delivery-failed", "error", store_error_text(error));
}

/* What the message is on the wire so far, each line end counted as CRLF. */
static uint64_t
wire_octets(const struct incoming *incoming)
{
	return incoming->stored + incoming->unstuffer.lines;
}

/* Whether the message is to be refused whatever is still to come. */
static bool
is_refused(const struct incoming *incoming)
{
	return incoming->error != STORE_OK || incoming->too_big ||
	    incoming->unstuffer.faults != 0 ||
	    incoming->header.received > RECEIVED_LINES_MAX;
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

static enum store_error
write_trace(struct incoming *incoming)
{
	struct session *session = incoming->session;
	const struct envelope *envelope = &session->envelope;
	char buffer[TRACE_SIZE];
	uint64_t lines = 0;
	struct trace trace;
	struct text text;
	size_t i;

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
	for (i = 0; i < text.length; i++)
		lines += buffer[i] == '\n';
	return delivery_write(&incoming->delivery, buffer, text.length,
	    text.length + lines);
}

/*
 * Takes a fragment of mail data; returns how much of it.  The rest of a
 * message that is refused is read like any other, and dropped.
 */
static size_t
take_fragment(struct incoming *incoming, char *fragment, size_t length)
{
	uint64_t size_max = incoming->session->settings->size_max;
	uint64_t lines = incoming->unstuffer.lines;
	size_t taken, stored;

	taken = unstuff(&incoming->unstuffer, fragment, length, &stored);
	lines = incoming->unstuffer.lines - lines;
	incoming->stored += stored;
	if (!incoming->header.ended)
		header_scan_add(&incoming->header, fragment, stored);
	if (size_max != 0 && wire_octets(incoming) > size_max)
		incoming->too_big = true;
	if (!is_refused(incoming)) {
		incoming->error = delivery_write(&incoming->delivery, fragment,
		    stored, stored + lines);
		if (incoming->error != STORE_OK)
			log_trouble(incoming->error);
	}
	if (is_refused(incoming))
		delivery_abort(&incoming->delivery);    /* room for others */
	return taken;
}

/*
 * When the next octets have to be there: before -t seconds have passed, and
 * before the window ends where that has not brought its share.
 */
static struct deadline
next_deadline(struct incoming *incoming)
{
	unsigned seconds = incoming->session->settings->common.seconds;
	uint64_t share = (uint64_t)seconds * OCTETS_A_SECOND_LEAST;
	struct deadline deadline = deadline_in(seconds);

	if (incoming->window_octets >= share) {
		if (deadline_left(incoming->window_end) > 0)
			return deadline;
		incoming->window_end = deadline;
		incoming->window_octets = 0;
	}
	return deadline_earlier(deadline, incoming->window_end);
}

/* Reads the mail data to its true end; READ_LINE, or why there is none. */
static enum read_status
read_message(struct incoming *incoming)
{
	struct line_reader *in = &incoming->session->in;

	incoming->window_end = deadline_in(incoming->session->settings->common.seconds);
	incoming->window_octets = 0;
	while (incoming->unstuffer.state != AT_END) {
		enum read_status status;
		size_t length, taken;
		char *fragment;

		status = line_reader_fragment(in, next_deadline(incoming),
		    &fragment, &length);
		if (status != READ_LINE)
			return status;
		incoming->window_octets += length;
		taken = take_fragment(incoming, fragment, length);
		line_reader_put_back(in, length - taken);
	}
	return READ_LINE;
}

/* Why a message that has come to its end is refused; NULL if it is not. */
static const struct reply *
refusal_of(const struct incoming *incoming)
{
	if (incoming->unstuffer.faults != 0)
		return reply(REPLY_LINE_ENDS);
	if (incoming->too_big)
		return reply(REPLY_TOO_BIG);
	if (incoming->header.received > RECEIVED_LINES_MAX)
		return reply(REPLY_LOOP);
	if (incoming->error != STORE_OK)
		return reply_for_delivery(incoming->error);
	return NULL;
}

/* One line for each mailbox; a message that is refused has one in all. */
static void
log_delivery(const struct incoming *incoming, size_t accounts,
    const struct reply *said)
{
	const struct session *session = incoming->session;
	const struct envelope *envelope = &session->envelope;
	size_t i, lines = said->code < 400 ? accounts : 1;

	for (i = 0; i < lines; i++) {
		struct log_line line;

		log_begin(&line, said->code < 400 ? LOG_IS_INFO :
		    LOG_IS_WARNING, "delivery");
		log_text(&line, "id", incoming->delivery.id);
		log_text(&line, "peer", session->peer->address);
		log_text(&line, "helo", session->client_name);
		if (session->user[0] != '\0')
			log_text(&line, "user", session->user);
		log_text(&line, "from", envelope->reverse_path);
		log_text(&line, "to", envelope->accounts[i]);
		if (lines < accounts)
			log_number(&line, "recipients", accounts);
		log_number(&line, "size", wire_octets(incoming));
		log_number(&line, "status", said->code);
		if (said->code >= 400)
			log_text(&line, "reason", said->text);
		log_end(&line);
	}
}

/* Delivers a message that has come whole, or says why not. */
static const struct reply *
finish(struct incoming *incoming)
{
	struct session *session = incoming->session;
	size_t accounts = envelope_unique_accounts(&session->envelope);
	const struct reply *said = refusal_of(incoming);
	char text[MESSAGE_ID_SIZE + 8];
	struct text id;

	if (said == NULL) {
		incoming->error = delivery_commit(&incoming->delivery,
		    session->envelope.accounts, accounts);
		if (incoming->error != STORE_OK) {
			log_trouble(incoming->error);
			said = reply_for_delivery(incoming->error);
		}
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

static enum store_error
begin(struct incoming *incoming, struct session *session)
{
	memset(incoming, 0, sizeof *incoming);
	incoming->session = session;
	unstuffer_init(&incoming->unstuffer,
	    session->settings->common.lf_ends_lines);
	header_scan_init(&incoming->header);
	incoming->error = delivery_begin(&incoming->delivery, &session->root,
	    session->settings->common.hostname);
	if (incoming->error == STORE_OK) {
		incoming->error = write_trace(incoming);
		if (incoming->error != STORE_OK)
			delivery_abort(&incoming->delivery);
	}
	return incoming->error;
}

const struct reply *
smtp_data(struct session *session, char *argument)
{
	struct incoming incoming;
	enum read_status status;
	enum store_error error;

	(void)argument;
	error = begin(&incoming, session);
	if (error != STORE_OK) {
		log_trouble(error);
		return reply_for_delivery(error);
	}
	session_put_line(session, reply(REPLY_START_DATA),
	    reply(REPLY_START_DATA)->text, false);
	(void)line_writer_flush(&session->out);
	status = read_message(&incoming);
	if (status == READ_LINE)
		return finish(&incoming);
	delivery_abort(&incoming.delivery);
	return session_end_input(session, status);
}
