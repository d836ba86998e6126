/* What becomes of a message that has come whole: filter, delivery, reply. */
#ifndef SMTP_STDIO_DELIVER_H
#define SMTP_STDIO_DELIVER_H

#include "smtp-stdio/incoming.h"
#include "smtp-stdio/reply.h"

/*
 * Delivers a message, or refuses it with the reply given; see
 * incoming_finish(), whose part this is.
 */
const struct reply *deliver(struct incoming *incoming,
    const struct reply *refusal);

#endif
