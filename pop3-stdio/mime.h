/*
 * The parts of a message (RFC 2045, RFC 2046): where each stands in a file,
 * and what it is.
 */
#ifndef POP3_STDIO_MIME_H
#define POP3_STDIO_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "pop3-stdio/header_fields.h"
#include "pop3-stdio/sink.h"
#include "pop3-stdio/transfer_encoding.h"

#define MIME_DEPTH_MAX 50               /* a multipart below is one part */
#define MIME_PARTS_MAX 500              /* what follows is not looked at */
#define MIME_BOUNDARY_OCTETS_MAX 200    /* RFC 2046 allows 70 */

/* A part that is no multipart. */
struct mime_part {
	uint64_t start, end;    /* where its body is, in octets of the file */
	enum transfer_encoding encoding;
	char type[80];          /* lower case: "text/plain" */
	char charset[48];       /* "" where it has none */
	char name[256];         /* of a file, in UTF-8; "" where it has none */
	bool is_attachment;     /* Content-Disposition says so */
	bool is_alternative;    /* one of several forms of the same */
};

struct mime {
	struct header_fields header;    /* the message's own */
	struct mime_part parts[MIME_PARTS_MAX];
	size_t count;

	/* while it is read */
	struct header_fields fields;    /* of the part that begins */
	struct mime_level {
		char boundary[MIME_BOUNDARY_OCTETS_MAX + 1];
		bool is_alternative;
		bool is_digest;
	} levels[MIME_DEPTH_MAX];
	size_t depth;
	enum {
		MIME_IN_HEADER,
		MIME_IN_PART,
		MIME_BETWEEN    /* before the first part, or behind the last */
	} state;
	char line[MIME_BOUNDARY_OCTETS_MAX + 16];       /* as far as it fits */
	size_t line_length;
	uint64_t offset;
};

/*
 * Reads a whole message with LF line ends from its start.  Whatever it has in
 * it, there is at least one part afterwards.
 */
void mime_read(struct mime *mime, FILE *file);

/* Whether a part is of this type, "text/plain", or kind, "text/". */
bool mime_is(const struct mime_part *part, const char *type);

/*
 * Decodes the body of a part, as far as its transfer encoding goes, into a
 * sink.
 */
void mime_decode(const struct mime_part *part, FILE *file, struct sink to);

/* How many octets that would be. */
uint64_t mime_octets(const struct mime_part *part, FILE *file);

#endif
