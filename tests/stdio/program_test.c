/*
 * Programs that the command line names: their words, whether they can be
 * executed, and what a real one finds when it is run, and how it ends.
 */
#include "stdio/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stdio/deadline.h"
#include "stdio/log.h"
#include "stdio/process.h"
#include "tests/lib/check.h"
#include "tests/lib/directory.h"

/* Nothing here waits as long as this but when something is wrong. */
#define SECONDS 60

static struct program program;

static const struct {
	const char *command;
	const char *words;      /* with a | behind each; NULL: refused */
} commands[] = {
	{ "checkpassword", "checkpassword|" },
	{ "/usr/bin/stunnel /etc/stunnel.conf", "/usr/bin/stunnel|/etc/stunnel.conf|" },
	{ "  a  b\tc \t ", "a|b|c|" },
	{ "a 'b c' \"d\"", "a|'b|c'|\"d\"|" },
	{ "a\\ b $HOME `x` *; rm", "a\\|b|$HOME|`x`|*;|rm|" },
	{ "a % -x=%", "a|%|-x=%|" },
	{ "a\nb c", "a\nb|c|" },
	{ "", NULL },
	{ " ", NULL },
	{ " \t \t", NULL },
};

static void
test_splitting(void)
{
	char buffer[256];
	struct text text;
	size_t i, k;

	for (i = 0; i < COUNT(commands); i++) {
		const char *command = commands[i].command;

		if (commands[i].words == NULL) {
			CHECK(!program_split(&program, command),
			    "no command: \"%s\"", shown(command,
			    strlen(command)));
			continue;
		}
		CHECK(program_split(&program, command) &&
		    program.words[program.count] == NULL,
		    "a command: \"%s\"", shown(command, strlen(command)));
		text_init(&text, buffer, sizeof buffer);
		for (k = 0; program.words[k] != NULL; k++) {
			text_add(&text, program.words[k]);
			text_add_octet(&text, '|');
		}
		CHECK(strcmp(buffer, commands[i].words) == 0 &&
		    k == program.count, "its words are %s",
		    shown(commands[i].words, strlen(commands[i].words)));
	}
}

static void
test_many_words(void)
{
	static char command[5000], last[] = "true";
	size_t i;

	for (i = 0; i < 2 * PROGRAM_WORDS_MAX; i += 2)
		memcpy(command + i, "x ", 3);
	CHECK(program_split(&program, command) &&
	    program.count == PROGRAM_WORDS_MAX &&
	    program.words[PROGRAM_WORDS_MAX] == NULL, "256 words fit");
	CHECK(!program_add(&program, last) &&
	    program.count == PROGRAM_WORDS_MAX &&
	    program.words[PROGRAM_WORDS_MAX] == NULL, "and no other");
	strcat(command, "x");
	CHECK(!program_split(&program, command), "257 words do not");
	command[2 * (PROGRAM_WORDS_MAX - 1)] = '\0';
	CHECK(program_split(&program, command) && program_add(&program, last) &&
	    program.words[PROGRAM_WORDS_MAX - 1] == last &&
	    program.words[PROGRAM_WORDS_MAX] == NULL,
	    "a word is added behind 255");
	memset(command, 'x', sizeof program.text - 1);
	command[sizeof program.text - 1] = '\0';
	CHECK(program_split(&program, command) && program.count == 1 &&
	    strcmp(program.words[0], command) == 0,
	    "a command of 4095 octets fits");
	strcat(command, "x");
	CHECK(!program_split(&program, command), "one of 4096 does not");
}

/* Puts a script there; $OUT in it is where it writes what it finds. */
static void
put_script(const char *name, const char *script)
{
	char text[2048];
	int length = snprintf(text, sizeof text, "#!/bin/sh\nOUT='%s'\n%s\n",
	    path_of("out"), script);

	must(length < (int)sizeof text, "a long script");
	put_file(name, text, (size_t)length, 0700);
	(void)unlink(path_of("out"));
}

static bool
is_executable(const char *command)
{
	must(program_split(&program, command), "no command");
	return program_is_executable(&program);
}

static void
test_paths(void)
{
	put_script("good", "exit 0");
	put_file("plain", OCTETS("#!/bin/sh\n"), 0600);
	must(mkdir(path_of("directory"), 0700) == 0 &&
	    symlink("good", path_of("to-good")) == 0 &&
	    symlink("nothing", path_of("to-nothing")) == 0, "no file");
	CHECK(is_executable(path_of("good")), "a script can be executed");
	CHECK(is_executable(path_of("good -x plain")),
	    "its arguments do not matter");
	CHECK(!is_executable(path_of("plain")), "a file without x cannot");
	CHECK(!is_executable(path_of("directory")), "nor can a directory");
	CHECK(!is_executable(path_of("nothing")), "nor what is not there");
	CHECK(is_executable(path_of("to-good")), "a link to a script can");
	CHECK(!is_executable(path_of("to-nothing")), "one to nothing cannot");
	CHECK(is_executable(path_of("directory/../good")),
	    "a path is taken as it is");
	CHECK(!is_executable(path_of("good/")), "a file is no directory");
}

/* Whether a command is found where $PATH is this; NULL: not set. */
static bool
is_found(const char *path, const char *command)
{
	must((path == NULL ? unsetenv("PATH") : setenv("PATH", path, 1)) == 0,
	    "no environment");
	return is_executable(command);
}

static void
test_search(void)
{
	char *saved = strdup(getenv("PATH") == NULL ? "/bin:/usr/bin" :
	    getenv("PATH"));
	char *here = getcwd(NULL, 0), room[4096], longest[6000];
	const char *own = path_of(".");

	must(saved != NULL && here != NULL, "no memory");
	CHECK(is_found(own, "good"), "a name is looked for in $PATH");
	CHECK(!is_found(own, "nothing") && !is_found(own, "plain") &&
	    !is_found(own, "directory"), "and must be a program there");
	(void)snprintf(room, sizeof room, "/nowhere:%s:/nowhere", own);
	CHECK(is_found(room, "good"), "in each of its directories");
	CHECK(!is_found("/nowhere:/dev/null", "good"), "and nowhere else");
	put_script("directory/plain", "exit 0");
	(void)snprintf(room, sizeof room, "%s:%s/directory", own, own);
	CHECK(is_found(room, "plain"), "what cannot be executed is passed over");
	memset(longest, 'x', 5000);
	longest[0] = '/';
	longest[5000] = '\0';
	CHECK(!is_found(longest, "good"), "a directory too long is none");
	strcat(longest, ":");
	strcat(longest, own);
	CHECK(is_found(longest, "good"), "and is passed over");
	CHECK(is_found(NULL, "sh"), "without $PATH it is the usual one");

	must(chdir(own) == 0, "no directory");
	CHECK(is_found("", "good") && is_found("/nowhere:", "good") &&
	    is_found(":/nowhere", "good") && !is_found("/nowhere", "good"),
	    "an empty directory in $PATH is this one");
	CHECK(is_found("/nowhere", "./good") && !is_found(own, "./nothing"),
	    "a name with a slash is a path");
	must(chdir(here) == 0 && setenv("PATH", saved, 1) == 0, "no way back");
	free(saved);
	free(here);
}

static int status;

/* What a program is given that has only an input, as its descriptor 3. */
static struct program_input
input_of(int descriptor, unsigned seconds)
{
	struct program_input input = { { -1, -1, -1, descriptor }, seconds, 0,
		NULL, NULL };

	return input;
}

/* Runs a script with two arguments. */
static enum program_end
run_with(const char *script, const struct program_input *input)
{
	put_script("script", script);
	must(program_split(&program, path_of("script one 'two")),
	    "no command");
	status = -1;
	return program_run(&program, input, &status);
}

/* The same with this many seconds, and the input as its descriptor 3. */
static enum program_end
run(const char *script, int descriptor, unsigned seconds)
{
	struct program_input input = input_of(descriptor, seconds);

	return run_with(script, &input);
}

/* An input that has ended, out of the way of other descriptors. */
static int
no_input(void)
{
	static int null = -1;
	int opened;

	if (null != -1)
		return null;
	opened = open("/dev/null", O_RDONLY);
	null = fcntl(opened, F_DUPFD_CLOEXEC, 20);
	must(null != -1 && close(opened) == 0, "no /dev/null");
	return null;
}

static void
test_statuses(void)
{
	static const int statuses[] = { 0, 1, 2, 75, 111, 127, 255 };
	static const char *const signals[] = { "KILL", "TERM", "PIPE", "XFSZ",
		"INT", "HUP", "ALRM" };
	char script[64];
	size_t i;

	for (i = 0; i < COUNT(statuses); i++) {
		(void)snprintf(script, sizeof script, "exit %d", statuses[i]);
		CHECK(run(script, no_input(), SECONDS) == PROGRAM_EXITED &&
		    status == statuses[i], "it exits with %d", statuses[i]);
	}
	for (i = 0; i < COUNT(signals); i++) {
		(void)snprintf(script, sizeof script, "kill -s %s $$\nexit 0",
		    signals[i]);
		CHECK(run(script, no_input(), SECONDS) == PROGRAM_KILLED,
		    "SIG%s ends it, as by default", signals[i]);
	}
	CHECK(run("echo \"$#|$1|$2\" > \"$OUT\"", no_input(), SECONDS) ==
	    PROGRAM_EXITED && strcmp(get_file("out"), "2|one|'two\n") == 0,
	    "it has its words as arguments");
	must(setenv("REMOTE_ADDR", "192.0.2.1", 1) == 0, "no environment");
	CHECK(run("echo \"$REMOTE_ADDR\" > \"$OUT\"", no_input(), SECONDS) ==
	    PROGRAM_EXITED && strcmp(get_file("out"), "192.0.2.1\n") == 0,
	    "and our environment");
}

static void
test_failing(void)
{
	struct program_input input = input_of(no_input(), SECONDS);

	must(program_split(&program, path_of("nothing")), "no command");
	CHECK(program_run(&program, &input, &status) ==
	    PROGRAM_FAILED, "what is not there cannot be run");
	must(program_split(&program, path_of("plain")), "no command");
	CHECK(program_run(&program, &input, &status) ==
	    PROGRAM_FAILED, "nor what is no program");
	put_file("odd", OCTETS("#!/nowhere/interpreter\n"), 0700);
	must(program_split(&program, path_of("odd")), "no command");
	CHECK(program_run(&program, &input, &status) ==
	    PROGRAM_FAILED || status == 127,
	    "one whose interpreter is not there is no success");
}

/* A pipe that holds this; its end to read is descriptor number. */
static int
pipe_with(const char *octets, size_t length, int number)
{
	int ends[2];

	must(pipe(ends) == 0 && write(ends[1], octets, length) ==
	    (ssize_t)length && close(ends[1]) == 0, "no pipe");
	if (ends[0] != number) {
		must(dup2(ends[0], number) == number && close(ends[0]) == 0,
		    "no descriptor");
	}
	must(fcntl(number, F_SETFD, FD_CLOEXEC) == 0, "no FD_CLOEXEC");
	return number;
}

static void
test_input(void)
{
	static const int numbers[] = { 3, 4, 9 };
	size_t i;

	for (i = 0; i < COUNT(numbers); i++) {
		int input = pipe_with(OCTETS("user\0password\0"), numbers[i]);
		CHECK(run("cat <&3 | tr '\\000' '|' > \"$OUT\"", input,
		    SECONDS) == PROGRAM_EXITED && strcmp(get_file("out"),
		    "user|password|") == 0,
		    "our descriptor %d is its descriptor 3", numbers[i]);
		(void)close(input);
		input = pipe_with(OCTETS(""), numbers[i]);
		CHECK(run("for d in 4 5 6 7 8 9; do\n"
		    "if (: <&$d) 2> /dev/null; then echo $d; fi; done > \"$OUT\"",
		    input, SECONDS) == PROGRAM_EXITED &&
		    strcmp(get_file("out"), "") == 0,
		    "and it has none above it");
		(void)close(input);
	}
}

/* A new file of ours to write to; its descriptor. */
static int
new_file(const char *name)
{
	int file = open(path_of(name), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);

	must(file != -1, "no file");
	return file;
}

/* Each of its descriptors 0 to 3 is the one that we say, in any order. */
static void
test_descriptors(void)
{
	static const int orders[][4] = {
		{ 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 1, 2, 3, 0 }, { 2, 0, 3, 1 }
	};
	int numbers[4], saved[4], number;
	struct program_input input;
	size_t i, k;

	for (i = 0; i < COUNT(orders); i++) {
		enum program_end end;
		bool right = true;

		for (number = 0; number < 4; number++)
			saved[number] = fcntl(number, F_DUPFD_CLOEXEC, 40);
		put_file("input", OCTETS("in\n"), 0600);
		put_file("more", OCTETS("more\n"), 0600);
		numbers[0] = open(path_of("input"), O_RDONLY | O_CLOEXEC);
		numbers[1] = new_file("output");
		numbers[2] = new_file("error");
		numbers[3] = open(path_of("more"), O_RDONLY | O_CLOEXEC);
		input = input_of(-1, SECONDS);
		for (k = 0; k < 4; k++)
			numbers[k] = fcntl(numbers[k], F_DUPFD_CLOEXEC, 20);
		fflush(stdout);
		for (k = 0; k < 4; k++) {
			right &= dup2(numbers[k], orders[i][k]) != -1;
			input.descriptors[k] = orders[i][k];
		}
		end = run_with("cat; cat <&3; echo error >&2", &input);
		for (number = 0; number < 4; number++) {
			if (saved[number] == -1) {
				(void)close(number);
				continue;
			}
			(void)dup2(saved[number], number);
			(void)close(saved[number]);
		}
		for (k = 0; k < 4; k++)
			(void)close(numbers[k]);
		CHECK(right && end == PROGRAM_EXITED && status == 0 &&
		    strcmp(get_file("output"), "in\nmore\n") == 0 &&
		    strcmp(get_file("error"), "error\n") == 0,
		    "ours %d %d %d %d are its 0 to 3", orders[i][0],
		    orders[i][1], orders[i][2], orders[i][3]);
	}
}

/* A program writes no more to a file than it may. */
static void
test_file_limit(void)
{
	static const char script[] =
	    "exec dd if=/dev/zero bs=1000 count=$((COUNT)) 2> /dev/null";
	struct program_input input = input_of(no_input(), SECONDS);
	int output = new_file("output");
	struct stat after;

	input.descriptors[1] = output;
	input.file_octets = 4000;
	must(setenv("COUNT", "4", 1) == 0, "no environment");
	CHECK(run_with(script, &input) == PROGRAM_EXITED && status == 0 &&
	    fstat(output, &after) == 0 && after.st_size == 4000,
	    "it writes as much as it may");
	must(setenv("COUNT", "5", 1) == 0 && ftruncate(output, 0) == 0 &&
	    lseek(output, 0, SEEK_SET) == 0, "no file");
	CHECK(run_with(script, &input) == PROGRAM_KILLED &&
	    fstat(output, &after) == 0 && after.st_size == 4000,
	    "what is more ends it, as by default");
	input.file_octets = 0;
	must(ftruncate(output, 0) == 0 && lseek(output, 0, SEEK_SET) == 0,
	    "no file");
	CHECK(run_with(script, &input) == PROGRAM_EXITED && status == 0 &&
	    fstat(output, &after) == 0 && after.st_size == 5000,
	    "without a limit it writes what it wants");
	(void)close(output);
	must(unsetenv("COUNT") == 0, "no environment");
}

/* In the process of the program, and there alone. */
static bool
prepare_name(void *context)
{
	return setenv("NAME", context, 1) == 0;
}

static bool
prepare_nothing(void *context)
{
	(void)context;
	return false;
}

static void
test_preparing(void)
{
	struct program_input input = input_of(no_input(), SECONDS);
	char name[] = "a name";

	input.prepare = prepare_name;
	input.context = name;
	CHECK(run_with("echo \"$NAME\" > \"$OUT\"", &input) ==
	    PROGRAM_EXITED && status == 0 &&
	    strcmp(get_file("out"), "a name\n") == 0,
	    "its process is prepared before it is executed");
	CHECK(getenv("NAME") == NULL, "and ours is not");
	input.prepare = prepare_nothing;
	CHECK(run_with("exit 0", &input) != PROGRAM_EXITED || status == 127,
	    "one that cannot be prepared is no success");
}

/*
 * Runs a script while our own descriptors 0 to 2 are the ends of one socket
 * pair or of two, and tells what has come out of them.
 */
static void
run_connected(const char *script, bool error_is_connection, char *out,
    char *error)
{
	int ends[2], other[2], saved[3], number;
	char rest[16];
	ssize_t got;

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 &&
	    socketpair(AF_UNIX, SOCK_STREAM, 0, other) == 0 &&
	    write(ends[1], "NOOP\r\n", 6) == 6 &&
	    fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(other[1], F_SETFL, O_NONBLOCK) == 0, "no socket pair");
	for (number = 0; number < 3; number++)
		must((saved[number] = fcntl(number, F_DUPFD_CLOEXEC, 10)) != -1
		    && dup2(number == 2 && !error_is_connection ? other[0] :
		    ends[0], number) == number, "no descriptor");
	log_open("test");
	(void)run(script, no_input(), SECONDS);
	for (number = 0; number < 3; number++)
		must(dup2(saved[number], number) == number &&
		    close(saved[number]) == 0, "no descriptor");
	log_open("test");
	got = read(ends[1], out, 63);
	out[got > 0 ? got : 0] = '\0';
	got = read(other[1], error, 63);
	error[got > 0 ? got : 0] = '\0';
	CHECK(recv(ends[0], rest, sizeof rest, MSG_DONTWAIT) == 6, "what the client has sent is not read by it");
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(other[0]);
	(void)close(other[1]);
}

static void
test_standard_descriptors(void)
{
	static const char script[] =
	    "echo out; echo error >&2; cat > \"$OUT\"; echo end >> \"$OUT\"";
	char out[64], error[64];

	run_connected(script, false, out, error);
	CHECK(strcmp(get_file("out"), "end\n") == 0,
	    "descriptor 0 has nothing to read");
	CHECK(out[0] == '\0', "descriptor 1 is not the connection");
	CHECK(strcmp(error, "error\n") == 0, "descriptor 2 is our own");
	run_connected(script, true, out, error);
	CHECK(strcmp(get_file("out"), "end\n") == 0 && out[0] == '\0' &&
	    error[0] == '\0', "but where that is the connection");
}

/* All that a program leaves behind has gone when descriptor 3 is closed. */
static void
test_time_limit(void)
{
	int64_t before = deadline_clock();
	struct pollfd input;
	int ends[2];
	char octet;

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0,
	    "no socket pair");
	CHECK(run("sleep 600 & (sleep 600; exit 0) & sleep 600", ends[0], 1) ==
	    PROGRAM_TOO_SLOW, "it has as many seconds as it is told");
	CHECK(deadline_clock() - before >= 1000 &&
	    deadline_clock() - before < 1000 * SECONDS,
	    "so many, and not many more");
	(void)close(ends[0]);
	input.fd = ends[1];
	input.events = POLLIN;
	CHECK(poll(&input, 1, 1000 * SECONDS) == 1 &&
	    read(ends[1], &octet, 1) == 0, "its own children end with it");
	(void)close(ends[1]);
	CHECK(run("exit 7", no_input(), SECONDS) == PROGRAM_EXITED &&
	    status == 7, "the next one has its own time");
	CHECK(alarm(0) == 0, "and no alarm is left behind");
	CHECK(run("trap '' TERM INT HUP ALRM; sleep 600", no_input(), 1) ==
	    PROGRAM_TOO_SLOW, "one that does not want to end ends");
}

/* The last test: a process that is to stop does not begin again. */
static void
test_stop(void)
{
	int64_t before = deadline_clock();

	CHECK(run("kill -s TERM $PPID; sleep 600", no_input(), SECONDS) ==
	    PROGRAM_TOO_SLOW && deadline_clock() - before < 1000 * SECONDS,
	    "a request to stop ends it");
	CHECK(process_must_stop(), "and is still to be followed");
	before = deadline_clock();
	CHECK(run("sleep 600", no_input(), SECONDS) == PROGRAM_TOO_SLOW &&
	    deadline_clock() - before < 1000 * SECONDS,
	    "one that is run all the same does not last");
}

int
main(void)
{
	process_start(-1);
	log_open("test");
	(void)make_directory();
	test_splitting();
	test_many_words();
	test_paths();
	test_search();
	test_statuses();
	test_failing();
	test_standard_descriptors();
	test_input();
	test_descriptors();
	test_file_limit();
	test_preparing();
	test_time_limit();
	test_stop();
	return check_end();
}
