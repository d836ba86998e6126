/* How mailstore check looks at an entry, and says so; see mailstore_check.h. */
#include "store/mailstore_check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/durable.h"
#include "store/mailstore.h"
#include "store/random.h"

/* No other process is so long between two steps, if it lives at all. */
#define SETTLE_SECONDS 5
#define SETTLE_STEP_NANOSECONDS 50000000

size_t
check_enter(struct check *check, const char *name)
{
	size_t entered = check->path.length;

	if (entered > 0)
		text_add_octet(&check->path, '/');
	text_add(&check->path, name);
	return entered;
}

void
check_leave(struct check *check, size_t entered)
{
	check->path.length = entered;
	check->path.start[entered] = '\0';
}

static void
print_path(const struct check *check)
{
	mailstore_print(check->path.length == 0 ? "." : check->path.start);
}

void
check_found(struct check *check, const char *what)
{
	print_path(check);
	printf(": %s\n", what);
	check->left = true;
}

void
check_failed(struct check *check, const char *what)
{
	const char *why = strerror(errno);

	print_path(check);
	printf(": %s: %s\n", what, why);
	check->left = true;
}

void
check_mended(struct check *check, const char *what, const char *done,
    int result)
{
	const char *why = result == -1 ? strerror(errno) : "";

	print_path(check);
	if (result == -1) {
		printf(": %s; cannot be mended: %s\n", what, why);
		check->left = true;
	} else
		printf(": %s; %s\n", what, done);
}

void
check_busy(struct check *check)
{
	print_path(check);
	puts(": in use by another process; left out");
	check->busy = true;
}

bool
check_settle(const struct stat *status)
{
	const struct timespec step = { 0, SETTLE_STEP_NANOSECONDS };
	time_t age = time(NULL) - status->st_mtime;

	if (age < 0 || age >= SETTLE_SECONDS)
		return false;
	(void)nanosleep(&step, NULL);
	return true;
}

bool
check_status(struct check *check, int at, const char *name,
    struct stat *status)
{
	if (durable_status(at, name, status) == 0)
		return true;
	if (errno != ENOENT)
		check_failed(check, "cannot be looked at");
	return false;
}

/* The entry's status; false where it is gone or something else. */
static bool
has_type(struct check *check, int at, const char *name, mode_t type,
    struct stat *status)
{
	if (!check_status(check, at, name, status))
		return false;
	if ((status->st_mode & S_IFMT) == type)
		return true;
	check_found(check, S_ISLNK(status->st_mode) ?
	    "is a symbolic link, which nothing follows" :
	    type == S_IFDIR ? "is no directory" : "is no regular file");
	return false;
}

/* Directories are the owner's alone; so are files, who can read them. */
static bool
is_mode_right(const struct stat *status)
{
	if (S_ISDIR(status->st_mode))
		return (status->st_mode & (S_IRWXU | S_IRWXG | S_IRWXO)) ==
		    S_IRWXU;
	return (status->st_mode & S_IRUSR) != 0 &&
	    (status->st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/* Sets a mode so that it lasts. */
static int
set_mode(int at, const char *name, mode_t mode)
{
	int entry, result;

	if (durable_set_mode(at, name, mode) == -1)
		return -1;
	entry = durable_open_file(at, name);
	if (entry == -1)
		return -1;
	result = durable_sync(entry);
	durable_close(entry);
	return result;
}

static void
check_mode(struct check *check, int at, const char *name,
    const struct stat *status)
{
	bool is_directory = S_ISDIR(status->st_mode);
	struct stat again;
	char what[32];

	if (is_mode_right(status))
		return;
	while (is_directory && check_settle(status))    /* maildir_complete() */
		if (!check_status(check, at, name, &again) ||
		    is_mode_right(&again))
			return;
	(void)snprintf(what, sizeof what, "has mode %04o",
	    (unsigned)(status->st_mode & 07777));
	if (!check->repair)
		check_found(check, what);
	else if (is_directory)
		check_mended(check, what, "has 0700 now",
		    set_mode(at, name, S_IRWXU));
	else
		check_mended(check, what, "has 0600 now",
		    set_mode(at, name, S_IRUSR | S_IWUSR));
}

void
check_owner_and_mode(struct check *check, int at, const char *name,
    const struct stat *status)
{
	static const char what[] = "belongs to another user than the mail root";

	if (status->st_uid == check->owner)
		;
	else if (check->repair && geteuid() == 0)
		check_mended(check, what, "belongs to the same now",
		    durable_set_owner(at, name, check->owner, check->group));
	else
		check_found(check, what);
	check_mode(check, at, name, status);
}

bool
check_file(struct check *check, int at, const char *name, struct stat *status)
{
	if (!has_type(check, at, name, S_IFREG, status))
		return false;
	check_owner_and_mode(check, at, name, status);
	return true;
}

int
check_directory(struct check *check, int at, const char *name)
{
	struct stat status;
	int directory;

	if (!has_type(check, at, name, S_IFDIR, &status))
		return -1;
	check_owner_and_mode(check, at, name, &status);
	directory = durable_open_directory(at, name);
	if (directory == -1 && errno != ENOENT)
		check_failed(check, "cannot be opened");
	return directory;
}

void
check_stale(struct check *check, int at, const char *name, const char *what)
{
	if (!check->repair) {
		check_found(check, what);
		return;
	}
	check->changed = true;
	check_mended(check, what, "removed", durable_unlink(at, name));
}

bool
check_is_temporary(const char *name, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(name, prefix, length) == 0 &&
	    strlen(name) == length + RANDOM_NAME_SIZE - 1;
}

void
check_temporary(struct check *check, int at, const char *name)
{
	struct stat status, again;

	if (!has_type(check, at, name, S_IFREG, &status))
		return;
	while (check_settle(&status))
		if (!check_status(check, at, name, &again))
			return;
	check_stale(check, at, name, "was left by an interrupted change");
}

bool
check_is_held(struct check *check, int at, const char *name)
{
	int file = durable_open_file(at, name), result = -1;

	if (file != -1) {
		result = durable_is_locked(file);
		durable_close(file);
	}
	if (result == -1 && errno != ENOENT)
		check_failed(check, "cannot be looked at");
	return result != 0;
}

void
check_each(struct check *check, int directory, check_visit *visit)
{
	bool changed_above = check->changed;
	DIR *list = durable_list(directory);
	struct dirent *entry;

	if (list == NULL) {
		check_failed(check, "cannot be read");
		return;
	}
	check->changed = false;
	while ((entry = durable_next(list)) != NULL) {
		size_t entered = check_enter(check, entry->d_name);

		visit(check, directory, entry->d_name);
		check_leave(check, entered);
	}
	if (errno != 0)
		check_failed(check, "cannot be read");
	durable_list_end(list);
	if (check->changed && durable_sync(directory) == -1)
		check_failed(check, "cannot be synced");
	check->changed = changed_above;
}

bool
check_set_account(struct check *check, const char *name)
{
	if (address_set_local(&check->address, name, strlen(name)) &&
	    strcmp(check->address.local, name) == 0)
		return true;
	check_found(check, "does not belong here: no name of an account");
	return false;
}
