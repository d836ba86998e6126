/*
 * Delivery of one message to many mailboxes.
 *
 * The message is written once, to mail/.incoming/, where its writer's lock
 * holds it.  To deliver it, it is synced, linked into new/ of each mailbox, or
 * moved where there is but one, and each new/ is synced.  Only then may a
 * protocol say 250 (RFC 5321 section 4.2.5).  What a crash can leave is a file
 * in .incoming/ that no one holds, or, between the link and the reply, a
 * message that the client will send again; never half of one.
 */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/error.h"
#include "store/maildir.h"
#include "store/root.h"

/* Small pieces are held back until so many are together, or more follow. */
#define DELIVERY_HELD_OCTETS 4096

struct delivery {
	struct mail_root *root;
	int file;                               /* in .incoming/; -1: none */
	bool is_sealed;                         /* nothing is written any more */
	bool is_only;                           /* see delivery_place_only() */
	bool is_moved;                          /* .incoming/ has it no more */
	enum store_error sealing;               /* whether it is on disk then */
	int64_t seconds;                        /* when it began, since 1970 */
	char id[MESSAGE_ID_SIZE];               /* the message's, in its name */
	char base[BASE_NAME_OCTETS_MAX + 1];    /* its name in .incoming/ */
	char name[BASE_NAME_OCTETS_MAX + 1];    /* the same in mailboxes */
	struct message_sizes sizes;             /* of what is written so far */
	size_t held;                            /* octets of it in held_back */
	char held_back[DELIVERY_HELD_OCTETS];
};

/*
 * Creates the message's file; host stands in its name.  After STORE_OK the
 * delivery ends with delivery_end(), after a failure there is nothing to end.
 */
enum store_error delivery_begin(struct delivery *delivery,
    struct mail_root *root, const char *host);

/*
 * Appends to the message: octets as they are stored, with LF line ends, and
 * how many octets they are on the wire, with CRLF.  A failure may show only
 * with a later piece.
 */
enum store_error delivery_write(struct delivery *delivery,
    const char *octets, size_t length, uint64_t wire_octets);

/* Writes out what is held back: before a message is read, not delivered. */
enum store_error delivery_flush(struct delivery *delivery);

/*
 * Gives the message another id and name in mailboxes: as of one that was
 * delivered then, as the order-th (modulo 2^20) of that second, with another
 * host.
 */
enum store_error delivery_rename(struct delivery *delivery, int64_t seconds,
    uint32_t order, const char *host);

/*
 * Delivers the message to each of count accounts, given as local@domain, none
 * twice; may be called again, for others.  STORE_OK: it is in each mailbox,
 * whatever happens to the machine.  Else it is in none of these (errno says
 * why).  Nothing can be written any more.
 */
enum store_error delivery_place(struct delivery *delivery,
    char *const *accounts, size_t count);

/*
 * The same for the only account that the message is for: it is moved into its
 * mailbox, where it can be.  It must not be delivered, linked or opened by its
 * name any more.
 */
enum store_error delivery_place_only(struct delivery *delivery,
    char *account);

/*
 * Takes the message out of all these mailboxes again, because the client is
 * not to be told that it was delivered.
 */
void delivery_revoke(const struct delivery *delivery,
    char *const *accounts, size_t count);

/*
 * Gives the message a name in an open directory too, not yet synced, itself on
 * disk.  Where it can have no (more) links that is a copy of it, which *copy
 * has open, with a lock like that on the message, for the caller to close;
 * else -1.  Nothing can be written any more.
 */
enum store_error delivery_link(struct delivery *delivery, int to,
    const char *name, int *copy);

/*
 * Reads from the message, as far as it is written out.  Returns how many octets,
 * fewer than size only where it ends, -1 on failure.
 */
ssize_t delivery_read(const struct delivery *delivery, void *octets,
    size_t size, uint64_t offset);

/*
 * Puts the content of another file in the place of what is written so far,
 * with LF for each CRLF: what a program has made of the message.  It is
 * copied, since that program may still have its file open.  After a failure
 * the message is neither.
 */
enum store_error delivery_replace(struct delivery *delivery,
    const struct delivery *other);

/* Takes the message's file away.  Does nothing where there is none. */
void delivery_end(struct delivery *delivery);

#endif
