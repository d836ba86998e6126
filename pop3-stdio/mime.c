/* The parts of a message; see mime.h. */
#include "pop3-stdio/mime.h"

#include <string.h>

#include "pop3-stdio/mime_parameter.h"

/* type "/" subtype, folded; what is none of this is text. */
static void
read_type(struct text *type, const char *value, const char *otherwise)
{
	size_t length = strcspn(value, " \t;("), i;

	if (memchr(value, '/', length) == NULL) {
		text_add(type, otherwise);
		return;
	}
	for (i = 0; i < length; i++)
		text_add_octet(type, text_fold(value[i]));
}

/* The name of a file: of Content-Disposition, or of an old Content-Type. */
static void
read_name(struct mime_part *part, const struct header_fields *fields)
{
	struct text name;

	text_init(&name, part->name, sizeof part->name);
	if (!mime_parameter(fields->values[FIELD_DISPOSITION].start,
	    "filename", &name))
		(void)mime_parameter(fields->values[FIELD_TYPE].start, "name",
		    &name);
}

/* Fills in what the header says of a part; what stands in place of no type. */
static void
describe(struct mime_part *part, const struct header_fields *fields,
    const char *otherwise)
{
	const char *type = fields->values[FIELD_TYPE].start;
	struct text text;

	memset(part, 0, sizeof *part);
	text_init(&text, part->type, sizeof part->type);
	read_type(&text, type, otherwise);
	text_init(&text, part->charset, sizeof part->charset);
	(void)mime_parameter(type, "charset", &text);
	part->encoding = transfer_encoding_find(
	    fields->values[FIELD_ENCODING].start);
	part->is_attachment = text_equal_folded(
	    fields->values[FIELD_DISPOSITION].start,
	    strcspn(fields->values[FIELD_DISPOSITION].start, " \t;("),
	    "attachment", sizeof "attachment" - 1);
	read_name(part, fields);
}

bool
mime_is(const struct mime_part *part, const char *type)
{
	size_t length = strlen(type);

	return strncmp(part->type, type, length) == 0 &&
	    (type[length - 1] == '/' || part->type[length] == '\0');
}

static bool
is_alternative(const struct mime *mime)
{
	return mime->depth > 0 && mime->levels[mime->depth - 1].is_alternative;
}

/* Goes into a multipart; false where it cannot be read as one. */
static bool
enter(struct mime *mime, const struct mime_part *part,
    const struct header_fields *fields)
{
	struct mime_level *level;
	struct text boundary;

	if (!mime_is(part, "multipart/") || mime->depth == MIME_DEPTH_MAX)
		return false;
	level = &mime->levels[mime->depth];
	text_init(&boundary, level->boundary, sizeof level->boundary);
	if (!mime_parameter(fields->values[FIELD_TYPE].start, "boundary",
	    &boundary) || boundary.cut || boundary.length == 0)
		return false;
	level->is_alternative = is_alternative(mime) ||
	    mime_is(part, "multipart/alternative");
	level->is_digest = mime_is(part, "multipart/digest");
	mime->depth++;
	return true;
}

/* The header of a part, or of the message, is complete. */
static void
end_header(struct mime *mime, const struct header_fields *fields)
{
	bool in_digest = mime->depth > 0 &&
	    mime->levels[mime->depth - 1].is_digest;
	struct mime_part part;

	describe(&part, fields, in_digest ? "message/rfc822" : "text/plain");
	mime->state = MIME_BETWEEN;
	if (enter(mime, &part, fields) || mime->count == MIME_PARTS_MAX)
		return;
	part.is_alternative = is_alternative(mime);
	part.start = mime->offset;
	mime->parts[mime->count++] = part;
	mime->state = MIME_IN_PART;
}

static void
end_part(struct mime *mime, uint64_t end)
{
	struct mime_part *part;

	if (mime->state == MIME_IN_PART) {
		part = &mime->parts[mime->count - 1];
		part->end = end > part->start ? end : part->start;
	}
	mime->state = MIME_BETWEEN;
}

/*
 * delimiter = "--" boundary, close-delimiter = delimiter "--", both with
 * blanks behind (RFC 2046 section 5.1.1).
 */
static bool
is_delimiter(const struct mime *mime, const char *boundary, bool *is_last)
{
	const char *line = mime->line + 2;
	size_t length = strlen(boundary), left = mime->line_length - 2;

	if (left < length || memcmp(line, boundary, length) != 0)
		return false;
	line += length;
	left -= length;
	*is_last = left >= 2 && line[0] == '-' && line[1] == '-';
	for (length = *is_last ? 2 : 0; length < left; length++)
		if (memchr(" \t\r", line[length], 3) == NULL)
			return false;
	return true;
}

/* Looks at a line, without its end: it may end one part, and begin another. */
static void
take_line(struct mime *mime, uint64_t start)
{
	size_t level;
	bool is_last;

	if (mime->line_length < 2 || memcmp(mime->line, "--", 2) != 0)
		return;
	for (level = mime->depth; level > 0; level--) {
		if (!is_delimiter(mime, mime->levels[level - 1].boundary,
		    &is_last))
			continue;
		/* the line end before it is a part of it */
		end_part(mime, start > 0 ? start - 1 : 0);
		mime->depth = is_last ? level - 1 : level;
		if (!is_last) {
			mime->state = MIME_IN_HEADER;
			header_fields_init(&mime->fields);
		}
		return;
	}
}

/* Ends the reading: what is open then goes to the end. */
static void
end_message(struct mime *mime)
{
	if (!mime->header.ended)
		end_header(mime, &mime->header);
	end_part(mime, mime->offset);
	if (mime->count == 0) {         /* a multipart that has no part */
		memset(&mime->parts[0], 0, sizeof mime->parts[0]);
		memcpy(mime->parts[0].type, "text/plain",
		    sizeof "text/plain");
		mime->count = 1;
	}
}

/* Takes an octet of a header; its last one begins what follows. */
static void
take_header(struct mime *mime, char octet)
{
	struct header_fields *fields = mime->header.ended ? &mime->fields :
	    &mime->header;

	(void)header_fields_add(fields, &octet, 1);
	if (fields->ended)
		end_header(mime, fields);
}

void
mime_read(struct mime *mime, FILE *file)
{
	uint64_t line_start = 0;
	int octet;

	mime->count = mime->depth = mime->line_length = 0;
	mime->offset = 0;
	mime->state = MIME_IN_HEADER;
	header_fields_init(&mime->header);
	rewind(file);
	while ((octet = getc_unlocked(file)) != EOF) {
		mime->offset++;
		if (mime->state == MIME_IN_HEADER)
			take_header(mime, (char)octet);
		if (octet == '\n') {
			take_line(mime, line_start);
			mime->line_length = 0;
			line_start = mime->offset;
		} else if (mime->line_length < sizeof mime->line)
			mime->line[mime->line_length++] = (char)octet;
	}
	take_line(mime, line_start);    /* where the last one has no end */
	end_message(mime);
}

void
mime_decode(const struct mime_part *part, FILE *file, struct sink to)
{
	uint64_t left = part->end - part->start;
	struct decoder decoder;
	char buffer[8192];
	size_t got;

	if (fseeko(file, (off_t)part->start, SEEK_SET) == -1)
		return;
	decoder_begin(&decoder, part->encoding, to);
	while (left > 0) {
		got = fread(buffer, 1, left < sizeof buffer ? (size_t)left :
		    sizeof buffer, file);
		if (got == 0)
			break;
		decoder_put(&decoder, buffer, got);
		left -= got;
	}
	decoder_end(&decoder);
}

static void
count_octets(void *context, const char *octets, size_t length)
{
	uint64_t *count = context;

	(void)octets;
	*count += length;
}

uint64_t
mime_octets(const struct mime_part *part, FILE *file)
{
	uint64_t count = 0;

	mime_decode(part, file, (struct sink){ count_octets, &count });
	return count;
}
