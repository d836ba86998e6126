/*
 * Who is connected, as far as the supervisor or the socket tells.  Nothing is
 * ever allowed because of it: it is for Received: lines and the log.
 */
#ifndef STDIO_PEER_H
#define STDIO_PEER_H

#include <netinet/in.h>

enum peer_family { PEER_UNKNOWN, PEER_IPV4, PEER_IPV6 };

struct peer {
	enum peer_family family;
	char address[INET6_ADDRSTRLEN];         /* "unknown" where it is not known */
};

/*
 * Finds the peer: the Internet socket at descriptor 0, else the environment
 * variables that supervisors set, each taken only where it holds an address.
 * Sets TCP_NODELAY on a TCP socket, since each reply leaves in one write.
 */
void peer_find(struct peer *peer);

#endif
