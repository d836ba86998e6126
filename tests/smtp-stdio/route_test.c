/*
 * Which recipients go which way: the values of smtp-send -D, and the paths
 * that they take.
 */
#include "smtp-stdio/route.h"

#include "tests/lib/check.h"

static const struct {
	const char *name;
	const char *domains[4];
	const char *path;
	bool takes;
} cases[] = {
	{ "no route", { NULL }, "bob@example.com", true },
	{ "its domain", { "example.com" }, "bob@example.com", true },
	{ "in capitals", { "example.com" }, "bob@Example.COM", true },
	{ "in capitals there", { "Example.Com" }, "bob@example.com", true },
	{ "another one", { "example.com" }, "bob@example.org", false },
	{ "one of several", { "example.org", "example.com" },
	  "bob@example.com", true },
	{ "below it", { "example.com" }, "bob@mail.example.com", false },
	{ "below, with a dot", { ".example.com" }, "bob@mail.example.com",
	  true },
	{ "far below", { ".example.com" }, "bob@a.b.example.com", true },
	{ "itself, with a dot", { ".example.com" }, "bob@example.com", false },
	{ "only its end", { ".example.com" }, "bob@anexample.com", false },
	{ "longer than the domain", { ".mail.example.com" },
	  "bob@example.com", false },
	{ "left out", { "!example.com" }, "bob@example.com", false },
	{ "not left out", { "!example.com" }, "bob@example.org", true },
	{ "left out below", { "!.example.com" }, "bob@a.example.com", false },
	{ "all below but one", { ".example.com", "!a.example.com" },
	  "bob@a.example.com", false },
	{ "all below but another one", { "!a.example.com", ".example.com" },
	  "bob@b.example.com", true },
	{ "named and not", { "!example.com", "example.com" },
	  "bob@example.com", false },
	{ "two at-signs", { "example.com" }, "\"a@example.org\"@example.com",
	  true },
	{ "a literal", { "[192.0.2.1]" }, "bob@[192.0.2.1]", true },
	{ "no domain", { "example.com" }, "postmaster", false },
	{ "no domain, and no route", { NULL }, "postmaster", true },
	{ "UTF-8", { "b\xc3\xbc""cher.example" },
	  "bob@b\xc3\xbc""cher.example", true }
};

static const char *const malformed[] = {
	"", "!", ".", "!.", "..example.com", "!!example.com", "a@example.com",
	"<example.com>", "example.com "
};

int
main(void)
{
	const char *domains[COUNT(malformed)];
	struct route route = { domains, 0 };
	size_t i, j;

	for (i = 0; i < COUNT(cases); i++) {
		bool added = true;

		route.count = 0;
		for (j = 0; cases[i].domains[j] != NULL; j++)
			added = added && route_add(&route, cases[i].domains[j]);
		CHECK(added, "%s: it is a route", cases[i].name);
		CHECK(route_takes(&route, cases[i].path) == cases[i].takes,
		    "%s", cases[i].name);
	}
	for (i = 0; i < COUNT(malformed); i++)
		CHECK(!route_add(&route, malformed[i]), "no domain: \"%s\"",
		    malformed[i]);
	return check_end();
}
