/* mailstore list and show: what is in the store; see mailstore.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "store/account.h"
#include "store/address.h"
#include "store/durable.h"
#include "store/forward.h"
#include "store/json.h"
#include "store/mailbox.h"
#include "store/mailstore.h"
#include "store/quota.h"

/* A directory in accounts/: a domain, or an account and what it holds. */
struct entry {
	char *name;
	size_t messages;
	uint64_t octets;
};

/* Sorted in octet order; freed by free_entries(). */
struct entry_list {
	struct entry *entries;
	size_t count;
};

static void
free_entries(struct entry_list *list)
{
	while (list->count > 0)
		free(list->entries[--list->count].name);
	free(list->entries);
}

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;

	return strcmp(one->name, other->name);
}

static enum store_error
add_entry(struct entry_list *list, const char *name)
{
	struct entry entry = { .name = strdup(name) }, *more = NULL;

	if (entry.name != NULL)
		more = realloc(list->entries, (list->count + 1) * sizeof *more);
	if (more == NULL) {
		free(entry.name);
		errno = ENOMEM;
		return STORE_FAILED;
	}
	list->entries = more;
	list->entries[list->count++] = entry;
	return STORE_OK;
}

/* Whether this can be a domain or the local part of an account. */
static bool
is_name(const char *name)
{
	struct address address;

	return address_set_local(&address, name, strlen(name)) &&
	    strcmp(address.local, name) == 0;
}

/* Reads the names of the directories in an open one. */
static enum store_error
read_entries(int directory, struct entry_list *list)
{
	enum store_error error = STORE_OK;
	DIR *entries = durable_list(directory);
	struct dirent *entry;
	struct stat status;

	if (entries == NULL)
		return store_error_from(errno);
	while (error == STORE_OK && (entry = durable_next(entries)) != NULL) {
		if (!is_name(entry->d_name))
			continue;
		if (durable_status(directory, entry->d_name, &status) == -1)
			error = errno == ENOENT ? STORE_OK :
			    store_error_from(errno);
		else if (S_ISDIR(status.st_mode))
			error = add_entry(list, entry->d_name);
	}
	if (error == STORE_OK && errno != 0)
		error = STORE_FAILED;
	durable_list_end(entries);
	if (list->count > 0)
		qsort(list->entries, list->count, sizeof *list->entries,
		    compare_entries);
	return error;
}

/* Columns of text: how many characters it has, which is UTF-8. */
static size_t
columns_of(const char *text)
{
	size_t columns = 0;

	for (; *text != '\0'; text++)
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	return columns;
}

/* Makes a column at least as wide as a number in it. */
static void
fit(int *width, uint64_t number)
{
	int digits = snprintf(NULL, 0, "%" PRIu64, number);

	if (digits > *width)
		*width = digits;
}

static int
list_domains(struct mail_root *root, bool json)
{
	struct entry_list list = { NULL, 0 };
	enum store_error error;
	int accounts;
	size_t i;

	error = root_part(root, ROOT_ACCOUNTS, &accounts);
	if (error == STORE_OK)
		error = read_entries(accounts, &list);
	for (i = 0; error == STORE_OK && i < list.count; i++) {
		const char *name = list.entries[i].name;

		if (json) {
			printf("{\"domain\":");
			json_print_string(stdout, name, strlen(name));
			puts("}");
		} else
			puts(name);
	}
	free_entries(&list);
	return error == STORE_OK ? EX_OK :
	    mailstore_fail("cannot list", "domains", error);
}

/* Finds what the mailbox of an account holds. */
static enum store_error
count_messages(struct mail_root *root, const struct address *address,
    struct entry *entry)
{
	enum store_error error;
	struct mailbox mailbox;
	size_t i;

	error = mailbox_open(&mailbox, root, address, false);
	if (error != STORE_OK)          /* no mailbox: no mail yet */
		return error == STORE_NOT_FOUND ? STORE_OK : error;
	entry->messages = mailbox.count;
	for (i = 0; i < mailbox.count; i++)
		entry->octets += mailbox.messages[i].octets;
	mailbox_close(&mailbox);
	return STORE_OK;
}

/* Writes the members for what is set for an account. */
static enum store_error
print_settings(struct mail_root *root, const struct address *address)
{
	const char *target, *separator = ",\"forward\":[";
	struct forward forward;
	enum store_error error;
	uint64_t octets;
	int account;

	error = account_open(root, address, &account);
	if (error != STORE_OK)
		return error;
	error = quota_read(account, ".", &octets);
	if (error == STORE_OK && octets != QUOTA_NONE)
		printf(",\"quota\":%" PRIu64, octets);
	if (error == STORE_OK)
		error = forward_read(account, ".", &forward);
	durable_close(account);
	if (error != STORE_OK)
		return error == STORE_NOT_FOUND ? STORE_OK : error;
	for (; (target = forward_next(&forward)) != NULL; separator = ",") {
		fputs(separator, stdout);
		json_print_string(stdout, target, strlen(target));
	}
	if (strcmp(separator, ",") == 0)
		putchar(']');
	forward_free(&forward);
	return STORE_OK;
}

static enum store_error
print_account(struct mail_root *root, const struct address *address,
    const struct entry *entry)
{
	char text[ADDRESS_TEXT_SIZE];
	enum store_error error;

	address_text(address, text);
	printf("{\"address\":");
	json_print_string(stdout, text, strlen(text));
	printf(",\"messages\":%zu,\"octets\":%" PRIu64, entry->messages,
	    entry->octets);
	error = print_settings(root, address);
	puts("}");
	return error;
}

/* Writes accounts as a table, its columns as wide as what is in them. */
static void
print_accounts(const struct entry_list *list, const char *domain)
{
	int messages = 1, octets = 1;
	size_t width = 0, i;

	for (i = 0; i < list->count; i++) {
		const struct entry *entry = &list->entries[i];
		size_t columns = columns_of(entry->name);

		width = columns > width ? columns : width;
		fit(&messages, entry->messages);
		fit(&octets, entry->octets);
	}
	for (i = 0; i < list->count; i++) {
		const struct entry *entry = &list->entries[i];

		printf("%s@%s%*s  %*zu  %*" PRIu64 "\n", entry->name, domain,
		    (int)(width - columns_of(entry->name)), "", messages,
		    entry->messages, octets, entry->octets);
	}
}

/* Finds what each account holds, and writes it. */
static enum store_error
list_each(struct mail_root *root, struct address *address,
    struct entry_list *list, bool json)
{
	enum store_error error = STORE_OK;
	size_t i;

	for (i = 0; error == STORE_OK && i < list->count; i++) {
		struct entry *entry = &list->entries[i];

		(void)address_set_local(address, entry->name,
		    strlen(entry->name));
		error = count_messages(root, address, entry);
		if (error == STORE_OK && json)
			error = print_account(root, address, entry);
	}
	if (error == STORE_OK && !json)
		print_accounts(list, address->domain);
	return error;
}

static int
list_accounts(struct mail_root *root, const char *domain, bool json)
{
	struct entry_list list = { NULL, 0 };
	struct address address;
	enum store_error error;
	int accounts, directory;

	if (!address_set(&address, CATCH_ALL, 1, domain, strlen(domain)))
		return mailstore_fail("no such domain", domain,
		    STORE_NOT_HOSTED);
	error = root_part(root, ROOT_ACCOUNTS, &accounts);
	if (error != STORE_OK)
		return mailstore_fail("cannot list", domain, error);
	directory = durable_open_directory(accounts, address.domain);
	if (directory == -1)
		return mailstore_fail("cannot list", domain,
		    errno == ENOENT ? STORE_NOT_HOSTED : STORE_FAILED);
	error = read_entries(directory, &list);
	durable_close(directory);
	if (error == STORE_OK)
		error = list_each(root, &address, &list, json);
	free_entries(&list);
	return error == STORE_OK ? EX_OK :
	    mailstore_fail("cannot list", domain, error);
}

bool
mailstore_open_mailbox(struct mail_root *root, const char *name,
    struct mailbox *mailbox, int *status)
{
	struct address address;
	enum store_error error = STORE_NOT_FOUND;

	if (address_parse(&address, name, strlen(name)))
		error = account_find(root, &address);
	if (error == STORE_OK) {
		error = mailbox_open(mailbox, root, &address, false);
		if (error == STORE_NOT_FOUND) {         /* no mail yet */
			memset(mailbox, 0, sizeof *mailbox);
			mailbox->maildir = mailbox->directory[0] =
			    mailbox->directory[1] = mailbox->lock = -1;
			error = STORE_OK;
		}
	}
	if (error != STORE_OK)
		*status = mailstore_fail("cannot open the mailbox of", name,
		    error);
	return error == STORE_OK;
}

static void
print_object(const struct mailbox *mailbox, const struct message *message)
{
	char id[UNIQUE_ID_SIZE];

	message_unique_id(mailbox, message, id);
	printf("{\"uid\":");
	json_print_string(stdout, id, strlen(id));
	printf(",\"octets\":%" PRIu64 ",\"time\":%" PRIu64 ",\"new\":%s}\n",
	    (uint64_t)message->octets, (uint64_t)message->seconds,
	    message->in_cur ? "false" : "true");
}

/* Writes when a message was delivered, by its name, in UTC. */
static void
print_time(uint64_t seconds)
{
	struct tm universal;
	time_t instant = (time_t)seconds;
	char text[40];

	if (seconds == 0 || seconds > INT64_MAX ||
	    gmtime_r(&instant, &universal) == NULL ||
	    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ",
	    &universal) == 0)
		puts("  -");
	else
		printf("  %s\n", text);
}

/* Writes messages as a table, its columns as wide as what is in them. */
static void
print_messages(const struct mailbox *mailbox)
{
	char id[UNIQUE_ID_SIZE];
	size_t width = 0, i;
	int octets = 1;

	for (i = 0; i < mailbox->count; i++) {
		message_unique_id(mailbox, &mailbox->messages[i], id);
		width = strlen(id) > width ? strlen(id) : width;
		fit(&octets, mailbox->messages[i].octets);
	}
	for (i = 0; i < mailbox->count; i++) {
		const struct message *message = &mailbox->messages[i];

		message_unique_id(mailbox, message, id);
		printf("%-*s  %*" PRIu64, (int)width, id, octets,
		    (uint64_t)message->octets);
		print_time(message->seconds);
	}
}

int
mailstore_list(struct mail_root *root, const char *what, bool json)
{
	struct mailbox mailbox;
	int status;
	size_t i;

	if (what == NULL)
		return list_domains(root, json);
	if (strchr(what, '@') == NULL)
		return list_accounts(root, what, json);
	if (!mailstore_open_mailbox(root, what, &mailbox, &status))
		return status;
	for (i = 0; json && i < mailbox.count; i++)
		print_object(&mailbox, &mailbox.messages[i]);
	if (!json)
		print_messages(&mailbox);
	mailbox_close(&mailbox);
	return EX_OK;
}

/* Copies an open file to standard output. */
static enum store_error
copy_out(int file)
{
	char buffer[32768];
	ssize_t got;

	while ((got = durable_read(file, buffer, sizeof buffer)) > 0)
		if (fwrite(buffer, 1, (size_t)got, stdout) != (size_t)got)
			return store_error_from(errno);
	return got == -1 ? store_error_from(errno) : STORE_OK;
}

int
mailstore_show(struct mail_root *root, const char *name, const char *id)
{
	char message_id[UNIQUE_ID_SIZE];
	enum store_error error = STORE_NOT_FOUND;
	struct mailbox mailbox;
	int status, file;
	size_t i;

	if (!mailstore_open_mailbox(root, name, &mailbox, &status))
		return status;
	for (i = 0; i < mailbox.count; i++) {
		message_unique_id(&mailbox, &mailbox.messages[i], message_id);
		if (strcmp(message_id, id) == 0)
			break;
	}
	if (i < mailbox.count)
		error = mailbox_read(&mailbox, &mailbox.messages[i], &file);
	if (error == STORE_OK) {
		error = copy_out(file);
		durable_close(file);
	}
	mailbox_close(&mailbox);
	if (error == STORE_NOT_FOUND) {
		fprintf(stderr, "mailstore: no message %s in the mailbox of "
		    "%s: see mailstore list %s\n", id, name, name);
		return EX_NOINPUT;
	}
	return error == STORE_OK ? EX_OK :
	    mailstore_fail("cannot show a message of", name, error);
}
