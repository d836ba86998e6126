/*
 * pop3-fetch: lists, reads, saves and deletes mail by POP3.  This file reads
 * the command line and goes through a session; what the commands do is in the
 * files of fetch_commands.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "pop3-stdio/fetch_commands.h"
#include "pop3-stdio/fetch_login.h"
#include "pop3-stdio/fetch_session.h"
#include "stdio/client.h"
#include "stdio/connection.h"
#include "stdio/failure.h"
#include "stdio/options.h"
#include "stdio/process.h"
#include "store/account.h"
#include "store/address.h"
#include "store/root.h"
#include "store/text.h"
#include "store/wipe.h"

static const char synopsis[] =
    "usage: pop3-fetch [-gjkprv] [-d root] [-T seconds] [-u user]\n"
    "                  [-w passwordfile] [-S host[:port]]\n"
    "                  list | read number ... | save directory [number ...] |\n"
    "                  delete number ... [-- command ...]\n";

/*
 * name       of the command
 * directory  whether the first operand is one
 * numbers    whether it wants message-numbers, and how many at the least
 */
static const struct command {
	const char *name;
	bool directory;
	bool numbers;
	int least;
	bool (*run)(struct fetch *fetch, const struct operands *operands,
	    struct failure *failure);
} commands[] = {
	{ "list",   false, false, 0, fetch_list   },
	{ "read",   false, true,  1, fetch_read   },
	{ "save",   true,  true,  0, fetch_save   },
	{ "delete", false, true,  1, fetch_delete },
};

/* All that the command line says. */
struct call {
	struct client client;
	struct fetch fetch;
	const struct command *command;
	struct operands operands;
	uint64_t *numbers;
};

/* The command that the first word is. */
static const struct command *
find_command(int count, char **words)
{
	size_t i;

	for (i = 0; count > 0 && i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(commands[i].name, words[0]) == 0)
			return &commands[i];
	usage_error(synopsis, "list, read, save or delete has to be said",
	    count > 0 ? words[0] : "");
}

/* A user name is a part of a command line, which a control would end. */
static bool
has_controls(const char *text)
{
	for (; *text != '\0'; text++)
		if (text_is_control(*text))
			return true;
	return false;
}

static void
read_flags(struct call *call, int argc, char **argv)
{
	struct fetch *fetch = &call->fetch;
	const char *complaint;
	int flag;

	opterr = 0;
	while ((flag = getopt(argc, argv, "+jkr" CLIENT_FLAGS)) != -1) {
		const char unknown[2] = { (char)optopt, '\0' };

		complaint = NULL;
		if (flag == 'j')
			fetch->json = true;
		else if (flag == 'k')
			fetch->keep = true;
		else if (flag == 'r')
			fetch->raw = true;
		else
			complaint = client_take(&call->client, flag, optarg);
		if (complaint != NULL)
			usage_error(synopsis, complaint,
			    flag == '?' ? unknown : optarg);
	}
	complaint = client_check(&call->client);
	if (complaint != NULL)
		usage_error(synopsis, complaint, argv[0]);
	if (call->client.user == NULL)
		usage_error(synopsis, "-u has to say whose mail it is",
		    argv[0]);
	if (has_controls(call->client.user))
		usage_error(synopsis, "a user has no control characters",
		    call->client.user);
	if (fetch->json && fetch->raw)
		usage_error(synopsis, "-j and -r exclude each other", "-r");
}

/* Reads the command and its operands. */
static void
read_operands(struct call *call, int count, char **words)
{
	struct operands *operands = &call->operands;
	const struct command *command;
	uint64_t *numbers;
	int i;

	command = call->command = find_command(count, words);
	count--;
	words++;
	if (command->directory) {
		if (count == 0)
			usage_error(synopsis, "a directory has to stand "
			    "behind", command->name);
		operands->directory = *words++;
		count--;
	}
	if (count < command->least)
		usage_error(synopsis, "a message-number has to stand behind",
		    command->name);
	if (count > 0 && !command->numbers)
		usage_error(synopsis, "unexpected argument", words[0]);
	numbers = calloc((size_t)count + 1, sizeof *numbers);
	if (numbers == NULL)
		usage_error(synopsis, "no memory for all numbers",
		    command->name);
	for (i = 0; i < count; i++)
		if (!option_number(words[i], 1, UINT32_MAX, &numbers[i]))
			usage_error(synopsis, "not a message-number",
			    words[i]);
	operands->numbers = call->numbers = numbers;
	operands->count = (size_t)count;
}

static bool
is_local(const struct client *client)
{
	return client->server == NULL && client->command == NULL;
}

/*
 * Who owns a mail root may read all of it, and needs no password: the server
 * is told to take any.  But that would make an account where there is none.
 */
static bool
check_account(const struct client *client, struct failure *failure)
{
	enum store_error error = STORE_NOT_FOUND;
	struct address address;
	struct mail_root root;

	if (address_parse(&address, client->user, strlen(client->user))) {
		error = root_open(&root, client->root);
		if (error == STORE_OK) {
			error = account_find(&root, &address);
			root_close(&root);
		}
	}
	switch (error) {
	case STORE_OK:
		return true;
	case STORE_NOT_FOUND:
	case STORE_NOT_HOSTED:
		return failure_set(failure, EX_UNAVAILABLE,
		    "there is no account %s in the mail root %s",
		    client->user, client->root);
	case STORE_EXISTS:
	case STORE_BUSY:
	case STORE_MALFORMED:
	case STORE_FULL:
	case STORE_FAILED:
		break;
	}
	return failure_set(failure, EX_TEMPFAIL,
	    "cannot look for the account %s in the mail root %s: %s",
	    client->user, client->root, store_error_text(error));
}

/* Logs in, does what the command says, and leaves. */
static bool
converse(struct call *call, const char *password, struct failure *failure)
{
	struct fetch *fetch = &call->fetch;
	struct failure ignored;
	bool done;

	done = fetch_begin(fetch, failure) && fetch_login(fetch, password,
	    fetch->connection.is_private || call->client.clear_passwords,
	    failure) && call->command->run(fetch, &call->operands, failure);
	/* Where anything depends on it, it has been said already. */
	(void)fetch_quit(fetch, &ignored);
	return done;
}

static bool
run(struct call *call, struct failure *failure)
{
	static const char *const with_password[] = { "-p", NULL };
	static const char *const without[] = { "-p", "-A", "true", NULL };
	struct client *client = &call->client;
	bool any = is_local(client) && client->password == NULL, done;
	char password[CLIENT_PASSWORD_SIZE] = "any";
	struct service service = {
		"pop3-stdio", any ? without : with_password, "110", 300, 600
	};

	if (is_local(client))
		client->root = root_path(client->root);
	done = any || client_password(client, password, failure);
	if (done && has_controls(password))
		done = failure_set(failure, EX_DATAERR,
		    "the password has control characters in it");
	done = done && connection_open(&call->fetch.connection, client,
	    &service, failure);
	if (done) {
		done = (!any || check_account(client, failure)) &&
		    converse(call, password, failure);
		connection_close(&call->fetch.connection);
	}
	wipe(password, sizeof password);
	return done;
}

int
main(int argc, char **argv)
{
	static struct call call;        /* too big for a stack */
	struct failure failure;
	int status;

	process_guard_descriptors();
	process_handle_signals();
	client_init(&call.client, &argc, argv);
	read_flags(&call, argc, argv);
	read_operands(&call, argc - optind, argv + optind);
	call.fetch.program = "pop3-fetch";
	call.fetch.client = &call.client;
	if (run(&call, &failure))
		status = call.fetch.status;
	else {
		failure_print(&failure, call.fetch.program);
		status = failure.status;
	}
	free(call.numbers);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		fprintf(stderr, "pop3-fetch: cannot write the output: %s\n",
		    strerror(errno));
		return EX_IOERR;
	}
	return status;
}
