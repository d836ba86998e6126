/*
 * What is still to be done with a message for other hosts: its envelope, in
 * memory and as the text of outgoing/envelope/ID.
 *
 *     arrived SECONDS
 *     from <reverse-path> PARAMETERS
 *     warned
 *     to TRIES DUE <forward-path> PARAMETERS
 *     failed STATUS <forward-path> PARAMETERS
 *     relayed STATUS <forward-path> PARAMETERS
 *     said SERVER: TEXT
 *
 * In this order; all times are seconds since 1970.  Paths and parameters stand
 * there as in MAIL and RCPT.  said belongs to the recipient in the line above
 * it.  warned and said may be missing, and so may parameters.
 */
#ifndef STORE_OUTGOING_ENVELOPE_H
#define STORE_OUTGOING_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/error.h"
#include "store/maildir.h"
#include "store/names.h"

/* So many octets an envelope may have as text. */
#define OUTGOING_OCTETS_MAX ((size_t)64 << 20)

/* What a server has said is cut there, to fit into a line, and its name. */
#define OUTGOING_SAID_SIZE 900
#define OUTGOING_SERVER_SIZE 256

/* An enhanced status code (RFC 3463), with its NUL. */
#define OUTGOING_STATUS_SIZE 12

struct outgoing_recipient {
	enum outgoing_state {
		OUTGOING_WAITING,       /* to be sent when it is due */
		OUTGOING_FAILED,        /* will not be; its report is to be made */
		OUTGOING_RELAYED        /* is sent; and that is to be reported */
	} state;
	unsigned tries;                 /* so far, in WAITING */
	int64_t due;                    /* likewise */
	char status[OUTGOING_STATUS_SIZE];      /* "" in WAITING */
	const char *path;               /* without brackets */
	const char *parameters;         /* of RCPT; "" for none, as all these */
	const char *server, *said;      /* who said what to it last */
};

struct outgoing {
	char id[MESSAGE_ID_SIZE];
	int64_t arrived;
	bool is_warned;                 /* its sender has had the delay report */
	const char *reverse_path;       /* without brackets; NULL: not yet set */
	const char *parameters;         /* of MAIL */
	struct outgoing_recipient *recipients;
	size_t count, room;
	size_t octets;                  /* that it has as text, at most */
	struct names *names;            /* the memory of all these texts */
	int copy;                       /* see outgoing_put() */
};

/* Begins an envelope without a sender and recipients, which needs no end. */
void outgoing_init(struct outgoing *outgoing, int64_t arrived);

/*
 * Sets the sender; adds a recipient, which waits and is due.  False, and
 * nothing changed, without memory, past OUTGOING_OCTETS_MAX, or where it could
 * not be read again: it is no path, or has control characters in it.
 */
bool outgoing_set_sender(struct outgoing *outgoing, const char *reverse_path,
    const char *parameters);
bool outgoing_add_recipient(struct outgoing *outgoing, const char *path,
    const char *parameters);

/*
 * Books what became of a recipient, and what was said to it, "" for nothing;
 * of that, control characters become "?".  In WAITING, tries and due are the
 * caller's to set.  False, and nothing changed, without memory.
 */
bool outgoing_book(struct outgoing *outgoing, size_t index,
    enum outgoing_state state, const char *status, const char *server,
    const char *said);

/* Takes a recipient out; those behind it move up. */
void outgoing_drop(struct outgoing *outgoing, size_t index);

/*
 * When there is something to be done next: at the earliest time that a
 * recipient waits for; at its arrival, so at once, where one is booked.
 */
int64_t outgoing_due(const struct outgoing *outgoing);

/* The envelope as text, which the caller frees; STORE_FULL without memory. */
enum store_error outgoing_to_text(const struct outgoing *outgoing,
    char **text, size_t *length);

/*
 * Reads such a text, which has a NUL behind it and is cut to pieces, into an
 * envelope that outgoing_init() has begun.  STORE_MALFORMED: a line is not as
 * it must be, or missing.
 */
enum store_error outgoing_from_text(struct outgoing *outgoing, char *text);

/*
 * Forgets all, gives the memory back, and closes what outgoing_put() has
 * opened.
 */
void outgoing_free(struct outgoing *outgoing);

#endif
