/* Dates of messages, and of those that nobody writes any more. */
#include "pop3-stdio/mail_date.h"

#include <stdlib.h>
#include <time.h>

#include "tests/lib/check.h"

static const struct {
	const char *value;
	int64_t seconds;
	const char *iso;
} dates[] = {
	{ "Thu, 1 Jan 1970 00:00:00 +0000", 0, "1970-01-01T00:00:00+00:00" },
	{ "Wed, 21 Jan 2026 10:00:00 +0100", 1768986000,
	    "2026-01-21T10:00:00+01:00" },
	{ "21 Jan 2026 10:00 +0100", 1768986000,
	    "2026-01-21T10:00:00+01:00" },
	{ "Wed, 21 Jan 2026 04:00:00 -0500 (EST)", 1768986000,
	    "2026-01-21T04:00:00-05:00" },
	{ "Wed, 21 Jan 26 09:00:00 GMT", 1768986000,
	    "2026-01-21T09:00:00+00:00" },
	{ "Wed, 21 Jan 2026 04:00:00 EST", 1768986000,
	    "2026-01-21T04:00:00-05:00" },
	{ "Wed,21 January 2026 09:00:00", 1768986000,
	    "2026-01-21T09:00:00+00:00" },
	{ " Wed (a (nested) day), 21 Jan (or so) 2026 09 : 00:00 +0000",
	    1768986000, "2026-01-21T09:00:00+00:00" },
	{ "Tue, 29 Feb 2000 23:59:60 +0000", 951868800,
	    "2000-02-29T23:59:60+00:00" },
	{ "Fri, 1 Mar 2024 00:00:00 +0530", 1709231400,
	    "2024-03-01T00:00:00+05:30" },
	{ "Fri, 31 Dec 99 23:59:59 PST", 946713599,
	    "1999-12-31T23:59:59-08:00" },
	{ "Mon, 18 Jan 2038 22:14:08 -0500", 2147483648,
	    "2038-01-18T22:14:08-05:00" },
};

static const char *const wrong[] = {
	"", "yesterday", "Wed, 21 Foo 2026 10:00:00 +0000",
	"Wed, 32 Jan 2026 10:00:00 +0000", "Wed, 0 Jan 2026 10:00:00 +0000",
	"Wed, 21 Jan 2026 24:00:00 +0000", "Wed, 21 Jan 2026 10:60:00 +0000",
	"Wed, 21 Jan 2026", "Wed, 21 Jan 2026 10", "Wed, Jan 21 2026 10:00",
	"Wed, 21 Jan 2026 10:00:00 +01", "21 Jan 20260 10:00:00 +0000",
	"999999999999 Jan 2026 10:00:00 +0000", "(", "1 Jan 2026 10:00:0x",
	"Wed, 21 Jan 2026 10:00:00 +0099", ",", "21 Jan 1 10:00:00 +0000"
};

int
main(void)
{
	struct mail_date date;
	char buffer[64];
	struct text text;
	size_t i;

	for (i = 0; i < COUNT(dates); i++) {
		bool parsed = mail_date_parse(&date, dates[i].value);

		CHECK(parsed && date.seconds == dates[i].seconds, "%s: %lld",
		    dates[i].value, (long long)date.seconds);
		text_init(&text, buffer, sizeof buffer);
		mail_date_add_iso(&text, &date);
		CHECK(strcmp(text.start, dates[i].iso) == 0, "%s: %s",
		    dates[i].value, text.start);
	}
	for (i = 0; i < COUNT(wrong); i++)
		CHECK(!mail_date_parse(&date, wrong[i]), "no date: %s",
		    wrong[i]);
	must(setenv("TZ", "XXX-2", 1) == 0, "setenv");
	tzset();
	must(mail_date_parse(&date, dates[1].value), "a date");
	text_init(&text, buffer, sizeof buffer);
	mail_date_add_local(&text, &date);
	CHECK(strcmp(text.start, "2026-01-21 11:00") == 0,
	    "in local time: %s", text.start);
	return check_end();
}
