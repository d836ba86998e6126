/*
 * The mailboxes that a message goes to: its recipients' own ones, and those
 * that their mail is forwarded to.
 *
 * A forward to the account itself, or to one that is already on the way there,
 * means that account's own mailbox.  What leads to no account here is passed
 * over, and told.
 */
#ifndef STORE_EXPANSION_H
#define STORE_EXPANSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/address.h"
#include "store/error.h"
#include "store/root.h"

#define EXPANSION_DEPTH_MAX 10

/* No forwarder: the message goes to a recipient's own mailbox. */
#define VIA_NONE SIZE_MAX

/* An account whose mail goes elsewhere. */
struct forwarder {
	char *account;          /* local@domain */
	size_t via;             /* the forwarder before it, or VIA_NONE */
	bool loops;             /* set by who finds that it has been here */
};

/* A mailbox that gets the message. */
struct target {
	char *account;          /* local@domain */
	size_t via;             /* who has forwarded it there, or VIA_NONE */
	uint64_t room;          /* that its quota leaves: see quota.h */
};

struct expansion {
	struct forwarder *forwarders;
	size_t forwarder_count, forwarder_room;
	struct target *targets;
	size_t target_count, target_room;
};

/* Told of each target that is passed over; set once, may be NULL. */
typedef void expansion_skipped(const char *account, const char *target,
    const char *why);

/*
 * Adds what one account's mail is expanded to.  STORE_NOT_FOUND: all targets
 * are passed over.  After this or another failure nothing is changed.
 */
enum store_error expansion_add(struct expansion *expansion,
    struct mail_root *root, const struct address *account,
    expansion_skipped *skipped);

/* Takes back all that came behind these counts. */
void expansion_cut(struct expansion *expansion, size_t forwarder_count,
    size_t target_count);

/* Forgets all; the memory is given back. */
void expansion_reset(struct expansion *expansion);

#endif
