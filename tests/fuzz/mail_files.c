/* The mail root of a fuzz target; see mail_files.h. */
#include "tests/fuzz/mail_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/maildir.h"
#include "store/outgoing.h"
#include "tests/fuzz/target.h"

#define ACCOUNTS_MAX 64
#define CONTENT_OCTETS_MAX ((size_t)1 << 20)

static char root[3000], accounts[ACCOUNTS_MAX][600];
static size_t account_count;
static bool is_begun;           /* what is cleared, we have cleared */

/* Names in a directory, but "." and "..", one after the other. */
static struct dirent *
next(DIR *list)
{
	struct dirent *entry;

	while ((entry = readdir(list)) != NULL && (strcmp(entry->d_name, ".") == 0 ||
	    strcmp(entry->d_name, "..") == 0))
		continue;
	return entry;
}

static void
make_path(char *path, size_t size, const char *directory, const char *name)
{
	int length = snprintf(path, size, "%s/%s", directory, name);

	ORACLE(length > 0 && (size_t)length < size, "%s/%s", directory, name);
}

const char *
mail_files_root(void)
{
	if (root[0] == '\0')
		make_path(root, sizeof root, getenv("FUZZ_SCRATCH"), "root");
	return root;
}

/*
 * A directory that has been cleared has this time of its last change until
 * something is made in it or removed: so it costs one look at the next time.
 */
#define CLEARED 1

static void
mark_cleared(const char *path)
{
	const struct timespec times[2] = { { CLEARED, 0 }, { CLEARED, 0 } };

	(void)utimensat(AT_FDCWD, path, times, 0);
}

static bool
is_cleared(const char *path)
{
	struct stat status;

	return is_begun && stat(path, &status) == 0 &&
	    status.st_mtime == CLEARED;
}

/* NULL where it is cleared still, or not there. */
static DIR *
open_changed(const char *path)
{
	return is_cleared(path) ? NULL : opendir(path);
}

/* What is done for the accounts of a domain. */
struct visit {
	const char *domain;
	void (*each)(const char *domain, const char *user, const char *path,
	    void *context);
	void *context;
};

static void
visit_users(const struct visit *visit, const char *path)
{
	DIR *users = opendir(path);
	struct dirent *user;
	char deeper[4096];

	while (users != NULL && (user = next(users)) != NULL) {
		make_path(deeper, sizeof deeper, path, user->d_name);
		visit->each(visit->domain, user->d_name, deeper,
		    visit->context);
	}
	if (users != NULL)
		(void)closedir(users);
}

/* In a directory that is cleared there are those that we know. */
static void
visit_known_users(const struct visit *visit, const char *path)
{
	size_t length = strlen(visit->domain), i;
	char deeper[4096];

	for (i = 0; i < account_count; i++) {
		const char *user = accounts[i] + length + 1;

		if (strncmp(accounts[i], visit->domain, length) != 0 ||
		    accounts[i][length] != '/')
			continue;
		make_path(deeper, sizeof deeper, path, user);
		visit->each(visit->domain, user, deeper, visit->context);
	}
}

/* Calls each for what is two levels below ROOT/part: an account. */
static void
each_account(const char *part, bool clears, void (*each)(const char *domain,
    const char *user, const char *path, void *context), void *context)
{
	struct visit visit = { NULL, each, context };
	char top[4096], path[4096];
	struct dirent *domain;
	DIR *domains;

	make_path(top, sizeof top, mail_files_root(), part);
	domains = opendir(top);
	ORACLE(domains != NULL, "%s: %s", top, strerror(errno));
	while ((domain = next(domains)) != NULL) {
		if (domain->d_name[0] == '.')
			continue;
		make_path(path, sizeof path, top, domain->d_name);
		visit.domain = domain->d_name;
		if (is_cleared(path)) {
			visit_known_users(&visit, path);
			continue;
		}
		visit_users(&visit, path);
		if (clears)
			mark_cleared(path);
	}
	(void)closedir(domains);
}

static void
remember(const char *domain, const char *user, const char *path, void *context)
{
	(void)path;
	(void)context;
	ORACLE(account_count < ACCOUNTS_MAX, "too many accounts");
	(void)snprintf(accounts[account_count++], sizeof accounts[0], "%s/%s",
	    domain, user);
}

void
mail_files_begin(void)
{
	each_account("accounts", false, remember, NULL);
	mail_files_clear();
	is_begun = true;
}

static bool
is_known(const char *domain, const char *user)
{
	char name[600];
	size_t i;

	(void)snprintf(name, sizeof name, "%s/%s", domain, user);
	for (i = 0; i < account_count; i++)
		if (strcmp(accounts[i], name) == 0)
			return true;
	return false;
}

/* Who sees the messages. */
struct seer {
	void (*see)(void *context, const struct mail_file *file);
	void *context;
};

static void
show_file(const struct seer *seer, struct mail_file *file, const char *path)
{
	static char content[CONTENT_OCTETS_MAX + 1];
	int descriptor = open(path, O_RDONLY);
	ssize_t length;

	ORACLE(descriptor != -1, "%s: %s", path, strerror(errno));
	length = read(descriptor, content, CONTENT_OCTETS_MAX);
	ORACLE(length >= 0 && (size_t)length < CONTENT_OCTETS_MAX, "%s", path);
	(void)close(descriptor);
	content[length] = '\0';
	file->content = content;
	file->length = (size_t)length;
	seer->see(seer->context, file);
}

static void
show_part(const struct seer *seer, struct mail_file *file, const char *mailbox,
    const char *part)
{
	char directory[4096], path[4096];
	struct dirent *entry;
	DIR *list;

	make_path(directory, sizeof directory, mailbox, part);
	list = open_changed(directory);
	if (list == NULL)
		return;
	file->part = part;
	while ((entry = next(list)) != NULL) {
		ORACLE(strcmp(part, "tmp") != 0, "%s is in tmp/",
		    entry->d_name);
		file->name = entry->d_name;
		make_path(path, sizeof path, directory, entry->d_name);
		show_file(seer, file, path);
	}
	(void)closedir(list);
}

static void
show(const char *domain, const char *user, const char *path, void *context)
{
	struct mail_file file = { .domain = domain, .user = user };
	const struct seer *seer = context;

	show_part(seer, &file, path, "tmp");
	show_part(seer, &file, path, "new");
	show_part(seer, &file, path, "cur");
}

/* The envelope of each message that waits, and none without a message. */
static void
check_envelopes(const char *outgoing)
{
	char messages[4096], envelopes[4096];
	struct dirent *entry;
	size_t count = 0;
	DIR *list;

	make_path(envelopes, sizeof envelopes, outgoing, OUTGOING_ENVELOPES);
	list = open_changed(envelopes);
	while (list != NULL && next(list) != NULL)
		count++;
	if (list != NULL)
		(void)closedir(list);
	make_path(messages, sizeof messages, outgoing, OUTGOING_MESSAGES);
	list = open_changed(messages);
	while (list != NULL && (entry = next(list)) != NULL) {
		char path[4096];

		make_path(path, sizeof path, envelopes, entry->d_name);
		ORACLE(access(path, R_OK) == 0, "%s: %s", path,
		    strerror(errno));
		count--;
	}
	if (list != NULL)
		(void)closedir(list);
	ORACLE(count == 0, "%zu envelopes without messages", count);
}

void
mail_file_check_sizes(const struct mail_file *file)
{
	struct message_sizes sizes;
	size_t wire = 0, i;

	for (i = 0; i < file->length; i++)
		wire += file->content[i] == '\n' ? 2 : 1;
	if (file->length > 0 && file->content[file->length - 1] != '\n')
		wire += 2;
	ORACLE(maildir_sizes_in(file->name, &sizes) &&
	    sizes.disk == file->length && sizes.wire == wire,
	    "%s of %zu and %zu octets", file->name, file->length, wire);
}

void
mail_files_each(void (*see)(void *context, const struct mail_file *file),
    void *context)
{
	struct mail_file waiting = { .domain = "", .user = "" };
	struct seer seer = { see, context };
	char path[4096];
	DIR *incoming;

	each_account("mail", false, show, &seer);
	make_path(path, sizeof path, mail_files_root(), "outgoing");
	check_envelopes(path);
	show_part(&seer, &waiting, path, OUTGOING_MESSAGES);
	make_path(path, sizeof path, mail_files_root(), "mail/.incoming");
	incoming = open_changed(path);
	ORACLE(incoming == NULL || next(incoming) == NULL,
	    "something is left in .incoming/");
	if (incoming != NULL)
		(void)closedir(incoming);
}

/* Removes what is in a directory, and, with self, the directory. */
static void
remove_tree(const char *path, bool self)
{
	DIR *list = opendir(path);
	struct dirent *entry;
	char deeper[4096];

	if (list == NULL)
		return;
	while ((entry = next(list)) != NULL) {
		make_path(deeper, sizeof deeper, path, entry->d_name);
		if (unlink(deeper) == -1)
			remove_tree(deeper, true);
	}
	(void)closedir(list);
	if (self)
		(void)rmdir(path);
}

/* Empties a directory that may have something in it. */
static void
clear(const char *path)
{
	if (is_cleared(path))
		return;
	remove_tree(path, false);
	mark_cleared(path);
}

static void
clear_mailbox(const char *domain, const char *user, const char *path,
    void *context)
{
	static const char *const parts[] = { "tmp", "new", "cur" };
	char part[4096];
	size_t i;

	(void)context;
	if (!is_known(domain, user)) {
		remove_tree(path, true);
		return;
	}
	for (i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		make_path(part, sizeof part, path, parts[i]);
		clear(part);
	}
}

static void
clear_account(const char *domain, const char *user, const char *path,
    void *context)
{
	(void)context;
	if (!is_known(domain, user))
		remove_tree(path, true);
}

void
mail_files_clear(void)
{
	static const char *const others[] = {
		"mail/.incoming", "outgoing/" OUTGOING_MESSAGES,
		"outgoing/" OUTGOING_ENVELOPES
	};
	char path[4096];
	size_t i;

	each_account("mail", true, clear_mailbox, NULL);
	each_account("accounts", true, clear_account, NULL);
	for (i = 0; i < sizeof others / sizeof others[0]; i++) {
		make_path(path, sizeof path, mail_files_root(), others[i]);
		clear(path);
	}
}
