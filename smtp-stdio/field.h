/* The fields of a message's header, in memory (RFC 5322 section 2.2). */
#ifndef SMTP_STDIO_FIELD_H
#define SMTP_STDIO_FIELD_H

#include <stdbool.h>
#include <stddef.h>

struct field {
	const char *start;      /* of its name */
	size_t length;          /* of all its lines, with their ends */
	size_t name_length;
	const char *value;      /* behind the colon, folded as it is */
	size_t value_length;    /* without the last line's end */
};

/*
 * Takes the field at *at and moves *at behind it.  False where there is none:
 * at the end, at an empty line, or at a line that is no field.  Lines end in
 * LF.
 */
bool field_next(struct field *field, const char **at, const char *end);

/* Whether it has this name, in whatever case. */
bool field_is(const struct field *field, const char *name);

#endif
