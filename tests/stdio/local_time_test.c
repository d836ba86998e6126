/*
 * Local time, against localtime_r(3) of the C library: by rules, by the files of all
 * zones, and by what leads nowhere.
 */
#include "stdio/local_time.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stdio/zone_rule.h"
#include "tests/lib/check.h"

#define ZONES "/usr/share/zoneinfo/"
#define DAY 86400
#define YEAR (365 * DAY + DAY / 4)

static const char *const rules[] = {
	"UTC0", "CET-1CEST,M3.5.0,M10.5.0/3",
	"NZST-12NZDT,M9.5.0,M4.1.0/3", "<+0330>-3:30", "<-0330>3:30:15",
	"IST-1GMT0,M10.5.0,M3.5.0/1", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
	"IST-2IDT,M3.4.4/26,M10.5.0", "AAA3BBB,J60,J300", "AAA-3BBB,J59,J10/0:30",
	"AAA3BBB,59/3,299/1:30:30", "AAA+0BBB-1:30,M2.4.6/24,M11.2.3",
	"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"
};

static const char *const no_rules[] = {
	"", "A", "AB0", "CET", "CET-", "CET-168", "CET-1:60", "CET-1C", "CET-1CEST,", "CET-1CEST-",
	"CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M0.5.0,M10.5.0",
	"CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J1",
	"CET-1CEST,J366,J1", "CET-1CEST,366,1", "CET-1CEST,M3.5.0,M10.5.0/",
	"CET-1CEST,M3.5.0,M10.5.0 ", "<CET-1", "Europe/Berlin",
	"CET-99999999999999999999"
};

static const char *const zones[] = {
	"Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York",
	"America/Sao_Paulo", "America/St_Johns", "America/Nuuk", "Asia/Kathmandu",
	"Asia/Tehran", "Asia/Gaza", "Africa/Casablanca", "Australia/Lord_Howe",
	"Pacific/Apia", "Pacific/Chatham", "Antarctica/Troll", "Etc/GMT+12"
};

/* How long an instant is from the next one, for the walk over all zones. */
static time_t step;
static unsigned files, wrong_files;

/* Whether both say the same from one instant to another. */
static bool
agree(time_t from, time_t to)
{
	struct tm local;

	for (; from < to; from += step)
		if (localtime_r(&from, &local) == NULL ||
		    local_time_offset((int64_t)from) != local.tm_gmtoff)
			return false;
	return true;
}

/* The same with a TZ, by a process of its own: local time is loaded once. */
static bool
agree_with(const char *name, time_t from, time_t to)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	must(child != -1, "no process");
	if (child == 0) {
		must(setenv("TZ", name, 1) == 0, "no TZ");
		tzset();
		_exit(agree(from, to) ? 0 : 1);
	}
	must(waitpid(child, &status, 0) == child, "no status");
	return status == 0;
}

static int
try_file(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	char start[4] = "";
	FILE *file;

	(void)walk;
	(void)status;
	/* Seconds that leap are in no time of POSIX. */
	if (kind != FTW_F || strstr(path, "/right/") != NULL)
		return 0;
	file = fopen(path, "r");
	if (file == NULL || fread(start, 1, sizeof start, file) != sizeof start)
		start[0] = '\0';
	if (file != NULL)
		fclose(file);
	if (memcmp(start, "TZif", sizeof start) != 0)
		return 0;
	files++;
	if (!agree_with(path, 0, 130 * (time_t)YEAR)) {
		wrong_files++;
		printf("# %s\n", path);
	}
	return 0;
}

static void
test_zones(void)
{
	size_t i;

	step = 11 * DAY + 3457;
	must(nftw(ZONES, try_file, 16, FTW_PHYS) == 0, "no walk");
	if (files == 0) {
		printf("ok %u - # SKIP no zones (Debian package tzdata)\n",
		    ++check_state.done);
		return;
	}
	CHECK(wrong_files == 0, "all %u zones from 1970 to 2100", files);
	step = 1801;
	for (i = 0; i < COUNT(zones); i++)
		CHECK(agree_with(zones[i], 54 * (time_t)YEAR, 56 * (time_t)YEAR) &&
		    agree_with(zones[i], 80 * (time_t)YEAR, 82 * (time_t)YEAR),
		    "%s, each half hour of two years now and later", zones[i]);
}

int
main(void)
{
	struct zone_rule rule;
	size_t i;

	step = 1801;
	for (i = 0; i < COUNT(rules); i++)
		CHECK(agree_with(rules[i], 50 * (time_t)YEAR, 60 * (time_t)YEAR),
		    "the rule %s", rules[i]);
	for (i = 0; i < COUNT(no_rules); i++)
		CHECK(!zone_rule_parse(&rule, no_rules[i]), "no rule: %s",
		    shown(no_rules[i], strlen(no_rules[i])));
	CHECK(zone_rule_parse(&rule, "EST5EDT") &&
	    zone_rule_offset(&rule, 1741503599) == -5 * 3600 &&
	    zone_rule_offset(&rule, 1741503600) == -4 * 3600,
	    "summer time without dates is that of the United States");
	CHECK(zone_rule_parse(&rule, "EST5EDT,0/0,J365/25") &&
	    zone_rule_offset(&rule, 54 * (int64_t)YEAR) == -4 * 3600 &&
	    zone_rule_offset(&rule, 1735707599) == -4 * 3600 &&
	    zone_rule_offset(&rule, 1735707600) == -4 * 3600,
	    "summer time all the year round");
	for (i = 0; i < 4; i++) {
		static const char *const nowhere[] = {
			"", ":", "No/Such_Zone", "/dev/null"
		};

		CHECK(agree_with(nowhere[i], 50 * (time_t)YEAR, 51 * (time_t)YEAR),
		    "universal time with TZ=\"%s\"", nowhere[i]);
	}
	test_zones();
	return check_end();
}
