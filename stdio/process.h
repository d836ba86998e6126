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

#include "stdio/deadline.h"

/*
 * Puts the process right: descriptors 0 to 2 are open and no other is, files
 * are made for their owner alone, writing to a closed connection or past a
 * file size limit is an error and no signal, and SIGTERM, SIGINT and SIGHUP
 * ask the process to stop.  Other signals are as they are by default.
 *
 * opened is a descriptor that has just been opened and is not needed any more,
 * or -1.  Since it is the lowest that was free, it tells whether 0 to 2 are
 * open, and is closed with the others.
 */
void process_start(int opened);

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
 * The same for a read or a write on a connection, which may block.  It is not
 * taken back: what is interrupted by it later is gone on with.  So most reads
 * and writes find it there already, and cost no system call.
 *
 * A write has at least nine tenths of the time.  A read is interrupted within
 * a second from the deadline, or before; whoever reads looks whether there is
 * time left, and reads on.
 */
void process_guard_write(unsigned seconds);
void process_guard_read(struct deadline deadline);

#endif
