/*
 * What was fetched: the file .pop3-fetch in the directory that messages are
 * saved to.  A line a message:
 *
 *     SERVER USER UNIQUE-ID OCTETS NAME .
 *
 * with %XX for what could not stand between blanks.  Whoever saves there holds
 * a lock on it.  A line without its end, as a crash may leave it, is none.
 */
#ifndef POP3_STDIO_SAVE_RECORD_H
#define POP3_STDIO_SAVE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pop3-stdio/save_directory.h"
#include "stdio/client.h"
#include "stdio/failure.h"

struct save_record {
	const struct save_directory *save;
	int file;               /* open, and locked */
	bool is_torn;           /* its last line has no end */
	char *owner;            /* "SERVER USER", as in our lines */
	char *text;             /* of the file; each line ends in a NUL */
	struct recorded {
		char *owner, *id, *name;        /* in text */
		uint64_t octets;        /* as LIST said */
	} *lines;
	size_t count;
	char last[SAVE_NAME_SIZE];      /* the name in the last line, or "" */
	struct recorded **own;  /* those of our owner, sorted by unique-id */
	size_t own_count;
};

/*
 * Locks and reads the record of a directory, for this server and user.  False
 * with EX_TEMPFAIL where another process saves there.
 */
bool save_record_open(struct save_record *record,
    const struct save_directory *save, const struct client *client,
    struct failure *failure);

void save_record_close(struct save_record *record);

/* How many messages of this unique-id and size were fetched before this run. */
size_t save_record_count(const struct save_record *record, const char *id,
    uint64_t octets);

/* Adds a message, for good. */
bool save_record_add(struct save_record *record, const char *id,
    uint64_t octets, const char *name, struct failure *failure);

/*
 * Takes out the messages of our owner of which is_gone says so, for good.  The
 * lock is lost by that, so that it is the last thing that is done.
 */
bool save_record_drop(struct save_record *record,
    bool (*is_gone)(void *context, const char *id, uint64_t octets),
    void *context, struct failure *failure);

#endif
