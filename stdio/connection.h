/*
 * A client's connection to its server: over TCP, through a command's standard
 * input and output, or to the server program of this host on its own mail
 * root.
 */
#ifndef STDIO_CONNECTION_H
#define STDIO_CONNECTION_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "stdio/client.h"
#include "stdio/failure.h"
#include "stdio/line_reader.h"
#include "stdio/line_writer.h"

/* What a client wants to be connected to. */
struct service {
	const char *program;    /* the local server */
	const char *const *flags;       /* for it, behind "-d ROOT"; ends in a
	                                 * NULL */
	const char *port;       /* where -S names none */
	unsigned seconds;       /* how long a reply may take without -T */
	unsigned end_seconds;   /* likewise, one that stands for work done */
};

struct connection {
	struct line_reader in;
	struct line_writer out;
	const char *name;       /* of the server, for messages */
	char host[256];         /* -S, without the port */
	pid_t child;            /* -1: it is over TCP */
	unsigned seconds;       /* how long a reply may take */
	unsigned end_seconds;   /* and one that stands for work done */
	unsigned waited;        /* how long the last one might */
	bool is_private;        /* nobody is on the way to the server who could
	                         * see a password, or the user answers for it */
	bool is_local;          /* to this host's server, on its mail root */
	bool greeted;           /* no greeting is to come */
	bool verbose;
	char own_address[64];   /* ours, as an address literal; "" if unknown */
};

/*
 * Connects as the command line says; client->root has been set.  Over TCP each
 * address of the host is tried.  After success connection_close() ends it.
 */
bool connection_open(struct connection *connection,
    const struct client *client, const struct service *service,
    struct failure *failure);

/* Appends a command line, without its CRLF; it goes out with the next wait. */
void connection_put(struct connection *connection, const char *line,
    size_t length);

/* The same for a line that -v must not show. */
void connection_put_secret(struct connection *connection, const char *line,
    size_t length);

/*
 * Takes the server's next line, of at most octets_max octets with its end.
 * seconds: how long it may take.  *line is valid until the next one.
 * False, and what came instead told by failure, on anything that is no line;
 * to is the command that it should have answered.
 */
bool connection_line(struct connection *connection, size_t octets_max,
    unsigned seconds, const char *to, char **line, size_t *length,
    struct failure *failure);

/* Notes why reading ended without what was to come. */
bool connection_broken(const struct connection *connection,
    enum read_status status, const char *to, struct failure *failure);

/*
 * Ends it; waits for a command for a few seconds, then ends that.  Where it
 * may not, since it is confined, connection->child stays set.
 */
void connection_close(struct connection *connection);

#endif
