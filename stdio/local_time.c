/* Local time; see local_time.h. */
#include "stdio/local_time.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stdio/zone_rule.h"
#include "store/text.h"

/* The longest zone files have some four thousand octets. */
#define FILE_OCTETS_MAX 8192

/* The six numbers of a header, as RFC 9636 section 3.1 orders them. */
enum { UT_FLAGS, STANDARD_FLAGS, LEAPS, TIMES, TYPES, LETTERS, COUNTS };

#define HEADER_OCTETS 44
#define HEADER_UNUSED 20        /* "TZif", the version, and what is reserved */
#define TYPE_OCTETS 6

static bool is_to_load = true;

/* What is known of the zone; all zero: universal time. */
static struct {
	const unsigned char *times;     /* when offsets change, in the file */
	size_t time_octets;             /* of each: 4 or 8 */
	size_t time_count;
	const unsigned char *types_then;        /* one for each of these */
	const unsigned char *types;
	size_t type_count;
	bool has_rule;                  /* for what comes behind these times */
	struct zone_rule rule;
	unsigned char file[FILE_OCTETS_MAX + 1];
} zone;

/* A big-endian number with a sign. */
static int64_t
number_at(const unsigned char *octets, size_t length)
{
	uint64_t number = octets[0] & 0x80 ? UINT64_MAX : 0;

	while (length-- > 0)
		number = number << 8 | *octets++;
	return (int64_t)number;
}

/*
 * Takes the header at *at, and what follows it with times of so many octets;
 * *at is behind both then.  False where they are not whole.
 */
static bool
take_part(const unsigned char **at, const unsigned char *end,
    size_t time_octets)
{
	uint64_t count[COUNTS], length;
	const unsigned char *header = *at;
	int i;

	if (end - *at < HEADER_OCTETS || memcmp(header, "TZif", 4) != 0)
		return false;
	for (i = 0; i < COUNTS; i++)
		count[i] = (uint32_t)number_at(header + HEADER_UNUSED + 4 * i, 4);
	length = count[TIMES] * (time_octets + 1) + count[TYPES] * TYPE_OCTETS +
	    count[LETTERS] + count[LEAPS] * (time_octets + 4) +
	    count[STANDARD_FLAGS] + count[UT_FLAGS];
	*at += HEADER_OCTETS;
	if (length > (uint64_t)(end - *at))
		return false;
	zone.times = *at;
	zone.time_octets = time_octets;
	zone.time_count = count[TIMES];
	zone.types_then = zone.times + zone.time_count * time_octets;
	zone.types = zone.types_then + zone.time_count;
	zone.type_count = count[TYPES];
	*at += length;
	return true;
}

/*
 * A zone file: a part with times of 32 bits and, from version 2 on, a second
 * one with 64 and a line with a rule.
 */
static void
take_file(size_t length)
{
	const unsigned char *at = zone.file, *end = zone.file + length;
	char *line;

	zone.file[length] = '\0';
	if (!take_part(&at, end, 4) || zone.file[4] == '\0' ||
	    !take_part(&at, end, 8) || *at != '\n')
		return;
	line = (char *)zone.file + (at + 1 - zone.file);
	line[strcspn(line, "\n")] = '\0';
	zone.has_rule = zone_rule_parse(&zone.rule, line);
}

static int
load_file(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (file == -1)
		return -1;
	got = read(file, zone.file, FILE_OCTETS_MAX);
	if (got > 0)
		take_file((size_t)got);
	return file;
}

/* A zone by its name, or by that of its file. */
static int
load_named(const char *name)
{
	char path[256];
	struct text text;

	text_init(&text, path, sizeof path);
	text_add(&text, name[0] == '/' ? "" : "/usr/share/zoneinfo/");
	text_add(&text, name);
	return text.cut ? -1 : load_file(path);
}

int
local_time_open(void)
{
	const char *name = getenv("TZ");
	int saved = errno, file = -1;

	if (!is_to_load)
		return -1;
	is_to_load = false;
	if (name != NULL && name[0] == ':')
		name++;
	if (name == NULL)
		file = load_file("/etc/localtime");
	else if (zone_rule_parse(&zone.rule, name))
		zone.has_rule = true;
	else if (name[0] != '\0')
		file = load_named(name);
	errno = saved;
	return file;
}

void
local_time_load(void)
{
	int file = local_time_open(), saved = errno;

	if (file != -1)
		(void)close(file);
	errno = saved;
}

/* How many of the times are not later than this one. */
static size_t
count_times(int64_t seconds)
{
	size_t from = 0, to = zone.time_count;

	while (from < to) {
		size_t half = (from + to) / 2;

		if (number_at(zone.times + half * zone.time_octets,
		    zone.time_octets) <= seconds)
			from = half + 1;
		else
			to = half;
	}
	return from;
}

int32_t
local_time_offset(int64_t seconds)
{
	size_t times, type;

	local_time_load();
	times = count_times(seconds);
	if (zone.has_rule && times == zone.time_count)
		return zone_rule_offset(&zone.rule, seconds);
	type = times == 0 ? 0 : zone.types_then[times - 1];
	return type >= zone.type_count ? 0 :
	    (int32_t)number_at(zone.types + type * TYPE_OCTETS, 4);
}
