/*
 * Delivery of one message to many mailboxes.
 *
 * The message is written once, to mail/.incoming/, where its writer's lock
 * holds it.  To deliver it, it is synced, linked into new/ of each mailbox,
 * each new/ is synced, and the name in .incoming/ goes.  Only then may a
 * protocol say 250 (RFC 5321 section 4.2.5).  What a crash can leave is a
 * file in .incoming/ that no one holds, or, between the link and the reply,
 * a message that the client will send again; never half of one.
 */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "store/error.h"
#include "store/maildir.h"
#include "store/root.h"

struct delivery {
	struct mail_root *root;
	int file;                               /* in .incoming/; -1: none */
	int64_t seconds;                        /* when it began, since 1970 */
	char id[MESSAGE_ID_SIZE];               /* the message's, in its name */
	char base[BASE_NAME_OCTETS_MAX + 1];    /* its name in .incoming/ */
	struct message_sizes sizes;             /* of what is written so far */
};

/*
 * Creates the message's file; host stands in its name.  After STORE_OK the
 * delivery ends with delivery_commit() or delivery_abort(), after a failure
 * there is nothing to end.
 */
enum store_error delivery_begin(struct delivery *delivery,
    struct mail_root *root, const char *host);

/*
 * Appends to the message: octets as they are stored, with LF line ends, and
 * how many octets they are on the wire, with CRLF.
 */
enum store_error delivery_write(struct delivery *delivery,
    const char *octets, size_t length, uint64_t wire_octets);

/*
 * Delivers the message to each of count accounts, given as local@domain, none
 * twice.  STORE_OK: it is in each mailbox, whatever happens to the machine.
 * Else it is in none (errno says why), and the delivery has still to be
 * ended by delivery_abort().
 */
enum store_error delivery_commit(struct delivery *delivery,
    char *const *accounts, size_t count);

/*
 * After delivery_commit(): takes the message out of all these mailboxes again,
 * because the client is not to be told that it was delivered.
 */
void delivery_revoke(const struct delivery *delivery,
    char *const *accounts, size_t count);

/*
 * Reads from the message, as far as it is written; before it is committed.
 * Returns how many octets, 0 at the end, -1 on failure.
 */
ssize_t delivery_read(const struct delivery *delivery, void *octets,
    size_t size, uint64_t offset);

/* Takes the message's file away.  Does nothing where there is none. */
void delivery_abort(struct delivery *delivery);

#endif
