/*
 * What the files of mailstore check share: where it is, what it has found, and
 * how it looks at what is there.  It goes on beside deliveries and sessions,
 * so each finding may be something that another process is at work on: what is
 * gone meanwhile is none, and what is very new gets a second look.
 */
#ifndef STORE_MAILSTORE_CHECK_H
#define STORE_MAILSTORE_CHECK_H

#include <sys/stat.h>
#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "store/address.h"
#include "store/root.h"
#include "store/text.h"

/* Five path components, at most, of 255 octets. */
#define CHECK_PATH_SIZE 1536

struct check {
	struct mail_root *root;
	bool repair;                    /* -r */
	uid_t owner;                    /* of the mail root */
	gid_t group;
	struct address address;         /* the domain and account it is in */
	struct text path;               /* where it is, below the mail root */
	char path_buffer[CHECK_PATH_SIZE];
	int other_part;                 /* of outgoing/, for check_in_outgoing() */
	bool changed;                   /* the directory, and not yet synced */
	bool left;                      /* something is wrong still */
	bool busy;                      /* a mailbox was left out: in use */
};

/* Goes to an entry of the directory where it is, and back from it. */
size_t check_enter(struct check *check, const char *name);
void check_leave(struct check *check, size_t entered);

/*
 * A finding, in one line: what is wrong with what the path names.  Found:
 * nothing is done about it.  Failed: the same, errno says why.  Mended: this
 * is what was done, unless result is -1 and errno says why it was not.
 */
void check_found(struct check *check, const char *what);
void check_failed(struct check *check, const char *what);
void check_mended(struct check *check, const char *what, const char *done,
    int result);

/* Says that the mailbox where it is was left out. */
void check_busy(struct check *check);

/*
 * Waits a moment for a second look at what was changed at that time, since it
 * may be in the making; false where it is not, since that is long ago.
 */
bool check_settle(const struct stat *status);

/* An entry's status; false where it is gone, or cannot be had, which is told. */
bool check_status(struct check *check, int at, const char *name,
    struct stat *status);

/*
 * Looks at an entry as such: that it is a regular file, or a directory, with
 * the right owner and mode.  False, or -1, where it is none or gone; else the
 * directory is open, for the caller to close.
 */
bool check_file(struct check *check, int at, const char *name,
    struct stat *status);
int check_directory(struct check *check, int at, const char *name);

/* The mail root's own owner and mode. */
void check_owner_and_mode(struct check *check, int at, const char *name,
    const struct stat *status);

/* A file that was left behind; -r removes it. */
void check_stale(struct check *check, int at, const char *name,
    const char *what);

/* Whether a name is a prefix and 16 more characters. */
bool check_is_temporary(const char *name, const char *prefix);

/* A file that is written to replace another; stale where nobody is at it. */
void check_temporary(struct check *check, int at, const char *name);

/*
 * Whether another process holds the lock of a file; true also where it is
 * gone, or that cannot be found out, which is told.
 */
bool check_is_held(struct check *check, int at, const char *name);

/* Goes to each entry of an open directory, and syncs what was changed there. */
typedef void check_visit(struct check *check, int directory, const char *name);
void check_each(struct check *check, int directory, check_visit *visit);

/* Whether name is an account's; if so check->address.local is it. */
bool check_set_account(struct check *check, const char *name);

/* Looks at one part of outgoing/: messages, or envelopes. */
void check_in_outgoing(struct check *check, int outgoing, const char *name);

/* Looks at one mailbox; takes its lock where something may be mended. */
void check_mailbox(struct check *check, int domain, const char *name);

#endif
