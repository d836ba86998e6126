/* The calendar; see calendar.h. */
#include "store/calendar.h"

const char calendar_days[] = "SunMonTueWedThuFriSat";
const char calendar_months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* Years are counted from March on: so a leap day is the last of one. */
int64_t
calendar_days_until(int year, int month, int day)
{
	static const int days_to_1970 = 719469;         /* from March of year 0 */
	int64_t years = month < 3 ? year - 1 : year;
	int months = month < 3 ? month + 9 : month - 3;

	return years * 365 + years / 4 - years / 100 + years / 400 +
	    (months * 153 + 2) / 5 + day - days_to_1970;
}

int
calendar_weekday(int64_t days)
{
	return (int)(days % 7 + 11) % 7;        /* 1970 began on a Thursday */
}

void
calendar_date(struct tm *date, int64_t seconds)
{
	int64_t days = seconds / 86400 - (seconds % 86400 < 0);
	int of_day = (int)(seconds - days * 86400);
	int year = 1970 + (int)(days / 366), month = 1;

	while (days < calendar_days_until(year, 1, 1))
		year--;
	while (days >= calendar_days_until(year, 13, 1))
		year++;
	while (days >= calendar_days_until(year, month + 1, 1))
		month++;
	*date = (struct tm){
		.tm_year = year - 1900, .tm_mon = month - 1,
		.tm_mday = (int)(days - calendar_days_until(year, month, 1)) + 1,
		.tm_wday = calendar_weekday(days), .tm_hour = of_day / 3600,
		.tm_min = of_day / 60 % 60, .tm_sec = of_day % 60
	};
}

void
calendar_add_day(struct text *text, const struct tm *date)
{
	text_add_octets(text, calendar_days + 3 * date->tm_wday, 3);
}

void
calendar_add_month(struct text *text, const struct tm *date)
{
	text_add_octets(text, calendar_months + 3 * date->tm_mon, 3);
}

void
calendar_add_time(struct text *text, const struct tm *date)
{
	text_add_two_digits(text, (unsigned)date->tm_hour);
	text_add_octet(text, ':');
	text_add_two_digits(text, (unsigned)date->tm_min);
	text_add_octet(text, ':');
	text_add_two_digits(text, (unsigned)date->tm_sec);
}
