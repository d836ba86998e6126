/*
 * A filter of system calls; see call_filter.h.
 *
 * It names what is refused and lets the rest pass: which calls a C library
 * makes for reading, writing and waiting differs from one to the next, and a
 * list of those would break with a new one.  The names and layouts here are
 * the kernel's, written down since its headers are not everywhere.
 */
#include "stdio/call_filter.h"

#include <errno.h>

#ifdef __linux__
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OUR_ARCHITECTURE 0xc000003eU
#define CALLS_END 0x40000000U           /* from here on those of x32 */
#elif defined(__aarch64__)
#define OUR_ARCHITECTURE 0xc00000b7U
#elif defined(__riscv) && __riscv_xlen == 64
#define OUR_ARCHITECTURE 0xc00000f3U
#endif
#ifndef CALLS_END
#define CALLS_END 0xffffffffU
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
	RETURN = 0x06                   /* BPF_RET | BPF_K */
};

#define FILTER_MODE 1U                  /* SECCOMP_SET_MODE_FILTER */
#define KILL 0x80000000U                /* SECCOMP_RET_KILL_PROCESS */
#define ALLOW 0x7fff0000U               /* SECCOMP_RET_ALLOW */
#define REFUSE (0x00050000U | EPERM)    /* SECCOMP_RET_ERRNO */

/* Calls of which a machine may not have all. */
static const uint32_t refused[] = {
	/* other processes and programs */
	SYS_clone, SYS_execve, SYS_kill, SYS_ptrace, SYS_setns, SYS_unshare,
#ifdef SYS_clone3
	SYS_clone3,
#endif
#ifdef SYS_execveat
	SYS_execveat,
#endif
#ifdef SYS_fork
	SYS_fork, SYS_vfork,
#endif
#ifdef SYS_pidfd_getfd
	SYS_pidfd_getfd, SYS_pidfd_send_signal,
#endif
#ifdef SYS_process_vm_readv
	SYS_process_vm_readv, SYS_process_vm_writev,
#endif
	/* connections, and what carries descriptors */
	SYS_accept, SYS_bind, SYS_connect, SYS_listen, SYS_recvmsg,
	SYS_sendmsg, SYS_socket, SYS_socketpair,
#ifdef SYS_accept4
	SYS_accept4,
#endif
#ifdef SYS_io_uring_setup
	SYS_io_uring_setup,
#endif
	/* what neither Landlock nor a limit watches over */
	SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_fsetxattr, SYS_lsetxattr,
	SYS_mknodat, SYS_prlimit64, SYS_setxattr, SYS_symlinkat, SYS_truncate,
#ifdef SYS_setrlimit
	SYS_setrlimit,
#endif
#ifdef SYS_chmod
	SYS_chmod, SYS_chown, SYS_lchown, SYS_mknod, SYS_symlink,
#endif
#ifdef SYS_name_to_handle_at
	SYS_open_by_handle_at,
#endif
	/* the system as a whole */
	SYS_acct, SYS_chroot, SYS_delete_module, SYS_init_module,
	SYS_mount, SYS_pivot_root, SYS_reboot, SYS_swapon, SYS_umount2,
#ifdef SYS_add_key
	SYS_add_key, SYS_keyctl, SYS_request_key,
#endif
#ifdef SYS_bpf
	SYS_bpf,
#endif
#ifdef SYS_memfd_create
	SYS_memfd_create,
#endif
#ifdef SYS_perf_event_open
	SYS_perf_event_open,
#endif
#ifdef SYS_userfaultfd
	SYS_userfaultfd,
#endif
};

#define REFUSED (sizeof refused / sizeof refused[0])

int
call_filter_enter(void)
{
	struct instruction list[REFUSED + 7], *next = list;
	struct instructions filter = { 0, list };
	size_t i;

	*next++ = (struct instruction) { LOAD, 0, 0,
	    offsetof(struct call_data, architecture) };
	*next++ = (struct instruction) { IF_EQUAL, 1, 0, OUR_ARCHITECTURE };
	*next++ = (struct instruction) { RETURN, 0, 0, KILL };
	*next++ = (struct instruction) { LOAD, 0, 0,
	    offsetof(struct call_data, number) };
	*next++ = (struct instruction) { IF_NOT_LESS, (uint8_t)(REFUSED + 1),
	    0, CALLS_END };
	for (i = 0; i < REFUSED; i++)
		*next++ = (struct instruction) { IF_EQUAL,
		    (uint8_t)(REFUSED - i), 0, refused[i] };
	*next++ = (struct instruction) { RETURN, 0, 0, ALLOW };
	*next++ = (struct instruction) { RETURN, 0, 0, REFUSE };
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
