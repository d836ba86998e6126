/* Messages removed from the server: marked by DELE, and gone after QUIT. */
#ifndef POP3_STDIO_FETCH_REMOVE_H
#define POP3_STDIO_FETCH_REMOVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pop3-stdio/fetch_session.h"

struct removal {
	uint64_t number;
	bool marked;            /* the server has said so */
};

/*
 * Marks messages, and ends the session so that they go.  False where that may
 * not have happened; one that the server refuses to mark is told of, and the
 * others go.
 */
bool fetch_remove(struct fetch *fetch, struct removal *removals, size_t count,
    struct failure *failure);

#endif
