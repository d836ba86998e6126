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
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/faults/traced.h"

static unsigned long calls, wanted;

static void
count_call(pid_t pid, bool is_in_front)
{
	if (is_in_front && ++calls == wanted && kill(pid, SIGKILL) == -1)
		traced_give_up("kill");
}

int
main(int argc, char **argv)
{
	FILE *log;
	int status;

	if (argc < 4) {
		fputs("usage: kill_at_call number log command [argument ...]\n",
		    stderr);
		return 64;
	}
	log = fopen(argv[2], "we");
	if (log == NULL) {
		perror(argv[2]);
		return 125;
	}
	wanted = strtoul(argv[1], NULL, 10);
	status = traced_run("kill_at_call", argv + 3, count_call);
	fprintf(log, "%lu\n", calls);
	if (fclose(log) == EOF)
		traced_give_up(argv[2]);
	return status;
}
