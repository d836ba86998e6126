/* Temporary files of the clients. */
#ifndef STDIO_TEMPORARY_H
#define STDIO_TEMPORARY_H

#include "stdio/failure.h"

/*
 * Opens a file for reading and writing below $TMPDIR, or /tmp, that has no
 * name any more and goes with the process; program is in the name that it
 * has had.  -1 and the failure where there is none.
 */
int temporary_open(const char *program, struct failure *failure);

#endif
