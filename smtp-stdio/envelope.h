/* The envelope of a mail transaction: one reverse-path, its forward-paths. */
#ifndef SMTP_STDIO_ENVELOPE_H
#define SMTP_STDIO_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "smtp-stdio/path.h"
#include "store/address.h"

struct envelope {
	char reverse_path[PATH_OCTETS_MAX + 1];         /* "" for <> */
	char forward_path[PATH_OCTETS_MAX + 1];         /* the first, as sent */
	char **accounts;        /* who gets it, as local@domain */
	size_t count;           /* of the forward-paths accepted */
	size_t room;            /* for so many accounts */
};

/* Begins a transaction with this reverse-path; the envelope is empty. */
void envelope_begin(struct envelope *envelope, const char *reverse_path);

/* Adds a recipient; false, and nothing changed, without memory. */
bool envelope_add(struct envelope *envelope, const char *forward_path,
    const struct address *account);

/*
 * Sorts the accounts and brings each to the front once; returns how many
 * different ones there are.
 */
size_t envelope_unique_accounts(struct envelope *envelope);

/* Forgets all; the memory of the accounts is given back. */
void envelope_reset(struct envelope *envelope);

#endif
