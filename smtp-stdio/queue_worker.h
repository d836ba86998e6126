/*
 * A process that sends entries of the queue over a connection of its own.  It
 * takes them off a list that it shares with others, and no two ever send the
 * same one, since each holds its lock.
 */
#ifndef SMTP_STDIO_QUEUE_WORKER_H
#define SMTP_STDIO_QUEUE_WORKER_H

#include <sys/types.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "smtp-stdio/route.h"
#include "stdio/client.h"
#include "store/outgoing.h"
#include "store/root.h"

#define QUEUE_CONNECTIONS_MAX 100

/* In memory that all processes of a run share. */
struct queue_shared {
	_Atomic size_t next;            /* the entry that nobody has had yet */
	_Atomic size_t done;            /* entries that are dealt with */
	_Atomic size_t new_locked;      /* that somebody puts there just now */
	_Atomic size_t malformed;
	_Atomic bool is_broken;         /* the store is: nobody goes on */

	/* one for each process that is at work at the same time */
	struct queue_slot {
		_Atomic size_t answered;        /* messages, over this session */
		_Atomic bool is_lost;           /* the server has ended it */
		_Atomic pid_t command;          /* that it is with; 0: none */
	} slots[QUEUE_CONNECTIONS_MAX];
};

struct queue {
	/* from the command line */
	struct client client;
	const char *hostname;
	bool is_lmtp;
	unsigned connections;           /* -j */
	struct route route;             /* -D */
	bool is_wanted;                 /* -q */

	/* of the run */
	char password[CLIENT_PASSWORD_SIZE];
	struct mail_root root;
	struct outgoing_entry *entries; /* those that are due */
	size_t count;
	struct queue_shared *shared;
};

/*
 * Does the work of a process, and returns what it exits with: EX_OK, or why
 * there was no session.  Before it connects, the one in the first slot takes
 * an entry that there is something to send of, and where it cannot connect,
 * deals with those that are too old.  An octet to tell, unless that is -1,
 * says that its session is there.
 */
int queue_work(struct queue *queue, size_t slot, int tell);

#endif
