/* What an account's mail is subject to: forward, quota; see mailstore.h. */
#include "store/mailstore.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "store/account.h"
#include "store/durable.h"
#include "store/forward.h"
#include "store/quota.h"
#include "store/text.h"

static int
show_forward(struct mail_root *root, const struct address *address,
    const char *name)
{
	struct forward forward;
	enum store_error error;
	const char *target;
	int account;

	error = account_open(root, address, &account);
	if (error == STORE_OK) {
		error = forward_read(account, ".", &forward);
		durable_close(account);
	}
	if (error == STORE_NOT_FOUND)
		return EX_OK;
	if (error != STORE_OK)
		return mailstore_fail("cannot read the forward of", name,
		    error);
	while ((target = forward_next(&forward)) != NULL)
		puts(target);
	forward_free(&forward);
	return EX_OK;
}

int
mailstore_forward(struct mail_root *root, const struct address *address,
    const char *name, char *const *targets, size_t count, bool remove)
{
	enum store_error error = account_find(root, address);
	struct address target;
	size_t i;

	for (i = 0; i < count; i++)
		if (!address_parse(&target, targets[i], strlen(targets[i])))
			return mailstore_usage("no address of the form "
			    "user@domain", targets[i]);
	if (remove && count > 0)
		return mailstore_usage("-r takes no targets", targets[0]);
	if (count > FORWARD_TARGETS_MAX)
		return mailstore_usage("too many targets for", name);
	if (error == STORE_OK && !remove && count == 0)
		return show_forward(root, address, name);
	if (error == STORE_OK)
		error = forward_set(root, address, targets, count);
	return error == STORE_OK ? EX_OK :
	    mailstore_fail("cannot set the forward of", name, error);
}

static int
show_quota(struct mail_root *root, const struct address *address,
    const char *name)
{
	enum store_error error;
	uint64_t octets;
	int account;

	error = account_open(root, address, &account);
	if (error == STORE_OK) {
		error = quota_read(account, ".", &octets);
		durable_close(account);
	}
	if (error != STORE_OK)
		return mailstore_fail("cannot read the quota of", name, error);
	if (octets != QUOTA_NONE)
		printf("%" PRIu64 "\n", octets);
	return EX_OK;
}

int
mailstore_quota(struct mail_root *root, const struct address *address,
    const char *name, const char *size, bool remove)
{
	enum store_error error = account_find(root, address);
	uint64_t octets = QUOTA_NONE;

	if (remove && size != NULL)
		return mailstore_usage("-r takes no size", size);
	if (size != NULL && !text_to_size(size, &octets))
		return mailstore_usage("no size such as 50m", size);
	if (error == STORE_OK && !remove && size == NULL)
		return show_quota(root, address, name);
	if (error == STORE_OK)
		error = quota_set(root, address, octets);
	return error == STORE_OK ? EX_OK :
	    mailstore_fail("cannot set the quota of", name, error);
}
