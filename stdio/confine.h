/*
 * What this process may still reach, once it has what it needs: a promise to
 * the kernel that cannot be taken back, made before the first octet of a
 * client's is read.
 *
 * On Linux it is Landlock, for files, and a filter of system calls, for all
 * the rest; on OpenBSD unveil(2) and pledge(2); elsewhere the resource limits
 * of POSIX alone.  A kernel that lacks any of these is no failure.
 */
#ifndef STDIO_CONFINE_H
#define STDIO_CONFINE_H

#include <stdbool.h>
#include <stdint.h>

/* What may be done below a directory; or-ed together. */
enum {
	CONFINE_READ = 1,       /* files can be opened for reading */
	CONFINE_WRITE = 2,      /* and for writing */
	CONFINE_LIST = 4,       /* directories can be opened */
	CONFINE_DIRECTORIES = 8,        /* and made */
	CONFINE_NAMES = 16,     /* files can be made, linked and renamed */
	CONFINE_REMOVE = 32     /* and removed */
};

/* Whether files are confined, for the log. */
enum confinement_result {
	CONFINED,
	CONFINE_NOT_HERE,       /* the system has nothing for it, or too little */
	CONFINE_FAILED          /* and it is not confined; errno says why */
};

struct confinement {
	const char *root;       /* the directory that the rules are below */
	int rules;              /* -1: this system takes none */
	int error;              /* errno of a rule that could not be made */
	uint64_t known;         /* rights that its kernel knows */
};

/* Begins with no file and no directory at all; root stays the caller's. */
void confine_begin(struct confinement *confinement, const char *root);

/*
 * Allows what rights says below root/path, of which directory is an open
 * descriptor; -1: it is opened for this.  A directory that is not there can
 * never be reached.  Where this fails, confine_enter() does.
 */
void confine_allow(struct confinement *confinement, int directory,
    const char *path, unsigned rights);

/*
 * Enters it: from here on, besides what was allowed, no file, no socket, no
 * other process and no other program.  What is open stays so.
 */
enum confinement_result confine_enter(struct confinement *confinement);

/*
 * The part of it that is about calls, not files, before the rest: for a
 * process that has time just now, and opens files still.  False, with errno
 * set, where that fails; confine_enter() tries it again then.
 */
bool confine_calls(void);

/*
 * For a process that needs nothing but what is open: not one file more, not
 * even a descriptor.
 */
enum confinement_result confine_to_descriptors(void);

/* Logs it where it is not confined; false after CONFINE_FAILED. */
bool confine_log(enum confinement_result result);

#endif
