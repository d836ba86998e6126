/* Encoded words; see header_text.h. */
#include "pop3-stdio/header_text.h"

#include <stdbool.h>
#include <string.h>

#include "pop3-stdio/charset.h"
#include "pop3-stdio/transfer_encoding.h"

/* RFC 2047 section 2 allows 75; some programs put all of a subject into one. */
#define WORD_OCTETS_MAX 2048

/* encoded-word = "=?" charset "?" encoding "?" encoded-text "?=" */
struct word {
	const char *charset, *text;
	size_t charset_length, text_length;
	char encoding;                  /* b or q */
	size_t length;                  /* of all of it */
};

/* Finds the "?" that ends a part of a word; NULL where there is none. */
static const char *
find_mark(const char *at, const char *end)
{
	return at < end ? memchr(at, '?', (size_t)(end - at)) : NULL;
}

/* Reads the word at the start of a text; false where it is none. */
static bool
take_word(const char *text, size_t length, struct word *word)
{
	const char *end, *mark, *star;

	if (length > WORD_OCTETS_MAX)
		length = WORD_OCTETS_MAX;
	end = text + length;
	if (length < 2 || text[0] != '=' || text[1] != '?')
		return false;
	word->charset = text + 2;
	mark = find_mark(word->charset, end);
	if (mark == NULL || end - mark < 3 || mark[2] != '?')
		return false;
	word->charset_length = (size_t)(mark - word->charset);
	star = memchr(word->charset, '*', word->charset_length);
	if (star != NULL)               /* RFC 2231 section 5: a language */
		word->charset_length = (size_t)(star - word->charset);
	word->encoding = text_fold(mark[1]);
	if (word->encoding != 'b' && word->encoding != 'q')
		return false;
	word->text = mark + 3;
	mark = word->text;
	do      /* a "?" in it is wrong, and there are such */
		mark = find_mark(mark, end);
	while (mark != NULL && (mark + 1 == end || mark[1] != '=') &&
	    ++mark < end);
	if (mark == NULL || mark >= end)
		return false;
	word->text_length = (size_t)(mark - word->text);
	word->length = (size_t)(mark + 2 - text);
	return true;
}

static void
add_octets(void *context, const char *octets, size_t length)
{
	text_add_octets(context, octets, length);
}

static void
convert_octets(void *context, const char *octets, size_t length)
{
	charset_put(context, octets, length);
}

/* The words that follow on each other, as long as their charset is the same. */
struct run {
	struct text *to;
	bool is_open;
	struct charset charset;
	const char *name;
	size_t name_length;
};

static void
end_run(struct run *run)
{
	if (run->is_open)
		charset_end(&run->charset);
	run->is_open = false;
}

/* In the Q encoding "_" is a blank (RFC 2047 section 4.2). */
static void
put_q(struct decoder *decoder, const char *text, size_t length)
{
	while (length > 0) {
		const char *line = memchr(text, '_', length);
		size_t plain = line == NULL ? length : (size_t)(line - text);

		decoder_put(decoder, text, plain);
		if (line != NULL)
			decoder_put(decoder, " ", 1);
		plain += line != NULL;
		text += plain;
		length -= plain;
	}
}

static void
put_word(struct run *run, const struct word *word)
{
	struct decoder decoder;

	if (run->is_open && !text_equal_folded(run->name, run->name_length,
	    word->charset, word->charset_length))
		end_run(run);
	if (!run->is_open) {
		struct sink sink = { add_octets, run->to };

		charset_begin(&run->charset, word->charset,
		    word->charset_length, sink);
		run->is_open = true;
		run->name = word->charset;
		run->name_length = word->charset_length;
	}
	decoder_begin(&decoder, word->encoding == 'b' ? ENCODING_BASE64 :
	    ENCODING_QUOTED_PRINTABLE,
	    (struct sink){ convert_octets, &run->charset });
	if (word->encoding == 'b')
		decoder_put(&decoder, word->text, word->text_length);
	else
		put_q(&decoder, word->text, word->text_length);
	decoder_end(&decoder);
}

void
header_text_decode(struct text *to, const char *value, size_t length)
{
	struct run run = { .to = to };
	size_t blanks = 0, i = 0;
	struct word word;

	while (i < length) {
		if (value[i] == ' ' || value[i] == '\t') {
			blanks++;
			i++;
			continue;
		}
		if (take_word(value + i, length - i, &word)) {
			if (!run.is_open)       /* else they belong together */
				text_add_octets(to, value + i - blanks,
				    blanks);
			put_word(&run, &word);
			i += word.length;
		} else {
			end_run(&run);
			text_add_octets(to, value + i - blanks, blanks + 1);
			i++;
		}
		blanks = 0;
	}
	end_run(&run);
}

/* A mailbox's parts, as places in the value of a field. */
struct mailbox_text {
	size_t name, name_end;          /* before the "<", or all */
	size_t address, address_end;    /* between "<" and ">" */
	size_t comment, comment_end;    /* in the first parentheses */
};

static void
find_parts(const char *from, size_t length, struct mailbox_text *parts)
{
	unsigned depth = 0;
	bool quoted = false;
	size_t i;

	memset(parts, 0, sizeof *parts);
	parts->name_end = length;
	for (i = 0; i < length; i++) {
		if (from[i] == '\\' && (quoted || depth > 0))
			i++;
		else if (from[i] == '"' && depth == 0)
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (from[i] == '(' && depth++ == 0 && parts->comment == 0)
			parts->comment = i + 1;
		else if (from[i] == ')' && depth > 0 && --depth == 0 &&
		    parts->comment_end == 0)
			parts->comment_end = i;
		else if (from[i] == '<' && depth == 0) {
			parts->name_end = i;
			parts->address = parts->address_end = i + 1;
			while (parts->address_end < length &&
			    from[parts->address_end] != '>')
				parts->address_end++;
			return;
		} else if (from[i] == ',' && depth == 0) {
			parts->name_end = i;
			return;
		}
	}
}

static void
trim(const char *from, size_t *start, size_t *end)
{
	while (*start < *end && strchr(" \t", from[*start]) != NULL)
		++*start;
	while (*start < *end && strchr(" \t", from[*end - 1]) != NULL)
		--*end;
}

/* Adds without the quotes around a quoted-string and in it. */
static void
add_unquoted(struct text *to, const char *text, size_t length)
{
	char buffer[1024];
	struct text plain;
	size_t i;

	text_init(&plain, buffer, sizeof buffer);
	for (i = 0; i < length; i++) {
		if (text[i] == '"')
			continue;
		if (text[i] == '\\' && i + 1 < length)
			i++;
		text_add_octet(&plain, text[i]);
	}
	header_text_decode(to, plain.start, plain.length);
}

void
header_text_name(struct text *to, const char *from, size_t length)
{
	struct mailbox_text parts;
	size_t before = to->length;

	find_parts(from, length, &parts);
	trim(from, &parts.name, &parts.name_end);
	if (parts.address != 0)
		add_unquoted(to, from + parts.name,
		    parts.name_end - parts.name);
	if (to->length == before && parts.comment_end > parts.comment)
		add_unquoted(to, from + parts.comment,
		    parts.comment_end - parts.comment);
	if (to->length == before && parts.address != 0)
		add_unquoted(to, from + parts.address,
		    parts.address_end - parts.address);
	if (to->length == before)
		add_unquoted(to, from + parts.name,
		    parts.name_end - parts.name);
}
