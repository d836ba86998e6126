/* The words of dates, as RFC 5322 and mbox files have them. */
#ifndef STORE_CALENDAR_H
#define STORE_CALENDAR_H

#include <time.h>

#include "store/text.h"

/* Three letters each, one behind the other: of Sunday, of January first. */
extern const char calendar_days[];
extern const char calendar_months[];

/* Appends the three letters of the day of the week, of the month. */
void calendar_add_day(struct text *text, const struct tm *date);
void calendar_add_month(struct text *text, const struct tm *date);

/* Appends HH:MM:SS. */
void calendar_add_time(struct text *text, const struct tm *date);

#endif
