/* A command that is followed by ptrace(2), with all of its children. */
#ifndef TESTS_FAULTS_TRACED_H
#define TESTS_FAULTS_TRACED_H

#include <sys/types.h>

#include <stdbool.h>

/* Called in front of each system call of a process, and behind it. */
typedef void traced_call(pid_t pid, bool is_in_front);

/*
 * Runs a command, to the end of the last of its processes.  Returns its exit
 * status, or 128 and the signal that ended it.  The program's name stands in
 * front of complaints.
 */
int traced_run(const char *program, char **command, traced_call *at_call);

/* Ends the program, with 125, after what errno says. */
_Noreturn void traced_give_up(const char *what);

#endif
