/*
 * The mail root of a fuzz target, which mailstore has made: what a session has
 * left in it, and how it becomes what it was.
 */
#ifndef TESTS_FUZZ_MAIL_FILES_H
#define TESTS_FUZZ_MAIL_FILES_H

#include <stddef.h>
#include <stdint.h>

/* A message: in new/ or cur/ of a mailbox, or in outgoing/. */
struct mail_file {
	const char *domain, *user;      /* "" in outgoing/ */
	const char *part, *name;
	const char *content;    /* with a NUL behind it */
	size_t length;
};

/* Where it is: $FUZZ_SCRATCH/root. */
const char *mail_files_root(void);

/* Remembers which accounts there are. */
void mail_files_begin(void);

/* The name must say how big the file is, on disk and on the wire. */
void mail_file_check_sizes(const struct mail_file *file);

/*
 * Shows each message in each mailbox, and each that waits for other hosts, which
 * has to have its envelope.  Nothing may be in tmp/ and .incoming/.
 */
void mail_files_each(void (*see)(void *context, const struct mail_file *file),
    void *context);

/* Removes all messages, and all accounts that were not there at first. */
void mail_files_clear(void);

#endif
