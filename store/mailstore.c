/*
 * mailstore: administers the mail root.  It links nothing but store/, and so
 * shows at every build that the store stands alone.
 */
#include "store/mailstore.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "store/account.h"
#include "store/address.h"
#include "store/durable.h"
#include "store/lock.h"
#include "store/login.h"
#include "store/maildir.h"
#include "store/password.h"
#include "store/terminal.h"
#include "store/text.h"
#include "store/wipe.h"

static const char synopsis[] =
    "usage: mailstore [-d root] add [-n] address\n"
    "       mailstore [-d root] passwd [-i iterations] address\n"
    "       mailstore [-d root] remove [-f] address\n"
    "       mailstore [-d root] forward [-r] address [target ...]\n"
    "       mailstore [-d root] quota [-r] address [size]\n"
    "       mailstore [-d root] list [-j] [domain | address]\n"
    "       mailstore [-d root] show address uid\n";

int
mailstore_usage(const char *message, const char *what)
{
	fprintf(stderr, "mailstore: %s: %s\n%s", message, what, synopsis);
	return EX_USAGE;
}

/* The exit status where the store as a whole cannot be used; reads errno. */
static int
status_of_trouble(enum store_error error)
{
	return error == STORE_FAILED && (errno == EACCES || errno == EPERM) ?
	    EX_NOPERM : EX_TEMPFAIL;
}

int
mailstore_fail(const char *what, const char *name, enum store_error error)
{
	int status = status_of_trouble(error);

	fprintf(stderr, "mailstore: %s %s: %s\n", what, name,
	    store_error_text(error));
	switch (error) {
	case STORE_NOT_FOUND:
	case STORE_NOT_HOSTED:
		return EX_NOUSER;
	case STORE_EXISTS:
		return EX_CANTCREAT;
	case STORE_OK:
	case STORE_BUSY:
	case STORE_MALFORMED:
	case STORE_FULL:
	case STORE_FAILED:
		break;
	}
	return status;
}

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

/* A command as it was called. */
struct call {
	const char *path;               /* of the mail root */
	struct mail_root root;
	bool no_password;               /* add -n */
	bool force;                     /* remove -f */
	bool remove;                    /* forward -r, quota -r */
	bool json;                      /* list -j */
	uint32_t iterations;            /* passwd -i */
	struct address address;         /* the first operand, where it is one */
	char **operands;
	int count;
};

/* Opens a mail root that must be there; 0, or an exit status. */
static int
open_root(struct call *call)
{
	enum store_error error = root_open(&call->root, call->path);
	int status;

	if (error == STORE_OK)
		return EX_OK;
	status = status_of_trouble(error);
	fprintf(stderr, "mailstore: cannot open the mail root %s: %s; "
	    "mailstore add makes it, -d or $MAILROOT names another\n",
	    call->path, store_error_text(error));
	return status;
}

/* Makes the mail root where it is missing, and an account in it. */
static int
add_account(struct call *call, const char *password)
{
	enum store_error error = root_make(&call->root, call->path);
	int status = EX_OK;

	if (error != STORE_OK) {
		status = status_of_trouble(error);
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

static int
add(struct call *call)
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

static int
set_password(struct call *call)
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

static int
remove_account(struct call *call)
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

static int
forward(struct call *call)
{
	return mailstore_forward(&call->root, &call->address,
	    call->operands[0], call->operands + 1, (size_t)call->count - 1,
	    call->remove);
}

static int
quota(struct call *call)
{
	return mailstore_quota(&call->root, &call->address,
	    call->operands[0], call->count > 1 ? call->operands[1] : NULL,
	    call->remove);
}

static int
list(struct call *call)
{
	return mailstore_list(&call->root,
	    call->count > 0 ? call->operands[0] : NULL, call->json);
}

static int
show(struct call *call)
{
	return mailstore_show(&call->root, call->operands[0],
	    call->operands[1]);
}

/*
 * name      of the command
 * flags     for getopt(3); "+" keeps it from looking behind the operands
 * operands  the least and the most of them
 * address   whether the first one is an address; else it may be a domain
 * root      whether there must be a mail root, which is open for the handler
 */
static const struct tool {
	const char *name;
	const char *flags;
	int least, most;
	bool address;
	bool root;
	int (*handler)(struct call *call);
} tools[] = {
	{ "add",     "+n",  1, 1,       true,  false, add            },
	{ "passwd",  "+i:", 1, 1,       true,  true,  set_password   },
	{ "remove",  "+f",  1, 1,       true,  true,  remove_account },
	{ "forward", "+r",  1, INT_MAX, true,  true,  forward        },
	{ "quota",   "+r",  1, 2,       true,  true,  quota          },
	{ "list",    "+j",  0, 1,       false, true,  list           },
	{ "show",    "+",   2, 2,       true,  true,  show           },
};

static const struct tool *
find_tool(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof tools / sizeof tools[0]; i++)
		if (strcmp(tools[i].name, name) == 0)
			return &tools[i];
	return NULL;
}

/* Reads the flags of a command; false where one is not known or not right. */
static bool
read_flags(int argc, char **argv, const char *known, struct call *call)
{
	uint64_t iterations;
	int flag;

	optind = 1;
	while ((flag = getopt(argc, argv, known)) != -1) {
		switch (flag) {
		case 'n':
			call->no_password = true;
			break;
		case 'f':
			call->force = true;
			break;
		case 'r':
			call->remove = true;
			break;
		case 'j':
			call->json = true;
			break;
		case 'i':
			if (!text_to_number(optarg, strlen(optarg),
			    &iterations) || iterations < ITERATIONS_LEAST ||
			    iterations > ITERATIONS_MAX)
				return false;
			call->iterations = (uint32_t)iterations;
			break;
		default:
			return false;
		}
	}
	return true;
}

/* Reads the first operand: an address, or, where that may be, a domain. */
static bool
read_address(struct call *call, bool must_be_address)
{
	const char *name = call->operands[0];

	if (must_be_address || strchr(name, '@') != NULL)
		return address_parse(&call->address, name, strlen(name));
	return address_set(&call->address, CATCH_ALL, strlen(CATCH_ALL), name,
	    strlen(name));
}

/* Runs one command; argv[0] is its name. */
static int
run(int argc, char **argv, const char *path)
{
	struct call call = { .path = path, .iterations = ITERATIONS_DEFAULT };
	const struct tool *tool = find_tool(argv[0]);
	int status;

	if (tool == NULL)
		return mailstore_usage("unknown command", argv[0]);
	if (!read_flags(argc, argv, tool->flags, &call))
		return mailstore_usage("unknown flag or bad value for", tool->name);
	call.operands = argv + optind;
	call.count = argc - optind;
	if (call.count < tool->least || call.count > tool->most)
		return mailstore_usage("wrong number of arguments for", tool->name);
	if (call.count > 0 && !read_address(&call, tool->address))
		return mailstore_usage("no address of the form user@domain",
		    call.operands[0]);
	if (!tool->root)
		return tool->handler(&call);
	status = open_root(&call);
	if (status == EX_OK) {
		status = tool->handler(&call);
		root_close(&call.root);
	}
	return status;
}

int
main(int argc, char **argv)
{
	const char *option = NULL, *path;
	int flag, status;

	(void)umask(S_IRWXG | S_IRWXO);
	opterr = 0;
	while ((flag = getopt(argc, argv, "+d:")) != -1) {
		if (flag != 'd')
			return mailstore_usage("unknown flag, or its value is missing",
			    argv[optind - 1]);
		option = optarg;
	}
	if (optind == argc)
		return mailstore_usage("command missing", "add, passwd, remove, "
		    "forward, quota, list or show");
	path = root_path(option);
	if (root_become_owner(path) == ROOT_OWNER_FAILED)
		return mailstore_fail("cannot become the owner of", path,
		    STORE_FAILED);
	status = run(argc - optind, argv + optind, path);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		fprintf(stderr, "mailstore: cannot write the output: %s\n",
		    strerror(errno));
		return EX_IOERR;
	}
	return status;
}
