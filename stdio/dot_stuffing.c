/* Dot-stuffing; see dot_stuffing.h. */
#include "stdio/dot_stuffing.h"

#include <string.h>

#include "store/block.h"

void
unstuffer_init(struct unstuffer *unstuffer, bool lf_ends_lines, bool has_dots)
{
	unstuffer->state = AT_LINE_START;
	unstuffer->lf_ends_lines = lf_ends_lines;
	unstuffer->has_dots = has_dots;
	unstuffer->faults = 0;
	unstuffer->lines = 0;
}

bool
unstuffer_is_at_line_end(struct unstuffer *unstuffer)
{
	if (unstuffer->state == AFTER_CR)
		unstuffer->faults |= FAULT_BARE_CR;
	return unstuffer->state == AT_LINE_START;
}

/* Where the text that is kept ends, and where the next octets come from. */
struct cursor {
	char *to;
	char *from;
	char *end;
};

/*
 * Takes one octet in a state in which what came just before matters.  A CR
 * is put out only when what follows has shown that it is a bare one, where it
 * does not matter any more: the message is refused.
 */
static void
step(struct unstuffer *unstuffer, struct cursor *cursor)
{
	char octet = *cursor->from++;

	switch (unstuffer->state) {
	case AT_LINE_START:
		if (octet == '.' && unstuffer->has_dots) {
			unstuffer->state = AFTER_DOT;
			return;
		}
		break;
	case AFTER_DOT:
		if (octet == '\r') {
			unstuffer->state = AFTER_DOT_CR;
			return;
		}
		if (octet == '\n' && unstuffer->lf_ends_lines) {
			unstuffer->state = AT_END;
			return;
		}
		break;
	case AFTER_DOT_CR:
		if (octet == '\n') {
			unstuffer->state = AT_END;
			return;
		}
		unstuffer->faults |= FAULT_BARE_CR;
		break;
	case AFTER_CR:
		if (octet == '\n') {
			*cursor->to++ = '\n';
			unstuffer->lines++;
			unstuffer->state = AT_LINE_START;
			return;
		}
		unstuffer->faults |= FAULT_BARE_CR;
		break;
	case IN_LINE:
	case AT_END:
		break;
	}
	cursor->from--;                 /* an octet of a line like any other */
	unstuffer->state = IN_LINE;
}

/*
 * Takes the rest of a line, or of the fragment: moved to where it belongs
 * and, with its end, done in three looks at each octet, all by memchr(3).
 */
static void
take_line(struct unstuffer *unstuffer, struct cursor *cursor)
{
	size_t left = (size_t)(cursor->end - cursor->from);
	char *lf = memchr(cursor->from, '\n', left);
	char *stop = lf == NULL ? cursor->end : lf;
	bool crlf, ends = false;

	/* A CR just before the LF, or the end of the fragment, is set aside. */
	crlf = stop > cursor->from && stop[-1] == '\r';
	if (crlf)
		stop--;
	left = (size_t)(stop - cursor->from);
	if (memchr(cursor->from, '\r', left) != NULL)
		unstuffer->faults |= FAULT_BARE_CR;
	if (cursor->to != cursor->from)
		memmove(cursor->to, cursor->from, left);
	cursor->to += left;
	cursor->from = lf == NULL ? cursor->end : lf + 1;
	if (lf == NULL) {
		if (crlf)
			unstuffer->state = AFTER_CR;
		return;
	}
	ends = crlf || unstuffer->lf_ends_lines;
	if (!ends)
		unstuffer->faults |= FAULT_BARE_LF;
	*cursor->to++ = '\n';
	unstuffer->lines++;
	if (ends)
		unstuffer->state = AT_LINE_START;
}

size_t
unstuff(struct unstuffer *unstuffer, char *fragment, size_t length,
    size_t *stored)
{
	struct cursor cursor = { fragment, fragment, fragment + length };

	while (cursor.from < cursor.end && unstuffer->state != AT_END) {
		if (unstuffer->state == IN_LINE)
			take_line(unstuffer, &cursor);
		else
			step(unstuffer, &cursor);
	}
	*stored = (size_t)(cursor.to - fragment);
	if (memchr(fragment, '\0', *stored) != NULL)
		unstuffer->faults |= FAULT_NUL;
	return (size_t)(cursor.from - fragment);
}

void
stuffer_init(struct stuffer *stuffer, struct line_writer *out, bool has_dots)
{
	stuffer->out = out;
	stuffer->has_dots = has_dots;
	stuffer->at_line_start = true;
	stuffer->after_cr = false;
}

/* Puts one octet, and what goes before it. */
static char *
put_octet(struct stuffer *stuffer, char *to, char octet)
{
	if (octet == '.' && stuffer->at_line_start && stuffer->has_dots)
		*to++ = '.';
	if (octet == '\n' && !stuffer->after_cr)
		*to++ = '\r';
	*to++ = octet;
	stuffer->at_line_start = octet == '\n';
	stuffer->after_cr = octet == '\r';
	return to;
}

/* So many octets are copied of each line, also where it has fewer. */
#define COPIED_OCTETS 80

/* Copies a line; one of usual length without a branch that depends on it. */
static char *
copy_line(char *to, const char *line, size_t length)
{
	int i;

	for (i = 0; i < COPIED_OCTETS; i += 16)
		memcpy(to + i, line + i, 16);
	if (length > COPIED_OCTETS)
		memcpy(to + COPIED_OCTETS, line + COPIED_OCTETS,
		    length - COPIED_OCTETS);
	return to + length;
}

/*
 * Puts length octets, whole blocks and not none.  Behind them there are more,
 * and behind what becomes of them there is room, for a line that is copied.
 */
static char *
put_blocks(struct stuffer *stuffer, char *to, const char *octets,
    size_t length)
{
	const char *line = octets, *block, *end = octets + length;

	if (*line == '.' && stuffer->at_line_start && stuffer->has_dots)
		*to++ = '.';
	for (block = octets; block < end; block += BLOCK_OCTETS) {
		uint64_t ends = block_find(block, '\n');

		for (; ends != 0; ends &= ends - 1) {
			const char *lf = block + block_first(ends);

			to = copy_line(to, line, (size_t)(lf - line));
			if (lf == octets ? !stuffer->after_cr : lf[-1] != '\r')
				*to++ = '\r';
			*to++ = '\n';
			line = lf + 1;
			if (*line == '.' && stuffer->has_dots)
				*to++ = '.';
		}
	}
	memcpy(to, line, (size_t)(end - line));
	to += end - line;
	/* A dot that is due for what follows has been put. */
	stuffer->at_line_start = to[-1] == '\n';
	stuffer->after_cr = to[-1] == '\r';
	return to;
}

/* A text shorter than this is put by the octet. */
#define BLOCKS_LEAST (BLOCK_OCTETS + COPIED_OCTETS)

/* What there is room for, beside whole blocks. */
#define REST_OCTETS (COPIED_OCTETS + 2 * BLOCKS_LEAST)

/* How much of a text is put by blocks: an octet may become two. */
static size_t
blocks_of(size_t length, size_t room)
{
	size_t octets = (room - REST_OCTETS) / 2;

	if (length < BLOCKS_LEAST)
		return 0;
	if (octets > length - COPIED_OCTETS)
		octets = length - COPIED_OCTETS;
	return octets - octets % BLOCK_OCTETS;
}

void
stuff(struct stuffer *stuffer, const char *octets, size_t length)
{
	const char *end = octets + length;

	while (octets < end) {
		size_t room, blocks;
		char *start = line_writer_room(stuffer->out,
		    REST_OCTETS + 8 * BLOCK_OCTETS, &room), *to = start;

		blocks = blocks_of((size_t)(end - octets), room);
		if (blocks > 0)
			to = put_blocks(stuffer, to, octets, blocks);
		octets += blocks;
		if (end - octets < BLOCKS_LEAST)
			while (octets < end)
				to = put_octet(stuffer, to, *octets++);
		line_writer_took(stuffer->out, (size_t)(to - start));
	}
}

void
stuff_end(struct stuffer *stuffer)
{
	if (!stuffer->at_line_start)
		line_writer_put(stuffer->out, "\r\n", 2);
	if (stuffer->has_dots)
		line_writer_put(stuffer->out, ".\r\n", 3);
}
