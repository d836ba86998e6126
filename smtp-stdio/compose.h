/* Makes the message that smtp-send sends out of what it was given. */
#ifndef SMTP_STDIO_COMPOSE_H
#define SMTP_STDIO_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "smtp-stdio/letter.h"
#include "smtp-stdio/mailbox_list.h"
#include "smtp-stdio/recipients.h"
#include "stdio/failure.h"

struct composition {
	/* as the command line says; the caller's memory */
	const char *from;               /* -f; NULL: not given */
	const char *subject;            /* -s; NULL: not given */
	const char *const *attachments; /* -A, paths */
	size_t attachment_count;
	bool takes_recipients;          /* -t: those in the header, too */
	const char *user;               /* -u; NULL: not given */
	const char *hostname;           /* of this host */

	/* what comes of it; composition_free() gives it back */
	struct recipients recipients;   /* those of the command line first */
	struct named_mailbox sender;    /* its path is the reverse-path */
	struct letter letter;
};

/*
 * Reads a message, or a body, from a descriptor and makes the letter of it.
 * A message with a header stays as it is where nothing asks for a change; a
 * body gets a header and becomes MIME in ASCII.
 */
bool compose(struct composition *composition, int input,
    struct failure *failure);

void composition_free(struct composition *composition);

#endif
