/*
 * Where a message goes when it has come whole: into which mailboxes, each
 * once, and by whom it was forwarded there.
 */
#ifndef SMTP_STDIO_PLACING_H
#define SMTP_STDIO_PLACING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smtp-stdio/envelope.h"
#include "store/delivery.h"

/* One mailbox. */
struct placement {
	char *account;                  /* the expansion's memory */
	size_t via;                     /* the last forwarder, or VIA_NONE */
	uint64_t room;                  /* that its quota leaves */
	bool is_placed;
	unsigned turn;                  /* when it was tried last */
};

/* What goes to several mailboxes alike: the message itself, or a copy of it. */
struct copy {
	size_t via;
	struct delivery delivery;
};

struct placing {
	struct delivery *message;       /* the caller's */
	const struct envelope *envelope;
	const char *host;
	struct placement *placements;   /* by account */
	size_t count;
	struct copy *copies;            /* for the forwarders that need one */
	size_t copy_count;
	char **accounts;                /* room for a list of them */
	unsigned turn;                  /* counts the calls that deliver */
};

/*
 * Finds out where a message goes.  A forwarder that has seen it before (loops)
 * keeps it in its own mailbox.  STORE_FULL without memory; else the placing
 * ends with placing_end().
 */
enum store_error placing_begin(struct placing *placing,
    struct delivery *message, const struct envelope *envelope,
    const char *host);

/* Delivers to all mailboxes, or to none. */
enum store_error placing_all(struct placing *placing);

/*
 * Delivers to the mailboxes of one recipient, as far as they have not got it
 * for another: to all of these or to none.
 */
enum store_error placing_for(struct placing *placing,
    const struct recipient *recipient);

/* Takes the message out of all mailboxes again. */
void placing_revoke(struct placing *placing);

/*
 * Whether a message of so many octets is too big for each of a recipient's
 * mailboxes, and not in one of them already.
 */
bool placing_is_over_quota(const struct placing *placing,
    const struct recipient *recipient, uint64_t octets);

void placing_end(struct placing *placing);

#endif
