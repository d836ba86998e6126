/* The clients' common flags; see client.h. */
#include "stdio/client.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "stdio/options.h"
#include "store/terminal.h"
#include "store/text.h"

void
client_init(struct client *client, int *argc, char **argv)
{
	int i;

	memset(client, 0, sizeof *client);
	client->program = argv[0];
	for (i = 1; i < *argc; i++)
		if (strcmp(argv[i], "--") == 0) {
			client->command = argv + i + 1;
			argv[i] = NULL;
			*argc = i;
		}
}

const char *
client_take(struct client *client, int flag, const char *value)
{
	uint64_t seconds;

	switch (flag) {
	case 'd':
		client->root = value;
		return NULL;
	case 'g':
		client->greeted = true;
		return NULL;
	case 'p':
		client->clear_passwords = true;
		return NULL;
	case 'S':
		client->server = value;
		return NULL;
	case 'T':
		if (!option_number(value, 1, INT32_MAX / 1000, &seconds))
			return "-T wants a number of seconds";
		client->seconds = (unsigned)seconds;
		return NULL;
	case 'u':
		client->user = value;
		return NULL;
	case 'v':
		client->verbose = true;
		return NULL;
	case 'w':
		client->password = value;
		return NULL;
	default:
		return "unknown flag, or its value is missing";
	}
}

const char *
client_check(const struct client *client)
{
	if (client->command != NULL && client->command[0] == NULL)
		return "a command has to stand behind --";
	if (client->command != NULL && client->server != NULL)
		return "-S and a command behind -- exclude each other";
	if (client->root != NULL &&
	    (client->command != NULL || client->server != NULL))
		return "-d is for the local server, without -S and --";
	if (client->password != NULL && client->user == NULL)
		return "-w wants -u";
	return NULL;
}

static bool
password_failed(enum password_entry entry, const char *from,
    struct failure *failure)
{
	switch (entry) {
	case ENTRY_OK:
	case ENTRY_DIFFERS:
		break;
	case ENTRY_EMPTY:
		return failure_set(failure, EX_NOINPUT,
		    "there is no password in the first line of %s", from);
	case ENTRY_TOO_LONG:
		return failure_set(failure, EX_NOINPUT,
		    "the first line of %s is too long for a password", from);
	case ENTRY_FAILED:
		return failure_set(failure, EX_NOINPUT,
		    "cannot read a password from %s: %s", from,
		    strerror(errno));
	}
	return true;
}

/* The shell runs the command, as a user would write it. */
static bool
password_of_command(const char *command, char *password,
    struct failure *failure)
{
	void (*before)(int) = signal(SIGPIPE, SIG_DFL);
	FILE *pipe = popen(command, "r");
	enum password_entry entry;

	if (before != SIG_ERR)          /* the command has had the default */
		(void)signal(SIGPIPE, before);
	if (pipe == NULL)
		return failure_set(failure, EX_OSERR, "cannot run %s: %s",
		    command, strerror(errno));
	entry = password_read(fileno(pipe), password, CLIENT_PASSWORD_SIZE);
	if (!password_failed(entry, command, failure)) {
		(void)pclose(pipe);
		return false;
	}
	/* One that is still writing may be ended by that: it has answered. */
	(void)pclose(pipe);
	return true;
}

static bool
password_of_file(const char *path, char *password, struct failure *failure)
{
	enum password_entry entry = ENTRY_FAILED;
	int file, saved;

	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file != -1) {
		entry = password_read(file, password, CLIENT_PASSWORD_SIZE);
		saved = errno;
		(void)close(file);
		errno = saved;
	}
	return password_failed(entry, path, failure);
}

bool
client_password(const struct client *client,
    char password[CLIENT_PASSWORD_SIZE], struct failure *failure)
{
	char prompt[600];
	struct text text;

	if (client->known_password != NULL) {
		memcpy(password, client->known_password,
		    strlen(client->known_password) + 1);
		return true;
	}
	if (client->password != NULL && client->password[0] == '|')
		return password_of_command(client->password + 1, password,
		    failure);
	if (client->password != NULL)
		return password_of_file(client->password, password, failure);
	text_init(&text, prompt, sizeof prompt);
	text_add(&text, "Password for ");
	text_add(&text, client->user);
	text_add(&text, ": ");
	return password_failed(password_ask(prompt, password,
	    CLIENT_PASSWORD_SIZE), "the terminal: see -w", failure);
}
