/* mbox files: what separates, what is quoted, dates, and the way back. */
#include "store/mbox.h"

#include "tests/lib/check.h"

#define TEXT_MAX 4096

static const struct {
	const char *name;
	const char *mbox;       /* each line ends in LF */
	const char *read;       /* "|" before each message; NULL: malformed */
} readings[] = {
	{ "nothing at all", "", "" },
	{ "one message", "From a d\nS: x\n\nbody\n\n", "|S: x\n\nbody\n" },
	{ "two", "From a\nx\n\nFrom b\ny\n\n", "|x\n|y\n" },
	{ "a last line without an end", "From a\nx\nFrom b\ny\n", "|x|y" },
	{ "empty ones", "From a\n\nFrom b\nFrom c\n\n", "|||" },
	{ "blank lines", "From a\n\n\n\nFrom b\n\n\n", "|\n\n|\n" },
	{ "a quoted line", "From a\n>From x\n\n", "|From x\n" },
	{ "a line quoted twice", "From a\n>>From x\n\n", "|>From x\n" },
	{ "quotes of other lines", "From a\n>Fro\n>\n>>F\n> From x\n\n",
	    "|>Fro\n>\n>>F\n> From x\n" },
	{ "almost a separator", "From a\nFro\nFrom\nFromage \nfrom \n\n",
	    "|Fro\nFrom\nFromage \nfrom \n" },
	{ "a separator of nothing", "From \nx\n\nFrom \n", "|x\n|" },
	{ "From in mid-line", "From a\nx From y\n>x From y\n\n",
	    "|x From y\n>x From y\n" },
	{ "a quote in mid-match", "From a\nFro>From \n\n", "|Fro>From \n" },
	{ "no separator first", "Subject: x\n\nFrom a\n", NULL },
	{ "a blank line first", "\nFrom a\n", NULL },
	{ "a quoted one first", ">From a\n", NULL },
	{ "a part of one", "Fro\n", NULL },
};

/* Reads an mbox in pieces of so many octets; as in the table above. */
static bool
read_pieces(const char *mbox, size_t length, size_t piece, struct text *text)
{
	struct mbox_reader reader;
	size_t i = 0;

	mbox_reader_init(&reader);
	while (i < length) {
		size_t rest = length - i < piece ? length - i : piece;

		while (rest > 0) {
			char out[MBOX_ROOM(TEXT_MAX)];
			size_t taken, used;
			enum mbox_event event = mbox_take(&reader, mbox + i,
			    rest, &taken, out, &used);

			if (event == MBOX_MALFORMED)
				return false;
			text_add_octets(text, out, used);
			if (event == MBOX_BEGINS)
				text_add_octet(text, '|');
			i += taken;
			rest -= taken;
		}
	}
	return true;
}

static void
test_reading(void)
{
	size_t i;

	for (i = 0; i < COUNT(readings); i++) {
		const char *expected = readings[i].read;
		size_t length = strlen(readings[i].mbox), piece;
		bool right = true;

		for (piece = 1; piece <= length + 1; piece++) {
			char buffer[TEXT_MAX];
			struct text text;
			bool good;

			text_init(&text, buffer, sizeof buffer);
			good = read_pieces(readings[i].mbox, length, piece,
			    &text);
			right &= good == (expected != NULL) &&
			    (!good || strcmp(text.start, expected) == 0);
		}
		CHECK(right, "read in pieces of any size: %s",
		    readings[i].name);
	}
}

static const struct {
	const char *name;
	const char *message;
	size_t length;
	const char *quoted;
} messages[] = {
	{ "nothing", OCTETS(""), "" },
	{ "one line", OCTETS("x\n"), "x\n" },
	{ "a line without an end", OCTETS("x"), "x" },
	{ "a separator", OCTETS("From x\nFrom y\n"), ">From x\n>From y\n" },
	{ "a quoted one", OCTETS(">From x\n>>>From y"),
	    ">>From x\n>>>>From y" },
	{ "a part of one", OCTETS("From\nFro\n>F\n>\nFrom"),
	    "From\nFro\n>F\n>\nFrom" },
	{ "a separator of nothing", OCTETS("From "), ">From " },
	{ "one in mid-line", OCTETS(" From x\nFFrom x\nF>From \n"),
	    " From x\nFFrom x\nF>From \n" },
	{ "blank lines", OCTETS("\n\n\n"), "\n\n\n" },
	{ "CRLF", OCTETS("a\r\nFrom b\r\n\r\n"), "a\r\n>From b\r\n\r\n" },
	{ "CRLF that is cut", OCTETS("a\r"), "a\r" },
};

/* Each message, and its quoted text as a message of its own. */
static void
test_quoting(void)
{
	size_t i;

	for (i = 0; i < COUNT(messages); i++) {
		size_t length = messages[i].length, piece;
		bool right = true, same_again = true;

		for (piece = 1; piece <= length + 1; piece++) {
			struct mbox_quoting quoting = { 0 };
			char mbox[TEXT_MAX] = "From a\n", got[TEXT_MAX];
			size_t used = strlen(mbox), at;
			struct text text;

			for (at = 0; at < length; at += piece)
				used += mbox_quote(&quoting,
				    messages[i].message + at,
				    length - at < piece ? length - at : piece,
				    mbox + used);
			used += mbox_quote(&quoting, "\n", 1, mbox + used);
			right &= same(mbox + 7, used - 8, messages[i].quoted,
			    strlen(messages[i].quoted));
			text_init(&text, got, sizeof got);
			same_again &= read_pieces(mbox, used, piece, &text) &&
			    same(got + 1, text.length - 1,
			    messages[i].message, length);
		}
		CHECK(right, "quoted in pieces of any size: %s",
		    messages[i].name);
		CHECK(same_again, "and the same when it is read again");
	}
}

static const struct {
	const char *line;
	int64_t seconds;        /* -1: none */
} dates[] = {
	{ "From a@b Thu Jan  1 00:00:00 1970", 0 },
	{ "From a@b Thu Jan 01 00:00:01 1970", 1 },
	{ "From a@b Tue Nov 14 22:13:20 2023", 1700000000 },
	{ "From \"a b\"@c Tue Nov 14 22:13:20 2023", 1700000000 },
	{ "From a@b  Tue Nov 14 22:13:20 2023 ", 1700000000 },
	{ "From a@b Tue Nov 14 22:13:20 2023 +0000", 1700000000 },
	{ "From a@b Tue Nov 14 23:13:20 2023 +0100", 1700000000 },
	{ "From a@b Tue Nov 14 17:43:20 -0430 2023", 1700000000 },
	{ "From a@b Tue Nov 14 22:13:20 GMT 2023", 1700000000 },
	{ "From a@b Tue Nov 14 22:13 2023", 1699999980 },
	{ "From a@b Thu Feb 29 12:00:00 2024", 1709208000 },
	{ "From a@b Fri Mar  1 00:00:00 2024", 1709251200 },
	{ "From a@b Tue Feb 29 23:59:60 2000", 951868800 },
	{ "From a@b Wed Mar  1 00:00:00 2000", 951868800 },
	{ "From a@b Mon Mar  1 00:00:00 2100", 4107542400 },
	{ "From a@b Fri Dec 31 23:59:59 9999", 253402300799 },
	{ "From a@b Fri Dec 31 23:59:59 9999 -0001", -1 },
	{ "From a@b Thu Jan  1 00:00:00 1970 +0001", -1 },
	{ "From a@b Wed Dec 31 23:59:59 1969", -1 },
	{ "From a@b Tue Nov 14 22:13:20", -1 },
	{ "From a@b Tue Nov 14 24:13:20 2023", -1 },
	{ "From a@b Tue Nov 14 22:60:20 2023", -1 },
	{ "From a@b Tue Nov 14 22:13:61 2023", -1 },
	{ "From a@b Tue Nov 14 22-13-20 2023", -1 },
	{ "From a@b Tue Nov 14 22:1x:20 2023", -1 },
	{ "From a@b Tue Nov 14 22:13:x 2023", -1 },
	{ "From a@b Tue Nov 14 22:13:20 2023 +01", 1700000000 },
	{ "From a@b Tue Nov 14 22:13:20 2023 +01000", 1700000000 },
	{ "From a@b Tue Nov 14 22:13:20 -x 2023", -1 },
	{ "From a@b Tue Nov  0 22:13:20 2023", -1 },
	{ "From a@b Tue Nov 32 22:13:20 2023", -1 },
	{ "From a@b Tue Nox 14 22:13:20 2023", -1 },
	{ "From a@b Tue 14 Nov 22:13:20 2023", -1 },
	{ "From a@b Tue Nov 14 22:13:20 20233", -1 },
	{ "From a@b", -1 },
	{ "From ", -1 },
};

static void
test_dates(void)
{
	size_t i;

	for (i = 0; i < COUNT(dates); i++) {
		int64_t seconds = -1;
		bool found = mbox_date(dates[i].line, &seconds);

		CHECK(found == (dates[i].seconds != -1) &&
		    seconds == dates[i].seconds, "%s: %lld", dates[i].line,
		    (long long)dates[i].seconds);
	}
}

/* Each day that can be written is read as the same again. */
static void
test_every_day(void)
{
	bool right = true;
	int64_t day;

	for (day = 0; day <= 253402300799 / 86400; day++) {
		int64_t seconds = day * 86400 + day % 86400, again = -1;
		char buffer[100];
		struct text text;

		text_init(&text, buffer, sizeof buffer);
		mbox_separator(&text, "", 0, (uint64_t)seconds);
		right &= mbox_date(text.start, &again) && again == seconds;
	}
	CHECK(right, "every day from 1970 to 9999 is read as it was written");
}

static const struct {
	const char *name;
	const char *message;
	const char *path;
} paths[] = {
	{ "of no header", "", "MAILER-DAEMON" },
	{ "of none", "Subject: x\n\nReturn-Path: <a@b>\n", "MAILER-DAEMON" },
	{ "of none, CRLF", "Subject: x\r\n\r\nReturn-Path: <a@b>\r\n",
	    "MAILER-DAEMON" },
	{ "of the null path", "Return-Path: <>\nA: b\n", "MAILER-DAEMON" },
	{ "in brackets", "Return-Path: <a@b>\nA: b\n", "a@b" },
	{ "with CRLF", "Return-Path: <a@b>\r\nA: b\r\n", "a@b" },
	{ "without brackets", "return-path:\ta@b \n", "a@b" },
	{ "further down", "A: b\nRETURN-PATH: <a@b>\n", "a@b" },
	{ "with a blank and an escape", "Return-Path: <\"a \x1b\"@b>\n",
	    "\"a--\"@b" },
	{ "that is cut", "Return-Path: <a@b>", "MAILER-DAEMON" },
	{ "of nothing", "Return-Path:\n", "MAILER-DAEMON" },
};

static void
test_separators(void)
{
	size_t i;

	for (i = 0; i < COUNT(paths); i++) {
		char expected[200], buffer[200];
		struct text text;

		snprintf(expected, sizeof expected,
		    "From %s Tue Nov 14 22:13:20 2023\n", paths[i].path);
		text_init(&text, buffer, sizeof buffer);
		mbox_separator(&text, paths[i].message,
		    strlen(paths[i].message), 1700000000);
		CHECK(strcmp(text.start, expected) == 0,
		    "a reverse-path %s: %s", paths[i].name,
		    shown(text.start, text.length));
	}
}

int
main(void)
{
	test_reading();
	test_quoting();
	test_dates();
	test_every_day();
	test_separators();
	return check_end();
}
