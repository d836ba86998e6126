/*
 * A progress bar on standard error, for somebody who waits at a terminal.
 * Elsewhere, and in the first second, nothing is shown at all.
 */
#ifndef STORE_PROGRESS_H
#define STORE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/text.h"

struct progress {
	const char *what;       /* a word or two at the start of the line */
	uint64_t total;         /* octets, messages; 0: not known */
	uint64_t done;
	bool is_shown;          /* standard error is a terminal */
	int64_t began;          /* milliseconds on the monotonic clock */
	int64_t next;           /* when the line may be drawn again */
	size_t drawn;           /* octets of the line that stands there now */
};

/* Begins at nothing done; what stays the caller's until the end. */
void progress_begin(struct progress *progress, const char *what,
    uint64_t total);

/* Adds to what is done, and draws the line where it is time to. */
void progress_add(struct progress *progress, uint64_t amount);

/*
 * Takes the line away until it is drawn again: before something else is
 * written to the terminal.
 */
void progress_hide(struct progress *progress);

/* Takes the line away. */
void progress_end(struct progress *progress);

/*
 * Appends the line as it is after so many milliseconds, in at most columns:
 *
 *     what  42% [########            ] 12.3M/29.1M 0:12
 *
 * with the time that is left.  Where there is little room the bar is left
 * out, then the end of the line is; without a total it has what is done and
 * the time since the beginning.
 */
void progress_line(const struct progress *progress, int64_t milliseconds,
    size_t columns, struct text *line);

#endif
