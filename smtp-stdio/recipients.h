/* The recipients that smtp-send was given, each once, in their order. */
#ifndef SMTP_STDIO_RECIPIENTS_H
#define SMTP_STDIO_RECIPIENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "smtp-stdio/mailbox_list.h"

struct recipient {
	const char *name;       /* display-name; "" for none */
	const char *address;    /* as a path, without brackets */
	const char *parameters; /* of RCPT (RFC 3461); "": none; the caller's */
	size_t number;          /* which one it is to the caller */
	bool is_ascii;          /* the address */
	enum recipient_state {
		RECIPIENT_WAITING,      /* nothing is known of it yet */
		RECIPIENT_ACCEPTED,     /* in the transaction that goes on */
		RECIPIENT_SENT,
		RECIPIENT_REFUSED
	} state;
	char text[];            /* of both */
};

struct recipients {
	struct recipient **list;
	size_t count, room;
};

void recipients_init(struct recipients *recipients);

/* Adds one, and keeps copies; false where there is no memory. */
bool recipients_add(struct recipients *recipients,
    const struct named_mailbox *mailbox);

/* Leaves out each that is in the list before. */
void recipients_make_unique(struct recipients *recipients);

void recipients_free(struct recipients *recipients);

#endif
