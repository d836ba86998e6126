/*
 * The mailboxes that a message goes to: its recipients' own ones, and those
 * that their mail is forwarded to; and the addresses of other hosts that it
 * goes to.
 *
 * A forward to the account itself, or to one that is already on the way there,
 * means that account's own mailbox.  What leads to no account of a domain that
 * is hosted here is passed over, and told.
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

/* An address of another host that gets the message. */
struct remote {
	char *address;          /* as a path, without brackets */
	size_t via;             /* who has forwarded it there, or VIA_NONE */
};

struct expansion {
	struct forwarder *forwarders;
	size_t forwarder_count, forwarder_room;
	struct target *targets;
	size_t target_count, target_room;
	struct remote *remotes;
	size_t remote_count, remote_room;
};

/* How much there is of each; all that comes behind is a recipient's. */
struct expansion_mark {
	size_t forwarders, targets, remotes;
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

/* Adds an account's own mailbox, whatever its forward and its quota say. */
enum store_error expansion_add_mailbox(struct expansion *expansion,
    const struct address *account);

/* Adds the path of a mailbox of another host; nobody has forwarded it there. */
enum store_error expansion_add_remote(struct expansion *expansion,
    const char *path);

struct expansion_mark expansion_mark(const struct expansion *expansion);

/* Takes back all that came behind the mark. */
void expansion_cut(struct expansion *expansion,
    const struct expansion_mark *mark);

/* Forgets all; the memory is given back. */
void expansion_reset(struct expansion *expansion);

#endif
