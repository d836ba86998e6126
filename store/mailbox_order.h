/*
 * The order of the messages of a mailbox: that of their delivery, by the
 * seconds in their names, then by what stands behind these in the base name,
 * as octets.
 */
#ifndef STORE_MAILBOX_ORDER_H
#define STORE_MAILBOX_ORDER_H

#include "store/mailbox.h"

/*
 * Notes where a message of this name has its place.  What does not fit into
 * seconds is in octets, which are not known yet.
 */
void message_set_place(struct message *message, const char *name);

/* Sorts messages with a place, and keeps one of each base name. */
void mailbox_sort(struct mailbox *mailbox);

/* The message of a base name; NULL where there is none. */
struct message *mailbox_find(struct mailbox *mailbox, const char *name);

#endif
