/* Parameters of MIME fields. */
#include "pop3-stdio/mime_parameter.h"

#include "tests/lib/check.h"

static const struct {
	const char *field, *name, *value;
} cases[] = {
	{ "text/plain; charset=utf-8", "charset", "utf-8" },
	{ "text/plain;charset=utf-8;format=flowed", "charset", "utf-8" },
	{ "text/plain; CHARSET = \"utf-8\" ; x=y", "charset", "utf-8" },
	{ "a/b; name=\"a b; c.txt\"", "name", "a b; c.txt" },
	{ "a/b; name=\"a\\\"b\\\\c\"", "name", "a\"b\\c" },
	{ "a/b; name=\"no end", "name", "no end" },
	{ "a/b; name=", "name", "" },
	{ "a/b; filename=x; name=y", "name", "y" },
	{ "a/b; foo; name=y", "name", "y" },
	{ "a/b;;; name=y;", "name", "y" },
	{ "a/b; x=\";name=no\"; name=y", "name", "y" },
	{ "a/b; name=\"=?utf-8?Q?=C3=BC?=.txt\"", "name", "ü.txt" },
	{ "a; filename*=utf-8''%C3%BC.txt", "filename", "ü.txt" },
	{ "a; filename*=iso-8859-1'de'%FC.txt", "filename", "ü.txt" },
	{ "a; filename=u.txt; filename*=utf-8''%c3%bc.txt", "filename",
	    "ü.txt" },
	{ "a; filename*0=ab; filename*1=cd", "filename", "abcd" },
	{ "a; filename*1=cd; filename*0=ab", "filename", "abcd" },
	{ "a; filename*0*=utf-8''%C3; filename*1*=%BC; filename*2=.txt",
	    "filename", "ü.txt" },
	{ "a; filename*=plain", "filename", "plain" },
	{ "a; filename*=utf-8'", "filename", "utf-8'" },
	{ "a; filename*=utf-8''%C3%B", "filename", "\xc3%B" },
	{ "a; filename*=''%41", "filename", "A" },
};

static const struct {
	const char *field, *name;
} missing[] = {
	{ "", "name" }, { "text/plain", "name" }, { "a/b; nam=e", "name" },
	{ "a/b; filename=x", "name" }, { "name=x", "name" },
	{ "a/b; name", "name" }, { "a/b; name*1=x", "name" },
};

int
main(void)
{
	char buffer[256];
	struct text text;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		text_init(&text, buffer, sizeof buffer);
		CHECK(mime_parameter(cases[i].field, cases[i].name, &text) &&
		    strcmp(text.start, cases[i].value) == 0, "%s of %s: %s",
		    cases[i].name, cases[i].field,
		    shown(text.start, text.length));
	}
	for (i = 0; i < COUNT(missing); i++) {
		text_init(&text, buffer, sizeof buffer);
		CHECK(!mime_parameter(missing[i].field, missing[i].name,
		    &text) && text.length == 0, "no %s in \"%s\"",
		    missing[i].name, missing[i].field);
	}
	return check_end();
}
