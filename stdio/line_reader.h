/*
 * Bounded input from the client: lines, and fragments of mail data, before a
 * deadline.
 *
 * Only CRLF ends a line (RFC 5321 section 2.3.8).  The reader says how each
 * line ended and what stood in it that must not, and leaves it to the
 * protocol to answer; nothing is repaired, and one line is never taken for
 * two.  With lf_ends_lines a bare LF ends a line too: for people, and scripts
 * on a pipe.
 */
#ifndef STDIO_LINE_READER_H
#define STDIO_LINE_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "stdio/deadline.h"
#include "stdio/line_writer.h"

enum read_status {
	READ_LINE,              /* a line, or a fragment */
	READ_BARE_CR,           /* a line with a CR in it */
	READ_BARE_LF,           /* a line with an LF in it */
	READ_NUL,               /* a line with a NUL in it */
	READ_TOO_LONG,          /* a line that was too long: all of it is gone */
	READ_END,               /* the client has closed; half a line is none */
	READ_TIMED_OUT,         /* the deadline passed, or a write timed out */
	READ_STOPPED            /* a signal asks the process to stop */
};

struct line_reader {
	int descriptor;
	struct line_writer *out;        /* flushed before each wait */
	int companion;                  /* -1, or the descriptor of a process
	                                 * whose end stops the wait */
	bool lf_ends_lines;
	bool gives_up;                  /* a line that is too long is told of
	                                 * before its end has come */
	size_t start, end;              /* what is buffered and not yet taken */
	char head[8];                   /* how the last line began that was too
	                                 * long; ends in a NUL */
	char buffer[65536];
};

void line_reader_init(struct line_reader *reader, int descriptor,
    struct line_writer *out, bool lf_ends_lines);

/*
 * Takes the next line of at most octets_max octets with its CRLF; octets_max
 * is less than the buffer.  On READ_LINE *line is its text without the line
 * end and with a NUL behind it, in the reader's memory until the next call.
 * After READ_BARE_CR, READ_BARE_LF, READ_NUL and READ_TOO_LONG the whole line
 * has been taken, up to its CRLF.
 */
enum read_status line_reader_line(struct line_reader *reader,
    size_t octets_max, struct deadline deadline, char **line, size_t *length);

/*
 * Takes what is buffered, or, where that is nothing, what comes next.  The
 * fragment is in the reader's memory and may be written to; what is not used
 * of it is given back by line_reader_put_back().
 */
enum read_status line_reader_fragment(struct line_reader *reader,
    struct deadline deadline, char **fragment, size_t *length);

/* Gives back the last length octets of the fragment just taken. */
void line_reader_put_back(struct line_reader *reader, size_t length);

/*
 * Waits until at least so many octets are buffered, fewer than the buffer
 * holds, and shows all that are; none is taken.
 */
enum read_status line_reader_peek(struct line_reader *reader, size_t least,
    struct deadline deadline, const char **octets, size_t *length);

/*
 * Lets time pass until the deadline, or until the client closes or the
 * process is to stop.  What comes meanwhile is buffered, as far as it fits.
 */
void line_reader_pause(struct line_reader *reader, struct deadline deadline);

/* How much is buffered: read from the client and not yet taken. */
size_t line_reader_buffered(const struct line_reader *reader);

/*
 * Whether the client has sent more than was taken: it is buffered, or can be
 * read now, and is buffered then.
 */
bool line_reader_has_more(struct line_reader *reader);

/*
 * Says that the first length octets of reader->buffer, which is empty, have
 * been put there: they came from the client by another way.
 */
void line_reader_preload(struct line_reader *reader, size_t length);

/* Takes all that is buffered, to be handed on. */
const char *line_reader_take_all(struct line_reader *reader, size_t *length);

#endif
