/* The letter's part in a transaction of submission.h: after its envelope. */
#ifndef SMTP_STDIO_SUBMISSION_LETTER_H
#define SMTP_STDIO_SUBMISSION_LETTER_H

#include <stdbool.h>

#include "smtp-stdio/answer.h"
#include "smtp-stdio/recipients.h"
#include "smtp-stdio/smtp_client.h"
#include "smtp-stdio/submission.h"
#include "stdio/failure.h"

/* Notes a server's word on a recipient, and tells of it. */
void submission_tell(struct submission *submission,
    const struct smtp_client *client, struct recipient *recipient,
    const struct answer *answer, const char *to);

/* Notes the reply that befell the letter as a whole.  Always false. */
bool submission_refuse(struct submission *submission,
    const struct smtp_client *client, const struct answer *answer,
    const char *to, struct failure *failure);

/*
 * Sends the letter, after DATA's 354 or by BDAT, and takes the reply, by LMTP
 * one for each recipient that was accepted (RFC 2033 section 4.2), and tells
 * them.  False where it was refused as a whole, or a reply is missing.
 */
bool submission_send_letter(struct submission *submission,
    struct smtp_client *client, struct failure *failure);

#endif
