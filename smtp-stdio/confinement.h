/* What smtp-stdio keeps of the mail root before it reads from the client. */
#ifndef SMTP_STDIO_CONFINEMENT_H
#define SMTP_STDIO_CONFINEMENT_H

#include "store/error.h"

struct session;

/*
 * Confines this process to what a session has to do in its mail root, which
 * is open: it can read and write what is in .incoming/, and nothing that has
 * been delivered.  Where that fails there can be no session.
 */
enum store_error smtp_confine(struct session *session);

#endif
