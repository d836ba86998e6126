/* What a message's header has in it, seen as it comes by (RFC 5322). */
#ifndef SMTP_STDIO_HEADER_H
#define SMTP_STDIO_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/address.h"

struct header_scan {
	bool ended;             /* the empty line behind it has been seen */
	uint64_t lines;         /* how many line ends it has had */
	unsigned received;      /* Received lines (RFC 5321 section 6.3) */
	bool has_date;
	bool has_message_id;
	bool has_eight_bits;    /* an octet from 0x80 on */

	/* who is told of each Delivered-To, folded; may be NULL */
	void (*delivered_to)(void *context, const char *address);
	void *context;
	bool is_delivered_to;   /* the line that is coming in, and what it says */
	size_t value_length;
	char value[ADDRESS_TEXT_SIZE];

	bool line_is_empty;     /* the line that is coming in */
	bool name_is_over;      /* its name is complete, or is none */
	bool has_blank;         /* behind its name, before a colon */
	size_t name_length;
	char name[16];          /* as far as it has come, folded */
};

void header_scan_init(struct header_scan *scan);

/*
 * Looks at the next octets of the message, with LF line ends.  Returns how
 * many of them are the header's, without the empty line behind it.
 */
size_t header_scan_add(struct header_scan *scan, const char *octets,
    size_t length);

#endif
