/* The three ways to a server; connection.h is who uses them. */
#ifndef STDIO_CONNECT_H
#define STDIO_CONNECT_H

#include "stdio/connection.h"

/*
 * Each returns a descriptor to read from and write to, and sets what it knows
 * of the connection; -1 and the failure where there is none.
 */

/* client->server: every address of the host is tried, port by default. */
int connect_by_tcp(struct connection *connection, const struct client *client,
    const char *port, struct failure *failure);

/* client->command, with the connection as its standard input and output. */
int connect_to_command(struct connection *connection,
    const struct client *client, struct failure *failure);

/*
 * The service's own program on client->root, for the owner of that; it is
 * looked for beside this program, and then where it is installed.
 */
int connect_to_local(struct connection *connection,
    const struct client *client, const struct service *service,
    struct failure *failure);

#endif
