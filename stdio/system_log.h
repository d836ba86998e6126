/*
 * The system's log: lines of the mail facility, as syslog(3) sends them.
 *
 * On Linux that is one datagram each, or a text with a NUL where the daemon
 * takes a connection, and done here: the function of the C library brings most
 * of its formatting into a static program with it.
 */
#ifndef STDIO_SYSTEM_LOG_H
#define STDIO_SYSTEM_LOG_H

/*
 * Finds what a line needs: later no file and no socket may be had.  Lines are
 * those of program, which stays the caller's.
 */
void system_log_open(const char *program);

/* Sends a line.  One that cannot be sent is lost. */
void system_log_send(int priority, const char *line);

#endif
