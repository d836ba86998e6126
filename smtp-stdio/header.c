/* A header as it comes by; see header.h. */
#include "smtp-stdio/header.h"

#include <string.h>

#include "store/text.h"

/* Tells of the Delivered-To whose line has come to its end. */
static void
end_delivered_to(struct header_scan *scan)
{
	size_t length = scan->value_length;

	if (!scan->is_delivered_to)
		return;
	scan->is_delivered_to = false;
	while (length > 0 && (scan->value[length - 1] == ' ' ||
	    scan->value[length - 1] == '\t'))
		length--;
	scan->value[length] = '\0';
	if (scan->delivered_to != NULL && length > 0)
		scan->delivered_to(scan->context, scan->value);
}

/* An address that is too long is none. */
static void
add_to_value(struct header_scan *scan, char octet)
{
	if (scan->value_length == 0 && (octet == ' ' || octet == '\t'))
		return;
	if (scan->value_length + 1 < sizeof scan->value)
		scan->value[scan->value_length++] = text_fold(octet);
	else
		scan->is_delivered_to = false;
}

static void
begin_line(struct header_scan *scan)
{
	scan->line_is_empty = true;
	scan->name_is_over = scan->has_blank = false;
	scan->name_length = 0;
}

void
header_scan_init(struct header_scan *scan)
{
	memset(scan, 0, sizeof *scan);
	begin_line(scan);
}

static bool
is_name(const struct header_scan *scan, const char *name)
{
	return scan->name_length == strlen(name) &&
	    memcmp(scan->name, name, scan->name_length) == 0;
}

/* A field's name has come to its colon. */
static void
note_field(struct header_scan *scan)
{
	if (is_name(scan, "received"))
		scan->received++;
	else if (is_name(scan, "date"))
		scan->has_date = true;
	else if (is_name(scan, "message-id"))
		scan->has_message_id = true;
	else if (is_name(scan, "delivered-to")) {
		scan->is_delivered_to = true;
		scan->value_length = 0;
	}
}

/*
 * field = field-name ":" unstructured CRLF.  A blank before the colon is
 * obsolete, but there; a line that begins with one goes on with a field.
 */
static void
add_to_name(struct header_scan *scan, char octet)
{
	bool is_blank = octet == ' ' || octet == '\t';

	if (octet == ':') {
		note_field(scan);
		scan->name_is_over = true;
	} else if (is_blank && scan->name_length > 0)
		scan->has_blank = true;
	else if (is_blank || scan->has_blank ||
	    scan->name_length == sizeof scan->name)
		scan->name_is_over = true;
	else
		scan->name[scan->name_length++] = text_fold(octet);
}

size_t
header_scan_add(struct header_scan *scan, const char *octets, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (octets[i] == '\n') {
			if (scan->line_is_empty) {
				scan->ended = true;
				break;
			}
			scan->lines++;
			end_delivered_to(scan);
			begin_line(scan);
			continue;
		}
		scan->line_is_empty = false;
		if ((unsigned char)octets[i] >= 0x80)
			scan->has_eight_bits = true;
		if (!scan->name_is_over)
			add_to_name(scan, octets[i]);
		else if (scan->is_delivered_to)
			add_to_value(scan, octets[i]);
	}
	return i;
}
