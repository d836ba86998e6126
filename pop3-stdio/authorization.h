/* The AUTHORIZATION state: USER and PASS, AUTH, STLS. */
#ifndef POP3_STDIO_AUTHORIZATION_H
#define POP3_STDIO_AUTHORIZATION_H

#include "pop3-stdio/reply.h"

struct session;

/* RFC 1939 section 7; argument is what follows the verb. */
const struct reply *pop3_user(struct session *session, char *argument);
const struct reply *pop3_pass(struct session *session, char *argument);

/* RFC 5034. */
const struct reply *pop3_auth(struct session *session, char *argument);

/* RFC 2595 section 4. */
const struct reply *pop3_stls(struct session *session, char *argument);

#endif
