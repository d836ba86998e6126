/* Rules for local time; see zone_rule.h. */
#include "stdio/zone_rule.h"

#include <string.h>

#include "store/calendar.h"

#define HOUR 3600

/* A number from least to most. */
static bool
take_number(const char **at, unsigned least, unsigned most, unsigned *number)
{
	const char *start = *at;

	*number = 0;
	while (**at >= '0' && **at <= '9' && *number <= most)
		*number = *number * 10 + (unsigned)(*(*at)++ - '0');
	return *at > start && *number >= least && *number <= most;
}

static bool
take_octet(const char **at, char octet)
{
	if (**at != octet)
		return false;
	(*at)++;
	return true;
}

/* Letters, at least three of them, or anything in angle brackets. */
static bool
take_name(const char **at)
{
	size_t length = strcspn(*at, ">");

	if (**at == '<') {
		*at += length;
		return take_octet(at, '>');
	}
	length = strspn(*at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz");
	*at += length;
	return length >= 3;
}

/* [ "+" / "-" ] hours [ ":" minutes [ ":" seconds ] ] */
static bool
take_time(const char **at, int32_t *time)
{
	bool is_negative = take_octet(at, '-');
	unsigned hours, minutes = 0, seconds = 0;

	if (!is_negative)
		(void)take_octet(at, '+');
	if (!take_number(at, 0, 167, &hours))
		return false;
	if (take_octet(at, ':') && (!take_number(at, 0, 59, &minutes) ||
	    (take_octet(at, ':') && !take_number(at, 0, 59, &seconds))))
		return false;
	*time = (int32_t)(hours * HOUR + minutes * 60 + seconds);
	if (is_negative)
		*time = -*time;
	return true;
}

/* "," ( "J" day / day / "M" month "." week "." day ) [ "/" time ] */
static bool
take_change(const char **at, struct zone_change *change)
{
	bool taken;

	change->month = change->week = 0;
	change->seconds = 2 * HOUR;
	if (!take_octet(at, ','))
		return false;
	if (take_octet(at, 'M')) {
		change->kind = BY_WEEKDAY;
		taken = take_number(at, 1, 12, &change->month) &&
		    take_octet(at, '.') &&
		    take_number(at, 1, 5, &change->week) &&
		    take_octet(at, '.') && take_number(at, 0, 6, &change->day);
	} else if (take_octet(at, 'J')) {
		change->kind = BY_DAY_WITHOUT_LEAP;
		taken = take_number(at, 1, 365, &change->day);
	} else {
		change->kind = BY_DAY;
		taken = take_number(at, 0, 365, &change->day);
	}
	return taken &&
	    (!take_octet(at, '/') || take_time(at, &change->seconds));
}

bool
zone_rule_parse(struct zone_rule *rule, const char *text)
{
	/* Where summer time is said to be, but not when. */
	const char *at = text, *changes = ",M3.2.0,M11.1.0";

	if (!take_name(&at) || !take_time(&at, &rule->standard))
		return false;
	rule->standard = -rule->standard;       /* it is said the other way round */
	rule->has_summer = *at != '\0';
	if (!rule->has_summer)
		return true;
	if (!take_name(&at))
		return false;
	rule->summer = rule->standard + HOUR;
	if (*at != ',' && *at != '\0') {
		if (!take_time(&at, &rule->summer))
			return false;
		rule->summer = -rule->summer;
	}
	if (*at != '\0')
		changes = at;
	return take_change(&changes, &rule->begins) &&
	    take_change(&changes, &rule->ends) && *changes == '\0';
}

/* Seconds from 1970 until a change of a year, both by the clock until then. */
static int64_t
find_change(const struct zone_change *change, int year)
{
	int64_t day = calendar_days_until(year, 1, 1);
	int64_t first, next;

	switch (change->kind) {
	case BY_DAY:
		day += change->day;
		break;
	case BY_DAY_WITHOUT_LEAP:
		day += change->day - 1;
		if (day >= calendar_days_until(year, 2, 29))
			day += calendar_days_until(year, 3, 1) -
			    calendar_days_until(year, 2, 29);
		break;
	case BY_WEEKDAY:
		first = calendar_days_until(year, (int)change->month, 1);
		next = calendar_days_until(year, (int)change->month + 1, 1);
		day = first + (int)(change->day + 7U -
		    (unsigned)calendar_weekday(first)) % 7 +
		    7 * (int)(change->week - 1);
		while (day >= next)
			day -= 7;
		break;
	}
	return day * 24 * HOUR + change->seconds;
}

int32_t
zone_rule_offset(const struct zone_rule *rule, int64_t seconds)
{
	int64_t begins, ends;
	struct tm date;
	bool is_summer;

	if (!rule->has_summer)
		return rule->standard;
	calendar_date(&date, seconds + rule->standard);
	begins = find_change(&rule->begins, date.tm_year + 1900) -
	    rule->standard;
	ends = find_change(&rule->ends, date.tm_year + 1900) - rule->summer;
	if (begins < ends)
		is_summer = seconds >= begins && seconds < ends;
	else
		is_summer = seconds >= begins || seconds < ends;
	return is_summer ? rule->summer : rule->standard;
}
