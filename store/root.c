/* The mail root; see root.h. */
#include "store/root.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/auxv.h>
#endif

#include "store/durable.h"

const char *
root_path(const char *option)
{
	const char *path = option != NULL ? option : getenv("MAILROOT");

	return path != NULL && path[0] != '\0' ? path : MAILROOT;
}

/* Linux has told it at the start; no call is needed but where it is so. */
static bool
is_superuser(void)
{
#ifdef __linux__
	if (getauxval(AT_EUID) != 0)
		return false;
#endif
	return geteuid() == 0;
}

enum root_owner
root_become_owner(const char *path)
{
	struct stat status;

	if (!is_superuser())
		return ROOT_OWNER_SELF;
	if (durable_root_status(path, &status) == -1)
		return errno == ENOENT ? ROOT_OWNER_SELF : ROOT_OWNER_UNKNOWN;
	if (status.st_uid == 0)
		return ROOT_OWNER_ROOT;
	if (setgroups(0, NULL) == -1 || setgid(status.st_gid) == -1 ||
	    setuid(status.st_uid) == -1)
		return ROOT_OWNER_FAILED;
	if (setuid(0) != -1) {          /* there must be no way back */
		errno = EPERM;
		return ROOT_OWNER_FAILED;
	}
	return ROOT_OWNER_BECOME;
}

const char *
root_owner_text(enum root_owner owner)
{
	switch (owner) {
	case ROOT_OWNER_SELF:
	case ROOT_OWNER_BECOME:
		break;
	case ROOT_OWNER_ROOT:
		return "running as root: the mail root belongs to root";
	case ROOT_OWNER_UNKNOWN:
		return "cannot find out whose the mail root is";
	case ROOT_OWNER_FAILED:
		return "cannot become the owner of the mail root";
	}
	return NULL;
}

enum store_error
root_open(struct mail_root *root, const char *path)
{
	enum store_error error;
	int accounts;

	root->accounts = root->passwords = root->mail = root->incoming = -1;
	root->outgoing = root->messages = root->envelopes = -1;
	root->domain.directory = root->mail_domain.directory = -1;
	root->directory = durable_open_root(path);
	if (root->directory == -1)
		return store_error_from(errno);
	error = root_part(root, ROOT_ACCOUNTS, &accounts);
	if (error != STORE_OK)
		root_close(root);
	return error;
}

/* The directory that holds path, synced: path itself has just been made. */
static int
sync_parent(int directory)
{
	int parent = durable_open_parent(directory), result;

	if (parent == -1)
		return -1;
	result = durable_sync(parent);
	durable_close(parent);
	return result;
}

enum store_error
root_make(struct mail_root *root, const char *path)
{
	enum store_error error;
	bool made = durable_make_directory(AT_FDCWD, path) == 0;

	if (!made && errno != EEXIST)
		return store_error_from(errno);
	error = root_open(root, path);
	if (error == STORE_OK && made && sync_parent(root->directory) == -1) {
		error = store_error_from(errno);
		root_close(root);
	}
	return error;
}

static void
close_part(int *directory)
{
	if (*directory != -1)
		durable_close(*directory);
	*directory = -1;
}

void
root_close(struct mail_root *root)
{
	root_forget(&root->mail_domain);
	root_forget(&root->domain);
	close_part(&root->envelopes);
	close_part(&root->messages);
	close_part(&root->outgoing);
	close_part(&root->incoming);
	close_part(&root->mail);
	close_part(&root->passwords);
	close_part(&root->accounts);
	close_part(&root->directory);
}

bool
root_keeps(const struct kept_directory *kept, const char *name)
{
	return kept->directory != -1 && strcmp(kept->name, name) == 0;
}

void
root_forget(struct kept_directory *kept)
{
	close_part(&kept->directory);
}

int
root_keep(struct kept_directory *kept, int at, const char *name)
{
	if (root_keeps(kept, name))
		return 0;
	root_forget(kept);
	kept->directory = durable_open_directory(at, name);
	if (kept->directory == -1)
		return -1;
	memcpy(kept->name, name, strlen(name) + 1);
	return 0;
}

enum store_error
root_directory(int at, const char *name, int *directory)
{
	*directory = durable_open_directory(at, name);
	if (*directory != -1)
		return STORE_OK;
	if (errno != ENOENT)
		return store_error_from(errno);
	if ((durable_make_directory(at, name) == -1 && errno != EEXIST) ||
	    durable_sync(at) == -1)
		return store_error_from(errno);
	*directory = durable_open_directory(at, name);
	return *directory == -1 ? store_error_from(errno) : STORE_OK;
}

enum store_error
root_part(struct mail_root *root, enum root_part part, int *directory)
{
	enum store_error error = STORE_OK;
	int at = root->directory, *slot = &root->accounts;
	const char *name = "accounts";

	switch (part) {
	case ROOT_ACCOUNTS:
		break;
	case ROOT_PASSWORDS:
		slot = &root->passwords, name = "passwords";
		break;
	case ROOT_MAIL:
		slot = &root->mail, name = "mail";
		break;
	case ROOT_INCOMING:
		slot = &root->incoming, name = ".incoming";
		error = root_part(root, ROOT_MAIL, &at);
		break;
	case ROOT_OUTGOING:
		slot = &root->outgoing, name = "outgoing";
		break;
	}
	if (error == STORE_OK && *slot == -1)
		error = root_directory(at, name, slot);
	*directory = *slot;
	return error;
}

enum store_error
root_domain(struct mail_root *root, enum root_part part, const char *name,
    int *domain)
{
	enum store_error error;
	int at;

	error = root_part(root, part, &at);
	if (error != STORE_OK)
		return error;
	*domain = durable_open_directory(at, name);
	if (*domain != -1)
		return STORE_OK;
	if (errno != ENOENT || durable_sync(root->directory) == -1)
		return store_error_from(errno);
	return root_directory(at, name, domain);
}

bool
root_has_room(const struct mail_root *root, uint64_t octets)
{
	struct statvfs system;

	if (durable_system_status(root->directory, &system) == -1 ||
	    system.f_frsize == 0)
		return true;
	/* Where files are not counted there is always room for one. */
	return octets / system.f_frsize < (uint64_t)system.f_bavail &&
	    (system.f_files == 0 || system.f_favail > 0);
}
