/*
 * older_landlock VERSION COMMAND [ARGUMENT ...]: runs a command as on a kernel
 * whose Landlock is of that version: it says so when it is asked, and refuses
 * a set of rules that knows more, as such a kernel does.  Exits as the command
 * does, with 128 and the signal where that ended it.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include <elf.h>

#include "tests/faults/traced.h"

#define CREATE_RULESET 444
#define ASKS_FOR_VERSION 1

#if defined(__x86_64__)
#define NUMBER(registers) ((long)(registers)->orig_rax)
#define ARGUMENTS(registers) { (registers)->rdi, (registers)->rsi, \
	(registers)->rdx }
#define RESULT(registers) ((registers)->rax)
#elif defined(__aarch64__)
#define NUMBER(registers) ((long)(registers)->regs[8])
#define ARGUMENTS(registers) { (registers)->regs[0], (registers)->regs[1], \
	(registers)->regs[2] }
#define RESULT(registers) ((registers)->regs[0])
#endif

static long version;

#ifdef RESULT

#ifdef __aarch64__
static unsigned long long first_argument;       /* the result takes its place */
#endif

/* How long a set of rules is, and which rights of files it can have. */
static unsigned long
size_known(void)
{
	return version < 4 ? 8 : version < 6 ? 16 : 24;
}

static uint64_t
rights_known(void)
{
	static const unsigned bits[] = { 0, 13, 14, 15, 15, 16 };

	return (1ULL << bits[version < 5 ? version : 5]) - 1;
}

static void
answer(pid_t pid, bool is_in_front)
{
	struct user_regs_struct registers;
	struct iovec vector = { &registers, sizeof registers };

	if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &vector) == -1) {
		if (errno == ESRCH)             /* it ends just now */
			return;
		traced_give_up("registers");
	}
	if (NUMBER(&registers) != CREATE_RULESET)
		return;
#ifdef __aarch64__
	if (is_in_front)
		first_argument = registers.regs[0];
#endif
	if (is_in_front)
		return;

	unsigned long long arguments[3] = ARGUMENTS(&registers);
#ifdef __aarch64__
	arguments[0] = first_argument;
#endif
	if (arguments[2] == ASKS_FOR_VERSION)
		RESULT(&registers) = (unsigned long)version;
	else if (arguments[1] > size_known())
		RESULT(&registers) = (unsigned long)-E2BIG;
	else if (((uint64_t)ptrace(PTRACE_PEEKDATA, pid,
	    (void *)(uintptr_t)arguments[0], NULL) & ~rights_known()) != 0)
		RESULT(&registers) = (unsigned long)-EINVAL;
	else
		return;
	if (ptrace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &vector) == -1)
		traced_give_up("registers");
}

#else

static void
answer(pid_t pid, bool is_in_front)
{
	(void)pid;
	(void)is_in_front;
	errno = ENOSYS;
	traced_give_up("unknown registers");
}

#endif

int
main(int argc, char **argv)
{
	if (argc < 3) {
		fputs("usage: older_landlock version command [argument ...]\n",
		    stderr);
		return 64;
	}
	version = strtol(argv[1], NULL, 10);
	return traced_run("older_landlock", argv + 2, answer);
}
