/*
 * The log on a pipe as descriptor 2: what a line looks like, and that nothing
 * that a client sends makes a second line or another field.
 */
#include "stdio/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/check.h"

static int saved_error, reading;

/* Makes descriptor 2 a pipe, and reading its other end. */
static void
take_standard_error(void)
{
	int ends[2];

	must(pipe(ends) == 0 && dup2(ends[1], STDERR_FILENO) != -1 &&
	    close(ends[1]) == 0, "no pipe");
	reading = ends[0];
	must(fcntl(reading, F_SETFL, O_NONBLOCK) == 0, "no O_NONBLOCK");
}

static void
give_standard_error_back(void)
{
	must(dup2(saved_error, STDERR_FILENO) != -1 && close(reading) == 0,
	    "no standard error");
}

/* What has been logged since the last time. */
static const char *
logged(void)
{
	static char buffer[4096];
	ssize_t got = read(reading, buffer, sizeof buffer - 1);

	buffer[got > 0 ? got : 0] = '\0';
	return buffer;
}

static const struct {
	const char *value;
	size_t length;
	const char *field;
} values[] = {
	{ OCTETS("bob@example.org"), "key=bob@example.org" },
	{ OCTETS(""), "key=\"\"" },
	{ OCTETS("two words"), "key=\"two words\"" },
	{ OCTETS(" "), "key=\" \"" },
	{ OCTETS("x status=250"), "key=\"x status=250\"" },
	{ OCTETS("a=b"), "key=\"a=b\"" },
	{ OCTETS("=="), "key=\"==\"" },
	{ OCTETS("say \"hi\""), "key=\"say \\\"hi\\\"\"" },
	{ OCTETS("\""), "key=\"\\\"\"" },
	{ OCTETS("\" to=\"x"), "key=\"\\\" to=\\\"x\"" },
	{ OCTETS("a \\"), "key=\"a \\\\\"" },
	{ OCTETS("\\\" x=y"), "key=\"\\\\\\\" x=y\"" },
	{ OCTETS("a\nb"), "key=a?b" },
	{ OCTETS("x\nsmtp-stdio[1]: delivery to=y"),
	  "key=\"x?smtp-stdio[1]: delivery to=y\"" },
	{ OCTETS("x\r\ny"), "key=x??y" },
	{ OCTETS("a\tb"), "key=a?b" },
	{ OCTETS("a\0b"), "key=a?b" },
	{ OCTETS("\033[31mred"), "key=?[31mred" },
	{ OCTETS("\x7f"), "key=?" },
	{ OCTETS("Ren\xc3\xa9"), "key=Ren??" },
	{ OCTETS("\x9b" "31m"), "key=?31m" },
	{ OCTETS("%s%n"), "key=%s%n" },
};

static void
test_values(void)
{
	char expected[256];
	struct log_line line;
	size_t i;

	for (i = 0; i < COUNT(values); i++) {
		log_begin(&line, LOG_IS_INFO, "event");
		log_octets(&line, "key", values[i].value, values[i].length);
		log_number(&line, "n", 1);
		log_end(&line);
		(void)snprintf(expected, sizeof expected,
		    "smtp-stdio[%ld]: event %s n=1\n", (long)getpid(),
		    values[i].field);
		CHECK(strcmp(logged(), expected) == 0, "logged: \"%s\"",
		    shown(values[i].value, values[i].length));
	}
}

static void
test_lines(void)
{
	char expected[128], value[LOG_LINE_SIZE + 100];
	struct log_line line;
	const char *said;

	(void)snprintf(expected, sizeof expected,
	    "smtp-stdio[%ld]: session peer=192.0.2.1 messages=2 "
	    "most=18446744073709551615 end=quit\n", (long)getpid());
	log_begin(&line, LOG_IS_INFO, "session");
	log_text(&line, "peer", "192.0.2.1");
	log_number(&line, "messages", 2);
	log_number(&line, "most", UINT64_MAX);
	log_text(&line, "end", "quit");
	CHECK(logged()[0] == '\0', "nothing is written before the line is whole");
	log_end(&line);
	CHECK(strcmp(logged(), expected) == 0, "a line of some fields");
	log_event(LOG_IS_WARNING, "event", "key", "value");
	said = logged();
	CHECK(strstr(said, ": event key=value\n") != NULL &&
	    strchr(said, '\n')[1] == '\0', "a line of one field, in one call");

	memset(value, 'x', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	log_event(LOG_IS_INFO, "event", "key", value);
	said = logged();
	CHECK(strlen(said) <= LOG_LINE_SIZE && said[strlen(said) - 1] == '\n' &&
	    strchr(said, '\n')[1] == '\0', "a line that is too long is cut, and "
	    "ends");
	log_begin(&line, LOG_IS_INFO, "event");
	value[0] = ' ';
	log_text(&line, "one", value);
	log_text(&line, "two", value);
	log_text(&line, "three", value);
	log_text(&line, "end", "here");
	log_end(&line);
	said = logged();
	CHECK(strlen(said) <= LOG_LINE_SIZE &&
	    strstr(said, "...\" two=\" x") != NULL &&
	    strstr(said, "...\" end=here\n") != NULL,
	    "long values push no other field out of the line");
	memset(value, '"', sizeof value - 1);
	log_event(LOG_IS_INFO, "event", "key", value);
	said = logged();
	CHECK(strlen(said) <= LOG_LINE_SIZE && said[strlen(said) - 1] == '\n',
	    "so is one of quotes alone");
}

/* What systemd says where standard error is the journal's. */
static void
name_journal(void)
{
	char name[64];
	struct stat status;

	must(fstat(STDERR_FILENO, &status) == 0, "no standard error");
	(void)snprintf(name, sizeof name, "%ju:%ju",
	    (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
	must(setenv("JOURNAL_STREAM", name, 1) == 0, "no environment");
}

static void
test_journal(void)
{
	name_journal();
	log_open("smtp-stdio");
	log_event(LOG_IS_ERROR, "event", "key", "value");
	CHECK(strcmp(logged(), "<3>event key=value\n") == 0,
	    "an error, where standard error is the journal's");
	log_event(LOG_IS_INFO, "event", "key", "<3>");
	CHECK(strcmp(logged(), "<6>event key=<3>\n") == 0,
	    "information, where standard error is the journal's");
	CHECK(!log_is_connection(), "the journal is no client");

	must(setenv("JOURNAL_STREAM", "1:1", 1) == 0, "no environment");
	log_open("smtp-stdio");
	log_event(LOG_IS_ERROR, "event", "key", "value");
	CHECK(strncmp(logged(), "smtp-stdio[", 11) == 0,
	    "plain, where $JOURNAL_STREAM names something else");
	must(unsetenv("JOURNAL_STREAM") == 0, "no environment");
}

/* As a classic inetd starts it: descriptors 0 and 2 are the client's socket. */
static void
test_connection(void)
{
	int ends[2], other[2], saved_input = dup(STDIN_FILENO);
	char room[64];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 &&
	    socketpair(AF_UNIX, SOCK_STREAM, 0, other) == 0 &&
	    dup2(ends[0], STDIN_FILENO) != -1 &&
	    dup2(ends[0], STDERR_FILENO) != -1 &&
	    fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0, "no socket pair");
	log_open("log_test");
	CHECK(log_is_connection(), "standard error is the client's socket");
	log_event(LOG_IS_DEBUG, "test", "key", "value");
	CHECK(read(ends[1], room, sizeof room) == -1,
	    "nothing is logged to the client");
	name_journal();
	log_open("log_test");
	CHECK(!log_is_connection(), "but the journal is no client");
	log_event(LOG_IS_DEBUG, "test", "key", "value");
	CHECK(read(ends[1], room, sizeof room) > 0,
	    "also where another descriptor is its socket, too");
	must(unsetenv("JOURNAL_STREAM") == 0, "no environment");

	must(dup2(other[0], STDERR_FILENO) != -1, "no standard error");
	log_open("log_test");
	CHECK(!log_is_connection(), "another socket is not the client");
	log_event(LOG_IS_DEBUG, "test", "key", "value");
	CHECK(read(other[1], room, sizeof room) > 0, "and is logged to");

	close(STDERR_FILENO);
	log_open("log_test");
	CHECK(log_is_connection(), "no standard error is none to write to");
	must(dup2(saved_error, STDERR_FILENO) != -1, "no standard error");
	if (saved_input != -1)
		(void)dup2(saved_input, STDIN_FILENO);
	log_open("log_test");
}

int
main(void)
{
	saved_error = dup(STDERR_FILENO);
	must(saved_error != -1 && unsetenv("JOURNAL_STREAM") == 0,
	    "no standard error");
	take_standard_error();
	log_open("smtp-stdio");
	test_values();
	test_lines();
	test_journal();
	give_standard_error_back();
	test_connection();
	return check_end();
}
