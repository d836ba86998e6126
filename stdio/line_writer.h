/*
 * Buffered output.  Nothing is written until the buffer is full or somebody
 * flushes, which the line reader does exactly when it is about to wait for
 * the client: so a group of pipelined commands is answered by one write.
 *
 * The first failure sticks: all that follows is thrown away, and the session
 * finds out when it next flushes.
 */
#ifndef STDIO_LINE_WRITER_H
#define STDIO_LINE_WRITER_H

#include <stdbool.h>
#include <stddef.h>

enum write_status {
	WRITE_OK,
	WRITE_CLOSED,           /* the client has gone, or the write failed */
	WRITE_TIMED_OUT         /* no progress for so many seconds */
};

struct line_writer {
	int descriptor;
	unsigned seconds;       /* how long a write may go without progress */
	enum write_status status;
	bool is_wide;           /* a pipe has been made so, if it can be */
	size_t used;
	char buffer[262144];
};

void line_writer_init(struct line_writer *writer, int descriptor,
    unsigned seconds);

void line_writer_put(struct line_writer *writer, const char *octets,
    size_t length);

/*
 * Room for at least so many octets, fewer than the buffer holds, for who puts
 * them there without a copy; line_writer_took() says how many it were.
 */
char *line_writer_room(struct line_writer *writer, size_t least,
    size_t *room);
void line_writer_took(struct line_writer *writer, size_t length);

/* Writes out all that is buffered. */
enum write_status line_writer_flush(struct line_writer *writer);

#endif
