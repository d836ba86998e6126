/*
 * Failed logins: the line in the log that others match, and how long the
 * reply waits.
 */
#include "stdio/login_failure.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stdio/log.h"
#include "stdio/process.h"
#include "tests/lib/check.h"

static const struct peer somebody = { PEER_IPV4, "192.0.2.7", "49152" };

static void
test_reasons(void)
{
	static const enum password_result failures[] = {
		PASSWORD_WRONG, PASSWORD_MALFORMED, PASSWORD_FAILED
	};
	size_t i, k;

	CHECK(login_failure_reason(PASSWORD_RIGHT) == NULL,
	    "a login that is right has no reason");
	for (i = 0; i < COUNT(failures); i++) {
		const char *reason = login_failure_reason(failures[i]);
		bool different = true;

		for (k = 0; k < i; k++)
			different &= strcmp(reason,
			    login_failure_reason(failures[k])) != 0;
		CHECK(different && is_printable(reason) &&
		    strchr(reason, '"') == NULL, "a reason of its own: %s",
		    reason);
	}
}

/* What has been written to descriptor 2 while it was a pipe. */
static const char *
logged(const struct peer *peer, const char *user, size_t length,
    const char *reason)
{
	static char room[8192];
	int ends[2], saved = dup(STDERR_FILENO);
	const char *behind;
	ssize_t got;

	must(saved != -1 && pipe(ends) == 0 &&
	    dup2(ends[1], STDERR_FILENO) != -1 && close(ends[1]) == 0,
	    "no pipe");
	log_open("test");
	login_failure_log(peer, user, length, reason);
	must(dup2(saved, STDERR_FILENO) != -1 && close(saved) == 0,
	    "no standard error");
	got = read(ends[0], room, sizeof room - 1);
	(void)close(ends[0]);
	room[got > 0 ? got : 0] = '\0';
	behind = strstr(room, "]: ");           /* the program and its number */
	return behind == NULL ? room : behind + 3;
}

static const struct {
	const char *name;
	const char *user;
	size_t length;
	const char *logged;
} users[] = {
	{ "an address", OCTETS("bob@example.com"), "user=bob@example.com" },
	{ "nobody", OCTETS(""), "user=\"\"" },
	{ "a name with blanks", OCTETS("a b"), "user=\"a b\"" },
	{ "a name that looks like a field", OCTETS("x reason=\"\" peer=1.2.3.4"),
	  "user=\"x reason=\\\"\\\" peer=1.2.3.4\"" },
	{ "a name that looks like another line",
	  OCTETS("x\nlogin-failed peer=1.2.3.4 user=y reason=z\n"),
	  "user=\"x?login-failed peer=1.2.3.4 user=y reason=z?\"" },
	{ "control characters and others", OCTETS("\0\x1b[31m\x7f\xe9"),
	  "user=??[31m??" },
};

static void
test_log(void)
{
	static const struct peer sixth = { PEER_IPV6, "2001:db8::7", "" };
	static const struct peer nobody = { PEER_UNKNOWN, "unknown", "" };
	const char *wrong = login_failure_reason(PASSWORD_WRONG);
	char expected[256], name[1200];
	const char *line;
	size_t i;

	for (i = 0; i < COUNT(users); i++) {
		(void)snprintf(expected, sizeof expected,
		    "login-failed peer=192.0.2.7 %s "
		    "reason=\"wrong user or password\"\n", users[i].logged);
		CHECK(strcmp(logged(&somebody, users[i].user, users[i].length,
		    wrong), expected) == 0, "the log line of %s",
		    users[i].name); /* sasl-prep */
	}
	CHECK(strcmp(logged(&sixth, OCTETS("bob"), wrong),
	    "login-failed peer=2001:db8::7 user=bob "
	    "reason=\"wrong user or password\"\n") == 0,
	    "the log line of a peer by IPv6");
	CHECK(strcmp(logged(&nobody, OCTETS("bob"), wrong),
	    "login-failed peer=unknown user=bob "
	    "reason=\"wrong user or password\"\n") == 0,
	    "the log line of a peer that is not known");
	memset(name, '"', sizeof name);
	line = logged(&somebody, name, sizeof name, wrong);
	CHECK(strncmp(line, "login-failed peer=192.0.2.7 user=\"", 34) == 0 &&
	    strstr(line, "reason=\"wrong user or password\"\n") != NULL,
	    "a long name pushes nothing out of the line");
}

/* Nothing here waits as long as this but when something is wrong. */
#define SECONDS 60

static struct line_reader reader;
static struct line_writer writer;

static int
connect_reader(void)
{
	int ends[2];

	must(pipe(ends) == 0, "no pipe");
	line_writer_init(&writer, -1, SECONDS);
	line_reader_init(&reader, ends[0], &writer, false);
	return ends[1];
}

/* The waits that there are, each in a process of its own, all at once. */
static void
test_waits(void)
{
	static const struct {
		unsigned failures, seconds;
	} waits[] = {
		{ 0, 1 }, { 1, 2 }, { 2, 4 }, { 3, 8 }, { 4, 8 }, { 1000, 8 }
	};
	pid_t children[COUNT(waits)];
	size_t i;
	int status;

	for (i = 0; i < COUNT(waits); i++) {
		children[i] = fork();
		must(children[i] != -1, "cannot fork");
		if (children[i] == 0) {
			unsigned failures = waits[i].failures;
			int64_t begun = deadline_clock(), taken;

			(void)alarm(SECONDS);
			(void)connect_reader();
			login_failure_wait(&reader, &failures);
			taken = deadline_clock() - begun;
			_exit(failures != waits[i].failures + 1 ||
			    taken < 1000 * (int64_t)waits[i].seconds ||
			    taken > 2000 * (int64_t)(waits[i].seconds + 2));
		}
	}
	for (i = 0; i < COUNT(waits); i++)
		CHECK(waitpid(children[i], &status, 0) == children[i] &&
		    status == 0, "after %u failures the reply waits %u s, and "
		    "that counts as one more", waits[i].failures,
		    waits[i].seconds);
}

static void
test_end_of_input(void)
{
	struct deadline deadline = deadline_in(7);
	unsigned failures = 3;
	int other = connect_reader();
	size_t length;
	char *line;

	must(write(other, "QUIT\r\n", 6) == 6 && close(other) == 0,
	    "cannot write");
	login_failure_wait(&reader, &failures);
	CHECK(deadline_left(deadline) > 0 && failures == 4,
	    "the end of input ends the wait, and the failure is counted");
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && same(line, length, OCTETS("QUIT")),
	    "what had been sent before is still there");
	(void)close(reader.descriptor);
}

/* The last test: a process that is to stop does not begin again. */
static void
test_stop(void)
{
	struct deadline deadline = deadline_in(7);
	unsigned failures = 3;
	int other = connect_reader();
	pid_t self = getpid(), child = fork();

	must(child != -1, "cannot fork");
	if (child == 0)
		_exit(kill(self, SIGTERM) != 0);
	login_failure_wait(&reader, &failures);
	CHECK(deadline_left(deadline) > 0, "SIGTERM ends the wait");
	(void)waitpid(child, NULL, 0);
	(void)close(other);
	(void)close(reader.descriptor);
}

int
main(void)
{
	must(unsetenv("JOURNAL_STREAM") == 0 &&
	    unsetenv("MAIL_STDIO_LOG") == 0, "no environment");
	process_start(-1);
	test_reasons();
	test_log();
	test_waits();
	test_end_of_input();
	test_stop();
	return check_end();
}
