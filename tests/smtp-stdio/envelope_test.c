/*
 * Envelopes: what is added stays, with the mailboxes that are its, and whom a
 * report is to tell of; reset forgets all.
 */
#include "smtp-stdio/envelope.h"

#include "tests/lib/check.h"
#include "tests/lib/directory.h"

static struct mail_root root;
static const struct rcpt_parameters none;
static const struct expansion_mark start;

/* An account in the mail root, whose mail goes to these, if any. */
static void
put_account(const char *name, const char *forward)
{
	char path[128];

	(void)snprintf(path, sizeof path, "accounts/example.com/%s", name);
	must(mkdir(path_of(path), 0700) == 0, "no account");
	if (forward == NULL)
		return;
	strcat(path, "/forward");
	put_file(path, forward, strlen(forward), 0600);
}

static void
make_root(void)
{
	(void)make_directory();
	must(mkdir(path_of("accounts"), 0700) == 0 &&
	    mkdir(path_of("accounts/example.com"), 0700) == 0, "no root");
	put_account("bob", NULL);
	put_account("carol", NULL);
	put_account("team", "bob@example.com\ncarol@example.com\n");
	put_account("all", "team@example.com\nall@example.com\n");
	must(root_open(&root, own_directory.path) == STORE_OK, "no root");
}

/* Adds a recipient with what its mail is expanded to; "" for nobody. */
static bool
add(struct envelope *envelope, const char *forward_path, const char *account)
{
	struct expansion_mark mark = expansion_mark(&envelope->expansion);
	struct address address;

	if (*account != '\0')
		must(address_parse(&address, account, strlen(account)) &&
		    expansion_add(&envelope->expansion, &root, &address, NULL)
		    == STORE_OK, "no account");
	return envelope_add(envelope, forward_path, &none, &mark);
}

static bool
is_empty(const struct envelope *envelope)
{
	return envelope->reverse_path[0] == '\0' && envelope->count == 0 &&
	    envelope->room == 0 && envelope->recipients == NULL &&
	    envelope->expansion.targets == NULL &&
	    envelope->expansion.target_count == 0 &&
	    envelope->expansion.forwarders == NULL &&
	    envelope->expansion.forwarder_count == 0;
}

static void
test_transaction(void)
{
	struct envelope envelope;
	struct mail_parameters parameters;

	memset(&envelope, 0, sizeof envelope);
	memset(&parameters, 0, sizeof parameters);
	parameters.has_size = true;
	parameters.size = 7;
	strcpy(parameters.envelope_id, "QQ314159");
	envelope_begin(&envelope, "Alice@example.org", &parameters);
	memset(&parameters, 0, sizeof parameters);
	CHECK(strcmp(envelope.reverse_path, "Alice@example.org") == 0 &&
	    envelope.count == 0, "a transaction begins with a reverse-path");
	CHECK(envelope.parameters.has_size && envelope.parameters.size == 7 &&
	    strcmp(envelope.parameters.envelope_id, "QQ314159") == 0,
	    "and its parameters");
	CHECK(add(&envelope, "Bob@Example.com", "bob@example.com") &&
	    add(&envelope, "Carol@example.com", "carol@example.com") &&
	    add(&envelope, "bob@example.com", "bob@example.com") &&
	    envelope.count == 3, "three recipients, one of them twice, are three");
	CHECK(strcmp(envelope.recipients[0]->forward_path,
	    "Bob@Example.com") == 0 &&
	    strcmp(envelope.recipients[1]->forward_path,
	    "Carol@example.com") == 0 &&
	    strcmp(envelope.recipients[2]->forward_path,
	    "bob@example.com") == 0,
	    "the forward-paths are kept in order, as they were sent");

	envelope_begin(&envelope, "", NULL);
	CHECK(is_empty(&envelope) && !envelope.parameters.has_size &&
	    envelope.parameters.envelope_id[0] == '\0',
	    "another transaction begins without them");
	CHECK(add(&envelope, "bob@example.com", "bob@example.com") &&
	    envelope.count == 1, "and has recipients of its own");
	envelope_reset(&envelope);
	CHECK(is_empty(&envelope), "reset forgets all");
	envelope_reset(&envelope);
	CHECK(is_empty(&envelope), "reset of an empty envelope does nothing");
}

/* Which mailboxes are whose. */
static void
test_targets(void)
{
	static const struct {
		const char *account;
		bool forwards;
		size_t count;
	} cases[] = {
		{ "bob@example.com", false, 1 },
		{ "team@example.com", true, 2 },
		{ "", false, 0 },
		{ "all@example.com", true, 3 },
		{ "carol@example.com", false, 1 },
		{ "", false, 0 },
	};
	struct envelope envelope;
	size_t first = 0, i;

	memset(&envelope, 0, sizeof envelope);
	envelope_begin(&envelope, "a@b", NULL);
	for (i = 0; i < COUNT(cases); i++)
		must(add(&envelope, "x@y", cases[i].account), "no memory");
	for (i = 0; i < COUNT(cases); i++) {
		const struct recipient *recipient = envelope.recipients[i];
		const struct expansion *expansion = &envelope.expansion;

		CHECK(recipient->first_target == first &&
		    recipient->target_count == cases[i].count,
		    "recipient %zu, %s, has %zu mailboxes", i,
		    cases[i].account, cases[i].count);
		CHECK((recipient->forwarder == VIA_NONE) == !cases[i].forwards
		    && (!cases[i].forwards || strcmp(expansion->forwarders
		    [recipient->forwarder].account, cases[i].account) == 0),
		    "and %s", cases[i].forwards ? "forwards to them" :
		    "does not forward");
		first += cases[i].count;
	}
	CHECK(envelope.expansion.target_count == first, "and nobody has others");
	envelope_reset(&envelope);
}

static void
test_longest(void)
{
	char path[PATH_OCTETS_MAX + 1];
	struct rcpt_parameters parameters;
	struct envelope envelope;

	memset(&envelope, 0, sizeof envelope);
	memset(path, 'p', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	memset(&parameters, 0, sizeof parameters);
	memset(parameters.original, 'o', sizeof parameters.original - 1);
	envelope_begin(&envelope, path, NULL);
	CHECK(envelope_add(&envelope, path, &parameters, &start) &&
	    strcmp(envelope.reverse_path, path) == 0 &&
	    strcmp(envelope.recipients[0]->forward_path, path) == 0 &&
	    strcmp(envelope.recipients[0]->original, parameters.original) == 0,
	    "there is room for the longest paths");
	envelope_reset(&envelope);
}

static void
test_many(void)
{
	struct envelope envelope;
	char path[32];
	bool added = true, kept = true;
	size_t i;

	memset(&envelope, 0, sizeof envelope);
	envelope_begin(&envelope, "alice@example.org", NULL);
	for (i = 0; i < 5000; i++) {
		(void)snprintf(path, sizeof path, "u%zu@example.com", i);
		added &= add(&envelope, path,
		    i % 50 == 0 ? "team@example.com" : "");
	}
	CHECK(added && envelope.count == 5000, "five thousand recipients");
	for (i = 0; i < 5000; i++) {
		const struct recipient *recipient = envelope.recipients[i];

		(void)snprintf(path, sizeof path, "u%zu@example.com", i);
		kept &= strcmp(recipient->forward_path, path) == 0 &&
		    recipient->target_count == (i % 50 == 0 ? 2 : 0) &&
		    recipient->first_target == (i + 49) / 50 * 2;
	}
	CHECK(kept, "each of them is kept with its mailboxes");
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
		{ NOTIFY_SUCCESS | NOTIFY_DELAY, false, true },
		{ NOTIFY_SUCCESS | NOTIFY_FAILURE, true, true },
	};
	struct rcpt_parameters parameters;
	struct envelope envelope;
	size_t i;

	memset(&envelope, 0, sizeof envelope);
	memset(&parameters, 0, sizeof parameters);
	envelope_begin(&envelope, "a@b", NULL);
	for (i = 0; i < COUNT(cases); i++) {
		const struct recipient *recipient;

		parameters.notify = cases[i].notify;
		must(envelope_add(&envelope, "c@d", &parameters, &start),
		    "no memory");
		recipient = envelope.recipients[i];
		CHECK(recipient_is_reported(recipient, true) ==
		    cases[i].failure, "NOTIFY %u: a failure",
		    cases[i].notify);
		CHECK(recipient_is_reported(recipient, false) ==
		    cases[i].success, "NOTIFY %u: a delivery",
		    cases[i].notify);
	}
	memcpy(parameters.original, "rfc822;x@y", 11);
	envelope_begin(&envelope, "a@b", NULL);
	CHECK(envelope_add(&envelope, "c@d", &parameters, &start) &&
	    envelope_add(&envelope, "e@f", &none, &start) &&
	    strcmp(envelope.recipients[0]->original, "rfc822;x@y") == 0 &&
	    strcmp(envelope.recipients[0]->forward_path, "c@d") == 0 &&
	    envelope.recipients[1]->original == NULL,
	    "both addresses of a recipient are kept");
	envelope_reset(&envelope);
}

int
main(void)
{
	make_root();
	test_transaction();
	test_targets();
	test_longest();
	test_many();
	test_reported();
	root_close(&root);
	return check_end();
}
