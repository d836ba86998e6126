/* Bounded input; see line_reader.h. */
#include "stdio/line_reader.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "stdio/log.h"
#include "stdio/process.h"

void
line_reader_init(struct line_reader *reader, int descriptor,
    struct line_writer *out, bool lf_ends_lines)
{
	reader->descriptor = descriptor;
	reader->out = out;
	reader->companion = -1;
	reader->lf_ends_lines = lf_ends_lines;
	reader->gives_up = false;
	reader->start = reader->end = 0;
	reader->head[0] = '\0';
}

/* Writes out what was held back, before there is a wait. */
static enum read_status
flush_output(struct line_reader *reader)
{
	log_release();
	switch (line_writer_flush(reader->out)) {
	case WRITE_OK:
		break;
	case WRITE_CLOSED:
		return READ_END;
	case WRITE_TIMED_OUT:
		return process_must_stop() ? READ_STOPPED : READ_TIMED_OUT;
	}
	return READ_LINE;
}

/*
 * Whether there may be a wait still.  A deadline has passed even where there
 * is input: who sends without end must not go on for ever.
 */
static enum read_status
may_wait(struct deadline deadline)
{
	if (process_must_stop())
		return READ_STOPPED;
	return deadline_left(deadline) > 0 ? READ_LINE : READ_TIMED_OUT;
}

/* Waits until something can be read from a descriptor, which -1 never can. */
static enum read_status
wait_for(struct line_reader *reader, int descriptor, struct deadline deadline)
{
	struct pollfd input[2] = {
		{ descriptor, POLLIN, 0 },
		{ reader->companion, POLLIN, 0 }        /* -1 is ignored */
	};
	enum read_status status;

	while ((status = may_wait(deadline)) == READ_LINE) {
		int ready = poll(input, 2, deadline_left(deadline));

		if (ready > 0)
			return input[1].revents == 0 ? READ_LINE : READ_STOPPED;
		if (ready == -1 && errno != EINTR)
			return READ_END;
	}
	return status;
}

/*
 * Reads what is there, or waits for it in read(2) itself, which an alarm ends.
 * That is good to a second: so the last one before the deadline is waited for
 * by poll(2), as is a descriptor that somebody has made non-blocking, and two
 * of them at once.
 */
static enum read_status
fill_some(struct line_reader *reader, struct deadline deadline, ssize_t *got)
{
	bool waits = reader->companion != -1;

	for (;;) {
		bool polls = waits || deadline_left(deadline) < 1000;
		enum read_status status = polls ?
		    wait_for(reader, reader->descriptor, deadline) :
		    may_wait(deadline);

		if (status != READ_LINE)
			return status;
		if (!polls)
			process_guard_read(deadline);
		*got = read(reader->descriptor, reader->buffer + reader->end,
		    sizeof reader->buffer - reader->end);
		if (*got != -1 || (errno != EINTR && errno != EAGAIN))
			return READ_LINE;
		waits = waits || errno == EAGAIN;
	}
}

/* Reads more behind what is buffered; there must be room. */
static enum read_status
fill(struct line_reader *reader, struct deadline deadline)
{
	enum read_status status = flush_output(reader);
	ssize_t got;

	if (status == READ_LINE)
		status = fill_some(reader, deadline, &got);
	if (status != READ_LINE)
		return status;
	if (got <= 0)                   /* closed, or reset: the client has gone */
		return READ_END;
	reader->end += (size_t)got;
	return READ_LINE;
}

/*
 * Finds the end of the line that starts at reader->start: the place of its
 * LF, or NULL where it is not buffered yet.  Looks from offset on.
 */
static char *
find_line_end(struct line_reader *reader, size_t offset)
{
	char *start = reader->buffer + reader->start;
	char *end = reader->buffer + reader->end;
	char *lf = start + offset;

	while ((lf = memchr(lf, '\n', (size_t)(end - lf))) != NULL) {
		if (reader->lf_ends_lines || (lf > start && lf[-1] == '\r'))
			return lf;
		lf++;
	}
	return NULL;
}

/* Keeps the beginning of a line that is too long. */
static void
keep_head(struct line_reader *reader, const char *line, size_t length)
{
	if (length > sizeof reader->head - 1)
		length = sizeof reader->head - 1;
	memcpy(reader->head, line, length);
	reader->head[length] = '\0';
}

/* Throws the line away that is being read, up to and with its end. */
static enum read_status
skip_line(struct line_reader *reader, struct deadline deadline)
{
	enum read_status status;
	char *lf;

	keep_head(reader, reader->buffer + reader->start,
	    line_reader_buffered(reader));
	while ((lf = find_line_end(reader, 0)) == NULL) {
		/* A CR at the end may be the first half of a CRLF. */
		bool cr = reader->buffer[reader->end - 1] == '\r';

		reader->start = reader->end = 0;
		if (cr)
			reader->buffer[reader->end++] = '\r';
		status = fill(reader, deadline);
		if (status != READ_LINE)
			return status;
	}
	reader->start = (size_t)(lf + 1 - reader->buffer);
	return READ_TOO_LONG;
}

static enum read_status
inspect(const char *line, size_t length)
{
	if (memchr(line, '\0', length) != NULL)
		return READ_NUL;
	if (memchr(line, '\n', length) != NULL)
		return READ_BARE_LF;
	if (memchr(line, '\r', length) != NULL)
		return READ_BARE_CR;
	return READ_LINE;
}

/* Makes room for a whole line behind what is buffered. */
static void
make_room(struct line_reader *reader, size_t octets)
{
	if (reader->start + octets <= sizeof reader->buffer)
		return;
	reader->end -= reader->start;
	memmove(reader->buffer, reader->buffer + reader->start, reader->end);
	reader->start = 0;
}

enum read_status
line_reader_line(struct line_reader *reader, size_t octets_max,
    struct deadline deadline, char **line, size_t *length)
{
	enum read_status status;
	size_t seen = 0;
	char *lf;

	while ((lf = find_line_end(reader, seen)) == NULL) {
		seen = line_reader_buffered(reader);
		if (seen >= octets_max)
			return reader->gives_up ? READ_TOO_LONG :
			    skip_line(reader, deadline);
		make_room(reader, octets_max);
		status = fill(reader, deadline);
		if (status != READ_LINE)
			return status;
	}
	*line = reader->buffer + reader->start;
	reader->start = (size_t)(lf + 1 - reader->buffer);
	if ((size_t)(lf + 1 - *line) > octets_max) {
		keep_head(reader, *line, (size_t)(lf - *line));
		return READ_TOO_LONG;
	}
	if (lf > *line && lf[-1] == '\r')
		lf--;
	*lf = '\0';
	*length = (size_t)(lf - *line);
	return inspect(*line, *length);
}

enum read_status
line_reader_fragment(struct line_reader *reader, struct deadline deadline,
    char **fragment, size_t *length)
{
	enum read_status status;

	if (reader->start == reader->end) {
		reader->start = reader->end = 0;
		status = fill(reader, deadline);
		if (status != READ_LINE)
			return status;
	}
	*fragment = reader->buffer + reader->start;
	*length = reader->end - reader->start;
	reader->start = reader->end;
	return READ_LINE;
}

enum read_status
line_reader_peek(struct line_reader *reader, size_t least,
    struct deadline deadline, const char **octets, size_t *length)
{
	make_room(reader, least);
	while (line_reader_buffered(reader) < least) {
		enum read_status status = fill(reader, deadline);

		if (status != READ_LINE)
			return status;
	}
	*octets = reader->buffer + reader->start;
	*length = line_reader_buffered(reader);
	return READ_LINE;
}

void
line_reader_put_back(struct line_reader *reader, size_t length)
{
	reader->start -= length;
}

void
line_reader_pause(struct line_reader *reader, struct deadline deadline)
{
	enum read_status status = flush_output(reader);

	if (reader->start == reader->end)
		reader->start = reader->end = 0;
	else
		make_room(reader, sizeof reader->buffer);
	while (status == READ_LINE && deadline_left(deadline) > 0)
		status = reader->end < sizeof reader->buffer ?
		    fill(reader, deadline) : wait_for(reader, -1, deadline);
}

size_t
line_reader_buffered(const struct line_reader *reader)
{
	return reader->end - reader->start;
}

bool
line_reader_has_more(struct line_reader *reader)
{
	struct pollfd input = { reader->descriptor, POLLIN, 0 };
	ssize_t got;

	if (reader->start < reader->end)
		return true;
	if (poll(&input, 1, 0) <= 0)
		return false;
	got = read(reader->descriptor, reader->buffer, sizeof reader->buffer);
	reader->start = 0;
	reader->end = got > 0 ? (size_t)got : 0;
	return got > 0;
}

void
line_reader_preload(struct line_reader *reader, size_t length)
{
	reader->start = 0;
	reader->end = length;
}

const char *
line_reader_take_all(struct line_reader *reader, size_t *length)
{
	const char *octets = reader->buffer + reader->start;

	*length = line_reader_buffered(reader);
	reader->start = reader->end;
	return octets;
}
