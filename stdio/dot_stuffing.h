/*
 * Dot-stuffing (RFC 5321 section 4.5.2, RFC 1939 section 3), both ways, and
 * the line ends that go with it: CRLF on the wire, LF on disk.
 */
#ifndef STDIO_DOT_STUFFING_H
#define STDIO_DOT_STUFFING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stdio/line_writer.h"

/* What was wrong with line ends in mail data; or-ed together. */
enum {
	FAULT_BARE_CR = 1,
	FAULT_BARE_LF = 2,
	FAULT_NUL = 4
};

/*
 * Mail data as it comes in, octet after octet, wherever it is cut into
 * fragments.  Only CRLF "." CRLF ends it, and only CRLF starts a line: a bare
 * CR, a bare LF and a NUL are faults, which end nothing and start nothing, so
 * that no two programs on the way can see different ends of one message.
 */
struct unstuffer {
	enum unstuff_state {
		AT_LINE_START,
		AFTER_DOT,              /* a dot at the start of a line */
		AFTER_DOT_CR,           /* and a CR behind it */
		IN_LINE,
		AFTER_CR,               /* a CR in a line */
		AT_END                  /* the end of the data has been seen */
	} state;
	bool lf_ends_lines;
	bool has_dots;                  /* else a dot is an octet like any other */
	unsigned faults;
	uint64_t lines;                 /* line ends put out so far */
};

/*
 * The start of the mail data, which is the start of a line.  Without has_dots
 * its lines are read in the same way, and nothing in it ends it: the chunks of
 * RFC 3030.
 */
void unstuffer_init(struct unstuffer *unstuffer, bool lf_ends_lines,
    bool has_dots);

/*
 * For data that ends where its length says: whether its last line has an end.
 * A CR without its LF is a fault there too.
 */
bool unstuffer_is_at_line_end(struct unstuffer *unstuffer);

/*
 * Takes a fragment and rewrites it in place as it is to be stored: without
 * the stuffed dots and with LF line ends.  Returns how many octets of the
 * fragment it took, which is all of them unless state becomes AT_END; *stored
 * is how many octets it left at its start.  After a fault what it leaves is
 * not the message, which is to be refused.
 */
size_t unstuff(struct unstuffer *unstuffer, char *fragment, size_t length,
    size_t *stored);

/*
 * A stored message on its way out: LF becomes CRLF (a CRLF stays one), lines
 * that start with a dot get another where has_dots is set.
 */
struct stuffer {
	struct line_writer *out;
	bool has_dots;          /* else its length says where it ends */
	bool at_line_start;
	bool after_cr;          /* the octet before was a CR */
};

void stuffer_init(struct stuffer *stuffer, struct line_writer *out,
    bool has_dots);
void stuff(struct stuffer *stuffer, const char *octets, size_t length);

/*
 * Ends the last line where it has no end, and writes the line of one dot,
 * where dots are wanted.
 */
void stuff_end(struct stuffer *stuffer);

#endif
