/*
 * One mailbox: the messages that were in it when it was opened, in the order
 * in which they came, to be read and removed.  Delivery goes on meanwhile and
 * is not seen; messages that other Maildir programs move or rename are found
 * again by their base name.
 */
#ifndef STORE_MAILBOX_H
#define STORE_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/error.h"
#include "store/maildir.h"

/* A unique-id (RFC 1939 section 7): at most 70 characters, and a NUL. */
#define UNIQUE_ID_SIZE (BASE_NAME_OCTETS_MAX + 1)

/* Small, for there may be a million of them. */
struct message {
	uint64_t octets : 60;   /* what it is on the wire */
	uint64_t in_cur : 1;    /* in cur/, else in new/ */
	uint64_t listed : 1;    /* found by the scan that is going on */
	uint64_t missed : 2;    /* by so many scans, the last ones */
	uint64_t seconds : 34;  /* when it was delivered, by its name */
	uint64_t name : 30;     /* in its directory; a place among the names */
};

struct mailbox {
	int maildir;
	int directory[2];       /* new/ and cur/ */
	int lock;               /* -1: not held, only looked at */
	bool removed[2];        /* from new/, cur/; not yet synced */
	struct message *messages;
	size_t count;
	size_t room;            /* for so many messages */
	struct short_names *names;      /* where what they are called is */
};

/*
 * Opens the mailbox of an account and reads the names in it.  With hold it is
 * made where it is missing (else STORE_NOT_FOUND) and locked for this process
 * alone: STORE_BUSY where another has it.  Messages whose names carry no sizes
 * are counted, and with hold those in new/ are renamed there to carry them, but
 * for Dovecot's UIDs; one that disappears before that is left out.  After
 * STORE_OK, mailbox_close() gives all back.
 */
enum store_error mailbox_open(struct mailbox *mailbox, struct mail_root *root,
    const struct address *address, bool hold);

void mailbox_close(struct mailbox *mailbox);

/*
 * Opens a message for reading from its start; the caller closes *file.  Where
 * the file is not what its name says, message->octets becomes what it is.
 * STORE_NOT_FOUND: it is gone.
 */
enum store_error mailbox_read(struct mailbox *mailbox, struct message *message,
    int *file);

/*
 * Removes a message, however often it changes its name meanwhile; one that is
 * gone already is STORE_OK.
 */
enum store_error mailbox_remove(struct mailbox *mailbox,
    struct message *message);

/* After STORE_OK, what was removed stays so whatever happens to the machine. */
enum store_error mailbox_sync(struct mailbox *mailbox);

/* Writes what a message is called in its directory. */
void message_name(const struct mailbox *mailbox, const struct message *message,
    char name[MESSAGE_NAME_SIZE]);

/*
 * Writes the unique-id of a message: its base name, or, where that is no
 * unique-id by RFC 1939 section 7, a digest of it in hexadecimal.
 */
void message_unique_id(const struct mailbox *mailbox,
    const struct message *message, char id[UNIQUE_ID_SIZE]);

#endif
