/*
 * The peer: from real sockets, from what each supervisor leaves in the
 * environment, in which order, and what is no address.
 */
#include "stdio/peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stdio/process.h"
#include "tests/lib/check.h"

static const char *const variables[] = {
	"PROTO", "SSLREMOTEIP", "SSLREMOTEPORT", "TCPREMOTEIP",
	"TCPREMOTEPORT", "REMOTE_ADDR", "REMOTE_PORT", "REMOTE_HOST",
	"TCPREMOTEADDR", "SOCAT_PEERADDR", "SOCAT_PEERPORT",
	"NCAT_REMOTE_ADDR", "NCAT_REMOTE_PORT"
};

static void
clear_environment(void)
{
	size_t i;

	for (i = 0; i < COUNT(variables); i++)
		must(unsetenv(variables[i]) == 0, "no environment");
}

static void
set(const char *name, const char *value)
{
	must(setenv(name, value, 1) == 0, "no environment");
}

static bool
peer_is(const struct peer *peer, const char *address, const char *port)
{
	if (strcmp(peer->address, address) == 0 &&
	    strcmp(peer->port, port) == 0)
		return true;
	printf("# found: %s, port \"%s\"\n", peer->address, peer->port);
	return false;
}

/* What is found now. */
static bool
finds(bool is_protected, bool greeted, enum peer_family family,
    const char *address, const char *port)
{
	struct peer peer;

	memset(&peer, 'x', sizeof peer);
	peer_find(&peer, is_protected, greeted);
	return peer_is(&peer, address, port) && peer.family == family;
}

/* The environment's sources in their order, each with a port. */
static const struct {
	const char *who;
	const char *address_name, *address_value;
	const char *port_name, *port_value;
	const char *address, *port;
} sources[] = {
	{ "tcpserver and sslserver", "SSLREMOTEIP", "192.0.2.1",
	  "SSLREMOTEPORT", "1001", "192.0.2.1", "1001" },
	{ "s6 and ipsvd", "TCPREMOTEIP", "192.0.2.2",
	  "TCPREMOTEPORT", "1002", "192.0.2.2", "1002" },
	{ "systemd", "REMOTE_ADDR", "192.0.2.3",
	  "REMOTE_PORT", "1003", "192.0.2.3", "1003" },
	{ "xinetd and stunnel", "REMOTE_HOST", "192.0.2.4",
	  "REMOTE_PORT", "1003", "192.0.2.4", "1003" },
	{ "BusyBox", "TCPREMOTEADDR", "192.0.2.5:1005",
	  "TCPREMOTEADDR", "192.0.2.5:1005", "192.0.2.5", "1005" },
	{ "socat", "SOCAT_PEERADDR", "192.0.2.6",
	  "SOCAT_PEERPORT", "1006", "192.0.2.6", "1006" },
	{ "ncat", "NCAT_REMOTE_ADDR", "192.0.2.7",
	  "NCAT_REMOTE_PORT", "1007", "192.0.2.7", "1007" },
};

static void
set_source(size_t i)
{
	set("PROTO", "SSL");
	set(sources[i].address_name, sources[i].address_value);
	set(sources[i].port_name, sources[i].port_value);
}

static void
test_sources(void)
{
	size_t i, k;

	for (i = 0; i < COUNT(sources); i++) {
		clear_environment();
		set_source(i);
		CHECK(finds(false, false, PEER_IPV4, sources[i].address,
		    sources[i].port), "the peer under %s",
		    sources[i].who); /* smtp-stdio-peer */
		for (k = i + 1; k < COUNT(sources); k++)
			set_source(k);
		CHECK(finds(false, false, PEER_IPV4, sources[i].address,
		    sources[i].port), "which comes before those behind it"); /* smtp-stdio-peer */
		CHECK(finds(true, false, PEER_IPV4, sources[i].address,
		    sources[i].port), "behind a TLS wrapper too"); /* smtp-stdio-peer */
		if (i + 1 == COUNT(sources))
			break;
		set(sources[i].address_name, "mail.example.org");
		CHECK(finds(false, false, PEER_IPV4, sources[i + 1].address,
		    sources[i + 1].port), "where it holds no address, the "
		    "next one counts"); /* smtp-stdio-peer */
	}
	clear_environment();
	CHECK(finds(false, false, PEER_UNKNOWN, "unknown", "") &&
	    finds(true, false, PEER_UNKNOWN, "unknown", "") &&
	    finds(true, true, PEER_UNKNOWN, "unknown", ""),
	    "nothing is known: unknown"); /* smtp-stdio-peer */
}

/* $PROTO names the variables. */
static void
test_protos(void)
{
	clear_environment();
	set("SSLREMOTEIP", "192.0.2.1");
	CHECK(finds(false, false, PEER_UNKNOWN, "unknown", ""),
	    "without $PROTO its variables mean nothing");
	set("PROTO", "ssl");
	CHECK(finds(false, false, PEER_UNKNOWN, "unknown", ""),
	    "nor those of another");
	set("PROTO", "TCP");
	set("TCPREMOTEIP", "192.0.2.2");
	set("TCPREMOTEPORT", "25");
	CHECK(finds(false, false, PEER_IPV4, "192.0.2.2", "25"),
	    "$PROTO is TCP");
	clear_environment();
	set("PROTO", "a-protocol-with-a-very-long-name");
	must(setenv("a-protocol-with-a-very-long-nameREMOTEIP", "192.0.2.1",
	    1) == 0, "no environment");
	CHECK(finds(false, false, PEER_UNKNOWN, "unknown", ""),
	    "$PROTO is no protocol");
}

static const struct {
	const char *name;
	const char *text;
	enum peer_family family;        /* PEER_UNKNOWN: it is none */
	const char *address;
} addresses[] = {
	{ "IPv4", "192.0.2.1", PEER_IPV4, "192.0.2.1" },
	{ "IPv4 in brackets", "[192.0.2.1]", PEER_IPV4, "192.0.2.1" },
	{ "the longest IPv4", "255.255.255.255", PEER_IPV4, "255.255.255.255" },
	{ "IPv6", "2001:db8::1", PEER_IPV6, "2001:db8::1" },
	{ "IPv6 in brackets", "[2001:db8::1]", PEER_IPV6, "2001:db8::1" },
	{ "IPv6 in capitals and with zeros", "2001:DB8:0:0:0:0:0:1",
	  PEER_IPV6, "2001:db8::1" },
	{ "the longest IPv6", "2001:db88:1111:2222:3333:4444:5555:6666",
	  PEER_IPV6, "2001:db88:1111:2222:3333:4444:5555:6666" },
	{ "the loopback", "::1", PEER_IPV6, "::1" },
	{ "IPv4 as IPv6", "::ffff:192.0.2.1", PEER_IPV4, "192.0.2.1" },
	{ "IPv4 as IPv6, in hexadecimal", "::ffff:c000:0201", PEER_IPV4, "192.0.2.1" },
	{ "IPv4 as IPv6, in brackets", "[::FFFF:192.0.2.1]", PEER_IPV4, "192.0.2.1" },

	{ "nothing", "", PEER_UNKNOWN, NULL },
	{ "a host name", "mail.example.org", PEER_UNKNOWN, NULL },
	{ "the word unknown", "unknown", PEER_UNKNOWN, NULL },
	{ "three numbers", "192.0.2", PEER_UNKNOWN, NULL },
	{ "five numbers", "192.0.2.1.1", PEER_UNKNOWN, NULL },
	{ "a number too big", "192.0.2.256", PEER_UNKNOWN, NULL },
	{ "one number", "3221225985", PEER_UNKNOWN, NULL },
	{ "hexadecimal", "0xc0.0.2.1", PEER_UNKNOWN, NULL },
	{ "a space before it", " 192.0.2.1", PEER_UNKNOWN, NULL },
	{ "a space behind it", "192.0.2.1 ", PEER_UNKNOWN, NULL },
	{ "a line end behind it", "192.0.2.1\n", PEER_UNKNOWN, NULL },
	{ "a header line behind it", "192.0.2.1\r\nX-Forged: yes", PEER_UNKNOWN, NULL },
	{ "a port behind it", "192.0.2.1:25", PEER_UNKNOWN, NULL },
	{ "a mask behind it", "192.0.2.0/24", PEER_UNKNOWN, NULL },
	{ "a zone behind it", "fe80::1%eth0", PEER_UNKNOWN, NULL },
	{ "one bracket", "[192.0.2.1", PEER_UNKNOWN, NULL },
	{ "the other bracket", "192.0.2.1]", PEER_UNKNOWN, NULL },
	{ "brackets alone", "[]", PEER_UNKNOWN, NULL },
	{ "a bracket alone", "[", PEER_UNKNOWN, NULL },
	{ "two pairs of brackets", "[[192.0.2.1]]", PEER_UNKNOWN, NULL },
	{ "a tag before it", "IPv6:2001:db8::1", PEER_UNKNOWN, NULL },
	{ "two gaps", "2001::db8::1", PEER_UNKNOWN, NULL },
	{ "nine groups", "1:2:3:4:5:6:7:8:9", PEER_UNKNOWN, NULL },
	{ "far too much",
	  "2001:db88:1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb",
	  PEER_UNKNOWN, NULL },
};

static void
test_addresses(void)
{
	size_t i;

	clear_environment();
	for (i = 0; i < COUNT(addresses); i++) {
		bool known = addresses[i].family != PEER_UNKNOWN;

		set("REMOTE_ADDR", addresses[i].text);
		CHECK(finds(false, false, addresses[i].family, known ?
		    addresses[i].address : "unknown", ""), "%s: %s",
		    addresses[i].name, known ? "an address" :
		    "none"); /* smtp-stdio-peer */
	}
}

static void
test_ports(void)
{
	static const struct {
		const char *text, *port;
	} ports[] = {
		{ "25", "25" }, { "1", "1" }, { "65535", "65535" },
		{ "00025", "25" }, { "65536", "" }, { "18446744073709551641", "" },
		{ "", "" }, { "-25", "" }, { "+25", "" }, { " 25", "" },
		{ "25 ", "" }, { "0x19", "" }, { "smtp", "" }
	};
	char both[64];
	size_t i;

	for (i = 0; i < COUNT(ports); i++) {
		clear_environment();
		set("REMOTE_ADDR", "192.0.2.1");
		set("REMOTE_PORT", ports[i].text);
		CHECK(finds(false, false, PEER_IPV4, "192.0.2.1",
		    ports[i].port), "port \"%s\": %s", ports[i].text,
		    ports[i].port[0] == '\0' ? "none" : "one");
		clear_environment();
		(void)snprintf(both, sizeof both, "[2001:db8::1]:%s",
		    ports[i].text);
		set("TCPREMOTEADDR", both);
		CHECK(finds(false, false, PEER_IPV6, "2001:db8::1",
		    ports[i].port), "the same behind an address");
	}
	clear_environment();
	set("TCPREMOTEADDR", "192.0.2.1");
	CHECK(finds(false, false, PEER_UNKNOWN, "unknown", ""),
	    "BusyBox says no address without a port");
	set("TCPREMOTEADDR", ":25");
	CHECK(finds(false, false, PEER_UNKNOWN, "unknown", ""),
	    "nor a port without an address");
	set("TCPREMOTEIP", "192.0.2.2");
	CHECK(finds(false, false, PEER_IPV4, "192.0.2.2", ""),
	    "a port is not taken from another source");
}

/* A TCP connection from address to address; descriptor 0 is its accepted end. */
struct connection {
	int client;
	char port[6];                   /* the client's */
};

static bool
connect_to(struct connection *connection, const struct sockaddr *name,
    socklen_t size, const struct sockaddr *target, socklen_t target_size)
{
	int listener = socket(name->sa_family, SOCK_STREAM, 0), accepted, no = 0;
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	} own, to;
	socklen_t own_size = sizeof own;
	in_port_t port;

	if (listener == -1)
		return false;
	if (name->sa_family == AF_INET6)
		(void)setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &no,
		    sizeof no);
	if (bind(listener, name, size) == -1 || listen(listener, 1) == -1) {
		(void)close(listener);
		return false;
	}
	must(getsockname(listener, &own.any, &own_size) == 0, "no name");
	port = name->sa_family == AF_INET ? own.ipv4.sin_port :
	    own.ipv6.sin6_port;
	memcpy(&to, target, target_size);
	if (target->sa_family == AF_INET)
		to.ipv4.sin_port = port;
	else
		to.ipv6.sin6_port = port;
	connection->client = socket(target->sa_family, SOCK_STREAM, 0);
	must(connection->client != -1 && connect(connection->client, &to.any,
	    target_size) == 0, "no connection");
	accepted = accept(listener, NULL, NULL);
	own_size = sizeof own;
	must(accepted != -1 && dup2(accepted, STDIN_FILENO) != -1 &&
	    getsockname(connection->client, &own.any, &own_size) == 0,
	    "no connection");
	(void)close(accepted);
	(void)close(listener);
	(void)snprintf(connection->port, sizeof connection->port, "%u",
	    (unsigned)ntohs(target->sa_family == AF_INET ? own.ipv4.sin_port :
	    own.ipv6.sin6_port));
	return true;
}

static bool
connect_ipv4(struct connection *connection)
{
	struct sockaddr_in name;

	memset(&name, 0, sizeof name);
	name.sin_family = AF_INET;
	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect_to(connection, (struct sockaddr *)&name, sizeof name,
	    (struct sockaddr *)&name, sizeof name);
}

static bool
connect_ipv6(struct connection *connection)
{
	struct sockaddr_in6 name;

	memset(&name, 0, sizeof name);
	name.sin6_family = AF_INET6;
	name.sin6_addr = in6addr_loopback;
	return connect_to(connection, (struct sockaddr *)&name, sizeof name,
	    (struct sockaddr *)&name, sizeof name);
}

/* A client by IPv4 of a socket for both. */
static bool
connect_mapped(struct connection *connection)
{
	struct sockaddr_in6 name;
	struct sockaddr_in target;

	memset(&name, 0, sizeof name);
	name.sin6_family = AF_INET6;
	memset(name.sin6_addr.s6_addr + 10, 0xff, 2);
	name.sin6_addr.s6_addr[12] = 127;
	name.sin6_addr.s6_addr[15] = 1;         /* ::ffff:127.0.0.1 */
	memset(&target, 0, sizeof target);
	target.sin_family = AF_INET;
	target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect_to(connection, (struct sockaddr *)&name, sizeof name,
	    (struct sockaddr *)&target, sizeof target);
}

static void
disconnect(struct connection *connection)
{
	int null = open("/dev/null", O_RDWR);

	must(null != -1 && dup2(null, STDIN_FILENO) != -1, "no /dev/null");
	(void)close(null);
	(void)close(connection->client);
}

static void
test_ipv4(void)
{
	struct connection connection;

	clear_environment();
	must(connect_ipv4(&connection), "no IPv4");
	CHECK(finds(false, false, PEER_IPV4, "127.0.0.1", connection.port),
	    "the peer of a socket, by IPv4"); /* smtp-stdio-peer */
	CHECK(finds(true, false, PEER_IPV4, "127.0.0.1", connection.port) &&
	    finds(true, true, PEER_IPV4, "127.0.0.1", connection.port),
	    "behind a TLS wrapper too, where nobody says anything else");
	set("TCPREMOTEIP", "192.0.2.2");
	set("TCPREMOTEPORT", "25");
	CHECK(finds(false, false, PEER_IPV4, "127.0.0.1", connection.port),
	    "the socket comes before the environment"); /* smtp-stdio-peer */
	CHECK(finds(true, false, PEER_IPV4, "192.0.2.2", "25"),
	    "and behind it, behind a TLS wrapper"); /* smtp-stdio-peer */
	set("TCPREMOTEIP", "somebody");
	CHECK(finds(true, false, PEER_IPV4, "127.0.0.1", connection.port),
	    "where the environment holds no address, the socket counts");
	(void)shutdown(connection.client, SHUT_WR);
	CHECK(finds(false, false, PEER_IPV4, "127.0.0.1", connection.port),
	    "also where the client has nothing more to send");
	disconnect(&connection);
}

static void
test_ipv6(void)
{
	struct connection connection;

	clear_environment();
	if (!connect_ipv6(&connection)) {
		CHECK(getenv("STRICT") == NULL || *getenv("STRICT") == '\0',
		    "no IPv6 here # SKIP");
		return;
	}
	CHECK(finds(false, false, PEER_IPV6, "::1", connection.port),
	    "the peer of a socket, by IPv6"); /* smtp-stdio-peer */
	disconnect(&connection);
	must(connect_mapped(&connection), "no socket for both");
	CHECK(finds(false, false, PEER_IPV4, "127.0.0.1", connection.port),
	    "one by IPv4 of a socket for both is one by IPv4"); /* smtp-stdio-peer */
	disconnect(&connection);
}

/* A socket that is no Internet one has a peer, but no address. */
static void
test_unix(void)
{
	struct connection connection;
	int ends[2];

	clear_environment();
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 &&
	    dup2(ends[0], STDIN_FILENO) != -1 && close(ends[0]) == 0,
	    "no socket pair");
	connection.client = ends[1];
	CHECK(finds(false, false, PEER_UNKNOWN, "unknown", ""),
	    "a local socket: unknown");
	set("REMOTE_ADDR", "192.0.2.3");
	CHECK(finds(false, false, PEER_IPV4, "192.0.2.3", ""),
	    "but for the environment");
	disconnect(&connection);
	(void)close(STDIN_FILENO);
	CHECK(finds(false, false, PEER_IPV4, "192.0.2.3", ""),
	    "the same without descriptor 0");
	must(open("/dev/null", O_RDWR) == STDIN_FILENO, "no /dev/null");
}

/* What this program itself has left there before it executed the wrapper. */
static void
test_greeted(void)
{
	size_t i;

	clear_environment();
	for (i = 0; i < COUNT(sources); i++)
		set_source(i);
	CHECK(finds(true, true, PEER_IPV4, "192.0.2.3", "1003"),
	    "$REMOTE_ADDR comes first with -g"); /* smtp-stdio-peer */
	CHECK(finds(true, false, PEER_IPV4, "192.0.2.1", "1001"),
	    "but not without it");
	set("REMOTE_ADDR", "somebody");
	CHECK(finds(true, true, PEER_IPV4, "192.0.2.1", "1001"),
	    "nor where it holds no address");
	set("REMOTE_ADDR", "192.0.2.3");
	must(unsetenv("REMOTE_PORT") == 0, "no environment");
	CHECK(finds(true, true, PEER_IPV4, "192.0.2.3", ""),
	    "its port may be missing");
}

static bool
variable_is(const char *name, const char *value)
{
	const char *found = getenv(name);

	return value == NULL ? found == NULL :
	    found != NULL && strcmp(found, value) == 0;
}

static void
test_leaving(void)
{
	static const struct peer fourth = { PEER_IPV4, "192.0.2.9", "49152" };
	static const struct peer sixth = { PEER_IPV6, "2001:db8::9", "" };
	static const struct peer nobody = { PEER_UNKNOWN, "unknown", "" };

	clear_environment();
	set("PROTO", "SSL");
	set("SSLREMOTEIP", "192.0.2.1");
	CHECK(peer_to_environment(&fourth) &&
	    variable_is("REMOTE_ADDR", "192.0.2.9") &&
	    variable_is("REMOTE_PORT", "49152"),
	    "the peer is left in the environment");
	CHECK(finds(true, true, PEER_IPV4, "192.0.2.9", "49152"),
	    "and found there behind the wrapper"); /* smtp-stdio-peer */
	CHECK(peer_to_environment(&sixth) &&
	    variable_is("REMOTE_ADDR", "2001:db8::9") &&
	    variable_is("REMOTE_PORT", NULL),
	    "one without a port leaves none, and not another's");
	CHECK(finds(true, true, PEER_IPV6, "2001:db8::9", ""),
	    "and is found there"); /* smtp-stdio-peer */
	CHECK(peer_to_environment(&nobody) && variable_is("REMOTE_ADDR", NULL)
	    && variable_is("REMOTE_PORT", NULL),
	    "one that is not known leaves nothing, and not another's");
}

/* Descriptor 1 is the connection: no reply waits for another to be sent. */
static void
test_no_delay(void)
{
	struct connection connection;
	int saved = dup(STDOUT_FILENO), value = 0;
	socklen_t size = sizeof value;
	struct peer peer;

	clear_environment();
	must(connect_ipv4(&connection) && saved != -1 &&
	    dup2(STDIN_FILENO, STDOUT_FILENO) != -1, "no connection");
	peer_find(&peer, false, false);
	(void)getsockopt(STDOUT_FILENO, IPPROTO_TCP, TCP_NODELAY, &value,
	    &size);
	must(dup2(saved, STDOUT_FILENO) != -1 && close(saved) == 0,
	    "no standard output");
	CHECK(value != 0, "TCP_NODELAY is set on the connection");
	disconnect(&connection);
}

int
main(void)
{
	struct connection none = { -1, "" };

	process_start(-1);
	disconnect(&none);              /* whatever it was started with */
	test_sources();
	test_protos();
	test_addresses();
	test_ports();
	test_ipv4();
	test_ipv6();
	test_unix();
	test_greeted();
	test_leaving();
	test_no_delay();
	return check_end();
}
