/* Headers, shown; see fetch_show.h. */
#include "pop3-stdio/fetch_show.h"

#include <stdio.h>
#include <string.h>

#include "pop3-stdio/header_text.h"
#include "pop3-stdio/mail_date.h"
#include "stdio/failure.h"
#include "store/json.h"
#include "store/text.h"

static const struct {
	enum header_field field;
	const char *name, *member;
} shown[] = {
	{ FIELD_FROM, "From", "from" },
	{ FIELD_TO, "To", "to" },
	{ FIELD_CC, "Cc", "cc" },
	{ FIELD_SUBJECT, "Subject", "subject" },
	{ FIELD_DATE, "Date", "date" }
};

#define SHOWN_COUNT (sizeof shown / sizeof shown[0])

/* Decodes into a buffer of this file's, until the next call. */
static struct text
decode(const struct text *value)
{
	static char buffer[SHOWN_OCTETS_MAX + 1];
	struct text text;

	text_init(&text, buffer, sizeof buffer);
	header_text_decode(&text, value->start, value->length);
	return text;
}

void
show_header(const struct header_fields *fields)
{
	size_t i;

	for (i = 0; i < SHOWN_COUNT; i++) {
		struct text text = decode(&fields->values[shown[i].field]);

		if (text.length == 0)
			continue;
		printf("%s: ", shown[i].name);
		print_visible(stdout, text.start, text.length);
		putchar('\n');
	}
}

void
show_json(const char *name, const char *value, size_t length)
{
	printf(",\"%s\":", name);
	json_print_string(stdout, value, length);
}

void
show_json_header(const struct header_fields *fields)
{
	char buffer[64];
	struct mail_date date;
	struct text text;
	size_t i;

	for (i = 0; i < SHOWN_COUNT; i++) {
		const struct text *value = &fields->values[shown[i].field];

		text_init(&text, buffer, sizeof buffer);
		if (shown[i].field == FIELD_DATE &&
		    mail_date_parse(&date, value->start))
			mail_date_add_iso(&text, &date);
		else
			text = decode(value);
		show_json(shown[i].member, text.start, text.length);
	}
}
