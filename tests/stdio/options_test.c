/*
 * Values of flags: numbers, host names, keywords and rules, and what a wrong
 * one says.
 */
#include "stdio/options.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "tests/lib/check.h"

static void
test_numbers(void)
{
	static const struct {
		const char *text;
		bool taken;             /* from 3 to 10 */
	} numbers[] = {
		{ "3", true }, { "10", true }, { "07", true }, { "2", false },
		{ "11", false }, { "0", false }, { "", false }, { "5x", false },
		{ "-5", false }, { "99999999999999999999", false },
	};
	uint64_t number;
	size_t i;

	for (i = 0; i < COUNT(numbers); i++)
		CHECK(option_number(numbers[i].text, 3, 10, &number) ==
		    numbers[i].taken, "\"%s\" is %s from 3 to 10",
		    numbers[i].text, numbers[i].taken ? "a number" :
		    "no number");
	CHECK(option_number("7", 3, 10, &number) && number == 7,
	    "the number that was read");
}

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X255 X64 X64 X64 \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* As many as fit, the last one by the last bit. */
static const char *const keywords[] = {
	"PIPELINING", "SIZE", "RESP-CODES", "4", "5", "6", "7", "8", "9", "10",
	"11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22",
	"23", "24", "25", "26", "27", "28", "29", "30", "31", "LAST", NULL
};

static const struct {
	int flag;
	const char *value;
	bool taken;
} flags[] = {
	{ 'e', "1", true }, { 'e', "20", true }, { 'e', "4294967295", true },
	{ 'e', "0", false }, { 'e', "4294967296", false }, { 'e', "", false },
	{ 'e', "-1", false }, { 'e', "20x", false },
	{ 't', "1", true }, { 't', "300", true }, { 't', "2147483", true },
	{ 't', "0", false }, { 't', "2147484", false }, { 't', "5m", false },
	{ 't', "", false }, { 't', "1.5", false },
	{ 'h', "mail.example.org", true }, { 'h', "x", true },
	{ 'h', "[192.0.2.1]", true }, { 'h', "xn--bcher-kva.example", true },
	{ 'h', X255, true }, { 'h', X255 "x", false },
	{ 'h', "", false }, { 'h', "two words", false }, { 'h', " x", false },
	{ 'h', "x ", false }, { 'h', "x\t", false }, { 'h', "x\r\n", false },
	{ 'h', "x\x7f", false }, { 'h', "\xff", false },
	{ 'd', "/srv/mail", true }, { 'd', "", true },
	{ 'n', NULL, true }, { 'v', NULL, true }, { 'P', NULL, true },
	{ 'g', NULL, true }, { 'p', NULL, true }, { 's', NULL, true },
	{ 'A', "checkpassword -x", true }, { 'A', "", false },
	{ 'A', " ", false },
	{ 'T', "wrapper %", true }, { 'T', "", false }, { 'T', "\t", false },
	{ 'X', "SIZE", true }, { 'X', "size", true }, { 'X', "Last", true },
	{ 'X', "resp-codes", true }, { 'X', "", false },
	{ 'X', "SIZES", false }, { 'X', "SIZ", false }, { 'X', " SIZE", false },
	{ 'X', "SIZE ", false }, { 'X', "SIZE,LAST", false },
	{ 'x', "RCPT/2=452 4.5.3 Too many", true }, { 'x', "data=", true },
	{ 'x', ".=451 4.3.0 Try later", true }, { 'x', "+=", true },
	{ 'x', "", false }, { 'x', "RCPT", false }, { 'x', "RCPT/0=", false },
	{ 'x', "=452", false }, { 'x', "RCPT=452\r\n250", false },
	{ '?', NULL, false }, { ':', NULL, false }, { 'z', NULL, false },
};

static void
test_flags(void)
{
	struct options options;
	size_t i;

	for (i = 0; i < COUNT(flags); i++) {
		const char *wrong, *value = flags[i].value;

		options_init(&options, "smtp-stdio", keywords, 300);
		wrong = options_take(&options, flags[i].flag, value);
		CHECK((wrong == NULL) == flags[i].taken, "-%c %s: %s",
		    flags[i].flag, value == NULL ? "" :
		    shown(value, strlen(value)),
		    flags[i].taken ? "taken" : "refused");
	}
	CHECK(options_take(&options, 'h', "b\xc3\xbc" "cher.example") != NULL,
	    "a host name is ASCII"); /* smtp-6531-3.7.1 */
}

static void
test_values(void)
{
	char hostname[HOSTNAME_SIZE];
	struct options options;
	size_t i;
	bool fit = true;

	options_init(&options, "smtp-stdio", keywords, 300);
	CHECK(options.root == NULL && options.errors_max == 20 &&
	    options.seconds == 300 && !options.lf_ends_lines &&
	    !options.verbose && options.left_out == 0 && !options.proxy &&
	    options.rules.count == 0, "the defaults");
	hostname_find(hostname);
	for (i = 0; hostname[i] != '\0'; i++)
		fit &= hostname[i] > 0x20 && hostname[i] < 0x7f;
	CHECK(i > 0 && i < HOSTNAME_SIZE && fit,
	    "this host's own name is one word of ASCII");
	(void)options_take(&options, 'd', "/srv/mail");
	(void)options_take(&options, 'e', "7");
	(void)options_take(&options, 'h', "mx.example");
	(void)options_take(&options, 'n', NULL);
	(void)options_take(&options, 't', "9");
	(void)options_take(&options, 'v', NULL);
	CHECK(strcmp(options.root, "/srv/mail") == 0 &&
	    options.errors_max == 7 && options.seconds == 9 &&
	    strcmp(options.hostname, "mx.example") == 0 &&
	    options.lf_ends_lines && options.verbose, "each flag is kept");
	CHECK(options.rules.count == 0 && options.left_out == 0 &&
	    !options.proxy, "and no other");
	(void)options_take(&options, 't', "nine");
	CHECK(options.seconds == 9, "a wrong value changes nothing");
}

static void
test_keywords(void)
{
	struct options options;

	options_init(&options, "smtp-stdio", keywords, 300);
	(void)options_take(&options, 'X', "Size");
	CHECK(options.left_out == 2, "a keyword has a bit, by its place");
	(void)options_take(&options, 'X', "PIPELINING");
	(void)options_take(&options, 'X', "last");
	(void)options_take(&options, 'X', "SIZE");
	CHECK(options.left_out == (UINT32_C(1) | 2 | UINT32_C(1) << 31),
	    "several keywords, one of them twice");
	(void)options_take(&options, 'X', "OTHER");
	CHECK(options.left_out == (UINT32_C(1) | 2 | UINT32_C(1) << 31),
	    "an unknown one changes nothing");
}

static void
test_rules(void)
{
	struct options options;
	const char *said;
	unsigned i;

	options_init(&options, "smtp-stdio", keywords, 300);
	(void)options_take(&options, 'x', "RCPT/2=452 4.5.3 Too many");
	(void)options_take(&options, 'x', "wrong");
	(void)options_take(&options, 'x', "DATA=");
	CHECK(options.rules.count == 2, "rules are kept, a malformed one is not");
	said = rules_apply(&options.rules, "rcpt");
	CHECK(said == NULL, "one for the second use is not for the first");
	said = rules_apply(&options.rules, "RCPT");
	CHECK(said != NULL && strcmp(said, "452 4.5.3 Too many") == 0,
	    "and is for the second");
	said = rules_apply(&options.rules, "DATA");
	CHECK(said != NULL && *said == '\0', "an empty reply is one");
	for (i = 2; i < RULES_MAX; i++)
		(void)options_take(&options, 'x', "NOOP=250 OK");
	CHECK(options.rules.count == RULES_MAX &&
	    options_take(&options, 'x', "NOOP=250 OK") != NULL &&
	    options.rules.count == RULES_MAX, "so many rules, and no other");
}

static void
test_usage(void)
{
	static const char said[] = "-t wants a number of seconds: x\n"
	    "usage: some-program [-n]\n";
	char buffer[512];
	ssize_t length = 0, got;
	int ends[2], status = 0;
	pid_t child;

	if (pipe(ends) == -1 || (child = fork()) == -1) {
		CHECK(false, "a pipe and a process");
		return;
	}
	if (child == 0) {
		(void)dup2(ends[1], STDERR_FILENO);
		usage_error("usage: some-program [-n]\n",
		    "-t wants a number of seconds", "x");
	}
	close(ends[1]);
	while ((got = read(ends[0], buffer + length,
	    sizeof buffer - (size_t)length)) > 0)
		length += got;
	close(ends[0]);
	CHECK(same(buffer, (size_t)length, OCTETS(said)),
	    "a wrong flag: one line and the synopsis");
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	    WEXITSTATUS(status) == EX_USAGE, "a wrong flag: exit status 64");
}

int
main(void)
{
	test_numbers();
	test_flags();
	test_values();
	test_keywords();
	test_rules();
	test_usage();
	return check_end();
}
