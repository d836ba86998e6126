/* What the files of the mailstore(8) tool share; nothing else includes it. */
#ifndef STORE_MAILSTORE_H
#define STORE_MAILSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/address.h"
#include "store/error.h"
#include "store/mailbox.h"
#include "store/root.h"

/* A command as it was called. */
struct call {
	const char *path;               /* of the mail root */
	struct mail_root root;
	bool no_password;               /* add -n */
	bool force;                     /* remove -f */
	bool remove;                    /* forward, quota, queue -r; check -r */
	bool json;                      /* list -j, queue -j */
	bool now;                       /* queue -n */
	uint32_t iterations;            /* passwd -i */
	struct address address;         /* the first operand, where it is one */
	char **operands;
	int count;
};

/*
 * The exit status where the store as a whole cannot be used; reads errno.
 */
int mailstore_status(enum store_error error);

/*
 * Says on standard error what could not be done, to what, and why; returns
 * the exit status for it.
 */
int mailstore_fail(const char *what, const char *name, enum store_error error);

/*
 * Writes to standard output what somebody else has written: "?" for each
 * octet that a terminal might act on.
 */
void mailstore_print(const char *text);

/* The commands add, passwd and remove; each returns the exit status. */
int mailstore_add(struct call *call);
int mailstore_passwd(struct call *call);
int mailstore_remove(struct call *call);

/*
 * The list command: domains (what is NULL), the accounts of a domain, or the
 * messages of an account; as JSON lines where json is set.  Returns the exit
 * status.
 */
int mailstore_list(struct mail_root *root, const char *what, bool json);

/*
 * Opens the mailbox of an account that must exist, to look at it; an account
 * without one has an empty one.  False, and the exit status, when it has said
 * what is wrong.
 */
bool mailstore_open_mailbox(struct mail_root *root, const char *name,
    struct mailbox *mailbox, int *status);

/*
 * The check command: walks the mail root and says what is wrong, a line each;
 * mends what can be with repair.  Returns EX_OK where nothing is wrong any
 * more, EX_DATAERR where something is, EX_TEMPFAIL where a mailbox was left out
 * because it is in use.
 */
int mailstore_check(struct mail_root *root, bool repair);

/* The show command: a stored message by its unique-id. */
int mailstore_show(struct mail_root *root, const char *name, const char *id);

/*
 * The forward command: sets the targets of an account, shows them where there
 * are none, and with remove takes them away.  The quota command: the same for
 * its size, which is NULL where there is none.
 */
int mailstore_forward(struct mail_root *root, const struct address *address,
    const char *name, char *const *targets, size_t count, bool remove);
int mailstore_quota(struct mail_root *root, const struct address *address,
    const char *name, const char *size, bool remove);

/*
 * The import command: delivers the messages of an mbox file, of standard
 * input where path is NULL, into the mailbox of an account.  The export
 * command: writes a mailbox to standard output.
 */
int mailstore_import(struct mail_root *root, const struct address *address,
    const char *name, const char *path);
int mailstore_export(struct mail_root *root, const char *name);

/*
 * The queue command: shows what waits for another host, removes what the
 * operands name, or makes that, without any all, due now.
 */
int mailstore_queue(struct call *call);

/* Says what is wrong with how the tool was called; returns EX_USAGE. */
int mailstore_usage(const char *message, const char *what);

#endif
