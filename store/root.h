/*
 * The mail root: the one directory that holds everything that persists.
 *
 *     accounts/DOMAIN/USER/     who may have mail
 *     passwords/DOMAIN/USER     verifiers
 *     mail/DOMAIN/USER/         Maildirs
 *     mail/.incoming/           messages being received
 *     outgoing/                 mail for other hosts; see outgoing.h
 *
 * A part that is missing is made, and synced, when it is first needed.
 */
#ifndef STORE_ROOT_H
#define STORE_ROOT_H

#include <stdbool.h>
#include <stdint.h>

#include "store/address.h"
#include "store/error.h"

#ifndef MAILROOT
#define MAILROOT "/var/lib/mail-stdio"
#endif

/* One that stays open for the next time. */
struct kept_directory {
	int directory;          /* -1: none */
	char name[ADDRESS_PART_MAX + 1];
};

/* Open directories; -1 until first needed.  Ask for them by root_part(). */
struct mail_root {
	int directory;          /* ROOT itself */
	int accounts;
	int passwords;
	int mail;
	int incoming;           /* mail/.incoming */
	int outgoing;
	int messages;           /* outgoing/message; outgoing.c opens these */
	int envelopes;          /* outgoing/envelope */
	struct kept_directory domain;   /* in accounts/; account.c keeps it */
	struct kept_directory mail_domain;      /* in mail/; maildir.c does */
};

enum root_part {
	ROOT_ACCOUNTS,
	ROOT_PASSWORDS,
	ROOT_MAIL,
	ROOT_INCOMING,
	ROOT_OUTGOING
};

/* Where the mail root is: -d's argument, else $MAILROOT, else MAILROOT. */
const char *root_path(const char *option);

enum root_owner {
	ROOT_OWNER_SELF,        /* not started as root: nothing to do */
	ROOT_OWNER_BECOME,      /* started as root, now the owner of the root */
	ROOT_OWNER_ROOT,        /* the mail root belongs to root: still root */
	ROOT_OWNER_UNKNOWN,     /* errno says why it cannot be found out now */
	ROOT_OWNER_FAILED       /* errno says why: do not go on */
};

/*
 * Started as root, becomes the owner of the mail root for good, before
 * anything in it is opened.  Where path does not exist yet nothing is done.
 */
enum root_owner root_become_owner(const char *path);

/* What the log should say of it; NULL: nothing. */
const char *root_owner_text(enum root_owner owner);

/* Opens the mail root and its accounts.  root_close() when it succeeded. */
enum store_error root_open(struct mail_root *root, const char *path);

/* Makes the mail root, mode 0700, where it is missing, and opens it. */
enum store_error root_make(struct mail_root *root, const char *path);

void root_close(struct mail_root *root);

/* Opens a part once, and gives it in *directory, which stays the root's. */
enum store_error root_part(struct mail_root *root, enum root_part part,
    int *directory);

/*
 * Opens the directory name in at, unless it is the one that is kept, and keeps
 * it; -1 with errno set.  One that was kept may have been removed since.
 */
int root_keep(struct kept_directory *kept, int at, const char *name);
bool root_keeps(const struct kept_directory *kept, const char *name);
void root_forget(struct kept_directory *kept);

/*
 * Opens the directory name in at; makes it, and syncs at, where it is
 * missing.  The caller closes it.
 *
 * One that is there may have been made just now by another process, which has
 * not synced it yet.  To look for that would cost each delivery a sync, so it
 * is the other way round: whoever makes a directory first syncs the name of
 * the one that it makes it in, whoever has made that.  So what has anything in
 * it is on disk itself, up to the mail root.
 */
enum store_error root_directory(int at, const char *name, int *directory);

/*
 * Opens the directory of a domain in accounts, passwords or mail; makes it by
 * that rule where it is missing.  The caller closes it.
 */
enum store_error root_domain(struct mail_root *root, enum root_part part,
    const char *name, int *domain);

/*
 * Whether the file system of the mail root has this many octets, and a file,
 * free for the likes of us; true where that cannot be found out.
 */
bool root_has_room(const struct mail_root *root, uint64_t octets);

#endif
