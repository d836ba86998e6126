/*
 * The PROXY protocol, versions 1 and 2: a balancer in front of the service
 * says in a header who is connected to it (-P).
 */
#ifndef STDIO_PROXY_H
#define STDIO_PROXY_H

#include <stddef.h>

#include "stdio/deadline.h"
#include "stdio/line_reader.h"
#include "stdio/peer.h"

enum proxy_status {
	PROXY_OK,
	PROXY_INCOMPLETE,       /* so far it is a header, and not all of it */
	PROXY_MALFORMED
};

/*
 * Reads a header at the start of length octets.  PROXY_OK: *header_length is
 * how long it is, which may be more than length for what is to be skipped;
 * and *peer is whom it names, or as it was where it names nobody.
 */
enum proxy_status proxy_parse(const char *octets, size_t length,
    struct peer *peer, size_t *header_length);

/*
 * Reads the header off a connection, where it must come first.  READ_LINE:
 * it was there.  READ_TOO_LONG: what came is no header.  Else how the input
 * ended.
 */
enum read_status proxy_read(struct line_reader *in, struct deadline deadline,
    struct peer *peer);

#endif
