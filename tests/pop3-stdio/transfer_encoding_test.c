/* Content transfer encodings, cut at every place into two. */
#include "pop3-stdio/transfer_encoding.h"

#include "store/text.h"
#include "tests/lib/check.h"

static const struct {
	const char *name;
	enum transfer_encoding encoding;
	const char *input;
	size_t input_length;
	const char *output;
	size_t output_length;
} cases[] = {
	{ "nothing", ENCODING_NONE, OCTETS("a=\n\0b"), OCTETS("a=\n\0b") },
	{ "base 64", ENCODING_BASE64, OCTETS("SGVsbG8="), OCTETS("Hello") },
	{ "lines of base 64", ENCODING_BASE64, OCTETS("SGVs\nbG8=\n"),
	    OCTETS("Hello") },
	{ "two ends", ENCODING_BASE64, OCTETS("SGU=bGxv"), OCTETS("Hello") },
	{ "no padding", ENCODING_BASE64, OCTETS("SGVsbG8"), OCTETS("Hello") },
	{ "foreign characters", ENCODING_BASE64, OCTETS("S G\r\nV*s!bG8="),
	    OCTETS("Hello") },
	{ "one character is no octet", ENCODING_BASE64, OCTETS("S"),
	    OCTETS("") },
	{ "padding alone", ENCODING_BASE64, OCTETS("===="), OCTETS("") },
	{ "a NUL in it", ENCODING_BASE64, OCTETS("AA\0=="), OCTETS("\0") },
	{ "quoted-printable", ENCODING_QUOTED_PRINTABLE,
	    OCTETS("a=3Db=0A=c3=A9"), OCTETS("a=b\n\xc3\xa9") },
	{ "a soft line end", ENCODING_QUOTED_PRINTABLE, OCTETS("a=\nb"),
	    OCTETS("ab") },
	{ "blanks before it", ENCODING_QUOTED_PRINTABLE, OCTETS("a= \t\nb"),
	    OCTETS("ab") },
	{ "a CR before it", ENCODING_QUOTED_PRINTABLE, OCTETS("a=\r\nb"),
	    OCTETS("ab") },
	{ "no hexadecimal", ENCODING_QUOTED_PRINTABLE, OCTETS("a=xyb"),
	    OCTETS("a=xyb") },
	{ "half of one", ENCODING_QUOTED_PRINTABLE, OCTETS("a=4xb"),
	    OCTETS("a=4xb") },
	{ "two signs", ENCODING_QUOTED_PRINTABLE, OCTETS("a==41"),
	    OCTETS("a=A") },
	{ "a sign at the end", ENCODING_QUOTED_PRINTABLE, OCTETS("a="),
	    OCTETS("a=") },
	{ "a digit at the end", ENCODING_QUOTED_PRINTABLE, OCTETS("a=4"),
	    OCTETS("a=4") },
	{ "a NUL behind the sign", ENCODING_QUOTED_PRINTABLE,
	    OCTETS("a=\0b"), OCTETS("a=\0b") },
};

static const struct {
	const char *name;
	enum transfer_encoding encoding;
} names[] = {
	{ "base64", ENCODING_BASE64 },
	{ "BASE64 (really)", ENCODING_BASE64 },
	{ "Quoted-Printable", ENCODING_QUOTED_PRINTABLE },
	{ "8bit", ENCODING_NONE },
	{ "base64x", ENCODING_NONE },
	{ "", ENCODING_NONE },
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
		for (cut = 0; cut <= cases[i].input_length; cut++) {
			struct decoder decoder;

			text_init(&text, buffer, sizeof buffer);
			decoder_begin(&decoder, cases[i].encoding,
			    (struct sink){ add_octets, &text });
			decoder_put(&decoder, cases[i].input, cut);
			decoder_put(&decoder, cases[i].input + cut,
			    cases[i].input_length - cut);
			decoder_end(&decoder);
			CHECK(same(text.start, text.length, cases[i].output,
			    cases[i].output_length), "%s, cut at %zu: %s",
			    cases[i].name, cut,
			    shown(text.start, text.length));
		}
	for (i = 0; i < COUNT(names); i++)
		CHECK(transfer_encoding_find(names[i].name) ==
		    names[i].encoding, "named \"%s\"", names[i].name);
	return check_end();
}
