/*
 * Lines over real pipes and sockets: how each is said to have ended, whatever
 * the pieces are in which it comes, and when the reader waits, flushes, pauses
 * and gives up.
 */
#include "stdio/line_reader.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stdio/process.h"
#include "store/text.h"
#include "tests/lib/check.h"

/* Nothing here waits as long as this but when something is wrong. */
#define SECONDS 60

static struct line_reader reader;
static struct line_writer writer;

/* A reader of one end of a pipe, or of a socket where each write is one read. */
static int
connect_reader(bool packets, bool lf_ends_lines)
{
	int ends[2];

	must((packets ? socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) :
	    pipe(ends)) == 0, "no pipe or no socket pair");
	line_writer_init(&writer, -1, SECONDS);
	line_reader_init(&reader, ends[0], &writer, lf_ends_lines);
	return ends[1];
}

static void
put(int descriptor, const char *octets, size_t length)
{
	must(length == 0 || write(descriptor, octets, length) ==
	    (ssize_t)length, "cannot write");
}

/*
 * Reads lines until there are no more, and says of each what came: its text
 * in brackets, or what was wrong with it.
 */
static void
read_all(size_t octets_max, struct text *said)
{
	static const char *const words[] = {
		[READ_BARE_CR] = "CR", [READ_BARE_LF] = "LF", [READ_NUL] = "NUL",
		[READ_TOO_LONG] = "LONG", [READ_END] = "END",
		[READ_TIMED_OUT] = "LATE", [READ_STOPPED] = "STOPPED"
	};
	enum read_status status;

	do {
		size_t length;
		char *line;

		status = line_reader_line(&reader, octets_max,
		    deadline_in(SECONDS), &line, &length);
		if (said->length > 0)
			text_add_octet(said, ' ');
		if (status != READ_LINE) {
			text_add(said, words[status]);
			continue;
		}
		text_add_octet(said, '[');
		text_add_octets(said, line, length);
		text_add_octet(said, ']');
		if (line[length] != '\0')
			text_add(said, "without a NUL");
	} while (status < READ_END);
}

/*
 * Starts another process that writes to the reader, until the reader has gone
 * or the time is over.  Returns 0 in that process.
 */
static pid_t
start_writer(void)
{
	pid_t child = fork();

	must(child >= 0, "cannot fork");
	if (child == 0) {
		close(reader.descriptor);
		(void)alarm(SECONDS);
	}
	return child;
}

static void
pour(int descriptor, const char *octets, size_t length)
{
	if (length > 0 && write(descriptor, octets, length) != (ssize_t)length)
		_exit(1);
}

#define X16 "xxxxxxxxxxxxxxxx"

/* Lines of at most 16 octets with their CRLF. */
static const struct {
	const char *name;
	const char *input;
	size_t length;
	const char *said;
	const char *said_with_lf;       /* where LF ends lines; NULL: the same */
} cases[] = {
	{ "nothing", OCTETS(""), "END", NULL },
	{ "one line", OCTETS("QUIT\r\n"), "[QUIT] END", NULL },
	{ "some lines", OCTETS("a\r\nbc\r\n\r\nd e\r\n"),
	  "[a] [bc] [] [d e] END", NULL },
	{ "a line without an end", OCTETS("QUIT"), "END", NULL },
	{ "a line that ends in CR", OCTETS("QUIT\r"), "END", NULL },
	{ "half a line behind a whole one", OCTETS("NOOP\r\nQUI"),
	  "[NOOP] END", NULL },

	{ "a bare LF at the end of input", OCTETS("QUIT\n"), "END", "[QUIT] END" },
	{ "a bare LF in a line", OCTETS("NOOP\nQUIT\r\nx\r\n"),
	  "LF [x] END", "[NOOP] [QUIT] [x] END" },
	{ "a bare LF first", OCTETS("\nQUIT\r\nx\r\n"),
	  "LF [x] END", "[] [QUIT] [x] END" },
	{ "many bare LF", OCTETS("\n\n\n\r\nx\r\n"),
	  "LF [x] END", "[] [] [] [] [x] END" },
	{ "LF CR LF", OCTETS("a\n\r\nx\r\n"), "LF [x] END", "[a] [] [x] END" },

	{ "a bare CR in a line", OCTETS("NOOP\rQUIT\r\nx\r\n"),
	  "CR [x] END", NULL },
	{ "a bare CR first", OCTETS("\rQUIT\r\nx\r\n"), "CR [x] END", NULL },
	{ "CR CR LF", OCTETS("QUIT\r\r\nx\r\n"), "CR [x] END", NULL },
	{ "CR LF with a CR behind", OCTETS("a\r\n\rb\r\nx\r\n"),
	  "[a] CR [x] END", NULL },
	{ "bare CR and bare LF", OCTETS("a\rb\nc\r\nx\r\n"),
	  "LF [x] END", "CR [c] [x] END" },
	{ "LF CR", OCTETS("a\n\rb\r\nx\r\n"), "LF [x] END", "[a] CR [x] END" },

	{ "a NUL in a line", OCTETS("QU\0IT\r\nx\r\n"), "NUL [x] END", NULL },
	{ "a NUL alone", OCTETS("\0\r\nx\r\n"), "NUL [x] END", NULL },
	{ "a NUL between CR and LF", OCTETS("QUIT\r\0\n\r\nx\r\n"),
	  "NUL [x] END", "NUL [] [x] END" },
	{ "a NUL and a bare LF", OCTETS("a\0b\nc\r\nx\r\n"),
	  "NUL [x] END", "NUL [c] [x] END" },

	{ "octets from 0x80 on", OCTETS("\xff\xfe\x80\r\n"),
	  "[\xff\xfe\x80] END", NULL },
	{ "control characters", OCTETS("\x01\t\x1b\x7f\r\n"),
	  "[\x01\t\x1b\x7f] END", NULL },

	{ "as long as allowed", OCTETS("xxxxxxxxxxxxxx\r\na\r\n"),
	  "[xxxxxxxxxxxxxx] [a] END", NULL },
	{ "one octet too long", OCTETS("xxxxxxxxxxxxxxx\r\na\r\n"),
	  "LONG [a] END", NULL },
	{ "two octets too long", OCTETS(X16 "\r\na\r\n"), "LONG [a] END", NULL },
	{ "much too long", OCTETS(X16 X16 X16 X16 "\r\na\r\n"),
	  "LONG [a] END", NULL },
	{ "too long, twice", OCTETS(X16 X16 "\r\n" X16 "\r\na\r\n"),
	  "LONG LONG [a] END", NULL },
	{ "too long, then empty", OCTETS(X16 X16 "\r\n\r\na\r\n"),
	  "LONG [] [a] END", NULL },
	{ "too long without an end", OCTETS(X16 X16), "END", NULL },
	{ "too long up to a CR", OCTETS(X16 X16 "\r"), "END", NULL },
	{ "too long with a NUL", OCTETS("\0" X16 "\r\na\r\n"),
	  "LONG [a] END", NULL },
	{ "too long with a bare CR", OCTETS(X16 "\r" X16 "\r\na\r\n"),
	  "LONG [a] END", NULL },
	{ "too long with CR CR LF", OCTETS(X16 "\r\r\na\r\n"),
	  "LONG [a] END", NULL },
	{ "too long with a bare LF", OCTETS(X16 "\n" X16 "\r\na\r\n"),
	  "LONG [a] END", "LONG LONG [a] END" },
	{ "too long with a command behind a bare LF",
	  OCTETS(X16 "\nQUIT\r\na\r\n"), "LONG [a] END", "LONG [QUIT] [a] END" },
	{ "as long as allowed with an LF", OCTETS("xxxxxxxxxxxxxxx\na\n\r\n"),
	  "LONG END", "[xxxxxxxxxxxxxxx] [a] [] END" },
	{ "a CR as the last octet allowed", OCTETS("xxxxxxxxxxxxxxx\r\r\na\r\n"),
	  "LONG [a] END", NULL },
};

/* Plays an input in pieces that end at first and at second. */
static void
play(size_t i, bool lf_ends_lines, bool packets, size_t first, size_t second,
    struct text *said)
{
	const char *input = cases[i].input;
	int other = connect_reader(packets, lf_ends_lines);

	put(other, input, first);
	put(other, input + first, second - first);
	put(other, input + second, cases[i].length - second);
	close(other);
	read_all(16, said);
	close(reader.descriptor);
}

static void
play_octets(size_t i, bool lf_ends_lines, struct text *said)
{
	int other = connect_reader(true, lf_ends_lines);
	size_t k;

	for (k = 0; k < cases[i].length; k++)
		put(other, cases[i].input + k, 1);
	close(other);
	read_all(16, said);
	close(reader.descriptor);
}

static void
test_case(size_t i, bool lf_ends_lines)
{
	const char *expected = lf_ends_lines && cases[i].said_with_lf != NULL ?
	    cases[i].said_with_lf : cases[i].said;
	const char *mode = lf_ends_lines ? "LF ends lines" : "CRLF ends lines";
	size_t length = cases[i].length, first, second;
	char buffer[256];
	struct text said;
	bool right = true;

	text_init(&said, buffer, sizeof buffer);
	play(i, lf_ends_lines, false, length, length, &said);
	CHECK(strcmp(buffer, expected) == 0, "%s, over a pipe: %s", mode,
	    cases[i].name);
	for (first = 0; first <= length; first++)
		for (second = first; second <= length; second++) {
			text_init(&said, buffer, sizeof buffer);
			play(i, lf_ends_lines, true, first, second, &said);
			right &= strcmp(buffer, expected) == 0;
		}
	CHECK(right, "%s, cut anywhere: %s", mode, cases[i].name);
	text_init(&said, buffer, sizeof buffer);
	play_octets(i, lf_ends_lines, &said);
	CHECK(strcmp(buffer, expected) == 0, "%s, octet by octet: %s", mode,
	    cases[i].name);
}

/*
 * What reading must say, found in the simplest way: the text as a whole is
 * parted at its line ends, and then each line is looked at.
 */
static void
expect(const char *input, size_t length, size_t octets_max,
    bool lf_ends_lines, struct text *said)
{
	size_t start = 0, i, end;

	for (i = 0; i < length; i++) {
		const char *line = input + start;

		if (input[i] != '\n' || (!lf_ends_lines &&
		    (i == start || input[i - 1] != '\r')))
			continue;
		end = i > start && input[i - 1] == '\r' ? i - 1 : i;
		if (i + 1 - start > octets_max)
			text_add(said, "LONG");
		else if (memchr(line, '\0', end - start) != NULL)
			text_add(said, "NUL");
		else if (memchr(line, '\n', end - start) != NULL)
			text_add(said, "LF");
		else if (memchr(line, '\r', end - start) != NULL)
			text_add(said, "CR");
		else {
			text_add_octet(said, '[');
			text_add_octets(said, line, end - start);
			text_add_octet(said, ']');
		}
		text_add_octet(said, ' ');
		start = i + 1;
	}
	text_add(said, "END");
}

/* Every input of six octets that are a letter, CR, LF or NUL, cut anywhere. */
static void
test_every_input(bool lf_ends_lines)
{
	static const char letters[] = { 'a', '\r', '\n', '\0' };
	char input[6], wrong[6], buffer[64], wanted[64];
	unsigned number, rest;
	struct text said, should;
	size_t cut, i;
	bool right = true;

	for (number = 0; number < 4096; number++) {
		for (i = 0, rest = number; i < sizeof input; i++, rest /= 4)
			input[i] = letters[rest % 4];
		text_init(&should, wanted, sizeof wanted);
		expect(input, sizeof input, 4, lf_ends_lines, &should);
		for (cut = 0; cut <= sizeof input; cut++) {
			int other = connect_reader(false, lf_ends_lines);

			memcpy(reader.buffer, input, cut);
			line_reader_preload(&reader, cut);
			put(other, input + cut, sizeof input - cut);
			close(other);
			text_init(&said, buffer, sizeof buffer);
			read_all(4, &said);
			close(reader.descriptor);
			if (strcmp(buffer, wanted) != 0) {
				right = false;
				memcpy(wrong, input, sizeof wrong);
			}
		}
	}
	CHECK(right, "%s: every input of six octets",
	    lf_ends_lines ? "LF ends lines" : "CRLF ends lines");
	if (!right)
		printf("# wrong: %s\n", shown(wrong, sizeof wrong));
}

/* The octet at a place of a long text of lines. */
static char
octet_at(unsigned line, size_t place)
{
	return (char)('!' + (line * 31 + place * 7) % 90);
}

static size_t
length_at(unsigned line)
{
	return line % 5 == 0 ? 4094 : (line * 397) % 4095;
}

/* More than any buffer, from another process, in pieces of odd size. */
static void
test_long_input(void)
{
	static char text[4096];
	int other = connect_reader(false, false);
	unsigned line;
	size_t i, length;
	bool right = true;
	char *got;
	pid_t child = start_writer();

	for (line = 0; child == 0 && line < 500; line++) {
		length = length_at(line);
		for (i = 0; i < length; i++)
			text[i] = octet_at(line, i);
		memcpy(text + length, "\r\n", 2);
		pour(other, text, length / 3);
		pour(other, text + length / 3, length + 2 - length / 3);
	}
	if (child == 0)
		_exit(0);
	close(other);
	for (line = 0; line < 500 && right; line++) {
		right = line_reader_line(&reader, 4096, deadline_in(SECONDS),
		    &got, &length) == READ_LINE && length == length_at(line);
		for (i = 0; right && i < length; i++)
			right = got[i] == octet_at(line, i);
	}
	CHECK(right, "500 lines of all lengths come out as they went in");
	CHECK(line_reader_line(&reader, 4096, deadline_in(SECONDS), &got,
	    &length) == READ_END, "and then the input has ended");
	CHECK(line_reader_line(&reader, 4096, deadline_in(SECONDS), &got,
	    &length) == READ_END, "and stays so");
	close(reader.descriptor);
	(void)waitpid(child, NULL, 0);
}

/* A line of several buffers, and what stands behind it. */
static void
test_endless_line(void)
{
	int other = connect_reader(false, false);
	static char piece[10007];
	size_t length = 0, i;
	char *line = NULL;
	pid_t child = start_writer();

	if (child == 0) {
		memset(piece, '\r', sizeof piece);
		for (i = 0; i < 50; i++)
			pour(other, piece, sizeof piece);
		pour(other, OCTETS("\nQUIT\r\n"));
		_exit(0);
	}
	close(other);
	CHECK(line_reader_line(&reader, 4096, deadline_in(SECONDS), &line,
	    &length) == READ_TOO_LONG, "a line of half a million CR is one line");
	CHECK(line_reader_line(&reader, 4096, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && same(line, length, OCTETS("QUIT")),
	    "the line behind it is whole");
	close(reader.descriptor);
	(void)waitpid(child, NULL, 0);
}

/* The buffer is full, and all that is left in it is one line without an end. */
static void
test_full_buffer(void)
{
	int other = connect_reader(false, false);
	size_t length, lines = 0;
	char *line;

	memset(reader.buffer, 'x', sizeof reader.buffer);
	for (length = 0; length < sizeof reader.buffer - 4096; length += 4096)
		memcpy(reader.buffer + length + 4094, "\r\n", 2);
	line_reader_preload(&reader, sizeof reader.buffer);
	put(other, OCTETS("\r\nQUIT\r\n"));
	while (line_reader_line(&reader, 4096, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && length == 4094)
		lines++;
	CHECK(lines == 15 && line_reader_line(&reader, 4096,
	    deadline_in(SECONDS), &line, &length) == READ_LINE &&
	    same(line, length, OCTETS("QUIT")),
	    "a line that fills the buffer to its end is too long, and gone");
	close(reader.descriptor);
	close(other);
}

static void
test_fragments(void)
{
	int other = connect_reader(true, false);
	size_t length;
	char *line;

	put(other, OCTETS("DATA\r\none\r\ntwo"));
	put(other, OCTETS("three"));
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && same(line, length, OCTETS("DATA")),
	    "a line, with more behind it");
	CHECK(line_reader_buffered(&reader) == 8, "what is behind it is buffered");
	CHECK(line_reader_fragment(&reader, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && same(line, length, OCTETS("one\r\ntwo")),
	    "a fragment is what is buffered");
	CHECK(line_reader_buffered(&reader) == 0, "nothing is left then");
	line_reader_put_back(&reader, 3);
	CHECK(line_reader_buffered(&reader) == 3, "what is put back is there again");
	CHECK(line_reader_fragment(&reader, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && same(line, length, OCTETS("two")),
	    "and is the next fragment");
	line_reader_put_back(&reader, 0);
	CHECK(line_reader_fragment(&reader, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && same(line, length, OCTETS("three")),
	    "with nothing buffered it is what comes next");
	line_reader_put_back(&reader, 5);
	put(other, OCTETS("\r\nQUIT\r\n"));
	close(other);
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && same(line, length, OCTETS("three")),
	    "what is put back can be the start of a line");
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && same(line, length, OCTETS("QUIT")),
	    "the next line stands behind it");
	CHECK(line_reader_fragment(&reader, deadline_in(SECONDS), &line,
	    &length) == READ_END, "no fragment behind the end of the input");
	close(reader.descriptor);
}

static void
test_handing_on(void)
{
	int other = connect_reader(false, false);
	const char *taken;
	size_t length;
	char *line;

	put(other, OCTETS("PASS x\r\nSTAT\r\nQU"));
	(void)line_reader_line(&reader, 16, deadline_in(SECONDS), &line, &length);
	taken = line_reader_take_all(&reader, &length);
	CHECK(same(taken, length, OCTETS("STAT\r\nQU")) &&
	    line_reader_buffered(&reader) == 0,
	    "all that is buffered can be taken, to be handed on");
	memcpy(reader.buffer, "STAT\r\nQU", 8);
	line_reader_preload(&reader, 8);
	put(other, OCTETS("IT\r\n"));
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && same(line, length, OCTETS("STAT")),
	    "what was handed on is read first");
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && same(line, length, OCTETS("QUIT")),
	    "and what comes then is read behind it");
	taken = line_reader_take_all(&reader, &length);
	CHECK(length == 0, "nothing is taken where nothing is buffered");
	close(reader.descriptor);
	close(other);
}

/* What can be read from a descriptor right now. */
static size_t
waiting(int descriptor, char room[64])
{
	ssize_t got;

	must(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0, "no O_NONBLOCK");
	got = read(descriptor, room, 64);
	return got > 0 ? (size_t)got : 0;
}

static void
test_flushing(void)
{
	int other = connect_reader(true, false), replies[2];
	char room[64], *line;
	size_t length;

	must(pipe(replies) == 0, "no pipe");
	line_writer_init(&writer, replies[1], SECONDS);
	put(other, OCTETS("MAIL\r\nRCPT\r\nDA"));
	put(other, OCTETS("TA\r\n"));
	(void)line_reader_line(&reader, 16, deadline_in(SECONDS), &line, &length);
	line_writer_put(&writer, OCTETS("250\r\n"));
	(void)line_reader_line(&reader, 16, deadline_in(SECONDS), &line, &length);
	line_writer_put(&writer, OCTETS("251\r\n"));
	CHECK(waiting(replies[0], room) == 0,
	    "nothing is written while a whole line is buffered");
	(void)line_reader_line(&reader, 16, deadline_in(SECONDS), &line, &length);
	length = waiting(replies[0], room);
	CHECK(same(room, length, OCTETS("250\r\n251\r\n")),
	    "all is written before the reader waits for more");
	close(replies[0]);
	line_writer_put(&writer, OCTETS("252\r\n"));
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_END, "a client that takes no replies has gone");
	close(replies[1]);
	close(reader.descriptor);
	close(other);
}

static void
test_waiting(void)
{
	int other = connect_reader(false, false), companion[2];
	int64_t before = deadline_clock();
	size_t length;
	char *line;

	CHECK(line_reader_line(&reader, 16, deadline_in(0), &line, &length) ==
	    READ_TIMED_OUT, "nothing comes: timed out");
	CHECK(line_reader_fragment(&reader, deadline_in(0), &line, &length) ==
	    READ_TIMED_OUT, "nothing comes: no fragment either");
	put(other, OCTETS("QU"));
	CHECK(line_reader_line(&reader, 16, deadline_in(1), &line, &length) ==
	    READ_TIMED_OUT && deadline_clock() - before >= 1000,
	    "half a line does not put the deadline off");
	put(other, OCTETS("IT\r\n"));
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && same(line, length, OCTETS("QUIT")),
	    "nor is it lost");

	must(pipe(companion) == 0, "no pipe");
	reader.companion = companion[0];
	put(other, OCTETS("NOOP\r\n"));
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_LINE, "a companion that lives stops nothing");
	close(companion[1]);
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_STOPPED, "the end of the companion stops the wait");
	close(companion[0]);
	close(other);
	close(reader.descriptor);
	reader.companion = -1;
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_END, "a descriptor that is closed is the end");
}

/* How a line began that is gone: its verb, for the reply. */
static void
test_heads(void)
{
	static const char *const long_lines[] = {
		"AUTH PLAIN " X16 "\r\n", "AUTH" X16 "\r\n", X16 "\r\n",
		"A\rB\rC\rD\rE\rF\rG\rH\rI\r\n", "xxxxxxxxxxxxxxx\r\n"
	};
	size_t i, cut, length;
	char *line;

	for (i = 0; i < COUNT(long_lines); i++) {
		const char *text = long_lines[i];
		bool right = true;

		for (cut = 0; cut <= strlen(text); cut++) {
			int other = connect_reader(true, false);

			put(other, text, cut);
			put(other, text + cut, strlen(text) - cut);
			right &= line_reader_line(&reader, 16,
			    deadline_in(SECONDS), &line, &length) ==
			    READ_TOO_LONG && strlen(reader.head) == 7 &&
			    strncmp(reader.head, text, 7) == 0;
			close(other);
			close(reader.descriptor);
		}
		CHECK(right, "the head of a long line, cut anywhere: \"%.7s\"",
		    shown(text, 7));
	}
}

/* A deadline that passes while a test waits for it. */
#define SOON 200

static struct deadline
deadline_soon(void)
{
	struct deadline deadline = { deadline_clock() + SOON };

	return deadline;
}

static void
test_pause(void)
{
	int other = connect_reader(false, false);
	int64_t before = deadline_clock();
	clock_t busy = clock();
	size_t length;
	char *line;

	line_reader_pause(&reader, deadline_soon());
	CHECK(deadline_clock() - before >= SOON,
	    "a pause lasts until its deadline");
	CHECK(clock() - busy < CLOCKS_PER_SEC / 10, "and is not busy");
	before = deadline_clock();
	put(other, OCTETS("NOOP\r\n"));
	line_reader_pause(&reader, deadline_soon());
	CHECK(deadline_clock() - before >= SOON &&
	    line_reader_buffered(&reader) == 6,
	    "input does not end it, and is buffered");
	line_reader_pause(&reader, deadline_in(0));
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && same(line, length, OCTETS("NOOP")),
	    "the line is there afterwards, whole");
	close(other);
	close(reader.descriptor);
}

/* Lines before the pause and in it, with each border between the two. */
static void
test_pause_at_the_end(void)
{
	static const char text[] = "MAIL\r\nRCPT\r\nDATA\r\nQU";
	const size_t whole = sizeof text - 1;
	struct deadline deadline = deadline_in(SECONDS);
	bool early = true, right = true;
	char buffer[64];
	struct text said;
	size_t cut;

	for (cut = 0; cut <= whole; cut++) {
		int other = connect_reader(cut % 2 == 0, false);

		memcpy(reader.buffer, text, cut);
		line_reader_preload(&reader, cut);
		put(other, text + cut, whole - cut);
		close(other);
		line_reader_pause(&reader, deadline);
		early &= deadline_left(deadline) > 0;
		right &= line_reader_buffered(&reader) == whole;
		text_init(&said, buffer, sizeof buffer);
		read_all(16, &said);
		right &= strcmp(buffer, "[MAIL] [RCPT] [DATA] END") == 0;
		close(reader.descriptor);
	}
	CHECK(early, "the end of input ends a pause");
	CHECK(right, "what came before it is read in its order, then the end");
}

/* More than the buffer holds comes in a pause, behind a line that waits. */
static void
test_pause_full(void)
{
	int other = connect_reader(false, false);
	static char text[4096];
	unsigned line;
	size_t length, i;
	clock_t busy;
	bool right = true;
	char *got;
	pid_t child = start_writer();

	for (line = 0; child == 0 && line < 60; line++) {
		for (i = 0; i < 4094; i++)
			text[i] = octet_at(line, i);
		memcpy(text + 4094, "\r\n", 2);
		pour(other, text, sizeof text);
	}
	if (child == 0)
		_exit(0);
	close(other);
	right = line_reader_line(&reader, 4096, deadline_in(SECONDS), &got,
	    &length) == READ_LINE;
	while (line_reader_buffered(&reader) < sizeof reader.buffer)
		line_reader_pause(&reader, deadline_soon());
	CHECK(reader.start == 0, "a pause fills the buffer to its last octet");
	busy = clock();
	line_reader_pause(&reader, deadline_soon());
	CHECK(line_reader_buffered(&reader) == sizeof reader.buffer,
	    "and leaves the rest where it is");
	CHECK(clock() - busy < CLOCKS_PER_SEC / 10, "without being busy");
	for (line = 1; line < 60 && right; line++) {
		right = line_reader_line(&reader, 4096, deadline_in(SECONDS),
		    &got, &length) == READ_LINE && length == 4094;
		for (i = 0; right && i < length; i++)
			right = got[i] == octet_at(line, i);
	}
	CHECK(right && line_reader_line(&reader, 4096, deadline_in(SECONDS),
	    &got, &length) == READ_END, "nothing of it is lost");
	close(reader.descriptor);
	(void)waitpid(child, NULL, 0);
}

static void
test_more(void)
{
	int other = connect_reader(false, false);
	size_t length;
	char *line;

	CHECK(!line_reader_has_more(&reader), "nothing has come: no more");
	put(other, OCTETS("STLS\r\nNO"));
	CHECK(line_reader_has_more(&reader) &&
	    line_reader_buffered(&reader) == 8,
	    "what is not read yet is more, and is buffered then");
	(void)line_reader_line(&reader, 16, deadline_in(SECONDS), &line, &length);
	CHECK(line_reader_has_more(&reader),
	    "half a line that is buffered is more");
	put(other, OCTETS("OP\r\n"));
	(void)line_reader_line(&reader, 16, deadline_in(SECONDS), &line, &length);
	CHECK(!line_reader_has_more(&reader), "with all of it taken: no more");
	close(other);
	CHECK(!line_reader_has_more(&reader), "nor is the end");
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_END, "which is still there to be read");
	close(reader.descriptor);
}

/* What ends a pause beside the client, and what is done before it. */
static void
test_pause_with_others(void)
{
	int other = connect_reader(true, false), ends[2];
	struct deadline deadline = deadline_in(SECONDS);
	char room[64];

	must(pipe(ends) == 0, "no pipe");
	line_writer_init(&writer, ends[1], SECONDS);
	line_writer_put(&writer, OCTETS("250\r\n"));
	line_reader_pause(&reader, deadline_soon());
	CHECK(waiting(ends[0], room) == 5, "replies go out before a pause");
	close(ends[0]);
	line_writer_put(&writer, OCTETS("251\r\n"));
	line_reader_pause(&reader, deadline);
	CHECK(deadline_left(deadline) > 0,
	    "a client that takes no replies ends it");
	close(ends[1]);

	line_writer_init(&writer, -1, SECONDS);
	must(pipe(ends) == 0, "no pipe");
	reader.companion = ends[0];
	close(ends[1]);
	line_reader_pause(&reader, deadline);
	CHECK(deadline_left(deadline) > 0, "the end of a companion does");
	close(ends[0]);
	close(other);
	close(reader.descriptor);
}

/* The last test of all: a process that is to stop does not begin again. */
static void
test_stopping(void)
{
	int other = connect_reader(false, false);
	struct deadline deadline = deadline_in(SECONDS);
	size_t length;
	char *line;

	put(other, OCTETS("MAIL\r\nRCPT\r\nRSET"));
	(void)line_reader_line(&reader, 16, deadline_in(SECONDS), &line, &length);
	(void)raise(SIGTERM);
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_LINE && same(line, length, OCTETS("RCPT")),
	    "a line that is there already is taken in spite of SIGTERM");
	put(other, OCTETS("\r\n"));
	CHECK(line_reader_line(&reader, 16, deadline_in(SECONDS), &line,
	    &length) == READ_STOPPED, "SIGTERM stops the wait for another");
	line_reader_pause(&reader, deadline);
	CHECK(deadline_left(deadline) > 0, "and a pause");
	close(reader.descriptor);
	close(other);
}

int
main(void)
{
	size_t i;

	process_start(-1);
	for (i = 0; i < COUNT(cases); i++) {
		test_case(i, false);
		test_case(i, true);
	}
	test_every_input(false);
	test_every_input(true);
	test_long_input();
	test_endless_line();
	test_full_buffer();
	test_fragments();
	test_handing_on();
	test_flushing();
	test_waiting();
	test_heads();
	test_more();
	test_pause();
	test_pause_at_the_end();
	test_pause_full();
	test_pause_with_others();
	test_stopping();
	return check_end();
}
