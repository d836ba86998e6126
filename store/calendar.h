/* The Gregorian calendar, and its words in RFC 5322 and mbox files. */
#ifndef STORE_CALENDAR_H
#define STORE_CALENDAR_H

#include <stdint.h>
#include <time.h>

#include "store/text.h"

/* Three letters each, one behind the other: of Sunday, of January first. */
extern const char calendar_days[];
extern const char calendar_months[];

/* Days from 1970 until that day; month 13 is the next year's first. */
int64_t calendar_days_until(int year, int month, int day);

/* What day of the week that many days after 1970 began is; Sunday is 0. */
int calendar_weekday(int64_t days);

/*
 * The date and the time that many seconds after 1970 began: gmtime_r(3), but
 * for the day of the year.
 */
void calendar_date(struct tm *date, int64_t seconds);

/* Appends the three letters of the day of the week, of the month. */
void calendar_add_day(struct text *text, const struct tm *date);
void calendar_add_month(struct text *text, const struct tm *date);

/* Appends HH:MM:SS. */
void calendar_add_time(struct text *text, const struct tm *date);

#endif
