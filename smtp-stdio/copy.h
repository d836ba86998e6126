/* The copy of a message that a forwarder sends on, with Delivered-To. */
#ifndef SMTP_STDIO_COPY_H
#define SMTP_STDIO_COPY_H

#include <stddef.h>

#include "store/delivery.h"
#include "store/error.h"
#include "store/expansion.h"

/*
 * Writes a copy of a message that has come whole, as a delivery of its own,
 * which names all forwarders on the way; VIA_NONE: none.  After a failure
 * there is nothing to end.
 */
enum store_error copy_write(struct delivery *copy,
    const struct delivery *message, const struct expansion *expansion,
    size_t via, const char *host);

#endif
