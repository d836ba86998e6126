/*
 * The mbox form of many messages in one file, as mboxrd has it:
 *
 *     From alice@example.org Thu Jan  1 00:00:00 1970
 *     Subject: Hello
 *
 *     >From here on a line of the message that begins with "From ", behind
 *     any number of ">", has one ">" more.
 *
 * A message is what stands between two separator lines, without the LF at its
 * end: an empty line, or the end of a last line that had none.  So a message
 * of any octets is the same again.
 */
#ifndef STORE_MBOX_H
#define STORE_MBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/text.h"

/* As much of a separator line as is looked at, with a NUL. */
#define MBOX_SEPARATOR_SIZE 1024

/* What a piece of an mbox can become more than it was, at either function. */
#define MBOX_ROOM(length) (2 * (length) + 8)

struct mbox_reader {
	enum {
		MBOX_LINE_START,        /* it may be a separator line */
		MBOX_LINE,              /* it is none */
		MBOX_SEPARATOR          /* it is one */
	} state;
	bool is_begun;                  /* there was a separator line */
	char held[8];                   /* read, and may be no text */
	size_t held_length;
	size_t matched;                 /* octets of "From ", among them */
	bool is_quoted;                 /* a ">" stands before */
	char separator[MBOX_SEPARATOR_SIZE];    /* the line, without its LF */
	struct text line;
};

enum mbox_event {
	MBOX_MORE,              /* all was taken */
	MBOX_BEGINS,            /* a message begins, by reader->separator */
	MBOX_MALFORMED          /* text before the first separator line */
};

void mbox_reader_init(struct mbox_reader *reader);

/*
 * Takes the next octets of an mbox with LF line ends, the last line too.
 * Writes what is text of a message to out, which has MBOX_ROOM(length), and
 * how much that is to *used: it belongs to the message before the one that
 * begins.  *taken says how many of the octets were taken.
 */
enum mbox_event mbox_take(struct mbox_reader *reader, const char *octets,
    size_t length, size_t *taken, char *out, size_t *used);

/*
 * The date in a separator line, in seconds since 1970; false where there is
 * none between 1970 and 9999.
 */
bool mbox_date(const char *line, int64_t *seconds);

/* The other direction: where in a line of a message it stands. */
struct mbox_quoting {
	bool in_line;           /* past what may be "From " */
	size_t matched;         /* octets of that */
};

/*
 * Writes the next octets of a message to out, which has MBOX_ROOM(length),
 * quoted; returns how much that is.  A message begins with a quoting of
 * zeros, and ends with an LF that is not its own.
 */
size_t mbox_quote(struct mbox_quoting *quoting, const char *octets,
    size_t length, char *out);

/*
 * Appends the separator line of a message that begins with these octets:
 * with the reverse-path of its Return-Path field, else MAILER-DAEMON, and when
 * it was delivered, in UTC.
 */
void mbox_separator(struct text *text, const char *octets, size_t length,
    uint64_t seconds);

#endif
