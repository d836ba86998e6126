/* What becomes of a message that has come whole; see deliver.h. */
#include "smtp-stdio/deliver.h"

#include <stdlib.h>

#include "smtp-stdio/filter.h"
#include "smtp-stdio/notification.h"
#include "smtp-stdio/placing.h"
#include "smtp-stdio/report.h"
#include "smtp-stdio/session.h"
#include "smtp-stdio/trace.h"
#include "stdio/deadline.h"
#include "stdio/log.h"

/*
 * The message's line in the log: for a mailbox or an address elsewhere, for a
 * recipient, or for all of them.
 */
static void
log_delivery(const struct incoming *incoming, const char *to, const char *via,
    const char *queued, const struct reply *said)
{
	const struct session *session = incoming->session;
	bool is_refusal = said->code >= 400;
	struct log_line line;

	log_begin(&line, is_refusal ? LOG_IS_WARNING : LOG_IS_INFO, "delivery");
	log_text(&line, "id", incoming->delivery.id);
	log_text(&line, "peer", session->peer->address);
	log_text(&line, "helo", session->client_name);
	if (session->user[0] != '\0')
		log_text(&line, "user", session->user);
	log_text(&line, "tls",
	    session->settings->common.is_protected ? "yes" : "no");
	log_text(&line, "from", session->envelope.reverse_path);
	log_text(&line, "to", to);
	if (via != NULL)
		log_text(&line, "via", via);
	if (queued != NULL)
		log_text(&line, "queued", queued);
	if (is_refusal && session->envelope.count > 1)
		log_number(&line, "recipients", session->envelope.count);
	log_number(&line, "milliseconds",
	    (uint64_t)(deadline_clock() - incoming->began));
	log_number(&line, "size", incoming->octets);
	log_number(&line, "status", said->code);
	if (is_refusal)
		log_text(&line, "reason", said->text);
	log_end_later(&line);
}

/* One line for each place that has got the message; or one that none has. */
static void
log_placements(const struct incoming *incoming, const struct placing *placing,
    const struct reply *said)
{
	size_t i;

	if (placing->count == 0)
		log_delivery(incoming, "", NULL, NULL, said);
	for (i = 0; i < placing->count; i++) {
		const struct placement *placement = &placing->placements[i];

		if (placement->is_placed)
			log_delivery(incoming, placement->account,
			    placing_forwarder(placing, placement),
			    placement->remote == NULL ? NULL :
			    placement->copy->outgoing.id, said);
	}
}

static const struct reply *
delivered(struct incoming *incoming)
{
	char text[MESSAGE_ID_SIZE + 8];
	struct text id;

	text_init(&id, text, sizeof text);
	text_add(&id, "OK id=");
	text_add(&id, incoming->delivery.id);
	return session_reply_with(incoming->session, REPLY_DELIVERED, text);
}

/* What the filter says to a message; NULL: it is to be delivered. */
static const struct reply *
filter(struct incoming *incoming)
{
	struct session *session = incoming->session;
	char text[REPLY_LINE_OCTETS_MAX], trace[TRACE_SIZE];
	ssize_t length;

	if (session->settings->filter == NULL)
		return NULL;
	length = delivery_read(&incoming->delivery, trace,
	    (size_t)incoming->start, 0);
	switch (filter_run(session, &incoming->delivery, text)) {
	case VERDICT_DELIVER:
		return NULL;
	case VERDICT_REPLACED:
		return length >= 0 && incoming_survey(incoming, trace,
		    (size_t)length) == STORE_OK ? NULL :
		    reply(REPLY_STORE_FAILED);
	case VERDICT_DROP:
		log_event(LOG_IS_INFO, "filter", "dropped",
		    incoming->delivery.id);
		return delivered(incoming);
	case VERDICT_REFUSE:
		return session_reply_with(session, REPLY_FILTER_REFUSES,
		    text[0] == '\0' ? "The message is refused" : text);
	case VERDICT_FAIL:
		break;
	}
	return reply(REPLY_FILTER_FAILED);
}

/* The same to all, in LMTP as often as there are recipients. */
static const struct reply *
answer_all(struct incoming *incoming, const struct reply *said)
{
	struct session *session = incoming->session;
	size_t i;

	log_delivery(incoming, said->code < 400 ? "" :
	    session->envelope.recipients[0]->forward_path, NULL, NULL, said);
	if (!session->settings->lmtp)
		return said;
	for (i = 0; i < session->envelope.count; i++)
		session_send_one_of(session, said);
	session_end_replies(session, said);
	return NULL;
}

/* Whether a recipient has forwarded this very message before. */
static bool
is_loop(const struct envelope *envelope, const struct recipient *recipient)
{
	return recipient->forwarder != VIA_NONE &&
	    envelope->expansion.forwarders[recipient->forwarder].loops;
}

/* Why one recipient cannot get the message; NULL where nothing speaks against. */
static const struct reply *
recipient_refusal(const struct incoming *incoming,
    const struct placing *placing, const struct recipient *recipient)
{
	if (is_loop(&incoming->session->envelope, recipient))
		return reply(REPLY_LOOP);
	if (placing_is_over_quota(placing, recipient,
	    incoming->delivery.sizes.disk))
		return reply(REPLY_MAILBOX_FULL);
	return NULL;
}

/* SMTP: the message and its report, both to everybody, or nothing at all. */
static enum store_error
place_and_report(struct incoming *incoming, struct placing *placing)
{
	enum store_error error;
	struct report report;

	error = notification_write(&report, incoming, NULL);
	if (error == STORE_OK)
		error = placing_all(placing);
	if (error == STORE_OK) {
		error = report_place(&report);
		if (error != STORE_OK)
			placing_revoke(placing);
	}
	report_end(&report);
	if (error != STORE_OK)
		incoming_log_trouble(incoming, error);
	return error;
}

static const struct reply *
deliver_to_all(struct incoming *incoming, struct placing *placing)
{
	const struct envelope *envelope = &incoming->session->envelope;
	const struct reply *said = NULL;
	enum store_error error;

	if (envelope->count == 1)
		said = recipient_refusal(incoming, placing,
		    envelope->recipients[0]);
	if (said == NULL) {
		error = place_and_report(incoming, placing);
		if (error != STORE_OK)
			said = reply_for_delivery(error);
	}
	if (said != NULL)
		return answer_all(incoming, said);
	said = delivered(incoming);
	log_placements(incoming, placing, said);
	incoming->session->messages++;
	return said;
}

/* LMTP: one recipient; the reply is out before another one is seen to. */
static const struct reply *
deliver_to_one(struct incoming *incoming, struct placing *placing,
    const struct recipient *recipient)
{
	const struct reply *said =
	    recipient_refusal(incoming, placing, recipient);
	enum store_error error = STORE_OK;

	if (said == NULL)
		error = placing_for(placing, recipient);
	if (error != STORE_OK) {
		incoming_log_trouble(incoming, error);
		said = reply_for_delivery(error);
	}
	if (said == NULL)
		said = delivered(incoming);
	log_delivery(incoming, recipient->forward_path, NULL, NULL, said);
	session_send_one_of(incoming->session, said);
	(void)line_writer_flush(&incoming->session->out);
	return said;
}

/* The report about those for whom wanted is set, written and delivered. */
static enum store_error
report(struct incoming *incoming, const bool *wanted)
{
	enum store_error error;
	struct report report;

	error = notification_write(&report, incoming, wanted);
	if (error == STORE_OK)
		error = report_place(&report);
	report_end(&report);
	if (error != STORE_OK)
		incoming_log_trouble(incoming, error);
	return error;
}

/*
 * LMTP (RFC 2033 section 4.2): each by itself.  Who has failed is told of by
 * a report, and so has his reply when that is delivered.
 */
static const struct reply *
deliver_to_each(struct incoming *incoming, struct placing *placing)
{
	struct session *session = incoming->session;
	const struct envelope *envelope = &session->envelope;
	bool *wanted = calloc(envelope->count, sizeof *wanted);
	const struct reply *said, *worst = reply(REPLY_OK);
	size_t i, delivered_to = 0;
	enum store_error error;

	if (wanted == NULL)
		return answer_all(incoming, reply(REPLY_STORE_FULL));
	for (i = 0; i < envelope->count; i++)
		wanted[i] = recipient_is_nobody(envelope->recipients[i]);
	error = report(incoming, wanted);
	for (i = 0; i < envelope->count; i++) {
		const struct recipient *recipient = envelope->recipients[i];

		if (!recipient_is_nobody(recipient))
			said = deliver_to_one(incoming, placing, recipient);
		else {
			said = error == STORE_OK ? delivered(incoming) :
			    reply_for_delivery(error);
			session_send_one_of(session, said);
		}
		wanted[i] = !recipient_is_nobody(recipient) && said->code < 400;
		delivered_to += wanted[i];
		if (reply_is_fault(said))
			worst = said;
	}
	session_end_replies(session, worst);
	(void)report(incoming, wanted);         /* too late to say anything */
	session->messages += delivered_to > 0;
	free(wanted);
	return NULL;
}

const struct reply *
deliver(struct incoming *incoming, const struct reply *refusal)
{
	struct session *session = incoming->session;
	const struct reply *said = refusal;
	struct placing placing;
	enum store_error error;

	if (said == NULL)
		said = filter(incoming);
	if (said != NULL)
		return answer_all(incoming, said);
	error = placing_begin(&placing, &incoming->delivery,
	    &session->envelope, session->settings->common.hostname);
	if (error != STORE_OK)
		return answer_all(incoming, reply_for_delivery(error));
	said = session->settings->lmtp ?
	    deliver_to_each(incoming, &placing) :
	    deliver_to_all(incoming, &placing);
	placing_end(&placing);
	return said;
}
