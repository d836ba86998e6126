/* What a header has in it, however it is cut into pieces. */
#include "smtp-stdio/header.h"

#include "tests/lib/check.h"

static const struct {
	const char *name;
	const char *message;
	size_t header;                  /* octets before the empty line */
	bool ended, date, id, eight_bits;
	unsigned received;
} cases[] = {
	{ "all that is looked for",
	  "Received: a\nDate: b\nMessage-ID: <c@d>\n\nDate: no\n", 38,
	  true, true, true, false, 1 },
	{ "nothing of it", "Subject: x\nTo: y\n\nbody", 17,
	  true, false, false, false, 0 },
	{ "in any case", "RECEIVED: a\ndate: b\nmessage-Id: c\n\n", 34,
	  true, true, true, false, 1 },
	{ "blanks before the colon", "Received : a\nDate\t:b\nMessage-ID  : c\n\n",
	  37, true, true, true, false, 1 },
	{ "names that only begin so", "Dates: a\nDat: b\nMessage-IDs: c\n"
	  "Received-SPF: d\nX-Date: e\n\n", 57, true, false, false, false, 0 },
	{ "names with a blank inside", "Da te: a\nRe ceived: b\n\n", 22,
	  true, false, false, false, 0 },
	{ "lines that go on", "Subject: x\n Date: y\n\tReceived: z\n\n", 33,
	  true, false, false, false, 0 },
	{ "names in a value", "Subject: Date: Received: x\n\n", 27,
	  true, false, false, false, 0 },
	{ "no empty line", "Subject: x\nDate: y\n", 19,
	  false, true, false, false, 0 },
	{ "no header", "\nDate: x\n", 0, true, false, false, false, 0 },
	{ "nothing at all", "", 0, false, false, false, false, 0 },
	{ "octets from 0x80 on", "Subject: \xc3\xa9\n\nbody", 12,
	  true, false, false, true, 0 },
	{ "and in the body alone", "Subject: x\n\n\xc3\xa9", 11,
	  true, false, false, false, 0 },
	{ "three Received lines", "Received: a\nReceived:\nreceived: c\n\n", 34,
	  true, false, false, false, 3 },
	{ "a CR and text in a line", "Date: a\n\rX\n\n", 11,
	  true, true, false, false, 0 },
	{ "no name", ": x\n:\n\n", 6, true, false, false, false, 0 },
};

static uint64_t
count_lines(const char *octets, size_t length)
{
	uint64_t lines = 0;
	size_t i;

	for (i = 0; i < length; i++)
		lines += octets[i] == '\n';
	return lines;
}

/* Looks at a message in pieces of so many octets; how long its header is. */
static size_t
scan_message(struct header_scan *scan, const char *message, size_t piece)
{
	size_t length = strlen(message), at = 0, header = 0;

	while (at < length && !scan->ended) {
		size_t n = length - at < piece ? length - at : piece;

		header += header_scan_add(scan, message + at, n);
		at += n;
	}
	return header;
}

static void
look(size_t i, size_t piece)
{
	struct header_scan scan;
	size_t header;

	header_scan_init(&scan);
	header = scan_message(&scan, cases[i].message, piece);
	CHECK(header == cases[i].header && scan.ended == cases[i].ended,
	    "%s, in pieces of %zu: where it ends", cases[i].name, piece);
	CHECK(scan.lines == count_lines(cases[i].message, header),
	    "%s, in pieces of %zu: how many lines", cases[i].name, piece);
	CHECK(scan.has_date == cases[i].date &&
	    scan.has_message_id == cases[i].id &&
	    scan.received == cases[i].received &&
	    scan.has_eight_bits == cases[i].eight_bits,
	    "%s, in pieces of %zu: what is there", cases[i].name, piece);
}

/* Whose Delivered-To is in a header, each with a | behind it. */
static const struct {
	const char *name;
	const char *message;
	const char *addresses;
} delivered[] = {
	{ "one", "Delivered-To: bob@example.com\n\n", "bob@example.com|" },
	{ "in any case", "DELIVERED-TO: Bob@Example.COM\n\n",
	  "bob@example.com|" },
	{ "several, and other lines",
	  "Delivered-To: a@x\nSubject: y\nDelivered-To: b@x\n\n", "a@x|b@x|" },
	{ "no blank", "Delivered-To:a@x\n\n", "a@x|" },
	{ "blanks around it", "Delivered-To: \t a@x \t\n\n", "a@x|" },
	{ "a blank before the colon", "Delivered-To : a@x\n\n", "a@x|" },
	{ "a local-part with blanks", "Delivered-To: \"a b\"@x\n\n",
	  "\"a b\"@x|" },
	{ "beyond ASCII, which is not folded", "Delivered-To: \xc3\x89@x\n\n",
	  "\xc3\x89@x|" },
	{ "nothing", "Delivered-To:\nDelivered-To: \t\n\n", "" },
	{ "another name", "X-Delivered-To: a@x\nDelivered-Too: b@x\n"
	  "Delivered: c@x\nX: Delivered-To: d@x\n\n", "" },
	{ "in the body", "Subject: x\n\nDelivered-To: a@x\n", "" },
	{ "in a line that goes on", "Subject: x\n Delivered-To: a@x\n\n", "" },
	{ "in the last line, which has an end", "Delivered-To: a@x\n", "a@x|" },
};

static char told[512], longest_told[ADDRESS_TEXT_SIZE + 64];

static void
tell(void *context, const char *address)
{
	strcat(strcat(context, address), "|");
}

static void
look_for_addresses(size_t i, size_t piece)
{
	struct header_scan scan;

	told[0] = '\0';
	header_scan_init(&scan);
	scan.delivered_to = tell;
	scan.context = told;
	(void)scan_message(&scan, delivered[i].message, piece);
	CHECK(strcmp(told, delivered[i].addresses) == 0,
	    "Delivered-To, %s, in pieces of %zu", delivered[i].name, piece);
}

/* As long as an address can be, and no longer. */
static void
look_for_longest(void)
{
	char message[ADDRESS_TEXT_SIZE + 64], longest[ADDRESS_TEXT_SIZE + 2];
	struct header_scan scan;

	memset(longest, 'x', sizeof longest);
	longest[ADDRESS_TEXT_SIZE - 1] = '\0';
	(void)snprintf(message, sizeof message, "Delivered-To: %s\n\n",
	    longest);
	header_scan_init(&scan);
	(void)scan_message(&scan, message, sizeof message);
	CHECK(scan.ended, "nobody has to be told");
	header_scan_init(&scan);
	scan.delivered_to = tell;
	scan.context = longest_told;
	longest_told[0] = '\0';
	(void)scan_message(&scan, message, sizeof message);
	CHECK(strlen(longest_told) == ADDRESS_TEXT_SIZE &&
	    strncmp(longest_told, longest, ADDRESS_TEXT_SIZE - 1) == 0,
	    "the longest address is told whole");
	(void)snprintf(message, sizeof message, "Delivered-To: x%s\n\n",
	    longest);
	header_scan_init(&scan);
	scan.delivered_to = tell;
	scan.context = longest_told;
	longest_told[0] = '\0';
	(void)scan_message(&scan, message, sizeof message);
	CHECK(longest_told[0] == '\0', "a longer one is none");
}

int
main(void)
{
	size_t i, piece;

	for (i = 0; i < COUNT(cases); i++)
		for (piece = 1; piece <= 64; piece *= 4)
			look(i, piece);
	for (i = 0; i < COUNT(delivered); i++)
		for (piece = 1; piece <= 64; piece *= 4)
			look_for_addresses(i, piece);
	look_for_longest();
	return check_end();
}
