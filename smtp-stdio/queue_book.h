/*
 * What is written down of an entry of the queue that is in hand: what servers
 * have said to its recipients, when they are tried again, when they are given
 * up.  The times are those of RFC 5321 section 4.5.4.1.
 */
#ifndef SMTP_STDIO_QUEUE_BOOK_H
#define SMTP_STDIO_QUEUE_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smtp-stdio/route.h"
#include "store/error.h"
#include "store/outgoing.h"
#include "store/root.h"

/* The wait after the first try, in seconds, which doubles, and the longest. */
#define QUEUE_WAIT_SECONDS 300
#define QUEUE_WAIT_SECONDS_MAX 14400

/* So old a message is when its recipients are given up. */
#define QUEUE_AGE_SECONDS_MAX 432000

/* And when a sender who wants that is told that it waits. */
#define QUEUE_DELAY_SECONDS 14400

/* RFC 3463: delivery time expired. */
#define QUEUE_EXPIRED "4.4.7"

struct queue_entry {
	struct mail_root *root;
	const char *hostname;           /* ours, for reports */
	struct outgoing outgoing;       /* taken */
	int message;                    /* open; its lock is the entry's */
	bool is_changed;                /* the envelope on disk is older */
};

/* What was said to a recipient. */
struct queue_word {
	const char *server;     /* who has said it */
	unsigned code;          /* 0: there was no reply */
	const char *status;     /* the enhanced status code; "": none */
	const char *text;       /* of the reply, or why there was none */
	bool knows_dsn;         /* the server makes the reports itself */
};

/* So many seconds a recipient waits after that many tries. */
int64_t queue_wait(unsigned tries);

/* The enum of NOTIFY of a recipient (RFC 3461); 0: nothing was said. */
unsigned queue_notify(const struct outgoing_recipient *recipient);

/*
 * Books the word on a recipient, and logs it.  A recipient that nobody is to
 * be told of is dropped from the envelope, and true returned.
 */
bool queue_book(struct queue_entry *entry, size_t i,
    const struct queue_word *word);

/* Gives up those on the route that are too old, where no server is there. */
void queue_expire(struct queue_entry *entry, const struct route *route);

/* Whether the sender is now to be told that the recipient waits. */
bool queue_is_delayed(const struct queue_entry *entry, size_t i);

/* Writes the envelope out where it has changed. */
enum store_error queue_save(struct queue_entry *entry);

/*
 * The same, and makes the reports of what is booked: so that there is no way
 * to lose one, they are made between two states of the envelope on disk.
 */
enum store_error queue_settle(struct queue_entry *entry);

#endif
