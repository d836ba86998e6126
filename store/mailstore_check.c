/*
 * mailstore check: the walk through the mail root, up to the mailboxes; see
 * mailstore.h.  It reads each directory once and keeps no list of what is in
 * it, whatever the number of accounts.
 */
#include "store/mailstore_check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "store/account.h"
#include "store/durable.h"
#include "store/forward.h"
#include "store/lock.h"
#include "store/mailstore.h"
#include "store/password.h"
#include "store/quota.h"
#include "store/replace.h"
#include "store/secret.h"
#include "store/tree.h"
#include "store/wipe.h"

static const char stray[] = "does not belong here";

/* Opens a domain's directory and looks into it. */
static void
check_domain(struct check *check, int at, const char *name, check_visit *visit)
{
	int domain;

	if (!address_set(&check->address, CATCH_ALL, strlen(CATCH_ALL), name,
	    strlen(name)) || strcmp(check->address.domain, name) != 0) {
		check_found(check, "does not belong here: no name of a domain");
		return;
	}
	domain = check_directory(check, at, name);
	if (domain == -1)
		return;
	check_each(check, domain, visit);
	durable_close(domain);
}

/* Whether somebody is still removing a mailbox that has disappeared. */
static bool
is_in_removal(struct check *check, int at, const char *name)
{
	int directory = durable_open_directory(at, name);
	struct stat status;
	bool held = false;

	if (directory == -1)
		return errno == ENOENT;
	if (durable_status(directory, LOCK_NAME, &status) == 0 &&
	    S_ISREG(status.st_mode))
		held = check_is_held(check, directory, LOCK_NAME);
	durable_close(directory);
	return held;
}

/* What was an account or a mailbox until it was removed: see tree_discard(). */
static void
check_discarded(struct check *check, int at, const char *name)
{
	static const char what[] = "was left by an interrupted removal";
	enum store_error error;
	struct stat status, again;

	if (is_in_removal(check, at, name) ||
	    !check_status(check, at, name, &status))
		return;
	while (check_settle(&status))
		if (!check_status(check, at, name, &again))
			return;
	if (!check->repair) {
		check_found(check, what);
		return;
	}
	error = tree_remove(at, name);
	check->changed = true;
	check_mended(check, what, "removed",
	    error == STORE_OK || error == STORE_NOT_FOUND ? 0 : -1);
}

static void
check_forward(struct check *check, int account)
{
	struct forward forward;
	enum store_error error = forward_read(account, ".", &forward);
	struct address target;
	size_t count = 0;
	const char *line;
	bool good = true;

	if (error == STORE_NOT_FOUND)
		return;
	if (error == STORE_MALFORMED)
		check_found(check, "is malformed: a NUL, or too long");
	else if (error != STORE_OK)
		check_failed(check, "cannot be read");
	if (error != STORE_OK)
		return;
	while ((line = forward_next(&forward)) != NULL) {
		count++;
		good = good && address_parse(&target, line, strlen(line));
	}
	forward_free(&forward);
	if (!good)
		check_found(check, "is malformed: a line is no address");
	else if (count == 0 || count > FORWARD_TARGETS_MAX)
		check_found(check, count == 0 ?
		    "is malformed: no address in it" :
		    "is malformed: too many addresses");
}

static void
check_quota(struct check *check, int account)
{
	uint64_t octets;
	enum store_error error = quota_read(account, ".", &octets);

	if (error == STORE_MALFORMED)
		check_found(check, "is malformed: no number of octets");
	else if (error != STORE_OK)
		check_failed(check, "cannot be read");
}

static void
check_setting(struct check *check, int account, const char *name)
{
	struct stat status;

	if (check_is_temporary(name, REPLACE_PREFIX))
		check_temporary(check, account, name);
	else if (strcmp(name, "forward") == 0) {
		if (check_file(check, account, name, &status))
			check_forward(check, account);
	} else if (strcmp(name, "quota") == 0) {
		if (check_file(check, account, name, &status))
			check_quota(check, account);
	} else
		check_found(check, stray);
}

static void
check_account(struct check *check, int domain, const char *name)
{
	int account;

	if (!check_set_account(check, name))
		return;
	account = check_directory(check, domain, name);
	if (account == -1)
		return;
	check_each(check, account, check_setting);
	durable_close(account);
}

static void
check_in_accounts(struct check *check, int accounts, const char *name)
{
	if (check_is_temporary(name, TREE_DISCARDED_PREFIX))
		check_discarded(check, accounts, name);
	else
		check_domain(check, accounts, name, check_account);
}

/* Whether there is the account that this verifier is for. */
static bool
is_for_account(struct check *check, const struct stat *verifier)
{
	enum store_error error = account_find(check->root, &check->address);

	while ((error == STORE_NOT_FOUND || error == STORE_NOT_HOSTED) &&
	    check_settle(verifier))     /* add makes the account last */
		error = account_find(check->root, &check->address);
	return error != STORE_NOT_FOUND && error != STORE_NOT_HOSTED;
}

static void
check_verifier(struct check *check, int domain, const char *name)
{
	struct scram_verifier verifier;
	char text[VERIFIER_SIZE];
	enum store_error error;
	struct stat status, now;

	if (check_is_temporary(name, REPLACE_PREFIX)) {
		check_temporary(check, domain, name);
		return;
	}
	if (!check_set_account(check, name) ||
	    !check_file(check, domain, name, &status))
		return;
	error = read_small_file(domain, name, text, sizeof text);
	if (error == STORE_OK &&
	    scram_verifier_read(&verifier, text) == PASSWORD_MALFORMED)
		error = STORE_MALFORMED;
	wipe(text, sizeof text);
	wipe(&verifier, sizeof verifier);
	if (error == STORE_MALFORMED)
		check_found(check, "is malformed: no verifier");
	else if (error != STORE_OK && error != STORE_NOT_FOUND)
		check_failed(check, "cannot be read");
	if (!is_for_account(check, &status) &&
	    check_status(check, domain, name, &now))
		check_found(check, "is a password of no account");
}

static void
check_in_passwords(struct check *check, int passwords, const char *name)
{
	struct stat status;

	if (check_is_temporary(name, REPLACE_PREFIX))
		check_temporary(check, passwords, name);
	else if (strcmp(name, SECRET_NAME) != 0)
		check_domain(check, passwords, name, check_verifier);
	else if (check_file(check, passwords, name, &status) &&
	    status.st_size != SECRET_OCTETS)
		check_found(check, "is malformed: not 32 octets");
}

/* A message that is being received, or was when its writer died. */
static void
check_incoming(struct check *check, int incoming, const char *name)
{
	struct stat status;

	if (!check_file(check, incoming, name, &status) ||
	    check_is_held(check, incoming, name))
		return;
	/* Its writer makes it, and then takes the lock, and then writes. */
	while (status.st_size == 0 && check_settle(&status))
		if (check_is_held(check, incoming, name))
			return;
	if (check_status(check, incoming, name, &status))
		check_stale(check, incoming, name,
		    "was left by an interrupted delivery");
}

static void
check_in_mail(struct check *check, int mail, const char *name)
{
	int incoming;

	if (check_is_temporary(name, TREE_DISCARDED_PREFIX))
		check_discarded(check, mail, name);
	else if (strcmp(name, ".incoming") == 0) {
		incoming = check_directory(check, mail, name);
		if (incoming == -1)
			return;
		check_each(check, incoming, check_incoming);
		durable_close(incoming);
	} else if (strcmp(name, "lost+found") != 0)
		check_domain(check, mail, name, check_mailbox);
}

static void
check_in_root(struct check *check, int root, const char *name)
{
	static const struct {
		const char *name;
		check_visit *visit;
	} parts[] = {
		{ "accounts",  check_in_accounts  },
		{ "passwords", check_in_passwords },
		{ "mail",      check_in_mail      },
		{ "outgoing",  check_in_outgoing  },
	};
	size_t i;
	int part;

	if (strcmp(name, "lost+found") == 0)    /* of a file system of its own */
		return;
	for (i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (strcmp(name, parts[i].name) == 0)
			break;
	if (i == sizeof parts / sizeof parts[0]) {
		check_found(check, stray);
		return;
	}
	part = check_directory(check, root, name);
	if (part == -1)
		return;
	check_each(check, part, parts[i].visit);
	durable_close(part);
}

int
mailstore_check(struct mail_root *root, bool repair)
{
	struct check check = { .root = root, .repair = repair };
	struct stat status;

	text_init(&check.path, check.path_buffer, sizeof check.path_buffer);
	if (durable_file_status(root->directory, &status) == -1)
		return mailstore_fail("cannot check", "the mail root",
		    store_error_from(errno));
	if (status.st_uid == 0)
		fprintf(stderr, "mailstore: %s\n",
		    root_owner_text(ROOT_OWNER_ROOT));
	check.owner = status.st_uid;
	check.group = status.st_gid;
	check_owner_and_mode(&check, root->directory, ".", &status);
	check_each(&check, root->directory, check_in_root);
	return check.busy ? EX_TEMPFAIL : check.left ? EX_DATAERR : EX_OK;
}
