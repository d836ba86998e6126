/*
 * Who is connected, as far as the supervisor or the socket tells.  Nothing is
 * ever allowed because of it: it is for Received: lines and the log.
 */
#ifndef STDIO_PEER_H
#define STDIO_PEER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

enum peer_family { PEER_UNKNOWN, PEER_IPV4, PEER_IPV6 };

struct peer {
	enum peer_family family;
	char address[INET6_ADDRSTRLEN];         /* "unknown" where it is not known */
	char port[6];                           /* "" where it is not known */
};

/*
 * Finds the peer: the Internet socket at descriptor 0, then the environment
 * variables that supervisors set, each taken only where it holds an address.
 * Behind a TLS wrapper (is_protected) the socket is the wrapper's, so the
 * environment comes first; and where this program itself has executed the
 * wrapper (greeted), what it has left in $REMOTE_ADDR before all others.
 * Sets TCP_NODELAY on a TCP socket, since each reply leaves in one write.
 */
void peer_find(struct peer *peer, bool is_protected, bool greeted);

/*
 * Sets the peer from text, an address and a port; false, and nothing changed,
 * where the address is none.
 */
bool peer_set(struct peer *peer, const char *address, size_t address_length,
    const char *port, size_t port_length);

/*
 * Ends what goes out where peer_find() saw an Internet socket, so that the
 * peer learns it before this process has ended, and though a supervisor keeps
 * the socket.
 */
void peer_hang_up(void);

/*
 * Leaves the peer in $REMOTE_ADDR and $REMOTE_PORT, or takes these away where
 * it is not known; false without memory.
 */
bool peer_to_environment(const struct peer *peer);

#endif
