/* The ways to a server; see connect.h. */
#include "stdio/connect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "stdio/deadline.h"
#include "stdio/program.h"
#include "stdio/process.h"
#include "store/text.h"

#define CONNECT_SECONDS 30      /* for each address of a host */

/* A number that a port can have, or a service's name. */
static bool
port_is_good(const char *port)
{
	uint64_t number;

	return *port != '\0' && (!text_to_number(port, strlen(port), &number) ||
	    (number > 0 && number <= 65535));
}

/*
 * HOST, HOST:PORT, [ADDRESS], [ADDRESS]:PORT; an IPv6 address without a port
 * needs no brackets.  The host goes to connection->host; NULL where it is
 * none of these, else the port.
 */
static const char *
split_server(struct connection *connection, const char *server,
    const char *port)
{
	const char *host = server, *colon = strrchr(server, ':');
	size_t length = strlen(server);

	if (server[0] == '[') {
		host++;
		length = strcspn(host, "]");
		if (host[length] == '\0')
			return NULL;
		if (host[length + 1] == ':')
			port = host + length + 2;
		else if (host[length + 1] != '\0')
			return NULL;
	} else if (colon != NULL && strchr(server, ':') == colon) {
		length = (size_t)(colon - server);
		port = colon + 1;
	}
	if (length == 0 || length >= sizeof connection->host ||
	    !port_is_good(port))
		return NULL;
	memcpy(connection->host, host, length);
	connection->host[length] = '\0';
	return port;
}

/* Waits for a connection that is being made; 0, or -1 with errno set. */
static int
finish_connect(int descriptor, unsigned seconds)
{
	struct deadline deadline = deadline_in(seconds);
	struct pollfd output = { descriptor, POLLOUT, 0 };
	socklen_t length = sizeof errno;
	int ready, error = 0;

	do
		ready = poll(&output, 1, deadline_left(deadline));
	while (ready == -1 && errno == EINTR && deadline_left(deadline) > 0);
	if (ready == 0)
		errno = ETIMEDOUT;
	if (ready <= 0)
		return -1;
	if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == -1)
		return -1;
	errno = error;
	return error == 0 ? 0 : -1;
}

/*
 * Connects to one address, and leaves the descriptor as one that waits.
 * Replies are waited for, so that nothing is gained by holding octets back.
 */
static int
connect_to_address(const struct addrinfo *address, unsigned seconds)
{
	int descriptor, flags, saved, yes = 1;

	descriptor = socket(address->ai_family, address->ai_socktype,
	    address->ai_protocol);
	if (descriptor == -1)
		return -1;
	flags = fcntl(descriptor, F_GETFL);
	if (flags != -1 &&
	    fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 &&
	    fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    (connect(descriptor, address->ai_addr, address->ai_addrlen) == 0 ||
	    (errno == EINPROGRESS && finish_connect(descriptor, seconds) == 0)) &&
	    fcntl(descriptor, F_SETFL, flags) == 0) {
		(void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes,
		    sizeof yes);
		return descriptor;
	}
	saved = errno;
	(void)close(descriptor);
	errno = saved;
	return -1;
}

/* An address that no other host can have: what goes there stays here. */
static bool
is_loopback(const struct sockaddr *address)
{
	struct sockaddr_in6 six;
	struct sockaddr_in four;

	if (address->sa_family == AF_INET) {
		memcpy(&four, address, sizeof four);
		return ntohl(four.sin_addr.s_addr) >> 24 == 127;
	}
	if (address->sa_family != AF_INET6)
		return false;
	memcpy(&six, address, sizeof six);
	return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}

/* Writes our end's address as EHLO wants it (RFC 5321 section 4.1.3). */
static void
note_own_address(struct connection *connection, int descriptor)
{
	struct sockaddr_storage own;
	socklen_t length = sizeof own;
	char address[48];
	struct text text;

	if (getsockname(descriptor, (struct sockaddr *)&own, &length) == -1 ||
	    getnameinfo((struct sockaddr *)&own, length, address,
	    sizeof address, NULL, 0, NI_NUMERICHOST) != 0 ||
	    strchr(address, '%') != NULL)
		return;
	text_init(&text, connection->own_address,
	    sizeof connection->own_address);
	text_add(&text, own.ss_family == AF_INET6 ? "[IPv6:" : "[");
	text_add(&text, address);
	text_add(&text, "]");
}

int
connect_by_tcp(struct connection *connection, const struct client *client,
    const char *port, struct failure *failure)
{
	unsigned seconds = client->seconds != 0 &&
	    client->seconds < CONNECT_SECONDS ? client->seconds :
	    CONNECT_SECONDS;
	struct addrinfo hints, *addresses, *at;
	int descriptor = -1, error;

	connection->name = client->server;
	port = split_server(connection, client->server, port);
	if (port == NULL) {
		failure_set(failure, EX_USAGE,
		    "-S wants host or host:port, not %s", client->server);
		return -1;
	}
	memset(&hints, 0, sizeof hints);
	hints.ai_socktype = SOCK_STREAM;
	error = getaddrinfo(connection->host, port, &hints, &addresses);
	if (error != 0) {
		failure_set(failure,
		    error == EAI_AGAIN ? EX_TEMPFAIL : EX_UNAVAILABLE,
		    "cannot find the host and port of %s: %s", client->server,
		    error == EAI_SYSTEM ? strerror(errno) :
		    gai_strerror(error));
		return -1;
	}
	for (at = addresses; at != NULL && descriptor == -1; at = at->ai_next) {
		descriptor = connect_to_address(at, seconds);
		if (descriptor != -1)
			connection->is_private = is_loopback(at->ai_addr);
	}
	freeaddrinfo(addresses);
	if (descriptor == -1)
		failure_set(failure, EX_TEMPFAIL, "cannot connect to %s: %s",
		    client->server, strerror(errno));
	else
		note_own_address(connection, descriptor);
	return descriptor;
}

/* The child's part: reports by status why it could not be executed. */
static _Noreturn void
execute(char *const *words, int descriptor, int status)
{
	int error;
	ssize_t ignored;

	if (dup2(descriptor, STDIN_FILENO) != -1 &&
	    dup2(descriptor, STDOUT_FILENO) != -1) {
		program_prepare();
		(void)execvp(words[0], words);
	}
	error = errno;
	ignored = write(status, &error, sizeof error);
	(void)ignored;
	_exit(127);
}

/*
 * Starts a program with one end of a socket pair as its standard input and
 * output; returns the other end.
 */
static int
start(struct connection *connection, char *const *words,
    struct failure *failure)
{
	int pair[2] = { -1, -1 }, status[2] = { -1, -1 }, error = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1 ||
	    pipe(status) == -1)
		goto failed;
	if (fcntl(pair[0], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(pair[1], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(status[0], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(status[1], F_SETFD, FD_CLOEXEC) == -1)
		goto failed;
	connection->child = process_fork();
	if (connection->child == -1)
		goto failed;
	if (connection->child == 0)
		execute(words, pair[1], status[1]);
	(void)close(pair[1]);
	(void)close(status[1]);
	if (read(status[0], &error, sizeof error) == (ssize_t)sizeof error)
		failure_set(failure, EX_UNAVAILABLE, "cannot run %s: %s",
		    words[0], strerror(error));
	(void)close(status[0]);
	if (error == 0)
		return pair[0];
	(void)close(pair[0]);
	return -1;

failed:
	failure_set(failure, EX_OSERR, "cannot run %s: %s", words[0],
	    strerror(errno));
	if (pair[0] != -1) {
		(void)close(pair[0]);
		(void)close(pair[1]);
	}
	if (status[0] != -1) {
		(void)close(status[0]);
		(void)close(status[1]);
	}
	return -1;
}

int
connect_to_command(struct connection *connection,
    const struct client *client, struct failure *failure)
{
	char *const *word;

	connection->name = client->command[0];
	connection->is_private = true;
	/* openssl s_client has read the greeting when it has begun TLS. */
	for (word = client->command + 1; *word != NULL; word++)
		if (strcmp(*word, "-starttls") == 0)
			connection->greeted = true;
	return start(connection, client->command, failure);
}

/* Writes directory/name; false where it cannot be executed. */
static bool
is_program(char *path, size_t size, const char *directory, size_t length,
    const char *name)
{
	struct text text;

	text_init(&text, path, size);
	text_add_octets(&text, directory, length);
	text_add(&text, "/");
	text_add(&text, name);
	return !text.cut && access(path, X_OK) == 0;
}

/*
 * Finds the directory of this program, and there the server: so a build works
 * where it was made.  Else the server is where it is installed.
 */
static bool
find_beside(char *path, size_t size, const char *program, const char *name)
{
	const char *slash = strrchr(program, '/'), *at = getenv("PATH");

	if (slash != NULL)
		return is_program(path, size, program,
		    (size_t)(slash - program), name);
	while (at != NULL && *at != '\0') {
		size_t length = strcspn(at, ":");

		if (length > 0 && is_program(path, size, at, length, program))
			return is_program(path, size, at, length, name);
		at += length + (at[length] == ':');
	}
	return false;
}

/* The mail root is its owner's, and root's, who becomes the owner. */
static bool
may_use(const char *root, const char *program, struct failure *failure)
{
	struct stat status;

	if (stat(root, &status) == -1 && errno != EACCES)
		return failure_set(failure, EX_NOINPUT,
		    "there is no mail root %s (%s): name one by -d, or a "
		    "server by -S", root, strerror(errno));
	if (geteuid() != 0 && (access(root, X_OK) == -1 ||
	    status.st_uid != geteuid()))
		return failure_set(failure, EX_NOPERM,
		    "the mail root %s belongs to another user, who alone may "
		    "run %s on it: name a server by -S", root, program);
	return true;
}

/* Adds a copy of a word. */
static bool
add_word(struct program *program, size_t *used, const char *word)
{
	size_t size = strlen(word) + 1;
	char *copy = program->text + *used;

	if (size > sizeof program->text - *used)
		return false;
	memcpy(copy, word, size);
	*used += size;
	return program_add(program, copy);
}

int
connect_to_local(struct connection *connection,
    const struct client *client, const struct service *service,
    struct failure *failure)
{
	struct program program = { .count = 0 };
	char path[4096];
	size_t used = 0, i;
	bool fits;

	connection->name = service->program;
	connection->is_private = connection->is_local = true;
	if (!may_use(client->root, service->program, failure))
		return -1;
	if (!find_beside(path, sizeof path, client->program,
	    service->program) && !is_program(path, sizeof path, SBINDIR,
	    sizeof SBINDIR - 1, service->program)) {
		failure_set(failure, EX_UNAVAILABLE,
		    "%s is neither beside this program nor in %s: name a "
		    "server by -S", service->program, SBINDIR);
		return -1;
	}
	fits = add_word(&program, &used, path) &&
	    add_word(&program, &used, "-d") &&
	    add_word(&program, &used, client->root);
	for (i = 0; service->flags[i] != NULL; i++)
		fits = fits && add_word(&program, &used, service->flags[i]);
	if (!fits) {
		failure_set(failure, EX_USAGE, "the path %s is too long",
		    client->root);
		return -1;
	}
	/* Its log is not for the user of a client, who sees the replies. */
	if (!client->verbose)
		(void)setenv("MAIL_STDIO_LOG", "syslog", 1);
	return start(connection, program.words, failure);
}
