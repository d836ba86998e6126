/* System calls that this process will never make again (seccomp, Linux). */
#ifndef STDIO_CALL_FILTER_H
#define STDIO_CALL_FILTER_H

/*
 * From here on calls that make a socket, a process or a connection, execute a
 * program, look into another process, change what a file's mode or owner is,
 * or anything in the system as a whole, fail with EPERM.  -1 with errno set
 * where the system cannot do that, or has not been promised before that there
 * will be no new privileges; ENOSYS where we do not know how to.
 */
int call_filter_enter(void);

#endif
