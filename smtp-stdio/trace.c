/* Trace lines; see trace.h. */
#include "smtp-stdio/trace.h"

#include <string.h>

#include "stdio/local_time.h"
#include "store/calendar.h"

/*
 * A client's own name for itself, as it may stand in a header: what would
 * start a comment, end a line or be no ASCII becomes "?".
 */
static void
add_client_name(struct text *text, const char *name)
{
	for (; *name != '\0'; name++)
		text_add_octet(text, *name > 0x20 && *name < 0x7f &&
		    strchr("()<>\\\";,", *name) == NULL ? *name : '?');
}

/* TCP-info = address-literal / ( Domain FWS address-literal ) */
static void
add_peer(struct text *text, const struct peer *peer)
{
	switch (peer->family) {
	case PEER_UNKNOWN:
		text_add(text, "unknown");
		return;
	case PEER_IPV4:
		text_add(text, "unknown [");
		break;
	case PEER_IPV6:
		text_add(text, "[IPv6:");
		break;
	}
	text_add(text, peer->address);
	text_add(text, "]");
}

/* date-time = [ day-of-week "," ] date time, RFC 5322 section 3.3 */
void
date_write(struct text *text, int64_t seconds)
{
	int32_t offset = local_time_offset(seconds);
	unsigned ahead = (unsigned)(offset < 0 ? -offset : offset) / 60;
	struct tm date;

	calendar_date(&date, seconds + offset);
	calendar_add_day(text, &date);
	text_add(text, ", ");
	text_add_number(text, (uint64_t)date.tm_mday);
	text_add_octet(text, ' ');
	calendar_add_month(text, &date);
	text_add_octet(text, ' ');
	text_add_number(text, (uint64_t)(date.tm_year + 1900));
	text_add_octet(text, ' ');
	calendar_add_time(text, &date);
	text_add(text, offset < 0 ? " -" : " +");
	text_add_two_digits(text, ahead / 60);
	text_add_two_digits(text, ahead % 60);
}

void
trace_write(const struct trace *trace, struct text *text)
{
	text_add(text, "Return-Path: <");
	text_add(text, trace->reverse_path);
	text_add(text, ">\nReceived: from ");
	add_client_name(text, trace->client_name);
	text_add(text, " (");
	add_peer(text, trace->peer);
	text_add(text, ")\n\tby ");
	text_add(text, trace->hostname);
	text_add(text, " with ");
	text_add(text, trace->protocol);
	text_add(text, " id ");
	text_add(text, trace->id);
	if (trace->forward_path != NULL) {
		text_add(text, "\n\tfor <");
		text_add(text, trace->forward_path);
		text_add_octet(text, '>');
	}
	text_add(text, ";\n\t");
	date_write(text, trace->seconds);
	text_add_octet(text, '\n');
}

size_t
trace_top_length(const char *octets, size_t length)
{
	static const char name[] = "Return-Path:";
	const char *end;

	if (length < sizeof name - 1 ||
	    memcmp(octets, name, sizeof name - 1) != 0)
		return 0;
	end = memchr(octets, '\n', length);
	return end == NULL ? 0 : (size_t)(end + 1 - octets);
}
