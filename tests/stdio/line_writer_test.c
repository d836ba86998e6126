/*
 * Buffered output over real pipes: when it leaves, that all of it leaves, and
 * what happens when the client takes none.
 */
#include "stdio/line_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stdio/deadline.h"
#include "stdio/process.h"
#include "tests/lib/check.h"

#define SECONDS 60
#define BUFFER_SIZE (sizeof ((struct line_writer *)NULL)->buffer)

static struct line_writer writer;
static int reading;             /* the client's end of the pipe */

static void
connect_writer(unsigned seconds)
{
	int ends[2];

	must(pipe(ends) == 0, "no pipe");
	reading = ends[0];
	line_writer_init(&writer, ends[1], seconds);
}

static void
disconnect(void)
{
	close(reading);
	close(writer.descriptor);
}

/* The octet at a place of all that is written. */
static char
octet_at(size_t place)
{
	return (char)(place % 251);
}

static void
put(size_t place, size_t length)
{
	static char octets[BUFFER_SIZE * 2];
	size_t i;

	for (i = 0; i < length; i++)
		octets[i] = octet_at(place + i);
	line_writer_put(&writer, octets, length);
}

/* How much can be read now; all of it is, and must be what was put. */
static size_t
arrived(size_t place)
{
	static char octets[BUFFER_SIZE * 2];
	ssize_t got, i;

	must(fcntl(reading, F_SETFL, O_NONBLOCK) == 0, "no O_NONBLOCK");
	got = read(reading, octets, sizeof octets);
	for (i = 0; i < got; i++)
		must(octets[i] == octet_at(place + (size_t)i),
		    "other octets than were written");
	return got > 0 ? (size_t)got : 0;
}

static void
test_holding_back(void)
{
	connect_writer(SECONDS);
	CHECK(line_writer_flush(&writer) == WRITE_OK && arrived(0) == 0,
	    "nothing put is nothing written");
	put(0, 5);
	put(5, 7);
	line_writer_put(&writer, "", 0);
	CHECK(arrived(0) == 0, "what is put is held back");
	CHECK(line_writer_flush(&writer) == WRITE_OK && arrived(0) == 12,
	    "until somebody flushes");
	CHECK(line_writer_flush(&writer) == WRITE_OK && arrived(0) == 0,
	    "and is written once");
	put(0, BUFFER_SIZE);
	CHECK(arrived(0) == 0, "a buffer that is just full is held back");
	put(BUFFER_SIZE, 1);
	CHECK(arrived(0) == BUFFER_SIZE, "one octet more makes it leave, and a pipe holds all of it");
	CHECK(line_writer_flush(&writer) == WRITE_OK &&
	    arrived(BUFFER_SIZE) == 1, "and stays for the next time");
	disconnect();
}

/* Puts total octets in pieces of all sizes; another process reads them. */
static bool
much_arrives(size_t total, bool non_blocking)
{
	size_t place = 0, piece = 1;
	int status;
	pid_t child;

	connect_writer(SECONDS);
	must(!non_blocking || fcntl(writer.descriptor, F_SETFL, O_NONBLOCK) == 0,
	    "no O_NONBLOCK");
	child = fork();
	must(child >= 0, "cannot fork");
	if (child == 0) {
		char octets[1009];
		ssize_t got, i;

		close(writer.descriptor);
		(void)alarm(SECONDS);
		while ((got = read(reading, octets, sizeof octets)) > 0)
			for (i = 0; i < got; i++)
				if (octets[i] != octet_at(place++))
					_exit(2);
		_exit(place == total ? 0 : 1);
	}
	while (place < total) {
		if (piece > total - place)
			piece = total - place;
		put(place, piece);
		place += piece;
		piece = (piece * 5 + 3) % (BUFFER_SIZE + 1000);
	}
	(void)line_writer_flush(&writer);
	disconnect();
	return waitpid(child, &status, 0) == child && status == 0 &&
	    writer.status == WRITE_OK;
}

static void
test_closed(void)
{
	connect_writer(SECONDS);
	close(reading);
	put(0, 5);
	CHECK(writer.status == WRITE_OK, "nobody knows before it is written");
	CHECK(line_writer_flush(&writer) == WRITE_CLOSED, "the client has gone");
	CHECK(line_writer_flush(&writer) == WRITE_CLOSED, "and stays so");
	put(0, BUFFER_SIZE * 2);
	put(0, BUFFER_SIZE * 2);
	CHECK(line_writer_flush(&writer) == WRITE_CLOSED && writer.used == 0,
	    "what is put from then on is thrown away");
	close(writer.descriptor);
	line_writer_init(&writer, -1, SECONDS);
	CHECK(line_writer_flush(&writer) == WRITE_OK,
	    "no descriptor is no harm where nothing is put");
	put(0, 1);
	CHECK(line_writer_flush(&writer) == WRITE_CLOSED,
	    "no descriptor is as good as a closed one");
	process_interrupt_in(0);
}

/* The client is there and reads nothing. */
static void
test_no_progress(bool non_blocking)
{
	const char *how = non_blocking ? "non-blocking" : "blocking";
	int64_t began;
	bool blocked;

	connect_writer(1);
	must(!non_blocking || fcntl(writer.descriptor, F_SETFL, O_NONBLOCK) == 0,
	    "no O_NONBLOCK");
	began = deadline_clock();
	put(0, BUFFER_SIZE);
	put(BUFFER_SIZE, BUFFER_SIZE);
	blocked = line_writer_flush(&writer) == WRITE_TIMED_OUT;
	CHECK(blocked, "a write without progress times out, %s", how);
	CHECK(deadline_clock() - began >= 900, "but not before its time, %s", how);
	CHECK(line_writer_flush(&writer) == WRITE_TIMED_OUT,
	    "and is not tried again, %s", how);
	process_interrupt_in(0);
	disconnect();
}

int
main(void)
{
	struct itimerval left;

	process_start(-1);
	test_holding_back();
	CHECK(much_arrives(3000000, false), "much, in pieces of all sizes");
	CHECK(much_arrives(3000000, true),
	    "much, over a descriptor that somebody made non-blocking");
	CHECK(getitimer(ITIMER_REAL, &left) == 0 && left.it_value.tv_sec > 0,
	    "the next write finds the alarm of the last one");
	process_interrupt_in(0);
	test_closed();
	test_no_progress(false);
	test_no_progress(true);
	return check_end();
}
