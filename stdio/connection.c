/* A client's connection; see connection.h.  How it is made is in connect.h. */
#include "stdio/connection.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "stdio/connect.h"
#include "stdio/deadline.h"
#include "stdio/process.h"

#define CLOSE_SECONDS 3        /* that a command has to end */

bool
connection_open(struct connection *connection, const struct client *client,
    const struct service *service, struct failure *failure)
{
	int descriptor;

	connection->child = -1;
	connection->is_local = connection->is_private = false;
	connection->greeted = client->greeted;
	connection->verbose = client->verbose;
	connection->seconds = client->seconds != 0 ? client->seconds :
	    service->seconds;
	connection->end_seconds = client->seconds != 0 ? client->seconds :
	    service->end_seconds;
	connection->own_address[0] = '\0';
	if (client->server != NULL)
		descriptor = connect_by_tcp(connection, client, service->port,
		    failure);
	else if (client->command != NULL)
		descriptor = connect_to_command(connection, client, failure);
	else
		descriptor = connect_to_local(connection, client, service,
		    failure);
	if (descriptor == -1)
		return false;
	line_writer_init(&connection->out, descriptor, connection->seconds);
	line_reader_init(&connection->in, descriptor, &connection->out, true);
	connection->in.gives_up = true;
	return true;
}

static void
show(const struct connection *connection, const char *who, const char *line,
    size_t length)
{
	if (!connection->verbose)
		return;
	fprintf(stderr, "%s: ", who);
	print_visible(stderr, line, length);
	putc('\n', stderr);
}

static void
put_line(struct connection *connection, const char *line, size_t length)
{
	line_writer_put(&connection->out, line, length);
	line_writer_put(&connection->out, "\r\n", 2);
}

void
connection_put(struct connection *connection, const char *line, size_t length)
{
	show(connection, "C", line, length);
	put_line(connection, line, length);
}

void
connection_put_secret(struct connection *connection, const char *line,
    size_t length)
{
	show(connection, "C", "(not shown)", sizeof "(not shown)" - 1);
	put_line(connection, line, length);
}

bool
connection_broken(const struct connection *connection,
    enum read_status status, const char *to, struct failure *failure)
{
	switch (status) {
	case READ_LINE:
	case READ_BARE_CR:
	case READ_BARE_LF:
	case READ_NUL:
		return failure_set(failure, EX_UNAVAILABLE,
		    "%s answers %s with a line that has control characters "
		    "in it", connection->name, to);
	case READ_TOO_LONG:
		return failure_set(failure, EX_UNAVAILABLE,
		    "%s answers %s with a line that has no end",
		    connection->name, to);
	case READ_END:
		return failure_set(failure, EX_TEMPFAIL,
		    "%s closed without answering %s",
		    connection->name, to);
	case READ_TIMED_OUT:
		return failure_set(failure, EX_TEMPFAIL,
		    "%s has not answered %s in %u seconds", connection->name,
		    to, connection->waited);
	case READ_STOPPED:
		return failure_set(failure, EX_TEMPFAIL,
		    "stopped by a signal, in %s", to);
	}
	return false;
}

bool
connection_line(struct connection *connection, size_t octets_max,
    unsigned seconds, const char *to, char **line, size_t *length,
    struct failure *failure)
{
	enum read_status status;

	/* One that has closed may have said before why. */
	if (connection->out.status == WRITE_CLOSED)
		connection->out.status = WRITE_OK;
	connection->waited = seconds;
	status = line_reader_line(&connection->in, octets_max,
	    deadline_in(seconds), line, length);
	process_interrupt_in(0);        /* files and terminals take their time */
	if (status != READ_LINE)
		return connection_broken(connection, status, to, failure);
	show(connection, "S", *line, *length);
	return true;
}

/*
 * Waits for the command, and ends it where it does not end by itself; whether
 * it has ended.
 */
static bool
end_child(pid_t child)
{
	int signals[] = { SIGTERM, SIGKILL };
	size_t i;

	for (i = 0; i <= sizeof signals / sizeof signals[0]; i++) {
		pid_t ended;

		process_interrupt_in(CLOSE_SECONDS);
		ended = waitpid(child, NULL, 0);
		process_interrupt_in(0);
		if (ended != -1 || errno != EINTR)
			return true;
		/* Who is confined may send none. */
		if (i < sizeof signals / sizeof signals[0] &&
		    kill(child, signals[i]) == -1)
			return false;
	}
	return false;
}

void
connection_close(struct connection *connection)
{
	(void)line_writer_flush(&connection->out);
	(void)close(connection->in.descriptor);
	if (connection->child != -1 && end_child(connection->child))
		connection->child = -1;
}
