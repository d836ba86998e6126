/* mbox files; see mbox.h. */
#include "store/mbox.h"

#include <string.h>
#include <time.h>

#include "store/calendar.h"

static const char from[] = "From ";
#define FROM_OCTETS (sizeof from - 1)

/* The last second of the year 9999: dates have four digits for it. */
#define SECONDS_MAX 253402300799

void
mbox_reader_init(struct mbox_reader *reader)
{
	memset(reader, 0, sizeof *reader);
	reader->state = MBOX_LINE_START;
}

/* Writes what was held, because it is text. */
static size_t
release(struct mbox_reader *reader, char *out)
{
	size_t length = reader->held_length;

	memcpy(out, reader->held, length);
	reader->held_length = 0;
	return length;
}

static void
begin_line(struct mbox_reader *reader)
{
	reader->state = MBOX_LINE_START;
	reader->matched = 0;
	reader->is_quoted = false;
}

/* "From " is read: behind a ">", which is a quote, or else it separates. */
static size_t
end_match(struct mbox_reader *reader, char *out)
{
	if (reader->is_quoted) {
		reader->state = MBOX_LINE;
		reader->held_length = 0;
		memcpy(out, from, FROM_OCTETS);
		return FROM_OCTETS;
	}
	reader->state = MBOX_SEPARATOR;
	reader->is_begun = true;
	reader->held_length = 0;        /* the LF at the end of a message */
	text_init(&reader->line, reader->separator, sizeof reader->separator);
	text_add(&reader->line, from);
	return 0;
}

/*
 * Takes one octet where a line begins.  What is held is the LF before it, or
 * the last ">" of several, then a part of "From ".
 */
static size_t
take_at_start(struct mbox_reader *reader, char octet, char *out)
{
	size_t used = 0;

	if (octet == '>' && reader->matched == 0) {
		used = release(reader, out);
		reader->is_quoted = true;
		reader->held[reader->held_length++] = octet;
	} else if (octet == from[reader->matched]) {
		reader->held[reader->held_length++] = octet;
		if (++reader->matched == FROM_OCTETS)
			used = end_match(reader, out);
	} else {
		used = release(reader, out);
		if (octet == '\n') {
			begin_line(reader);
			reader->held[reader->held_length++] = octet;
		} else {
			reader->state = MBOX_LINE;
			out[used++] = octet;
		}
	}
	return used;
}

/* Takes the rest of a line, or as much as there is; returns how much. */
static size_t
take_line(struct mbox_reader *reader, const char *octets, size_t length,
    char *out)
{
	const char *end = memchr(octets, '\n', length);
	size_t taken = end == NULL ? length : (size_t)(end - octets);

	memcpy(out, octets, taken);
	if (end != NULL) {
		begin_line(reader);
		reader->held[reader->held_length++] = '\n';
	}
	return taken;
}

enum mbox_event
mbox_take(struct mbox_reader *reader, const char *octets, size_t length,
    size_t *taken, char *out, size_t *used)
{
	size_t i = 0;

	*used = 0;
	while (i < length) {
		switch (reader->state) {
		case MBOX_LINE_START:
			*used += take_at_start(reader, octets[i++],
			    out + *used);
			if (!reader->is_begun && (*used > 0 ||
			    reader->matched != reader->held_length))
				return MBOX_MALFORMED;
			break;
		case MBOX_LINE: {
			size_t rest = take_line(reader, octets + i,
			    length - i, out + *used);

			*used += rest;
			i += rest + (reader->state == MBOX_LINE_START);
			break;
		}
		case MBOX_SEPARATOR:
			if (octets[i++] != '\n') {
				text_add_octet(&reader->line, octets[i - 1]);
				break;
			}
			begin_line(reader);
			*taken = i;
			return MBOX_BEGINS;
		}
	}
	*taken = i;
	return MBOX_MORE;
}

static void
skip_blanks(const char **at)
{
	*at += strspn(*at, " ");
}

/* Takes one of some names of three letters; its place among them. */
static bool
take_name(const char **at, const char *names, unsigned *place)
{
	size_t i;

	for (i = 0; names[i] != '\0'; i += 3) {
		if (strncmp(*at, names + i, 3) == 0 && (*at)[3] == ' ') {
			*place = (unsigned)(i / 3);
			*at += 3;
			skip_blanks(at);
			return true;
		}
	}
	return false;
}

/* Takes a number of at most so many digits. */
static bool
take_number(const char **at, size_t digits_max, unsigned *number)
{
	size_t digits = strspn(*at, "0123456789");
	uint64_t value;

	if (digits > digits_max || !text_to_number(*at, digits, &value))
		return false;
	*number = (unsigned)value;
	*at += digits;
	return true;
}

/* hour ":" minute [ ":" second ] */
static bool
take_time(const char **at, int64_t *seconds)
{
	unsigned hour, minute, second = 0;

	if (!take_number(at, 2, &hour) || *(*at)++ != ':' ||
	    !take_number(at, 2, &minute))
		return false;
	if (**at == ':') {
		++*at;
		if (!take_number(at, 2, &second))
			return false;
	}
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	*seconds = ((int64_t)hour * 60 + minute) * 60 + second;
	return true;
}

/*
 * Takes a zone where there is one: ( "+" / "-" ) 4DIGIT, or letters, which
 * count as UTC; *seconds is how far it is east of that.
 */
static void
take_zone(const char **at, int64_t *seconds)
{
	const char *zone = *at;
	unsigned number;

	if (*zone == '+' || *zone == '-') {
		const char *digits = zone + 1;

		if (strspn(digits, "0123456789") != 4 ||
		    !take_number(&digits, 4, &number))
			return;
		*seconds = (int64_t)(number / 100 * 60 + number % 100) * 60;
		if (*zone == '-')
			*seconds = -*seconds;
		*at = digits;
	} else
		while (**at >= 'A' && **at <= 'Z')
			++*at;
	skip_blanks(at);
}

/* Days from 1970 to a date of the Gregorian calendar; month from 0. */
static int64_t
count_days(unsigned year, unsigned month, unsigned day)
{
	static const unsigned before[] = {
		0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334
	};
	unsigned last = month < 2 ? year - 1 : year;    /* leap day behind */
	int64_t leap_days = (int64_t)(last / 4 - last / 100 + last / 400);

	return (int64_t)(year - 1970) * 365 + leap_days - 477 + before[month] +
	    day - 1;
}

/*
 * asctime = weekday month day time [ zone ] year [ zone ]
 */
static bool
read_date(const char *at, int64_t *seconds)
{
	unsigned weekday, month, day, year;
	int64_t time, zone = 0, total;

	if (!take_name(&at, calendar_days, &weekday) ||
	    !take_name(&at, calendar_months, &month) || !take_number(&at, 2, &day))
		return false;
	skip_blanks(&at);
	if (!take_time(&at, &time))
		return false;
	skip_blanks(&at);
	take_zone(&at, &zone);
	if (!take_number(&at, 4, &year) || year < 1970 || day < 1 || day > 31)
		return false;
	skip_blanks(&at);
	take_zone(&at, &zone);
	total = count_days(year, month, day) * 86400 + time - zone;
	if (total < 0 || total > SECONDS_MAX)
		return false;
	*seconds = total;
	return true;
}

bool
mbox_date(const char *line, int64_t *seconds)
{
	while ((line = strchr(line, ' ')) != NULL) {
		skip_blanks(&line);
		if (read_date(line, seconds))
			return true;
	}
	return false;
}

/* Quotes one octet where a line begins; a part of "From " waits. */
static size_t
quote_at_start(struct mbox_quoting *quoting, char octet, char *out)
{
	size_t used = quoting->matched;

	if (octet == from[used]) {
		if (++quoting->matched < FROM_OCTETS)
			return 0;
		out[0] = '>';
		memcpy(out + 1, from, FROM_OCTETS);
		used = 1 + FROM_OCTETS;
		quoting->in_line = true;
	} else {
		memcpy(out, from, used);
		quoting->in_line = octet != '\n' && (octet != '>' || used > 0);
		out[used++] = octet;
	}
	quoting->matched = 0;
	return used;
}

size_t
mbox_quote(struct mbox_quoting *quoting, const char *octets, size_t length,
    char *out)
{
	const char *at = octets, *end = octets + length;
	size_t used = 0;

	while (at < end) {
		const char *lf;

		if (!quoting->in_line) {
			used += quote_at_start(quoting, *at++, out + used);
			continue;
		}
		lf = memchr(at, '\n', (size_t)(end - at));
		if (lf != NULL)
			quoting->in_line = false;
		lf = lf == NULL ? end : lf + 1;
		memcpy(out + used, at, (size_t)(lf - at));
		used += (size_t)(lf - at);
		at = lf;
	}
	return used;
}

/* The value of the Return-Path field in the header; NULL: there is none. */
static const char *
find_return_path(const char *octets, size_t length, size_t *value_length)
{
	static const char name[] = "Return-Path:";
	const char *at = octets, *end = octets + length;

	while (at < end && *at != '\n' && *at != '\r') {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		const char *value = at + sizeof name - 1;

		if (lf == NULL)
			break;
		if (value <= lf && text_equal_folded(at, sizeof name - 1,
		    name, sizeof name - 1)) {
			*value_length = (size_t)(lf - value);
			return value;
		}
		at = lf + 1;
	}
	return NULL;
}

/* reverse-path, RFC 5321 section 4.1.2; blanks and controls become "-". */
static void
add_reverse_path(struct text *text, const char *octets, size_t length)
{
	const char *at = find_return_path(octets, length, &length), *end;

	if (at != NULL) {
		end = at + length;
		while (at < end && (*at == ' ' || *at == '\t' || *at == '<'))
			at++;
		while (end > at && strchr(" \t\r>", end[-1]) != NULL)
			end--;
		if (at < end && end - at < MBOX_SEPARATOR_SIZE / 2) {
			for (; at < end; at++)
				text_add_octet(text, *at == ' ' ||
				    text_is_control(*at) ? '-' : *at);
			return;
		}
	}
	text_add(text, "MAILER-DAEMON");
}

static void
add_date(struct text *text, uint64_t seconds)
{
	struct tm universal;
	time_t instant = (time_t)(seconds < SECONDS_MAX ? seconds :
	    SECONDS_MAX);

	if (gmtime_r(&instant, &universal) == NULL)
		memset(&universal, 0, sizeof universal);
	calendar_add_day(text, &universal);
	text_add_octet(text, ' ');
	calendar_add_month(text, &universal);
	text_add(text, universal.tm_mday < 10 ? "  " : " ");
	text_add_number(text, (uint64_t)universal.tm_mday);
	text_add_octet(text, ' ');
	calendar_add_time(text, &universal);
	text_add_octet(text, ' ');
	text_add_number(text, (uint64_t)universal.tm_year + 1900);
}

void
mbox_separator(struct text *text, const char *octets, size_t length,
    uint64_t seconds)
{
	text_add(text, from);
	add_reverse_path(text, octets, length);
	text_add_octet(text, ' ');
	add_date(text, seconds);
	text_add_octet(text, '\n');
}
