/*
 * All replies of smtp-stdio, against the RFCs and the registry of enhanced
 * status codes.
 */
#include "smtp-stdio/reply.h"

#include "tests/lib/check.h"

/*
 * RFC 5321 section 4.2.2, and 555 of section 4.1.1.11; RFC 4954 section 6 has
 * 235, 454, 530, 535 and 538, RFC 3207 section 4 has 454.
 */
static const unsigned codes[] = {
	211, 214, 220, 221, 235, 250, 251, 252, 354, 421, 450, 451, 452, 454,
	455, 500, 501, 502, 503, 504, 530, 535, 538, 550, 551, 552, 553, 554,
	555
};

/*
 * IANA's "Enumerated Status Codes" (RFC 5248), as registered in 2024: for
 * each subject of X.subject.detail the highest detail; there are no gaps.
 */
static const unsigned details_max[] = { 0, 10, 4, 6, 7, 6, 10, 30 };

static bool
is_code(unsigned code)
{
	size_t i;

	for (i = 0; i < COUNT(codes); i++)
		if (codes[i] == code)
			return true;
	return false;
}

/* Whether an enhanced code is class.subject.detail and registered. */
static bool
is_registered(const char *enhanced)
{
	unsigned class, subject, detail;
	char again[16];

	if (sscanf(enhanced, "%1u.%1u.%2u", &class, &subject, &detail) != 3)
		return false;
	(void)snprintf(again, sizeof again, "%u.%u.%u", class, subject, detail);
	return strcmp(again, enhanced) == 0 && subject < COUNT(details_max) &&
	    detail <= details_max[subject];
}

/* Whether a reply has no enhanced code: RFC 2034 section 4, and 3xx. */
static bool
has_no_enhanced(enum reply_id id)
{
	return id == REPLY_GREETING || id == REPLY_GREETING_FAILED ||
	    id == REPLY_HELLO || id == REPLY_HELLO_SYNTAX ||
	    id == REPLY_OTHER_HELLO || id == REPLY_START_DATA;
}

static void
test_reply(enum reply_id id)
{
	const struct reply *said = reply(id);
	size_t enhanced = 0;

	CHECK(said->code >= 200 && said->code <= 599 &&
	    said->code / 10 % 10 <= 5 && is_code(said->code),
	    "%u is a reply code", said->code); /* smtp-5321-4.2-b */
	CHECK((said->enhanced == NULL) == has_no_enhanced(id),
	    "%u %s: an enhanced code where there must be one, and nowhere else",
	    said->code, said->text == NULL ? "..." :
	    said->text); /* smtp-2034-3-a smtp-2034-3-c */
	if (said->enhanced != NULL) {
		enhanced = strlen(said->enhanced) + 1;
		CHECK((unsigned)(said->enhanced[0] - '0') == said->code / 100,
		    "%u %s: the classes are the same", said->code,
		    said->enhanced); /* smtp-2034-3-b */
		CHECK(is_registered(said->enhanced), "%s is registered",
		    said->enhanced); /* smtp-5248-2 */
	}
	if (said->text != NULL)
		CHECK(is_printable(said->text) && said->text[0] != '\0' &&
		    4 + enhanced + strlen(said->text) + 2 <=
		    REPLY_LINE_OCTETS_MAX, "%u \"%s\": short and printable",
		    said->code, said->text); /* smtp-5321-4.2-d smtp-5321-4.5.3.1.5 */
}

static const struct {
	const char *name;
	enum store_error error;
	unsigned look_up, delivery;
} errors[] = {
	{ "not found", STORE_NOT_FOUND, 550, 451 },
	{ "not hosted", STORE_NOT_HOSTED, 550, 451 },
	{ "exists", STORE_EXISTS, 451, 451 },
	{ "busy", STORE_BUSY, 451, 451 },
	{ "malformed", STORE_MALFORMED, 451, 451 },
	{ "full", STORE_FULL, 452, 452 },
	{ "failed", STORE_FAILED, 451, 451 },
};

static void
test_errors(void)
{
	size_t i;

	for (i = 0; i < COUNT(errors); i++) {
		CHECK(reply_for_look_up(errors[i].error)->code ==
		    errors[i].look_up, "looking up an account: %s is %u",
		    errors[i].name, errors[i].look_up);
		CHECK(reply_for_delivery(errors[i].error)->code ==
		    errors[i].delivery, "delivering a message: %s is %u",
		    errors[i].name, errors[i].delivery);
	}
	CHECK(strcmp(reply_for_look_up(STORE_NOT_FOUND)->enhanced, "5.1.1") == 0
	    && strcmp(reply_for_look_up(STORE_NOT_HOSTED)->enhanced, "5.7.1")
	    == 0, "no such mailbox and no relaying are told apart");
	CHECK(strcmp(reply_for_delivery(STORE_FULL)->enhanced, "4.3.1") == 0,
	    "no room is 4.3.1"); /* smtp-5321-4.3.2-452 */
}

static void
test_faults(void)
{
	bool right = true;
	int id;

	for (id = 0; id < REPLY_COUNT; id++)
		right &= reply_is_fault(reply((enum reply_id)id)) ==
		    (reply((enum reply_id)id)->code >= 500 &&
		    id != REPLY_UNKNOWN_MAILBOX);
	CHECK(right, "each 5xx is a fault, but for a mailbox that is not there");
}

int
main(void)
{
	int id;

	for (id = 0; id < REPLY_COUNT; id++)
		test_reply((enum reply_id)id);
	test_errors();
	test_faults();
	return check_end();
}
