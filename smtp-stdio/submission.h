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

/* Longer parameters of one command cannot be sent. */
#define SUBMISSION_PARAMETERS_MAX 2048

struct submission {
	const struct path *reverse_path;
	const char *parameters; /* of MAIL (RFC 3461); "": none */
	const struct recipients *recipients;
	const struct letter *letter;
	bool needs_utf8;        /* its header cannot go without SMTPUTF8 */
	bool shows_progress;

	/*
	 * told of each recipient that the server has answered for: it is sent,
	 * and failure is NULL, or refused, and failure says why
	 */
	void (*told)(void *context, struct recipient *recipient,
	    const struct answer *answer, const struct failure *failure);
	/* told of the end of each transaction; may be NULL */
	void (*settled)(void *context);
	void *context;

	/* the transaction that goes on */
	size_t first, behind;   /* its recipients, from first to behind */
	size_t accepted;
	bool has_sender;        /* MAIL was accepted */
	bool wants_data;        /* DATA was accepted */
	struct progress progress;

	/*
	 * what befell the letter as a whole: the reply to MAIL, DATA or the
	 * message, or one that stands for what the server cannot take; its
	 * code is 0 where there is none
	 */
	struct answer verdict;
};

/*
 * Sends the letter.  True: each recipient is RECIPIENT_SENT or
 * RECIPIENT_REFUSED, and was told of.  False: the failure says what befell the
 * letter, and so does the verdict, unless it was the session that failed;
 * those that are RECIPIENT_WAITING have not got it, except where the failure
 * says that they may have.
 */
bool submission_run(struct submission *submission, struct smtp_client *client,
    struct failure *failure);

#endif
