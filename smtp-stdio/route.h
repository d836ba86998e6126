/* Which recipients a run of the queue is for: -D of smtp-send -q. */
#ifndef SMTP_STDIO_ROUTE_H
#define SMTP_STDIO_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Each is a domain, or a dot and a domain for all below that, and with a "!"
 * in front is left out.  Where there are none but those, all others go.
 */
struct route {
	const char **domains;   /* the caller's, with room for all */
	size_t count;
};

/* Adds a value of -D; false where it is none. */
bool route_add(struct route *route, const char *domain);

/* Whether a forward-path, without its brackets, goes this way. */
bool route_takes(const struct route *route, const char *path);

#endif
