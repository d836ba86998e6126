/* Mailboxes as people write them (RFC 5322 section 3.4). */
#ifndef SMTP_STDIO_MAILBOX_LIST_H
#define SMTP_STDIO_MAILBOX_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "smtp-stdio/path.h"

#define MAILBOX_NAME_OCTETS_MAX 255     /* a longer display-name is cut */

struct named_mailbox {
	char name[MAILBOX_NAME_OCTETS_MAX + 1]; /* display-name without its
	                                         * quoting; "" for none */
	struct path path;                       /* the address */
	bool is_in_group;
};

/*
 * Reads a list of addresses, which may be folded over several lines and hold
 * comments and groups, and passes each mailbox to take, which returns whether
 * to go on.  False where take said no, or where something is no address: then
 * *wrong is where it begins, else NULL.
 */
bool mailbox_list_parse(const char *text, size_t length,
    bool (*take)(void *context, const struct named_mailbox *mailbox),
    void *context, const char **wrong);

/* Reads one mailbox, "Name <address>" or an address; false: it is none. */
bool mailbox_parse(struct named_mailbox *mailbox, const char *text);

/* Copies one, whose path points into itself. */
void mailbox_copy(struct named_mailbox *to, const struct named_mailbox *from);

#endif
