/* Envelopes of messages for other hosts: as text, and what is booked in them. */
#include "store/outgoing_envelope.h"

#include "tests/lib/check.h"

#define HEAD "arrived 1700000000\nfrom <alice@example.com>\n"
#define TO "to 0 1700000000 <bob@example.org>\n"

/* Texts that come out as they go in. */
static const struct {
	const char *name;
	const char *text;
} good[] = {
	{ "one recipient", HEAD TO },
	{ "the null sender", "arrived 1\nfrom <>\n" TO },
	{ "parameters", "arrived 1700000000\n"
	  "from <alice@example.com> BODY=8BITMIME RET=HDRS ENVID=QQ314159\n"
	  "to 3 1700009000 <bob@example.org> NOTIFY=SUCCESS,DELAY "
	  "ORCPT=rfc822;Bob@example.org\n" },
	{ "a sender that has been warned", HEAD "warned\n" TO },
	{ "each state, and what was said", HEAD
	  "to 1 1700000300 <a@example.org>\n"
	  "said mx.example.org: 451 4.7.1 Greylisted, try again\n"
	  "failed 5.1.1 <b@example.org> NOTIFY=FAILURE\n"
	  "said mx.example.org: 550 5.1.1 No: such user\n"
	  "relayed 2.0.0 <c@example.org> NOTIFY=SUCCESS\n"
	  "failed 4.4.7 <d@example.org>\n" },
	{ "nothing said by somebody", HEAD TO "said mx.example.org: \n" },
	{ "something said by nobody", HEAD TO "said : timed out\n" },
	{ "brackets and blanks in a quoted name",
	  "arrived 1\nfrom <\"a> \\\" b\"@example.com> RET=FULL\n"
	  "to 0 1 <\"> <\"@example.org> NOTIFY=NEVER\n" },
	{ "UTF-8", "arrived 1\nfrom <j\xc3\xb6rg@example.com> SMTPUTF8\n"
	  "to 0 1 <\xe7\x94\xa8\xe6\x88\xb7@\xe4\xbe\x8b.example>\n" },
	{ "the largest numbers", "arrived 9223372036854775807\nfrom <>\n"
	  "to 4294967295 9223372036854775807 <a@b>\n" },
};

static void
test_texts(void)
{
	size_t i;

	for (i = 0; i < COUNT(good); i++) {
		enum store_error error;
		struct outgoing outgoing;
		char *given = strdup(good[i].text), *text = NULL;
		size_t length = 0;

		must(given != NULL, "no memory");
		outgoing_init(&outgoing, 0);
		error = outgoing_from_text(&outgoing, given);
		free(given);
		CHECK(error == STORE_OK, "it can be read: %s", good[i].name);
		if (error == STORE_OK)
			error = outgoing_to_text(&outgoing, &text, &length);
		CHECK(error == STORE_OK && same(text, length, good[i].text,
		    strlen(good[i].text)), "and written again: %s",
		    good[i].name);
		free(text);
		outgoing_free(&outgoing);
	}
}

static const struct {
	const char *name;
	const char *text;
} bad[] = {
	{ "nothing", "" },
	{ "an empty line", HEAD TO "\n" },
	{ "no recipient", HEAD },
	{ "no sender", "arrived 1\n" TO },
	{ "no arrival", "from <>\n" TO },
	{ "the sender first", "from <>\narrived 1\n" TO },
	{ "two arrivals", "arrived 1\narrived 1\nfrom <>\n" TO },
	{ "two senders", HEAD "from <>\n" TO },
	{ "a last line that is cut", HEAD "to 0 1 <bob@example.org>" },
	{ "an unknown word", HEAD TO "cc 0 1 <bob@example.org>\n" },
	{ "a word in capitals", HEAD "TO 0 1 <bob@example.org>\n" },
	{ "a word alone", HEAD TO "to\n" },
	{ "no tries", HEAD "to 1 <bob@example.org>\n" },
	{ "tries that are no number", HEAD "to one 1 <bob@example.org>\n" },
	{ "tries below nothing", HEAD "to -1 1 <bob@example.org>\n" },
	{ "too many tries", HEAD "to 4294967296 1 <bob@example.org>\n" },
	{ "a time past all bounds", HEAD "to 0 9223372036854775808 <a@b>\n" },
	{ "two blanks", HEAD "to 0  1 <bob@example.org>\n" },
	{ "no brackets", HEAD "to 0 1 bob@example.org\n" },
	{ "one bracket", HEAD "to 0 1 <bob@example.org\n" },
	{ "a bracket in quotes only", HEAD "to 0 1 <\"bob>\n" },
	{ "an empty path", HEAD "to 0 1 <>\n" },
	{ "a blank behind the path", HEAD "to 0 1 <bob@example.org> \n" },
	{ "no blank behind the path", HEAD "to 0 1 <a@b>NOTIFY=NEVER\n" },
	{ "a control character", HEAD "to 0 1 <a\tb@example.org>\n" },
	{ "no status", HEAD "failed <bob@example.org>\n" },
	{ "a status that is none", HEAD "failed 5.x.1 <bob@example.org>\n" },
	{ "a status that is too long", HEAD "failed 5.000000.001 <a@b>\n" },
	{ "said of nobody", HEAD "said mx: 250 OK\n" TO },
	{ "said twice", HEAD TO "said mx: 450 a\nsaid mx: 450 b\n" },
	{ "said by nobody known", HEAD TO "said 450\n" },
	{ "warned too late", HEAD TO "warned\n" },
	{ "warned twice", HEAD "warned\nwarned\n" TO },
};

static void
test_malformed_texts(void)
{
	size_t i;

	for (i = 0; i < COUNT(bad); i++) {
		struct outgoing outgoing;
		char *given = strdup(bad[i].text);

		must(given != NULL, "no memory");
		outgoing_init(&outgoing, 0);
		CHECK(outgoing_from_text(&outgoing, given) == STORE_MALFORMED,
		    "malformed: %s", bad[i].name);
		free(given);
		outgoing_free(&outgoing);
	}
}

/* What cannot be read again is not taken. */
static void
test_refusals(void)
{
	static const char *const paths[] = {
		"a>b@example.org", "\"ab@example.org", "\"a\\\"@example.org",
		"a\nb@example.org", ""
	};
	struct outgoing outgoing;
	size_t i;

	outgoing_init(&outgoing, 1700000000);
	for (i = 0; i < COUNT(paths); i++)
		CHECK(!outgoing_add_recipient(&outgoing, paths[i], ""),
		    "no path: %s", shown(paths[i], strlen(paths[i])));
	CHECK(!outgoing_add_recipient(&outgoing, "a@b", "NOTIFY=NEVER\nto"),
	    "no parameters: a line end");
	CHECK(!outgoing_set_sender(&outgoing, "a>b", ""), "nor a sender");
	CHECK(outgoing.count == 0 && outgoing.reverse_path == NULL,
	    "and nothing is changed");
	outgoing_free(&outgoing);
}

static void
test_booking(void)
{
	struct outgoing outgoing;
	struct outgoing_recipient *first, *second;
	char long_text[5000], *text = NULL;
	size_t length;

	outgoing_init(&outgoing, 1700000000);
	must(outgoing_set_sender(&outgoing, "", "") &&
	    outgoing_add_recipient(&outgoing, "a@b", "NOTIFY=NEVER") &&
	    outgoing_add_recipient(&outgoing, "c@d", ""), "no envelope");
	first = &outgoing.recipients[0];
	second = &outgoing.recipients[1];
	CHECK(first->state == OUTGOING_WAITING && first->tries == 0 &&
	    first->due == 1700000000 && outgoing_due(&outgoing) == 1700000000,
	    "a recipient waits, and is due at once");
	first->due = 1700000600;
	second->due = 1700000300;
	CHECK(outgoing_due(&outgoing) == 1700000300,
	    "due is who waits for the earliest time");
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	CHECK(outgoing_book(&outgoing, 1, OUTGOING_FAILED, "5.1.1", "m x\n",
	    "550 a\r\nb\x7f") && strcmp(second->server, "m?x?") == 0 &&
	    strcmp(second->said, "550 a??b?") == 0 &&
	    strcmp(second->status, "5.1.1") == 0,
	    "control characters of others are not kept");
	CHECK(outgoing_due(&outgoing) == 1700000000,
	    "what is booked is to be told at once");
	CHECK(outgoing_book(&outgoing, 1, OUTGOING_RELAYED, "x", long_text,
	    long_text) && strlen(second->said) == OUTGOING_SAID_SIZE - 1 &&
	    strlen(second->server) == OUTGOING_SERVER_SIZE - 1 &&
	    strcmp(second->status, "2.0.0") == 0,
	    "what is too long is cut, a status that is none replaced");
	CHECK(outgoing_book(&outgoing, 0, OUTGOING_FAILED, "", "", "") &&
	    strcmp(first->status, "5.0.0") == 0 && *first->said == '\0',
	    "a failure has a status, whatever is known");
	outgoing_drop(&outgoing, 0);
	CHECK(outgoing.count == 1 &&
	    strcmp(outgoing.recipients[0].path, "c@d") == 0,
	    "one leaves, the other stays");
	CHECK(outgoing_book(&outgoing, 0, OUTGOING_WAITING, "4.0.0", "mx",
	    "450 later") && outgoing_to_text(&outgoing, &text, &length) ==
	    STORE_OK && strcmp(text, "arrived 1700000000\nfrom <>\n"
	    "to 0 1700000300 <c@d>\nsaid mx: 450 later\n") == 0,
	    "and waits again");
	free(text);
	outgoing_free(&outgoing);
}

/* As many as fit; none of them is cut. */
static void
test_many(void)
{
	struct outgoing outgoing, again;
	char path[32], *text = NULL;
	size_t i, length = 0;
	bool right = true;

	outgoing_init(&outgoing, 1);
	must(outgoing_set_sender(&outgoing, "a@b", ""), "no envelope");
	for (i = 0; i < 100000; i++) {
		(void)snprintf(path, sizeof path, "u%zu@example.org", i);
		if (!outgoing_add_recipient(&outgoing, path, ""))
			break;
	}
	CHECK(i > 20000 && i < 100000 && outgoing.count == i,
	    "there is a limit to what it holds");
	CHECK(outgoing_to_text(&outgoing, &text, &length) == STORE_OK &&
	    length < OUTGOING_OCTETS_MAX, "which holds for its text");
	outgoing_init(&again, 0);
	CHECK(text != NULL && outgoing_from_text(&again, text) == STORE_OK &&
	    again.count == i, "all of it can be read");
	for (i = 0; i < again.count; i++)
		right &= strcmp(again.recipients[i].path,
		    outgoing.recipients[i].path) == 0;
	CHECK(right, "and is the same");
	free(text);
	outgoing_free(&again);
	outgoing_free(&outgoing);
}

int
main(void)
{
	test_texts();
	test_malformed_texts();
	test_refusals();
	test_booking();
	test_many();
	return check_end();
}
