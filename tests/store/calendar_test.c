/* The calendar: dates on both sides of 1970, of leap days and of years' ends. */
#include "store/calendar.h"

#include "tests/lib/check.h"

static const struct {
	int64_t seconds;
	const char *date;       /* day, month, year, time */
} cases[] = {
	{ 0, "Thu 1 Jan 1970 00:00:00" },
	{ 86399, "Thu 1 Jan 1970 23:59:59" },
	{ -1, "Wed 31 Dec 1969 23:59:59" },
	{ -86400, "Wed 31 Dec 1969 00:00:00" },
	{ -86401, "Tue 30 Dec 1969 23:59:59" },
	{ -31536001, "Tue 31 Dec 1968 23:59:59" },
	{ 68169600, "Tue 29 Feb 1972 00:00:00" },
	{ 94694399, "Sun 31 Dec 1972 23:59:59" },
	{ 951782399, "Mon 28 Feb 2000 23:59:59" },
	{ 951782400, "Tue 29 Feb 2000 00:00:00" },
	{ 951868800, "Wed 1 Mar 2000 00:00:00" },
	{ 1234567890, "Fri 13 Feb 2009 23:31:30" },
	{ 4107542399, "Sun 28 Feb 2100 23:59:59" },
	{ 4107542400, "Mon 1 Mar 2100 00:00:00" },
};

int
main(void)
{
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		char buffer[64];
		struct text text;
		struct tm date;

		calendar_date(&date, cases[i].seconds);
		text_init(&text, buffer, sizeof buffer);
		calendar_add_day(&text, &date);
		text_add(&text, " ");
		text_add_number(&text, (uint64_t)date.tm_mday);
		text_add(&text, " ");
		calendar_add_month(&text, &date);
		text_add(&text, " ");
		text_add_number(&text, (uint64_t)date.tm_year + 1900);
		text_add(&text, " ");
		calendar_add_time(&text, &date);
		CHECK(strcmp(buffer, cases[i].date) == 0, "%s",
		    cases[i].date);
	}
	return check_end();
}
