/* DATA; see mail_data.h. */
#include "smtp-stdio/mail_data.h"

#include "smtp-stdio/incoming.h"
#include "smtp-stdio/session.h"
#include "stdio/dot_stuffing.h"
#include "stdio/pace.h"

/* Mail data as it comes in. */
struct mail_data {
	struct incoming message;
	struct unstuffer unstuffer;
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

/* Reads the mail data to its true end; READ_LINE, or why there is none. */
static enum read_status
read_message(struct mail_data *data, struct session *session)
{
	struct line_reader *in = &session->in;
	struct data_pace pace;

	data_pace_begin(&pace, session->settings->common.seconds);
	while (data->unstuffer.state != AT_END) {
		enum read_status status;
		size_t length, taken;
		char *fragment;

		status = line_reader_fragment(in, data_pace_next(&pace),
		    &fragment, &length);
		if (status != READ_LINE)
			return status;
		data_pace_add(&pace, length);
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
	unstuffer_init(&data.unstuffer,
	    session->settings->common.lf_ends_lines, true);
	session_put_line(session, reply(REPLY_START_DATA),
	    reply(REPLY_START_DATA)->text, false);
	(void)line_writer_flush(&session->out);
	status = read_message(&data, session);
	if (status == READ_LINE)
		return incoming_finish(&data.message);
	incoming_abort(&data.message);
	return session_end_input(session, status);
}
