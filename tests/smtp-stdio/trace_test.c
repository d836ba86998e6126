/*
 * Trace lines: dates in many time zones, and the Return-Path: and Received:
 * lines with everything that can stand in them.
 */
#include "smtp-stdio/trace.h"

#include <locale.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/check.h"

/* Zones as POSIX writes them (west is positive), so that no file is needed. */
static const struct {
	const char *zone;
	int64_t seconds;
	const char *date;
} dates[] = {
	{ "UTC0", 0, "Thu, 1 Jan 1970 00:00:00 +0000" },
	{ "UTC0", 951782399, "Mon, 28 Feb 2000 23:59:59 +0000" },
	{ "UTC0", 951782400, "Tue, 29 Feb 2000 00:00:00 +0000" },
	{ "UTC0", 1078012800, "Sun, 29 Feb 2004 00:00:00 +0000" },
	{ "UTC0", 1234567890, "Fri, 13 Feb 2009 23:31:30 +0000" },
	{ "UTC0", 1609459199, "Thu, 31 Dec 2020 23:59:59 +0000" },
	{ "UTC0", 1609459200, "Fri, 1 Jan 2021 00:00:00 +0000" },
	{ "UTC0", 2147483648, "Tue, 19 Jan 2038 03:14:08 +0000" },
	{ "UTC0", 4102444800, "Fri, 1 Jan 2100 00:00:00 +0000" },

	{ "CET-1", 1700000000, "Tue, 14 Nov 2023 23:13:20 +0100" },
	{ "EST5", 1700000000, "Tue, 14 Nov 2023 17:13:20 -0500" },
	{ "IST-5:30", 1700000000, "Wed, 15 Nov 2023 03:43:20 +0530" },
	{ "NPT-5:45", 1700000000, "Wed, 15 Nov 2023 03:58:20 +0545" },
	{ "NST3:30", 1700000000, "Tue, 14 Nov 2023 18:43:20 -0330" },
	{ "MART9:30", 1700000000, "Tue, 14 Nov 2023 12:43:20 -0930" },
	{ "XXX0:30", 1700000000, "Tue, 14 Nov 2023 21:43:20 -0030" },
	{ "XXX-0:15", 1700000000, "Tue, 14 Nov 2023 22:28:20 +0015" },
	{ "LINT-14", 1700000000, "Wed, 15 Nov 2023 12:13:20 +1400" },
	{ "AOE12", 1700000000, "Tue, 14 Nov 2023 10:13:20 -1200" },
	{ "CHAST-12:45", 1700000000, "Wed, 15 Nov 2023 10:58:20 +1245" },

	/* the day, the month and the year are others here than there */
	{ "LINT-14", 1704020400, "Mon, 1 Jan 2024 01:00:00 +1400" },
	{ "AOE12", 1704103200, "Sun, 31 Dec 2023 22:00:00 -1200" },
	{ "CET-1", 1704065400, "Mon, 1 Jan 2024 00:30:00 +0100" },
	{ "EST5", 1704083400, "Sun, 31 Dec 2023 23:30:00 -0500" },
	{ "LINT-14", 1709200800, "Fri, 1 Mar 2024 00:00:00 +1400" },

	/* summer and winter, and the hours in between */
	{ "CET-1CEST,M3.5.0,M10.5.0/3", 1711846799,
	  "Sun, 31 Mar 2024 01:59:59 +0100" },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", 1711846800,
	  "Sun, 31 Mar 2024 03:00:00 +0200" },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", 1729990799,
	  "Sun, 27 Oct 2024 02:59:59 +0200" },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", 1729990800,
	  "Sun, 27 Oct 2024 02:00:00 +0100" },
	{ "EST5EDT,M3.2.0,M11.1.0", 1720000000,
	  "Wed, 3 Jul 2024 05:46:40 -0400" },
};

/* By a process of its own: local time is found out about once. */
static bool
is_written(const char *zone, int64_t seconds, const char *date)
{
	char buffer[64];
	struct text text;
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		(void)setenv("TZ", zone, 1);
		text_init(&text, buffer, sizeof buffer);
		date_write(&text, seconds);
		_exit(strcmp(buffer, date) == 0 ? 0 : 1);
	}
	return child != -1 && waitpid(child, &status, 0) == child &&
	    status == 0;
}

static void
test_dates(void)
{
	size_t i;

	for (i = 0; i < COUNT(dates); i++)
		CHECK(is_written(dates[i].zone, dates[i].seconds,
		    dates[i].date), "TZ=%s: %s",
		    dates[i].zone, dates[i].date); /* smtp-5321-4.4-d */
}

/* Every month and day of the week has its English name. */
static void
test_names(void)
{
	static const char *const firsts[] = {
		"Mon, 1 Jan", "Thu, 1 Feb", "Fri, 1 Mar", "Mon, 1 Apr",
		"Wed, 1 May", "Sat, 1 Jun", "Mon, 1 Jul", "Thu, 1 Aug",
		"Sun, 1 Sep", "Tue, 1 Oct", "Fri, 1 Nov", "Sun, 1 Dec"
	};
	static const int before[] = {
		0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335
	};
	char buffer[64];
	struct text text;
	bool right = true;
	size_t i;

	(void)setlocale(LC_ALL, "de_DE.UTF-8");
	for (i = 0; i < COUNT(firsts); i++) {
		text_init(&text, buffer, sizeof buffer);
		date_write(&text, 1704067200 + (int64_t)before[i] * 86400);
		right &= strncmp(buffer, firsts[i], strlen(firsts[i])) == 0 &&
		    strcmp(buffer + strlen(firsts[i]), " 2024 00:00:00 +0000") == 0;
	}
	CHECK(right, "months and days have their English names, whatever the "
	    "locale"); /* smtp-5321-4.4-d */
}

static const struct peer ipv4 = { PEER_IPV4, "192.0.2.1", "25" };
static const struct peer ipv6 = { PEER_IPV6, "2001:db8::1", "" };
static const struct peer nobody = { PEER_UNKNOWN, "unknown", "" };

#define ID "0f3a1badc0ffee"
#define DATE ";\n\tTue, 14 Nov 2023 22:13:20 +0000\n"

static const struct {
	const char *name;
	const char *reverse_path, *forward_path, *client_name;
	const struct peer *peer;
	const char *protocol;
	const char *lines;
} traces[] = {
	{ "one recipient", "alice@example.org", "bob@example.com",
	  "client.example.org", &ipv4, "ESMTP",
	  "Return-Path: <alice@example.org>\n"
	  "Received: from client.example.org (unknown [192.0.2.1])\n"
	  "\tby mx.example.com with ESMTP id " ID "\n"
	  "\tfor <bob@example.com>" DATE },
	{ "several recipients", "alice@example.org", NULL, "x", &ipv4, "SMTP",
	  "Return-Path: <alice@example.org>\n"
	  "Received: from x (unknown [192.0.2.1])\n"
	  "\tby mx.example.com with SMTP id " ID DATE },
	{ "the null reverse-path", "", "bob@example.com", "x", &ipv4, "ESMTP",
	  "Return-Path: <>\nReceived: from x (unknown [192.0.2.1])\n"
	  "\tby mx.example.com with ESMTP id " ID "\n"
	  "\tfor <bob@example.com>" DATE },
	{ "an IPv6 peer", "a@b", NULL, "[IPv6:2001:db8::1]", &ipv6, "ESMTP",
	  "Return-Path: <a@b>\n"
	  "Received: from [IPv6:2001:db8::1] ([IPv6:2001:db8::1])\n"
	  "\tby mx.example.com with ESMTP id " ID DATE },
	{ "an unknown peer", "a@b", NULL, "x", &nobody, "ESMTP",
	  "Return-Path: <a@b>\nReceived: from x (unknown)\n"
	  "\tby mx.example.com with ESMTP id " ID DATE },
	{ "quoted names, as they were sent", "\"a b\"@c", "\"d>e\"@f", "x", &ipv4,
	  "ESMTP", "Return-Path: <\"a b\"@c>\n"
	  "Received: from x (unknown [192.0.2.1])\n"
	  "\tby mx.example.com with ESMTP id " ID "\n"
	  "\tfor <\"d>e\"@f>" DATE },
	{ "a client's name with parentheses", "a@b", NULL,
	  "x(unknown[1.2.3.4])", &ipv4, "ESMTP",
	  "Return-Path: <a@b>\n"
	  "Received: from x?unknown[1.2.3.4]? (unknown [192.0.2.1])\n"
	  "\tby mx.example.com with ESMTP id " ID DATE },
	{ "a client's name with what a header uses", "a@b", NULL,
	  "a;b,c<d>e\"f\\g", &ipv4, "ESMTP",
	  "Return-Path: <a@b>\n"
	  "Received: from a?b?c?d?e?f?g (unknown [192.0.2.1])\n"
	  "\tby mx.example.com with ESMTP id " ID DATE },
	{ "a client's name with a line end", "a@b", NULL,
	  "x\r\nX-Header:\ty", &ipv4, "ESMTP",
	  "Return-Path: <a@b>\n"
	  "Received: from x??X-Header:?y (unknown [192.0.2.1])\n"
	  "\tby mx.example.com with ESMTP id " ID DATE },
	{ "a client's name that is not ASCII", "a@b", NULL,
	  "b\xc3\xbc" "cher\x7f", &ipv4, "ESMTP",
	  "Return-Path: <a@b>\n"
	  "Received: from b??cher? (unknown [192.0.2.1])\n"
	  "\tby mx.example.com with ESMTP id " ID DATE },
	{ "a client's name with an underscore and a colon", "a@b", NULL,
	  "my_host:25", &ipv4, "ESMTP",
	  "Return-Path: <a@b>\n"
	  "Received: from my_host:25 (unknown [192.0.2.1])\n"
	  "\tby mx.example.com with ESMTP id " ID DATE },
};

static void
test_traces(void)
{
	char buffer[TRACE_SIZE];
	struct text text;
	size_t i;

	for (i = 0; i < COUNT(traces); i++) {
		struct trace trace = {
			traces[i].reverse_path, traces[i].forward_path,
			traces[i].client_name, traces[i].peer,
			"mx.example.com", traces[i].protocol, ID, 1700000000
		};

		text_init(&text, buffer, sizeof buffer);
		trace_write(&trace, &text);
		CHECK(strcmp(buffer, traces[i].lines) == 0 && !text.cut,
		    "trace lines: %s",
		    traces[i].name); /* smtp-5321-4.4-a smtp-5321-4.4-b */
	}
}

/* The longest of everything. */
static void
test_room(void)
{
	static const struct peer peer = {
		PEER_IPV6, "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "65535"
	};
	char path[257], name[256], buffer[TRACE_SIZE];
	struct trace trace = {
		path, path, name, &peer, name, "UTF8LMTPSA",
		"0123456789abcdef01234567", 4102444800
	};
	struct text text;

	memset(path, 'p', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	text_init(&text, buffer, sizeof buffer);
	trace_write(&trace, &text);
	CHECK(!text.cut && buffer[text.length - 1] == '\n',
	    "there is room for the longest trace lines");
	CHECK(strstr(buffer, " with UTF8LMTPSA id 0123") != NULL,
	    "and all of it stands there");
}

int
main(void)
{
	test_dates();
	(void)setenv("TZ", "UTC0", 1);
	test_names();
	test_traces();
	test_room();
	return check_end();
}
