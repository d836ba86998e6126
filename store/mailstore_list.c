/* mailstore list and show: what is in the store; see mailstore.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "store/account.h"
#include "store/address.h"
#include "store/durable.h"
#include "store/json.h"
#include "store/mailbox.h"
#include "store/mailstore.h"

/* The names of directories, sorted; freed by free_names(). */
struct name_list {
	char **names;
	size_t count;
};

static void
free_names(struct name_list *list)
{
	while (list->count > 0)
		free(list->names[--list->count]);
	free(list->names);
}

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum store_error
add_name(struct name_list *list, const char *name)
{
	char *copy = strdup(name);
	char **more = NULL;

	if (copy != NULL)
		more = realloc(list->names, (list->count + 1) * sizeof *more);
	if (more == NULL) {
		free(copy);
		errno = ENOMEM;
		return STORE_FAILED;
	}
	list->names = more;
	list->names[list->count++] = copy;
	return STORE_OK;
}

/* Reads the names of the directories in an open one, without dot names. */
static enum store_error
read_names(int directory, struct name_list *list)
{
	enum store_error error = STORE_OK;
	DIR *entries = durable_list(directory);
	struct dirent *entry;
	struct stat status;

	if (entries == NULL)
		return store_error_from(errno);
	while (error == STORE_OK && (entry = durable_next(entries)) != NULL)
		if (entry->d_name[0] != '.' &&
		    durable_status(directory, entry->d_name, &status) == 0 &&
		    S_ISDIR(status.st_mode))
			error = add_name(list, entry->d_name);
	if (error == STORE_OK && errno != 0)
		error = STORE_FAILED;
	durable_list_end(entries);
	if (list->count > 0)
		qsort(list->names, list->count, sizeof *list->names,
		    compare_strings);
	return error;
}

static int
list_domains(struct mail_root *root, bool json)
{
	struct name_list list = { NULL, 0 };
	enum store_error error;
	int accounts;
	size_t i;

	error = root_part(root, ROOT_ACCOUNTS, &accounts);
	if (error == STORE_OK)
		error = read_names(accounts, &list);
	for (i = 0; error == STORE_OK && i < list.count; i++) {
		if (json) {
			printf("{\"domain\":");
			json_print_string(stdout, list.names[i],
			    strlen(list.names[i]));
			puts("}");
		} else
			puts(list.names[i]);
	}
	free_names(&list);
	return error == STORE_OK ? EX_OK :
	    mailstore_fail("cannot list", "domains", error);
}

static enum store_error
list_account(struct mail_root *root, const struct address *address, bool json)
{
	char text[ADDRESS_TEXT_SIZE];
	enum store_error error;
	struct mailbox mailbox;
	uint64_t octets = 0;
	size_t count = 0, i;

	error = mailbox_open(&mailbox, root, address, false);
	if (error == STORE_OK) {
		count = mailbox.count;
		for (i = 0; i < count; i++)
			octets += mailbox.messages[i].octets;
		mailbox_close(&mailbox);
	} else if (error != STORE_NOT_FOUND)    /* no mailbox: no mail yet */
		return error;
	address_text(address, text);
	if (json) {
		printf("{\"address\":");
		json_print_string(stdout, text, strlen(text));
		printf(",\"messages\":%zu,\"octets\":%" PRIu64 "}\n", count,
		    octets);
	} else
		printf("%-40s %8zu %14" PRIu64 "\n", text, count, octets);
	return STORE_OK;
}

static int
list_accounts(struct mail_root *root, const char *domain, bool json)
{
	struct name_list list = { NULL, 0 };
	struct address address;
	enum store_error error;
	int accounts, directory;
	size_t i;

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
	error = read_names(directory, &list);
	durable_close(directory);
	for (i = 0; error == STORE_OK && i < list.count; i++)
		if (address_set_local(&address, list.names[i],
		    strlen(list.names[i])))
			error = list_account(root, &address, json);
	free_names(&list);
	return error == STORE_OK ? EX_OK :
	    mailstore_fail("cannot list", domain, error);
}

static void
print_message(const struct message *message, bool json)
{
	char id[UNIQUE_ID_SIZE];

	message_unique_id(message, id);
	if (json) {
		printf("{\"uid\":");
		json_print_string(stdout, id, strlen(id));
		printf(",\"octets\":%" PRIu64 ",\"time\":%" PRIu64
		    ",\"new\":%s}\n", message->octets,
		    (uint64_t)message->seconds,
		    message->in_cur ? "false" : "true");
	} else
		printf("%-70s %14" PRIu64 "\n", id, message->octets);
}

int
mailstore_open_mailbox(struct mail_root *root, const char *name,
    struct mailbox *mailbox)
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
	return error == STORE_OK ? EX_OK :
	    mailstore_fail("cannot open the mailbox of", name, error);
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
	status = mailstore_open_mailbox(root, what, &mailbox);
	if (status != EX_OK)
		return status;
	for (i = 0; i < mailbox.count; i++)
		print_message(&mailbox.messages[i], json);
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

	status = mailstore_open_mailbox(root, name, &mailbox);
	if (status != EX_OK)
		return status;
	for (i = 0; i < mailbox.count; i++) {
		message_unique_id(&mailbox.messages[i], message_id);
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
