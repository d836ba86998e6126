/* The fields of a message's header that are shown or obeyed (RFC 5322). */
#ifndef POP3_STDIO_HEADER_FIELDS_H
#define POP3_STDIO_HEADER_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "store/text.h"

enum header_field {
	FIELD_FROM,
	FIELD_TO,
	FIELD_CC,
	FIELD_SUBJECT,
	FIELD_DATE,
	FIELD_TYPE,             /* Content-Type and so on (RFC 2045) */
	FIELD_ENCODING,
	FIELD_DISPOSITION,
	FIELD_COUNT
};

/* What is longer is cut. */
#define FIELD_OCTETS_MAX 32767

struct header_fields {
	struct text values[FIELD_COUNT];        /* unfolded; the first of a name */
	bool ended;             /* the empty line behind it has been seen */

	enum {
		LINE_START,
		IN_NAME,
		BEFORE_VALUE,
		IN_VALUE
	} state;
	unsigned seen;          /* bits of the fields that have been there */
	enum header_field field;        /* that is coming; FIELD_COUNT: none */
	char name[32];
	size_t name_length;
	char buffers[FIELD_COUNT][FIELD_OCTETS_MAX + 1];
};

void header_fields_init(struct header_fields *fields);

/*
 * Takes the next octets of the message, with LF line ends.  Returns how many
 * of them are the header's, the empty line behind it with them.
 */
size_t header_fields_add(struct header_fields *fields, const char *octets,
    size_t length);

#endif
