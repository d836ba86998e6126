/* Header fields for people: encoded words, and who sent it. */
#include "pop3-stdio/header_text.h"

#include "tests/lib/check.h"

static const struct {
	const char *name, *value, *text;
} words[] = {
	{ "plain text stays", "Lunch on Thursday", "Lunch on Thursday" },
	{ "nothing is nothing", "", "" },
	{ "the Q encoding", "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße" },
	{ "the B encoding", "=?utf-8?B?R3LDvMOfZQ==?=", "Grüße" },
	{ "names without case", "=?UTF-8?b?R3LDvMOfZQ==?=", "Grüße" },
	{ "an underline is a blank", "=?us-ascii?Q?a_b=5Fc?=", "a b_c" },
	{ "Latin-1", "=?iso-8859-1?Q?R=E9union?=", "Réunion" },
	{ "windows-1252", "=?windows-1252?Q?=93=80=94?=", "“€”" },
	{ "ISO-2022-JP", "=?ISO-2022-JP?B?GyRCMnE1RBsoQg==?=", "会議" },
	{ "GB18030", "=?gb18030?B?0rvS2w==?=", "一役" },
	{ "blanks between words go", "=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab" },
	{ "also of another charset", "=?utf-8?Q?a?=  =?iso-8859-1?Q?=E9?=",
	    "aé" },
	{ "blanks before and behind stay", "x =?utf-8?Q?a?= y", "x a y" },
	{ "a character that two words share",
	    "=?utf-8?B?w7w=?= =?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "üü" },
	{ "a language", "=?utf-8*de?Q?=C3=A4?=", "ä" },
	{ "no word: an unknown encoding", "=?utf-8?X?a?=", "=?utf-8?X?a?=" },
	{ "no word: without an end", "=?utf-8?Q?abc", "=?utf-8?Q?abc" },
	{ "no word: nothing but a start", "=?", "=?" },
	{ "no word: two marks", "=?a?= b", "=?a?= b" },
	{ "an unknown charset: only its ASCII", "=?x-none?Q?a=E9b?=", "a?b" },
	{ "a charset with a slash", "=?utf-8//TRANSLIT?Q?a=C3=A9?=", "a??" },
	{ "what is no base 64 is passed over", "=?utf-8?B?YQ=!=Yg==?=", "ab" },
	{ "half a hexadecimal", "=?utf-8?Q?a=C?=", "a=C" },
	{ "a question mark in a word", "=?utf-8?Q?what?" "?=", "what?" },
	{ "half a character", "=?utf-16?B?AA==?=", "?" },
	{ "raw UTF-8", "Réunion", "Réunion" },
	{ "a mark inside", "a =? b ?= c", "a =? b ?= c" },
};

static const struct {
	const char *name, *value, *text;
} names[] = {
	{ "an address", "alice@example.org", "alice@example.org" },
	{ "an address in brackets", "<alice@example.org>",
	    "alice@example.org" },
	{ "a display name", "Alice <alice@example.org>", "Alice" },
	{ "a quoted one", "\"Alice \\\"A\\\" B\" <a@example.org>",
	    "Alice \"A\" B" },
	{ "a bracket in quotes", "\"a <b>\" <a@example.org>", "a <b>" },
	{ "an encoded one", "=?utf-8?Q?J=C3=BCrgen?= <j@example.org>",
	    "Jürgen" },
	{ "a comment", "alice@example.org (Alice A.)", "Alice A." },
	{ "the first of two", "Alice <a@example.org>, Bob <b@example.org>",
	    "Alice" },
	{ "the first of two addresses", "a@example.org, b@example.org",
	    "a@example.org" },
	{ "no address at all", "somebody", "somebody" },
	{ "nothing", "", "" },
	{ "a bracket without an end", "<alice", "alice" },
	{ "an empty name", "\"\" <alice@example.org>", "alice@example.org" },
};

int
main(void)
{
	char buffer[256];
	struct text text;
	size_t i, size;

	for (i = 0; i < COUNT(words); i++) {
		text_init(&text, buffer, sizeof buffer);
		header_text_decode(&text, words[i].value,
		    strlen(words[i].value));
		CHECK(strcmp(text.start, words[i].text) == 0, "%s: %s",
		    words[i].name, shown(text.start, text.length));
	}
	for (i = 0; i < COUNT(names); i++) {
		text_init(&text, buffer, sizeof buffer);
		header_text_name(&text, names[i].value,
		    strlen(names[i].value));
		CHECK(strcmp(text.start, names[i].text) == 0, "%s: %s",
		    names[i].name, shown(text.start, text.length));
	}
	for (size = 1; size < 8; size++) {
		text_init(&text, buffer, size);
		header_text_decode(&text, OCTETS("=?utf-8?Q?abcdefgh?="));
		CHECK(text.length == size - 1 && text.cut,
		    "cut after %zu octets", size - 1);
	}
	return check_end();
}
