/* A message that comes in chunks, by BDAT (RFC 3030). */
#ifndef SMTP_STDIO_CHUNKS_H
#define SMTP_STDIO_CHUNKS_H

#include <stdint.h>

#include "smtp-stdio/incoming.h"
#include "smtp-stdio/reply.h"
#include "stdio/dot_stuffing.h"

struct chunks {
	struct incoming message;
	struct unstuffer lines;
};

/*
 * BDAT; the argument is what follows the verb.  All octets of the chunk are
 * taken before the reply, whatever it is.
 */
const struct reply *smtp_bdat(struct session *session, char *argument);

/* Drops the octets of a chunk that has another reply; likewise. */
const struct reply *smtp_bdat_drop(struct session *session, char *argument,
    const struct reply *reply);

/* Gives up the message that has been begun. */
void chunks_abort(struct chunks *chunks);

#endif
