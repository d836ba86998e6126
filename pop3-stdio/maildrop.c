/* The maildrop; see maildrop.h. */
#include "pop3-stdio/maildrop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum store_error
maildrop_open(struct maildrop *maildrop, struct mail_root *root,
    const struct address *account)
{
	enum store_error error;

	error = mailbox_open(&maildrop->mailbox, root, account, true);
	if (error != STORE_OK)
		return error;
	maildrop->deleted = calloc(maildrop->mailbox.count + 1,
	    sizeof *maildrop->deleted);
	if (maildrop->deleted == NULL) {
		mailbox_close(&maildrop->mailbox);
		errno = ENOMEM;
		return STORE_FAILED;
	}
	return STORE_OK;
}

void
maildrop_close(struct maildrop *maildrop)
{
	free(maildrop->deleted);
	mailbox_close(&maildrop->mailbox);
}

size_t
maildrop_count(const struct maildrop *maildrop)
{
	return maildrop->mailbox.count;
}

void
maildrop_total(const struct maildrop *maildrop, size_t *count,
    uint64_t *octets)
{
	size_t i;

	*count = 0;
	*octets = 0;
	for (i = 0; i < maildrop->mailbox.count; i++) {
		if (maildrop->deleted[i])
			continue;
		++*count;
		*octets += maildrop->mailbox.messages[i].octets;
	}
}

struct message *
maildrop_message(struct maildrop *maildrop, size_t number)
{
	return &maildrop->mailbox.messages[number - 1];
}

bool
maildrop_is_deleted(const struct maildrop *maildrop, size_t number)
{
	return maildrop->deleted[number - 1];
}

void
maildrop_delete(struct maildrop *maildrop, size_t number)
{
	maildrop->deleted[number - 1] = true;
}

void
maildrop_reset(struct maildrop *maildrop)
{
	memset(maildrop->deleted, 0,
	    maildrop->mailbox.count * sizeof *maildrop->deleted);
}

enum store_error
maildrop_update(struct maildrop *maildrop, size_t *removed)
{
	enum store_error error, worst = STORE_OK;
	size_t i;

	*removed = 0;
	for (i = 0; i < maildrop->mailbox.count; i++) {
		if (!maildrop->deleted[i])
			continue;
		error = mailbox_remove(&maildrop->mailbox,
		    &maildrop->mailbox.messages[i]);
		if (error == STORE_OK)
			++*removed;
		else
			worst = error;
	}
	error = mailbox_sync(&maildrop->mailbox);
	return error == STORE_OK ? worst : error;
}
