/*
 * What the unit tests say: a line of TAP for each thing that is checked.
 *
 *	CHECK(condition, "name of the behaviour, as for printf", ...);
 *
 * and "return check_end();" at the end of main, which writes the plan and
 * makes the exit status.
 */
#ifndef TESTS_LIB_CHECK_H
#define TESTS_LIB_CHECK_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number of elements of an array. */
#define COUNT(array) (sizeof (array) / sizeof (array)[0])

/* A string literal and its length, for text that may hold a NUL. */
#define OCTETS(literal) literal, sizeof literal - 1

static struct {
	unsigned done, failed;
} check_state;

#define CHECK(condition, ...) \
	check_result((condition), #condition, __FILE__, __LINE__, __VA_ARGS__)

__attribute__((format(printf, 5, 6)))
static inline void
check_result(bool right, const char *condition, const char *file, int line,
    const char *name, ...)
{
	va_list arguments;

	printf("%s %u - ", right ? "ok" : "not ok", ++check_state.done);
	va_start(arguments, name);
	vprintf(name, arguments);
	va_end(arguments);
	putchar('\n');
	if (!right) {
		check_state.failed++;
		printf("# %s:%d: %s\n", file, line, condition);
	}
	fflush(stdout);
}

static inline int
check_end(void)
{
	printf("1..%u\n", check_state.done);
	return check_state.failed == 0 ? 0 : 1;
}

/* What a test cannot go on without. */
static inline void
must(bool done, const char *what)
{
	if (!done) {
		printf("Bail out! %s\n", what);
		exit(1);
	}
}

/* Whether text is printable ASCII. */
static inline bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

/* Whether two pieces of text are the same. */
static inline bool
same(const void *a, size_t a_length, const void *b, size_t b_length)
{
	return a_length == b_length &&
	    (a_length == 0 || memcmp(a, b, a_length) == 0);
}

/*
 * Octets as they can stand in a name: printable ASCII but "#", which means
 * something in TAP, and the rest as in a C string; long ones are cut.  Good
 * until the fourth call from now.
 */
static inline const char *
shown(const char *octets, size_t length)
{
	static char room[4][80];
	static unsigned turn;
	char *text = room[turn++ % COUNT(room)];
	size_t i, used = 0;

	text[0] = '\0';
	for (i = 0; i < length; i++) {
		char octet = octets[i];
		bool plain = octet >= 0x20 && octet < 0x7f && octet != '#';

		if (used > sizeof room[0] - 8) {
			strcpy(text + used, "...");
			return text;
		}
		if (octet == '\r' || octet == '\n')
			used += (size_t)sprintf(text + used, "\\%c",
			    octet == '\r' ? 'r' : 'n');
		else
			used += (size_t)sprintf(text + used,
			    plain ? "%c" : "\\x%02X",
			    (unsigned)(unsigned char)octet);
	}
	return text;
}

#endif
