/*
 * Dot-stuffing both ways: messages as they come in, with everything that has
 * been used to smuggle a second one into the first, cut at every place; and
 * messages as they go out, and back again.
 */
#include "stdio/dot_stuffing.h"

#include "store/maildir.h"
#include "store/text.h"
#include "tests/lib/check.h"

#define CR FAULT_BARE_CR
#define LF FAULT_BARE_LF
#define NUL FAULT_NUL

/* What has become of mail data that came in. */
struct outcome {
	bool ended;
	bool is_whole;          /* of a message in chunks: its last line ends */
	size_t taken;           /* octets, up to the end of the data */
	unsigned faults;
	uint64_t lines;
	size_t length;
	char stored[256];
};

/* Takes what falls into three pieces when it is cut at two places. */
static void
take_pieces(struct unstuffer *unstuffer, const char *input, size_t length,
    size_t first, size_t second, struct outcome *outcome)
{
	size_t cuts[4] = { 0, first, second, length }, i;
	char piece[256];

	memset(outcome, 0, sizeof *outcome);
	for (i = 0; i < 3 && unstuffer->state != AT_END; i++) {
		size_t stored;

		memcpy(piece, input + cuts[i], cuts[i + 1] - cuts[i]);
		outcome->taken += unstuff(unstuffer, piece,
		    cuts[i + 1] - cuts[i], &stored);
		memcpy(outcome->stored + outcome->length, piece, stored);
		outcome->length += stored;
	}
	outcome->ended = unstuffer->state == AT_END;
	outcome->faults = unstuffer->faults;
	outcome->lines = unstuffer->lines;
}

static void
take(const char *input, size_t length, size_t first, size_t second,
    bool lf_ends_lines, struct outcome *outcome)
{
	struct unstuffer unstuffer;

	unstuffer_init(&unstuffer, lf_ends_lines, true);
	take_pieces(&unstuffer, input, length, first, second, outcome);
}

/* The same for data that ends where its length says. */
static void
take_chunk(const char *input, size_t length, size_t first, size_t second,
    struct outcome *outcome)
{
	struct unstuffer unstuffer;

	unstuffer_init(&unstuffer, false, false);
	take_pieces(&unstuffer, input, length, first, second, outcome);
	outcome->is_whole = unstuffer_is_at_line_end(&unstuffer);
	outcome->faults = unstuffer.faults;
}

/*
 * Mail data and what follows it on the connection; message NULL: the data
 * has not ended.  What is stored counts only where there is no fault.
 */
static const struct {
	const char *name;
	const char *input;
	size_t length;
	unsigned faults;
	const char *message;
	size_t message_length;
	const char *rest;
} cases[] = {
	/* messages as they should be */
	{ "one line", OCTETS("a\r\n.\r\n"), 0, OCTETS("a\n"), "" },
	{ "header and body", OCTETS("S: x\r\n\r\nhello\r\n.\r\n"), 0,
	  OCTETS("S: x\n\nhello\n"), "" },
	{ "no text at all", OCTETS(".\r\n"), 0, OCTETS(""), "" },
	{ "an empty line", OCTETS("\r\n.\r\n"), 0, OCTETS("\n"), "" },
	{ "empty lines", OCTETS("\r\n\r\n\r\n.\r\n"), 0, OCTETS("\n\n\n"), "" },
	{ "commands behind the end", OCTETS("a\r\n.\r\nQUIT\r\n"), 0,
	  OCTETS("a\n"), "QUIT\r\n" },
	{ "a second end behind the end", OCTETS("a\r\n.\r\n.\r\n"), 0,
	  OCTETS("a\n"), ".\r\n" },
	{ "a message without text, then a command", OCTETS(".\r\nRSET\r\n"), 0,
	  OCTETS(""), "RSET\r\n" },
	{ "octets of every kind", OCTETS("\x01\t\x7f\x80\xff\x1a\x1b\r\n.\r\n"),
	  0, OCTETS("\x01\t\x7f\x80\xff\x1a\x1b\n"), "" },

	/* dots */
	{ "a stuffed dot", OCTETS("..\r\n.\r\n"), 0, OCTETS(".\n"), "" },
	{ "two stuffed dots", OCTETS("...\r\n.\r\n"), 0, OCTETS("..\n"), "" },
	{ "a stuffed dot before text", OCTETS("..a\r\n.\r\n"), 0,
	  OCTETS(".a\n"), "" },
	{ "a dot that nobody stuffed", OCTETS(".a\r\n.\r\n"), 0,
	  OCTETS("a\n"), "" },
	{ "a dot and a space", OCTETS(". \r\n.\r\n"), 0, OCTETS(" \n"), "" },
	{ "dots within a line", OCTETS("a.b..c.\r\n.\r\n"), 0,
	  OCTETS("a.b..c.\n"), "" },
	{ "a dot at the end of a line", OCTETS("a.\r\n.\r\n"), 0,
	  OCTETS("a.\n"), "" },
	{ "stuffed lines one behind the other",
	  OCTETS("..\r\n..a\r\n..\r\n.\r\n"), 0, OCTETS(".\n.a\n.\n"), "" },

	/* no end yet */
	{ "nothing", OCTETS(""), 0, NULL, 0, NULL },
	{ "a line", OCTETS("a\r\n"), 0, NULL, 0, NULL },
	{ "a dot", OCTETS("a\r\n."), 0, NULL, 0, NULL },
	{ "a dot and a CR", OCTETS("a\r\n.\r"), 0, NULL, 0, NULL },
	{ "a dot and a CR at once", OCTETS(".\r"), 0, NULL, 0, NULL },
	{ "half a line end", OCTETS("a\r"), 0, NULL, 0, NULL },

	/* ends that are none: what others have taken for the end */
	{ "LF . LF", OCTETS("a\n.\nQUIT\r\n.\r\nN"), LF, OCTETS(""), "N" },
	{ "LF . CRLF", OCTETS("a\n.\r\nQUIT\r\n.\r\nN"), LF, OCTETS(""), "N" },
	{ "CRLF . LF", OCTETS("a\r\n.\nQUIT\r\n.\r\nN"), LF, OCTETS(""), "N" },
	{ "LF . CR", OCTETS("a\n.\rQUIT\r\n.\r\nN"), CR | LF, OCTETS(""), "N" },
	{ "CR . LF", OCTETS("a\r.\nQUIT\r\n.\r\nN"), CR | LF, OCTETS(""), "N" },
	{ "CR . CR", OCTETS("a\r.\rQUIT\r\n.\r\nN"), CR, OCTETS(""), "N" },
	{ "CR . CRLF", OCTETS("a\r.\r\nQUIT\r\n.\r\nN"), CR, OCTETS(""), "N" },
	{ "CRLF . CR", OCTETS("a\r\n.\rQUIT\r\n.\r\nN"), CR, OCTETS(""), "N" },
	{ "CRLF . CR CRLF", OCTETS("a\r\n.\r\r\nQUIT\r\n.\r\nN"), CR, OCTETS(""), "N" },
	{ "CRLF . CR CR LF . CRLF", OCTETS("a\r\n.\r\r\n.\r\nN"), CR, OCTETS(""), "N" },
	{ "CR CRLF . CRLF", OCTETS("a\r\r\n.\r\nN"), CR, OCTETS(""), "N" },
	{ "CR LF CR . CRLF", OCTETS("a\r\n\r.\r\nQUIT\r\n.\r\nN"), CR, OCTETS(""), "N" },
	{ "LF CR . CRLF", OCTETS("a\n\r.\r\nQUIT\r\n.\r\nN"), CR | LF, OCTETS(""), "N" },
	{ "LF LF . LF LF", OCTETS("a\n\n.\n\nQUIT\r\n.\r\nN"), LF, OCTETS(""), "N" },
	{ "LF LF . CRLF", OCTETS("a\n\n.\r\nQUIT\r\n.\r\nN"), LF, OCTETS(""), "N" },
	{ "CRLF LF . CRLF", OCTETS("a\r\n\n.\r\nQUIT\r\n.\r\nN"), LF, OCTETS(""), "N" },
	{ "CRLF NUL . CRLF", OCTETS("a\r\n\0.\r\nQUIT\r\n.\r\nN"), NUL, OCTETS(""), "N" },
	{ "CRLF . NUL CRLF", OCTETS("a\r\n.\0\r\nQUIT\r\n.\r\nN"), NUL, OCTETS(""), "N" },
	{ "CRLF . CR NUL LF", OCTETS("a\r\n.\r\0\nQUIT\r\n.\r\nN"),
	  CR | LF | NUL, OCTETS(""), "N" },
	{ "CR NUL LF . CRLF", OCTETS("a\r\0\n.\r\nQUIT\r\n.\r\nN"),
	  CR | LF | NUL, OCTETS(""), "N" },
	{ "CRLF .. CRLF", OCTETS("a\r\n..\r\nQUIT\r\n.\r\nN"), 0,
	  OCTETS("a\n.\nQUIT\n"), "N" },
	{ "CRLF . space CRLF", OCTETS("a\r\n. \r\nQUIT\r\n.\r\nN"), 0,
	  OCTETS("a\n \nQUIT\n"), "N" },
	{ "CRLF . tab CRLF", OCTETS("a\r\n.\t\r\nQUIT\r\n.\r\nN"), 0,
	  OCTETS("a\n\t\nQUIT\n"), "N" },
	{ "CRLF space . CRLF", OCTETS("a\r\n .\r\nQUIT\r\n.\r\nN"), 0,
	  OCTETS("a\n .\nQUIT\n"), "N" },

	/* the same right at the start */
	{ ". LF at the start", OCTETS(".\nQUIT\r\n.\r\nN"), LF, OCTETS(""), "N" },
	{ ". CR at the start", OCTETS(".\rQUIT\r\n.\r\nN"), CR, OCTETS(""), "N" },
	{ "LF . CRLF at the start", OCTETS("\n.\r\nQUIT\r\n.\r\nN"), LF, OCTETS(""), "N" },
	{ "CR . CRLF at the start", OCTETS("\r.\r\nQUIT\r\n.\r\nN"), CR, OCTETS(""), "N" },
	{ "NUL . CRLF at the start", OCTETS("\0.\r\nQUIT\r\n.\r\nN"), NUL, OCTETS(""), "N" },
	{ ".. CRLF at the start", OCTETS("..\r\nQUIT\r\n.\r\nN"), 0,
	  OCTETS(".\nQUIT\n"), "N" },

	/* faults that try nothing */
	{ "a bare LF", OCTETS("a\nb\r\n.\r\n"), LF, OCTETS(""), "" },
	{ "a bare LF last", OCTETS("a\r\nb\n\r\n.\r\n"), LF, OCTETS(""), "" },
	{ "a bare CR", OCTETS("a\rb\r\n.\r\n"), CR, OCTETS(""), "" },
	{ "two CR alone", OCTETS("\r\r\r\n.\r\n"), CR, OCTETS(""), "" },
	{ "LF CR", OCTETS("a\n\rb\r\n.\r\n"), CR | LF, OCTETS(""), "" },
	{ "a NUL", OCTETS("a\0b\r\n.\r\n"), NUL, OCTETS(""), "" },
	{ "a NUL alone in a line", OCTETS("\0\r\n.\r\n"), NUL, OCTETS(""), "" },
	{ "a NUL behind a stuffed dot", OCTETS("..\0\r\n.\r\n"), NUL, OCTETS(""), "" },
	{ "LF without an end", OCTETS("a\n.\n"), LF, NULL, 0, NULL },
};

/* The same where LF ends lines too. */
static const struct {
	const char *name;
	const char *input;
	size_t length;
	unsigned faults;
	const char *message;
	size_t message_length;
	const char *rest;
} lf_cases[] = {
	{ "LF alone", OCTETS("a\n\nb\n.\nQUIT\n"), 0, OCTETS("a\n\nb\n"), "QUIT\n" },
	{ "CRLF alone", OCTETS("a\r\nb\r\n.\r\nQUIT\r\n"), 0, OCTETS("a\nb\n"), "QUIT\r\n" },
	{ "both", OCTETS("a\r\nb\n.\r\nQ"), 0, OCTETS("a\nb\n"), "Q" },
	{ "LF . LF", OCTETS("a\n.\nQUIT\r\n.\r\n"), 0, OCTETS("a\n"), "QUIT\r\n.\r\n" },
	{ "CRLF . LF", OCTETS("a\r\n.\nQ"), 0, OCTETS("a\n"), "Q" },
	{ "LF . CRLF", OCTETS("a\n.\r\nQ"), 0, OCTETS("a\n"), "Q" },
	{ "no text", OCTETS(".\nQ"), 0, OCTETS(""), "Q" },
	{ "a stuffed dot", OCTETS("..\n..a\n.\n"), 0, OCTETS(".\n.a\n"), "" },
	{ "a dot that nobody stuffed", OCTETS(".a\n.\n"), 0, OCTETS("a\n"), "" },
	{ "a bare CR", OCTETS("a\rb\n.\n"), CR, OCTETS(""), "" },
	{ "CR . CR is no end", OCTETS("a\r.\rb\n.\nQ"), CR, OCTETS(""), "Q" },
	{ "LF . CR CRLF is no end", OCTETS("a\n.\r\r\n.\nQ"), CR, OCTETS(""), "Q" },
	{ "a NUL", OCTETS("\0\n.\n"), NUL, OCTETS(""), "" },
	{ "LF NUL . LF is no end", OCTETS("a\n\0.\n.\nQ"), NUL, OCTETS(""), "Q" },
	{ "a dot alone", OCTETS("a\n."), 0, NULL, 0, NULL },
	{ "a dot and a CR", OCTETS("a\n.\r"), 0, NULL, 0, NULL },
};

/* Whether an outcome is what a row of the tables says. */
static bool
is_as_said(const struct outcome *outcome, size_t length, unsigned faults,
    const char *message, size_t message_length, const char *rest)
{
	if (outcome->faults != faults || outcome->ended != (message != NULL))
		return false;
	if (message == NULL)
		return outcome->taken == length;
	return outcome->taken + strlen(rest) == length && (faults != 0 ||
	    same(outcome->stored, outcome->length, message, message_length));
}

static void
test_cases(void)
{
	struct outcome outcome;
	size_t i, first, second;

	for (i = 0; i < COUNT(cases); i++) {
		size_t length = cases[i].length;
		bool right = true;

		for (first = 0; first <= length; first++)
			for (second = first; second <= length; second++) {
				take(cases[i].input, length, first, second,
				    false, &outcome);
				right &= is_as_said(&outcome, length,
				    cases[i].faults, cases[i].message,
				    cases[i].message_length, cases[i].rest);
			}
		CHECK(right, "mail data, cut anywhere: %s", cases[i].name);
	}
	for (i = 0; i < COUNT(lf_cases); i++) {
		size_t length = lf_cases[i].length;
		bool right = true;

		for (first = 0; first <= length; first++)
			for (second = first; second <= length; second++) {
				take(lf_cases[i].input, length, first, second,
				    true, &outcome);
				right &= is_as_said(&outcome, length,
				    lf_cases[i].faults, lf_cases[i].message,
				    lf_cases[i].message_length,
				    lf_cases[i].rest);
			}
		CHECK(right, "mail data where LF ends lines, cut anywhere: %s",
		    lf_cases[i].name);
	}
}

/* Where the line ends that starts at the given place: behind its LF, or 0. */
static size_t
line_end(const char *input, size_t length, size_t start, bool lf_ends_lines)
{
	size_t i;

	for (i = start; i < length; i++)
		if (input[i] == '\n' && (lf_ends_lines ||
		    (i > start && input[i - 1] == '\r')))
			return i + 1;
	return 0;
}

/*
 * What must become of mail data, found in the simplest way: it is parted at
 * its line ends, and each line is looked at as a whole.
 */
static void
expect(const char *input, size_t length, bool lf_ends_lines,
    struct outcome *outcome)
{
	size_t start = 0, next, end, i;

	memset(outcome, 0, sizeof *outcome);
	while ((next = line_end(input, length, start, lf_ends_lines)) != 0) {
		end = next - 1;
		if (end > start && input[end - 1] == '\r')
			end--;
		outcome->taken = next;
		if (end - start == 1 && input[start] == '.') {
			outcome->ended = true;
			return;
		}
		if (input[start] == '.')
			start++;
		for (i = start; i < end; i++) {
			if (input[i] == '\r')
				outcome->faults |= FAULT_BARE_CR;
			if (input[i] == '\n')
				outcome->faults |= FAULT_BARE_LF;
			if (input[i] == '\0')
				outcome->faults |= FAULT_NUL;
			outcome->stored[outcome->length++] = input[i];
		}
		outcome->stored[outcome->length++] = '\n';
		outcome->lines++;
		start = next;
	}
	outcome->taken = length;
}

static bool
is_expected(const struct outcome *got, const struct outcome *expected)
{
	if (got->ended != expected->ended || got->taken != expected->taken)
		return false;
	if (!got->ended)
		return true;
	return got->faults == expected->faults && (got->faults != 0 ||
	    (got->lines == expected->lines && same(got->stored, got->length,
	    expected->stored, expected->length)));
}

/*
 * Every text of six octets that are a letter, a dot, CR, LF or NUL, with a
 * true end behind it, cut at every place.
 */
static void
test_every_text(bool lf_ends_lines)
{
	static const char letters[] = { 'a', '.', '\r', '\n', '\0' };
	char input[12] = "??????\r\n.\r\nQ", wrong[6] = "";
	struct outcome got, expected;
	unsigned number, rest;
	bool right = true;
	size_t cut, i;

	for (number = 0; number < 15625; number++) {
		for (i = 0, rest = number; i < 6; i++, rest /= 5)
			input[i] = letters[rest % 5];
		expect(input, sizeof input, lf_ends_lines, &expected);
		for (cut = 0; cut <= sizeof input; cut++) {
			take(input, sizeof input, cut, cut, lf_ends_lines, &got);
			if (!is_expected(&got, &expected)) {
				right = false;
				memcpy(wrong, input, sizeof wrong);
			}
		}
	}
	CHECK(right, "every text of six octets%s", lf_ends_lines ?
	    ", where LF ends lines" : "");
	if (!right)
		printf("# wrong: %s\n", shown(wrong, sizeof wrong));
}

/*
 * What comes in chunks: a dot is an octet like any other, and nothing in it
 * ends it.  faults are those of the data, and of its end.
 */
static const struct {
	const char *name;
	const char *input;
	size_t length;
	unsigned faults;
	bool is_whole;                  /* its last line has an end */
	const char *message;
	size_t message_length;
} chunks[] = {
	{ "nothing", OCTETS(""), 0, true, OCTETS("") },
	{ "one line", OCTETS("a\r\n"), 0, true, OCTETS("a\n") },
	{ "no last line end", OCTETS("a\r\nb"), 0, false, OCTETS("a\nb") },
	{ "empty lines", OCTETS("\r\n\r\n"), 0, true, OCTETS("\n\n") },
	{ "a dot", OCTETS("."), 0, false, OCTETS(".") },
	{ "a line of a dot", OCTETS("a\r\n.\r\nb\r\n"), 0, true,
	  OCTETS("a\n.\nb\n") },
	{ "a line of a dot first", OCTETS(".\r\n"), 0, true, OCTETS(".\n") },
	{ "a dot at the end", OCTETS("a\r\n."), 0, false, OCTETS("a\n.") },
	{ "dots that seem to be stuffed", OCTETS("..\r\n..a\r\n...\r\n"), 0,
	  true, OCTETS("..\n..a\n...\n") },
	{ "the end of mail data, and commands", OCTETS("a\r\n.\r\nMAIL\r\n"),
	  0, true, OCTETS("a\n.\nMAIL\n") },
	{ "LF . LF", OCTETS("a\n.\nb\r\n"), LF, true, OCTETS("") },
	{ "LF . CRLF", OCTETS("a\n.\r\n"), LF, true, OCTETS("") },
	{ "CRLF . LF", OCTETS("a\r\n.\n"), LF, false, OCTETS("") },
	{ "CR . CR", OCTETS("a\r.\r"), CR, false, OCTETS("") },
	{ "CR . CRLF", OCTETS("a\r.\r\n"), CR, true, OCTETS("") },
	{ "CR CR LF", OCTETS("a\r\r\n"), CR, true, OCTETS("") },
	{ "a dot and a CR", OCTETS(".\r"), CR, false, OCTETS("") },
	{ "a CR at the end", OCTETS("a\r"), CR, false, OCTETS("") },
	{ "a bare LF at the end", OCTETS("a\n"), LF, false, OCTETS("") },
	{ "a NUL", OCTETS("a\0\r\n"), NUL, true, OCTETS("") },
	{ "a NUL at the end", OCTETS("a\r\n\0"), NUL, false, OCTETS("") },
	{ "a dot, a NUL, CRLF", OCTETS(".\0\r\n"), NUL, true, OCTETS("") },
};

static void
test_chunks(void)
{
	struct outcome outcome;
	size_t i, first, second;

	for (i = 0; i < COUNT(chunks); i++) {
		size_t length = chunks[i].length;
		bool right = true;

		for (first = 0; first <= length; first++)
			for (second = first; second <= length; second++) {
				take_chunk(chunks[i].input, length, first,
				    second, &outcome);
				right &= !outcome.ended &&
				    outcome.taken == length &&
				    outcome.faults == chunks[i].faults &&
				    outcome.is_whole == chunks[i].is_whole &&
				    (outcome.faults != 0 ||
				    same(outcome.stored, outcome.length,
				    chunks[i].message,
				    chunks[i].message_length));
			}
		CHECK(right, "a message in chunks, cut anywhere: %s",
		    chunks[i].name);
	}
}

static const struct {
	const char *name;
	const char *stored;
	size_t length;
	const char *wire;
	size_t wire_length;
} outgoing[] = {
	{ "nothing", OCTETS(""), OCTETS(".\r\n") },
	{ "one line", OCTETS("a\n"), OCTETS("a\r\n.\r\n") },
	{ "header and body", OCTETS("S: x\n\nhello\n"),
	  OCTETS("S: x\r\n\r\nhello\r\n.\r\n") },
	{ "empty lines", OCTETS("\n\n"), OCTETS("\r\n\r\n.\r\n") },
	{ "no last line end", OCTETS("a\nb"), OCTETS("a\r\nb\r\n.\r\n") },
	{ "a dot", OCTETS(".\n"), OCTETS("..\r\n.\r\n") },
	{ "a dot without a line end", OCTETS("."), OCTETS("..\r\n.\r\n") },
	{ "two dots", OCTETS("..\n"), OCTETS("...\r\n.\r\n") },
	{ "dots first and elsewhere", OCTETS(".a.\nb.\n\n.c\n"),
	  OCTETS("..a.\r\nb.\r\n\r\n..c\r\n.\r\n") },
	{ "CRLF", OCTETS("a\r\n.b\r\n"), OCTETS("a\r\n..b\r\n.\r\n") },
	{ "CRLF and LF", OCTETS("a\r\nb\n\r\n\nc"),
	  OCTETS("a\r\nb\r\n\r\n\r\nc\r\n.\r\n") },
	{ "CR CR LF", OCTETS("a\r\r\n"), OCTETS("a\r\r\n.\r\n") },
	{ "bare CR", OCTETS("a\rb\n\rc\n"), OCTETS("a\rb\r\n\rc\r\n.\r\n") },
	{ "a CR before a dot", OCTETS("\r.\n"), OCTETS("\r.\r\n.\r\n") },
	{ "a CR last", OCTETS("a\r"), OCTETS("a\r\r\n.\r\n") },
	{ "a dot and a CR last", OCTETS(".\r"), OCTETS("..\r\r\n.\r\n") },
	{ "NUL and 0xFF", OCTETS("\0\n\xff\n.\0"),
	  OCTETS("\0\r\n\xff\r\n..\0\r\n.\r\n") },
};

static struct line_writer writer;

/* Sends a stored message in the pieces it falls into when cut at two places. */
static void
send_message(const char *stored, size_t first, size_t second, size_t length)
{
	struct stuffer stuffer;

	line_writer_init(&writer, -1, 1);
	stuffer_init(&stuffer, &writer, true);
	stuff(&stuffer, stored, first);
	stuff(&stuffer, stored + first, second - first);
	stuff(&stuffer, stored + second, length - second);
	stuff_end(&stuffer);
}

static void
test_outgoing(void)
{
	size_t i, first, second;

	for (i = 0; i < COUNT(outgoing); i++) {
		size_t length = outgoing[i].length;
		bool right = true;

		for (first = 0; first <= length; first++)
			for (second = first; second <= length; second++) {
				send_message(outgoing[i].stored, first, second,
				    length);
				right &= same(writer.buffer, writer.used,
				    outgoing[i].wire, outgoing[i].wire_length);
			}
		CHECK(right, "a message goes out, cut anywhere: %s",
		    outgoing[i].name); /* pop3-1939-3-b pop3-1939-5-g */
	}
}

/* Random numbers that are the same each time. */
static unsigned
next_random(unsigned *state)
{
	*state = *state * 1103515245U + 12345U;
	return *state >> 16 & 0x7fff;
}

/*
 * Messages with lines of every length, in large pieces: what is sent is what
 * comes out octet by octet.
 */
static void
test_lines_of_every_length(void)
{
	static const char seldom[] = "\n\r.\0";
	static char stored[1200], whole[2 * sizeof stored + 8];
	unsigned state = 1, round;
	bool right = true;

	for (round = 0; round < 3000; round++) {
		size_t length = next_random(&state) % sizeof stored, i, sent;
		unsigned rarity = 1 + next_random(&state) % 120;
		struct stuffer stuffer;

		for (i = 0; i < length; i++)
			stored[i] = next_random(&state) % rarity > 0 ? 'a' :
			    seldom[next_random(&state) % 4];
		/* Lines that start where a block of them does, or end there. */
		for (i = 64; i < length && round % 2 == 0; i += 64)
			memcpy(stored + i - 1, "\n.\n.\r\n" + round % 5, 2);
		send_message(stored, length / 7, length / 7, length);
		sent = writer.used;
		memcpy(whole, writer.buffer, sent);
		line_writer_init(&writer, -1, 1);
		stuffer_init(&stuffer, &writer, true);
		for (i = 0; i < length; i++)
			stuff(&stuffer, stored + i, 1);
		stuff_end(&stuffer);
		right &= same(whole, sent, writer.buffer, writer.used);
	}
	CHECK(right, "a message goes out in large pieces as in small ones");
}

/* How many dots were added to what has been sent, the last line not counted. */
static size_t
dots_added(void)
{
	size_t i, dots = 0, end = writer.used - 3;

	for (i = 0; i < end; i++)
		if (writer.buffer[i] == '.' &&
		    (i == 0 || writer.buffer[i - 1] == '\n'))
			dots++;
	return dots;
}

/*
 * Messages of random octets among those that matter: what was counted is what
 * is sent, and what is sent comes back as it was where it has proper lines.
 */
static void
test_round_trip(void)
{
	static char stored[4096], back[8200];
	static const char lines[] = "ab.\n", hostile[] = "a.\r\n";
	bool counted = true, returned = true, never_early = true;
	unsigned round, state = 1;

	for (round = 0; round < 2000; round++) {
		bool proper = round % 2 == 0;
		size_t length = next_random(&state) % sizeof stored, i, kept;
		struct unstuffer unstuffer;
		struct wire_count count;
		struct message_sizes sizes;

		if (round % 4 < 2)
			length %= 16;
		for (i = 0; i < length; i++)
			stored[i] = (proper ? lines : hostile)
			    [next_random(&state) % 4];
		if (proper && length > 0)
			stored[length - 1] = '\n';
		send_message(stored, length / 3, length / 2, length);
		wire_count_init(&count);
		wire_count_add(&count, stored, length);
		sizes = wire_count_end(&count);
		counted &= writer.used == sizes.wire + dots_added() + 3;

		memcpy(back, writer.buffer, writer.used);
		unstuffer_init(&unstuffer, false, true);
		never_early &= unstuff(&unstuffer, back, writer.used, &kept) ==
		    writer.used && unstuffer.state == AT_END;
		if (proper)
			returned &= unstuffer.faults == 0 &&
			    same(back, kept, stored, length);
	}
	CHECK(counted, "the size of a message is what is sent of it, without "
	    "stuffed dots and the last line"); /* pop3-1939-5-c */
	CHECK(returned, "what goes out comes in as it was");
	CHECK(never_early, "no message that goes out ends before its end");
}

int
main(void)
{
	test_cases();
	test_chunks();
	test_every_text(false);
	test_every_text(true);
	test_outgoing();
	test_lines_of_every_length();
	test_round_trip();
	return check_end();
}
