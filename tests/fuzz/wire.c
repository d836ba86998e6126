/* The wire; see wire.h. */
#include "tests/fuzz/wire.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stdio/log.h"
#include "tests/fuzz/target.h"

/* More than any reply to an input can be. */
#define OUTPUT_OCTETS_MAX ((size_t)32 << 20)

static char output[OUTPUT_OCTETS_MAX + 1];
static size_t step;             /* octets of a read; 0: any */
static bool is_connected;       /* inputs are being taken */
static unsigned entropy;        /* octets given since the input came */

/* The functions that the linker puts in the place of the system's. */
ssize_t __real_read(int descriptor, void *octets, size_t size);
ssize_t __wrap_read(int descriptor, void *octets, size_t size);
int __wrap_getentropy(void *octets, size_t length);
pid_t __real_waitpid(pid_t child, int *status, int flags);
pid_t __wrap_waitpid(pid_t child, int *status, int flags);

ssize_t
__wrap_read(int descriptor, void *octets, size_t size)
{
	if (descriptor == STDIN_FILENO && step != 0 && size > step)
		size = step;
	return __real_read(descriptor, octets, size);
}

int
__wrap_getentropy(void *octets, size_t length)
{
	unsigned char *to = octets;
	size_t i;

	for (i = 0; i < length; i++, entropy++)
		to[i] = (unsigned char)(entropy * 7 + entropy / 256);
	return 0;
}

pid_t
__wrap_waitpid(pid_t child, int *status, int flags)
{
	pid_t result = __real_waitpid(child, status, flags);

	/* AFL++'s own part of the target waits for processes, too. */
	ORACLE(!is_connected || result == -1 || !WIFSIGNALED(*status),
	    "a process of the session was ended by signal %d",
	    WTERMSIG(*status));
	return result;
}

static void
open_as(int descriptor, const char *name)
{
	const char *scratch = getenv("FUZZ_SCRATCH");
	char path[4096];
	int file;

	ORACLE(scratch != NULL, "$FUZZ_SCRATCH says no directory");
	(void)snprintf(path, sizeof path, "%s/%s", scratch, name);
	file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
	ORACLE(file != -1, "%s: %s", path, strerror(errno));
	ORACLE(dup2(file, descriptor) == descriptor, "%s", strerror(errno));
	(void)close(file);
}

void
wire_begin(void)
{
	open_as(STDIN_FILENO, "input");
	open_as(STDOUT_FILENO, "output");
	open_as(STDERR_FILENO, "log");
}

size_t
wire_flags(const char *input, size_t length, char flags[WIRE_FLAGS_MAX + 1])
{
	static const size_t steps[] = { 0, 1, 2, 3, 7, 19, 100, 511, 1024,
	    4095 };
	size_t i;

	step = 0;
	flags[0] = '\0';
	for (i = 0; i < length && i <= WIRE_FLAGS_MAX; i++) {
		if (input[i] == '\n') {
			memcpy(flags, input, i);
			flags[i] = '\0';
			break;
		}
		if (!isalnum((unsigned char)input[i]))
			return 0;
	}
	if (i == length || i > WIRE_FLAGS_MAX)
		return 0;
	length = i + 1;
	for (i = 0; flags[i] != '\0'; i++)
		if (isdigit((unsigned char)flags[i]))
			step = steps[flags[i] - '0'];
	return length;
}

void
wire_connect(const char *octets, size_t length)
{
	int i;

	is_connected = true;
	entropy = 0;
	for (i = 0; i < 3; i++)
		ORACLE(ftruncate(i, 0) == 0 && lseek(i, 0, SEEK_SET) == 0,
		    "%s", strerror(errno));
	ORACLE(write(STDIN_FILENO, octets, length) == (ssize_t)length,
	    "%s", strerror(errno));
	ORACLE(lseek(STDIN_FILENO, 0, SEEK_SET) == 0, "%s", strerror(errno));
}

static const char *
read_all(int descriptor, size_t *length)
{
	struct stat status;

	ORACLE(fstat(descriptor, &status) == 0, "%s", strerror(errno));
	*length = (size_t)status.st_size;
	ORACLE(*length <= OUTPUT_OCTETS_MAX, "%zu octets", *length);
	ORACLE(pread(descriptor, output, *length, 0) == (ssize_t)*length,
	    "%s", strerror(errno));
	output[*length] = '\0';
	return output;
}

const char *
wire_output(size_t *length)
{
	return read_all(STDOUT_FILENO, length);
}

const char *
wire_errors(size_t *length)
{
	return read_all(STDERR_FILENO, length);
}

void
wire_check_log(size_t lines_max)
{
	size_t length, lines = 0, i, start = 0;
	const char *log = read_all(STDERR_FILENO, &length);

	for (i = 0; i < length; i++) {
		if (log[i] != '\n') {
			ORACLE(log[i] >= 0x20 && log[i] <= 0x7e,
			    "octet %02x in the log", (unsigned char)log[i]);
			continue;
		}
		ORACLE(i - start < LOG_LINE_SIZE, "%zu octets", i - start);
		start = i + 1;
		lines++;
	}
	ORACLE(start == length, "half a line in the log");
	ORACLE(lines <= lines_max, "%zu lines in the log", lines);
}
