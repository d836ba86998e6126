/* Lists of addresses; see mailbox_list.h. */
#include "smtp-stdio/mailbox_list.h"

#include <string.h>

#include "store/text.h"

/* One address as its pieces come in. */
struct reading {
	const char *start;              /* where it begins */
	bool is_wrong;                  /* it cannot be one any more */
	bool in_brackets, had_brackets;
	bool has_gap;                   /* a blank between two words */
	struct text words;              /* outside of brackets, as written */
	struct text name;               /* likewise, without quoting */
	struct text address;            /* inside of brackets */
	char words_buffer[PATH_OCTETS_MAX + 3];
	char name_buffer[MAILBOX_NAME_OCTETS_MAX + 1];
	char address_buffer[PATH_OCTETS_MAX + 3];
};

static void
begin(struct reading *reading, const char *start)
{
	reading->start = start;
	reading->is_wrong = reading->has_gap = false;
	reading->in_brackets = reading->had_brackets = false;
	text_init(&reading->words, reading->words_buffer,
	    sizeof reading->words_buffer);
	text_init(&reading->name, reading->name_buffer,
	    sizeof reading->name_buffer);
	text_init(&reading->address, reading->address_buffer,
	    sizeof reading->address_buffer);
}

static bool
is_blank(char octet)
{
	return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

/* comment = "(" *([FWS] ccontent) [FWS] ")", nested; NULL: it has no end. */
static const char *
skip_comment(const char *at, const char *end)
{
	unsigned depth = 0;

	for (; at < end; at++) {
		if (*at == '\\' && at + 1 < end)
			at++;
		else if (*at == '(')
			depth++;
		else if (*at == ')' && --depth == 0)
			return at + 1;
	}
	return NULL;
}

/* What is between words: blanks and comments; NULL as above. */
static const char *
skip_blanks(const char *at, const char *end)
{
	while (at != NULL && at < end && (is_blank(*at) || *at == '('))
		at = *at == '(' ? skip_comment(at, end) : at + 1;
	return at;
}

/* Adds an octet to where it belongs; blanks in an address are dropped. */
static void
add_octet(struct reading *reading, char octet)
{
	text_add_octet(reading->in_brackets ? &reading->address :
	    &reading->words, octet);
}

/*
 * quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE: a local-part keeps
 * its quoting, a name does not.
 */
static const char *
take_quoted(struct reading *reading, const char *at, const char *end)
{
	add_octet(reading, *at++);
	for (; at < end && *at != '"'; at++) {
		if (*at == '\r' || *at == '\n')
			continue;               /* folded */
		if (*at == '\\' && at + 1 < end)
			add_octet(reading, *at++);
		add_octet(reading, *at);
		if (!reading->in_brackets)
			text_add_octet(&reading->name, *at);
	}
	if (at == end)
		return NULL;
	add_octet(reading, '"');
	return at + 1;
}

/* Blanks: nothing around a dot or an "@", a gap between two words else. */
static const char *
take_blanks(struct reading *reading, const char *at, const char *end)
{
	const char *next = skip_blanks(at, end);
	const struct text *words = &reading->words;
	char before = words->length == 0 ? '.' :
	    words->start[words->length - 1];

	if (next == NULL || next == end || reading->in_brackets)
		return next;
	if (reading->name.length > 0 && strchr("<,;", *next) == NULL)
		text_add_octet(&reading->name, ' ');
	if (strchr(".@", before) == NULL && strchr(".@<,:;", *next) == NULL)
		reading->has_gap = true;
	return next;
}

/*
 * The end of an address; false where it is none and take is not asked.  Only
 * a postmaster needs no domain (RFC 5321 section 4.1.1.3).
 */
static bool
finish(const struct reading *reading, struct named_mailbox *mailbox)
{
	const struct text *address = reading->had_brackets ?
	    &reading->address : &reading->words;
	const char *rest;

	if (reading->is_wrong || reading->in_brackets || address->cut ||
	    (!reading->had_brackets && reading->has_gap))
		return false;
	mailbox->name[0] = '\0';
	if (reading->had_brackets)
		memcpy(mailbox->name, reading->name_buffer,
		    sizeof mailbox->name);
	return address->length > 0 &&
	    path_parse(&mailbox->path, address->start, &rest) &&
	    *rest == '\0' && (mailbox->path.domain != NULL ||
	    text_equal_folded(mailbox->path.text, strlen(mailbox->path.text),
	    "postmaster", 10));
}

/* domain-literal = "[" *dtext "]": a colon in it begins no group. */
static const char *
take_literal(struct reading *reading, const char *at, const char *end)
{
	while (at < end && *at != ']')
		add_octet(reading, *at++);
	return at;
}

/*
 * display-name = phrase, which a group has to have: words, and none of what
 * can only stand in an address.
 */
static bool
is_group_name(const struct reading *reading)
{
	return !reading->is_wrong && !reading->had_brackets &&
	    reading->name.length > 0 &&
	    (reading->words.start[0] == '"' ||
	    strpbrk(reading->words.start, "@<>[]\\") == NULL);
}

/* Takes what begins with a character that is no blank; NULL: it has no end. */
static const char *
take_character(struct reading *reading, const char *at, const char *end)
{
	switch (*at) {
	case '"':
		return take_quoted(reading, at, end);
	case '[':
		return take_literal(reading, at, end);
	case '<':
		if (reading->had_brackets)
			reading->is_wrong = true;
		reading->in_brackets = reading->had_brackets = true;
		break;
	case '>':
		if (!reading->in_brackets)
			reading->is_wrong = true;
		reading->in_brackets = false;
		break;
	default:
		if (reading->had_brackets && !reading->in_brackets)
			reading->is_wrong = true;
		add_octet(reading, *at);
		if (!reading->had_brackets)
			text_add_octet(&reading->name, *at);
		break;
	}
	return at + 1;
}

/* address-list = (address *("," address)); group = name ":" [list] ";" */
bool
mailbox_list_parse(const char *text, size_t length,
    bool (*take)(void *context, const struct named_mailbox *mailbox),
    void *context, const char **wrong)
{
	const char *at = text, *end = text + length;
	struct named_mailbox mailbox;
	struct reading reading;

	*wrong = NULL;
	mailbox.is_in_group = false;
	at = skip_blanks(at, end);
	begin(&reading, at);
	while (at != NULL && at <= end) {
		bool is_end = at == end;

		if (!is_end && *at == ':' && !reading.in_brackets) {
			if (mailbox.is_in_group || !is_group_name(&reading))
				break;
			mailbox.is_in_group = true;
			at = skip_blanks(at + 1, end);
			begin(&reading, at);
		} else if (is_end || ((*at == ',' || *at == ';') &&
		    !reading.in_brackets)) {
			bool is_empty = reading.words.length == 0 &&
			    !reading.had_brackets;

			if (!is_empty && !finish(&reading, &mailbox))
				break;
			if (!is_empty && !take(context, &mailbox))
				return false;
			if (is_end)
				return true;
			if (*at == ';')
				mailbox.is_in_group = false;
			at = skip_blanks(at + 1, end);
			begin(&reading, at);
		} else if (is_blank(*at) || *at == '(')
			at = take_blanks(&reading, at, end);
		else
			at = take_character(&reading, at, end);
	}
	*wrong = reading.start == NULL ? text : reading.start;
	return false;
}

void
mailbox_copy(struct named_mailbox *to, const struct named_mailbox *from)
{
	*to = *from;
	if (from->path.domain != NULL)
		to->path.domain = to->path.text +
		    (from->path.domain - from->path.text);
}

struct one {
	struct named_mailbox *mailbox;
	unsigned count;
};

static bool
take_one(void *context, const struct named_mailbox *mailbox)
{
	struct one *one = context;

	mailbox_copy(one->mailbox, mailbox);
	return one->count++ == 0 && !mailbox->is_in_group;
}

bool
mailbox_parse(struct named_mailbox *mailbox, const char *text)
{
	struct one one = { mailbox, 0 };
	const char *wrong;

	return mailbox_list_parse(text, strlen(text), take_one, &one, &wrong) &&
	    one.count == 1;
}
