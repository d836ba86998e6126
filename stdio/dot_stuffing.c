/* Dot-stuffing; see dot_stuffing.h. */
#include "stdio/dot_stuffing.h"

#include <string.h>

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

/* Copies up to the first LF, and without it; returns how many these are. */
static size_t
copy_line(char *to, const char *from, size_t length)
{
	const char *lf = memchr(from, '\n', length);

	if (lf != NULL)
		length = (size_t)(lf - from);
	memcpy(to, from, length);
	return length;
}

/* What a line may get beside its octets: a dot, and a CRLF. */
#define ADDED_OCTETS 3

void
stuff(struct stuffer *stuffer, const char *octets, size_t length)
{
	while (length > 0) {
		size_t room, take, used = 0;
		char *to = line_writer_room(stuffer->out, 1024, &room);

		if (stuffer->at_line_start && *octets == '.' &&
		    stuffer->has_dots)
			to[used++] = '.';
		room -= ADDED_OCTETS;
		take = copy_line(to + used, octets,
		    length < room ? length : room);
		if (take > 0)
			stuffer->after_cr = octets[take - 1] == '\r';
		used += take;
		stuffer->at_line_start = take < length && octets[take] == '\n';
		if (stuffer->at_line_start) {
			if (!stuffer->after_cr)
				to[used++] = '\r';
			to[used++] = '\n';
			stuffer->after_cr = false;
			take++;
		}
		line_writer_took(stuffer->out, used);
		octets += take;
		length -= take;
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
