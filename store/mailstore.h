/* What the files of the mailstore(8) tool share; nothing else includes it. */
#ifndef STORE_MAILSTORE_H
#define STORE_MAILSTORE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/address.h"
#include "store/error.h"
#include "store/root.h"

/*
 * Says on standard error what could not be done, to what, and why; returns
 * the exit status for it.
 */
int mailstore_fail(const char *what, const char *name, enum store_error error);

/*
 * The list command: domains (what is NULL), the accounts of a domain, or the
 * messages of an account; as JSON lines where json is set.  Returns the exit
 * status.
 */
int mailstore_list(struct mail_root *root, const char *what, bool json);

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

/* Says what is wrong with how the tool was called; returns EX_USAGE. */
int mailstore_usage(const char *message, const char *what);

#endif
