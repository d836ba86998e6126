/* Reverse-paths and forward-paths (RFC 5321 section 4.1.2). */
#ifndef SMTP_STDIO_PATH_H
#define SMTP_STDIO_PATH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What may stand between the brackets, without a source route.  RFC 5321
 * section 4.5.3.1.3 wants 254 taken, since it counts the brackets too.
 */
#define PATH_OCTETS_MAX 256

struct path {
	char text[PATH_OCTETS_MAX + 1];         /* the mailbox as sent; "" for <> */
	char local[PATH_OCTETS_MAX + 1];        /* the local-part without quoting */
	size_t local_length;
	const char *domain;     /* in text; NULL for <> and a bare Postmaster */
	bool literal;           /* domain is an address literal, in brackets */
	bool is_ascii;          /* else it wants RFC 6531; also where malformed */
};

/*
 * Reads a path at the start of text, with or without brackets, as real
 * clients write it, and ignores its source route.  *rest is what stands
 * behind it: the end of text or a blank.  Takes <>, a local-part without a
 * domain, and well-formed UTF-8 (RFC 6531 section 3.3); whether these may be
 * is the command's to say.  False where it is malformed; *rest is then where
 * it seems to end.
 */
bool path_parse(struct path *path, const char *text, const char **rest);

#endif
