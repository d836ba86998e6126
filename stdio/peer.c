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
	int yes = 1;

	if (getpeername(STDIN_FILENO, &name.any, &size) == -1)
		return false;
	if (name.any.sa_family == AF_INET)
		known = set_ipv4(peer, &name.ipv4.sin_addr);
	else if (name.any.sa_family == AF_INET6)
		known = set_ipv6(peer, &name.ipv6.sin6_addr);
	if (known)
		(void)setsockopt(STDOUT_FILENO, IPPROTO_TCP, TCP_NODELAY, &yes,
		    sizeof yes);
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

static bool
set_from_text(struct peer *peer, const char *text)
{
	return text != NULL && set_from_octets(peer, text, strlen(text));
}

/* tcpserver and sslserver: the variable is named after $PROTO. */
static bool
set_from_proto(struct peer *peer)
{
	const char *proto = getenv("PROTO");
	char name[32];
	struct text text;

	if (proto == NULL)
		return false;
	text_init(&text, name, sizeof name);
	text_add(&text, proto);
	text_add(&text, "REMOTEIP");
	return !text.cut && set_from_text(peer, getenv(name));
}

/* BusyBox: address and port in one, "192.0.2.1:25" or "[2001:db8::1]:25". */
static bool
set_from_address_and_port(struct peer *peer, const char *both)
{
	const char *colon = both == NULL ? NULL : strrchr(both, ':');

	return colon != NULL &&
	    set_from_octets(peer, both, (size_t)(colon - both));
}

static bool
set_from_environment(struct peer *peer)
{
	return set_from_proto(peer) ||
	    set_from_text(peer, getenv("TCPREMOTEIP")) ||  /* s6, ipsvd */
	    set_from_text(peer, getenv("REMOTE_ADDR")) ||  /* systemd */
	    set_from_text(peer, getenv("REMOTE_HOST")) ||  /* xinetd */
	    set_from_address_and_port(peer, getenv("TCPREMOTEADDR")) ||
	    set_from_text(peer, getenv("SOCAT_PEERADDR")) ||
	    set_from_text(peer, getenv("NCAT_REMOTE_ADDR"));
}

void
peer_find(struct peer *peer)
{
	static const char unknown[] = "unknown";

	if (set_from_socket(peer) || set_from_environment(peer))
		return;
	peer->family = PEER_UNKNOWN;
	memcpy(peer->address, unknown, sizeof unknown);
}
