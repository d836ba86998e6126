/*
 * What the client programs share on their command lines: where the server is,
 * who logs in, how long to wait.
 */
#ifndef STDIO_CLIENT_H
#define STDIO_CLIENT_H

#include <stdbool.h>

#include "stdio/failure.h"

/* The flags that both clients have, with the same letters and meanings. */
#define CLIENT_FLAGS "d:gpS:T:u:vw:"

struct client {
	const char *program;    /* argv[0] */
	const char *root;       /* -d: of the local server; NULL: not given */
	const char *server;     /* -S HOST[:PORT]; NULL: not given */
	char *const *command;   /* behind "--", ends in a NULL; NULL: none */
	const char *user;       /* -u; NULL: nobody logs in */
	const char *password;   /* -w: a file, or "|" and a command; NULL */
	const char *known_password;     /* if it has been read; NULL: not yet */
	unsigned seconds;       /* -T: how long a reply may take; 0: not given */
	bool greeted;           /* -g: the server's greeting will not come */
	bool clear_passwords;   /* -p: also where somebody could listen */
	bool verbose;           /* -v: the conversation goes to standard error */
};

/*
 * Puts all to its defaults, and cuts the argument list at the first "--": the
 * command stands behind it, and *argc becomes what is left for getopt(3).
 */
void client_init(struct client *client, int *argc, char **argv);

/*
 * Takes a flag of CLIENT_FLAGS as getopt(3) found it.  Returns NULL, or what
 * is wrong with it or its value.
 */
const char *client_take(struct client *client, int flag, const char *value);

/* What is wrong with the flags as a whole, or NULL. */
const char *client_check(const struct client *client);

/* A password's greatest length, with its NUL. */
#define CLIENT_PASSWORD_SIZE 512

/*
 * Finds the user's password: the first line of the file, or of what the
 * command prints, that -w names; without -w, what is typed on the terminal,
 * without being shown.  The caller wipes it.
 */
bool client_password(const struct client *client,
    char password[CLIENT_PASSWORD_SIZE], struct failure *failure);

#endif
