/* The words of dates; see calendar.h. */
#include "store/calendar.h"

const char calendar_days[] = "SunMonTueWedThuFriSat";
const char calendar_months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

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
