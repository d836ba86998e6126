/* The Date of a message (RFC 5322 section 3.3, and 4.3 for old ones). */
#ifndef POP3_STDIO_MAIL_DATE_H
#define POP3_STDIO_MAIL_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/text.h"

struct mail_date {
	int year, month, day;   /* as it was written, month from 1 on */
	int hour, minute, second;
	int offset;             /* minutes east of UTC */
	int64_t seconds;        /* since 1970 */
};

/* Reads the value of an unfolded Date field; false where it is no date. */
bool mail_date_parse(struct mail_date *date, const char *value);

/* Appends it as ISO 8601 has it: 2026-11-21T09:30:00+01:00. */
void mail_date_add_iso(struct text *text, const struct mail_date *date);

/* Appends it in local time, for people: 2026-11-21 09:30. */
void mail_date_add_local(struct text *text, const struct mail_date *date);

#endif
