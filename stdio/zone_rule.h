/*
 * A rule for local time, as TZ and the end of a zone file have it (POSIX.1-2008
 * section 8.3, RFC 9636 section 3.3.1): "CET-1CEST,M3.5.0,M10.5.0/3".
 */
#ifndef STDIO_ZONE_RULE_H
#define STDIO_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

/* When summer time begins or ends, every year; by the clock until then. */
struct zone_change {
	enum {
		BY_DAY,                 /* 0 to 365 */
		BY_DAY_WITHOUT_LEAP,    /* 1 to 365, without the 29th of February */
		BY_WEEKDAY              /* of a week in a month */
	} kind;
	unsigned month, week, day;      /* 5: the last week */
	int32_t seconds;                /* of that day, or before or behind it */
};

struct zone_rule {
	int32_t standard, summer;       /* seconds ahead of universal time */
	bool has_summer;
	struct zone_change begins, ends;
};

/* False where text is no such rule. */
bool zone_rule_parse(struct zone_rule *rule, const char *text);

/* How many seconds local time is ahead of universal time then. */
int32_t zone_rule_offset(const struct zone_rule *rule, int64_t seconds);

#endif
