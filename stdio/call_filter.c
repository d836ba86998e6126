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
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stdio/process.h"

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
	LOAD_VALUE = 0x00,              /* BPF_LD | BPF_W | BPF_IMM */
	TO_X = 0x07,                    /* BPF_MISC | BPF_TAX */
	JUMP = 0x05,                    /* BPF_JMP | BPF_JA */
	IF_EQUAL = 0x15,                /* BPF_JMP | BPF_JEQ | BPF_K */
	IF_NOT_LESS = 0x35,             /* BPF_JMP | BPF_JGE | BPF_K */
	AND = 0x54,                     /* BPF_ALU | BPF_AND | BPF_K */
	SHIFT_BY_X = 0x7c,              /* BPF_ALU | BPF_RSH | BPF_X */
	RETURN = 0x06                   /* BPF_RET | BPF_K */
};

#define FILTER_MODE 1U                  /* SECCOMP_SET_MODE_FILTER */
#define KILL 0x80000000U                /* SECCOMP_RET_KILL_PROCESS */
#define ALLOW 0x7fff0000U               /* SECCOMP_RET_ALLOW */
#define REFUSE (0x00050000U | EPERM)    /* SECCOMP_RET_ERRNO */
#define IS_NEW (0x00050000U | ENOSYS)

/* From here on numbers are the same on every machine; those of x32 follow. */
#define NEW_CALLS 424U

/* But for these: who is confined by them can confine itself further. */
#define LANDLOCK_CALLS 444U
#define LANDLOCK_CALLS_END 447U

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
	SYS_setxattr, SYS_symlinkat, SYS_truncate,
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

/* A call that is refused unless (argument & mask) == value. */
struct condition {
	uint32_t call, argument, mask, value;
};

/* From the kernel's headers, as they are on all of our machines. */
#define NO_TRUNCATION 01000U            /* O_TRUNC: not seen by Landlock 2 */
#define NO_PATH 010000000U              /* O_PATH: not seen by Landlock */
#define OF_SIGNALS 8U                   /* F_SETOWN, _SETSIG, _SETOWN_EX */

#define OPEN_MASK (NO_TRUNCATION | NO_PATH)
#define OTHERS_MODE (~0700U)            /* what a file's owner has no use for */

static const struct condition conditions[] = {
	{ SYS_openat, 2, OPEN_MASK, 0 },
#ifdef SYS_open
	{ SYS_open, 1, OPEN_MASK, 0 },
#endif
	{ SYS_fchmod, 1, OTHERS_MODE, 0 },
	{ SYS_utimensat, 1, ~0U, 0 },   /* of nothing that has to be named */
	{ SYS_fcntl, 1, OF_SIGNALS, 0 },
	{ SYS_sendto, 5, ~0U, 0 },      /* to nobody but who is connected */
};

#define CONDITIONS_ABOVE (sizeof conditions / sizeof conditions[0])
#define CONDITIONS (CONDITIONS_ABOVE + 2)       /* those with our own number */

/* A bit for each number, set where the call is not simply allowed. */
#define WORD 32U
#define WORDS ((NEW_CALLS + WORD - 1) / WORD)

/* What the parts of the filter add up to. */
#define BEGINNING 13
#define SEARCH (3 * WORDS - 1)          /* a branch fewer than leaves of two */
#define CONDITION 4
#define LENGTH (BEGINNING + SEARCH + 4 + CONDITION * CONDITIONS + 2)

static void
set_bit(uint32_t bits[WORDS], uint32_t call)
{
	bits[call / WORD] |= 1U << call % WORD;
}

static void
set_bits(uint32_t bits[WORDS])
{
	size_t i;

	memset(bits, 0, WORDS * sizeof bits[0]);
	for (i = 0; i < sizeof refused / sizeof refused[0]; i++)
		set_bit(bits, refused[i]);
	for (i = 0; i < CONDITIONS_ABOVE; i++)
		set_bit(bits, conditions[i].call);
	set_bit(bits, SYS_tgkill);
	set_bit(bits, SYS_tkill);
}

/* Where the lower half of an argument is: all machines here begin with it. */
static uint32_t
place_of(uint32_t argument)
{
	return (uint32_t)(offsetof(struct call_data, arguments) +
	    argument * sizeof(uint64_t));
}

static struct instruction *
add(struct instruction *next, uint16_t code, uint32_t value)
{
	*next = (struct instruction) { code, 0, 0, value };
	return next + 1;
}

/* The same with a condition: so many instructions are passed over. */
static struct instruction *
add_if(struct instruction *next, uint16_t code, uint32_t value,
    ptrdiff_t if_true, ptrdiff_t if_false)
{
	*next = (struct instruction) { code, (uint8_t)if_true,
	    (uint8_t)if_false, value };
	return next + 1;
}

/*
 * Only our machine's calls, and hardly one that is new; X is the bit of a call.
 * The kernel would try with every call whether it is always allowed, and find
 * none; it gives that up at TO_X.
 */
static struct instruction *
add_beginning(struct instruction *next)
{
	next = add(next, TO_X, 0);
	next = add(next, LOAD, offsetof(struct call_data, architecture));
	next = add_if(next, IF_EQUAL, OUR_ARCHITECTURE, 1, 0);
	next = add(next, RETURN, KILL);
	next = add(next, LOAD, offsetof(struct call_data, number));
	next = add(next, AND, WORD - 1);
	next = add(next, TO_X, 0);
	next = add(next, LOAD, offsetof(struct call_data, number));
	next = add_if(next, IF_NOT_LESS, NEW_CALLS, 0, 4);
	next = add_if(next, IF_NOT_LESS, LANDLOCK_CALLS_END, 1, 0);
	next = add_if(next, IF_NOT_LESS, LANDLOCK_CALLS, 1, 0);
	next = add(next, RETURN, IS_NEW);
	return add(next, RETURN, ALLOW);
}

/* Loads the word with the bit of a call, by a binary search, and goes to end. */
static struct instruction *
add_search(struct instruction *next, struct instruction *end,
    const uint32_t *bits, uint32_t first, uint32_t count)
{
	struct instruction *branch = next;
	uint32_t half = count / 2;

	if (count == 1) {
		next = add(next, LOAD_VALUE, bits[first]);
		return add(next, JUMP, (uint32_t)(end - next - 1));
	}
	next = add_search(branch + 1, end, bits, first, half);
	(void)add_if(branch, IF_NOT_LESS, (first + half) * WORD,
	    next - branch - 1, 0);
	return add_search(next, end, bits, first + half, count - half);
}

static struct instruction *
add_condition(struct instruction *next, const struct condition *condition,
    const struct instruction *refuse)
{
	const struct instruction *allow = refuse + 1;

	next = add_if(next, IF_EQUAL, condition->call, 0, CONDITION - 1);
	next = add(next, LOAD, place_of(condition->argument));
	next = add(next, AND, condition->mask);
	return add_if(next, IF_EQUAL, condition->value, allow - next - 1,
	    refuse - next - 1);
}

/* Allows a call whose bit is not set, or whose condition holds. */
static struct instruction *
add_end(struct instruction *next, struct instruction *refuse)
{
	uint32_t own = (uint32_t)process_id();
	const struct condition to_us[2] = {     /* by abort(3) */
		{ SYS_tgkill, 0, ~0U, own }, { SYS_tkill, 0, ~0U, own }
	};
	size_t i;

	next = add(next, SHIFT_BY_X, 0);
	next = add(next, AND, 1);
	next = add_if(next, IF_EQUAL, 0, refuse + 1 - next - 1, 0);
	next = add(next, LOAD, offsetof(struct call_data, number));
	for (i = 0; i < CONDITIONS_ABOVE; i++)
		next = add_condition(next, &conditions[i], refuse);
	next = add_condition(next, &to_us[0], refuse);
	next = add_condition(next, &to_us[1], refuse);
	next = add(next, RETURN, REFUSE);
	return add(next, RETURN, ALLOW);
}

/*
 * Short, since the kernel compiles it, which is most of what it costs; a call
 * takes about twenty of its instructions.
 */
int
call_filter_enter(void)
{
	struct instruction list[LENGTH], *next = list;
	struct instructions filter = { LENGTH, list };
	uint32_t bits[WORDS];

	set_bits(bits);
	next = add_beginning(next);
	next = add_search(next, next + SEARCH, bits, 0, WORDS);
	(void)add_end(next, list + LENGTH - 2);
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
