/* DATA; see mail_data.h. */
#include "smtp-stdio/mail_data.h"

#include "smtp-stdio/incoming.h"
#include "smtp-stdio/session.h"
#include "stdio/deadline.h"
#include "stdio/dot_stuffing.h"

/* The least that mail data must bring, over each window of -t seconds. */
#define OCTETS_A_SECOND_LEAST 100

/* Mail data as it comes in. */
struct mail_data {
	struct incoming message;
	struct unstuffer unstuffer;

	/* the window in which OCTETS_A_SECOND_LEAST has to come */
	unsigned seconds;               /* -t */
	struct deadline window_end;
	uint64_t window_octets;
};

/*
 * Takes a fragment; returns how much of it.  The rest of a message that is
 * refused is read like any other, and dropped.
 */
static size_t
take_fragment(struct mail_data *data, char *fragment, size_t length)
{
	uint64_t lines = data->unstuffer.lines;
	size_t taken, stored;

	taken = unstuff(&data->unstuffer, fragment, length, &stored);
	data->message.has_bad_lines = data->unstuffer.faults != 0;
	incoming_add(&data->message, fragment, stored,
	    data->unstuffer.lines - lines);
	return taken;
}

/*
 * When the next octets have to be there: before -t seconds have passed, and
 * before the window ends where that has not brought its share.
 */
static struct deadline
next_deadline(struct mail_data *data)
{
	uint64_t share = (uint64_t)data->seconds * OCTETS_A_SECOND_LEAST;
	struct deadline deadline = deadline_in(data->seconds);

	if (data->window_octets >= share) {
		if (deadline_left(data->window_end) > 0)
			return deadline;
		data->window_end = deadline;
		data->window_octets = 0;
	}
	return deadline_earlier(deadline, data->window_end);
}

/* Reads the mail data to its true end; READ_LINE, or why there is none. */
static enum read_status
read_message(struct mail_data *data, struct line_reader *in)
{
	data->window_end = deadline_in(data->seconds);
	data->window_octets = 0;
	while (data->unstuffer.state != AT_END) {
		enum read_status status;
		size_t length, taken;
		char *fragment;

		status = line_reader_fragment(in, next_deadline(data),
		    &fragment, &length);
		if (status != READ_LINE)
			return status;
		data->window_octets += length;
		taken = take_fragment(data, fragment, length);
		line_reader_put_back(in, length - taken);
	}
	return READ_LINE;
}

const struct reply *
smtp_data(struct session *session, char *argument)
{
	const struct reply *refusal;
	enum read_status status;
	struct mail_data data;

	(void)argument;
	refusal = incoming_begin(&data.message, session);
	if (refusal != NULL)
		return refusal;
	data.seconds = session->settings->common.seconds;
	unstuffer_init(&data.unstuffer,
	    session->settings->common.lf_ends_lines);
	session_put_line(session, reply(REPLY_START_DATA),
	    reply(REPLY_START_DATA)->text, false);
	(void)line_writer_flush(&session->out);
	status = read_message(&data, &session->in);
	if (status == READ_LINE)
		return incoming_finish(&data.message);
	incoming_abort(&data.message);
	return session_end_input(session, status);
}
