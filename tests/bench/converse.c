/*
 * converse [-m] ROUNDS PLAN: runs programs, talks with them, and says what each
 * run cost.  In every round each program of the plan has its turn once, so that
 * what else the machine does meets all of them alike.  A line of the plan is,
 * with tabs between,
 *
 *     NAME WIRE SCRIPT [VARIABLE=VALUE ...] COMMAND [ARGUMENT ...]
 *
 * WIRE is `pipe` (descriptors 0 and 1 are two pipes) or `tcp` (both are one
 * connection over loopback).  Printed is, for each run, with tabs between, NAME,
 * microseconds from the start to the reaping, microseconds of processor time of
 * the program and its children, the peak of resident memory in KiB, and the
 * microseconds that each step took; the first includes the start.  Memory is
 * looked at before the last step, and with -m only, for it takes time; else it
 * is 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/script.h"

#define CONTESTANTS_MAX 64
#define WORDS_MAX 64
#define LINE_OCTETS 8192

struct contestant {
	const char *name;
	bool tcp;
	struct script script;
	char *environment[WORDS_MAX + 1];
	char *command[WORDS_MAX + 1];
};

/* Our ends of the connection (the same descriptor for TCP), and its ends. */
struct wire {
	int to, from;
	bool sends;             /* until the program is told that no more comes */
	int input, output;
};

static struct contestant contestants[CONTESTANTS_MAX];
static size_t contestant_count;
static bool with_memory;
static char path[LINE_OCTETS];  /* the variable, which each program gets */
static char output[1 << 18];

/* The words of a line, which they stay part of. */
static void
contestant_read(struct contestant *contestant, char *line)
{
	size_t variables = 0, words = 0;
	char *save, *script, *word;

	contestant->name = strtok_r(line, "\t\n", &save);
	word = strtok_r(NULL, "\t\n", &save);
	contestant->tcp = word != NULL && strcmp(word, "tcp") == 0;
	script = strtok_r(NULL, "\t\n", &save);
	if (script != NULL) {
		script_load(&contestant->script, script);
	} else {
		errno = 0;
		give_up("a line of the plan has no script");
	}
	contestant->environment[variables++] = path;
	while ((word = strtok_r(NULL, "\t\n", &save)) != NULL) {
		if (variables == WORDS_MAX || words == WORDS_MAX) {
			errno = 0;
			give_up("too many words");
		}
		if (words == 0 && strchr(word, '=') != NULL)
			contestant->environment[variables++] = word;
		else
			contestant->command[words++] = word;
	}
}

static void
plan_read(const char *plan)
{
	static char lines[CONTESTANTS_MAX][LINE_OCTETS];
	FILE *file = fopen(plan, "r");

	if (file == NULL)
		give_up(plan);
	while (contestant_count < CONTESTANTS_MAX &&
	    fgets(lines[contestant_count], LINE_OCTETS, file) != NULL) {
		contestant_read(&contestants[contestant_count],
		    lines[contestant_count]);
		contestant_count++;
	}
	fclose(file);
}

static void
never_waits(int descriptor)
{
	if (fcntl(descriptor, F_SETFL, O_NONBLOCK) == -1)
		give_up("fcntl");
}

static void
never_inherited(int descriptor)
{
	if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) == -1)
		give_up("fcntl");
}

static void
connect_by_pipes(struct wire *wire)
{
	int in[2], out[2];

	if (pipe(in) == -1 || pipe(out) == -1)
		give_up("pipe");
	wire->input = in[0];
	wire->to = in[1];
	wire->from = out[0];
	wire->output = out[1];
}

static void
connect_by_tcp(struct wire *wire)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	wire->to = wire->from = socket(AF_INET, SOCK_STREAM, 0);
	if (listener == -1 || wire->to == -1 ||
	    bind(listener, (struct sockaddr *)&address, length) == -1 ||
	    listen(listener, 1) == -1 ||
	    getsockname(listener, (struct sockaddr *)&address, &length) == -1 ||
	    connect(wire->to, (struct sockaddr *)&address, length) == -1)
		give_up("connect");
	wire->input = wire->output = accept(listener, NULL, NULL);
	if (wire->input == -1)
		give_up("accept");
	close(listener);
}

static void
wire_open(struct wire *wire, bool tcp)
{
	if (tcp)
		connect_by_tcp(wire);
	else
		connect_by_pipes(wire);
	never_inherited(wire->to);
	never_inherited(wire->from);
	never_inherited(wire->input);
	never_inherited(wire->output);
	never_waits(wire->to);
	never_waits(wire->from);
	wire->sends = true;
}

static pid_t
start(struct contestant *contestant, const struct wire *wire)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, wire->input, 0);
	posix_spawn_file_actions_adddup2(&actions, wire->output, 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	errno = posix_spawnp(&pid, contestant->command[0], &actions, NULL,
	    contestant->command, contestant->environment);
	if (errno != 0)
		give_up(contestant->command[0]);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* Sends what there is room for.  Returns how much that was. */
static size_t
send_some(const struct wire *wire, const char *octets, size_t length)
{
	ssize_t sent = write(wire->to, octets, length);

	if (sent == -1 && errno != EAGAIN && errno != EINTR)
		give_up("write");
	return sent == -1 ? 0 : (size_t)sent;
}

/* Tells the program that nothing more will come. */
static void
wire_end_input(struct wire *wire)
{
	if (wire->to == wire->from)
		shutdown(wire->to, SHUT_WR);
	else
		close(wire->to);
	wire->sends = false;
}

/*
 * Does a step: sends, and reads meanwhile and after.  A program that ends early
 * ends us, for what it cost says nothing then.
 */
static void
step_take(const struct step *step, struct wire *wire, const char *name)
{
	struct pollfd ready[2];
	struct awaited awaited;
	bool has_come = false, ended = false;
	size_t sent = 0;
	ssize_t got;

	awaited_start(&awaited, step->until);
	while (sent < step->length ||
	    !(has_come || (ended && step->until == UNTIL_END))) {
		if (ended) {
			errno = 0;
			give_up(name);
		}
		if (wire->sends && sent == step->length &&
		    step->until == UNTIL_END)
			wire_end_input(wire);
		ready[0] = (struct pollfd){ wire->from, POLLIN, 0 };
		ready[1] = (struct pollfd){ wire->to, POLLOUT, 0 };
		if (poll(ready, sent < step->length ? 2 : 1, -1) == -1)
			give_up("poll");
		if (sent < step->length && ready[1].revents != 0)
			sent += send_some(wire, step->octets + sent,
			    step->length - sent);
		if (ready[0].revents == 0)
			continue;
		got = read(wire->from, output, sizeof output);
		if (got > 0)
			has_come = awaited_has_come(&awaited, output, (size_t)got);
		else if (got == 0)
			ended = true;
		else if (errno != EAGAIN && errno != EINTR)
			give_up(name);
	}
}

/* VmHWM of a process, KiB; 0 where it cannot be seen. */
static long
peak_of(long pid)
{
	char status[64], line[256];
	long kib = 0;
	FILE *file;

	snprintf(status, sizeof status, "/proc/%ld/status", pid);
	file = fopen(status, "r");
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof line, file) != NULL) {
		if (sscanf(line, "VmHWM: %ld", &kib) == 1)
			break;
	}
	fclose(file);
	return kib;
}

/* The most of a process, and of its children that are there now. */
static long
peak_memory(pid_t pid)
{
	char children[64];
	long child, kib = peak_of(pid);
	FILE *file;

	snprintf(children, sizeof children, "/proc/%ld/task/%ld/children",
	    (long)pid, (long)pid);
	file = fopen(children, "r");
	if (file == NULL)
		return kib;
	while (fscanf(file, "%ld", &child) == 1)
		kib += peak_of(child);
	fclose(file);
	return kib;
}

static double
processor_time(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e6 +
	    (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

static void
converse(struct contestant *contestant)
{
	double begun, before, now, steps[STEPS_MAX];
	const struct script *script = &contestant->script;
	size_t count = script->count, i;
	struct rusage usage;
	struct wire wire;
	long memory = 0;
	int status;
	pid_t pid;

	wire_open(&wire, contestant->tcp);
	begun = before = microseconds();
	pid = start(contestant, &wire);
	close(wire.input);
	if (wire.output != wire.input)
		close(wire.output);
	for (i = 0; i < count; i++) {
		if (with_memory && i + 1 == count)
			memory = peak_memory(pid);
		step_take(&script->steps[i], &wire, contestant->name);
		now = microseconds();
		steps[i] = now - before;
		before = now;
	}
	if (wire.sends && wire.to != wire.from)
		close(wire.to);
	close(wire.from);
	if (wait4(pid, &status, 0, &usage) == -1)
		give_up("wait4");
	if (status != 0) {
		errno = 0;
		give_up(contestant->name);
	}
	printf("%s\t%.0f\t%.0f\t%ld", contestant->name, microseconds() - begun,
	    processor_time(&usage), memory);
	for (i = 0; i < count; i++)
		printf("\t%.0f", steps[i]);
	printf("\n");
}

int
main(int argc, char **argv)
{
	long round, rounds;
	size_t i;

	snprintf(path, sizeof path, "PATH=%s",
	    getenv("PATH") == NULL ? "" : getenv("PATH"));
	with_memory = argc > 1 && strcmp(argv[1], "-m") == 0;
	if (argc != 3 + with_memory)
		give_up("usage: converse [-m] ROUNDS PLAN");
	signal(SIGPIPE, SIG_IGN);
	rounds = strtol(argv[1 + with_memory], NULL, 10);
	plan_read(argv[2 + with_memory]);
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < contestant_count; i++)
			converse(&contestants[i]);
	}
	return 0;
}
