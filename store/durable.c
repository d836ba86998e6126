/* The store's system calls; see durable.h. */
#include "store/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "store/text.h"

#define NOT_IN_PLACE_OF_ANOTHER 1U      /* RENAME_NOREPLACE of Linux */

/* Of two names; longer ones no directory has. */
#define PATH_SIZE 512

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

/* directory/name; false, with errno set, where that is too long. */
static bool
write_path(char path[PATH_SIZE], const char *directory, const char *name)
{
	struct text text;

	text_init(&text, path, PATH_SIZE);
	text_add(&text, directory);
	text_add_octet(&text, '/');
	text_add(&text, name);
	if (text.cut)
		errno = ENAMETOOLONG;
	return !text.cut;
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
durable_open_file_in(int at, const char *directory, const char *name)
{
	char path[PATH_SIZE];

	return write_path(path, directory, name) ?
	    durable_open_file(at, path) : -1;
}

int
durable_open_directory_in(int at, const char *directory, const char *name)
{
	struct stat status;
	char path[PATH_SIZE];

	if (durable_status(at, directory, &status) == -1)
		return -1;
	if (!S_ISDIR(status.st_mode)) {
		errno = ENOTDIR;
		return -1;
	}
	return write_path(path, directory, name) ?
	    durable_open_directory(at, path) : -1;
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
durable_move(int from, const char *name, int to, const char *new_name)
{
#ifdef SYS_renameat2
	return (int)syscall(SYS_renameat2, from, name, to, new_name,
	    NOT_IN_PLACE_OF_ANOTHER);
#else
	(void)from, (void)name, (void)to, (void)new_name;
	errno = ENOSYS;
	return -1;
#endif
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

static bool
is_directory_itself(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' ||
	    (name[1] == '.' && name[2] == '\0'));
}

struct dirent *
durable_next(DIR *list)
{
	struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(list);
	} while (entry != NULL && is_directory_itself(entry->d_name));
	return entry;
}

#if defined(__linux__) && defined(SYS_getdents64)

/* struct linux_dirent64 */
struct entry {
	uint64_t inode;
	int64_t place;
	uint16_t size;          /* of this entry, the name and its NUL counted */
	uint8_t type;
	char name[];
};

int
durable_names_begin(struct durable_names *names, int directory)
{
	names->directory = directory;
	names->next = names->end = 0;
	return durable_rewind(directory);
}

void
durable_names_end(struct durable_names *names)
{
	(void)names;
}

/* Reads more entries, and says how many octets they take; 0: there are none. */
static long
read_entries(struct durable_names *names)
{
	long got;

	do
		got = syscall(SYS_getdents64, names->directory, names->entries,
		    sizeof names->entries);
	while (got == -1 && errno == EINTR);
	if (got == 0)
		errno = 0;
	return got;
}

const char *
durable_next_name(struct durable_names *names, bool *may_be_file)
{
	const struct entry *entry;

	do {
		if (names->next == names->end) {
			long got = read_entries(names);

			if (got <= 0)
				return NULL;
			names->next = 0;
			names->end = (size_t)got;
		}
		entry = (const struct entry *)(const void *)
		    (names->entries + names->next);
		names->next += entry->size;
	} while (is_directory_itself(entry->name));
	*may_be_file = entry->type == DT_REG || entry->type == DT_UNKNOWN;
	return entry->name;
}

#else

int
durable_names_begin(struct durable_names *names, int directory)
{
	names->list = durable_list(directory);
	return names->list == NULL ? -1 : 0;
}

void
durable_names_end(struct durable_names *names)
{
	durable_list_end(names->list);
}

const char *
durable_next_name(struct durable_names *names, bool *may_be_file)
{
	const struct dirent *entry = durable_next(names->list);

	if (entry == NULL)
		return NULL;
	*may_be_file = true;
#ifdef DT_UNKNOWN
	*may_be_file = entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN;
#endif
	return entry->d_name;
}

#endif
