/* Confinement; see confine.h. */
#include "stdio/confine.h"

#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "stdio/call_filter.h"
#include "stdio/log.h"
#include "store/text.h"

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

/*
 * What the run time of an instrumented build needs beside: that of the
 * sanitizers looks at the process itself, and for leaks from another one.
 */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED
#endif
#endif

/* root/path, or path itself where it is absolute. */
static bool
write_path(char *path, size_t size, const char *root, const char *name)
{
	struct text text;

	text_init(&text, path, size);
	if (name[0] != '/') {
		text_add(&text, root);
		text_add(&text, "/");
	}
	text_add(&text, name);
	return !text.cut;
}

#if defined(__linux__)

/* The kernel's names and numbers, since its headers are not everywhere. */
#define CALL_CREATE_RULESET 444
#define CALL_ADD_RULE 445
#define CALL_RESTRICT_SELF 446
#define ASK_FOR_VERSION 1U
#define NEWEST_VERSION 6               /* of those that are known below */
#define RULE_PATH_BENEATH 1

enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_DIR = 1 << 4,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_DIR = 1 << 7,
	FS_MAKE_REG = 1 << 8,
	FS_ALL_1 = (1 << 13) - 1,       /* of version 1 */
	FS_REFER = 1 << 13,             /* from version 2 on */
	FS_TRUNCATE = 1 << 14,          /* 3 */
	FS_IOCTL_DEV = 1 << 15          /* 5 */
};

#define NET_ALL 3U                      /* bind and connect by TCP; 4 */
#define SCOPE_ALL 3U                    /* abstract sockets and signals; 6 */

struct ruleset {
	uint64_t files, net, scope;
};

struct path_beneath {
	uint64_t rights;
	int32_t directory;
} __attribute__((packed));

/* All rights of files that a version can refuse. */
static uint64_t
known_rights(long number)
{
	uint64_t rights = FS_ALL_1 | FS_REFER;

	if (number >= 3)
		rights |= FS_TRUNCATE;
	if (number >= 5)
		rights |= FS_IOCTL_DEV;
	return rights;
}

static long
create_ruleset(long number, uint64_t *known)
{
	struct ruleset ruleset = { 0, 0, 0 };
	size_t size = sizeof ruleset.files;

	ruleset.files = *known = known_rights(number);
	if (number >= 4) {
		ruleset.net = NET_ALL;
		size += sizeof ruleset.net;
	}
	if (number >= 6) {
		ruleset.scope = SCOPE_ALL;
		size += sizeof ruleset.scope;
	}
	return syscall(CALL_CREATE_RULESET, &ruleset, size, 0U);
}

/*
 * A set of rules that allows nothing yet; -1: there is none here, or, where
 * *known is not 0, it could not be made.  A kernel that knows all that we know
 * is not asked for its version first.
 */
static int
make_ruleset(uint64_t *known)
{
	long rules = create_ruleset(NEWEST_VERSION, known), number;

	if (rules != -1)
		return (int)rules;
	number = syscall(CALL_CREATE_RULESET, NULL, (size_t)0,
	    ASK_FOR_VERSION);
	*known = 0;
	if (number < 2)                 /* it could not allow a link */
		return -1;
	return (int)create_ruleset(number, known);
}

static uint64_t
file_rights(unsigned rights)
{
	uint64_t files = 0;

	if (rights & CONFINE_READ)
		files |= FS_READ_FILE;
	if (rights & CONFINE_WRITE)
		files |= FS_WRITE_FILE | FS_TRUNCATE;
	if (rights & CONFINE_LIST)
		files |= FS_READ_DIR;
	if (rights & CONFINE_DIRECTORIES)
		files |= FS_MAKE_DIR;
	if (rights & CONFINE_NAMES)
		files |= FS_MAKE_REG | FS_REFER;
	if (rights & CONFINE_REMOVE)
		files |= FS_REMOVE_FILE;
	return files;
}

void
confine_begin(struct confinement *confinement, const char *root)
{
	confinement->root = root;
	confinement->error = 0;
	confinement->rules = make_ruleset(&confinement->known);
	if (confinement->rules == -1 && confinement->known != 0)
		confinement->error = errno;
#ifdef SANITIZED
	confine_allow(confinement, -1, "/proc", CONFINE_READ | CONFINE_LIST);
#endif
#ifdef CONFINE_RUNTIME                  /* where coverage is written to */
	confine_allow(confinement, -1, CONFINE_RUNTIME, CONFINE_READ |
	    CONFINE_WRITE | CONFINE_LIST | CONFINE_NAMES);
#endif
}

void
confine_allow(struct confinement *confinement, int directory,
    const char *path, unsigned rights)
{
	struct path_beneath rule;
	char whole[4096];

	if (confinement->rules == -1)
		return;
	rule.rights = file_rights(rights) & confinement->known;
	rule.directory = directory;
	if (directory == -1 && write_path(whole, sizeof whole,
	    confinement->root, path))
		rule.directory = open(whole, O_RDONLY | O_DIRECTORY |
		    O_CLOEXEC);
	if (rule.directory == -1 && errno == ENOENT)
		return;
	if (rule.directory == -1 || syscall(CALL_ADD_RULE, confinement->rules,
	    RULE_PATH_BENEATH, &rule, 0U) == -1)
		confinement->error = errno;
	if (directory == -1 && rule.directory != -1)
		(void)close(rule.directory);
}

static enum confinement_result
enter_rules(struct confinement *confinement)
{
	long result;

	errno = confinement->error;
	if (confinement->rules == -1)
		return errno != 0 ? CONFINE_FAILED : CONFINE_NOT_HERE;
	/*
	 * The descriptor of the rules stays: what the process has entered it
	 * cannot leave by it, and its end closes it.
	 */
	result = errno != 0 ? -1 :
	    syscall(CALL_RESTRICT_SELF, confinement->rules, 0U);
	return result == -1 ? CONFINE_FAILED : CONFINED;
}

#elif defined(__OpenBSD__)

void
confine_begin(struct confinement *confinement, const char *root)
{
	confinement->root = root;
	confinement->rules = -1;
}

void
confine_allow(struct confinement *confinement, int directory,
    const char *path, unsigned rights)
{
	char whole[4096], allowed[4] = "";
	struct text text;

	(void)directory;
	text_init(&text, allowed, sizeof allowed);
	if (rights & (CONFINE_READ | CONFINE_LIST))
		text_add(&text, "r");
	if (rights & CONFINE_WRITE)
		text_add(&text, "w");
	if (rights & (CONFINE_DIRECTORIES | CONFINE_NAMES | CONFINE_REMOVE))
		text_add(&text, "c");
	if (write_path(whole, sizeof whole, confinement->root, path))
		(void)unveil(whole, allowed);
}

static enum confinement_result
enter_rules(struct confinement *confinement)
{
	(void)confinement;
	return unveil(NULL, NULL) == -1 || pledge("stdio rpath wpath cpath "
	    "fattr flock", NULL) == -1 ? CONFINE_FAILED : CONFINED;
}

#else

void
confine_begin(struct confinement *confinement, const char *root)
{
	confinement->root = root;
	confinement->rules = -1;
}

void
confine_allow(struct confinement *confinement, int directory,
    const char *path, unsigned rights)
{
	char whole[2];

	(void)directory;
	(void)rights;
	(void)write_path(whole, sizeof whole, confinement->root, path);
}

static enum confinement_result
enter_rules(struct confinement *confinement)
{
	(void)confinement;
	return CONFINE_NOT_HERE;
}

#endif

static void
limit(int resource, rlim_t most)
{
	struct rlimit limits = { most, most };

	(void)setrlimit(resource, &limits);
}

/* False, with errno set, where there could be a filter and there is none. */
static bool
filter_calls(void)
{
#ifndef SANITIZED
	if (call_filter_enter() == 0)
		return true;
	/* EPERM: a supervisor's own filter has none below it. */
	if (errno != ENOSYS && errno != EINVAL && errno != EPERM)
		return false;
#ifdef RLIMIT_NPROC
	limit(RLIMIT_NPROC, 0);         /* for all but the superuser */
#endif
#endif
	return true;
}

/* No program that is executed gives more rights: what both parts ask for. */
static void
renounce_privileges(void)
{
	static bool may_gain = true;

#ifdef __linux__
	if (may_gain)
		(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
	may_gain = false;
}

bool
confine_calls(void)
{
	static bool may_call = true;

	renounce_privileges();
	if (may_call)
		may_call = !filter_calls();
	return !may_call;
}

enum confinement_result
confine_enter(struct confinement *confinement)
{
	enum confinement_result result;
	int saved;

	renounce_privileges();
	result = enter_rules(confinement);
	saved = errno;
	if (!confine_calls())
		return CONFINE_FAILED;
	errno = saved;
	return result;
}

enum confinement_result
confine_to_descriptors(void)
{
	struct confinement nothing;

	enum confinement_result result;

	confine_begin(&nothing, "/");
	/*
	 * What is open may have any number; what is not cannot get one from
	 * here on.  Two is what poll(2) has to be allowed.  The size of files
	 * is not limited: no other can be opened, and standard output or the
	 * log may be one.
	 */
	limit(RLIMIT_NOFILE, 2);
	result = confine_enter(&nothing);
	if (nothing.rules != -1)
		(void)close(nothing.rules);
	return result;
}

bool
confine_log(enum confinement_result result)
{
	const char *note = NULL;

	switch (result) {
	case CONFINED:
		break;
	case CONFINE_NOT_HERE:
		note = "this kernel has no Landlock that is of use: files are "
		    "guarded by the service's user alone";
		break;
	case CONFINE_FAILED:
		note = strerror(errno);
		break;
	}
	if (note != NULL)
		log_event(LOG_IS_WARNING, "confinement", "note", note);
	return result != CONFINE_FAILED;
}
