/*
 * smtp-send -q: a run that sends what is due in the queue to one server, over
 * one connection or several side by side.
 */
#ifndef SMTP_STDIO_QUEUE_RUN_H
#define SMTP_STDIO_QUEUE_RUN_H

#include "smtp-stdio/queue_worker.h"

/*
 * Takes one of the flags of -q, which are "D:j:q", as getopt(3) found it.
 * Returns NULL, or what is wrong with it or its value.
 */
const char *queue_take_flag(struct queue *queue, int flag, const char *value);

/* What is wrong with the flags as a whole, or NULL. */
const char *queue_check(const struct queue *queue);

/*
 * Runs, and returns the exit status; the part of the queue that is from the
 * command line has been set.
 *
 * This process never talks to the server.  Those that do are its children,
 * and are confined as soon as they have a session, so that a new connection
 * is a new process.
 */
int queue_run(struct queue *queue);

#endif
