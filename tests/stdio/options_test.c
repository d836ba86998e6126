/* Values of flags: numbers, sizes, host names, and what a wrong one says. */
#include "stdio/options.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "tests/lib/check.h"

static const struct {
	const char *text;
	bool taken;
	uint64_t octets;
} sizes[] = {
	{ "0", true, 0 }, { "1", true, 1 }, { "1024", true, 1024 },
	{ "1k", true, 1024 }, { "1K", true, 1024 }, { "50m", true, 52428800 },
	{ "50M", true, 52428800 }, { "2g", true, 2147483648 },
	{ "2G", true, 2147483648 }, { "007k", true, 7168 }, { "0g", true, 0 },
	{ "9223372036854775807", true, INT64_MAX },
	{ "9223372036854775808", false, 0 },
	{ "18446744073709551616", false, 0 },
	{ "9007199254740991k", true, 9223372036854774784 },
	{ "9007199254740992k", false, 0 },
	{ "8796093022207m", true, 9223372036853727232 },
	{ "8796093022208m", false, 0 },
	{ "8589934591g", true, 9223372035781033984 },
	{ "8589934592g", false, 0 },
	{ "99999999999999999999g", false, 0 },
	{ "", false, 0 }, { "k", false, 0 }, { "m", false, 0 },
	{ "1kk", false, 0 }, { "1k1", false, 0 }, { "1km", false, 0 },
	{ "1kb", false, 0 }, { "1t", false, 0 }, { "1 k", false, 0 },
	{ " 1", false, 0 }, { "1 ", false, 0 }, { "-1", false, 0 },
	{ "+1", false, 0 }, { "1.5m", false, 0 }, { "0x10", false, 0 },
	{ "1e6", false, 0 }, { "many", false, 0 },
};

static void
test_sizes(void)
{
	uint64_t octets;
	size_t i;

	for (i = 0; i < COUNT(sizes); i++) {
		bool taken;

		octets = 0;
		taken = option_size(sizes[i].text, &octets);
		CHECK(taken == sizes[i].taken &&
		    (!taken || octets == sizes[i].octets), "\"%s\" is %s",
		    sizes[i].text, sizes[i].taken ? "a size" : "no size");
	}
}

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
	{ 'n', NULL, true }, { 'v', NULL, true },
	{ '?', NULL, false }, { ':', NULL, false }, { 'z', NULL, false },
};

static void
test_flags(void)
{
	struct options options;
	size_t i;

	for (i = 0; i < COUNT(flags); i++) {
		const char *wrong, *value = flags[i].value;

		options_init(&options, "smtp-stdio", 300);
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
	struct options options;
	size_t i;
	bool fit = true;

	options_init(&options, "smtp-stdio", 300);
	CHECK(options.root == NULL && options.errors_max == 20 &&
	    options.seconds == 300 && !options.lf_ends_lines &&
	    !options.verbose, "the defaults");
	for (i = 0; options.hostname[i] != '\0'; i++)
		fit &= options.hostname[i] > 0x20 && options.hostname[i] < 0x7f;
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
	(void)options_take(&options, 't', "nine");
	CHECK(options.seconds == 9, "a wrong value changes nothing");
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
	test_sizes();
	test_numbers();
	test_flags();
	test_values();
	test_usage();
	return check_end();
}
