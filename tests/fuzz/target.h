/*
 * What the fuzz targets have in common.  Each is a program that takes one
 * input after the other in one process, from afl-fuzz(1) or from files, and
 * ends by a signal as soon as something is not as it has to be: a crash, a
 * finding of the sanitizers, or an ORACLE() that does not hold.
 */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* What must hold, whatever the input is; the words are those of printf(3). */
#define ORACLE(condition, ...) \
	do { \
		if (!(condition)) { \
			oracle_tell(__FILE__, __LINE__, #condition, \
			    __VA_ARGS__); \
			abort(); \
		} \
	} while (0)

void oracle_tell(const char *file, int line, const char *condition,
    const char *words, ...) __attribute__((format(printf, 4, 5)));

/* Longer inputs are left out: they find nothing that shorter ones do not. */
#define INPUT_OCTETS_MAX 60000

/* Each target has these: what is done once, and for each input. */
void target_begin(void);
void target_take(const char *input, size_t length);

/*
 * A copy of octets with a NUL behind it, in memory of just that size, so that
 * whoever reads on is found out; free() gives it back.
 */
char *copy_of(const char *octets, size_t length);

/* The same without the NUL, and of at least one octet. */
char *exact_copy_of(const char *octets, size_t length);

/* Whether two pieces of text are the same. */
static inline bool
same(const void *a, size_t a_length, const void *b, size_t b_length)
{
	return a_length == b_length &&
	    (a_length == 0 || memcmp(a, b, a_length) == 0);
}

#endif
