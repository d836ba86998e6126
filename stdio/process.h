/*
 * The process as a supervisor started it, put right before anything else.
 *
 * A supervisor hands over anything: SIGPIPE ignored or not, signals blocked,
 * any umask, descriptors left open, some of the first three closed.
 */
#ifndef STDIO_PROCESS_H
#define STDIO_PROCESS_H

#include <sys/types.h>

#include <stdbool.h>

/*
 * Puts the process right: descriptors 0 to 2 are open and no other is, files
 * are made for their owner alone, writing to a closed connection or past a
 * file size limit is an error and no signal, and SIGTERM, SIGINT and SIGHUP
 * ask the process to stop.  Other signals are as they are by default.
 */
void process_start(void);

/* The signals' part of it alone: for a client, whose files are its user's. */
void process_handle_signals(void);

/*
 * For a client too: descriptors 0 to 2 that are closed become such that
 * reading from 0 and writing to 1 fails as it did, but no file gets their
 * numbers.
 */
void process_guard_descriptors(void);

/* This process's number, asked for once. */
pid_t process_id(void);

/* fork(2), whose child can be waited for, whatever was inherited. */
pid_t process_fork(void);

/*
 * Whether a signal has asked the process to stop.  Whoever waits looks here
 * first.  A signal that comes between this look and the wait ends the wait
 * within a second: it comes again.
 */
bool process_must_stop(void);

/*
 * Lets a system call that blocks fail with EINTR when so many seconds have
 * passed, or within a second where the process is to stop; 0 takes that back.
 */
void process_interrupt_in(unsigned seconds);

/*
 * The same for a write, which may block, while reads are waited for by
 * poll(2).  It is not taken back: what is interrupted by it later is gone on
 * with.  So most writes find it there already, and cost no system call; they
 * have at least nine tenths of the time.
 */
void process_guard_write(unsigned seconds);

#endif
