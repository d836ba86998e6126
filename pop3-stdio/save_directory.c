/* Where messages are saved; see save_directory.h. */
#include "pop3-stdio/save_directory.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "store/durable.h"
#include "store/maildir.h"
#include "store/text.h"

#define SUFFIX ".eml"
#define NAME_TRIES 10000

static int
status_of_errno(void)
{
	switch (errno) {
	case EACCES:
	case EPERM:
	case EROFS:
		return EX_NOPERM;
	case ENOENT:
	case ENOTDIR:
	case EEXIST:
	case ELOOP:
		return EX_CANTCREAT;
	default:
		return EX_TEMPFAIL;
	}
}

bool
save_directory_failed(const struct save_directory *save, const char *what,
    struct failure *failure)
{
	return failure_set(failure, status_of_errno(), "cannot %s in %s: %s",
	    what, save->path, strerror(errno));
}

/* Opens the directory, which the user may have named by a symbolic link. */
static int
open_directory(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Makes the directory, and syncs the one that it is in. */
static int
make_directory(const char *path)
{
	int directory, parent;

	if (mkdir(path, S_IRWXU) == -1)
		return -1;
	directory = open_directory(path);
	if (directory == -1)
		return -1;
	parent = durable_open_directory(directory, "..");
	if (parent != -1) {
		(void)durable_sync(parent);
		durable_close(parent);
	}
	return directory;
}

/* A Maildir has all three; anything else gets files of its own. */
static bool
open_maildir(struct save_directory *save)
{
	int cur = durable_open_directory(save->directory, "cur");

	if (cur == -1)
		return false;
	durable_close(cur);
	save->temporary = durable_open_directory(save->directory, "tmp");
	save->visible = durable_open_directory(save->directory, "new");
	if (save->temporary != -1 && save->visible != -1)
		return true;
	if (save->temporary != -1)
		durable_close(save->temporary);
	if (save->visible != -1)
		durable_close(save->visible);
	return false;
}

bool
save_directory_open(struct save_directory *save, const char *path,
    struct failure *failure)
{
	save->path = path;
	save->directory = open_directory(path);
	if (save->directory == -1 && errno == ENOENT)
		save->directory = make_directory(path);
	if (save->directory == -1)
		return failure_set(failure, status_of_errno(),
		    "cannot open or make the directory %s: %s", path,
		    strerror(errno));
	save->is_maildir = open_maildir(save);
	if (!save->is_maildir)
		save->temporary = save->visible = save->directory;
	return true;
}

void
save_directory_close(struct save_directory *save)
{
	if (save->is_maildir) {
		durable_close(save->temporary);
		durable_close(save->visible);
	}
	durable_close(save->directory);
}

static bool
new_maildir_name(const struct save_directory *save,
    char name[SAVE_NAME_SIZE], struct failure *failure)
{
	char id[MESSAGE_ID_SIZE], host[256] = "";
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (maildir_message_id(id, (uint32_t)(now.tv_nsec / 1000)) == -1)
		return save_directory_failed(save, "make a name", failure);
	if (gethostname(host, sizeof host - 1) == -1 || host[0] == '\0')
		memcpy(host, "localhost", sizeof "localhost");
	maildir_base_name(name, (int64_t)now.tv_sec, id, host);
	return true;
}

/*
 * A unique-id as the name of a file: what is no letter or digit, nor one of a
 * few others, becomes %XX, and so does a dot at the start; no two become one.
 */
static void
add_safe(struct text *text, const char *id)
{
	size_t i;

	for (i = 0; id[i] != '\0'; i++) {
		unsigned char octet = (unsigned char)id[i];

		if (isalnum(octet) || strchr("-_+=@", octet) != NULL ||
		    (octet == '.' && i > 0)) {
			text_add_octet(text, id[i]);
			continue;
		}
		text_add_octet(text, '%');
		text_add_hexadecimal(text, id + i, 1);
	}
}

bool
save_directory_name(const struct save_directory *save, const char *id,
    const char *taken, char name[SAVE_NAME_SIZE], struct failure *failure)
{
	struct stat status;
	struct text text;
	unsigned number;

	if (save->is_maildir)
		return new_maildir_name(save, name, failure);
	for (number = 1; number < NAME_TRIES; number++) {
		text_init(&text, name, SAVE_NAME_SIZE - sizeof SAVE_PREFIX);
		add_safe(&text, id);
		if (number > 1) {
			text_add_octet(&text, '-');
			text_add_number(&text, number);
		}
		text_add(&text, SUFFIX);
		if (strcmp(name, taken) == 0 ||
		    durable_status(save->visible, name, &status) == 0)
			continue;
		return errno == ENOENT ||
		    save_directory_failed(save, "look for a name", failure);
	}
	errno = EEXIST;
	return save_directory_failed(save, "find a new name", failure);
}

/* The name that a message has until it is published. */
static void
temporary_name(char temporary[SAVE_NAME_SIZE], const char *name)
{
	struct text text;

	text_init(&text, temporary, SAVE_NAME_SIZE);
	text_add(&text, SAVE_PREFIX);
	text_add(&text, name);
}

int
save_directory_create(const struct save_directory *save, const char *name,
    struct failure *failure)
{
	char temporary[SAVE_NAME_SIZE];
	int file;

	temporary_name(temporary, name);
	file = durable_create(save->temporary, temporary);
	if (file == -1)
		(void)save_directory_failed(save, "make a file", failure);
	return file;
}

bool
save_directory_finish(const struct save_directory *save, int file,
    struct failure *failure)
{
	bool done = durable_sync(file) == 0 &&
	    durable_sync(save->temporary) == 0;

	if (!done)
		(void)save_directory_failed(save, "save a message", failure);
	durable_close(file);
	return done;
}

/* Whether the message has both names already. */
static bool
is_linked(const struct save_directory *save, const char *temporary,
    const char *name)
{
	struct stat before, after;

	return durable_status(save->temporary, temporary, &before) == 0 &&
	    durable_status(save->visible, name, &after) == 0 &&
	    before.st_dev == after.st_dev && before.st_ino == after.st_ino;
}

/* Whether it got its name, and somebody has moved it on since. */
static bool
was_linked(const struct save_directory *save, const char *temporary)
{
	struct stat status;

	return durable_status(save->temporary, temporary, &status) == 0 &&
	    status.st_nlink > 1;
}

bool
save_directory_publish(const struct save_directory *save, const char *name,
    struct failure *failure)
{
	char temporary[SAVE_NAME_SIZE];

	temporary_name(temporary, name);
	if (!was_linked(save, temporary) &&
	    durable_link(save->temporary, temporary, save->visible,
	    name) == -1 && !(errno == EEXIST &&
	    is_linked(save, temporary, name))) {
		return failure_set(failure, status_of_errno(),
		    "cannot make %s in %s: %s", name, save->path,
		    strerror(errno));
	}
	if (durable_sync(save->visible) == -1 ||
	    durable_unlink(save->temporary, temporary) == -1)
		return save_directory_failed(save, "save a message", failure);
	return true;
}

void
save_directory_undo(const struct save_directory *save, const char *name)
{
	char temporary[SAVE_NAME_SIZE];

	temporary_name(temporary, name);
	durable_undo(save->temporary, temporary);
}

bool
save_directory_recover(const struct save_directory *save,
    const char *wanted, struct failure *failure)
{
	static const size_t prefix = sizeof SAVE_PREFIX - 1;
	DIR *entries = durable_list(save->temporary);
	struct dirent *entry;
	bool done = true;

	if (entries == NULL)
		return save_directory_failed(save, "look for files", failure);
	while (done && (entry = durable_next(entries)) != NULL) {
		const char *name = entry->d_name + prefix;

		if (strncmp(entry->d_name, SAVE_PREFIX, prefix) != 0 ||
		    *name == '\0')
			continue;
		if (strcmp(name, wanted) == 0)
			done = save_directory_publish(save, name, failure);
		else
			durable_undo(save->temporary, entry->d_name);
	}
	durable_list_end(entries);
	return done;
}
