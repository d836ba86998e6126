/*
 * Names of messages, kept short: each comes back as it was, whoever has named
 * it.
 */
#include "store/short_names.h"

#include "store/text.h"
#include "tests/lib/check.h"

static const char *const names[] = {
	"a", "a.b", "a.b.c", "a.b.c.d", "a..", "a...", "...", "1700000000",
	"1700000000.1.mail.example.com",
	"1700000000.2.mail.example.com,S=1,W=2",
	"1700000000.3.mail.example.com,S=1,W=2:2,S",
	"1700000000.4.mail.example.com:2,",
	"1700000000.4.mail.example.com.:2,",
	"1700000000.5.mail,example.com:2,",
	"1700000000.6.,S=1",
	"1700000000.7.x:2,",
	"1700000000,S=1.2.mail.example.com",
	"1700000000.a:2,S.b.c",
	"\x01.\x02.\x03\xff\xfe", " . . ",
	"1700000000.8.another.example,S=1,W=2:2,S"
};

static bool
comes_back(const struct short_names *kept, uint32_t place, const char *name)
{
	char got[MESSAGE_NAME_SIZE];

	short_names_get(kept, place, got);
	return strcmp(got, name) == 0;
}

static void
test_forms(void)
{
	struct short_names *kept = NULL;
	uint32_t places[COUNT(names)];
	struct message_sizes sizes;
	size_t i, round;

	for (round = 0; round < 2; round++)
		for (i = 0; i < COUNT(names); i++)
			must(short_names_keep(&kept, names[i], &places[i]),
			    "no memory");
	for (i = 0; i < COUNT(names); i++)
		CHECK(comes_back(kept, places[i], names[i]),
		    "a name comes back: %s", names[i]);
	CHECK(strlen(short_names_at(kept, places[10])) + 10 <
	    strlen(names[10]), "the host is not kept again");
	CHECK(maildir_sizes_in(short_names_at(kept, places[10]), &sizes) &&
	    sizes.disk == 1 && sizes.wire == 2,
	    "sizes can be read in what is kept");
	short_names_free(kept);
	short_names_free(NULL);
}

/* More names than a chunk holds, some as long as can be, of many hosts. */
static void
test_many(void)
{
	struct short_names *kept = NULL;
	static uint32_t places[40000];
	static char longest[MESSAGE_NAME_SIZE + 1];
	bool right = true;
	uint32_t place;
	size_t i;

	for (i = 0; i < 2 * COUNT(places); i++) {
		size_t number = i % COUNT(places);
		char name[MESSAGE_NAME_SIZE];
		struct text text;

		text_init(&text, name, sizeof name);
		text_add_number(&text, number);
		text_add(&text, ".id.host");
		text_add_number(&text, number % 41);
		while (number % 50 == 0 && !text.cut)
			text_add(&text, "-long");
		if (i == number)
			must(short_names_keep(&kept, name, &places[number]),
			    "no memory");
		else
			right &= comes_back(kept, places[number], name);
	}
	CHECK(right, "%zu names of 41 hosts come back", COUNT(places));
	memset(longest, 'a', sizeof longest - 1);
	CHECK(!short_names_keep(&kept, longest, &place),
	    "a name that is too long is not kept");
	CHECK(short_names_keep(&kept, longest + 1, &place) &&
	    comes_back(kept, place, longest + 1), "the longest one is");
	short_names_free(kept);
}

int
main(void)
{
	test_forms();
	test_many();
	return check_end();
}
