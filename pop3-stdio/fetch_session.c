/* The conversation of pop3-fetch; see fetch_session.h. */
#include "pop3-stdio/fetch_session.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "stdio/deadline.h"
#include "stdio/dot_stuffing.h"
#include "stdio/pace.h"
#include "stdio/process.h"
#include "store/text.h"

/*
 * RFC 2449 section 4 gives a reply 512 octets, and an AUTH challenge may have
 * more; some servers say more than they should.
 */
#define LINE_OCTETS_MAX 4096

#define WINDOW 100                      /* commands of at most 32 octets */

#define CAPABILITIES_MAX 1000           /* lines */

#define SIZE_SLACK ((uint64_t)1 << 20)  /* for sizes that are only guessed */

void
fetch_send(struct fetch *fetch, const char *command)
{
	connection_put(&fetch->connection, command, strlen(command));
}

void
fetch_command(char command[FETCH_COMMAND_SIZE], const char *verb,
    uint64_t number)
{
	struct text text;

	text_init(&text, command, FETCH_COMMAND_SIZE);
	text_add(&text, verb);
	if (number != 0) {
		text_add_octet(&text, ' ');
		text_add_number(&text, number);
	}
}

/* Whether a text starts with this response code (RFC 2449 section 8). */
static bool
has_code(const char *text, const char *code)
{
	size_t length = strlen(code);

	return text[0] == '[' && strncasecmp(text + 1, code, length) == 0 &&
	    (text[1 + length] == ']' || text[1 + length] == '/');
}

/* What may be different at another time. */
static int
status_of_refusal(const char *text)
{
	return has_code(text, "IN-USE") || has_code(text, "SYS/TEMP") ||
	    has_code(text, "LOGIN-DELAY") ? EX_TEMPFAIL : EX_UNAVAILABLE;
}

/* Whether a line begins with a status indicator, as a word. */
static bool
has_status(const char *line, const char *status, const char **text)
{
	size_t length = strlen(status);

	if (strncmp(line, status, length) != 0 ||
	    (line[length] != '\0' && line[length] != ' '))
		return false;
	*text = line + length + (line[length] == ' ');
	return true;
}

static enum answer
take_answer(struct fetch *fetch, const char *to, unsigned seconds,
    const char **text, struct failure *failure)
{
	struct connection *connection = &fetch->connection;
	size_t length;
	char *line;

	if (!connection_line(connection, LINE_OCTETS_MAX, seconds, to, &line,
	    &length, failure)) {
		fetch->is_over = true;
		return ANSWER_NONE;
	}
	if (has_status(line, "+OK", text))
		return ANSWER_OK;
	if (has_status(line, "+", text))
		return ANSWER_CHALLENGE;
	if (has_status(line, "-ERR", text)) {
		(void)failure_set(failure, status_of_refusal(*text),
		    "%s refuses %s: %s", connection->name, to, *text);
		return ANSWER_REFUSED;
	}
	fetch->is_over = true;
	(void)failure_set(failure, EX_UNAVAILABLE,
	    "%s answers %s with neither +OK nor -ERR, but: %s",
	    connection->name, to, line);
	return ANSWER_NONE;
}

enum answer
fetch_login_answer(struct fetch *fetch, const char *to, const char **text,
    struct failure *failure)
{
	return take_answer(fetch, to, fetch->connection.seconds, text,
	    failure);
}

enum answer
fetch_answer(struct fetch *fetch, const char *to, const char **text,
    struct failure *failure)
{
	enum answer answer = fetch_login_answer(fetch, to, text, failure);

	if (answer != ANSWER_CHALLENGE)
		return answer;
	fetch->is_over = true;
	(void)failure_set(failure, EX_UNAVAILABLE,
	    "%s answers %s with neither +OK nor -ERR, but: + %s",
	    fetch->connection.name, to, *text);
	return ANSWER_NONE;
}

enum answer
fetch_ask(struct fetch *fetch, const char *verb, uint64_t number,
    struct failure *failure)
{
	char command[FETCH_COMMAND_SIZE];
	const char *text;

	fetch_command(command, verb, number);
	fetch_send(fetch, command);
	return fetch_answer(fetch, command, &text, failure);
}

unsigned
fetch_window(const struct fetch *fetch)
{
	return fetch->can.pipelining ? WINDOW : 1;
}

bool
fetch_line(struct fetch *fetch, const char *to, char **line, size_t *length,
    struct failure *failure)
{
	struct connection *connection = &fetch->connection;

	fetch->is_over = true;          /* until all of the reply is taken */
	if (!connection_line(connection, LINE_OCTETS_MAX, connection->seconds,
	    to, line, length, failure))
		return false;
	if (**line != '.')
		return true;
	(*line)++;
	if (--*length == 0) {
		*line = NULL;
		fetch->is_over = false;
	}
	return true;
}

/*
 * Takes what has come of a text.  A CR at its end is left for the next time,
 * when what follows says whether it is half of a line end: so that one which
 * is not stays where it was.
 */
static enum read_status
take_fragment(struct line_reader *reader, struct deadline deadline,
    char **fragment, size_t *length)
{
	enum read_status status;
	const char *octets;

	status = line_reader_fragment(reader, deadline, fragment, length);
	process_interrupt_in(0);        /* files take their time */
	if (status != READ_LINE || (*fragment)[*length - 1] != '\r')
		return status;
	line_reader_put_back(reader, 1);
	if (--*length > 0)
		return READ_LINE;
	status = line_reader_peek(reader, 2, deadline, &octets, length);
	if (status == READ_LINE)
		status = line_reader_fragment(reader, deadline, fragment,
		    length);
	process_interrupt_in(0);
	if (status == READ_LINE && (*fragment)[*length - 1] == '\r') {
		line_reader_put_back(reader, 1);
		--*length;
	}
	return status;
}

/*
 * Only CRLF ends a line of it: a message in which a bare LF and a dot say
 * otherwise has no other end for us than for the server.
 */
bool
fetch_text(struct fetch *fetch, const char *to, uint64_t octets_max,
    fetch_sink *sink, void *context, struct failure *failure)
{
	struct connection *connection = &fetch->connection;
	struct unstuffer unstuffer;
	struct data_pace pace;
	uint64_t octets = 0;

	fetch->is_over = true;          /* until all of it is taken */
	unstuffer_init(&unstuffer, false, true);
	data_pace_begin(&pace, connection->seconds);
	while (unstuffer.state != AT_END) {
		size_t length, taken, stored;
		enum read_status status;
		char *fragment;

		status = take_fragment(&connection->in,
		    data_pace_next(&pace), &fragment, &length);
		if (status != READ_LINE)
			return connection_broken(connection, status, to,
			    failure);
		data_pace_add(&pace, length);
		taken = unstuff(&unstuffer, fragment, length, &stored);
		line_reader_put_back(&connection->in, length - taken);
		octets += stored;
		if (octets > octets_max)
			return failure_set(failure, EX_UNAVAILABLE,
			    "what %s sends in answer to %s has no end: given "
			    "up after %" PRIu64 " octets", connection->name,
			    to, octets);
		if (stored > 0 && !sink(context, fragment, stored, failure))
			return false;
	}
	fetch->is_over = false;
	if (connection->verbose)
		fprintf(stderr, "S: (%" PRIu64 " octets of text)\n", octets);
	return true;
}

uint64_t
fetch_octets_max(uint64_t announced)
{
	return announced < (UINT64_MAX - SIZE_SLACK) / 4 ?
	    announced * 4 + SIZE_SLACK : UINT64_MAX;
}

/* Takes a line of the answer to CAPA. */
static void
note_capability(struct capabilities *can, const char *line)
{
	struct text sasl;

	if (strcasecmp(line, "TOP") == 0)
		can->top = true;
	else if (strcasecmp(line, "UIDL") == 0)
		can->uidl = true;
	else if (strcasecmp(line, "PIPELINING") == 0)
		can->pipelining = true;
	else if (strncasecmp(line, "SASL ", 5) == 0) {
		text_init(&sasl, can->sasl, sizeof can->sasl);
		text_add(&sasl, line + 5);
	}
}

/* A server that does not know CAPA refuses it: then nothing is known. */
static bool
ask_capabilities(struct fetch *fetch, struct failure *failure)
{
	unsigned lines;
	size_t length;
	char *line;

	switch (fetch_ask(fetch, "CAPA", 0, failure)) {
	case ANSWER_OK:
		break;
	case ANSWER_REFUSED:
		return true;
	case ANSWER_CHALLENGE:
	case ANSWER_NONE:
		return false;
	}
	fetch->can.known = true;
	for (lines = 0; lines < CAPABILITIES_MAX; lines++) {
		if (!fetch_line(fetch, "CAPA", &line, &length, failure))
			return false;
		if (line == NULL)
			return true;
		note_capability(&fetch->can, line);
	}
	return failure_set(failure, EX_UNAVAILABLE,
	    "the list that %s sends in answer to CAPA has no end",
	    fetch->connection.name);
}

bool
fetch_begin(struct fetch *fetch, struct failure *failure)
{
	const char *text;

	memset(&fetch->can, 0, sizeof fetch->can);
	if (!fetch->connection.greeted &&
	    fetch_answer(fetch, "the connection", &text, failure) != ANSWER_OK)
		return false;
	return ask_capabilities(fetch, failure);
}

void
fetch_note(struct fetch *fetch, const struct failure *failure)
{
	failure_print(failure, fetch->program);
	if (fetch->status == EX_OK || failure->status == EX_TEMPFAIL)
		fetch->status = failure->status;
}

bool
fetch_quit(struct fetch *fetch, struct failure *failure)
{
	const char *text;

	if (fetch->is_over)
		return true;
	fetch->is_over = true;
	fetch_send(fetch, "QUIT");
	switch (take_answer(fetch, "QUIT", fetch->connection.end_seconds,
	    &text, failure)) {
	case ANSWER_OK:
		return true;
	case ANSWER_CHALLENGE:
		return failure_set(failure, EX_UNAVAILABLE,
		    "%s answers QUIT with neither +OK nor -ERR",
		    fetch->connection.name);
	case ANSWER_REFUSED:
	case ANSWER_NONE:
		break;
	}
	return false;
}
