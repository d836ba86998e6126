/*
 * Mailbox names: what may become a path component and what never does, the
 * folding of case, domains, and where a text is parted.
 */
#include "store/address.h"

#include "tests/lib/check.h"

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define E_ACUTE_30 "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9" \
	"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"

static const struct {
	const char *name;
	const char *domain;
	size_t length;
	bool valid;
} domains[] = {
	{ "two labels", OCTETS("example.org"), true },
	{ "one label", OCTETS("localhost"), true },
	{ "one letter", OCTETS("x"), true },
	{ "digits at the start", OCTETS("3com.com"), true },
	{ "digits alone", OCTETS("127.0.0.1"), true },
	{ "capitals", OCTETS("EXAMPLE.Org"), true },
	{ "an inner hyphen", OCTETS("mail-stdio.example"), true },
	{ "two inner hyphens", OCTETS("xn--bcher-kva.example"), true },
	{ "an underscore", OCTETS("_dmarc.my_host.example"), true },
	{ "a U-label", OCTETS("b\xc3\xbc" "cher.example"), true },
	{ "a label of 63 octets", OCTETS(A63 ".example"), true },
	{ "a label of 64 octets", OCTETS("a" A63 ".example"), false },
	{ "a last label of 63 octets", OCTETS("example." A63), true },
	{ "a last label of 64 octets", OCTETS("example.a" A63), false },
	{ "255 octets", OCTETS(A63 "." A63 "." A63 "." A63), true },
	{ "256 octets", OCTETS(A63 "." A63 "." A63 ".a." "a" A63 "aa"), false },
	{ "256 octets with short labels",
	  OCTETS(A63 "." A63 "." A63 "." "a.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), false },
	{ "nothing", OCTETS(""), false },
	{ "a dot", OCTETS("."), false },
	{ "a dot first", OCTETS(".example.org"), false },
	{ "a dot last", OCTETS("example.org."), false },
	{ "two dots together", OCTETS("example..org"), false },
	{ "a hyphen alone", OCTETS("-"), false },
	{ "a hyphen first", OCTETS("-example.org"), false },
	{ "a hyphen last", OCTETS("example.org-"), false },
	{ "a label with a hyphen first", OCTETS("example.-org"), false },
	{ "a label with a hyphen last", OCTETS("example-.org"), false },
	{ "a space", OCTETS("example org"), false },
	{ "a trailing space", OCTETS("example.org "), false },
	{ "a slash", OCTETS("example/org"), false },
	{ "a NUL", OCTETS("example\0org"), false },
	{ "a line end", OCTETS("example.org\n"), false },
	{ "an address literal", OCTETS("[192.0.2.1]"), false },
	{ "a colon", OCTETS("example.org:25"), false },
	{ "an at sign", OCTETS("a@example.org"), false },
	{ "an asterisk", OCTETS("*.example.org"), false },
	{ "a plus", OCTETS("a+b.example"), false },
};

static void
test_domains(void)
{
	size_t i;

	for (i = 0; i < COUNT(domains); i++)
		CHECK(domain_is_valid(domains[i].domain, domains[i].length) ==
		    domains[i].valid, "%s: %s",
		    domains[i].valid ? "a domain" : "no domain",
		    domains[i].name);
}

/* What stands before the @: a name that is refused reaches no file system. */
static const struct {
	const char *name;
	const char *local;
	size_t length;
	const char *kept;       /* folded; NULL: refused */
} locals[] = {
	{ "letters", OCTETS("bob"), "bob" },
	{ "capitals", OCTETS("Bob.SMITH"), "bob.smith" },
	{ "a subaddress", OCTETS("bob+Lists"), "bob+lists" },
	{ "all octets of an atom but the slash",
	  OCTETS("!#$%&'*+-=?^_`{|}~Az09"), "!#$%&'*+-=?^_`{|}~az09" },
	{ "a space", OCTETS("Bob Smith"), "bob smith" },
	{ "a quote and a backslash", OCTETS("\"b\\o\""), "\"b\\o\"" },
	{ "an at sign", OCTETS("a@b"), "a@b" },
	{ "a colon and a comma", OCTETS("a:b,c"), "a:b,c" },
	{ "an asterisk alone", OCTETS("*"), "*" },
	{ "a hyphen first", OCTETS("-rf"), "-rf" },
	{ "a tilde first", OCTETS("~root"), "~root" },
	{ "inner dots", OCTETS("a..b."), "a..b." },
	{ "UTF-8, folded in ASCII alone",
	  OCTETS("R\xc3\x89mi"), "r\xc3\x89mi" },

	{ "nothing", OCTETS(""), NULL },
	{ "a dot", OCTETS("."), NULL },
	{ "two dots", OCTETS(".."), NULL },
	{ "a dot first", OCTETS(".secret"), NULL },
	{ "a slash", OCTETS("a/b"), NULL },
	{ "a slash alone", OCTETS("/"), NULL },
	{ "a slash first", OCTETS("/etc"), NULL },
	{ "a slash last", OCTETS("bob/"), NULL },
	{ "a way up", OCTETS("../bob"), NULL },
	{ "a way up inside", OCTETS("a/../bob"), NULL },
	{ "a NUL", OCTETS("bob\0"), NULL },
	{ "a NUL inside", OCTETS("b\0b"), NULL },
	{ "a tab", OCTETS("b\tb"), NULL },
	{ "a line end", OCTETS("bob\n"), NULL },
	{ "a CR", OCTETS("bob\r"), NULL },
	{ "an escape", OCTETS("\033[2J"), NULL },
	{ "DEL", OCTETS("bob\x7f"), NULL },
	{ "a C1 control", OCTETS("bob\xc2\x85"), NULL },
	{ "Latin-1", OCTETS("Ren\xe9"), NULL },
	{ "an overlong slash", OCTETS("a\xc0\xaf" "b"), NULL },
	{ "an overlong dot first", OCTETS("\xc0\xae"), NULL },
};

static void
test_locals(void)
{
	static const struct address before = { "old", "old.example" };
	struct address address;
	size_t i;

	for (i = 0; i < COUNT(locals); i++) {
		const char *kept = locals[i].kept;
		bool right;

		address = before;
		right = address_set(&address, locals[i].local, locals[i].length,
		    OCTETS("Example.ORG")) == (kept != NULL);
		right = right && (kept == NULL ?
		    strcmp(address.local, "old") == 0 &&
		    strcmp(address.domain, "old.example") == 0 :
		    strcmp(address.local, kept) == 0 &&
		    strcmp(address.domain, "example.org") == 0);
		CHECK(right, "%s name: %s", kept != NULL ? "a safe" : "no safe",
		    locals[i].name);

		address = before;
		right = address_set_local(&address, locals[i].local,
		    locals[i].length) == (kept != NULL);
		CHECK(right && strcmp(address.domain, "old.example") == 0 &&
		    strcmp(address.local, kept == NULL ? "old" : kept) == 0,
		    "%s local-part to put in: %s",
		    kept != NULL ? "a safe" : "no safe", locals[i].name);
	}
}

/* Domains that the syntax may allow, but a path does not, and the reverse. */
static void
test_set_domains(void)
{
	static const struct address before = { "old", "old.example" };
	struct address address;
	size_t i;

	for (i = 0; i < COUNT(domains); i++) {
		bool set;

		address = before;
		set = address_set(&address, OCTETS("Bob"), domains[i].domain,
		    domains[i].length);
		CHECK(set == domains[i].valid && strcmp(address.local,
		    domains[i].valid ? "bob" : "old") == 0,
		    "%s an address: %s",
		    domains[i].valid ? "domain of" : "no domain of",
		    domains[i].name);
	}
	address = before;
	CHECK(!address_set(&address, OCTETS("bob"), OCTETS("b\xfc" "cher.example")),
	    "no domain of an address: Latin-1");
	CHECK(!address_set(&address, OCTETS("bob"), OCTETS("a\xc0\xaf" "b")),
	    "no domain of an address: an overlong slash");
	CHECK(strcmp(address.local, "old") == 0 &&
	    strcmp(address.domain, "old.example") == 0,
	    "an address that is not set is as it was");
}

static void
test_lengths(void)
{
	char local[ADDRESS_PART_MAX + 1];
	struct address address;

	memset(local, 'B', sizeof local);
	CHECK(address_set(&address, local, 255, OCTETS("example.org")) &&
	    strlen(address.local) == 255,
	    "a local-part of 255 octets is a safe name");
	CHECK(!address_set(&address, local, 256, OCTETS("example.org")),
	    "a local-part of 256 octets is none");
	CHECK(address_set_local(&address, local, 255) &&
	    !address_set_local(&address, local, 256),
	    "nor is it one to put in");
	CHECK(address_set(&address, OCTETS("bob"),
	    OCTETS(E_ACUTE_30 E_ACUTE_30 "." E_ACUTE_30 ".example")),
	    "a domain of U-labels is a safe name");
}

static const struct {
	const char *name;
	const char *text;
	size_t length;
	const char *local;      /* NULL: refused */
	const char *domain;
} texts[] = {
	{ "an address", OCTETS("bob@example.org"), "bob", "example.org" },
	{ "capitals", OCTETS("BOB@Example.ORG"), "bob", "example.org" },
	{ "two at signs", OCTETS("a@b@example.org"), "a@b", "example.org" },
	{ "an at sign first", OCTETS("@bob@example.org"), "@bob", "example.org" },
	{ "two at signs together", OCTETS("bob@@example.org"), "bob@", "example.org" },
	{ "a space in the local-part", OCTETS("bob smith@x"), "bob smith", "x" },
	{ "nothing", OCTETS(""), NULL, NULL },
	{ "no at sign", OCTETS("bob"), NULL, NULL },
	{ "an at sign alone", OCTETS("@"), NULL, NULL },
	{ "no local-part", OCTETS("@example.org"), NULL, NULL },
	{ "no domain", OCTETS("bob@"), NULL, NULL },
	{ "no domain behind the last at sign", OCTETS("bob@example.org@"), NULL, NULL },
	{ "a space behind it", OCTETS("bob@example.org "), NULL, NULL },
	{ "a slash in the local-part", OCTETS("../bob@example.org"), NULL, NULL },
	{ "a slash in the domain", OCTETS("bob@example.org/x"), NULL, NULL },
	{ "a way up as domain", OCTETS("bob@.."), NULL, NULL },
	{ "a NUL behind it", OCTETS("bob@example.org\0"), NULL, NULL },
	{ "a NUL inside", OCTETS("bob\0@example.org"), NULL, NULL },
	{ "an address literal", OCTETS("bob@[192.0.2.1]"), NULL, NULL },
};

static void
test_texts(void)
{
	static const struct address before = { "old", "old.example" };
	struct address address;
	size_t i;

	for (i = 0; i < COUNT(texts); i++) {
		const char *local = texts[i].local, *domain = texts[i].domain;
		bool taken;

		address = before;
		taken = address_parse(&address, texts[i].text, texts[i].length);
		CHECK(taken == (local != NULL) && strcmp(address.local,
		    local == NULL ? "old" : local) == 0 &&
		    strcmp(address.domain, domain == NULL ? "old.example" :
		    domain) == 0, "%s: %s",
		    local == NULL ? "refused" : "parted at the last at sign",
		    texts[i].name);
	}
	CHECK(address_parse(&address, "bob@example.orgs", 15) &&
	    strcmp(address.domain, "example.org") == 0,
	    "nothing behind the length is looked at");
}

static void
test_writing(void)
{
	char text[ADDRESS_TEXT_SIZE], local[ADDRESS_PART_MAX];
	struct address address;

	(void)address_parse(&address, OCTETS("Bob@Example.ORG"));
	address_text(&address, text);
	CHECK(strcmp(text, "bob@example.org") == 0, "an address as text");
	memset(local, 'x', sizeof local);
	(void)address_set(&address, local, sizeof local,
	    OCTETS(A63 "." A63 "." A63 "." A63));
	address_text(&address, text);
	CHECK(strlen(text) == 511 && text[255] == '@',
	    "the longest address as text");
}

/* As a path: in quotes where that has to be, and as it was else. */
static void
test_paths(void)
{
	static const struct {
		const char *name;
		const char *text;
		const char *path;       /* NULL: there is none */
	} paths[] = {
		{ "an atom", "Bob@Example.org", "Bob@Example.org" },
		{ "atoms and dots", "a.b-c+d=e@x", "a.b-c+d=e@x" },
		{ "UTF-8", "j\xc3\xb6@x", "j\xc3\xb6@x" },
		{ "a blank", "a b@x", "\"a b\"@x" },
		{ "a dot first", ".a@x", "\".a\"@x" },
		{ "a dot last", "a.@x", "\"a.\"@x" },
		{ "two dots", "a..b@x", "\"a..b\"@x" },
		{ "quotes and a backslash", "\"a\\@x", "\"\\\"a\\\\\"@x" },
		{ "two at signs", "a@b@x", "\"a@b\"@x" },
		{ "brackets", "a>@x", "\"a>\"@x" },
		{ "no at sign", "bob", NULL },
	};
	char path[ADDRESS_PATH_SIZE], text[300];
	size_t i;

	for (i = 0; i < COUNT(paths); i++) {
		bool is_path = address_to_path(paths[i].text, path);

		CHECK(is_path == (paths[i].path != NULL) && (!is_path ||
		    strcmp(path, paths[i].path) == 0), "as a path: %s",
		    paths[i].name);
	}
	memset(text, 'x', sizeof text);
	memcpy(text + 252, "@y", 3);
	CHECK(address_to_path(text, path) && strcmp(path, text) == 0,
	    "the longest path");
	text[0] = ' ';
	CHECK(!address_to_path(text, path), "one that quotes make too long");
	text[0] = 'x';
	memcpy(text + 252, "x@y", 4);
	CHECK(!address_to_path(text, path), "one that is too long");
}

int
main(void)
{
	test_domains();
	test_locals();
	test_set_domains();
	test_lengths();
	test_texts();
	test_writing();
	test_paths();
	return check_end();
}
