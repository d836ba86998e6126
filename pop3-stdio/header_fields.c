/* Header fields; see header_fields.h. */
#include "pop3-stdio/header_fields.h"

#include <string.h>

static const char *const names[FIELD_COUNT] = {
	"from", "to", "cc", "subject", "date", "content-type",
	"content-transfer-encoding", "content-disposition"
};

void
header_fields_init(struct header_fields *fields)
{
	size_t i;

	for (i = 0; i < FIELD_COUNT; i++)
		text_init(&fields->values[i], fields->buffers[i],
		    sizeof fields->buffers[i]);
	fields->ended = false;
	fields->state = LINE_START;
	fields->seen = 0;
	fields->field = FIELD_COUNT;
	fields->name_length = 0;
}

/* Finds the field whose name has come; a second one of that name is none. */
static void
find_field(struct header_fields *fields)
{
	size_t length = fields->name_length, i;

	while (length > 0 && strchr(" \t", fields->name[length - 1]) != NULL)
		length--;
	fields->field = FIELD_COUNT;
	for (i = 0; i < FIELD_COUNT; i++)
		if (text_equal_folded(fields->name, length, names[i],
		    strlen(names[i])) && (fields->seen & 1u << i) == 0) {
			fields->field = (enum header_field)i;
			fields->seen |= 1u << i;
		}
}

static void
put_value(struct header_fields *fields, char octet)
{
	if (fields->field < FIELD_COUNT && octet != '\r')
		text_add_octet(&fields->values[fields->field], octet);
}

/* Takes the octet at the start of a line; a blank continues the one before. */
static void
start_line(struct header_fields *fields, char octet)
{
	if (octet == '\n') {
		fields->ended = true;
	} else if (octet == ' ' || octet == '\t') {
		put_value(fields, ' ');
		fields->state = IN_VALUE;
	} else {
		fields->name[0] = octet;
		fields->name_length = 1;
		fields->state = IN_NAME;
	}
}

static void
take(struct header_fields *fields, char octet)
{
	switch (fields->state) {
	case LINE_START:
		start_line(fields, octet);
		return;
	case IN_NAME:
		if (octet == ':') {
			find_field(fields);
			fields->state = BEFORE_VALUE;
		} else if (octet == '\n') {     /* no field at all */
			fields->field = FIELD_COUNT;
			fields->state = LINE_START;
		} else if (fields->name_length < sizeof fields->name)
			fields->name[fields->name_length++] = octet;
		return;
	case BEFORE_VALUE:
		if (octet == ' ' || octet == '\t')
			return;
		fields->state = IN_VALUE;
		break;
	case IN_VALUE:
		break;
	}
	if (octet == '\n')
		fields->state = LINE_START;
	else
		put_value(fields, octet);
}

size_t
header_fields_add(struct header_fields *fields, const char *octets,
    size_t length)
{
	size_t i;

	for (i = 0; i < length && !fields->ended; i++)
		take(fields, octets[i]);
	return i;
}
