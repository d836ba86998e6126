/* Following a command; see traced.h. */
#include "tests/faults/traced.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 64
#define OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | \
	PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | \
	PTRACE_O_EXITKILL)

/* A stop at a system call, as PTRACE_O_TRACESYSGOOD marks it. */
#define CALL_STOP (SIGTRAP | 0x80)

struct process {
	pid_t pid;              /* 0: free */
	bool in_call;           /* the next stop is at the call's end */
};

static struct process processes[PROCESSES_MAX];

static const char *name;

void
traced_give_up(const char *what)
{
	fprintf(stderr, "%s: ", name);
	perror(what);
	exit(125);
}

static struct process *
find_process(pid_t pid)
{
	struct process *free_one = NULL;
	size_t i;

	for (i = 0; i < PROCESSES_MAX; i++) {
		if (processes[i].pid == pid)
			return &processes[i];
		if (processes[i].pid == 0 && free_one == NULL)
			free_one = &processes[i];
	}
	if (free_one == NULL) {
		errno = EAGAIN;
		traced_give_up("too many processes");
	}
	free_one->pid = pid;
	free_one->in_call = false;
	return free_one;
}

/*
 * What a stopped process is to go on with: 0, or the signal that it was about
 * to get.  SIGSTOP is how a new process says that it is traced.
 */
static int
handle_stop(struct process *process, int status, traced_call *at_call)
{
	int signal = WSTOPSIG(status);

	if (signal == CALL_STOP) {
		process->in_call = !process->in_call;
		at_call(process->pid, process->in_call);
		return 0;
	}
	if (status >> 16 != 0 || signal == SIGSTOP)     /* an event of ptrace */
		return 0;
	return signal;
}

/* Follows the command until all of its processes are gone; its wait status. */
static int
follow(pid_t command, traced_call *at_call)
{
	int status, of_command = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) != -1 || errno == EINTR) {
		struct process *process;

		if (pid == -1)
			continue;
		process = find_process(pid);
		if (!WIFSTOPPED(status)) {
			process->pid = 0;
			if (pid == command)
				of_command = status;
			continue;
		}
		if (ptrace(PTRACE_SYSCALL, pid, NULL,
		    (void *)(long)handle_stop(process, status, at_call)) == -1 &&
		    errno != ESRCH)             /* killed meanwhile */
			traced_give_up("ptrace");
	}
	return of_command;
}

static pid_t
start(char **command)
{
	pid_t pid = fork();
	int status;

	if (pid == -1)
		traced_give_up("fork");
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1 ||
		    raise(SIGSTOP) != 0)
			traced_give_up("ptrace");
		execvp(command[0], command);
		traced_give_up(command[0]);
	}
	if (waitpid(pid, &status, 0) == -1 || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(long)OPTIONS) == -1 ||
	    ptrace(PTRACE_SYSCALL, pid, NULL, NULL) == -1)
		traced_give_up("ptrace");
	return pid;
}

int
traced_run(const char *program, char **command, traced_call *at_call)
{
	pid_t pid;
	int status;

	name = program;
	pid = start(command);
	(void)close(STDIN_FILENO);      /* the command alone has the connection */
	(void)close(STDOUT_FILENO);
	status = follow(pid, at_call);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}
