/* The commands that build an envelope: MAIL and RCPT. */
#ifndef SMTP_STDIO_TRANSACTION_H
#define SMTP_STDIO_TRANSACTION_H

#include "smtp-stdio/reply.h"

struct session;

/* RFC 5321 sections 4.1.1.2 and 4.1.1.3; argument is what follows the verb. */
const struct reply *smtp_mail(struct session *session, char *argument);
const struct reply *smtp_rcpt(struct session *session, char *argument);

#endif
