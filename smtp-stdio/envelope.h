/* The envelope of a mail transaction: one reverse-path, its forward-paths. */
#ifndef SMTP_STDIO_ENVELOPE_H
#define SMTP_STDIO_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "smtp-stdio/parameters.h"
#include "smtp-stdio/path.h"
#include "store/address.h"

/* A recipient that a report to the sender is to tell of (RFC 3461). */
struct reported {
	bool failed;            /* nobody here takes its mail; else delivered */
	const char *original;   /* ORCPT, decoded: type;address; NULL: none */
	const char *forward_path;
	char memory[];          /* of both */
};

struct envelope {
	char reverse_path[PATH_OCTETS_MAX + 1];         /* "" for <> */
	struct mail_parameters parameters;
	char forward_path[PATH_OCTETS_MAX + 1];         /* the first, as sent */
	size_t count;           /* of the forward-paths accepted */

	char **accounts;        /* who gets it, as local@domain */
	size_t account_count;   /* each forward-path but those that have failed */
	size_t account_room;

	struct reported **reported;
	size_t reported_count, reported_room;
};

/*
 * Begins a transaction with this reverse-path, and its parameters; NULL:
 * none.  The envelope is empty.
 */
void envelope_begin(struct envelope *envelope, const char *reverse_path,
    const struct mail_parameters *parameters);

/*
 * Adds a recipient, and who gets its mail; account is NULL where nobody does
 * and that is to be reported.  parameters is NULL where there are none.
 * False, and nothing changed, without memory.
 */
bool envelope_add(struct envelope *envelope, const char *forward_path,
    const struct rcpt_parameters *parameters, const struct address *account);

/*
 * Sorts the accounts and brings each to the front once; returns how many
 * different ones there are.
 */
size_t envelope_unique_accounts(struct envelope *envelope);

/* Forgets all; the memory of the recipients is given back. */
void envelope_reset(struct envelope *envelope);

#endif
