/* What octets are in a file; see content.h. */
#include "smtp-stdio/content.h"

#include <string.h>
#include <sys/types.h>

#include "store/durable.h"
#include "store/utf8.h"

void
content_init(struct content *content)
{
	memset(content, 0, sizeof *content);
	content->is_utf8 = true;
}

/* Puts an octet to the character that it is part of. */
static void
add_to_character(struct content *content, char octet)
{
	size_t length;

	content->character[content->character_octets++] = octet;
	length = content->character_octets;
	if (utf8_is_valid(content->character, length))
		content->character_octets = 0;
	else if (length == sizeof content->character)
		content->is_utf8 = false;
}

static void
end_line(struct content *content)
{
	if (content->line > content->longest_line)
		content->longest_line = content->line;
	content->line = 0;
}

void
content_add(struct content *content, const char *octets, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		char octet = octets[i];
		bool is_high = (unsigned char)octet >= 0x80;

		content->eight_bits += is_high;
		if (content->is_utf8 &&
		    (is_high || content->character_octets > 0))
			add_to_character(content, octet);
		if (octet == '\n') {
			end_line(content);
			content->wire_octets++;
		} else
			content->line++;
		content->has_nul |= octet == '\0';
		content->has_bare_cr |= octet == '\r';
		content->last = octet;
	}
	content->octets += length;
	content->wire_octets += length;
}

void
content_end(struct content *content)
{
	end_line(content);
	if (content->octets > 0 && content->last != '\n')
		content->wire_octets += 2;
	if (content->character_octets > 0)
		content->is_utf8 = false;
}

int
content_scan(struct content *content, int file, uint64_t offset)
{
	char buffer[65536];
	ssize_t got;

	content_init(content);
	while ((got = durable_read_at(file, buffer, sizeof buffer,
	    (off_t)offset)) > 0) {
		content_add(content, buffer, (size_t)got);
		offset += (uint64_t)got;
	}
	content_end(content);
	return got == -1 ? -1 : 0;
}

bool
content_is_seven_bit(const struct content *content)
{
	return content->eight_bits == 0 && !content->has_bare_cr &&
	    !content->has_nul &&
	    content->longest_line <= CONTENT_LINE_OCTETS_MAX;
}
