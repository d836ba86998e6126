/* All replies of pop3-stdio, against RFC 1939, 2449 and 3206. */
#include "pop3-stdio/reply.h"

#include "tests/lib/check.h"

/* RFC 2449 section 8.1 and RFC 3206 sections 4 and 5; LOGIN-DELAY is not used. */
static const char *const response_codes[] = {
	"[IN-USE] ", "[SYS/TEMP] ", "[SYS/PERM] ", "[AUTH] "
};

static bool
has_response_code(const char *text)
{
	size_t i;

	for (i = 0; i < COUNT(response_codes); i++)
		if (strncmp(text, response_codes[i],
		    strlen(response_codes[i])) == 0)
			return text[strlen(response_codes[i])] != '\0';
	return false;
}

static void
test_reply(enum reply_id id)
{
	const struct reply *said = reply(id);

	CHECK(said->text != NULL && said->text[0] != '\0' &&
	    is_printable(said->text) && strlen("-ERR ") +
	    strlen(said->text) + 2 <= REPLY_LINE_OCTETS_MAX,
	    "\"%s\": short and printable", said->text); /* pop3-1939-3-a */
	CHECK(said->text[0] != '[' || (!said->positive &&
	    has_response_code(said->text)),
	    "\"%s\": no bracket but that of a response code of -ERR",
	    said->text); /* pop3-2449-8 */
	CHECK(!said->positive || !said->fault, "\"%s\": +OK is no fault",
	    said->text);
}

/* Which replies carry which response code, and no other does. */
static const struct {
	enum reply_id id;
	const char *code;
} coded[] = {
	{ REPLY_WRONG_PASSWORD, "[AUTH] " },
	{ REPLY_IN_USE, "[IN-USE] " },
	{ REPLY_STORE_FAILED, "[SYS/TEMP] " },
	{ REPLY_ACCOUNT_BROKEN, "[SYS/PERM] " },
	{ REPLY_MESSAGE_GONE, "[SYS/TEMP] " },
	{ REPLY_NOT_ALL_REMOVED, "[SYS/TEMP] " },
};

static void
test_codes(void)
{
	bool others = false;
	size_t i;
	int id;

	for (i = 0; i < COUNT(coded); i++)
		CHECK(strncmp(reply(coded[i].id)->text, coded[i].code,
		    strlen(coded[i].code)) == 0, "\"%s\" has its response code",
		    reply(coded[i].id)->text); /* pop3-3206-a pop3-3206-b */
	for (id = 0; id < REPLY_COUNT; id++) {
		bool known = false;

		for (i = 0; i < COUNT(coded); i++)
			known |= (int)coded[i].id == id;
		others |= !known && reply((enum reply_id)id)->text[0] == '[';
	}
	CHECK(!others, "no other reply has one"); /* pop3-2449-8 */
}

int
main(void)
{
	int id;

	for (id = 0; id < REPLY_COUNT; id++)
		test_reply((enum reply_id)id);
	test_codes();
	return check_end();
}
