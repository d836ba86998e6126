/*
 * The queue over a real mail root: what is put there, whose it is, in which
 * order it is due, and what becomes of it.
 */
#include "store/outgoing.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/lib/check.h"
#include "tests/lib/directory.h"

#define MESSAGE "Return-Path: <a@example.com>\n\nText\n"

static struct mail_root root;

/* A message that has come whole. */
static struct delivery
message(void)
{
	struct delivery delivery;

	must(delivery_begin(&delivery, &root, "mx") == STORE_OK &&
	    delivery_write(&delivery, OCTETS(MESSAGE), sizeof MESSAGE + 2) ==
	    STORE_OK, "no message");
	return delivery;
}

/* An envelope for two. */
static struct outgoing
envelope(const struct delivery *delivery)
{
	struct outgoing outgoing;

	outgoing_init(&outgoing, delivery->seconds);
	must(outgoing_set_sender(&outgoing, "a@example.com", "RET=HDRS") &&
	    outgoing_add_recipient(&outgoing, "b@example.org", "") &&
	    outgoing_add_recipient(&outgoing, "c@example.net",
	    "NOTIFY=NEVER"), "no envelope");
	return outgoing;
}

static const char *
name_of(const char *part, const char *id)
{
	static char names[2][64];
	static unsigned turn;
	char *name = names[turn++ % 2];

	(void)snprintf(name, sizeof names[0], "root/outgoing/%s/%s", part, id);
	return name;
}

static bool
exists(const char *part, const char *id)
{
	return access(path_of(name_of(part, id)), F_OK) == 0;
}

static bool
incoming_is_empty(void)
{
	DIR *list = durable_list(root.incoming);
	bool is_empty;

	must(list != NULL, "no .incoming");
	is_empty = durable_next(list) == NULL;
	durable_list_end(list);
	return is_empty;
}

/* What another process gets that takes an entry. */
static enum store_error
take_elsewhere(const char *id)
{
	pid_t child = fork();
	int status;

	must(child != -1, "no process");
	if (child == 0) {
		struct mail_root own;
		struct outgoing outgoing;
		enum store_error error;
		int file;

		if (root_open(&own, path_of("root")) != STORE_OK)
			_exit(99);
		error = outgoing_take(&own, id, &outgoing, &file);
		_exit((int)error);
	}
	must(waitpid(child, &status, 0) == child && WIFEXITED(status),
	    "no answer");
	return (enum store_error)WEXITSTATUS(status);
}

/* Puts a message there and ends its delivery; what it is called. */
static const char *
put(int64_t due)
{
	static char id[MESSAGE_ID_SIZE];
	struct delivery delivery = message();
	struct outgoing outgoing = envelope(&delivery);

	outgoing.recipients[0].due = outgoing.recipients[1].due = due;
	must(outgoing_put(&outgoing, &delivery) == STORE_OK, "not put");
	memcpy(id, outgoing.id, sizeof id);
	delivery_end(&delivery);
	outgoing_free(&outgoing);
	return id;
}

static void
test_empty(void)
{
	struct outgoing_entry *entries;
	struct outgoing outgoing;
	size_t count;
	int file;

	CHECK(outgoing_list(&root, &entries, &count) == STORE_OK &&
	    count == 0 && entries == NULL, "without a queue nothing is in it");
	CHECK(outgoing_take(&root, "000000123456789abcdef", &outgoing, &file)
	    == STORE_NOT_FOUND && outgoing_read(&root, "../../accounts",
	    &outgoing) == STORE_NOT_FOUND, "and nothing can be taken");
	CHECK(access(path_of("root/outgoing"), F_OK) == -1,
	    "to look makes nothing");
}

static void
test_putting(void)
{
	struct delivery delivery = message();
	struct outgoing outgoing = envelope(&delivery);
	struct stat queued, incoming;
	char expected[256], base[128];

	CHECK(outgoing_put(&outgoing, &delivery) == STORE_OK &&
	    strcmp(outgoing.id, delivery.id) == 0 &&
	    outgoing_is_id(outgoing.id), "a message is put into the queue");
	(void)snprintf(expected, sizeof expected, "arrived %lld\n"
	    "from <a@example.com> RET=HDRS\nto 0 %lld <b@example.org>\n"
	    "to 0 %lld <c@example.net> NOTIFY=NEVER\n",
	    (long long)delivery.seconds, (long long)delivery.seconds,
	    (long long)delivery.seconds);
	CHECK(strcmp(get_file(name_of("envelope", outgoing.id)), expected) == 0,
	    "with its envelope");
	(void)snprintf(base, sizeof base, "root/mail/.incoming/%s",
	    delivery.base);
	CHECK(stat(path_of(name_of("message", outgoing.id)), &queued) == 0 &&
	    stat(path_of(base), &incoming) == 0 &&
	    queued.st_ino == incoming.st_ino, "it is the same file");
	CHECK(stat(path_of("root/outgoing/envelope"), &queued) == 0 &&
	    (queued.st_mode & 07777) == 0700 &&
	    stat(path_of("root/outgoing/message"), &queued) == 0 &&
	    (queued.st_mode & 07777) == 0700, "in directories of its owner");
	CHECK(take_elsewhere(outgoing.id) == STORE_BUSY,
	    "nobody sends it while it is still delivered");
	outgoing_revoke(&outgoing, &delivery);
	CHECK(!exists("envelope", outgoing.id) &&
	    !exists("message", outgoing.id), "it can be taken out again");
	CHECK(outgoing_put(&outgoing, &delivery) == STORE_OK,
	    "and put there again");
	delivery_end(&delivery);
	outgoing_free(&outgoing);
	CHECK(incoming_is_empty(), "nothing is left of the delivery");
}

static void
test_failures(void)
{
	struct delivery delivery = message();
	struct outgoing outgoing = envelope(&delivery);

	must(chmod(path_of("root/outgoing/message"), 0500) == 0 &&
	    chmod(path_of("root/outgoing/envelope"), 0500) == 0, "no mode");
	CHECK(outgoing_put(&outgoing, &delivery) == STORE_OK,
	    "parts that are still closed are opened");
	outgoing_revoke(&outgoing, &delivery);
	must(chmod(path_of("root/outgoing/message"), 0700) == 0 &&
	    chmod(path_of("root/outgoing/envelope"), 0700) == 0, "no mode");
	put_file(name_of("message", delivery.id), OCTETS("x"), 0600);
	CHECK(outgoing_put(&outgoing, &delivery) == STORE_EXISTS &&
	    !exists("envelope", delivery.id) &&
	    strcmp(get_file(name_of("message", delivery.id)), "x") == 0,
	    "what is there already is not replaced");
	must(unlink(path_of(name_of("message", delivery.id))) == 0, "no file");
	delivery_end(&delivery);
	outgoing_free(&outgoing);
	CHECK(incoming_is_empty(), "nor what was written for it");
}

static void
test_taking(void)
{
	struct outgoing outgoing;
	char octets[sizeof MESSAGE];
	const char *id = put(0);
	int file;

	CHECK(outgoing_take(&root, id, &outgoing, &file) == STORE_OK &&
	    read(file, octets, sizeof octets) == sizeof MESSAGE - 1 &&
	    memcmp(octets, MESSAGE, sizeof MESSAGE - 1) == 0 &&
	    outgoing.count == 2 && strcmp(outgoing.reverse_path,
	    "a@example.com") == 0 && strcmp(outgoing.id, id) == 0,
	    "an entry is taken, with its message");
	CHECK(take_elsewhere(id) == STORE_BUSY, "by one at a time");
	outgoing_drop(&outgoing, 0);
	outgoing.recipients[0].tries = 1;
	outgoing.recipients[0].due = 1900000000;
	CHECK(outgoing_book(&outgoing, 0, OUTGOING_WAITING, "", "mx",
	    "450 no") && outgoing_update(&root, &outgoing) == STORE_OK &&
	    strstr(get_file(name_of("envelope", id)),
	    "to 1 1900000000 <c@example.net> NOTIFY=NEVER\nsaid mx: 450 no\n")
	    != NULL, "what is booked replaces its envelope");
	CHECK(take_elsewhere(id) == STORE_BUSY, "and it is still taken");
	outgoing_free(&outgoing);
	CHECK(outgoing_read(&root, id, &outgoing) == STORE_OK &&
	    outgoing.count == 1, "it can be looked at");
	outgoing_free(&outgoing);
	close(file);
	CHECK(take_elsewhere(id) == STORE_OK, "then it is another one's");
	must(outgoing_take(&root, id, &outgoing, &file) == STORE_OK,
	    "not taken");
	outgoing_drop(&outgoing, 0);
	CHECK(outgoing_update(&root, &outgoing) == STORE_OK &&
	    !exists("envelope", id) && !exists("message", id),
	    "with nobody left it is gone");
	close(file);
	outgoing_free(&outgoing);
	CHECK(take_elsewhere(id) == STORE_NOT_FOUND, "for all");
	CHECK(incoming_is_empty(), "nothing is left of what was written");
}

static void
test_order(void)
{
	struct outgoing_entry *entries = NULL;
	char first[MESSAGE_ID_SIZE], second[MESSAGE_ID_SIZE];
	struct stat status;
	size_t count = 0, i;

	strcpy(first, put(2000000000));
	strcpy(second, put(1900000000));
	must(stat(path_of(name_of("envelope", first)), &status) == 0,
	    "no envelope");
	CHECK(status.st_mtime == 2000000000,
	    "when it is due is its envelope's time");
	put_file("root/outgoing/envelope/stray", OCTETS("x"), 0600);
	CHECK(outgoing_list(&root, &entries, &count) == STORE_OK && count >= 2
	    && strcmp(entries[count - 1].id, first) == 0 &&
	    strcmp(entries[count - 2].id, second) == 0 &&
	    entries[count - 2].due == 1900000000,
	    "the list begins with what is due first");
	for (i = 0; i < count; i++)
		CHECK(strcmp(entries[i].id, "stray") != 0, "has entries only");
	free(entries);
	CHECK(outgoing_remove(&root, first) == STORE_OK &&
	    outgoing_remove(&root, second) == STORE_OK &&
	    !exists("message", first) && !exists("envelope", second),
	    "entries can be removed");
}

static void
test_malformed(void)
{
	const char *id = put(0);
	struct outgoing outgoing;
	int file;

	put_file(name_of("envelope", id), OCTETS("arrived 1\n"), 0600);
	CHECK(outgoing_take(&root, id, &outgoing, &file) == STORE_MALFORMED,
	    "an envelope that is malformed");
	put_file(name_of("envelope", id), OCTETS("arrived 1\0\n"), 0600);
	CHECK(outgoing_take(&root, id, &outgoing, &file) == STORE_MALFORMED,
	    "or has a NUL in it");
	CHECK(exists("envelope", id) && exists("message", id),
	    "is left as it is");
	must(unlink(path_of(name_of("envelope", id))) == 0, "no envelope");
	CHECK(outgoing_take(&root, id, &outgoing, &file) == STORE_NOT_FOUND,
	    "without an envelope there is no entry");
}

int
main(void)
{
	(void)make_directory();
	must(root_make(&root, path_of("root")) == STORE_OK, "no mail root");
	test_empty();
	test_putting();
	test_failures();
	test_taking();
	test_order();
	test_malformed();
	root_close(&root);
	return check_end();
}
