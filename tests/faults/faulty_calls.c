/* System calls that fail; see faulty_calls.h. */
#define FAULTY_CALLS_THEMSELVES
#include "tests/faults/faulty_calls.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define RECORD_OCTETS 16        /* at the log's start, and for each name */

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "EIO",    EIO    },
	{ "ENOSPC", ENOSPC },
	{ "EDQUOT", EDQUOT },
	{ "EMFILE", EMFILE },
	{ "EINTR",  EINTR  },
	{ "ENOMEM", ENOMEM },
	{ "EXDEV",  EXDEV  },
};

/* What the session's processes share: the log, mapped before any of them is confined. */
static struct log {
	_Atomic unsigned long calls;
	char unused[RECORD_OCTETS - sizeof(unsigned long)];
	char records[][RECORD_OCTETS];
} *session_log;
static unsigned long calls_max;

/* A test that goes on without its faults is none. */
static _Noreturn void
give_up(const char *what)
{
	perror(what);
	abort();
}

__attribute__((constructor)) static void
open_log(void)
{
	const char *path = getenv("FAULT_LOG");
	struct stat status;
	void *mapped;
	int file;

	if (path == NULL)
		return;
	file = open(path, O_RDWR | O_CLOEXEC);
	if (file == -1 || fstat(file, &status) == -1)
		give_up(path);
	mapped = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED, file, 0);
	if (mapped == MAP_FAILED || close(file) == -1)
		give_up(path);
	session_log = mapped;
	calls_max = (unsigned long)status.st_size / RECORD_OCTETS - 1;
}

/* Notes a call and returns its number; 0 where there is no log. */
static unsigned long
log_call(const char *name)
{
	unsigned long call;

	if (session_log == NULL)
		return 0;
	call = atomic_fetch_add(&session_log->calls, 1);
	if (call >= calls_max) {
		errno = EFBIG;
		give_up("FAULT_LOG");
	}
	(void)snprintf(session_log->records[call], RECORD_OCTETS, "%s", name);
	return call + 1;
}

/* Whether this is the call, and FAULT_ERROR what is asked for. */
static bool
is_told(const char *fault)
{
	const char *told = getenv("FAULT_ERROR");

	return told != NULL && strcmp(told, fault) == 0;
}

/* Counts a call; whether its number is that of the one that fails. */
static bool
is_next(const char *name)
{
	const char *told = getenv("FAULT_CALL");
	int saved = errno;
	unsigned long number = log_call(name);

	errno = saved;
	return number != 0 && told != NULL &&
	    strtoul(told, NULL, 10) == number;
}

enum fate { AS_EVER, SHORT, FAILS };

/* Counts a call and says what becomes of it; with FAILS, errno is set. */
static enum fate
next_call(const char *name)
{
	size_t i;

	if (is_told("memory") || !is_next(name))
		return AS_EVER;
	if (is_told("short"))
		return SHORT;
	if (is_told("kill"))
		(void)raise(SIGKILL);
	for (i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (is_told(errors[i].name)) {
			errno = errors[i].number;
			return FAILS;
		}
	errno = EINVAL;
	give_up("FAULT_ERROR");
}

static bool
fails(const char *name)
{
	return next_call(name) == FAILS;
}

int
faulty_open(const char *path, int flags)
{
	return fails("open") ? -1 : open(path, flags);
}

int
faulty_openat(int at, const char *name, int flags, mode_t mode)
{
	return fails("openat") ? -1 : openat(at, name, flags, mode);
}

int
faulty_fcntl(int file, int command, struct flock *lock)
{
	return fails("fcntl") ? -1 : fcntl(file, command, lock);
}

int
faulty_mkdirat(int at, const char *name, mode_t mode)
{
	return fails("mkdirat") ? -1 : mkdirat(at, name, mode);
}

int
faulty_fchmod(int file, mode_t mode)
{
	return fails("fchmod") ? -1 : fchmod(file, mode);
}

int
faulty_fchmodat(int at, const char *name, mode_t mode, int flags)
{
	return fails("fchmodat") ? -1 : fchmodat(at, name, mode, flags);
}

int
faulty_fchownat(int at, const char *name, uid_t user, gid_t group, int flags)
{
	return fails("fchownat") ? -1 :
	    fchownat(at, name, user, group, flags);
}

int
faulty_ftruncate(int file, off_t length)
{
	return fails("ftruncate") ? -1 : ftruncate(file, length);
}

off_t
faulty_lseek(int file, off_t offset, int whence)
{
	return fails("lseek") ? -1 : lseek(file, offset, whence);
}

/* How much of a read or write is done; -1: it fails. */
static ssize_t
next_transfer(const char *name, size_t length)
{
	switch (next_call(name)) {
	case AS_EVER:
		return (ssize_t)length;
	case SHORT:
		return length > 1 ? 1 : (ssize_t)length;
	case FAILS:
		break;
	}
	return -1;
}

ssize_t
faulty_write(int file, const void *octets, size_t length)
{
	ssize_t part = next_transfer("write", length);

	return part == -1 ? -1 : write(file, octets, (size_t)part);
}

ssize_t
faulty_read(int file, void *octets, size_t size)
{
	ssize_t part = next_transfer("read", size);

	return part == -1 ? -1 : read(file, octets, (size_t)part);
}

ssize_t
faulty_pread(int file, void *octets, size_t size, off_t offset)
{
	ssize_t part = next_transfer("pread", size);

	return part == -1 ? -1 : pread(file, octets, (size_t)part, offset);
}

int
faulty_futimens(int file, const struct timespec times[2])
{
	return fails("futimens") ? -1 : futimens(file, times);
}

int
faulty_fsync(int descriptor)
{
	return fails("fsync") ? -1 : fsync(descriptor);
}

int
faulty_linkat(int from, const char *name, int to, const char *new_name,
    int flags)
{
	return fails("linkat") ? -1 :
	    linkat(from, name, to, new_name, flags);
}

int
faulty_renameat(int from, const char *name, int to, const char *new_name)
{
	return fails("renameat") ? -1 : renameat(from, name, to, new_name);
}

int
faulty_unlinkat(int at, const char *name, int flags)
{
	return fails("unlinkat") ? -1 : unlinkat(at, name, flags);
}

int
faulty_stat(const char *path, struct stat *status)
{
	return fails("stat") ? -1 : stat(path, status);
}

int
faulty_fstatat(int at, const char *name, struct stat *status, int flags)
{
	return fails("fstatat") ? -1 : fstatat(at, name, status, flags);
}

int
faulty_fstat(int file, struct stat *status)
{
	return fails("fstat") ? -1 : fstat(file, status);
}

int
faulty_fstatvfs(int directory, struct statvfs *system)
{
	return fails("fstatvfs") ? -1 : fstatvfs(directory, system);
}

int
faulty_close(int descriptor)
{
	bool is_faulty = fails("close");
	int saved = errno, result = close(descriptor);

	if (!is_faulty)
		return result;
	errno = saved;
	return -1;
}

DIR *
faulty_fdopendir(int directory)
{
	return fails("fdopendir") ? NULL : fdopendir(directory);
}

struct dirent *
faulty_readdir(DIR *list)
{
	return fails("readdir") ? NULL : readdir(list);
}

/* The only one that durable.c makes by its number. */
static long
list_directory(int directory, va_list arguments)
{
	void *entries = va_arg(arguments, void *);
	size_t size = va_arg(arguments, size_t);

	return fails("getdents64") ? -1 :
	    syscall(SYS_getdents64, directory, entries, size);
}

static long
move_file(int from, va_list arguments)
{
	const char *name = va_arg(arguments, const char *);
	int to = va_arg(arguments, int);
	const char *new_name = va_arg(arguments, const char *);
	unsigned flags = va_arg(arguments, unsigned);

	return fails("renameat2") ? -1 :
	    syscall(SYS_renameat2, from, name, to, new_name, flags);
}

long
faulty_syscall(long number, int directory, ...)
{
	va_list arguments;
	long result;

	va_start(arguments, directory);
	result = number == SYS_renameat2 ? move_file(directory, arguments) :
	    list_directory(directory, arguments);
	va_end(arguments);
	return result;
}

int
faulty_closedir(DIR *list)
{
	bool is_faulty = fails("closedir");
	int saved = errno, result = closedir(list);

	if (!is_faulty)
		return result;
	errno = saved;
	return -1;
}

/* Counts a call for memory; true, with errno set: there is none. */
static bool
runs_out(const char *name)
{
	if (session_log == NULL || !is_told("memory") || !is_next(name))
		return false;
	errno = ENOMEM;
	return true;
}

void *
__wrap_malloc(size_t size)
{
	return runs_out("malloc") ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return runs_out("calloc") ? NULL : __real_calloc(count, size);
}

void *
__wrap_realloc(void *memory, size_t size)
{
	return runs_out("realloc") ? NULL : __real_realloc(memory, size);
}
