/* The envelope of a message that goes on to other hosts (RFC 3461 section 5.2). */
#ifndef SMTP_STDIO_QUEUEING_H
#define SMTP_STDIO_QUEUEING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smtp-stdio/envelope.h"
#include "store/outgoing.h"

/*
 * Begins it with the sender of an envelope, and what he has asked for.  False
 * without memory, and then there is nothing to free.
 */
bool queueing_begin(struct outgoing *outgoing, const struct envelope *envelope,
    int64_t arrived, bool has_utf8);

/*
 * Adds a path of another host, that gets the mail of a recipient of the
 * envelope: the recipient's own, or, with is_forwarded, another.  False
 * without memory.
 */
bool queueing_add(struct outgoing *outgoing, const char *path,
    const struct recipient *recipient, bool is_forwarded);

#endif
