/* The commands of the TRANSACTION state (RFC 1939 sections 5 and 7). */
#ifndef POP3_STDIO_TRANSACTION_H
#define POP3_STDIO_TRANSACTION_H

#include "pop3-stdio/reply.h"

struct session;

/* argument is what follows the verb, without spaces around it. */
const struct reply *pop3_stat(struct session *session, char *argument);
const struct reply *pop3_list(struct session *session, char *argument);
const struct reply *pop3_uidl(struct session *session, char *argument);
const struct reply *pop3_retr(struct session *session, char *argument);
const struct reply *pop3_top(struct session *session, char *argument);
const struct reply *pop3_dele(struct session *session, char *argument);
const struct reply *pop3_noop(struct session *session, char *argument);
const struct reply *pop3_rset(struct session *session, char *argument);

/* QUIT in this state: UPDATE, RFC 1939 section 6. */
const struct reply *pop3_update(struct session *session);

#endif
