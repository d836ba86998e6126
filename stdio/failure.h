/*
 * Why a client program could not do what it was asked: one line for people,
 * and the exit status.
 */
#ifndef STDIO_FAILURE_H
#define STDIO_FAILURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct failure {
	int status;             /* from sysexits.h */
	char text[1024];        /* may hold what a server sent */
};

/* Notes what went wrong, as printf(3) formats it.  Always false. */
bool failure_set(struct failure *failure, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds to what is noted.  Always false. */
bool failure_add(struct failure *failure, const char *more);

/* Prints the line on standard error, the program's name before it. */
void failure_print(const struct failure *failure, const char *program);

/*
 * Prints what came from elsewhere so that it can do nothing to a terminal:
 * controls, and all that is no UTF-8, become "?"; a tab stays.
 */
void print_visible(FILE *file, const char *text, size_t length);

#endif
