/*
 * Where a message goes when it has come whole: into which mailboxes and to
 * which addresses of other hosts, each once, and by whom it was forwarded
 * there.
 */
#ifndef SMTP_STDIO_PLACING_H
#define SMTP_STDIO_PLACING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smtp-stdio/envelope.h"
#include "store/delivery.h"
#include "store/outgoing.h"

/* What goes to several places alike: the message itself, or a copy of it. */
struct copy {
	struct copy *next;
	size_t via;                     /* the last forwarder, or VIA_NONE */
	struct delivery *delivery;      /* the caller's, or one of its own */
	bool is_queued;                 /* for other hosts, with this envelope */
	unsigned turn;                  /* when that was */
	struct outgoing outgoing;
};

/* One mailbox, or one address of another host. */
struct placement {
	char *account;                  /* or a path; the expansion's memory */
	size_t via;                     /* the last forwarder, or VIA_NONE */
	uint64_t room;                  /* that its quota leaves */
	const struct recipient *remote; /* whose mail it gets; NULL: a mailbox */
	const struct copy *copy;        /* what it has got, if it is_placed */
	bool is_placed;
	unsigned turn;                  /* when it was tried last */
};

struct placing {
	struct delivery *message;       /* the caller's */
	const struct envelope *envelope;
	const char *host;
	struct placement *placements;   /* mailboxes first, by account */
	size_t count;
	struct copy *copies;
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

/* Delivers to all of them, or to none. */
enum store_error placing_all(struct placing *placing);

/*
 * Delivers to the mailboxes and other addresses of one recipient, as far as
 * they have not got it for another: to all of these or to none.
 */
enum store_error placing_for(struct placing *placing,
    const struct recipient *recipient);

/* Takes the message away from all of them again. */
void placing_revoke(struct placing *placing);

/*
 * Whether a message of so many octets is too big for each of a recipient's
 * mailboxes, and not in one of them already.
 */
bool placing_is_over_quota(const struct placing *placing,
    const struct recipient *recipient, uint64_t octets);

/* The last forwarder on the way to a placement; NULL: none. */
const char *placing_forwarder(const struct placing *placing,
    const struct placement *placement);

/* What is queued may be sent from here on. */
void placing_end(struct placing *placing);

#endif
