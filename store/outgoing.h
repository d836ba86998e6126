/*
 * The queue of messages for other hosts.
 *
 *     outgoing/message/ID       the message, with a link in .incoming/ or in
 *                               mailboxes; never changed
 *     outgoing/envelope/ID      what is still to be done with it, and, as the
 *                               time of its last change, when
 *
 * An entry exists when its envelope does.  It belongs to whoever holds a write
 * lock on the message: the delivery that puts it there, then who sends it.  A
 * message without an envelope and without a lock was left by an interrupted
 * delivery.  outgoing/ and mail/ are on one file system.
 */
#ifndef STORE_OUTGOING_H
#define STORE_OUTGOING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/delivery.h"
#include "store/error.h"
#include "store/maildir.h"
#include "store/outgoing_envelope.h"
#include "store/root.h"

/* What the parts are called on disk. */
#define OUTGOING_MESSAGES "message"
#define OUTGOING_ENVELOPES "envelope"

/* Whether it can be the name of an entry. */
bool outgoing_is_id(const char *id);

/*
 * Puts a delivery's message, to which nothing is written any more, into the
 * queue, under the delivery's id.  STORE_OK: it is there, whatever happens to
 * the machine, and nobody sends it before both delivery_end() and
 * outgoing_free() have dropped the locks on it.  Else it is not there (errno
 * says why).
 */
enum store_error outgoing_put(struct outgoing *outgoing,
    struct delivery *delivery);

/*
 * Takes out again what was put there, because the client is not to be told
 * that it was; delivery_end() is still to come.
 */
void outgoing_revoke(const struct outgoing *outgoing,
    const struct delivery *delivery);

struct outgoing_entry {
	char id[MESSAGE_ID_SIZE];
	int64_t due;            /* since 1970 */
};

/*
 * Lists all entries, those first that are due first; opens none of them.  The
 * caller frees the list, which is NULL where there is none.
 */
enum store_error outgoing_list(struct mail_root *root,
    struct outgoing_entry **entries, size_t *count);

/*
 * Takes an entry: *message is the message, open for reading and writing, and
 * holds the lock until it is closed.  STORE_BUSY: another process has it.
 * STORE_NOT_FOUND: there is no such message (any more).
 */
enum store_error outgoing_lock(struct mail_root *root, const char *id,
    int *message);

/*
 * The same, and reads what is to be done.  STORE_NOT_FOUND: there is no such
 * entry (any more).  STORE_MALFORMED: its envelope is.  After STORE_OK
 * outgoing_free() ends it; after a failure there is nothing to end.
 */
enum store_error outgoing_take(struct mail_root *root, const char *id,
    struct outgoing *outgoing, int *message);

/* Reads an entry for looking at it only. */
enum store_error outgoing_read(struct mail_root *root, const char *id,
    struct outgoing *outgoing);

/* How large its message is, and whether another process has taken it. */
enum store_error outgoing_look(struct mail_root *root, const char *id,
    uint64_t *octets, bool *is_taken);

/*
 * Puts an envelope in the place of the one of an entry that the caller has
 * taken; removes the entry where no recipient is left.  After STORE_OK that
 * survives a power cut; after a failure the old one is there, unless only the
 * last sync failed.
 */
enum store_error outgoing_update(struct mail_root *root,
    const struct outgoing *outgoing);

/* Removes an entry that the caller has taken. */
enum store_error outgoing_remove(struct mail_root *root, const char *id);

#endif
