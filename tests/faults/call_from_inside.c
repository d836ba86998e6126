/*
 * call_from_inside PROCESS: makes system calls in another process, as somebody
 * does who has taken it over.  Each line of standard input is one call:
 *
 *	NAME [ARGUMENT ...]
 *
 * NAME is that of the call or its number; int80:NUMBER is one by the gate of
 * 32-bit programs.  An argument is a number, or x and octets in hexadecimal,
 * which are laid, a NUL behind them, where the process can see them.  Each
 * answer is one line,
 *
 *	RESULT ERROR [OCTETS]
 *
 * with errno or 0, and with what the last octets have become; or it is
 * "killed SIGNAL".  At the end of input the process goes on as if nothing had
 * been.  It has to be on its way to wait in a system call.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_OCTETS 400000
#define ARGUMENTS_MAX 6

/* How far below its stack the octets go, which it must not be using. */
#define DISTANCE 300000

static _Noreturn void
give_up(const char *what)
{
	fprintf(stderr, "call_from_inside: %s: %s\n", what, strerror(errno));
	exit(125);
}

#if defined(__x86_64__)

#define CALL(name) { #name, SYS_##name }

static const struct {
	const char *name;
	long number;
} calls[] = {
	CALL(accept), CALL(bind), CALL(chmod), CALL(clock_settime), CALL(clone),
	CALL(close), CALL(connect), CALL(creat), CALL(dup), CALL(epoll_create1),
	CALL(eventfd2), CALL(execve), CALL(execveat), CALL(exit_group),
	CALL(fchmod),
	CALL(fchmodat), CALL(fchown), CALL(fcntl), CALL(finit_module),
	CALL(fork), CALL(fsetxattr), CALL(fstat), CALL(ftruncate),
	CALL(getdents64), CALL(getpid), CALL(init_module), CALL(inotify_init1),
	CALL(ioctl), CALL(iopl), CALL(kexec_file_load), CALL(keyctl),
	CALL(kill), CALL(link), CALL(linkat), CALL(listen), CALL(lseek),
	CALL(memfd_create), CALL(mkdir), CALL(mkdirat), CALL(mknod),
	CALL(mknodat), CALL(mount), CALL(mq_open), CALL(open),
	CALL(open_by_handle_at), CALL(openat), CALL(perf_event_open),
	CALL(personality), CALL(pipe2), CALL(prctl), CALL(prlimit64),
	CALL(process_vm_readv), CALL(process_vm_writev), CALL(ptrace),
	CALL(read), CALL(readlink), CALL(recvmmsg), CALL(recvmsg),
	CALL(rename), CALL(renameat), CALL(renameat2), CALL(rmdir),
	CALL(rt_sigqueueinfo), CALL(sendmmsg), CALL(sendmsg), CALL(sendto),
	CALL(setns), CALL(setpriority), CALL(setrlimit), CALL(setxattr),
	CALL(shmget), CALL(shutdown), CALL(socket), CALL(socketpair),
	CALL(stat), CALL(swapon), CALL(symlink), CALL(symlinkat), CALL(syslog),
	CALL(tgkill), CALL(timerfd_create), CALL(tkill), CALL(truncate),
	CALL(umask), CALL(umount2), CALL(unlink), CALL(unlinkat),
	CALL(unshare), CALL(userfaultfd), CALL(utimensat), CALL(vfork),
	CALL(write),
	/* of which a C library may not yet know */
	{ "pidfd_send_signal", 424 }, { "io_uring_setup", 425 },
	{ "io_uring_enter", 426 }, { "open_tree", 428 }, { "move_mount", 429 },
	{ "fsopen", 430 }, { "fsmount", 432 }, { "pidfd_open", 434 },
	{ "clone3", 435 }, { "openat2", 437 }, { "pidfd_getfd", 438 },
	{ "mount_setattr", 442 }, { "memfd_secret", 447 },
	{ "fchmodat2", 452 }, { "setxattrat", 463 }
};

struct target {
	pid_t pid;
	int memory;
	struct user_regs_struct at_rest;        /* how it was found */
};

/* The signal by which it has stopped. */
static int
wait_for_stop(const struct target *target)
{
	int status;

	if (waitpid(target->pid, &status, 0) == -1)
		give_up("waitpid");
	if (WIFSTOPPED(status))
		return WSTOPSIG(status);
	printf("killed %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	exit(0);
}

/* Stops it; false, and it goes on, where it was in no system call. */
static bool
stop(struct target *target)
{
	unsigned char code[2];

	if (ptrace(PTRACE_ATTACH, target->pid, NULL, NULL) == -1)
		give_up("ptrace");
	(void)wait_for_stop(target);
	if (ptrace(PTRACE_GETREGS, target->pid, NULL, &target->at_rest) == -1)
		give_up("registers");
	if (pread(target->memory, code, 2, (off_t)target->at_rest.rip - 2) ==
	    2 && code[0] == 0x0f && code[1] == 0x05)
		return true;
	if (ptrace(PTRACE_DETACH, target->pid, NULL, NULL) == -1)
		give_up("ptrace");
	return false;
}

static void
attach(struct target *target, const char *pid)
{
	static const struct timespec pause = { 0, 10000000 };
	char path[64];
	int tries = 0;

	target->pid = (pid_t)strtol(pid, NULL, 10);
	(void)snprintf(path, sizeof path, "/proc/%ld/mem", (long)target->pid);
	target->memory = open(path, O_RDWR | O_CLOEXEC);
	if (target->memory == -1)
		give_up(path);
	while (!stop(target)) {
		errno = EAGAIN;
		if (++tries == 500)
			give_up("it is not in a system call");
		(void)nanosleep(&pause, NULL);
	}
}

/* Makes a call; where that ends the process, it is the last that is done. */
static void
make_call(const struct target *target, bool by_gate, long number,
    const unsigned long long *arguments, long long *result)
{
	struct user_regs_struct registers = target->at_rest;
	static const unsigned char gate[2] = { 0xcd, 0x80 };

	registers.orig_rax = ~0ULL;             /* what it waited for comes later */
	registers.rip -= 2;
	registers.rax = (unsigned long long)number;
	registers.rdi = arguments[0];
	registers.rsi = arguments[1];
	registers.rdx = arguments[2];
	registers.r10 = arguments[3];
	registers.r8 = arguments[4];
	registers.r9 = arguments[5];
	if (by_gate && pwrite(target->memory, gate, 2,
	    (off_t)registers.rip) != 2)
		give_up("memory");
	if (ptrace(PTRACE_SETREGS, target->pid, NULL, &registers) == -1)
		give_up("registers");
	do
		if (ptrace(PTRACE_SINGLESTEP, target->pid, NULL, NULL) == -1)
			give_up("ptrace");
	while (wait_for_stop(target) != SIGTRAP);       /* that of a child */
	if (ptrace(PTRACE_GETREGS, target->pid, NULL, &registers) == -1)
		give_up("registers");
	*result = (long long)registers.rax;
}

static void
detach(const struct target *target)
{
	if (ptrace(PTRACE_SETREGS, target->pid, NULL, &target->at_rest) == -1 ||
	    ptrace(PTRACE_DETACH, target->pid, NULL, NULL) == -1)
		give_up("ptrace");
}

static long
find_call(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof calls / sizeof calls[0]; i++)
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].number;
	if (*name < '0' || *name > '9') {
		errno = ENOSYS;
		give_up(name);
	}
	return strtol(name, NULL, 0);
}

/* Octets on their way into the process. */
struct octets {
	unsigned char buffer[LINE_MAX_OCTETS];
	size_t used, last;              /* where the last argument begins */
	size_t last_length;
};

static unsigned
digit(char octet)
{
	return octet <= '9' ? (unsigned)octet - '0' : (unsigned)octet - 'a' + 10;
}

static void
take_octets(struct octets *octets, const char *word)
{
	octets->used = (octets->used + 15) / 16 * 16;
	octets->last = octets->used;
	for (; word[0] != '\0' && word[1] != '\0'; word += 2)
		octets->buffer[octets->used++] =
		    (unsigned char)(digit(word[0]) << 4 | digit(word[1]));
	octets->last_length = octets->used - octets->last;
	octets->buffer[octets->used++] = '\0';
}

static void
answer(const struct target *target, struct octets *octets,
    unsigned long long place, long long result)
{
	size_t i;

	if (result < 0 && result > -4096)
		printf("-1 %lld", -result);
	else
		printf("%lld 0", result);
	if (octets->last_length > 0) {
		if (pread(target->memory, octets->buffer, octets->last_length,
		    (off_t)(place + octets->last)) == -1)
			give_up("memory");
		putchar(' ');
		for (i = 0; i < octets->last_length; i++)
			printf("%02x", (unsigned)octets->buffer[i]);
	}
	putchar('\n');
	(void)fflush(stdout);
}

static void
obey(const struct target *target, char *line)
{
	static struct octets octets;
	unsigned long long arguments[ARGUMENTS_MAX] = { 0 };
	unsigned long long place = (target->at_rest.rsp - DISTANCE) & ~15ULL;
	bool by_gate = strncmp(line, "int80:", 6) == 0;
	char *word = strtok(by_gate ? line + 6 : line, " \n");
	long long result;
	long number;
	size_t i;

	if (word == NULL)
		return;
	octets.used = octets.last_length = 0;
	number = find_call(word);
	for (i = 0; i < ARGUMENTS_MAX; i++) {
		word = strtok(NULL, " \n");
		if (word == NULL)
			break;
		if (*word == 'x') {
			take_octets(&octets, word + 1);
			arguments[i] = place + octets.last;
		} else
			arguments[i] = (unsigned long long)strtoll(word, NULL, 0);
	}
	if (octets.used > 0 && pwrite(target->memory, octets.buffer,
	    octets.used, (off_t)place) != (ssize_t)octets.used)
		give_up("memory");
	make_call(target, by_gate, number, arguments, &result);
	answer(target, &octets, place, result);
}

int
main(int argc, char **argv)
{
	static char line[LINE_MAX_OCTETS];
	struct target target;

	if (argc != 2) {
		fputs("usage: call_from_inside process\n", stderr);
		return 64;
	}
	attach(&target, argv[1]);
	while (fgets(line, sizeof line, stdin) != NULL)
		obey(&target, line);
	detach(&target);
	return 0;
}

#else

int
main(void)
{
	errno = ENOSYS;
	give_up("not on this machine");
}

#endif
