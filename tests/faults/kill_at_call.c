/*
 * kill_at_call NUMBER LOG COMMAND [ARGUMENT ...]: runs a command and kills it,
 * by SIGKILL, in front of its NUMBER-th system call, whichever that is.  Calls
 * are counted over the command and all of its children, from 1, in the order
 * in which they come; only the process that makes the call is killed.  The
 * number of calls that there were is written to LOG at the end.  Exits as the
 * command does, with 128 and the signal where that ended it.
 *
 * It does with ptrace(2) what strace(1) does to one call by its name.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
static unsigned long calls;

static _Noreturn void
give_up(const char *what)
{
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
		give_up("kill_at_call: too many processes");
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
handle_stop(struct process *process, int status, unsigned long number)
{
	int signal = WSTOPSIG(status);

	if (signal == CALL_STOP) {
		process->in_call = !process->in_call;
		if (process->in_call && ++calls == number &&
		    kill(process->pid, SIGKILL) == -1)
			give_up("kill_at_call: kill");
		return 0;
	}
	if (status >> 16 != 0 || signal == SIGSTOP)     /* an event of ptrace */
		return 0;
	return signal;
}

/* Follows the command until all of its processes are gone; its wait status. */
static int
follow(pid_t command, unsigned long number)
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
		    (void *)(long)handle_stop(process, status, number)) == -1 &&
		    errno != ESRCH)             /* killed meanwhile */
			give_up("kill_at_call: ptrace");
	}
	return of_command;
}

static pid_t
start(char **command)
{
	pid_t pid = fork();
	int status;

	if (pid == -1)
		give_up("kill_at_call: fork");
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1 ||
		    raise(SIGSTOP) != 0)
			give_up("kill_at_call: ptrace");
		execvp(command[0], command);
		give_up(command[0]);
	}
	if (waitpid(pid, &status, 0) == -1 || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(long)OPTIONS) == -1 ||
	    ptrace(PTRACE_SYSCALL, pid, NULL, NULL) == -1)
		give_up("kill_at_call: ptrace");
	return pid;
}

int
main(int argc, char **argv)
{
	FILE *log;
	pid_t command;
	int status;

	if (argc < 4) {
		fputs("usage: kill_at_call number log command [argument ...]\n",
		    stderr);
		return 64;
	}
	log = fopen(argv[2], "we");
	if (log == NULL)
		give_up(argv[2]);
	command = start(argv + 3);
	(void)close(STDIN_FILENO);      /* the command alone has the connection */
	(void)close(STDOUT_FILENO);
	status = follow(command, strtoul(argv[1], NULL, 10));
	fprintf(log, "%lu\n", calls);
	if (fclose(log) == EOF)
		give_up(argv[2]);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}
