/*
 * What a session in a fuzz target has in the place of a client: descriptor 0
 * is a file with the input, and 1 and 2 are files whose content is looked at
 * when the session is over.
 *
 * What else is replaced, when the target is linked: reads from descriptor 0
 * end at borders that the input chooses, random octets are the same for each
 * input, a process that has crashed ends its parent too, and passwords are
 * derived with one iteration, since ten thousand of them find nothing more.
 */
#ifndef TESTS_FUZZ_WIRE_H
#define TESTS_FUZZ_WIRE_H

#include <stddef.h>

/* Makes the three files in the directory $FUZZ_SCRATCH. */
void wire_begin(void);

#define WIRE_FLAGS_MAX 31

/*
 * The first line of an input says how the program is called: a letter for
 * each flag, and a digit for how many octets a read gives at the most.
 * Returns where the session begins.
 */
size_t wire_flags(const char *input, size_t length,
    char flags[WIRE_FLAGS_MAX + 1]);

/* Puts a session's input in its place, and empties the other two files. */
void wire_connect(const char *octets, size_t length);

/*
 * What has been written to descriptor 1, with a NUL behind it; good until the
 * next call.
 */
const char *wire_output(size_t *length);

/* The same for descriptor 2. */
const char *wire_errors(size_t *length);

/*
 * Checks the log: whole lines of printable ASCII, none longer than they may
 * be, not more than lines_max of them.
 */
void wire_check_log(size_t lines_max);

#endif
