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
	{ "no name", ": x\n:\n\n", 6, true, false, false, false, 0 },
};

/* Looks at a message in pieces of so many octets. */
static void
look(size_t i, size_t piece)
{
	size_t length = strlen(cases[i].message), at = 0, header = 0;
	struct header_scan scan;

	header_scan_init(&scan);
	while (at < length && !scan.ended) {
		size_t n = length - at < piece ? length - at : piece;

		header += header_scan_add(&scan, cases[i].message + at, n);
		at += n;
	}
	CHECK(header == cases[i].header && scan.ended == cases[i].ended,
	    "%s, in pieces of %zu: where it ends", cases[i].name, piece);
	CHECK(scan.has_date == cases[i].date &&
	    scan.has_message_id == cases[i].id &&
	    scan.received == cases[i].received &&
	    scan.has_eight_bits == cases[i].eight_bits,
	    "%s, in pieces of %zu: what is there", cases[i].name, piece);
}

int
main(void)
{
	size_t i, piece;

	for (i = 0; i < COUNT(cases); i++)
		for (piece = 1; piece <= 64; piece *= 4)
			look(i, piece);
	return check_end();
}
