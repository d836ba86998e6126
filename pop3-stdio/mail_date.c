/* Dates; see mail_date.h. */
#include "pop3-stdio/mail_date.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "store/calendar.h"

/* Skips blanks, and comments, which may be nested (RFC 5322 section 3.2.2). */
static const char *
skip(const char *at)
{
	unsigned depth = 0;

	for (; *at != '\0'; at++) {
		if (*at == '(')
			depth++;
		else if (*at == ')' && depth > 0)
			depth--;
		else if (*at == '\\' && depth > 0 && at[1] != '\0')
			at++;
		else if (depth == 0 && *at != ' ' && *at != '\t')
			break;
	}
	return at;
}

/* Takes a number of least to most digits. */
static bool
take_number(const char **at, size_t least, size_t most, int *number,
    size_t *digits)
{
	*at = skip(*at);
	*number = 0;
	for (*digits = 0; *digits < most && **at >= '0' && **at <= '9';
	    ++*digits)
		*number = *number * 10 + *(*at)++ - '0';
	return *digits >= least && !(**at >= '0' && **at <= '9');
}

static bool
take_octet(const char **at, char octet)
{
	const char *behind = skip(*at);

	if (*behind != octet)
		return false;
	*at = behind + 1;
	return true;
}

/* month = "Jan" / "Feb" ... */
static bool
take_month(const char **at, int *month)
{
	*at = skip(*at);
	for (*month = 1; *month <= 12; ++*month)
		if (strncasecmp(*at, calendar_months + (*month - 1) * 3, 3) == 0) {
			while ((**at | 0x20) >= 'a' && (**at | 0x20) <= 'z')
				++*at;
			return true;
		}
	return false;
}

/* year: of two or three digits in old messages (RFC 5322 section 4.3). */
static bool
take_year(const char **at, int *year)
{
	size_t digits;

	if (!take_number(at, 2, 4, year, &digits))
		return false;
	if (digits == 2)
		*year += *year < 50 ? 2000 : 1900;
	else if (digits == 3)
		*year += 1900;
	return true;
}

/* zone = ("+" / "-") 4DIGIT, or a name; one that says nothing is UTC. */
static bool
take_zone(const char **at, int *offset)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = {
		{ "EST", -5 }, { "EDT", -4 }, { "CST", -6 }, { "CDT", -5 },
		{ "MST", -7 }, { "MDT", -6 }, { "PST", -8 }, { "PDT", -7 }
	};
	size_t digits, i;
	char sign;

	*at = skip(*at);
	sign = **at;
	*offset = 0;
	if (sign == '+' || sign == '-') {
		++*at;
		if (!take_number(at, 4, 4, offset, &digits) ||
		    *offset % 100 > 59)
			return false;
		*offset = *offset / 100 * 60 + *offset % 100;
		if (sign == '-')
			*offset = -*offset;
		return true;
	}
	for (i = 0; i < sizeof zones / sizeof zones[0]; i++)
		if (strncasecmp(*at, zones[i].name, 3) == 0)
			*offset = zones[i].hours * 60;
	return true;
}

/* Days from 1 January 1970 to a day of the Gregorian calendar. */
static int64_t
days_to(const struct mail_date *date)
{
	/* counted from 1 March, so that a leap day is the last one */
	int64_t year = date->month > 2 ? date->year : date->year - 1;
	int64_t month = (date->month + 9) % 12;

	return year * 365 + year / 4 - year / 100 + year / 400 +
	    (month * 306 + 5) / 10 + date->day - 1 - 719468;
}

/* date-time = [ day-of-week "," ] date time, RFC 5322 section 3.3. */
bool
mail_date_parse(struct mail_date *date, const char *value)
{
	const char *at = skip(value), *comma;
	size_t digits;

	memset(date, 0, sizeof *date);
	comma = strchr(at, ',');
	if (comma != NULL && !(*at >= '0' && *at <= '9'))
		at = comma + 1;
	if (!take_number(&at, 1, 2, &date->day, &digits) ||
	    !take_month(&at, &date->month) || !take_year(&at, &date->year) ||
	    !take_number(&at, 1, 2, &date->hour, &digits) ||
	    !take_octet(&at, ':') ||
	    !take_number(&at, 2, 2, &date->minute, &digits))
		return false;
	if (take_octet(&at, ':') &&
	    !take_number(&at, 2, 2, &date->second, &digits))
		return false;
	if (!take_zone(&at, &date->offset) || date->day < 1 ||
	    date->day > 31 || date->year < 1900 || date->hour > 23 ||
	    date->minute > 59 || date->second > 60)
		return false;
	date->seconds = ((days_to(date) * 24 + date->hour) * 60 +
	    date->minute - date->offset) * 60 + date->second;
	return true;
}

static void
add_day(struct text *text, int year, int month, int day)
{
	text_add_number(text, (uint64_t)year);
	text_add_octet(text, '-');
	text_add_two_digits(text, (unsigned)month);
	text_add_octet(text, '-');
	text_add_two_digits(text, (unsigned)day);
}

static void
add_pair(struct text *text, int first, int second)
{
	text_add_two_digits(text, (unsigned)first);
	text_add_octet(text, ':');
	text_add_two_digits(text, (unsigned)second);
}

void
mail_date_add_iso(struct text *text, const struct mail_date *date)
{
	int offset = date->offset < 0 ? -date->offset : date->offset;

	add_day(text, date->year, date->month, date->day);
	text_add_octet(text, 'T');
	add_pair(text, date->hour, date->minute);
	text_add_octet(text, ':');
	text_add_two_digits(text, (unsigned)date->second);
	text_add_octet(text, date->offset < 0 ? '-' : '+');
	add_pair(text, offset / 60, offset % 60);
}

void
mail_date_add_local(struct text *text, const struct mail_date *date)
{
	time_t seconds = (time_t)date->seconds;
	struct tm local;

	if (localtime_r(&seconds, &local) == NULL) {
		mail_date_add_iso(text, date);
		return;
	}
	add_day(text, local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
	text_add_octet(text, ' ');
	add_pair(text, local.tm_hour, local.tm_min);
}
