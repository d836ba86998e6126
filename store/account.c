/* Accounts; see account.h. */
#include "store/account.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/durable.h"
#include "store/maildir.h"
#include "store/replace.h"
#include "store/tree.h"

static const char postmaster[] = "postmaster";

/*
 * Opens accounts/DOMAIN, which stays open for the next time.  It may have been
 * removed by then: so what is not found in one that was kept is looked for
 * once more, see is_outdated().
 */
static enum store_error
open_domain(struct mail_root *root, const char *name)
{
	enum store_error error;
	int accounts;

	error = root_part(root, ROOT_ACCOUNTS, &accounts);
	if (error != STORE_OK || root_keep(&root->domain, accounts, name) == 0)
		return error;
	if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
		return STORE_NOT_HOSTED;
	return STORE_FAILED;
}

/* Whether it may be for that that something was not found; forgets it then. */
static bool
is_outdated(struct mail_root *root, bool was_kept, enum store_error error)
{
	if (!was_kept || error != STORE_NOT_FOUND)
		return false;
	root_forget(&root->domain);
	return true;
}

/* Whether a domain has an account; what is no directory is none. */
static enum store_error
look_up(int domain, const char *local)
{
	struct stat status;

	if (durable_status(domain, local, &status) == -1)
		return errno == ENAMETOOLONG ? STORE_NOT_FOUND :
		    store_error_from(errno);
	return S_ISDIR(status.st_mode) ? STORE_OK : STORE_NOT_FOUND;
}

enum store_error
account_find(struct mail_root *root, const struct address *address)
{
	bool was_kept = root_keeps(&root->domain, address->domain);
	enum store_error error = open_domain(root, address->domain);

	if (error == STORE_OK)
		error = look_up(root->domain.directory, address->local);
	return is_outdated(root, was_kept, error) ?
	    account_find(root, address) : error;
}

/* Makes an account in its open domain, where it is not there. */
static enum store_error
make_account(struct mail_root *root, int domain, const struct address *address)
{
	enum store_error error = look_up(domain, address->local);

	if (error != STORE_NOT_FOUND)
		return error == STORE_OK ? STORE_EXISTS : error;
	error = maildir_finish_removal(root, address);
	if (error != STORE_OK)
		return error;
	if (durable_make_directory(domain, address->local) == -1)
		return store_error_from(errno);
	if (durable_sync(domain) == 0)
		return STORE_OK;
	error = store_error_from(errno);
	durable_undo_directory(domain, address->local);
	return error;
}

enum store_error
account_create(struct mail_root *root, const struct address *address)
{
	enum store_error error;
	int domain;

	error = root_domain(root, ROOT_ACCOUNTS, address->domain, &domain);
	if (error != STORE_OK)
		return error;
	error = durable_sync(root->accounts) == -1 ? store_error_from(errno) :
	    make_account(root, domain, address);
	durable_close(domain);
	return error;
}

/* An account that a rule says must be there: made where it is missing. */
static enum store_error
find_or_make(struct mail_root *root, int domain, const struct address *address)
{
	enum store_error error = make_account(root, domain, address);

	return error == STORE_EXISTS ? STORE_OK : error;
}

/* The rules of account_resolve() in an open domain; changes account->local. */
static enum store_error
resolve_in(struct mail_root *root, int domain, bool create,
    struct address *account)
{
	enum store_error error = STORE_NOT_FOUND;
	struct address base = *account;
	char *plus = strchr(base.local, '+');
	bool literal_catch_all = strcmp(account->local, CATCH_ALL) == 0;

	if (plus == base.local)
		plus = NULL;
	if (plus != NULL) {
		*plus = '\0';
		if (strcmp(base.local, CATCH_ALL) == 0) {
			base = *account;
			plus = NULL;
		}
	}
	if (!literal_catch_all)
		error = look_up(domain, account->local);
	if (error == STORE_NOT_FOUND && plus != NULL) {
		error = look_up(domain, base.local);
		if (error == STORE_OK)
			*account = base;
	}
	if (error == STORE_NOT_FOUND && strcmp(account->local, postmaster) == 0)
		return find_or_make(root, domain, account);
	if (error == STORE_NOT_FOUND) {
		error = look_up(domain, CATCH_ALL);
		if (error == STORE_OK)
			memcpy(account->local, CATCH_ALL, sizeof CATCH_ALL);
	}
	if (error == STORE_NOT_FOUND && create && !literal_catch_all) {
		*account = base;
		return find_or_make(root, domain, account);
	}
	return error;
}

enum store_error
account_resolve(struct mail_root *root, const struct address *address,
    bool create, struct address *account)
{
	bool was_kept = root_keeps(&root->domain, address->domain);
	enum store_error error = open_domain(root, address->domain);

	*account = *address;
	if (error == STORE_OK)
		error = resolve_in(root, root->domain.directory, create, account);
	return is_outdated(root, was_kept, error) ?
	    account_resolve(root, address, create, account) : error;
}

/*
 * The first hosted domain in octet order, of those that have a postmaster
 * where having is set; STORE_NOT_FOUND where there is none.
 */
static enum store_error
first_domain(struct mail_root *root, bool having, struct address *account)
{
	enum store_error error, found = STORE_NOT_FOUND;
	struct address candidate;
	struct dirent *entry;
	int accounts;
	DIR *list;

	error = root_part(root, ROOT_ACCOUNTS, &accounts);
	if (error != STORE_OK)
		return error;
	list = durable_list(accounts);
	if (list == NULL)
		return store_error_from(errno);
	while ((entry = durable_next(list)) != NULL) {
		if (!address_set(&candidate, postmaster, sizeof postmaster - 1,
		    entry->d_name, strlen(entry->d_name)) ||
		    strcmp(candidate.domain, entry->d_name) != 0)
			continue;
		if (found == STORE_OK &&
		    strcmp(candidate.domain, account->domain) >= 0)
			continue;
		error = account_find(root, &candidate);
		if (error == STORE_OK || (error == STORE_NOT_FOUND && !having)) {
			*account = candidate;
			found = STORE_OK;
		} else if (error != STORE_NOT_FOUND &&
		    error != STORE_NOT_HOSTED) {
			found = error;          /* it may have been this one */
			break;
		}
	}
	if (entry == NULL && errno != 0)
		found = STORE_FAILED;
	durable_list_end(list);
	return found;
}

enum store_error
account_postmaster(struct mail_root *root, struct address *account)
{
	enum store_error error = first_domain(root, true, account);

	if (error != STORE_NOT_FOUND)
		return error;
	error = first_domain(root, false, account);
	if (error != STORE_OK)
		return error;
	error = account_create(root, account);
	return error == STORE_EXISTS ? STORE_OK : error;
}

enum store_error
account_remove(struct mail_root *root, const struct address *address)
{
	enum store_error error;
	int accounts;

	error = root_part(root, ROOT_ACCOUNTS, &accounts);
	if (error == STORE_OK)
		error = open_domain(root, address->domain);
	if (error != STORE_OK)
		return error == STORE_NOT_HOSTED ? STORE_NOT_FOUND : error;
	error = tree_discard(root->domain.directory, address->local, accounts);
	root_forget(&root->domain);
	if (error == STORE_OK)          /* fails where accounts are left */
		(void)durable_remove_directory(accounts, address->domain);
	return error;
}

enum store_error
account_open(struct mail_root *root, const struct address *address,
    int *account)
{
	bool was_kept = root_keeps(&root->domain, address->domain);
	enum store_error error = open_domain(root, address->domain);

	if (error == STORE_OK) {
		*account = durable_open_directory(root->domain.directory,
		    address->local);
		if (*account == -1)
			error = store_error_from(errno);
	}
	return is_outdated(root, was_kept, error) ?
	    account_open(root, address, account) : error;
}

enum store_error
account_domain(struct mail_root *root, const struct address *address,
    int *domain)
{
	enum store_error error = open_domain(root, address->domain);

	*domain = root->domain.directory;
	return error;
}

/* Most accounts have no such file: that costs no memory. */
enum store_error
account_read_setting(int directory, const char *account, const char *name,
    size_t size, char **text, size_t *length)
{
	int file = durable_open_file_in(directory, account, name);
	enum store_error error;

	if (file == -1)
		return store_error_from(errno);
	*text = malloc(size + 2);
	error = *text == NULL ? STORE_FULL :
	    read_small(file, *text, size + 2);
	durable_close(file);
	if (error == STORE_OK)
		*length = strlen(*text);
	else
		free(*text);
	return error;
}

enum store_error
account_write_setting(struct mail_root *root, const struct address *address,
    const char *name, const char *text, size_t length)
{
	enum store_error error;
	int account;

	error = account_open(root, address, &account);
	if (error != STORE_OK)
		return error;
	error = replace_file(account, name, text, length);
	durable_close(account);
	return error;
}

enum store_error
account_remove_setting(struct mail_root *root, const struct address *address,
    const char *name)
{
	enum store_error error;
	int account;

	error = account_open(root, address, &account);
	if (error != STORE_OK)
		return error;
	if (durable_unlink(account, name) == -1)
		error = errno == ENOENT ? STORE_OK : store_error_from(errno);
	else if (durable_sync(account) == -1)
		error = store_error_from(errno);
	durable_close(account);
	return error;
}
