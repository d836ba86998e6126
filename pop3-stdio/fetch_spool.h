/* A message in a file without a name, while it is looked at. */
#ifndef POP3_STDIO_FETCH_SPOOL_H
#define POP3_STDIO_FETCH_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "pop3-stdio/fetch_session.h"

/*
 * Makes an empty file in $TMPDIR, or /tmp, that is gone when it is closed; -1
 * and the failure where that cannot be done.
 */
int spool_open(struct failure *failure);

/*
 * Fetches a message, of about so many octets as the server says, into the
 * file, whose content is thrown away before.  ANSWER_REFUSED: there is none
 * of that number.
 */
enum answer spool_message(struct fetch *fetch, int file, uint64_t number,
    uint64_t octets, struct failure *failure);

#endif
