/* The envelope of a mail transaction: one reverse-path, its forward-paths. */
#ifndef SMTP_STDIO_ENVELOPE_H
#define SMTP_STDIO_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "smtp-stdio/parameters.h"
#include "smtp-stdio/path.h"
#include "store/expansion.h"

/* A forward-path that was accepted. */
struct recipient {
	const char *forward_path;       /* as sent */
	const char *original;           /* ORCPT, decoded: type;address; NULL: none */
	unsigned notify;                /* NOTIFY */
	const char *parameters;         /* all of them, as sent */
	size_t forwarder;               /* its own account, or VIA_NONE */

	/* who gets its mail, in the expansion: mailboxes, and other hosts' */
	size_t first_target, target_count;
	size_t first_remote, remote_count;
	char memory[];                  /* of the texts */
};

struct envelope {
	char reverse_path[PATH_OCTETS_MAX + 1];         /* "" for <> */
	struct mail_parameters parameters;
	struct recipient **recipients;
	size_t count, room;
	struct expansion expansion;     /* of all of them */
};

/*
 * Begins a transaction with this reverse-path, and its parameters; NULL:
 * none.  The envelope is empty.
 */
void envelope_begin(struct envelope *envelope, const char *reverse_path,
    const struct mail_parameters *parameters);

/*
 * Adds a recipient: all that the expansion has behind the mark is its.  False,
 * and nothing changed, without memory.
 */
bool envelope_add(struct envelope *envelope, const char *forward_path,
    const struct rcpt_parameters *parameters,
    const struct expansion_mark *mark);

/*
 * The recipient whose mail is forwarded by an account, given as local@domain;
 * NULL where there is none yet.
 */
const struct recipient *envelope_find_forwarded(
    const struct envelope *envelope, const char *account);

/* Adds one more recipient that is forwarded like another; likewise. */
bool envelope_add_like(struct envelope *envelope, const char *forward_path,
    const struct rcpt_parameters *parameters, const struct recipient *other);

/* Nobody gets its mail, and that is to be reported. */
bool recipient_is_nobody(const struct recipient *recipient);

/* RFC 3461 section 5.2.7.3: one address that has become several. */
bool recipient_is_spread(const struct recipient *recipient);

/*
 * Whether the sender wants to be told of a recipient that has failed, or
 * has not (RFC 3461 section 4.1).
 */
bool recipient_is_reported(const struct recipient *recipient, bool failed);

/* Forgets all; the memory of the recipients is given back. */
void envelope_reset(struct envelope *envelope);

#endif
