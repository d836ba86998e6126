/*
 * The maildrop: a mailbox as RFC 1939 sees it, with message-numbers 1..n that
 * hold for the session and marks on what QUIT is to remove.
 */
#ifndef POP3_STDIO_MAILDROP_H
#define POP3_STDIO_MAILDROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/mailbox.h"

struct maildrop {
	struct mailbox mailbox;
	bool *deleted;          /* for each message, by its number less one */
};

/* Locks and reads the mailbox of an account; see mailbox_open(). */
enum store_error maildrop_open(struct maildrop *maildrop,
    struct mail_root *root, const struct address *account);

void maildrop_close(struct maildrop *maildrop);

/* How many messages there are, the deleted ones counted. */
size_t maildrop_count(const struct maildrop *maildrop);

/* How many there are, and their octets, the deleted ones not counted. */
void maildrop_total(const struct maildrop *maildrop, size_t *count,
    uint64_t *octets);

/* The message of a number from 1 to maildrop_count(). */
struct message *maildrop_message(struct maildrop *maildrop, size_t number);

bool maildrop_is_deleted(const struct maildrop *maildrop, size_t number);
void maildrop_delete(struct maildrop *maildrop, size_t number);

/* Takes all marks off. */
void maildrop_reset(struct maildrop *maildrop);

/*
 * The UPDATE state: removes what is marked, and syncs.  *removed counts what
 * is removed.  After a failure some may be left.
 */
enum store_error maildrop_update(struct maildrop *maildrop, size_t *removed);

#endif
