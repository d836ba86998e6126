/* What octets a file has in it that decide how it can be sent. */
#ifndef SMTP_STDIO_CONTENT_H
#define SMTP_STDIO_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line may be that long, without its end (RFC 5321 section 4.5.3.1.6). */
#define CONTENT_LINE_OCTETS_MAX 998

struct content {
	uint64_t octets;
	uint64_t wire_octets;           /* with CRLF at each line's end; a last
	                                 * line without an end gets one */
	uint64_t eight_bits;            /* octets from 0x80 on */
	uint64_t longest_line;          /* in octets, without its end */
	bool has_bare_cr, has_nul;
	bool is_utf8;                   /* as far as it has come */

	/* the line, and the character, that are coming in */
	uint64_t line;
	char last;                      /* the octet before; 0 at the start */
	char character[4];
	size_t character_octets;
};

void content_init(struct content *content);

/* Looks at the next octets, with LF line ends. */
void content_add(struct content *content, const char *octets, size_t length);

/* After the last ones. */
void content_end(struct content *content);

/* Looks at a file from offset to its end; -1 with errno set on failure. */
int content_scan(struct content *content, int file, uint64_t offset);

/* Whether it can stand in a message as it is, in lines of ASCII. */
bool content_is_seven_bit(const struct content *content);

#endif
