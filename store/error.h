/*
 * What can go wrong in the store, told to the protocols as one value.  The
 * store never speaks: each protocol has one place that turns these into a
 * reply.
 */
#ifndef STORE_ERROR_H
#define STORE_ERROR_H

enum store_error {
	STORE_OK,
	STORE_NOT_FOUND,        /* no such account, mailbox or message */
	STORE_NOT_HOSTED,       /* no such domain here */
	STORE_EXISTS,           /* it is there already */
	STORE_BUSY,             /* another process holds the mailbox */
	STORE_MALFORMED,        /* a file below the root is not as it must be */
	STORE_FULL,             /* no room now: worth another try later */
	STORE_FAILED            /* errno says why */
};

/* The store_error for a value of errno; STORE_FAILED for what has no other. */
enum store_error store_error_from(int number);

/* A few words for a log line or a tool's message. */
const char *store_error_text(enum store_error error);

#endif
