/* The command that brings the message: DATA; and the pace of all that do. */
#ifndef SMTP_STDIO_MAIL_DATA_H
#define SMTP_STDIO_MAIL_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "smtp-stdio/reply.h"
#include "stdio/deadline.h"

struct session;

/* RFC 5321 section 4.1.1.4: 354, the mail data, delivery, the final reply. */
const struct reply *smtp_data(struct session *session, char *argument);

/*
 * How fast mail data must come: each window of -t seconds has to bring its
 * share, so that who drips does not hold the connection for ever.
 */
struct data_pace {
	unsigned seconds;               /* -t */
	struct deadline window_end;
	uint64_t window_octets;
};

void data_pace_begin(struct data_pace *pace, unsigned seconds);

/* When the next octets have to be there. */
struct deadline data_pace_next(struct data_pace *pace);

/* So many have come. */
void data_pace_add(struct data_pace *pace, size_t octets);

#endif
