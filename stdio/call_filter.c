/*
 * A filter of system calls; see call_filter.h.
 *
 * It names what is refused and lets the rest pass: which calls a C library
 * makes for reading, writing and waiting differs from one to the next, and a
 * list of those would break with a new one.  What came with Linux 5.1 and
 * later does not exist for us: C libraries do without it on older kernels.
 * The names and layouts here are the kernel's, written down since its headers
 * are not everywhere.
 */
#include "stdio/call_filter.h"

#include <errno.h>

#ifdef __linux__
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OUR_ARCHITECTURE 0xc000003eU
#elif defined(__aarch64__)
#define OUR_ARCHITECTURE 0xc00000b7U
#elif defined(__riscv) && __riscv_xlen == 64
#define OUR_ARCHITECTURE 0xc00000f3U
#endif
#endif

#if defined(OUR_ARCHITECTURE) && defined(SYS_seccomp)

/* struct sock_filter, struct sock_fprog and struct seccomp_data */
struct instruction {
	uint16_t code;
	uint8_t if_true, if_false;      /* so many are passed over */
	uint32_t value;
};

struct instructions {
	unsigned short count;
	const struct instruction *list;
};

struct call_data {
	int number;
	uint32_t architecture;
	uint64_t instruction_pointer;
	uint64_t arguments[6];
};

enum {
	LOAD = 0x20,                    /* BPF_LD | BPF_W | BPF_ABS */
	IF_EQUAL = 0x15,                /* BPF_JMP | BPF_JEQ | BPF_K */
	IF_NOT_LESS = 0x35,             /* BPF_JMP | BPF_JGE | BPF_K */
	AND = 0x54,                     /* BPF_ALU | BPF_AND | BPF_K */
	RETURN = 0x06                   /* BPF_RET | BPF_K */
};

#define FILTER_MODE 1U                  /* SECCOMP_SET_MODE_FILTER */
#define KILL 0x80000000U                /* SECCOMP_RET_KILL_PROCESS */
#define ALLOW 0x7fff0000U               /* SECCOMP_RET_ALLOW */
#define REFUSE (0x00050000U | EPERM)    /* SECCOMP_RET_ERRNO */
#define IS_NEW (0x00050000U | ENOSYS)

/* From here on numbers are the same on every machine; those of x32 follow. */
#define NEW_CALLS 424U

/* Calls of which a machine may not have all. */
static const uint32_t refused[] = {
	/* other processes and programs */
	SYS_clone, SYS_execve, SYS_kill, SYS_ptrace, SYS_setns, SYS_unshare,
	SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_setpriority,
	SYS_sched_setaffinity, SYS_sched_setparam, SYS_sched_setscheduler,
	SYS_prlimit64,
#ifdef SYS_execveat
	SYS_execveat,
#endif
#ifdef SYS_fork
	SYS_fork, SYS_vfork,
#endif
#ifdef SYS_ioprio_set
	SYS_ioprio_set,
#endif
#ifdef SYS_kcmp
	SYS_kcmp,
#endif
#ifdef SYS_migrate_pages
	SYS_migrate_pages, SYS_move_pages,
#endif
#ifdef SYS_process_vm_readv
	SYS_process_vm_readv, SYS_process_vm_writev,
#endif
#ifdef SYS_sched_setattr
	SYS_sched_setattr,
#endif
#ifdef SYS_setrlimit
	SYS_setrlimit,
#endif
	/* connections, and what carries descriptors or is shared */
	SYS_accept, SYS_bind, SYS_connect, SYS_listen, SYS_recvmsg,
	SYS_sendmsg, SYS_socket, SYS_socketpair,
	SYS_mq_open, SYS_mq_unlink, SYS_msgget, SYS_semget, SYS_shmat,
	SYS_shmget,
#ifdef SYS_accept4
	SYS_accept4,
#endif
#ifdef SYS_recvmmsg
	SYS_recvmmsg, SYS_sendmmsg,
#endif
#ifdef SYS_memfd_create
	SYS_memfd_create,
#endif
	/* what neither Landlock nor a limit watches over */
	SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_fremovexattr,
	SYS_fsetxattr, SYS_inotify_add_watch, SYS_inotify_init1, SYS_ioctl,
	SYS_lremovexattr, SYS_lsetxattr, SYS_mknodat, SYS_removexattr,
	SYS_setxattr, SYS_symlinkat, SYS_truncate, SYS_utimensat,
#ifdef SYS_chmod
	SYS_chmod, SYS_chown, SYS_creat, SYS_inotify_init, SYS_lchown,
	SYS_mknod, SYS_symlink, SYS_futimesat, SYS_utime, SYS_utimes,
#endif
#ifdef SYS_fanotify_init
	SYS_fanotify_init, SYS_fanotify_mark,
#endif
#ifdef SYS_name_to_handle_at
	SYS_open_by_handle_at,
#endif
	/* the system as a whole */
	SYS_acct, SYS_adjtimex, SYS_capset, SYS_chroot, SYS_clock_settime,
	SYS_delete_module, SYS_init_module, SYS_kexec_load, SYS_mount,
	SYS_personality, SYS_pivot_root, SYS_quotactl, SYS_reboot,
	SYS_setdomainname, SYS_sethostname, SYS_settimeofday, SYS_swapoff,
	SYS_swapon, SYS_syslog, SYS_umount2, SYS_vhangup,
#ifdef SYS_add_key
	SYS_add_key, SYS_keyctl, SYS_request_key,
#endif
#ifdef SYS_bpf
	SYS_bpf,
#endif
#ifdef SYS_clock_adjtime
	SYS_clock_adjtime,
#endif
#ifdef SYS_finit_module
	SYS_finit_module,
#endif
#ifdef SYS_iopl
	SYS_ioperm, SYS_iopl,
#endif
#ifdef SYS_kexec_file_load
	SYS_kexec_file_load,
#endif
#ifdef SYS_perf_event_open
	SYS_perf_event_open,
#endif
#ifdef SYS_userfaultfd
	SYS_userfaultfd,
#endif
};

#define REFUSED (sizeof refused / sizeof refused[0])

/*
 * A call that is refused unless (argument & mask) == value; one without a mask
 * always is.
 */
struct rule {
	uint32_t call, argument, mask, value;
};

/* From the kernel's headers, as they are on all of our machines. */
#define NO_TRUNCATION 01000U            /* O_TRUNC: not seen by Landlock 2 */
#define NO_PATH 010000000U              /* O_PATH: not seen by Landlock */
#define OF_SIGNALS 8U                   /* F_SETOWN, _SETSIG, _SETOWN_EX */

#define OPEN_MASK (NO_TRUNCATION | NO_PATH)
#define OTHERS_MODE (~0700U)            /* what a file's owner has no use for */

static const struct rule conditions[] = {
	{ SYS_openat, 2, OPEN_MASK, 0 },
#ifdef SYS_open
	{ SYS_open, 1, OPEN_MASK, 0 },
#endif
	{ SYS_fchmod, 1, OTHERS_MODE, 0 },
	{ SYS_fcntl, 1, OF_SIGNALS, 0 },
	{ SYS_sendto, 5, ~0U, 0 },      /* to nobody but who is connected */
};

#define CONDITIONS (sizeof conditions / sizeof conditions[0])
#define RULES (REFUSED + CONDITIONS + 2)

static int
compare_rules(const void *a, const void *b)
{
	const struct rule *left = a, *right = b;

	return (left->call > right->call) - (left->call < right->call);
}

/* All rules, in the order of the calls' numbers. */
static void
sort_rules(struct rule rules[RULES])
{
	uint32_t own = (uint32_t)getpid();
	size_t i;

	for (i = 0; i < REFUSED; i++)
		rules[i] = (struct rule) { refused[i], 0, 0, 0 };
	memcpy(rules + REFUSED, conditions, sizeof conditions);
	/* abort(3) */
	rules[RULES - 2] = (struct rule) { SYS_tgkill, 0, ~0U, own };
	rules[RULES - 1] = (struct rule) { SYS_tkill, 0, ~0U, own };
	qsort(rules, RULES, sizeof rules[0], compare_rules);
}

/* Where the lower half of an argument is: all machines here begin with it. */
static uint32_t
place_of(uint32_t argument)
{
	return (uint32_t)(offsetof(struct call_data, arguments) +
	    argument * sizeof(uint64_t));
}

/* So many are compared one after the other at the end of a search. */
#define LEAF 4

/* Refuses a few calls, or asks for their arguments, and allows others. */
static struct instruction *
add_leaf(struct instruction *next, const struct rule *rules, size_t count)
{
	struct instruction *first = next, *refuse = next + count + 1;
	size_t i;

	first[count] = (struct instruction) { RETURN, 0, 0, ALLOW };
	*refuse = (struct instruction) { RETURN, 0, 0, REFUSE };
	next = refuse + 1;
	for (i = 0; i < count; i++) {
		struct instruction *to = rules[i].mask == 0 ? refuse : next;

		first[i] = (struct instruction) { IF_EQUAL,
		    (uint8_t)(to - (first + i) - 1), 0, rules[i].call };
		if (rules[i].mask == 0)
			continue;
		*next++ = (struct instruction) { LOAD, 0, 0,
		    place_of(rules[i].argument) };
		*next++ = (struct instruction) { AND, 0, 0, rules[i].mask };
		*next++ = (struct instruction) { IF_EQUAL, 0, 1,
		    rules[i].value };
		*next++ = (struct instruction) { RETURN, 0, 0, ALLOW };
		*next++ = (struct instruction) { RETURN, 0, 0, REFUSE };
	}
	return next;
}

/*
 * The same for many, by a binary search: when the filter is entered the
 * kernel runs it for every number there is, to learn what it need not be asked
 * about, and that is most of what it costs.
 */
static struct instruction *
add_search(struct instruction *next, const struct rule *rules, size_t count)
{
	struct instruction *branch = next;
	size_t half = count / 2;

	if (count <= LEAF)
		return add_leaf(next, rules, count);
	next = add_search(branch + 1, rules, half);
	*branch = (struct instruction) { IF_NOT_LESS,
	    (uint8_t)(next - branch - 1), 0, rules[half].call };
	return add_search(next, rules + half, count - half);
}

int
call_filter_enter(void)
{
	/* A leaf has LEAF / 2 rules or more, two returns, and a branch. */
	struct instruction list[RULES + 3 * (2 * RULES / LEAF + 1) +
	    5 * (CONDITIONS + 2) + 6];
	struct instruction *next = list;
	struct instructions filter = { 0, list };
	struct rule rules[RULES];

	sort_rules(rules);
	*next++ = (struct instruction) { LOAD, 0, 0,
	    offsetof(struct call_data, architecture) };
	*next++ = (struct instruction) { IF_EQUAL, 1, 0, OUR_ARCHITECTURE };
	*next++ = (struct instruction) { RETURN, 0, 0, KILL };
	*next++ = (struct instruction) { LOAD, 0, 0,
	    offsetof(struct call_data, number) };
	*next++ = (struct instruction) { IF_NOT_LESS, 0, 1, NEW_CALLS };
	*next++ = (struct instruction) { RETURN, 0, 0, IS_NEW };
	next = add_search(next, rules, RULES);
	filter.count = (unsigned short)(next - list);
	return (int)syscall(SYS_seccomp, FILTER_MODE, 0U, &filter);
}

#else

int
call_filter_enter(void)
{
	errno = ENOSYS;
	return -1;
}

#endif
