/*
 * mailstore: administers the mail root.  It links nothing but store/, and so
 * shows at every build that the store stands alone.
 */
#include "store/mailstore.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "store/account.h"
#include "store/address.h"
#include "store/password.h"
#include "store/text.h"
#include "store/utf8.h"

static const char synopsis[] =
    "usage: mailstore [-d root] add [-n] address\n"
    "       mailstore [-d root] passwd [-i iterations] address\n"
    "       mailstore [-d root] remove [-f] address\n"
    "       mailstore [-d root] forward [-r] address [target ...]\n"
    "       mailstore [-d root] quota [-r] address [size]\n"
    "       mailstore [-d root] list [-j] [domain | address]\n"
    "       mailstore [-d root] show address uid\n"
    "       mailstore [-d root] import address [file]\n"
    "       mailstore [-d root] export address\n"
    "       mailstore [-d root] queue [-j]\n"
    "       mailstore [-d root] queue -n [id ...]\n"
    "       mailstore [-d root] queue -r id ...\n"
    "       mailstore [-d root] check [-r]\n";

int
mailstore_usage(const char *message, const char *what)
{
	fprintf(stderr, "mailstore: %s: %s\n%s", message, what, synopsis);
	return EX_USAGE;
}

int
mailstore_status(enum store_error error)
{
	return error == STORE_FAILED && (errno == EACCES || errno == EPERM) ?
	    EX_NOPERM : EX_TEMPFAIL;
}

int
mailstore_fail(const char *what, const char *name, enum store_error error)
{
	int status = mailstore_status(error);

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

void
mailstore_print(const char *text)
{
	size_t length = strlen(text), i;
	bool is_text = utf8_is_valid(text, length) &&
	    !utf8_has_controls(text, length);

	for (i = 0; i < length; i++)
		putchar(text_is_control(text[i]) ||
		    (!is_text && (unsigned char)text[i] >= 0x80) ? '?' :
		    text[i]);
}

/* Opens a mail root that must be there; 0, or an exit status. */
static int
open_root(struct call *call)
{
	enum store_error error = root_open(&call->root, call->path);
	int status;

	if (error == STORE_OK)
		return EX_OK;
	status = mailstore_status(error);
	fprintf(stderr, "mailstore: cannot open the mail root %s: %s; "
	    "mailstore add makes it, -d or $MAILROOT names another\n",
	    call->path, store_error_text(error));
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

static int
import(struct call *call)
{
	return mailstore_import(&call->root, &call->address,
	    call->operands[0], call->count > 1 ? call->operands[1] : NULL);
}

static int
export(struct call *call)
{
	return mailstore_export(&call->root, call->operands[0]);
}

static int
queue(struct call *call)
{
	int modes = call->json + call->now + call->remove;

	if (modes > 1)
		return mailstore_usage("there is one flag at a time for",
		    "queue");
	if (call->count > 0 && !call->now && !call->remove)
		return mailstore_usage("-n or -r stands in front of an id",
		    call->operands[0]);
	if (call->remove && call->count == 0)
		return mailstore_usage("-r wants an id", "queue -r");
	return mailstore_queue(call);
}

static int
check(struct call *call)
{
	return mailstore_check(&call->root, call->remove);
}

/*
 * name      of the command
 * flags     for getopt(3); "+" keeps it from looking behind the operands
 * operands  the least and the most of them
 * first     what the first one is
 * root      whether there must be a mail root, which is open for the handler
 */
static const struct tool {
	const char *name;
	const char *flags;
	int least, most;
	enum first { ADDRESS, ADDRESS_OR_DOMAIN, ANYTHING } first;
	bool root;
	int (*handler)(struct call *call);
} tools[] = {
	{ "add",     "+n",   1, 1,       ADDRESS,           false, mailstore_add    },
	{ "passwd",  "+i:",  1, 1,       ADDRESS,           true,  mailstore_passwd },
	{ "remove",  "+f",   1, 1,       ADDRESS,           true,  mailstore_remove },
	{ "forward", "+r",   1, INT_MAX, ADDRESS,           true,  forward          },
	{ "quota",   "+r",   1, 2,       ADDRESS,           true,  quota            },
	{ "list",    "+j",   0, 1,       ADDRESS_OR_DOMAIN, true,  list             },
	{ "show",    "+",    2, 2,       ADDRESS,           true,  show             },
	{ "import",  "+",    1, 2,       ADDRESS,           true,  import           },
	{ "export",  "+",    1, 1,       ADDRESS,           true,  export           },
	{ "queue",   "+jnr", 0, INT_MAX, ANYTHING,          true,  queue            },
	{ "check",   "+r",   0, 0,       ANYTHING,          true,  check            },
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
			call->no_password = call->now = true;
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
read_first(struct call *call, enum first first)
{
	const char *name = call->operands[0];

	if (first == ANYTHING)
		return true;
	if (first == ADDRESS || strchr(name, '@') != NULL)
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
	if (call.count > 0 && !read_first(&call, tool->first))
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
	enum root_owner owner;
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
		    "forward, quota, list, show, import, export, queue or check");
	path = root_path(option);
	owner = root_become_owner(path);
	if (owner == ROOT_OWNER_FAILED || owner == ROOT_OWNER_UNKNOWN)
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
