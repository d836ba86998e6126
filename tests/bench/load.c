/*
 * load CONNECTIONS SESSIONS PORT SCRIPT: plays a script so many times over TCP,
 * to a port of 127.0.0.1, with so many connections open at the same time; after
 * a few seconds no more are begun.
 * Prints, with tabs between, sessions that were whole, sessions that were not,
 * seconds, and microseconds of the median session and of the 99th of a hundred.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/script.h"

#define CONNECTIONS_MAX 1000

/* No session takes as long: one that does is given up, and all after some. */
#define SESSION_MICROSECONDS 10e6
#define BROKEN_MAX 3
#define BEGIN_MICROSECONDS 2e6

struct connection {
	int socket;
	size_t step;
	size_t sent;            /* octets of the step */
	struct awaited awaited;
	double begun;
};

static struct connection connections[CONNECTIONS_MAX];
static struct pollfd ready[CONNECTIONS_MAX];
static size_t open_count;
static struct script script;
static struct sockaddr_in address;

static double *taken;           /* microseconds of each whole session */
static size_t whole, broken, begun;

static void
step_begin(struct connection *connection)
{
	connection->sent = 0;
	awaited_start(&connection->awaited, script.steps[connection->step].until);
}

static void
connection_begin(struct connection *connection)
{
	connection->begun = microseconds();
	connection->socket = socket(AF_INET, SOCK_STREAM, 0);
	if (connection->socket == -1 ||
	    fcntl(connection->socket, F_SETFL, O_NONBLOCK) == -1)
		give_up("socket");
	if (connect(connection->socket, (const struct sockaddr *)&address,
	    sizeof address) == -1 && errno != EINPROGRESS)
		give_up("connect");
	connection->step = 0;
	step_begin(connection);
	begun++;
}

static void
connection_end(struct connection *connection, bool is_whole)
{
	close(connection->socket);
	connection->socket = -1;
	if (is_whole)
		taken[whole++] = microseconds() - connection->begun;
	else
		broken++;
}

static bool
wants_to_send(const struct connection *connection)
{
	return connection->sent < script.steps[connection->step].length;
}

static void
connection_send(struct connection *connection)
{
	const struct step *step = &script.steps[connection->step];
	ssize_t sent = write(connection->socket, step->octets + connection->sent,
	    step->length - connection->sent);

	if (sent > 0)
		connection->sent += (size_t)sent;
}

/* Goes on to the next step, or ends. */
static void
connection_read(struct connection *connection)
{
	static char octets[65536];
	ssize_t got = read(connection->socket, octets, sizeof octets);

	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		connection_end(connection, got == 0 &&
		    connection->step + 1 == script.count &&
		    connection->awaited.until == UNTIL_END);
		return;
	}
	if (!awaited_has_come(&connection->awaited, octets, (size_t)got))
		return;
	if (++connection->step == script.count) {
		connection_end(connection, true);
		return;
	}
	step_begin(connection);
	if (wants_to_send(connection))
		connection_send(connection);
}

static void
connection_serve(struct connection *connection, short events)
{
	if (events == 0) {
		if (microseconds() - connection->begun > SESSION_MICROSECONDS)
			connection_end(connection, false);
		return;
	}
	if ((events & POLLOUT) != 0 && wants_to_send(connection))
		connection_send(connection);
	if ((events & ~POLLOUT) != 0)
		connection_read(connection);
}

static void
play(size_t sessions)
{
	double last = microseconds() + BEGIN_MICROSECONDS;
	size_t i;

	while (whole + broken < sessions &&
	    (broken < BROKEN_MAX || broken < whole / 10)) {
		if (begun < sessions && microseconds() > last)
			sessions = begun;
		for (i = 0; i < open_count; i++) {
			if (connections[i].socket == -1 && begun < sessions)
				connection_begin(&connections[i]);
			ready[i].fd = connections[i].socket;
			ready[i].events = POLLIN;
			if (ready[i].fd != -1 && wants_to_send(&connections[i]))
				ready[i].events |= POLLOUT;
		}
		if (poll(ready, (nfds_t)open_count, 1000) == -1)
			give_up("poll");
		for (i = 0; i < open_count; i++) {
			if (ready[i].fd != -1)
				connection_serve(&connections[i],
				    ready[i].revents);
		}
	}
}

static int
compare(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

int
main(int argc, char **argv)
{
	size_t i, sessions;
	double start, seconds;

	if (argc != 5)
		give_up("usage: load CONNECTIONS SESSIONS PORT SCRIPT");
	signal(SIGPIPE, SIG_IGN);
	open_count = (size_t)strtoul(argv[1], NULL, 10);
	sessions = (size_t)strtoul(argv[2], NULL, 10);
	address.sin_family = AF_INET;
	address.sin_port = htons((unsigned short)strtoul(argv[3], NULL, 10));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	script_load(&script, argv[4]);
	taken = calloc(sessions + 1, sizeof *taken);
	if (open_count == 0 || open_count > CONNECTIONS_MAX || taken == NULL) {
		errno = 0;
		give_up("load: too many, or none");
	}
	for (i = 0; i < open_count; i++)
		connections[i].socket = -1;
	start = microseconds();
	play(sessions);
	seconds = (microseconds() - start) / 1e6;
	qsort(taken, whole, sizeof *taken, compare);
	printf("%zu\t%zu\t%.6f\t%.0f\t%.0f\n", whole, broken, seconds,
	    whole ? taken[whole / 2] : 0, whole ? taken[whole * 99 / 100] : 0);
	return 0;
}
