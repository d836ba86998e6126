/* Header fields; see field.h. */
#include "smtp-stdio/field.h"

#include <string.h>

#include "store/text.h"

/* field-name = 1*ftext, printable ASCII but ":" (RFC 5322 section 3.6.8) */
static size_t
name_length(const char *at, const char *end)
{
	size_t length = 0;

	while (at + length < end && at[length] > 0x20 && at[length] < 0x7f &&
	    at[length] != ':')
		length++;
	return length;
}

/* The end of the line at, behind its LF. */
static const char *
line_end(const char *at, const char *end)
{
	const char *lf = memchr(at, '\n', (size_t)(end - at));

	return lf == NULL ? end : lf + 1;
}

bool
field_next(struct field *field, const char **at, const char *end)
{
	const char *colon, *next;

	field->start = *at;
	field->name_length = name_length(*at, end);
	colon = *at + field->name_length;
	while (colon < end && (*colon == ' ' || *colon == '\t'))
		colon++;                /* obsolete, but there */
	if (field->name_length == 0 || colon == end || *colon != ':')
		return false;
	next = line_end(colon, end);
	while (next < end && (*next == ' ' || *next == '\t'))
		next = line_end(next, end);
	field->value = colon + 1;
	field->length = (size_t)(next - *at);
	field->value_length = (size_t)(next - field->value);
	if (next[-1] == '\n')
		field->value_length--;
	*at = next;
	return true;
}

bool
field_is(const struct field *field, const char *name)
{
	return text_equal_folded(field->start, field->name_length, name,
	    strlen(name));
}
