/*
 * PROXY headers (the protocol's sections 2.1 and 2.2): what is one and whom it
 * names; what is none; and that one which comes in pieces is never taken for
 * either before it is decided.
 */
#include "stdio/proxy.h"

#include "tests/lib/check.h"

/* The longest line: 107 octets with its CRLF. */
#define LONG_IPV6 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
#define LONGEST "PROXY UNKNOWN " LONG_IPV6 " " LONG_IPV6 " 65535 65535\r\n"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define IPV4 "\xc0\0\2\1" "\xc0\0\2\2" "\x04\0" "\0\x19"
#define IPV6 "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1" \
	"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2" "\xff\xff" "\0\x19"
#define MAPPED "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1" \
	"\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\2" "\0\0" "\0\x19"
#define FOUR(x) x x x x
#define UNIX FOUR(FOUR("/socket......")) "........"   /* twice 108 octets */
#define TLV "\x04\0\3abc" "\x20\0\0" "\xff\0\1x"

struct case_ {
	const char *name;
	const char *header;
	size_t length;
	const char *address;    /* NULL: the one that was known before */
	const char *port;
	size_t header_length;   /* 0: length */
};

/* Addresses and ports as the line names them. */
static const struct case_ lines[] = {
	{ "IPv4", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 1024 25\r\n"), "192.0.2.1", "1024", 0 },
	{ "least and most", OCTETS("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n"), "0.0.0.0", "0", 0 },
	{ "the longest with IPv4", OCTETS("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"), "255.255.255.255", "65535", 0 },
	{ "IPv6", OCTETS("PROXY TCP6 2001:db8::1 2001:db8::2 1024 25\r\n"), "2001:db8::1", "1024", 0 },
	{ "the longest with IPv6", OCTETS("PROXY TCP6 " LONG_IPV6 " " LONG_IPV6 " 65535 65535\r\n"), LONG_IPV6, "65535", 0 },
	{ "IPv6 in full and in capitals", OCTETS("PROXY TCP6 2001:0DB8:0000:0000:0000:0000:0000:0001 ::1 1 2\r\n"), "2001:db8::1", "1", 0 },
	{ "IPv4 in IPv6", OCTETS("PROXY TCP6 ::ffff:192.0.2.1 ::ffff:192.0.2.2 1024 25\r\n"), "192.0.2.1", "1024", 0 }
};

/* Those that name nobody. */
static const struct case_ unknown_lines[] = {
	{ "nobody", OCTETS("PROXY UNKNOWN\r\n"), NULL, NULL, 0 },
	{ "nobody, with a blank", OCTETS("PROXY UNKNOWN \r\n"), NULL, NULL, 0 },
	{ "nobody, with addresses", OCTETS("PROXY UNKNOWN 192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "nobody, with anything", OCTETS("PROXY UNKNOWN  x\ny\rz\t\r\r\n"), NULL, NULL, 0 },
	{ "nobody, the longest line", OCTETS(LONGEST), NULL, NULL, 0 }
};

static const struct case_ blocks[] = {
	{ "IPv4", OCTETS(SIGNATURE "\x21\x11\0\x0c" IPV4), "192.0.2.1", "1024", 0 },
	{ "IPv6", OCTETS(SIGNATURE "\x21\x21\0\x24" IPV6), "2001:db8::1", "65535", 0 },
	{ "IPv4 in IPv6", OCTETS(SIGNATURE "\x21\x21\0\x24" MAPPED), "192.0.2.1", "0", 0 },
	{ "IPv4 and more to skip", OCTETS(SIGNATURE "\x21\x11\0\x19" IPV4 TLV), "192.0.2.1", "1024", 0 },
	{ "IPv6 and more to skip", OCTETS(SIGNATURE "\x21\x21\0\x31" IPV6 TLV), "2001:db8::1", "65535", 0 },
	{ "IPv4 and as much to skip as can be", OCTETS(SIGNATURE "\x21\x11\xff\xff" IPV4), "192.0.2.1", "1024", 16 + 65535 },
	{ "the balancer itself", OCTETS(SIGNATURE "\x20\0\0\0"), NULL, NULL, 0 },
	{ "the balancer itself, with addresses", OCTETS(SIGNATURE "\x20\x11\0\x0c" IPV4), NULL, NULL, 0 },
	{ "the balancer itself, with too few octets for addresses", OCTETS(SIGNATURE "\x20\x11\0\3abc"), NULL, NULL, 0 },
	{ "the balancer itself, and as much to skip as can be", OCTETS(SIGNATURE "\x20\x21\xff\xff"), NULL, NULL, 16 + 65535 }
};

/* What is read, and has no address that means anything here. */
static const struct case_ other_blocks[] = {
	{ "unspecified", OCTETS(SIGNATURE "\x21\0\0\0"), NULL, NULL, 0 },
	{ "unspecified, with octets", OCTETS(SIGNATURE "\x21\0\0\x0c" IPV4), NULL, NULL, 0 },
	{ "unspecified, and as much to skip as can be", OCTETS(SIGNATURE "\x21\0\xff\xff"), NULL, NULL, 16 + 65535 },
	{ "a Unix stream", OCTETS(SIGNATURE "\x21\x31\0\xd8" UNIX), NULL, NULL, 0 },
	{ "a Unix datagram", OCTETS(SIGNATURE "\x21\x32\0\xd8" UNIX), NULL, NULL, 0 },
	{ "an IPv4 datagram", OCTETS(SIGNATURE "\x21\x12\0\x0c" IPV4), NULL, NULL, 0 },
	{ "an IPv6 datagram", OCTETS(SIGNATURE "\x21\x22\0\x24" IPV6), NULL, NULL, 0 }
};

static const struct case_ bad_lines[] = {
	{ "nothing but the word", OCTETS("PROXY\r\n"), NULL, NULL, 0 },
	{ "a blank behind it", OCTETS("PROXY \r\n"), NULL, NULL, 0 },
	{ "no family", OCTETS("PROXY 192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "a family and nothing else", OCTETS("PROXY TCP4\r\n"), NULL, NULL, 0 },
	{ "a family and a blank", OCTETS("PROXY TCP4 \r\n"), NULL, NULL, 0 },
	{ "no addresses", OCTETS("PROXY TCP4 1024 25\r\n"), NULL, NULL, 0 },
	{ "one address", OCTETS("PROXY TCP4 192.0.2.1 1024 25\r\n"), NULL, NULL, 0 },
	{ "no ports", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2\r\n"), NULL, NULL, 0 },
	{ "one port", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 1024\r\n"), NULL, NULL, 0 },
	{ "an empty port", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 1024 \r\n"), NULL, NULL, 0 },
	{ "one word more", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 1024 25 26\r\n"), NULL, NULL, 0 },
	{ "a blank at the end", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 1024 25 \r\n"), NULL, NULL, 0 },
	{ "a blank at the start", OCTETS(" PROXY TCP4 192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "two blanks before the family", OCTETS("PROXY  TCP4 192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "two blanks before the first address", OCTETS("PROXY TCP4  192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "two blanks before the second address", OCTETS("PROXY TCP4 192.0.2.1  192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "two blanks before the first port", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2  1024 25\r\n"), NULL, NULL, 0 },
	{ "two blanks before the second port", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 1024  25\r\n"), NULL, NULL, 0 },
	{ "a tab for a blank", OCTETS("PROXY\tTCP4 192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "a tab between addresses", OCTETS("PROXY TCP4 192.0.2.1\t192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "a zero before an octet", OCTETS("PROXY TCP4 192.0.02.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "a zero before an octet of the second", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.02 1024 25\r\n"), NULL, NULL, 0 },
	{ "a zero before a port", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 01024 25\r\n"), NULL, NULL, 0 },
	{ "a zero before the second port", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 1024 025\r\n"), NULL, NULL, 0 },
	{ "port 00", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 00 25\r\n"), NULL, NULL, 0 },
	{ "port 65536", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 65536 25\r\n"), NULL, NULL, 0 },
	{ "second port 65536", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 1024 65536\r\n"), NULL, NULL, 0 },
	{ "a port past all bounds", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 18446744073709552640 25\r\n"), NULL, NULL, 0 },
	{ "a port with a sign", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 +1024 25\r\n"), NULL, NULL, 0 },
	{ "a port below zero", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 -1 25\r\n"), NULL, NULL, 0 },
	{ "a port by name", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 1024 smtp\r\n"), NULL, NULL, 0 },
	{ "a port in base 16", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 0x10 25\r\n"), NULL, NULL, 0 },
	{ "IPv6 as IPv4", OCTETS("PROXY TCP4 2001:db8::1 2001:db8::2 1024 25\r\n"), NULL, NULL, 0 },
	{ "IPv4 as IPv6", OCTETS("PROXY TCP6 192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "IPv6 to IPv4", OCTETS("PROXY TCP6 2001:db8::1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "IPv4 to IPv6", OCTETS("PROXY TCP4 192.0.2.1 2001:db8::2 1024 25\r\n"), NULL, NULL, 0 },
	{ "an octet of 256", OCTETS("PROXY TCP4 192.0.2.256 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "three octets", OCTETS("PROXY TCP4 192.0.2 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "brackets", OCTETS("PROXY TCP6 [2001:db8::1] [2001:db8::2] 1024 25\r\n"), NULL, NULL, 0 },
	{ "a zone", OCTETS("PROXY TCP6 fe80::1%eth0 fe80::2 1024 25\r\n"), NULL, NULL, 0 },
	{ "a name", OCTETS("PROXY TCP4 client.example 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "a NUL behind an address", OCTETS("PROXY TCP4 192.0.2.1\0 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "a NUL behind the second", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2\0x 1024 25\r\n"), NULL, NULL, 0 },
	{ "a NUL behind a port", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 1024 25\0\r\n"), NULL, NULL, 0 },
	{ "a CR before the CRLF", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 1024 25\r\r\n"), NULL, NULL, 0 },
	{ "a bare CR", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 1024 25\rEHLO x\r\n"), NULL, NULL, 0 },
	{ "a bare LF", OCTETS("PROXY TCP4 192.0.2.1 192.0.2.2 1024 25\nEHLO x\r\n"), NULL, NULL, 0 },
	{ "a bare LF inside", OCTETS("PROXY TCP4 192.0.2.1\n192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "small letters", OCTETS("proxy TCP4 192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "a family in small letters", OCTETS("PROXY tcp4 192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "nobody in small letters", OCTETS("PROXY unknown\r\n"), NULL, NULL, 0 },
	{ "nobody by a longer word", OCTETS("PROXY UNKNOWNS\r\n"), NULL, NULL, 0 },
	{ "nobody by a shorter word", OCTETS("PROXY UNKNOW\r\n"), NULL, NULL, 0 },
	{ "no family that there is", OCTETS("PROXY TCP5 192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "a family too long", OCTETS("PROXY TCP44 192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "datagrams", OCTETS("PROXY UDP4 192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "a longer word", OCTETS("PROXYS TCP4 192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "EHLO", OCTETS("EHLO client.example\r\n"), NULL, NULL, 0 },
	{ "POP3", OCTETS("USER bob@example.com\r\n"), NULL, NULL, 0 },
	{ "POP3 with a verb that begins alike", OCTETS("PASS secret\r\n"), NULL, NULL, 0 },
	{ "a TLS handshake", OCTETS("\x16\3\1\2\0\1\0\1\xfc\3\3"), NULL, NULL, 0 },
	{ "an empty line", OCTETS("\r\nPROXY TCP4 192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 },
	{ "a line of 108 octets that names nobody", OCTETS("PROXY UNKNOWN " LONG_IPV6 " " LONG_IPV6 " 65535 65535 \r\n"), NULL, NULL, 0 },
	{ "107 octets without an end", OCTETS("PROXY UNKNOWN " LONG_IPV6 " " LONG_IPV6 " 65535 65535  "), NULL, NULL, 0 },
	{ "107 octets, a CR the last", OCTETS("PROXY UNKNOWN " LONG_IPV6 " " LONG_IPV6 " 65535 65535 \r"), NULL, NULL, 0 }
};

static const struct case_ bad_blocks[] = {
	{ "version 0", OCTETS(SIGNATURE "\x01\x11\0\x0c" IPV4), NULL, NULL, 0 },
	{ "version 1", OCTETS(SIGNATURE "\x11\x11\0\x0c" IPV4), NULL, NULL, 0 },
	{ "version 3", OCTETS(SIGNATURE "\x31\x11\0\x0c" IPV4), NULL, NULL, 0 },
	{ "command 2", OCTETS(SIGNATURE "\x22\x11\0\x0c" IPV4), NULL, NULL, 0 },
	{ "command 15", OCTETS(SIGNATURE "\x2f\x11\0\x0c" IPV4), NULL, NULL, 0 },
	{ "family 4", OCTETS(SIGNATURE "\x21\x41\0\x0c" IPV4), NULL, NULL, 0 },
	{ "family 15", OCTETS(SIGNATURE "\x21\xf1\0\x0c" IPV4), NULL, NULL, 0 },
	{ "protocol 3", OCTETS(SIGNATURE "\x21\x13\0\x0c" IPV4), NULL, NULL, 0 },
	{ "protocol 15", OCTETS(SIGNATURE "\x21\x1f\0\x0c" IPV4), NULL, NULL, 0 },
	{ "no room for IPv4", OCTETS(SIGNATURE "\x21\x11\0\0"), NULL, NULL, 0 },
	{ "an octet less than IPv4 takes", OCTETS(SIGNATURE "\x21\x11\0\x0b" IPV4), NULL, NULL, 0 },
	{ "an octet less than IPv6 takes", OCTETS(SIGNATURE "\x21\x21\0\x23" IPV6), NULL, NULL, 0 },
	{ "an octet less than a Unix address takes", OCTETS(SIGNATURE "\x21\x31\0\xd7" UNIX), NULL, NULL, 0 },
	{ "an octet less than a datagram's address takes", OCTETS(SIGNATURE "\x21\x12\0\x0b" IPV4), NULL, NULL, 0 },
	{ "another octet at the end of the signature", OCTETS("\r\n\r\n\0\r\nQUIT\r" "\x21\x11\0\x0c" IPV4), NULL, NULL, 0 },
	{ "no NUL in the signature", OCTETS("\r\n\r\n\1\r\nQUIT\n" "\x21\x11\0\x0c" IPV4), NULL, NULL, 0 },
	{ "a line of version 1 behind it", OCTETS(SIGNATURE "PROXY TCP4 192.0.2.1 192.0.2.2 1024 25\r\n"), NULL, NULL, 0 }
};

static struct peer
known_before(void)
{
	struct peer peer = { PEER_IPV4, "198.51.100.9", "9" };

	return peer;
}

static bool
is_the_same(const struct peer *a, const struct peer *b)
{
	return a->family == b->family && strcmp(a->address, b->address) == 0 &&
	    strcmp(a->port, b->port) == 0;
}

/* Whom a header names. */
static struct peer
named_by(const struct case_ *c)
{
	struct peer peer = known_before();

	if (c->address != NULL) {
		peer.family = strchr(c->address, ':') == NULL ? PEER_IPV4 :
		    PEER_IPV6;
		strcpy(peer.address, c->address);
		strcpy(peer.port, c->port);
	}
	return peer;
}

/*
 * Parses so many octets, in memory of their own so that a sanitizer sees a
 * read past them.
 */
static enum proxy_status
parse(const char *octets, size_t length, struct peer *peer, size_t *header_length)
{
	char *copy = malloc(length > 0 ? length : 1);
	enum proxy_status status;

	must(copy != NULL, "no memory");
	memcpy(copy, octets, length);
	*peer = known_before();
	*header_length = 0;
	status = proxy_parse(copy, length, peer, header_length);
	free(copy);
	return status;
}

/*
 * Whether every part of a header from its start on is taken for what it is:
 * incomplete, or, where only octets to be skipped are missing, the header.
 */
static bool
is_patient(const struct case_ *c, const struct peer *named, size_t whole)
{
	struct peer before = known_before();
	size_t length;

	for (length = 0; length < c->length; length++) {
		struct peer peer;
		size_t found;
		enum proxy_status status = parse(c->header, length, &peer,
		    &found);

		if (status == PROXY_INCOMPLETE && is_the_same(&peer, &before))
			continue;
		if (status == PROXY_OK && found == whole && found > length &&
		    is_the_same(&peer, named))
			continue;
		printf("# %zu octets: status %d, peer %s\n", length,
		    (int)status, peer.address);
		return false;
	}
	return true;
}

static void
check_headers(const char *kind, const struct case_ *cases, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct case_ *c = &cases[i];
		size_t whole = c->header_length == 0 ? c->length :
		    c->header_length;
		struct peer named = named_by(c), peer;
		char more[512];
		size_t found;

		CHECK(parse(c->header, c->length, &peer, &found) == PROXY_OK &&
		    found == whole, "%s: %s: is a header", kind, c->name); /* proxy-v1-a proxy-v1-b proxy-v2-a proxy-v2-b */
		CHECK(is_the_same(&peer, &named), "%s: %s: names %s port %s",
		    kind, c->name, named.address, named.port); /* proxy-v1-a proxy-v1-b proxy-v2-a proxy-v2-b */
		CHECK(is_patient(c, &named, whole),
		    "%s: %s: also when it comes in pieces", kind, c->name); /* proxy-a */
		must(c->length + 6 < sizeof more, "no room");
		memcpy(more, c->header, c->length);
		memcpy(more + c->length, "QUIT\r\n", 6);
		CHECK(parse(more, c->length + 6, &peer, &found) == PROXY_OK &&
		    found == whole && is_the_same(&peer, &named),
		    "%s: %s: and no octet of what is behind", kind, c->name); /* proxy-b */
	}
}

/* Whether octets are no header, and no part of them from their start on is. */
static bool
is_never_a_header(const struct case_ *c)
{
	struct peer before = known_before(), peer;
	bool refused = false;
	size_t length, found;

	for (length = 0; length <= c->length; length++) {
		enum proxy_status status = parse(c->header, length, &peer,
		    &found);

		if (status == PROXY_OK || !is_the_same(&peer, &before) ||
		    (refused && status != PROXY_MALFORMED)) {
			printf("# %zu octets: status %d, peer %s\n", length,
			    (int)status, peer.address);
			return false;
		}
		refused = status == PROXY_MALFORMED;
	}
	return refused;
}

static void
check_others(const char *kind, const struct case_ *cases, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		CHECK(is_never_a_header(&cases[i]), "%s: %s: is none", kind,
		    cases[i].name); /* proxy-v1-a proxy-v1-b proxy-v2-c */
}

/* What cannot become a header any more is told from the first wrong octet on. */
static void
check_early(void)
{
	static const struct case_ cases[] = {
		{ "EHLO", OCTETS("E"), NULL, NULL, 0 },
		{ "PASS", OCTETS("PA"), NULL, NULL, 0 },
		{ "small letters", OCTETS("p"), NULL, NULL, 0 },
		{ "a longer word", OCTETS("PROXYS"), NULL, NULL, 0 },
		{ "the signature", OCTETS("\r\n\r\nE"), NULL, NULL, 0 },
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		struct peer peer;
		size_t found;

		CHECK(parse(cases[i].header, cases[i].length, &peer, &found) ==
		    PROXY_MALFORMED, "at once: %s", cases[i].name); /* proxy-a */
		CHECK(parse(cases[i].header, cases[i].length - 1, &peer,
		    &found) == PROXY_INCOMPLETE, "and not before: %s",
		    cases[i].name); /* proxy-a */
	}
}

int
main(void)
{
	CHECK(sizeof LONGEST - 1 == 107, "the longest line is as long as may be");
	check_headers("a line", lines, COUNT(lines));
	check_headers("a line", unknown_lines, COUNT(unknown_lines));
	check_headers("a block", blocks, COUNT(blocks));
	check_headers("a block", other_blocks, COUNT(other_blocks));
	check_others("a line", bad_lines, COUNT(bad_lines));
	check_others("a block", bad_blocks, COUNT(bad_blocks));
	check_early();
	return check_end();
}
