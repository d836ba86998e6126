/*
 * The hand-over to a TLS wrapper: when it begins, and what a real wrapper
 * finds that is executed in this program's place.
 */
#include "stdio/tls_wrapper.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stdio/log.h"
#include "stdio/process.h"
#include "store/text.h"
#include "tests/lib/check.h"
#include "tests/lib/directory.h"

/* Nothing here waits as long as this but when something is wrong. */
#define SECONDS 60

static struct options options;
static const char *const no_keywords[] = { NULL };

static void
put_wrapper(const char *script)
{
	char text[2048];
	int length = snprintf(text, sizeof text, "#!/bin/sh\nOUT='%s'\n%s\n",
	    path_of("out"), script);

	must(length < (int)sizeof text, "a long script");
	put_file("wrapper", text, (size_t)length, 0700);
}

/* Sets -T's value: a name in the test's directory, and arguments. */
static void
set_command(const char *name, const char *arguments)
{
	static char command[8192];

	(void)snprintf(command, sizeof command, "%s%s", path_of(name),
	    arguments);
	options.tls_command = command;
}

static void
test_ready(void)
{
	put_file("no-program", OCTETS("#!/bin/sh\n"), 0600);
	options.tls_command = NULL;
	CHECK(!tls_wrapper_is_ready(&options), "no wrapper is none");
	set_command("wrapper", " -x %");
	CHECK(tls_wrapper_is_ready(&options),
	    "one that can be executed is ready"); /* smtp-3207-6-b */
	options.is_protected = true;
	CHECK(!tls_wrapper_is_ready(&options),
	    "but not where the connection is protected already"); /* smtp-3207-4.2-b */
	options.is_protected = false;
	set_command("nothing", " %");
	CHECK(!tls_wrapper_is_ready(&options), "one that is not there is not"); /* smtp-3207-6-b */
	set_command("no-program", " %");
	CHECK(!tls_wrapper_is_ready(&options), "nor one without x"); /* smtp-3207-6-b */
	set_command(".", "");
	CHECK(!tls_wrapper_is_ready(&options), "nor a directory");
	options.tls_command = "";
	CHECK(!tls_wrapper_is_ready(&options), "nor an empty command");
	options.tls_command = " ";
	CHECK(!tls_wrapper_is_ready(&options), "nor a blank one");
}

static void
test_requests(void)
{
	static struct line_reader reader;
	static struct line_writer writer;
	int ends[2];
	size_t length;
	char *line;

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "no socket pair");
	line_writer_init(&writer, -1, SECONDS);
	line_reader_init(&reader, ends[0], &writer, false);
	set_command("wrapper", " %");
	CHECK(tls_wrapper_request(&options, &reader) == TLS_BEGINS,
	    "a client that asks and waits: TLS begins");
	set_command("nothing", " %");
	CHECK(tls_wrapper_request(&options, &reader) == TLS_IS_NOT_READY,
	    "the wrapper cannot be executed: not ready"); /* smtp-3207-6-b */

	set_command("wrapper", " %");
	must(write(ends[1], "STARTTLS\r\nEHLO x\r\n", 18) == 18,
	    "cannot write");
	CHECK(tls_wrapper_request(&options, &reader) == TLS_IS_LATE,
	    "more that is not read yet: late"); /* smtp-3207-6-a pop3-2595-4-c */
	must(line_reader_line(&reader, 512, deadline_in(SECONDS), &line,
	    &length) == READ_LINE, "no line");
	CHECK(tls_wrapper_request(&options, &reader) == TLS_IS_LATE,
	    "more that is buffered: late"); /* smtp-3207-6-a pop3-2595-4-c */
	set_command("nothing", " %");
	CHECK(tls_wrapper_request(&options, &reader) == TLS_IS_LATE,
	    "late comes before not ready");
	options.is_protected = true;
	CHECK(tls_wrapper_request(&options, &reader) == TLS_IS_THERE,
	    "it is there already before late"); /* smtp-3207-4.2-b */
	options.tls_command = NULL;
	CHECK(tls_wrapper_request(&options, &reader) == TLS_IS_THERE,
	    "and before not offered");
	options.is_protected = false;
	CHECK(tls_wrapper_request(&options, &reader) == TLS_IS_NOT_OFFERED,
	    "without a wrapper: not offered, late or not");

	set_command("wrapper", " %");
	(void)line_reader_take_all(&reader, &length);
	CHECK(tls_wrapper_request(&options, &reader) == TLS_BEGINS,
	    "with all of it read: TLS begins");
	must(write(ends[1], "\x16", 1) == 1, "cannot write");
	CHECK(tls_wrapper_request(&options, &reader) == TLS_IS_LATE,
	    "a handshake that does not wait for the answer: late");
	(void)close(ends[0]);
	(void)close(ends[1]);
}

/* What has come out of descriptor 2, and how the process has ended. */
static char said[4096];
static int ended;

/*
 * Executes the wrapper in a process of its own; where that comes back, the
 * process ends with 99.
 */
static void
execute(char **argv, const struct peer *peer)
{
	int ends[2];
	size_t length = 0;
	ssize_t got;
	pid_t child = -1;

	(void)unlink(path_of("out"));
	must(pipe(ends) == 0 && (child = fork()) != -1, "cannot fork");
	if (child == 0) {
		(void)alarm(SECONDS);
		if (dup2(ends[1], STDERR_FILENO) == -1 || close(ends[0]) == -1
		    || close(ends[1]) == -1)
			_exit(98);
		log_open("test");
		tls_wrapper_execute(&options, argv, peer);
		_exit(99);
	}
	(void)close(ends[1]);
	while ((got = read(ends[0], said + length,
	    sizeof said - 1 - length)) > 0)
		length += (size_t)got;
	said[length] = '\0';
	(void)close(ends[0]);
	must(waitpid(child, &ended, 0) == child, "no child");
}

static const struct peer somebody = { PEER_IPV4, "192.0.2.7", "49152" };

#define WORDS_MAX 12

/* %D stands for the test's directory, which is also the current one. */
static const struct {
	const char *name;
	const char *arguments;          /* behind the wrapper's name */
	const char *argv[WORDS_MAX];
	const char *words;              /* what the wrapper is called with */
} calls[] = {
	{ "no word %", " -c stunnel.conf", { "/opt/smtp-stdio", "-a" },
	  "-c|stunnel.conf|" },
	{ "a path", " -x %", { "/opt/smtp-stdio" },
	  "-x|/opt/smtp-stdio|-s|-g|" },
	{ "words behind it", " -x % -y", { "/opt/smtp-stdio" },
	  "-x|/opt/smtp-stdio|-s|-g|-y|" },
	{ "it twice", " % -- %", { "/opt/smtp-stdio", "-p" },
	  "/opt/smtp-stdio|-p|-s|-g|--|/opt/smtp-stdio|-p|-s|-g|" },
	{ "words that have a % in them", " %% x% %x -p=%", { "/opt/smtp-stdio" },
	  "%%|x%|%x|-p=%|" },
	{ "a relative path", " %", { "build/smtp-stdio" },
	  "%D/build/smtp-stdio|-s|-g|" },
	{ "a name alone", " %", { "anything" }, SBINDIR "/smtp-stdio|-s|-g|" },
	{ "flags", " %", { "/x", "-p", "-v", "-n" }, "/x|-p|-v|-n|-s|-g|" },
	{ "flags in one word", " %", { "/x", "-pvn" }, "/x|-p|-v|-n|-s|-g|" },
	{ "a flag with its value", " %", { "/x", "-h", "mx.example.org" },
	  "/x|-h|mx.example.org|-s|-g|" },
	{ "a value in the flag's word", " %", { "/x", "-phmx.example.org" },
	  "/x|-p|-h|mx.example.org|-s|-g|" },
	{ "a value with blanks", " %", { "/x", "-A", "check -x  y" },
	  "/x|-A|check -x  y|-s|-g|" },
	{ "an empty value", " %", { "/x", "-h", "", "-p" }, "/x|-h||-p|-s|-g|" },
	{ "a value like a flag", " %", { "/x", "-h", "-T" }, "/x|-h|-T|-s|-g|" },
	{ "-T, which is left out", " %", { "/x", "-p", "-T", "wrapper %", "-v" },
	  "/x|-p|-v|-s|-g|" },
	{ "-T in one word", " %", { "/x", "-pTwrapper" }, "/x|-p|-s|-g|" },
	{ "-P, which is left out", " %", { "/x", "-P", "-pPv" },
	  "/x|-p|-v|-s|-g|" },
	{ "a root", " %", { "/x", "-d", "/var/mail" }, "/x|-d|/var/mail|-s|-g|" },
	{ "a relative root", " %", { "/x", "-d", "root" }, "/x|-d|%D/root|-s|-g|" },
	{ "a relative root in the flag's word", " %", { "/x", "-pdroot" },
	  "/x|-p|-d|%D/root|-s|-g|" },
	{ "a flag twice", " %", { "/x", "-h", "a", "-h", "b" },
	  "/x|-h|a|-h|b|-s|-g|" },
	{ "the end of the flags", " %", { "/x", "-p", "--" }, "/x|-p|-s|-g|" },
};

/* Replaces %D. */
static const char *
with_directory(const char *words)
{
	static char buffer[1024];
	struct text text;
	const char *place;

	text_init(&text, buffer, sizeof buffer);
	while ((place = strstr(words, "%D")) != NULL) {
		text_add_octets(&text, words, (size_t)(place - words));
		text_add(&text, own_directory.path);
		words = place + 2;
	}
	text_add(&text, words);
	return buffer;
}

static void
test_words(void)
{
	char *argv[WORDS_MAX], room[WORDS_MAX][32];
	size_t i, k;

	put_wrapper("printf '%s|' \"$@\" > \"$OUT\"; pwd > \"$OUT.pwd\"");
	for (i = 0; i < COUNT(calls); i++) {
		for (k = 0; calls[i].argv[k] != NULL; k++)
			argv[k] = strcpy(room[k], calls[i].argv[k]);
		argv[k] = NULL;
		set_command("wrapper", calls[i].arguments);
		execute(argv, &somebody);
		CHECK(ended == 0 && strcmp(get_file("out"),
		    with_directory(calls[i].words)) == 0,
		    "the wrapper is executed, with %s",
		    calls[i].name); /* smtp-3207-4-a */
		if (ended != 0 || strcmp(get_file("out"),
		    with_directory(calls[i].words)) != 0)
			printf("# called with: %s\n", get_file("out"));
	}
	CHECK(strncmp(get_file("out.pwd"), own_directory.path,
	    strlen(own_directory.path)) == 0, "in the same directory");
}

static void
test_environment(void)
{
	static const struct peer nobody = { PEER_UNKNOWN, "unknown", "" };
	char name[] = "/x", *argv[] = { name, NULL };

	put_wrapper("echo \"${REMOTE_ADDR-none} ${REMOTE_PORT-none} "
	    "${MAIL_STDIO_LOG-none}\" > \"$OUT\"");
	set_command("wrapper", "");
	execute(argv, &somebody);
	CHECK(strcmp(get_file("out"), "192.0.2.7 49152 none\n") == 0,
	    "it finds the peer in its environment"); /* smtp-stdio-peer */
	must(setenv("REMOTE_ADDR", "192.0.2.99", 1) == 0 &&
	    setenv("REMOTE_PORT", "99", 1) == 0, "no environment");
	execute(argv, &nobody);
	CHECK(strcmp(get_file("out"), "none none none\n") == 0,
	    "and nothing where the peer is not known");
	must(unsetenv("REMOTE_ADDR") == 0 && unsetenv("REMOTE_PORT") == 0,
	    "no environment");
}

static void
test_signals(void)
{
	char name[] = "/x", *argv[] = { name, NULL };

	put_wrapper("kill -s PIPE $$; exit 0");
	set_command("wrapper", "");
	execute(argv, &somebody);
	CHECK(WIFSIGNALED(ended), "SIGPIPE ends it, as by default");
	put_wrapper("kill -s TERM $$; exit 0");
	execute(argv, &somebody);
	CHECK(WIFSIGNALED(ended), "so does SIGTERM");
}

/* What the wrapper says and hears while descriptors 0 to 2 are one socket. */
static void
test_connection(void)
{
	char name[] = "/x", *argv[] = { name, NULL }, room[64];
	int ends[2], status = -1;
	ssize_t got;
	pid_t child = -1;

	put_wrapper("read line; echo \"heard $line\"; echo error >&2\n"
	    "echo \"${MAIL_STDIO_LOG-none}\" > \"$OUT\"");
	set_command("wrapper", "");
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 &&
	    write(ends[1], "hello\n", 6) == 6 && (child = fork()) != -1,
	    "no socket pair");
	if (child == 0) {
		(void)alarm(SECONDS);
		if (dup2(ends[0], 0) == -1 || dup2(ends[0], 1) == -1 ||
		    dup2(ends[0], 2) == -1 || close(ends[0]) == -1)
			_exit(98);
		log_open("test");
		tls_wrapper_execute(&options, argv, &somebody);
		_exit(99);
	}
	must(waitpid(child, &status, 0) == child, "no child");
	got = recv(ends[1], room, sizeof room - 1, MSG_DONTWAIT);
	room[got > 0 ? got : 0] = '\0';
	CHECK(status == 0 && strcmp(room, "heard hello\n") == 0,
	    "it has the connection, and says nothing there by descriptor 2");
	CHECK(strcmp(get_file("out"), "syslog\n") == 0,
	    "who comes behind it logs to syslog");
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void
test_failing(void)
{
	static char long_value[4000], flag[] = "-A", name[] = "/x", h[] = "-p";
	char *many[] = { name, flag, long_value, flag, long_value, flag,
	    long_value, flag, long_value, flag, long_value, NULL };
	char *argv[] = { name, h, NULL }, arguments[600];
	size_t i;

	set_command("nothing", " %");
	execute(argv, &somebody);
	CHECK(WIFEXITED(ended) && WEXITSTATUS(ended) == 99 &&
	    strstr(said, "tls-wrapper ") != NULL &&
	    strstr(said, "error=") != NULL,
	    "a wrapper that is not there: we go on, and it is logged");
	put_wrapper("exit 0");
	memset(long_value, 'x', sizeof long_value - 1);
	set_command("wrapper", " %");
	execute(many, &somebody);
	CHECK(WIFEXITED(ended) && WEXITSTATUS(ended) == 99 &&
	    strstr(said, "too long") != NULL,
	    "flags that are too long: it is not executed without some");
	for (i = 0; i < 254; i++)
		memcpy(arguments + 2 * i, " x", 3);
	strcat(arguments, " %");
	set_command("wrapper", arguments);
	execute(argv, &somebody);
	CHECK(WIFEXITED(ended) && WEXITSTATUS(ended) == 99 &&
	    strstr(said, "too long") != NULL,
	    "more words than there is room for: the same");
}

int
main(void)
{
	must(unsetenv("JOURNAL_STREAM") == 0 &&
	    unsetenv("MAIL_STDIO_LOG") == 0 && unsetenv("REMOTE_ADDR") == 0 &&
	    unsetenv("REMOTE_PORT") == 0, "no environment");
	process_start(-1);
	log_open("test");
	(void)make_directory();
	must(chdir(own_directory.path) == 0, "no directory");
	options_init(&options, "smtp-stdio", no_keywords, SECONDS);
	options.known = COMMON_FLAGS "P";
	put_wrapper("exit 0");
	test_ready();
	test_requests();
	test_words();
	test_environment();
	test_signals();
	test_connection();
	test_failing();
	return check_end();
}
