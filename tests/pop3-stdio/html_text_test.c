/* HTML as text, cut at every place into two. */
#include "pop3-stdio/html_text.h"

#include "store/text.h"
#include "tests/lib/check.h"

static const struct {
	const char *name, *html, *text;
} cases[] = {
	{ "text", "Hello", "Hello\n" },
	{ "nothing", "", "" },
	{ "only tags", "<html><body></body></html>", "" },
	{ "blanks are one", " a \n\t b  c ", "a b c\n" },
	{ "tags go", "a<b>b</b>c", "abc\n" },
	{ "a tag with attributes", "<a href=\"x>y\" title='<'>b</a>", "b\n" },
	{ "paragraphs", "<p>a</p><p>b</p>", "a\n\nb\n" },
	{ "a line end", "a<br>b<BR/>c", "a\nb\nc\n" },
	{ "two line ends", "a<br><br>b", "a\n\nb\n" },
	{ "rows", "<div>a</div><div>b</div>", "a\nb\n" },
	{ "cells", "<tr><td>a</td><td>b</td></tr><tr><td>c</td></tr>",
	    "a b\nc\n" },
	{ "items", "<ul><li>a</li><li>b</li></ul>", "* a\n* b\n" },
	{ "no script", "a<script>if (1 < 2) x('<p>');</script>b", "ab\n" },
	{ "no style", "<style>p { color: red }</style>b", "b\n" },
	{ "no head", "<head><title>t</title></head>b", "b\n" },
	{ "a head without an end", "<head><title>t</title><body>b", "b\n" },
	{ "comments go", "a<!-- <p> -- > -->b", "ab\n" },
	{ "a document type", "<!DOCTYPE html>a", "a\n" },
	{ "references", "&lt;a&amp;b&gt;&quot;", "<a&b>\"\n" },
	{ "numbers", "&#65;&#x42;&#X43;&#8364;", "ABC€\n" },
	{ "far away", "&#x1F98A;", "🦊\n" },
	{ "a blank that does not break", "a&nbsp;&nbsp;b", "a b\n" },
	{ "letters", "&uuml;&Auml;&szlig;", "üÄß\n" },
	{ "an unknown reference", "&foo; b", "&foo; b\n" },
	{ "no reference", "a & b", "a & b\n" },
	{ "a reference without an end", "a &amp b", "a & b\n" },
	{ "one at the end", "a &am", "a &am\n" },
	{ "a control by number", "a&#27;[2Jb&#x9b;c", "a[2Jbc\n" },
	{ "no such point", "a&#x110000;b&#xD800;c&#9999999;d", "abcd\n" },
	{ "no number", "&#;&#x;&#1a;", "&#;&#x;&#1a;\n" },
	{ "what begins no tag", "1 < 2 <3", "1 < 2 <3\n" },
	{ "a long reference", "&abcdefghijklmnop;", "&abcdefghijklmnop;\n" },
	{ "UTF-8", "für<br>dich", "für\ndich\n" },
	{ "a tag without an end", "a<b", "a\n" },
};

static void
add_octets(void *context, const char *octets, size_t length)
{
	text_add_octets(context, octets, length);
}

int
main(void)
{
	char buffer[256];
	struct text text;
	size_t i, cut;

	for (i = 0; i < COUNT(cases); i++)
		for (cut = 0; cut <= strlen(cases[i].html); cut++) {
			struct html_text html;

			text_init(&text, buffer, sizeof buffer);
			html_text_begin(&html,
			    (struct sink){ add_octets, &text });
			html_text_put(&html, cases[i].html, cut);
			html_text_put(&html, cases[i].html + cut,
			    strlen(cases[i].html + cut));
			html_text_end(&html);
			CHECK(strcmp(text.start, cases[i].text) == 0,
			    "%s, cut at %zu: %s", cases[i].name, cut,
			    shown(text.start, text.length));
		}
	return check_end();
}
