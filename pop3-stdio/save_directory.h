/*
 * The directory that messages are saved to: a Maildir, where they go to new/,
 * or any other, which gets a file for each.
 *
 * A message is written under a temporary name, and gets its own by link(2)
 * when it is whole and on disk, so that nobody ever sees a part of one.
 */
#ifndef POP3_STDIO_SAVE_DIRECTORY_H
#define POP3_STDIO_SAVE_DIRECTORY_H

#include <stdbool.h>

#include "stdio/failure.h"

/* The longest path component, with its NUL. */
#define SAVE_NAME_SIZE 256

/* Before the name of a message that is not there yet; also of a dot file. */
#define SAVE_PREFIX ".pop3-fetch."

struct save_directory {
	const char *path;       /* for messages */
	int directory;
	int temporary;          /* where messages are written */
	int visible;            /* where they are when they are whole */
	bool is_maildir;
};

/* Opens it; makes it where it is missing.  save_directory_close() after. */
bool save_directory_open(struct save_directory *save, const char *path,
    struct failure *failure);

void save_directory_close(struct save_directory *save);

/*
 * Finds the name that the message of a unique-id gets, which nothing in the
 * directory has, and which is not the one in taken: a new one in a Maildir,
 * else the unique-id made safe, with a number behind it where that is taken.
 */
bool save_directory_name(const struct save_directory *save, const char *id,
    const char *taken, char name[SAVE_NAME_SIZE], struct failure *failure);

/* Creates the file for a message that will have this name; -1 on failure. */
int save_directory_create(const struct save_directory *save,
    const char *name, struct failure *failure);

/* Syncs a created file, and that it is there, and closes it. */
bool save_directory_finish(const struct save_directory *save, int file,
    struct failure *failure);

/*
 * Makes the message visible, for good, and takes its temporary name away.
 * That may have been done in part before.
 */
bool save_directory_publish(const struct save_directory *save,
    const char *name, struct failure *failure);

/* Takes away what was created under this name. */
void save_directory_undo(const struct save_directory *save, const char *name);

/*
 * Goes through what was created and not published when a process ended: one
 * of the name in wanted is published; the rest is taken away.
 */
bool save_directory_recover(const struct save_directory *save,
    const char *wanted, struct failure *failure);

/* Notes what the operating system has refused; errno says why.  False. */
bool save_directory_failed(const struct save_directory *save,
    const char *what, struct failure *failure);

#endif
