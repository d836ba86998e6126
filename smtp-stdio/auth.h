/* AUTH (RFC 4954) and STARTTLS (RFC 3207). */
#ifndef SMTP_STDIO_AUTH_H
#define SMTP_STDIO_AUTH_H

#include "smtp-stdio/reply.h"

struct session;

/* The argument is what follows the verb. */
const struct reply *smtp_auth(struct session *session, char *argument);
const struct reply *smtp_starttls(struct session *session, char *argument);

#endif
