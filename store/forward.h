/*
 * Where the mail of an account goes instead of its mailbox: the file
 * accounts/DOMAIN/USER/forward, an address a line.
 */
#ifndef STORE_FORWARD_H
#define STORE_FORWARD_H

#include <stdbool.h>
#include <stddef.h>

#include "store/address.h"
#include "store/error.h"
#include "store/root.h"

/* So many addresses a file may have, and a message be expanded to. */
#define FORWARD_TARGETS_MAX 1000

struct forward {
	char *text;             /* the file; a NUL behind each line */
	size_t length, at;
};

/*
 * Reads the file of an account; see account_read_setting().  STORE_NOT_FOUND:
 * its mail is not forwarded.  After STORE_OK, forward_free() gives the memory
 * back.
 */
enum store_error forward_read(int directory, const char *account,
    struct forward *forward);

/* The next target, as it stands there; NULL at the end. */
const char *forward_next(struct forward *forward);

void forward_free(struct forward *forward);

/* Sets the targets of an account; takes them away where there are none. */
enum store_error forward_set(struct mail_root *root,
    const struct address *address, char *const *targets, size_t count);

#endif
