/*
 * One letter to its recipients, in as few mail transactions as the server
 * allows (RFC 5321 section 3.3).
 */
#ifndef SMTP_STDIO_SUBMISSION_H
#define SMTP_STDIO_SUBMISSION_H

#include <stdbool.h>
#include <stddef.h>

#include "smtp-stdio/answer.h"
#include "smtp-stdio/letter.h"
#include "smtp-stdio/path.h"
#include "smtp-stdio/recipients.h"
#include "smtp-stdio/smtp_client.h"
#include "stdio/failure.h"
#include "store/progress.h"

struct submission {
	const struct path *reverse_path;
	const struct recipients *recipients;
	const struct letter *letter;
	const char *notify;     /* NOTIFY of RCPT (RFC 3461); NULL: none */
	const char *ret;        /* RET of MAIL; NULL: none */

	/* told of each recipient that is refused, and why */
	void (*refused)(void *context, const struct recipient *recipient,
	    const struct failure *failure);
	void *context;

	/* the transaction that goes on */
	size_t first, behind;   /* its recipients, from first to behind */
	size_t accepted;
	bool has_sender;        /* MAIL was accepted */
	bool wants_data;        /* DATA was accepted */
	struct progress progress;
};

/*
 * Sends the letter.  True: each recipient is RECIPIENT_SENT or, told of, is
 * RECIPIENT_REFUSED.  False: the failure says what befell the letter; those
 * that are not RECIPIENT_SENT have not got it, except where it says that they
 * may have.
 */
bool submission_run(struct submission *submission, struct smtp_client *client,
    struct failure *failure);

#endif
