/*
 * Every system call that reads or changes the store, and no other place makes
 * one: so the fault tests can make each of them fail, and so the three rules
 * that all of them share are kept once:
 *
 *   - names are relative to an open directory and are never followed through
 *     a symbolic link, but for the mail root's own;
 *   - a call that a signal interrupts is made again;
 *   - what is opened is closed when another program is executed.
 *
 * All return -1 (NULL) on failure, with errno set; those that give something
 * back never fail and leave errno as it is, so that they can stand on the way
 * out of a failure.
 */
#ifndef STORE_DURABLE_H
#define STORE_DURABLE_H

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdint.h>

/* The mail root itself may be a symbolic link: that is the admin's. */
int durable_open_root(const char *path);
int durable_root_status(const char *path, struct stat *status);

int durable_open_directory(int at, const char *name);

/* Opens the directory that an open one stands in. */
int durable_open_parent(int directory);

/* Opens a file for reading; does not wait where it is a FIFO. */
int durable_open_file(int at, const char *name);

/*
 * The same for what is in a directory there, in fewer calls than one that
 * opens that first.  The directory is looked at before, which for a file the
 * caller has to have done: for who cannot make symbolic links, and that is
 * everyone who is confined, there is none then.
 */
int durable_open_directory_in(int at, const char *directory,
    const char *name);
int durable_open_file_in(int at, const char *directory, const char *name);

/* Opens a file for writing, from its start on; nothing in it is taken out. */
int durable_open_written(int at, const char *name);

/* Opens a file for reading and writing, and for a lock on it. */
int durable_open_both(int at, const char *name);

/* Creates a file that must not exist, mode 0600, for reading and writing. */
int durable_create(int at, const char *name);

/* Opens a file for locking; makes it where it is missing. */
int durable_open_lock(int at, const char *name);

/*
 * Takes a write lock over the whole of an open file, and does not wait: errno
 * is EAGAIN or EACCES where another process has it.  The kernel drops it when
 * this process closes any descriptor of the file, or ends.
 */
int durable_lock(int file);

/*
 * Whether another process has that lock: 1 or 0.  To ask takes nothing; but
 * closing the file drops this process's own lock on it.
 */
int durable_is_locked(int file);

/* Makes a directory, mode 0700. */
int durable_make_directory(int at, const char *name);

/*
 * Makes a directory that nothing can be put into (but by root), mode 0500,
 * until durable_set_mode() opens it.
 */
int durable_make_closed_directory(int at, const char *name);

int durable_set_mode(int at, const char *name, mode_t mode);
int durable_set_owner(int at, const char *name, uid_t owner, gid_t group);

/* Reads and writes go on at the start of the file. */
int durable_rewind(int file);

/* Takes all content out of a file; it is written from its start again. */
int durable_empty(int file);

/* Writes all of length octets. */
int durable_write(int file, const void *octets, size_t length);

ssize_t durable_read(int file, void *octets, size_t size);
ssize_t durable_read_at(int file, void *octets, size_t size, off_t offset);

/* Sets when an open file was changed last, in seconds since 1970. */
int durable_set_time(int file, int64_t seconds);

/* To disk: what was written to a file, or the entries of a directory. */
int durable_sync(int descriptor);

int durable_link(int from, const char *name, int to, const char *new_name);
int durable_rename(int from, const char *name, int to, const char *new_name);

/* Like durable_rename(), but never in place of another; not on each system. */
int durable_move(int from, const char *name, int to, const char *new_name);
int durable_unlink(int at, const char *name);
int durable_remove_directory(int at, const char *name);
int durable_status(int at, const char *name, struct stat *status);
int durable_file_status(int file, struct stat *status);

/* What the file system of a directory has and holds. */
int durable_system_status(int directory, struct statvfs *system);

/* Closes a descriptor that was opened for nothing that is still unwritten. */
void durable_close(int descriptor);

/* Removes a name on the way out of a failure; where that fails too, it stays. */
void durable_undo(int at, const char *name);
void durable_undo_directory(int at, const char *name);

/*
 * The entries of an open directory, from its first one on; the descriptor
 * stays the caller's.  durable_list_end() ends it.
 */
DIR *durable_list(int directory);
void durable_list_end(DIR *list);

/* The next entry but "." and ".."; NULL with errno 0 at the end. */
struct dirent *durable_next(DIR *list);

/*
 * The same for directories of very many entries, which are read many at a
 * time.  It is the descriptor's own place in the directory that goes on, and
 * durable_names_end() never fails.
 */
struct durable_names {
	int directory;
	DIR *list;              /* where the system has nothing better */
	size_t next, end;       /* of what has been read and not yet given */
	_Alignas(8) char entries[65536];
};

int durable_names_begin(struct durable_names *names, int directory);
void durable_names_end(struct durable_names *names);

/*
 * The next name but "." and "..", until the next call; *may_be_file: it is no
 * directory, nor anything else that is known to be no file.  NULL with errno 0
 * at the end.
 */
const char *durable_next_name(struct durable_names *names, bool *may_be_file);

#endif
