/* The parts of messages, well-formed and not. */
#include "pop3-stdio/mime.h"

#include "store/text.h"
#include "tests/lib/check.h"

#define ONE "Content-Type: multipart/mixed; boundary=one\n\n"

/* Each part is told as "type(body)", an alternative with a "|" before. */
static const struct {
	const char *name, *message, *parts;
} cases[] = {
	{ "a text", "Subject: x\n\nHello\n", "text/plain(Hello\n)" },
	{ "nothing", "", "text/plain()" },
	{ "no body", "Subject: x\n", "text/plain()" },
	{ "no header", "\nHello\n", "text/plain(Hello\n)" },
	{ "a header without an end", "Subject: x", "text/plain()" },
	{ "another type", "Content-Type: TEXT/HTML; x=y\n\na",
	    "text/html(a)" },
	{ "no type at all", "Content-Type: foo\n\na", "text/plain(a)" },
	{ "an encoded text",
	    "Content-Transfer-Encoding: base64\n\nSGVsbG8=\n",
	    "text/plain(Hello)" },
	{ "two parts", ONE "before\n--one\n\na\n--one\n"
	    "Content-Type: text/html\n\nb\n--one--\nbehind\n",
	    "text/plain(a)text/html(b)" },
	{ "blanks behind the boundary", ONE "--one \t\n\na\n--one-- \n",
	    "text/plain(a)" },
	{ "a longer boundary", ONE "--one\n\na\n--one1\nb\n--one--",
	    "text/plain(a\n--one1\nb)" },
	{ "an empty part", ONE "--one\n\n--one--\n", "text/plain()" },
	{ "a part without a header's end", ONE "--one\nX: y\n--one\n\na\n"
	    "--one--\n", "text/plain(a)" },
	{ "no last boundary", ONE "--one\n\na\n", "text/plain(a\n)" },
	{ "no part", ONE "nothing\n", "text/plain()" },
	{ "no boundary", "Content-Type: multipart/mixed\n\na\n",
	    "multipart/mixed(a\n)" },
	{ "alternatives", "Content-Type: multipart/alternative;\n"
	    " boundary=\"x y\"\n\n--x y\n\na\n--x y\n"
	    "Content-Type: text/html\n\nb\n--x y--\n",
	    "|text/plain(a)|text/html(b)" },
	{ "parts in parts", ONE "--one\n"
	    "Content-Type: multipart/alternative; boundary=two\n\n"
	    "--two\n\na\n--two\n\nb\n--two--\nc\n--one\n\nd\n--one--\n",
	    "|text/plain(a)|text/plain(b)text/plain(d)" },
	{ "an outer boundary ends the inner", ONE "--one\n"
	    "Content-Type: multipart/mixed; boundary=two\n\n"
	    "--two\n\na\n--one\n\nb\n--two\nc\n--one--\n",
	    "text/plain(a)text/plain(b\n--two\nc)" },
	{ "a digest", "Content-Type: multipart/digest; boundary=one\n\n"
	    "--one\n\nSubject: a\n\nb\n--one--\n",
	    "message/rfc822(Subject: a\n\nb)" },
	{ "a message in a message", ONE "--one\n"
	    "Content-Type: message/rfc822\n\nSubject: a\n\nb\n--one--\n",
	    "message/rfc822(Subject: a\n\nb)" },
};

static void
add_octets(void *context, const char *octets, size_t length)
{
	text_add_octets(context, octets, length);
}

static FILE *
file_of(const char *message)
{
	FILE *file = tmpfile();

	must(file != NULL && fputs(message, file) != EOF &&
	    fflush(file) == 0, "a temporary file");
	return file;
}

/* More levels, and more parts, than are looked at. */
static void
test_bounds(struct mime *mime)
{
	FILE *file = file_of(ONE);
	unsigned i;

	for (i = 0; i < 2 * MIME_PARTS_MAX; i++)
		fputs("--one\n\na\n", file);
	mime_read(mime, file);
	CHECK(mime->count == MIME_PARTS_MAX, "parts without end: %zu",
	    mime->count);
	fclose(file);
	file = file_of("");
	for (i = 0; i < 2 * MIME_DEPTH_MAX; i++)
		fprintf(file, "Content-Type: multipart/mixed; boundary=b%u\n"
		    "\n--b%u\n", i, i);
	mime_read(mime, file);
	CHECK(mime->count == 1 && mime_is(&mime->parts[0], "multipart/"),
	    "levels without end");
	fclose(file);
}

int
main(void)
{
	static struct mime mime;
	char buffer[1024];
	struct text text;
	size_t i, k;

	for (i = 0; i < COUNT(cases); i++) {
		FILE *file = file_of(cases[i].message);

		text_init(&text, buffer, sizeof buffer);
		mime_read(&mime, file);
		for (k = 0; k < mime.count; k++) {
			const struct mime_part *part = &mime.parts[k];
			size_t before;

			if (part->is_alternative)
				text_add(&text, "|");
			text_add(&text, part->type);
			text_add(&text, "(");
			before = text.length;
			mime_decode(part, file,
			    (struct sink){ add_octets, &text });
			CHECK(mime_octets(part, file) ==
			    text.length - before, "%s: octets of part %zu",
			    cases[i].name, k);
			text_add(&text, ")");
		}
		CHECK(strcmp(text.start, cases[i].parts) == 0, "%s: %s",
		    cases[i].name, shown(text.start, text.length));
		fclose(file);
	}
	test_bounds(&mime);
	return check_end();
}
