/*
 * The checkpassword interface, with real programs: what they are told, and
 * what their ends mean.
 */
#include "stdio/checkpassword.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "stdio/deadline.h"
#include "stdio/log.h"
#include "stdio/process.h"
#include "tests/lib/check.h"
#include "tests/lib/directory.h"

#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X490 X100 X100 X100 X100 X10 X10 X10 X10 X10 X10 X10 X10 X10

/* What the program and we have written to descriptor 2. */
static char logged[8192];

/* Asks a script, called with arguments; it writes to $OUT what it finds. */
static enum password_result
ask(const char *script, const char *arguments, const char *user,
    size_t user_length, const char *password, size_t password_length)
{
	char text[2048], command[1024];
	int length = snprintf(text, sizeof text, "#!/bin/sh\nOUT='%s'\n%s\n",
	    path_of("out"), script);
	int ends[2], saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	enum password_result result;
	ssize_t got;

	must(length < (int)sizeof text, "a long script");
	put_file("script", text, (size_t)length, 0700);
	(void)unlink(path_of("out"));
	(void)snprintf(command, sizeof command, "%s%s", path_of("script"),
	    arguments);
	must(saved != -1 && pipe(ends) == 0 && dup2(ends[1], STDERR_FILENO)
	    == STDERR_FILENO && close(ends[1]) == 0 &&
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0, "no pipe");
	result = checkpassword(command, user, user_length, password,
	    password_length);
	must(dup2(saved, STDERR_FILENO) == STDERR_FILENO && close(saved) == 0,
	    "no standard error");
	got = read(ends[0], logged, sizeof logged - 1);
	logged[got > 0 ? got : 0] = '\0';
	(void)close(ends[0]);
	return result;
}

static enum password_result
ask_bob(const char *script)
{
	return ask(script, "", OCTETS("bob@example.com"), OCTETS("pa ss\xe9"));
}

/* It gets the name, the password and the time, a NUL behind each. */
static void
test_input(void)
{
	static const char expected[] = "bob@example.com|pa ss\xe9|";
	int64_t before = (int64_t)time(NULL);
	const char *found;
	char *end;
	long long told;

	CHECK(ask_bob("cat <&3 | tr '\\000' '|' > \"$OUT\"") == PASSWORD_RIGHT,
	    "a program that says yes");
	found = get_file("out");
	CHECK(strncmp(found, expected, sizeof expected - 1) == 0,
	    "is told the name and the password");
	told = strtoll(found + sizeof expected - 1, &end, 10);
	CHECK(strcmp(end, "|") == 0 && told >= before &&
	    told <= (int64_t)time(NULL), "and the time, and nothing more");
	CHECK(ask("echo \"$#:$*\" > \"$OUT\"", "", OCTETS("bob"), OCTETS("x"))
	    == PASSWORD_RIGHT && strcmp(get_file("out"), "1:true\n") == 0,
	    "its argument is true");
	CHECK(ask("echo \"$#:$*\" > \"$OUT\"", "  -x  /etc/users ",
	    OCTETS("bob"), OCTETS("x")) == PASSWORD_RIGHT &&
	    strcmp(get_file("out"), "3:-x /etc/users true\n") == 0,
	    "behind those that the command has");
	CHECK(ask("cat <&3 | tr '\\000' '|' > \"$OUT\"", "", OCTETS("bob"),
	    OCTETS("")) == PASSWORD_RIGHT &&
	    strncmp(get_file("out"), "bob||", 5) == 0,
	    "an empty password is one");
	CHECK(ask_bob("exit 0") == PASSWORD_RIGHT,
	    "it need not read what it is told");
}

static void
test_answers(void)
{
	static const struct {
		const char *script;
		enum password_result result;
		const char *logged;     /* NULL: nothing */
	} answers[] = {
		{ "exit 0", PASSWORD_RIGHT, NULL },
		{ "exit 1", PASSWORD_WRONG, NULL },
		{ "exit 111", PASSWORD_FAILED, "temporary problem" },
		{ "exit 2", PASSWORD_FAILED, "neither 0 nor 1" },
		{ "exit 100", PASSWORD_FAILED, "neither 0 nor 1" },
		{ "exit 127", PASSWORD_FAILED, "neither 0 nor 1" },
		{ "exit 255", PASSWORD_FAILED, "neither 0 nor 1" },
		{ "kill -s KILL $$", PASSWORD_FAILED, "signal" },
		{ "kill -s PIPE $$", PASSWORD_FAILED, "signal" },
	};
	size_t i;

	for (i = 0; i < COUNT(answers); i++) {
		CHECK(ask_bob(answers[i].script) == answers[i].result,
		    "\"%s\"", answers[i].script); /* smtp-4954-4-j */
		CHECK(answers[i].logged == NULL ? logged[0] == '\0' :
		    strstr(logged, "checkpassword error=") != NULL &&
		    strstr(logged, answers[i].logged) != NULL &&
		    strstr(logged, "pa ss") == NULL, "logged: %s",
		    answers[i].logged == NULL ? "nothing" : answers[i].logged);
	}
	CHECK(ask_bob("echo trouble >&2; exit 111") == PASSWORD_FAILED &&
	    strncmp(logged, "trouble\n", 8) == 0,
	    "what it says on descriptor 2 goes where ours goes");
}

static void
test_not_run(void)
{
	static char command[1024];
	int error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	size_t i;

	must(error != -1 && dup2(null, STDERR_FILENO) == STDERR_FILENO,
	    "no /dev/null");
	CHECK(checkpassword("/nowhere/checkpassword", OCTETS("bob"),
	    OCTETS("x")) == PASSWORD_FAILED,
	    "a program that is not there");
	CHECK(checkpassword(path_of("."), OCTETS("bob"), OCTETS("x")) ==
	    PASSWORD_FAILED, "a directory for a program");
	CHECK(checkpassword("", OCTETS("bob"), OCTETS("x")) ==
	    PASSWORD_FAILED && checkpassword("  ", OCTETS("bob"), OCTETS("x"))
	    == PASSWORD_FAILED, "no program at all");
	strcpy(command, "/bin/true");
	for (i = 0; i < 255; i++)
		strcat(command, " x");
	CHECK(checkpassword(command, OCTETS("bob"), OCTETS("x")) ==
	    PASSWORD_FAILED, "a command without room for true");
	must(dup2(error, STDERR_FILENO) == STDERR_FILENO &&
	    close(error) == 0 && close(null) == 0, "no standard error");
}

/* Name and password with 2 NULs, the time's 10 digits and a NUL: 512 octets. */
static void
test_limit(void)
{
	static const char script[] = "wc -c <&3 > \"$OUT\"";

	CHECK(ask(script, "", OCTETS("bob456789"), OCTETS(X490)) ==
	    PASSWORD_RIGHT && atoi(get_file("out")) == CHECKPASSWORD_OCTETS_MAX,
	    "512 octets in all are told");
	CHECK(ask(script, "", OCTETS("bob456789" X490), OCTETS("")) ==
	    PASSWORD_RIGHT && atoi(get_file("out")) == CHECKPASSWORD_OCTETS_MAX,
	    "whichever of the two they are in");
	CHECK(ask(script, "", OCTETS("bob4567890"), OCTETS(X490)) ==
	    PASSWORD_WRONG && get_file("out")[0] == '\0' && logged[0] == '\0',
	    "with one more the password is wrong, and nobody is asked");
	CHECK(ask(script, "", OCTETS(X490 X490), OCTETS(X490 X490)) ==
	    PASSWORD_WRONG, "so it is with many more");
}

/* The descriptor that the next open(2) gives. */
static int
next_descriptor(void)
{
	int opened = open("/dev/null", O_RDONLY);

	must(opened != -1 && close(opened) == 0, "no /dev/null");
	return opened;
}

static void
test_descriptors(void)
{
	int before = next_descriptor();

	(void)ask_bob("exit 0");
	(void)ask_bob("exit 111");
	(void)ask("exit 0", "", OCTETS(X490 X490), OCTETS("x"));
	CHECK(next_descriptor() == before, "no descriptor is left open");
}

/* The last test: a process that is to stop does not begin again. */
static void
test_stop(void)
{
	int64_t before = deadline_clock();

	CHECK(ask_bob("kill -s TERM $PPID; sleep 600") == PASSWORD_FAILED &&
	    deadline_clock() - before < 1000 * CHECKPASSWORD_SECONDS &&
	    strstr(logged, "stopped") != NULL,
	    "a request to stop ends the program, and nobody is let in");
}

int
main(void)
{
	must(unsetenv("JOURNAL_STREAM") == 0 &&
	    unsetenv("MAIL_STDIO_LOG") == 0, "no environment");
	process_start(-1);
	log_open("test");
	(void)make_directory();
	test_input();
	test_answers();
	test_not_run();
	test_limit();
	test_descriptors();
	test_stop();
	return check_end();
}
