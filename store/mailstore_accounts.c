/* What makes and removes accounts: add, passwd, remove; see mailstore.h. */
#include "store/mailstore.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "store/account.h"
#include "store/durable.h"
#include "store/lock.h"
#include "store/login.h"
#include "store/maildir.h"
#include "store/password.h"
#include "store/terminal.h"
#include "store/wipe.h"

/* Reads a password; 0, or an exit status when it has said what is wrong. */
static int
enter_password(char password[PASSWORD_OCTETS_MAX + 1])
{
	switch (password_enter(password, PASSWORD_OCTETS_MAX + 1)) {
	case ENTRY_OK:
		return EX_OK;
	case ENTRY_EMPTY:
		fputs("mailstore: the password is empty: give one on the "
		    "first line of standard input\n", stderr);
		break;
	case ENTRY_TOO_LONG:
		fprintf(stderr, "mailstore: the password is longer than %d "
		    "octets\n", PASSWORD_OCTETS_MAX);
		break;
	case ENTRY_DIFFERS:
		fputs("mailstore: the two passwords differ\n", stderr);
		break;
	case ENTRY_FAILED:
		fprintf(stderr, "mailstore: cannot read the password: %s\n",
		    strerror(errno));
		break;
	}
	return EX_DATAERR;
}

/*
 * Makes all else that an account has, and the account itself last: so it is
 * there as a whole or not at all.
 */
static enum store_error
make_parts(struct mail_root *root, const struct address *address,
    const char *password)
{
	enum store_error error = account_find(root, address);
	int saved;

	if (error == STORE_OK || error == STORE_FAILED)
		return error == STORE_OK ? STORE_EXISTS : error;
	/* A password that is there comes from a call that was interrupted. */
	error = password == NULL ? login_remove_password(root, address) :
	    login_set_password(root, address, password, strlen(password),
	    ITERATIONS_DEFAULT);
	if (error != STORE_OK)
		return error;
	error = account_create(root, address);
	if (error != STORE_OK && error != STORE_EXISTS) {
		saved = errno;
		(void)login_remove_password(root, address);
		errno = saved;
	}
	return error;
}

/*
 * Makes an account.  The mailbox's lock keeps others from making or removing
 * the same one meanwhile.
 */
static enum store_error
make_account(struct mail_root *root, const struct address *address,
    const char *password)
{
	enum store_error error = account_find(root, address);
	int maildir, lock;

	if (error == STORE_OK || error == STORE_FAILED)
		return error == STORE_OK ? STORE_EXISTS : error;
	error = maildir_finish_removal(root, address);
	if (error == STORE_OK)
		error = maildir_open(root, address, true, &maildir);
	if (error != STORE_OK)
		return error;
	error = lock_take(maildir, &lock);
	if (error == STORE_OK) {
		error = make_parts(root, address, password);
		durable_close(lock);
	}
	durable_close(maildir);
	return error;
}

/* Makes the mail root where it is missing, and an account in it. */
static int
add_account(struct call *call, const char *password)
{
	enum store_error error = root_make(&call->root, call->path);
	int status = EX_OK;

	if (error != STORE_OK) {
		status = mailstore_status(error);
		(void)mailstore_fail("cannot make the mail root", call->path,
		    error);
		return status;
	}
	error = make_account(&call->root, &call->address, password);
	if (error != STORE_OK)
		status = mailstore_fail("cannot add", call->operands[0], error);
	root_close(&call->root);
	return status;
}

int
mailstore_add(struct call *call)
{
	char password[PASSWORD_OCTETS_MAX + 1];
	enum store_error error;
	int status;

	error = root_open(&call->root, call->path);
	if (error == STORE_OK) {        /* before anybody types a password */
		error = account_find(&call->root, &call->address);
		root_close(&call->root);
		if (error == STORE_OK)
			return mailstore_fail("cannot add", call->operands[0],
			    STORE_EXISTS);
	}
	if (call->no_password)
		return add_account(call, NULL);
	status = enter_password(password);
	if (status == EX_OK)
		status = add_account(call, password);
	wipe(password, sizeof password);
	return status;
}

int
mailstore_passwd(struct call *call)
{
	char password[PASSWORD_OCTETS_MAX + 1];
	enum store_error error;
	int status = EX_OK;

	error = account_find(&call->root, &call->address);
	if (error == STORE_OK) {
		status = enter_password(password);
		if (status == EX_OK)
			error = login_set_password(&call->root,
			    &call->address, password, strlen(password),
			    call->iterations);
		wipe(password, sizeof password);
	}
	if (error != STORE_OK)
		status = mailstore_fail("cannot set the password of",
		    call->operands[0], error);
	return status;
}

/* Asks whether to go on; anything but y or yes is no. */
static bool
is_confirmed(const char *name)
{
	char answer[8] = "";

	fprintf(stderr, "Remove %s with all its mail? [y/N] ", name);
	if (fgets(answer, sizeof answer, stdin) == NULL)
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	return strcmp(answer, "y") == 0 || strcmp(answer, "yes") == 0;
}

/*
 * Removes an account while its mailbox (-1: none) is held: first nobody can
 * log in any more, then no mail comes, then the mail goes.  When this is
 * interrupted, the mark lets whoever makes such an account go on with it.  A
 * part that is missing was removed by a call before this one.
 */
static enum store_error
remove_parts(struct mail_root *root, const struct address *address,
    int maildir)
{
	enum store_error error = STORE_OK;

	if (maildir != -1)
		error = maildir_mark_removed(maildir);
	if (error == STORE_OK)
		error = login_remove_password(root, address);
	if (error == STORE_OK) {
		error = account_remove(root, address);
		if (error == STORE_NOT_FOUND)
			error = STORE_OK;
	}
	if (error == STORE_OK)
		error = maildir_remove(root, address);
	return error;
}

int
mailstore_remove(struct call *call)
{
	const char *name = call->operands[0];
	enum store_error error, mail;
	int maildir = -1, lock = -1, status = EX_OK;

	error = account_find(&call->root, &call->address);
	mail = maildir_open(&call->root, &call->address, false, &maildir);
	if (error == STORE_OK || mail == STORE_OK)
		error = mail == STORE_NOT_FOUND ? STORE_OK : mail;
	if (error == STORE_OK && !call->force && !is_confirmed(name)) {
		fprintf(stderr, "mailstore: %s is not removed\n", name);
		status = EX_NOPERM;
	}
	if (error == STORE_OK && status == EX_OK && maildir != -1)
		error = lock_take(maildir, &lock);
	if (error == STORE_OK && status == EX_OK)
		error = remove_parts(&call->root, &call->address, maildir);
	if (error != STORE_OK)
		status = mailstore_fail("cannot remove", name, error);
	if (lock != -1)
		durable_close(lock);
	if (maildir != -1)
		durable_close(maildir);
	return status;
}
