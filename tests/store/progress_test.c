/* The line of a progress bar, in terminals of each width. */
#include "store/progress.h"

#include "tests/lib/check.h"

static const struct {
	const char *name;
	const char *what;
	uint64_t total, done;
	int64_t milliseconds;
	size_t columns;
	const char *line;
} cases[] = {
	{ "nothing done", "import", 2000000, 0, 1000, 40,
	    "import   0% [                   ] 0/2.0M" },
	{ "a half", "import", 2000000, 1000000, 12000, 40,
	    "import  50% [#####      ] 1.0M/2.0M 0:12" },
	{ "all", "export", 100, 100, 61000, 40,
	    "export 100% [#############] 100/100 0:00" },
	{ "hours", "import", 1000, 100, 1000000, 40,
	    "import  10% [         ] 100/1000 2:30:00" },
	{ "no total", "import", 0, 12345678, 61500, 40, "import 12.3M 1:01" },
	{ "less than a thousand thousands", "x", 0, 999999, 0, 40,
	    "x 999.9k 0:00" },
	{ "as it is", "x", 0, 9999, 0, 40, "x 9999 0:00" },
	{ "more than the total", "import", 10, 11, 1000, 40, "import 11 0:01" },
	{ "more than will ever be", "x", UINT64_MAX, UINT64_MAX / 2,
	    1000, 30, "x  50% 9223372.0T/18446744.0T " },
	{ "no room for a bar", "import", 1000, 100, 10000, 32,
	    "import  10% 100/1000 1:30" },
	{ "little room", "import", 1000, 100, 10000, 13, "import  10% 1" },
	{ "no room", "import", 1000, 100, 10000, 0, "" },
};

static void
test_every_width(void)
{
	bool fits = true, full = true;
	size_t columns;

	for (columns = 0; columns < 300; columns++) {
		struct progress progress = { .what = "import",
		    .total = 87654321, .done = 7654321 };
		char buffer[400];
		struct text line;

		text_init(&line, buffer, sizeof buffer);
		progress_line(&progress, 10000, columns, &line);
		fits &= line.length <= columns;
		full &= line.length == columns || columns < 40 ||
		    columns > 150;
	}
	CHECK(fits, "no line is wider than its terminal");
	CHECK(full, "and with a bar it is as wide");
}

int
main(void)
{
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		struct progress progress = { .what = cases[i].what,
		    .total = cases[i].total, .done = cases[i].done };
		char buffer[200];
		struct text line;

		text_init(&line, buffer, sizeof buffer);
		progress_line(&progress, cases[i].milliseconds,
		    cases[i].columns, &line);
		CHECK(strcmp(line.start, cases[i].line) == 0, "%s: \"%s\"",
		    cases[i].name, shown(line.start, line.length));
	}
	test_every_width();
	return check_end();
}
