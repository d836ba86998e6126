/* The peer; see peer.h. */
#include "stdio/peer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store/text.h"

static int internet_socket = -1;        /* the connection, where it is one */

static bool
set_ipv4(struct peer *peer, const struct in_addr *address)
{
	peer->family = PEER_IPV4;
	return inet_ntop(AF_INET, address, peer->address,
	    sizeof peer->address) != NULL;
}

/* An IPv4 address in IPv6 clothes (RFC 4291 section 2.5.5.2) is IPv4. */
static bool
set_ipv6(struct peer *peer, const struct in6_addr *address)
{
	struct in_addr mapped;

	if (IN6_IS_ADDR_V4MAPPED(address)) {
		memcpy(&mapped, address->s6_addr + 12, sizeof mapped);
		return set_ipv4(peer, &mapped);
	}
	peer->family = PEER_IPV6;
	return inet_ntop(AF_INET6, address, peer->address,
	    sizeof peer->address) != NULL;
}

/* A port as text; what is none leaves it unknown. */
static void
set_port_octets(struct peer *peer, const char *octets, size_t length)
{
	uint64_t port;
	struct text out;

	text_init(&out, peer->port, sizeof peer->port);
	if (text_to_number(octets, length, &port) && port <= 65535)
		text_add_number(&out, port);
}

static void
set_port(struct peer *peer, const char *text)
{
	set_port_octets(peer, text == NULL ? "" : text,
	    text == NULL ? 0 : strlen(text));
}

static void
set_port_number(struct peer *peer, in_port_t port)
{
	struct text out;

	text_init(&out, peer->port, sizeof peer->port);
	text_add_number(&out, ntohs(port));
}

static bool
set_from_socket(struct peer *peer)
{
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
		struct sockaddr_storage room;
	} name;
	socklen_t size = sizeof name;
	bool known = false;

	if (getpeername(STDIN_FILENO, &name.any, &size) == -1)
		return false;
	if (name.any.sa_family == AF_INET) {
		known = set_ipv4(peer, &name.ipv4.sin_addr);
		set_port_number(peer, name.ipv4.sin_port);
	} else if (name.any.sa_family == AF_INET6) {
		known = set_ipv6(peer, &name.ipv6.sin6_addr);
		set_port_number(peer, name.ipv6.sin6_port);
	}
	return known;
}

/* An address as text, which socat and BusyBox put into brackets. */
static bool
set_from_octets(struct peer *peer, const char *octets, size_t length)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr ipv6;
	struct in_addr ipv4;

	if (length >= 2 && octets[0] == '[' && octets[length - 1] == ']') {
		octets++;
		length -= 2;
	}
	if (length >= sizeof text)
		return false;
	memcpy(text, octets, length);
	text[length] = '\0';
	if (inet_pton(AF_INET, text, &ipv4) == 1)
		return set_ipv4(peer, &ipv4);
	if (inet_pton(AF_INET6, text, &ipv6) == 1)
		return set_ipv6(peer, &ipv6);
	return false;
}

/* A variable with the address, and one with the port. */
static bool
set_from_variables(struct peer *peer, const char *address, const char *port)
{
	const char *text = getenv(address);

	if (text == NULL || !set_from_octets(peer, text, strlen(text)))
		return false;
	set_port(peer, getenv(port));
	return true;
}

/* tcpserver and sslserver: the variables are named after $PROTO. */
static bool
set_from_proto(struct peer *peer)
{
	char address[32], port[32];
	const char *proto = getenv("PROTO");
	struct text text;

	if (proto == NULL || strlen(proto) > 16)
		return false;
	text_init(&text, address, sizeof address);
	text_add(&text, proto);
	text_add(&text, "REMOTEIP");
	text_init(&text, port, sizeof port);
	text_add(&text, proto);
	text_add(&text, "REMOTEPORT");
	return set_from_variables(peer, address, port);
}

/* BusyBox: address and port in one, "192.0.2.1:25" or "[2001:db8::1]:25". */
static bool
set_from_address_and_port(struct peer *peer, const char *both)
{
	const char *colon = both == NULL ? NULL : strrchr(both, ':');

	if (colon == NULL ||
	    !set_from_octets(peer, both, (size_t)(colon - both)))
		return false;
	set_port(peer, colon + 1);
	return true;
}

static bool
set_from_environment(struct peer *peer)
{
	return set_from_proto(peer) ||
	    set_from_variables(peer, "TCPREMOTEIP", "TCPREMOTEPORT") || /* s6, ipsvd */
	    set_from_variables(peer, "REMOTE_ADDR", "REMOTE_PORT") ||   /* systemd */
	    set_from_variables(peer, "REMOTE_HOST", "REMOTE_PORT") ||   /* xinetd, stunnel */
	    set_from_address_and_port(peer, getenv("TCPREMOTEADDR")) ||
	    set_from_variables(peer, "SOCAT_PEERADDR", "SOCAT_PEERPORT") ||
	    set_from_variables(peer, "NCAT_REMOTE_ADDR", "NCAT_REMOTE_PORT");
}

void
peer_find(struct peer *peer, bool is_protected, bool greeted)
{
	static const char unknown[] = "unknown";
	bool by_socket;
	int yes = 1;

	set_port(peer, NULL);
	by_socket = set_from_socket(peer);
	if (by_socket) {
		internet_socket = STDOUT_FILENO;
		(void)setsockopt(internet_socket, IPPROTO_TCP, TCP_NODELAY,
		    &yes, sizeof yes);
	}
	if (greeted && set_from_variables(peer, "REMOTE_ADDR", "REMOTE_PORT"))
		return;
	if (is_protected && set_from_environment(peer))
		return;
	if (by_socket || (!is_protected && set_from_environment(peer)))
		return;
	peer->family = PEER_UNKNOWN;
	memcpy(peer->address, unknown, sizeof unknown);
}

void
peer_hang_up(void)
{
	if (internet_socket != -1)
		(void)shutdown(internet_socket, SHUT_WR);
}

bool
peer_set(struct peer *peer, const char *address, size_t address_length,
    const char *port, size_t port_length)
{
	if (!set_from_octets(peer, address, address_length))
		return false;
	set_port_octets(peer, port, port_length);
	return true;
}

/* Sets a variable; "" takes it away. */
static bool
set_variable(const char *name, const char *value)
{
	return (value[0] == '\0' ? unsetenv(name) : setenv(name, value, 1)) == 0;
}

bool
peer_to_environment(const struct peer *peer)
{
	return set_variable("REMOTE_ADDR",
	    peer->family == PEER_UNKNOWN ? "" : peer->address) &&
	    set_variable("REMOTE_PORT", peer->port);
}
