/*
 * The hand-over of a connection to a TLS wrapper, on STARTTLS and STLS: the
 * program named by -T takes this one's place, with the same descriptors, does
 * the handshake, and starts this program again behind it, which knows nothing
 * of the session before (RFC 3207 section 4.2).
 */
#ifndef STDIO_TLS_WRAPPER_H
#define STDIO_TLS_WRAPPER_H

#include <stdbool.h>

#include "stdio/line_reader.h"
#include "stdio/options.h"
#include "stdio/peer.h"

/* Whether there is a wrapper that can be executed now. */
bool tls_wrapper_is_ready(const struct options *options);

enum tls_request {
	TLS_BEGINS,
	TLS_IS_THERE,           /* the connection is protected already */
	TLS_IS_NOT_OFFERED,
	TLS_IS_NOT_READY,       /* the wrapper cannot be executed */
	TLS_IS_LATE             /* more came in clear behind the request */
};

/*
 * What is to be said to a client that asks for TLS.  What stands behind the
 * request came in clear: it must not be taken for what the client says under
 * TLS, so after TLS_IS_LATE the session ends.
 */
enum tls_request tls_wrapper_request(const struct options *options,
    struct line_reader *in);

/*
 * Executes the wrapper; a word "%" in its command becomes this program with
 * its flags, as argv of main() has them, and -s -g.  Tells the peer's address
 * by $REMOTE_ADDR and $REMOTE_PORT.  Returns only where that fails, and has
 * logged why.
 */
void tls_wrapper_execute(const struct options *options, char **argv,
    const struct peer *peer);

#endif
