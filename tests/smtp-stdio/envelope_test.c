/* Envelopes: what is added stays, each mailbox counts once, reset forgets. */
#include "smtp-stdio/envelope.h"

#include "tests/lib/check.h"

/* Adds a recipient; the account is the path in small letters. */
static bool
add(struct envelope *envelope, const char *forward_path)
{
	struct address account;

	return address_parse(&account, forward_path, strlen(forward_path)) &&
	    envelope_add(envelope, forward_path, NULL, &account);
}

static bool
is_empty(const struct envelope *envelope)
{
	return envelope->reverse_path[0] == '\0' &&
	    envelope->forward_path[0] == '\0' && envelope->count == 0 &&
	    envelope->account_room == 0 && envelope->accounts == NULL;
}

static void
test_transaction(void)
{
	struct envelope envelope;

	memset(&envelope, 0, sizeof envelope);
	envelope_begin(&envelope, "Alice@example.org", NULL);
	CHECK(strcmp(envelope.reverse_path, "Alice@example.org") == 0 &&
	    envelope.count == 0, "a transaction begins with a reverse-path");
	CHECK(add(&envelope, "Bob@Example.com") && add(&envelope, "Carol@x") &&
	    add(&envelope, "bob@example.com") && envelope.count == 3,
	    "three recipients, one of them twice, are three");
	CHECK(strcmp(envelope.forward_path, "Bob@Example.com") == 0,
	    "the first forward-path is kept as it was sent");
	CHECK(strcmp(envelope.accounts[0], "bob@example.com") == 0 &&
	    strcmp(envelope.accounts[1], "carol@x") == 0,
	    "the accounts stand in the order of the recipients");
	CHECK(envelope_unique_accounts(&envelope) == 2 &&
	    strcmp(envelope.accounts[0], "bob@example.com") == 0 &&
	    strcmp(envelope.accounts[1], "carol@x") == 0,
	    "they are two mailboxes"); /* smtp-5321-4.1.1.3-h */
	CHECK(envelope.count == 3, "and still three recipients");

	envelope_begin(&envelope, "", NULL);
	CHECK(is_empty(&envelope), "another transaction begins without them");
	CHECK(add(&envelope, "x@y") && envelope_unique_accounts(&envelope) == 1,
	    "one recipient is one mailbox");
	envelope_reset(&envelope);
	CHECK(is_empty(&envelope), "reset forgets all");
	envelope_reset(&envelope);
	CHECK(is_empty(&envelope), "reset of an empty envelope does nothing");
}

static void
test_longest(void)
{
	char path[PATH_OCTETS_MAX + 1], local[ADDRESS_PART_MAX];
	struct envelope envelope;
	struct address account;

	memset(&envelope, 0, sizeof envelope);
	memset(path, 'p', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	memset(local, 'l', sizeof local);
	(void)address_set(&account, local, sizeof local, OCTETS("example.org"));
	envelope_begin(&envelope, path, NULL);
	CHECK(envelope_add(&envelope, path, NULL, &account) &&
	    strcmp(envelope.reverse_path, path) == 0 &&
	    strcmp(envelope.forward_path, path) == 0 &&
	    strlen(envelope.accounts[0]) == 255 + 12,
	    "there is room for the longest paths");
	envelope_reset(&envelope);
}

/* Five thousand recipients, of whom many are the same, in no order. */
static void
test_many(void)
{
	struct envelope envelope;
	char path[32];
	bool added = true, in_order = true;
	size_t unique, i;

	memset(&envelope, 0, sizeof envelope);
	envelope_begin(&envelope, "alice@example.org", NULL);
	for (i = 0; i < 5000; i++) {
		(void)snprintf(path, sizeof path, "u%zu@example.com",
		    i * 7919 % 1250);
		added &= add(&envelope, path);
	}
	CHECK(added && envelope.count == 5000, "five thousand recipients");
	unique = envelope_unique_accounts(&envelope);
	CHECK(unique == 1250, "are 1250 mailboxes");
	for (i = 1; i < unique; i++)
		in_order &= strcmp(envelope.accounts[i - 1],
		    envelope.accounts[i]) < 0;
	CHECK(in_order, "each of them once");
	envelope_reset(&envelope);
}

/* RFC 3461 section 4.1: whom a report is to tell of. */
static void
test_reported(void)
{
	static const struct {
		unsigned notify;
		bool failure, success;
	} cases[] = {
		{ 0, true, false },
		{ NOTIFY_NEVER, false, false },
		{ NOTIFY_SUCCESS, false, true },
		{ NOTIFY_FAILURE, true, false },
		{ NOTIFY_DELAY, false, false },
		{ NOTIFY_SUCCESS | NOTIFY_FAILURE, true, true },
	};
	struct rcpt_parameters parameters;
	struct envelope envelope;
	struct address account;
	size_t i;

	memset(&envelope, 0, sizeof envelope);
	memset(&parameters, 0, sizeof parameters);
	CHECK(address_parse(&account, "bob@example.com", 15), "an account");
	for (i = 0; i < COUNT(cases); i++) {
		parameters.notify = cases[i].notify;
		envelope_begin(&envelope, "a@b", NULL);
		CHECK(envelope_add(&envelope, "c@d", &parameters, NULL) &&
		    envelope.count == 1 && envelope.account_count == 0 &&
		    envelope.reported_count == cases[i].failure &&
		    (!cases[i].failure || envelope.reported[0]->failed),
		    "NOTIFY %u: a failure", cases[i].notify);
		CHECK(envelope_add(&envelope, "e@f", &parameters, &account) &&
		    envelope.count == 2 && envelope.account_count == 1 &&
		    envelope.reported_count == (size_t)cases[i].failure +
		    (size_t)cases[i].success, "NOTIFY %u: a delivery",
		    cases[i].notify);
	}
	memcpy(parameters.original, "rfc822;x@y", 11);
	envelope_begin(&envelope, "a@b", NULL);
	CHECK(envelope_add(&envelope, "c@d", &parameters, NULL) &&
	    envelope_add(&envelope, "e@f", NULL, NULL) &&
	    strcmp(envelope.reported[0]->original, "rfc822;x@y") == 0 &&
	    strcmp(envelope.reported[0]->forward_path, "c@d") == 0 &&
	    envelope.reported[1]->original == NULL,
	    "both addresses of a recipient are kept");
	envelope_reset(&envelope);
	CHECK(is_empty(&envelope) && envelope.reported == NULL,
	    "reset forgets whom to tell of");
}

int
main(void)
{
	test_transaction();
	test_longest();
	test_many();
	test_reported();
	return check_end();
}
