/* Scripts of sessions, and the clock, for what measures. */
#include "tests/bench/script.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

_Noreturn void
give_up(const char *what)
{
	if (errno != 0)
		fprintf(stderr, "%s: %s\n", what, strerror(errno));
	else
		fprintf(stderr, "%s\n", what);
	exit(1);
}

double
microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void
map_file(struct step *step, const char *path)
{
	struct stat status;
	void *octets;
	int file;

	step->octets = "";
	step->length = 0;
	if (strcmp(path, "-") == 0)
		return;
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file == -1 || fstat(file, &status) == -1)
		give_up(path);
	if (status.st_size > 0) {
		octets = mmap(NULL, (size_t)status.st_size, PROT_READ,
		    MAP_PRIVATE | MAP_POPULATE, file, 0);
		if (octets == MAP_FAILED)
			give_up(path);
		step->octets = octets;
		step->length = (size_t)status.st_size;
	}
	close(file);
}

static enum until
until_of(const char *word)
{
	static const char *const words[] = { "line", "reply", "dot", "end" };
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(word, words[i]) == 0)
			return (enum until)i;
	}
	errno = 0;
	give_up(word);
}

void
script_load(struct script *script, const char *path)
{
	char name[1024], word[16];
	FILE *file = fopen(path, "r");

	if (file == NULL)
		give_up(path);
	for (script->count = 0; fscanf(file, "%1023s %15s", name, word) == 2;
	    script->count++) {
		if (script->count == STEPS_MAX) {
			errno = 0;
			give_up("too many steps");
		}
		map_file(&script->steps[script->count], name);
		script->steps[script->count].until = until_of(word);
	}
	fclose(file);
}

void
awaited_start(struct awaited *awaited, enum until until)
{
	awaited->until = until;
	awaited->column = 0;
	awaited->goes_on = false;
	memset(awaited->tail, 0, sizeof awaited->tail);
}

/* Lines matter only as far as the octet behind the code, and are few. */
static bool
line_has_come(struct awaited *awaited, const char *octets, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (octets[i] == '\n') {
			if (awaited->until == UNTIL_LINE || !awaited->goes_on)
				return true;
			awaited->column = 0;
			awaited->goes_on = false;
		} else {
			if (awaited->column == 3)
				awaited->goes_on = octets[i] == '-';
			if (awaited->column < 4)
				awaited->column++;
		}
	}
	return false;
}

/* Output ends with the dot: nobody has been asked for more. */
static bool
dot_has_come(struct awaited *awaited, const char *octets, size_t length)
{
	size_t kept = sizeof awaited->tail;

	if (length >= kept) {
		memcpy(awaited->tail, octets + length - kept, kept);
	} else {
		memmove(awaited->tail, awaited->tail + length, kept - length);
		memcpy(awaited->tail + kept - length, octets, length);
	}
	return memcmp(awaited->tail, "\r\n.\r\n", kept) == 0;
}

bool
awaited_has_come(struct awaited *awaited, const char *octets, size_t length)
{
	switch (awaited->until) {
	case UNTIL_LINE:
	case UNTIL_REPLY:
		return line_has_come(awaited, octets, length);
	case UNTIL_DOT:
		return dot_has_come(awaited, octets, length);
	case UNTIL_END:
		break;
	}
	return false;
}
