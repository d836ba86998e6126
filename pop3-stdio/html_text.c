/* HTML as text; see html_text.h. */
#include "pop3-stdio/html_text.h"

#include <stdint.h>
#include <string.h>

#include "store/text.h"

void
html_text_begin(struct html_text *html, struct sink to)
{
	memset(html, 0, sizeof *html);
	html->to = to;
}

/* At least so many line ends come before the next text. */
static void
end_lines(struct html_text *html, unsigned lines)
{
	html->blank = false;
	if (html->lines < lines)
		html->lines = lines;
}

static void
put_text(struct html_text *html, const char *octets, size_t length)
{
	if (html->hidden[0] != '\0')
		return;
	if (html->has_text) {
		if (html->blank && html->lines == 0)
			sink_put(&html->to, " ", 1);
		sink_put(&html->to, "\n\n", html->lines);
	}
	sink_put(&html->to, octets, length);
	html->blank = false;
	html->has_text = true;
	html->lines = 0;
}

/* A code point as UTF-8; what is none, or a control, is nothing. */
static void
put_point(struct html_text *html, uint32_t point)
{
	char octets[4];
	size_t length = 0;

	if (point < 0x20 || (point >= 0x7f && point < 0xa0) ||
	    (point >= 0xd800 && point < 0xe000) || point > 0x10ffff)
		return;
	if (point == 0xa0) {
		html->blank = true;
		return;
	}
	if (point < 0x80)
		octets[length++] = (char)point;
	else if (point < 0x800)
		octets[length++] = (char)(0xc0 | point >> 6);
	else if (point < 0x10000) {
		octets[length++] = (char)(0xe0 | point >> 12);
		octets[length++] = (char)(0x80 | (point >> 6 & 0x3f));
	} else {
		octets[length++] = (char)(0xf0 | point >> 18);
		octets[length++] = (char)(0x80 | (point >> 12 & 0x3f));
		octets[length++] = (char)(0x80 | (point >> 6 & 0x3f));
	}
	if (point >= 0x80)
		octets[length++] = (char)(0x80 | (point & 0x3f));
	put_text(html, octets, length);
}

/* The number of a "&#...;"; 0 where it is none. */
static uint32_t
number_of(const char *name)
{
	unsigned base = name[1] == 'x' || name[1] == 'X' ? 16 : 10;
	const char *digit = name + (base == 16 ? 2 : 1);
	uint32_t number = 0;

	for (; *digit != '\0' && number <= 0x10ffff; digit++) {
		char folded = text_fold(*digit);

		if (folded >= '0' && folded <= '9')
			number = number * base + (uint32_t)(folded - '0');
		else if (base == 16 && folded >= 'a' && folded <= 'f')
			number = number * 16 + (uint32_t)(folded - 'a' + 10);
		else
			return 0;
	}
	return number;
}

/* The ones that mail has; of the others the name is shown. */
static uint32_t
point_of(const char *name)
{
	static const struct {
		const char *name;
		uint32_t point;
	} known[] = {
		{ "amp", '&' }, { "lt", '<' }, { "gt", '>' },
		{ "quot", '"' }, { "apos", '\'' }, { "nbsp", 0xa0 },
		{ "auml", 0xe4 }, { "ouml", 0xf6 }, { "uuml", 0xfc },
		{ "Auml", 0xc4 }, { "Ouml", 0xd6 }, { "Uuml", 0xdc },
		{ "szlig", 0xdf }, { "eacute", 0xe9 }, { "egrave", 0xe8 },
		{ "agrave", 0xe0 }, { "ccedil", 0xe7 }, { "copy", 0xa9 },
		{ "reg", 0xae }, { "trade", 0x2122 }, { "euro", 0x20ac },
		{ "pound", 0xa3 }, { "deg", 0xb0 }, { "middot", 0xb7 },
		{ "laquo", 0xab }, { "raquo", 0xbb }, { "ndash", 0x2013 },
		{ "mdash", 0x2014 }, { "lsquo", 0x2018 }, { "rsquo", 0x2019 },
		{ "ldquo", 0x201c }, { "rdquo", 0x201d }, { "bdquo", 0x201e },
		{ "bull", 0x2022 }, { "hellip", 0x2026 }, { "zwnj", 0x200c },
		{ "shy", 0xad }, { "times", 0xd7 }, { "rarr", 0x2192 }
	};
	size_t i;

	if (name[0] == '#')
		return number_of(name);
	for (i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(name, known[i].name) == 0)
			return known[i].point;
	return 0;
}

static void
end_reference(struct html_text *html, bool has_semicolon)
{
	uint32_t point = point_of(html->name);

	html->state = HTML_TEXT;
	if (point != 0) {
		put_point(html, point);
		return;
	}
	put_text(html, "&", 1);
	if (html->length > 0)
		put_text(html, html->name, html->length);
	if (has_semicolon)
		put_text(html, ";", 1);
}

static bool
is_one_of(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

/* A tag is complete: what it does to the text. */
static void
end_tag(struct html_text *html)
{
	static const char *const hidden[] = {
		"head", "script", "style", "title", NULL
	};
	static const char *const blocks[] = {
		"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table",
		"blockquote", "pre", "hr", NULL
	};
	static const char *const rows[] = {
		"br", "div", "tr", "li", "dt", "dd", "section", "article",
		"header", "footer", "center", "form", NULL
	};
	bool is_end = html->name[0] == '/';
	const char *name = html->name + is_end;

	html->state = HTML_TEXT;
	if (html->hidden[0] != '\0') {
		/* a body ends a head that has no end */
		if ((is_end && strcmp(name, html->hidden) == 0) ||
		    (!is_end && strcmp(name, "body") == 0))
			html->hidden[0] = '\0';
		return;
	}
	if (!is_end && is_one_of(name, hidden))
		memcpy(html->hidden, name, strlen(name) + 1);
	else if (is_one_of(name, blocks))
		end_lines(html, 2);
	else if (strcmp(name, "br") == 0)
		end_lines(html, html->lines < 2 ? html->lines + 1 : 2);
	else if (is_one_of(name, rows)) {
		end_lines(html, 1);
		if (strcmp(html->name, "li") == 0)
			put_text(html, "* ", 2);
	} else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0)
		html->blank = true;
}

/* Adds to the name of a tag or reference; false where it has got too long. */
static bool
add_to_name(struct html_text *html, char octet)
{
	if (html->length == sizeof html->name - 1)
		return false;
	html->name[html->length++] = octet;
	html->name[html->length] = '\0';
	return true;
}

static void
begin_name(struct html_text *html)
{
	html->length = 0;
	html->name[0] = '\0';
	html->name_is_over = false;
}

static void
take_text(struct html_text *html, char octet)
{
	switch (octet) {
	case '<':
		html->state = HTML_TAG;
		begin_name(html);
		break;
	case '&':
		html->state = HTML_REFERENCE;
		begin_name(html);
		break;
	case ' ':
	case '\t':
	case '\r':
	case '\n':
		html->blank = html->blank || html->hidden[0] == '\0';
		break;
	default:
		put_text(html, &octet, 1);
	}
}

/*
 * Whether an octet behind a "<" makes it the start of a tag; where nothing is
 * shown it can only be the end of that.
 */
static bool
begins_tag(const struct html_text *html, char octet)
{
	char folded = text_fold(octet);

	if (html->hidden[0] != '\0' && strcmp(html->hidden, "head") != 0)
		return octet == '/';
	return (folded >= 'a' && folded <= 'z') || octet == '/' ||
	    octet == '!' || octet == '?';
}

/* Takes an octet of the name of a tag, or the one behind it. */
static void
take_name(struct html_text *html, char octet)
{
	bool is_over = strchr(" \n\t\r", octet) != NULL ||
	    (octet == '/' && html->length > 0);

	html->name_is_over = is_over || !add_to_name(html, text_fold(octet));
	if (strcmp(html->name, "!--") == 0) {
		html->state = HTML_COMMENT;
		html->length = 0;
	}
}

static void
take_in_tag(struct html_text *html, char octet)
{
	if (html->length == 0 && !begins_tag(html, octet)) {
		html->state = HTML_TEXT;
		put_text(html, "<", 1);
		take_text(html, octet);
	} else if (octet == '>') {
		end_tag(html);
	} else if (octet == '"' || octet == '\'') {
		html->quote = octet;
		html->state = HTML_QUOTED;
	} else if (!html->name_is_over)
		take_name(html, octet);
}

static void
take(struct html_text *html, char octet)
{
	switch (html->state) {
	case HTML_TEXT:
		take_text(html, octet);
		break;
	case HTML_TAG:
		take_in_tag(html, octet);
		break;
	case HTML_QUOTED:
		if (octet == html->quote)
			html->state = HTML_TAG;
		break;
	case HTML_COMMENT:      /* length: of the "--" before the ">" */
		if (octet == '>' && html->length >= 2)
			html->state = HTML_TEXT;
		html->length = octet == '-' ? html->length + 1 : 0;
		break;
	case HTML_REFERENCE:
		if (octet == ';') {
			end_reference(html, true);
		} else if (((unsigned char)octet | 0x20) < 'a' &&
		    octet != '#' && !(octet >= '0' && octet <= '9')) {
			end_reference(html, false);
			take_text(html, octet);
		} else if (!add_to_name(html, octet)) {
			end_reference(html, false);
			take_text(html, octet);
		}
		break;
	}
}

void
html_text_put(struct html_text *html, const char *octets, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		take(html, octets[i]);
}

void
html_text_end(struct html_text *html)
{
	if (html->state == HTML_REFERENCE)
		end_reference(html, false);
	if (html->has_text)
		sink_put(&html->to, "\n", 1);
}
