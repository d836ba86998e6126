/* Messages in chunks; see chunks.h. */
#include "smtp-stdio/chunks.h"

#include <string.h>

#include "smtp-stdio/session.h"
#include "stdio/command.h"
#include "stdio/pace.h"

/* The argument of BDAT, in octets; 19 digits do not wrap. */
#define SIZE_DIGITS_MAX 19

struct chunk {
	uint64_t octets;
	bool is_last;
};

/*
 * bdat-cmd   = "BDAT" SP chunk-size [ SP end-marker ] CR LF
 * chunk-size = 1*DIGIT
 * end-marker = "LAST"
 */
static bool
parse(char *argument, struct chunk *chunk)
{
	static const char last[] = "LAST";
	char *marker;

	command_split(argument, &marker);
	marker = command_trim(marker);
	chunk->is_last = *marker != '\0';
	return strlen(argument) <= SIZE_DIGITS_MAX &&
	    text_to_number(argument, strlen(argument), &chunk->octets) &&
	    (!chunk->is_last || text_equal_folded(marker, strlen(marker), last,
	    sizeof last - 1));
}

/*
 * Takes all octets of a chunk, into the message where that has begun; NULL
 * for one that is dropped.  READ_LINE, or how the input ended.
 */
static enum read_status
take_octets(struct session *session, uint64_t octets, struct chunks *chunks)
{
	struct data_pace pace;

	data_pace_begin(&pace, session->settings->common.seconds);
	while (octets > 0) {
		enum read_status status;
		size_t length, stored;
		uint64_t lines;
		char *fragment;

		status = line_reader_fragment(&session->in,
		    data_pace_next(&pace), &fragment, &length);
		if (status != READ_LINE)
			return status;
		if (length > octets) {
			line_reader_put_back(&session->in,
			    length - (size_t)octets);
			length = (size_t)octets;
		}
		octets -= length;
		data_pace_add(&pace, length);
		if (chunks == NULL)
			continue;
		lines = chunks->lines.lines;
		(void)unstuff(&chunks->lines, fragment, length, &stored);
		chunks->message.has_bad_lines = chunks->lines.faults != 0;
		incoming_add(&chunks->message, fragment, stored,
		    chunks->lines.lines - lines);
	}
	return READ_LINE;
}

/* Ends the session where the input has ended; else it is the reply's turn. */
static const struct reply *
drop(struct session *session, uint64_t octets, const struct reply *said)
{
	enum read_status status = take_octets(session, octets, NULL);

	return status == READ_LINE ? said : session_end_input(session, status);
}

/*
 * In LMTP a last chunk is answered once for each recipient, and so not at all
 * without one (RFC 2033 section 4.3).
 */
static const struct reply *
answer(struct session *session, const struct chunk *chunk,
    const struct reply *said)
{
	size_t i;

	if (!session->settings->lmtp || !chunk->is_last ||
	    !(session->state & IN_TRANSACTION))
		return said;
	for (i = 0; i < session->envelope.count; i++)
		session_send_one_of(session, said);
	if (session->envelope.count > 0)
		session_end_replies(session, said);
	return NULL;
}

/* A chunk where there can be none. */
static const struct reply *
refuse(struct session *session, const struct chunk *chunk)
{
	const struct reply *said =
	    drop(session, chunk->octets, reply(REPLY_BAD_SEQUENCE));

	if (session->end != NOT_ENDED)
		return said;
	said = answer(session, chunk, said);
	if (session->settings->lmtp && chunk->is_last &&
	    session->state == HAS_SENDER)
		smtp_enter_state(session, GREETED);
	return said;
}

static const struct reply *
begin(struct session *session)
{
	struct chunks *chunks = &session->chunks;
	const struct reply *refusal;

	if (session->state == HAS_CHUNKS)
		return NULL;
	refusal = incoming_begin(&chunks->message, session);
	if (refusal == NULL) {
		unstuffer_init(&chunks->lines,
		    session->settings->common.lf_ends_lines, false);
		smtp_enter_state(session, HAS_CHUNKS);
	}
	return refusal;
}

/* A last line without an end gets one. */
static const struct reply *
finish(struct session *session)
{
	struct chunks *chunks = &session->chunks;
	bool is_at_end = unstuffer_is_at_line_end(&chunks->lines);

	chunks->message.has_bad_lines = chunks->lines.faults != 0;
	if (!is_at_end)
		incoming_end_line(&chunks->message);
	return incoming_finish(&chunks->message);
}

/* A message that cannot begin: what follows fails too, after LAST nothing does. */
static const struct reply *
fail_to_begin(struct session *session, const struct chunk *chunk,
    const struct reply *refusal)
{
	const struct reply *said = drop(session, chunk->octets, refusal);

	if (session->end != NOT_ENDED)
		return said;
	said = answer(session, chunk, refusal);
	smtp_enter_state(session, chunk->is_last ? GREETED : CHUNKS_FAILED);
	return said;
}

static const struct reply *
take_chunk(struct session *session, const struct chunk *chunk)
{
	const struct reply *refusal = begin(session);
	enum read_status status;

	if (refusal != NULL)
		return fail_to_begin(session, chunk, refusal);
	status = take_octets(session, chunk->octets, &session->chunks);
	if (status != READ_LINE)
		return session_end_input(session, status);
	if (chunk->is_last)
		return finish(session);
	refusal = incoming_chunk_refusal(&session->chunks.message);
	if (refusal == NULL)
		return reply(REPLY_OK);
	smtp_enter_state(session, CHUNKS_FAILED);
	return refusal;
}

const struct reply *
smtp_bdat(struct session *session, char *argument)
{
	struct chunk chunk;

	if (!parse(argument, &chunk))
		return reply(REPLY_ARGUMENT_SYNTAX);
	if (!session_offers(session, KEYWORD_CHUNKING))
		return drop(session, chunk.octets, reply(REPLY_NOT_OFFERED));
	if (session->state != HAS_RECIPIENT && session->state != HAS_CHUNKS)
		return refuse(session, &chunk);
	return take_chunk(session, &chunk);
}

const struct reply *
smtp_bdat_drop(struct session *session, char *argument,
    const struct reply *said)
{
	struct chunk chunk;

	return parse(argument, &chunk) ? drop(session, chunk.octets, said) :
	    said;
}

void
chunks_abort(struct chunks *chunks)
{
	incoming_abort(&chunks->message);
}
