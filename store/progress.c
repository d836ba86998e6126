/* A progress bar; see progress.h. */
#include "store/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define FIRST_MILLISECONDS 1000
#define NEXT_MILLISECONDS 200

#define COLUMNS_DEFAULT 80
#define COLUMNS_MAX 160
#define BAR_COLUMNS_MIN 8

static int64_t
now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* What fits in a line without the last column, where some terminals wrap. */
static size_t
find_columns(void)
{
	size_t columns = COLUMNS_DEFAULT;
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		columns = size.ws_col;
	return (columns < COLUMNS_MAX ? columns : COLUMNS_MAX) - 1;
}

/* As it is up to 9999, else in k, M or G, powers of 1000: "12.3M". */
static void
add_amount(struct text *text, uint64_t amount)
{
	static const char units[] = "kMGT";
	size_t unit = 0;

	if (amount < 10000) {
		text_add_number(text, amount);
		return;
	}
	while (amount >= 1000000 && unit < sizeof units - 2) {
		amount /= 1000;
		unit++;
	}
	text_add_number(text, amount / 1000);
	text_add_octet(text, '.');
	text_add_number(text, amount % 1000 / 100);
	text_add_octet(text, units[unit]);
}

/* Minutes and seconds, with hours before them where it takes that long. */
static void
add_time(struct text *text, uint64_t seconds)
{
	if (seconds < 3600)
		text_add_number(text, seconds / 60);
	else {
		text_add_number(text, seconds / 3600);
		text_add_octet(text, ':');
		text_add_two_digits(text, (unsigned)(seconds / 60 % 60));
	}
	text_add_octet(text, ':');
	text_add_two_digits(text, (unsigned)(seconds % 60));
}

static void
add_bar(struct text *text, size_t columns, double part)
{
	size_t full = (size_t)((double)columns * part), i;

	text_add(text, " [");
	for (i = 0; i < columns; i++)
		text_add_octet(text, i < full ? '#' : ' ');
	text_add_octet(text, ']');
}

void
progress_line(const struct progress *progress, int64_t milliseconds,
    size_t columns, struct text *line)
{
	uint64_t total = progress->total, done = progress->done;
	bool is_known = total > 0 && done <= total;
	double part = is_known ? (double)done / (double)total : 0;
	char buffer[COLUMNS_MAX], end_buffer[COLUMNS_MAX];
	double seconds = (double)milliseconds / 1000;
	struct text text, end;

	text_init(&text, buffer, columns < COLUMNS_MAX ? columns + 1 :
	    COLUMNS_MAX);
	text_add(&text, progress->what);
	text_init(&end, end_buffer, sizeof end_buffer);
	text_add_octet(&end, ' ');
	add_amount(&end, done);
	if (is_known) {
		unsigned percent = (unsigned)(part * 100);

		text_add_octet(&end, '/');
		add_amount(&end, total);
		text_add(&text, percent < 10 ? "   " : percent < 100 ? "  " :
		    " ");
		text_add_number(&text, percent);
		text_add_octet(&text, '%');
		seconds = part > 0 ? seconds / part - seconds : 0;
	}
	if (!is_known || part > 0) {
		text_add_octet(&end, ' ');
		add_time(&end, (uint64_t)seconds);
	}
	if (is_known && text.length + end.length + BAR_COLUMNS_MIN + 3 <=
	    columns)
		add_bar(&text, columns - text.length - end.length - 3, part);
	text_add(&text, end.start);
	text_add_octets(line, text.start, text.length);
}

/* Writes the line over the one that stands there, and blanks over its rest. */
static void
draw(struct progress *progress, int64_t milliseconds)
{
	size_t columns = find_columns(), blanks = progress->drawn;
	char buffer[COLUMNS_MAX];
	struct text line;

	text_init(&line, buffer, sizeof buffer);
	progress_line(progress, milliseconds, columns, &line);
	if (blanks > columns)           /* the window is smaller than it was */
		blanks = columns;
	blanks = blanks > line.length ? blanks - line.length : 0;
	fprintf(stderr, "\r%s%*s", line.start, (int)blanks, "");
	progress->drawn = line.length;
}

void
progress_begin(struct progress *progress, const char *what, uint64_t total)
{
	memset(progress, 0, sizeof *progress);
	progress->what = what;
	progress->total = total;
	progress->is_shown = isatty(STDERR_FILENO) == 1;
	if (progress->is_shown) {
		progress->began = now();
		progress->next = progress->began + FIRST_MILLISECONDS;
	}
}

void
progress_add(struct progress *progress, uint64_t amount)
{
	int64_t time;

	progress->done += amount;
	if (!progress->is_shown)
		return;
	time = now();
	if (time < progress->next)
		return;
	progress->next = time + NEXT_MILLISECONDS;
	draw(progress, time - progress->began);
}

void
progress_hide(struct progress *progress)
{
	if (progress->drawn > 0)
		fprintf(stderr, "\r%*s\r", (int)progress->drawn, "");
	progress->drawn = 0;
}

void
progress_end(struct progress *progress)
{
	progress_hide(progress);
	progress->is_shown = false;
}
