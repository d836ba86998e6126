/*
 * Fuzzes pop3-fetch: a server that says anything, and messages that hold
 * anything.  An input is a line of flags (L to list, S to save, D to delete,
 * else to read; j for JSON, r for raw; M: what follows is a message; k, g, v
 * as the program has them), and then what the server says, or the message.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pop3-stdio/fetch_commands.h"
#include "pop3-stdio/fetch_login.h"
#include "tests/fuzz/shown.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/wire.h"

#define SECONDS 60

static struct fetch fetch;
static struct client client;
static char saved[4096];                /* where messages are saved */
static int nowhere;                     /* where our commands go */

void
target_begin(void)
{
	const char *scratch = getenv("FUZZ_SCRATCH");

	wire_begin();
	ORACLE(scratch != NULL && setenv("TMPDIR", scratch, 1) == 0,
	    "no directory");
	(void)snprintf(saved, sizeof saved, "%s/saved", scratch);
	nowhere = open("/dev/null", O_RDWR);
	ORACLE(nowhere != -1, "%s", strerror(errno));
}

static bool
has(const char *flags, char flag)
{
	return strchr(flags, flag) != NULL;
}

static void
connect_fetch(const char *flags)
{
	struct connection *connection = &fetch.connection;

	memset(&fetch, 0, sizeof fetch);
	memset(&client, 0, sizeof client);
	client.program = fetch.program = "pop3-fetch";
	client.user = "bob@example.com";
	client.server = "pop3.example.com";
	fetch.client = &client;
	fetch.json = has(flags, 'j');
	fetch.raw = has(flags, 'r');
	fetch.keep = has(flags, 'k');
	connection->name = client.server;
	connection->child = -1;
	connection->seconds = connection->end_seconds = SECONDS;
	connection->greeted = has(flags, 'g');
	connection->verbose = has(flags, 'v');
	line_writer_init(&connection->out, nowhere, SECONDS);
	line_reader_init(&connection->in, STDIN_FILENO, &connection->out, true);
	connection->in.gives_up = true;
}

/*
 * What is saved are files of the names that the program makes, and none that
 * the server has named; they go again.
 */
static void
clear_saved(void)
{
	DIR *list = opendir(saved);
	struct dirent *entry;
	struct stat status;
	char path[8192];

	if (list == NULL)
		return;
	while ((entry = readdir(list)) != NULL) {
		const char *name = entry->d_name;

		(void)snprintf(path, sizeof path, "%s/%s", saved, name);
		ORACLE(lstat(path, &status) == 0, "%s", path);
		if (S_ISDIR(status.st_mode))
			continue;
		ORACLE(S_ISREG(status.st_mode) && (name[0] != '.' ||
		    strncmp(name, ".pop3-fetch", 11) == 0), "%s", name);
		for (; *name != '\0'; name++)
			ORACLE(*name > 0x20 && *name < 0x7f, "%s",
			    entry->d_name);
		(void)unlink(path);
	}
	(void)closedir(list);
}

/* All that a server says to LIST and RETR of a message with LF line ends. */
static char *
serve(const char *message, size_t length, size_t *served)
{
	char *text = malloc(4 * length + 128), *at;
	bool at_line_start = true;
	size_t i;

	ORACLE(text != NULL, "no memory");
	at = text + sprintf(text, "+OK 1 %zu\r\n+OK\r\n", length);
	for (i = 0; i < length; i++) {
		if (at_line_start && message[i] == '.')
			*at++ = '.';
		at_line_start = message[i] == '\n';
		if (at_line_start)
			*at++ = '\r';
		*at++ = message[i];
	}
	if (!at_line_start)
		at += sprintf(at, "\r\n");
	at += sprintf(at, ".\r\n");
	*served = (size_t)(at - text);
	return text;
}

static bool
obey(const char *flags, struct failure *failure)
{
	static const uint64_t numbers[] = { 1, 2 };
	struct operands operands = { saved, numbers, 2 };

	if (has(flags, 'M')) {
		operands.count = 1;
		return fetch_read(&fetch, &operands, failure);
	}
	if (!fetch_begin(&fetch, failure) || (!has(flags, 'o') &&
	    !fetch_login(&fetch, "secret", has(flags, 'p'), failure)))
		return false;
	if (has(flags, 'D'))
		return fetch_delete(&fetch, &operands, failure);
	if (has(flags, 'L') || has(flags, 'a'))
		operands.count = 0;
	if (has(flags, 'L'))
		return fetch_list(&fetch, &operands, failure);
	if (has(flags, 'S'))
		return fetch_save(&fetch, &operands, failure);
	operands.count = 2;
	return fetch_read(&fetch, &operands, failure);
}

void
target_take(const char *input, size_t length)
{
	char flags[WIRE_FLAGS_MAX + 1];
	size_t start = wire_flags(input, length, flags), size;
	struct failure failure, ignored;
	char *served = NULL;
	const char *shown;

	input += start;
	length -= start;
	if (has(flags, 'M'))
		input = served = serve(input, length, &length);
	wire_connect(input, length);
	free(served);
	connect_fetch(flags);
	if (!obey(flags, &failure)) {
		ORACLE(failure.status != 0 && failure.text[0] != '\0' &&
		    !has(flags, 'M'), "it fails: %s", failure.text);
		failure_print(&failure, "pop3-fetch");
	}
	(void)fetch_quit(&fetch, &ignored);
	ORACLE(fflush(stdout) == 0, "%s", strerror(errno));
	shown = wire_output(&size);
	if (fetch.json && !fetch.raw)
		shown_check_json(shown, size);
	else if (!fetch.raw)
		shown_check_text(shown, size);
	shown = wire_errors(&size);
	shown_check_text(shown, size);
	clear_saved();
}
