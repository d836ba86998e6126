/* Buffered output; see line_writer.h. */
#include "stdio/line_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "stdio/deadline.h"
#include "stdio/process.h"

/* What a pipe holds, where nobody has asked for more. */
#define PIPE_OCTETS 65536

#define SET_PIPE_SIZE 1031              /* F_SETPIPE_SZ of Linux */

void
line_writer_init(struct line_writer *writer, int descriptor, unsigned seconds)
{
	writer->descriptor = descriptor;
	writer->seconds = seconds;
	writer->status = WRITE_OK;
	writer->is_wide = false;
	writer->used = 0;
}

void
line_writer_put(struct line_writer *writer, const char *octets, size_t length)
{
	while (length > 0) {
		size_t n = sizeof writer->buffer - writer->used;

		if (n == 0) {
			(void)line_writer_flush(writer);
			continue;
		}
		if (n > length)
			n = length;
		memcpy(writer->buffer + writer->used, octets, n);
		writer->used += n;
		octets += n;
		length -= n;
	}
}

char *
line_writer_room(struct line_writer *writer, size_t least, size_t *room)
{
	if (sizeof writer->buffer - writer->used < least)
		(void)line_writer_flush(writer);
	*room = sizeof writer->buffer - writer->used;
	return writer->buffer + writer->used;
}

void
line_writer_took(struct line_writer *writer, size_t length)
{
	writer->used += length;
}

/* For a descriptor that somebody else has made non-blocking. */
static enum write_status
wait_until_writable(int descriptor, unsigned seconds)
{
	struct deadline deadline = deadline_in(seconds);
	struct pollfd output = { descriptor, POLLOUT, 0 };
	int ready;

	do
		ready = poll(&output, 1, deadline_left(deadline));
	while (ready == -1 && errno == EINTR && !process_must_stop() &&
	    deadline_left(deadline) > 0);
	return ready > 0 ? WRITE_OK : WRITE_TIMED_OUT;
}

/*
 * Has a pipe hold as much as the buffer, so that it takes it in one piece, and
 * its reader is not woken for a quarter of it.  Once: another kernel, or a
 * socket, or a user with too many such pipes cannot have it.
 */
static void
widen(struct line_writer *writer)
{
	if (writer->is_wide)
		return;
	writer->is_wide = true;
#ifdef __linux__
	(void)fcntl(writer->descriptor, SET_PIPE_SIZE,
	    (int)sizeof writer->buffer);
#endif
}

enum write_status
line_writer_flush(struct line_writer *writer)
{
	const char *rest = writer->buffer;

	if (writer->used > PIPE_OCTETS)
		widen(writer);
	while (writer->used > 0 && writer->status == WRITE_OK) {
		ssize_t written;

		/*
		 * The descriptor is left blocking, since it is often shared
		 * with others.  A blocked write is ended by the alarm: with
		 * what it has written by then, or, where that is nothing,
		 * with EINTR.
		 */
		process_guard_write(writer->seconds);
		written = write(writer->descriptor, rest, writer->used);
		if (written > 0) {
			rest += written;
			writer->used -= (size_t)written;
			if (writer->used > 0 && process_must_stop())
				writer->status = WRITE_TIMED_OUT;
		} else if (written == -1 && errno == EINTR)
			writer->status = WRITE_TIMED_OUT;
		else if (written == -1 && errno == EAGAIN)
			writer->status = wait_until_writable(
			    writer->descriptor, writer->seconds);
		else
			writer->status = WRITE_CLOSED;
	}
	writer->used = 0;
	return writer->status;
}
