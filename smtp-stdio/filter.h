/* The filter that each message goes through before it is delivered (-f). */
#ifndef SMTP_STDIO_FILTER_H
#define SMTP_STDIO_FILTER_H

#include "smtp-stdio/reply.h"

struct session;
struct delivery;

enum verdict {
	VERDICT_DELIVER,        /* as it is */
	VERDICT_REPLACED,       /* and as the filter has written it */
	VERDICT_DROP,           /* it is taken, and goes nowhere */
	VERDICT_REFUSE,         /* for good; the text says why */
	VERDICT_FAIL            /* there is no verdict now */
};

/*
 * Runs the filter on a message that has come whole.  Where it has written
 * another one, that is in the message's place.  text, which has
 * REPLY_LINE_OCTETS_MAX octets, gets the first line of what it says on
 * standard error, for VERDICT_REFUSE.
 */
enum verdict filter_run(struct session *session, struct delivery *message,
    char *text);

#endif
