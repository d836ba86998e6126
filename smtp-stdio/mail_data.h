/* The command that brings the message: DATA. */
#ifndef SMTP_STDIO_MAIL_DATA_H
#define SMTP_STDIO_MAIL_DATA_H

#include "smtp-stdio/reply.h"

struct session;

/* RFC 5321 section 4.1.1.4: 354, the mail data, delivery, the final reply. */
const struct reply *smtp_data(struct session *session, char *argument);

#endif
