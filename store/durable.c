/* The store's system calls; see durable.h. */
#include "store/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
open_at(int at, const char *name, int flags)
{
	int descriptor;

	do
		descriptor = openat(at, name, flags | O_NOFOLLOW | O_CLOEXEC,
		    S_IRUSR | S_IWUSR);
	while (descriptor == -1 && errno == EINTR);
	return descriptor;
}

int
durable_open_root(const char *path)
{
	int directory;

	do
		directory = openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY |
		    O_CLOEXEC, 0);
	while (directory == -1 && errno == EINTR);
	return directory;
}

int
durable_root_status(const char *path, struct stat *status)
{
	return stat(path, status);
}

int
durable_open_directory(int at, const char *name)
{
	return open_at(at, name, O_RDONLY | O_DIRECTORY);
}

int
durable_open_parent(int directory)
{
	return open_at(directory, "..", O_RDONLY | O_DIRECTORY);
}

int
durable_open_file(int at, const char *name)
{
	return open_at(at, name, O_RDONLY | O_NONBLOCK);
}

int
durable_open_written(int at, const char *name)
{
	return open_at(at, name, O_WRONLY);
}

int
durable_open_both(int at, const char *name)
{
	return open_at(at, name, O_RDWR | O_NONBLOCK);
}

int
durable_create(int at, const char *name)
{
	return open_at(at, name, O_RDWR | O_CREAT | O_EXCL);
}

int
durable_open_lock(int at, const char *name)
{
	return open_at(at, name, O_RDWR | O_CREAT);
}

int
durable_lock(int file)
{
	struct flock lock;
	int result;

	memset(&lock, 0, sizeof lock);
	lock.l_type = F_WRLCK;
	lock.l_whence = SEEK_SET;
	do
		result = fcntl(file, F_SETLK, &lock);
	while (result == -1 && errno == EINTR);
	return result == -1 ? -1 : 0;
}

int
durable_is_locked(int file)
{
	struct flock lock;
	int result;

	memset(&lock, 0, sizeof lock);
	lock.l_type = F_WRLCK;
	lock.l_whence = SEEK_SET;
	do
		result = fcntl(file, F_GETLK, &lock);
	while (result == -1 && errno == EINTR);
	return result == -1 ? -1 : lock.l_type != F_UNLCK;
}

int
durable_make_directory(int at, const char *name)
{
	return mkdirat(at, name, S_IRWXU);
}

int
durable_make_closed_directory(int at, const char *name)
{
	return mkdirat(at, name, S_IRUSR | S_IXUSR);
}

int
durable_set_mode(int at, const char *name, mode_t mode)
{
	int descriptor = durable_open_file(at, name), result;

	/* What its owner may not open: not every system can do this. */
	if (descriptor == -1 && errno == EACCES)
		return fchmodat(at, name, mode, AT_SYMLINK_NOFOLLOW);
	if (descriptor == -1)
		return -1;
	result = fchmod(descriptor, mode);
	durable_close(descriptor);
	return result;
}

int
durable_rewind(int file)
{
	return lseek(file, 0, SEEK_SET) == -1 ? -1 : 0;
}

int
durable_set_owner(int at, const char *name, uid_t owner, gid_t group)
{
	return fchownat(at, name, owner, group, AT_SYMLINK_NOFOLLOW);
}

int
durable_empty(int file)
{
	int result;

	do
		result = ftruncate(file, 0);
	while (result == -1 && errno == EINTR);
	return result == -1 ? -1 : durable_rewind(file);
}

int
durable_write(int file, const void *octets, size_t length)
{
	const char *rest = octets;

	while (length > 0) {
		ssize_t written = write(file, rest, length);

		if (written == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (written == 0) {     /* or this would never end */
			errno = EIO;
			return -1;
		}
		rest += written;
		length -= (size_t)written;
	}
	return 0;
}

ssize_t
durable_read(int file, void *octets, size_t size)
{
	ssize_t got;

	do
		got = read(file, octets, size);
	while (got == -1 && errno == EINTR);
	return got;
}

ssize_t
durable_read_at(int file, void *octets, size_t size, off_t offset)
{
	ssize_t got;

	do
		got = pread(file, octets, size, offset);
	while (got == -1 && errno == EINTR);
	return got;
}

int
durable_set_time(int file, int64_t seconds)
{
	struct timespec times[2] = { { 0, UTIME_OMIT }, { 0, 0 } };

	times[1].tv_sec = (time_t)seconds;
	return futimens(file, times);
}

int
durable_sync(int descriptor)
{
	int result;

	do
		result = fsync(descriptor);
	while (result == -1 && errno == EINTR);
	return result;
}

int
durable_link(int from, const char *name, int to, const char *new_name)
{
	return linkat(from, name, to, new_name, 0);
}

int
durable_rename(int from, const char *name, int to, const char *new_name)
{
	return renameat(from, name, to, new_name);
}

int
durable_unlink(int at, const char *name)
{
	return unlinkat(at, name, 0);
}

int
durable_remove_directory(int at, const char *name)
{
	return unlinkat(at, name, AT_REMOVEDIR);
}

int
durable_status(int at, const char *name, struct stat *status)
{
	return fstatat(at, name, status, AT_SYMLINK_NOFOLLOW);
}

int
durable_file_status(int file, struct stat *status)
{
	return fstat(file, status);
}

int
durable_system_status(int directory, struct statvfs *system)
{
	return fstatvfs(directory, system);
}

void
durable_close(int descriptor)
{
	int saved = errno;

	(void)close(descriptor);
	errno = saved;
}

void
durable_undo(int at, const char *name)
{
	int saved = errno;

	(void)durable_unlink(at, name);
	errno = saved;
}

void
durable_undo_directory(int at, const char *name)
{
	int saved = errno;

	(void)durable_remove_directory(at, name);
	errno = saved;
}

DIR *
durable_list(int directory)
{
	int own = open_at(directory, ".", O_RDONLY | O_DIRECTORY);
	DIR *list;

	if (own == -1)
		return NULL;
	list = fdopendir(own);
	if (list == NULL)
		durable_close(own);
	return list;
}

void
durable_list_end(DIR *list)
{
	int saved = errno;

	(void)closedir(list);
	errno = saved;
}

struct dirent *
durable_next(DIR *list)
{
	struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(list);
	} while (entry != NULL && (strcmp(entry->d_name, ".") == 0 ||
	    strcmp(entry->d_name, "..") == 0));
	return entry;
}
