/*
 * Paths as clients send them: what is taken and what of it is kept, and what
 * is refused.  The ABNF is that of RFC 5321 section 4.1.2 and 4.1.3.
 */
#include "smtp-stdio/path.h"

#include "tests/lib/check.h"

#define A31 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A63 A31 "a" A31
#define DOMAIN_255 A63 "." A63 "." A63 "." A63
#define DOMAIN_254 A63 "." A63 "." A63 "." A31 A31
#define DOMAIN_191 A63 "." A63 "." A63
#define LOCAL_64 A63 "a"

static const struct {
	const char *name;
	const char *text;
	const char *mailbox;    /* as sent, without brackets and source route */
	const char *local;      /* the name itself */
	const char *domain;     /* NULL: none */
	const char *rest;
} taken[] = {
	{ "a mailbox", "<bob@example.org>", "bob@example.org", "bob",
	  "example.org", "" },
	{ "the null path", "<>", "", "", NULL, "" },
	{ "the null path and parameters", "<> SIZE=1", "", "", NULL, " SIZE=1" },
	{ "parameters behind it", "<bob@example.org> SIZE=1 BODY=7BIT",
	  "bob@example.org", "bob", "example.org", " SIZE=1 BODY=7BIT" },
	{ "a tab behind it", "<bob@example.org>\tX", "bob@example.org", "bob",
	  "example.org", "\tX" },
	{ "capitals, which are kept", "<Bob.Smith@Example.ORG>",
	  "Bob.Smith@Example.ORG", "Bob.Smith", "Example.ORG", "" },
	{ "a name in front, as a local-part alone", "Bob <bob@example.org>",
	  "Bob", "Bob", NULL, " <bob@example.org>" },
	{ "Postmaster alone", "<Postmaster>", "Postmaster", "Postmaster", NULL, "" },

	{ "no brackets", "bob@example.org", "bob@example.org", "bob",
	  "example.org", "" },
	{ "no brackets, but parameters", "bob@example.org SIZE=1",
	  "bob@example.org", "bob", "example.org", " SIZE=1" },
	{ "no brackets, quoted", "\"bob smith\"@example.org SIZE=1",
	  "\"bob smith\"@example.org", "bob smith", "example.org", " SIZE=1" },
	{ "no brackets, Postmaster", "postmaster", "postmaster", "postmaster",
	  NULL, "" },
	{ "no brackets, a literal", "bob@[192.0.2.1]", "bob@[192.0.2.1]",
	  "bob", "[192.0.2.1]", "" },

	{ "every octet of an atom", "<!#$%&'*+-/=?^_`{|}~@x>",
	  "!#$%&'*+-/=?^_`{|}~@x", "!#$%&'*+-/=?^_`{|}~", "x", "" },
	{ "letters and digits", "<aAzZ09@x>", "aAzZ09@x", "aAzZ09", "x", "" },
	{ "dots within", "<a.b.c@x>", "a.b.c@x", "a.b.c", "x", "" },
	{ "a subaddress", "<bob+list@x>", "bob+list@x", "bob+list", "x", "" },
	{ "percent and bang, which mean nothing", "<h!a%b@x>", "h!a%b@x",
	  "h!a%b", "x", "" },
	{ "an equals sign, as of VERP", "<l-bob=b.org@x>", "l-bob=b.org@x",
	  "l-bob=b.org", "x", "" },

	{ "quotes", "<\"bob\"@x>", "\"bob\"@x", "bob", "x", "" },
	{ "a quoted pair of a letter", "<\"b\\ob\"@x>", "\"b\\ob\"@x", "bob",
	  "x", "" },
	{ "a quoted space", "<\"bob smith\"@x>", "\"bob smith\"@x",
	  "bob smith", "x", "" },
	{ "a quoted space, escaped", "<\"bob\\ smith\"@x>", "\"bob\\ smith\"@x",
	  "bob smith", "x", "" },
	{ "a quoted >", "<\"a>b\"@x> SIZE=1", "\"a>b\"@x", "a>b", "x",
	  " SIZE=1" },
	{ "a quoted <", "<\"a<b\"@x>", "\"a<b\"@x", "a<b", "x", "" },
	{ "a quoted @", "<\"a@b\"@x>", "\"a@b\"@x", "a@b", "x", "" },
	{ "a quoted comma and colon", "<\"a,b:c\"@x>", "\"a,b:c\"@x", "a,b:c",
	  "x", "" },
	{ "a quoted quote", "<\"a\\\"b\"@x>", "\"a\\\"b\"@x", "a\"b", "x", "" },
	{ "a quoted backslash", "<\"a\\\\\"@x>", "\"a\\\\\"@x", "a\\", "x", "" },
	{ "a quoted backslash, then a quote",
	  "<\"\\\\\\\"\"@x>", "\"\\\\\\\"\"@x", "\\\"", "x", "" },
	{ "quoted dots where an atom has none", "<\".a..b.\"@x>",
	  "\".a..b.\"@x", ".a..b.", "x", "" },
	{ "a quoted slash", "<\"../../etc/passwd\"@x>",
	  "\"../../etc/passwd\"@x", "../../etc/passwd", "x", "" },
	{ "the first and the last that quotes may hold", "<\" ~\"@x>",
	  "\" ~\"@x", " ~", "x", "" },
	{ "Postmaster in quotes", "<\"postmaster\">", "\"postmaster\"",
	  "postmaster", NULL, "" },

	{ "a source route", "<@a.example:bob@example.org>",
	  "bob@example.org", "bob", "example.org", "" },
	{ "a source route of three",
	  "<@a.example,@b.example,@c.example:bob@example.org> SIZE=1",
	  "bob@example.org", "bob", "example.org", " SIZE=1" },
	{ "a source route to Postmaster", "<@a.example:postmaster>",
	  "postmaster", "postmaster", NULL, "" },
	{ "a source route to a quoted name", "<@a.example:\"@b,c:d\"@x>",
	  "\"@b,c:d\"@x", "@b,c:d", "x", "" },
	{ "a source route without brackets", "@a.example:bob@example.org",
	  "bob@example.org", "bob", "example.org", "" },
	{ "a source route of 255 octets", "<@" DOMAIN_255 ":bob@example.org>",
	  "bob@example.org", "bob", "example.org", "" },

	{ "a domain of one label", "<bob@localhost>", "bob@localhost", "bob",
	  "localhost", "" },
	{ "a domain of digits", "<bob@1.2.3.4>", "bob@1.2.3.4", "bob",
	  "1.2.3.4", "" },
	{ "an inner hyphen", "<bob@a-b.example>", "bob@a-b.example", "bob",
	  "a-b.example", "" },
	{ "an underscore", "<bob@_a.my_host>", "bob@_a.my_host", "bob",
	  "_a.my_host", "" },

	{ "an IPv4 literal", "<bob@[192.0.2.1]>", "bob@[192.0.2.1]", "bob",
	  "[192.0.2.1]", "" },
	{ "an IPv4 literal with leading zeros", "<bob@[192.000.02.001]>",
	  "bob@[192.000.02.001]", "bob", "[192.000.02.001]", "" },
	{ "the last IPv4 literal", "<bob@[255.255.255.255]>",
	  "bob@[255.255.255.255]", "bob", "[255.255.255.255]", "" },
	{ "an IPv6 literal", "<bob@[IPv6:2001:db8::1]>",
	  "bob@[IPv6:2001:db8::1]", "bob", "[IPv6:2001:db8::1]", "" },
	{ "an IPv6 literal, tag in capitals", "<bob@[IPV6:::1]>",
	  "bob@[IPV6:::1]", "bob", "[IPV6:::1]", "" },
	{ "a full IPv6 literal",
	  "<bob@[IPv6:2001:0db8:0000:0000:0000:0000:0000:0001]>",
	  "bob@[IPv6:2001:0db8:0000:0000:0000:0000:0000:0001]", "bob",
	  "[IPv6:2001:0db8:0000:0000:0000:0000:0000:0001]", "" },
	{ "an IPv6 literal that ends as IPv4", "<bob@[IPv6:::ffff:192.0.2.1]>",
	  "bob@[IPv6:::ffff:192.0.2.1]", "bob", "[IPv6:::ffff:192.0.2.1]", "" },
	{ "a literal of another tag", "<bob@[x400:c=us;a=b]>",
	  "bob@[x400:c=us;a=b]", "bob", "[x400:c=us;a=b]", "" },
	{ "a literal of a tag with a hyphen", "<bob@[a-1:!Z^~]>",
	  "bob@[a-1:!Z^~]", "bob", "[a-1:!Z^~]", "" },

	{ "a local-part of 64 octets", "<" LOCAL_64 "@example.org>",
	  LOCAL_64 "@example.org", LOCAL_64, "example.org", "" },
	{ "a local-part of 190 octets", "<" A63 A63 A63 "a@" A63 ".x>",
	  A63 A63 A63 "a@" A63 ".x", A63 A63 A63 "a", A63 ".x", "" },
	{ "a path of 256 octets, most of it domain",
	  "<" A63 "b@" DOMAIN_191 ">", A63 "b@" DOMAIN_191, A63 "b",
	  DOMAIN_191, "" },
	{ "a domain of 254 octets", "<a@" DOMAIN_254 ">", "a@" DOMAIN_254, "a",
	  DOMAIN_254, "" },
};

static const struct {
	const char *name;
	const char *text;
} refused[] = {
	{ "nothing", "" },
	{ "a space alone", " " },
	{ "a space first", " <bob@example.org>" },
	{ "a bracket alone", "<" },
	{ "a closing bracket alone", ">" },
	{ "no closing bracket", "<bob@example.org" },
	{ "no closing bracket, but parameters", "<bob@example.org SIZE=1" },
	{ "no opening bracket", "bob@example.org>" },
	{ "two brackets", "<<bob@example.org>>" },
	{ "two closing brackets", "<bob@example.org>>" },
	{ "text behind the bracket", "<bob@example.org>SIZE=1" },
	{ "text behind the null path", "<>x" },
	{ "a second path behind it", "<bob@example.org><x@y>" },
	{ "a space in brackets", "< >" },
	{ "a space behind the opening bracket", "< bob@example.org>" },
	{ "a space before the closing bracket", "<bob@example.org >" },
	{ "a comment", "<bob(Bob)@example.org>" },

	{ "no local-part", "<@example.org>" },
	{ "no local-part, no brackets", "@example.org" },
	{ "no domain behind the @", "<bob@>" },
	{ "an @ alone", "<@>" },
	{ "two @ together", "<bob@@example.org>" },
	{ "two @ apart", "<a@b@example.org>" },
	{ "a dot alone", "<.@example.org>" },
	{ "a dot first", "<.bob@example.org>" },
	{ "a dot last", "<bob.@example.org>" },
	{ "two dots together", "<a..b@example.org>" },
	{ "a space in the local-part", "<bob smith@example.org>" },
	{ "a tab in the local-part", "<bob\tsmith@example.org>" },
	{ "a control character", "<bob\001@example.org>" },
	{ "DEL", "<bob\x7f@example.org>" },
	{ "a backslash", "<b\\ob@example.org>" },
	{ "a comma", "<a,b@example.org>" },
	{ "a semicolon", "<a;b@example.org>" },
	{ "a colon", "<a:b@example.org>" },
	{ "brackets in the local-part", "<[a]@example.org>" },
	{ "parentheses", "<(a)@example.org>" },

	{ "an empty quoted name", "<\"\"@example.org>" },
	{ "no closing quote", "<\"bob@example.org>" },
	{ "a backslash at the end of it all", "<\"bob\\" },
	{ "an escaped closing quote", "<\"bob\\\"@example.org>" },
	{ "text behind the quotes", "<\"bob\"x@example.org>" },
	{ "text before the quotes", "<x\"bob\"@example.org>" },
	{ "quotes beside quotes", "<\"a\"\"b\"@example.org>" },
	{ "a quoted part among atoms", "<\"a\".b@example.org>" },
	{ "a quoted tab", "<\"a\tb\"@example.org>" },
	{ "a quoted control character", "<\"a\001b\"@example.org>" },
	{ "an escaped control character", "<\"a\\\001b\"@example.org>" },
	{ "a quoted DEL", "<\"a\x7f\"@example.org>" },

	{ "a route without an address", "<@a.example:>" },
	{ "a route by an address literal", "<@[192.0.2.1]:bob@x>" },
	{ "a route without a colon", "<@a.example bob@x>" },
	{ "a route without a second @", "<@a.example,b.example:bob@x>" },
	{ "a route with nothing behind the comma", "<@a.example,:bob@x>" },
	{ "a route with a comma first", "<,@a.example:bob@x>" },
	{ "a route of an empty domain", "<@:bob@x>" },
	{ "a route of a bad domain", "<@-a:bob@x>" },
	{ "a route to the null path", "<@a.example:" },
	{ "a route to a route", "<@a.example:@b.example:bob@x>" },

	{ "an empty label", "<bob@a..b>" },
	{ "a domain with a dot first", "<bob@.example.org>" },
	{ "a domain with a dot last", "<bob@example.org.>" },
	{ "a hyphen as domain", "<bob@->" },
	{ "a label that starts with a hyphen", "<bob@-a.example>" },
	{ "a label that ends with a hyphen", "<bob@a-.example>" },
	{ "a slash in the domain", "<bob@a/b>" },
	{ "a space in the domain", "<bob@a b>" },
	{ "a comma in the domain", "<bob@a,b>" },
	{ "a percent in the domain", "<bob@a%b>" },
	{ "quotes in the domain", "<bob@\"example.org\">" },
	{ "a comment in the domain", "<bob@(x)example.org>" },

	{ "an empty literal", "<bob@[]>" },
	{ "an open literal", "<bob@[192.0.2.1>" },
	{ "a literal with text behind it", "<bob@[192.0.2.1]x>" },
	{ "an IPv4 literal of three numbers", "<bob@[192.0.2]>" },
	{ "an IPv4 literal of five numbers", "<bob@[192.0.2.1.1]>" },
	{ "an IPv4 literal past 255", "<bob@[300.1.1.1]>" },
	{ "an IPv4 literal of 256", "<bob@[1.1.1.256]>" },
	{ "an IPv4 literal with four digits", "<bob@[0001.1.1.1]>" },
	{ "an IPv4 literal with an empty number", "<bob@[1..1.1]>" },
	{ "an IPv4 literal with a dot last", "<bob@[1.1.1.]>" },
	{ "an IPv4 literal with letters", "<bob@[a.b.c.d]>" },
	{ "an IPv4 literal with spaces", "<bob@[ 1.1.1.1]>" },
	{ "an IPv4 literal with a sign", "<bob@[+1.1.1.1]>" },
	{ "an IPv6 literal without its tag", "<bob@[2001:db8::1 ]>" },
	{ "an IPv6 literal of letters", "<bob@[IPv6:zz]>" },
	{ "an IPv6 literal of nothing", "<bob@[IPv6:]>" },
	{ "an IPv6 literal with ::: in it", "<bob@[IPv6:1:::2]>" },
	{ "an IPv6 literal of nine groups", "<bob@[IPv6:1:2:3:4:5:6:7:8:9]>" },
	{ "an IPv6 literal of seven groups", "<bob@[IPv6:1:2:3:4:5:6:7]>" },
	{ "an IPv6 literal with a zone", "<bob@[IPv6:fe80::1%eth0]>" },
	{ "an IPv6 literal far too long", "<bob@[IPv6:" A63 "]>" },
	{ "a literal of an empty tag", "<bob@[:x]>" },
	{ "a literal of an empty value", "<bob@[x400:]>" },
	{ "a literal of a tag that ends with a hyphen", "<bob@[x-:y]>" },
	{ "a literal of a tag with an underscore", "<bob@[x_y:z]>" },
	{ "a literal with a space in it", "<bob@[x:a b]>" },
	{ "a literal with a bracket in it", "<bob@[x:a[b]>" },
	{ "a literal with a backslash in it", "<bob@[x:a\\b]>" },
	{ "a literal without a colon", "<bob@[localhost]>" },

	{ "a label of 64 octets", "<bob@" A63 "a.example>" },
	{ "a domain of 256 octets", "<b@" A63 "." A63 "." A63 "." A31 "." A31 "a>" },
	{ "a path of 257 octets", "<" A63 "bb@" DOMAIN_191 ">" },
	{ "a local-part that fills it alone", "<" A63 A63 A63 A63 "aaaaa@x>" },
	{ "a quoted local-part that fills it alone",
	  "<\"" A63 A63 A63 A63 "aaa\"@x>" },
	{ "far too long", "<" DOMAIN_255 DOMAIN_255 "@" DOMAIN_255 ">" },
};

/* RFC 6531 section 3.3: what is not ASCII, and whether it is a path at all. */
static const struct {
	const char *name;
	const char *text;
	const char *local;      /* NULL: malformed */
	const char *domain;
	const char *rest;
} beyond_ascii[] = {
	{ "a local-part", "<Ren\xc3\xa9@example.org>", "Ren\xc3\xa9",
	  "example.org", "" },
	{ "a local-part of nothing else", "<\xe7\x94\xb2@x> SIZE=1",
	  "\xe7\x94\xb2", "x", " SIZE=1" },
	{ "an emoji", "<\xf0\x9f\x93\xa8.a@x>", "\xf0\x9f\x93\xa8.a", "x", "" },
	{ "a local-part alone", "<Ren\xc3\xa9>", "Ren\xc3\xa9", NULL, "" },
	{ "a domain", "<bob@m\xc3\xbcller.example>", "bob",
	  "m\xc3\xbcller.example", "" },
	{ "both", "<\xc3\xa9@\xc3\xa9>", "\xc3\xa9", "\xc3\xa9", "" },
	{ "quotes", "<\"Ren\xc3\xa9 x\"@example.org> A=b", "Ren\xc3\xa9 x",
	  "example.org", " A=b" },
	{ "quotes with a quoted pair", "<\"a \\\" \xc3\xa9\"@x>", "a \" \xc3\xa9",
	  "x", "" },
	{ "no brackets", "Ren\xc3\xa9@example.org SIZE=1", "Ren\xc3\xa9",
	  "example.org", " SIZE=1" },
	{ "a source route", "<@\xc3\xbc.example:bob@x>", "bob", "x", "" },
	{ "the first that is no control", "<\xc2\xa0@x>", "\xc2\xa0", "x", "" },
	{ "the last of all", "<\xf4\x8f\xbf\xbd@x>", "\xf4\x8f\xbf\xbd", "x",
	  "" },

	{ "not UTF-8", "<Ren\xe9@example.org>", NULL, NULL, "" },
	{ "not UTF-8, alone", "<\xff>", NULL, NULL, "" },
	{ "not UTF-8, in the domain", "<bob@m\xfcller.example>", NULL, NULL,
	  "" },
	{ "not UTF-8, in quotes", "<\"Ren\xe9 x\"@example.org>", NULL, NULL,
	  "" },
	{ "not UTF-8, without brackets", "Ren\xe9@example.org", NULL, NULL,
	  "" },
	{ "half a character at the end", "<bob@example.org\xc3>", NULL, NULL,
	  "" },
	{ "half a character behind it", "<bob@example.org>\xc3", NULL, NULL,
	  "" },
	{ "a second half alone", "<bob@example.org\x80>", NULL, NULL, "" },
	{ "an overlong form", "<\xc0\xaf@x>", NULL, NULL, "" },
	{ "a surrogate", "<\xed\xa0\x80@x>", NULL, NULL, "" },
	{ "past the last", "<\xf4\x90\x80\x80@x>", NULL, NULL, "" },
	{ "a C1 control", "<a\xc2\x85@x>", NULL, NULL, "" },
	{ "a C1 control in quotes", "<\"\xc2\x80\"@x>", NULL, NULL, "" },
	{ "a C1 control in the domain", "<a@\xc2\x9f>", NULL, NULL, "" },
	{ "a quoted pair", "<\"\\\xc3\xa9\"@x>", NULL, NULL, "" },
	{ "an address literal", "<bob@[x400:\xc3\xa9]>", NULL, NULL, "" },
	{ "no closing bracket", "<Ren\xc3\xa9@example.org", NULL, NULL, "" },
};

static void
test_taken(void)
{
	struct path path;
	const char *rest;
	size_t i;

	for (i = 0; i < COUNT(taken); i++) {
		const char *domain = taken[i].domain;
		bool right = path_parse(&path, taken[i].text, &rest);

		right = right && strcmp(path.text, taken[i].mailbox) == 0 &&
		    strcmp(path.local, taken[i].local) == 0 &&
		    path.local_length == strlen(taken[i].local) &&
		    strcmp(rest, taken[i].rest) == 0 &&
		    (domain == NULL ? path.domain == NULL :
		    path.domain != NULL && strcmp(path.domain, domain) == 0);
		CHECK(right, "taken: %s", taken[i].name);
		CHECK(path.literal == (domain != NULL && domain[0] == '['),
		    "known to be a literal or none: %s", taken[i].name);
		CHECK(path.is_ascii, "known to be ASCII: %s", taken[i].name);
	}
}

static void
test_refused(void)
{
	const char *rest;
	struct path path;
	size_t i;

	for (i = 0; i < COUNT(refused); i++)
		CHECK(!path_parse(&path, refused[i].text, &rest) &&
		    path.is_ascii, "refused: %s", refused[i].name);
}

static void
test_beyond_ascii(void)
{
	const char *rest;
	struct path path;
	size_t i;

	for (i = 0; i < COUNT(beyond_ascii); i++) {
		const char *local = beyond_ascii[i].local;
		const char *domain = beyond_ascii[i].domain;
		bool right = path_parse(&path, beyond_ascii[i].text, &rest);

		CHECK(!path.is_ascii, "known to be more than ASCII: %s",
		    beyond_ascii[i].name);
		if (local == NULL) {
			CHECK(!right, "not ASCII, and refused: %s",
			    beyond_ascii[i].name);
			continue;
		}
		CHECK(right && strcmp(path.local, local) == 0 &&
		    path.local_length == strlen(local) &&
		    strcmp(rest, beyond_ascii[i].rest) == 0 &&
		    (domain == NULL ? path.domain == NULL :
		    path.domain != NULL && strcmp(path.domain, domain) == 0),
		    "not ASCII, and taken: %s", beyond_ascii[i].name);
	}
}

/* What is malformed counts too, up to where the path seems to end. */
static void
test_rest_of_malformed(void)
{
	const char *rest;
	struct path path;

	CHECK(!path_parse(&path, "<bob@ SIZE=1", &rest) && path.is_ascii &&
	    strcmp(rest, " SIZE=1") == 0, "a malformed path, and what is behind");
	CHECK(!path_parse(&path, "<\"a b\"@ SIZE=\xc3\xa9", &rest) &&
	    path.is_ascii && strcmp(rest, " SIZE=\xc3\xa9") == 0,
	    "quotes do not end it");
	CHECK(!path_parse(&path, "<\xc3\xa9@ X", &rest) && !path.is_ascii &&
	    strcmp(rest, " X") == 0, "one that is not ASCII either");
}

/* Octets from 0x80 on behind the path are another matter. */
static void
test_not_ascii_behind(void)
{
	static const char *const texts[] = {
		"<bob@example.org> X=\xc3\xa9", "bob@example.org \xe9",
		"<\"bob smith\"@example.org> X=\xc3\xa9",
		"<\"a\\\"b\"@example.org> X=\xc3\xa9",
		"<\"a\\\\\"@example.org> X=\xc3\xa9",
		"<> \xff",
	};
	const char *rest;
	struct path path;
	size_t i;

	for (i = 0; i < COUNT(texts); i++)
		CHECK(path_parse(&path, texts[i], &rest) && path.is_ascii,
		    "not ASCII, but behind the path: %s",
		    shown(texts[i], strlen(texts[i]))); /* smtp-5321-2.4-c */
}

/* A path that is cut anywhere is refused, and nothing behind it is read. */
static void
test_cut(void)
{
	static const char whole[] =
	    "<@a.example,@b.example:\"b\\\"o b\"@[IPv6:2001:db8::1]>";
	char text[sizeof whole];
	const char *rest;
	struct path path;
	bool right = true;
	size_t length;

	for (length = 0; length < sizeof whole - 1; length++) {
		memcpy(text, whole, length);
		text[length] = '\0';
		right &= !path_parse(&path, text, &rest) && path.is_ascii;
	}
	CHECK(right, "a path that is cut anywhere is refused");
}

int
main(void)
{
	test_taken();
	test_refused();
	test_beyond_ascii();
	test_rest_of_malformed();
	test_not_ascii_behind();
	test_cut();
	return check_end();
}
