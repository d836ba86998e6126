/*
 * The programs that the command line names (-A, -f, -T) are run by a process
 * of their own.  It has the session's process as its child, which talks to
 * the client and is confined; it never sees a line of the client's itself,
 * and takes no order but to run what the command line says.
 */
#ifndef SMTP_STDIO_RUNNER_H
#define SMTP_STDIO_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smtp-stdio/session.h"
#include "stdio/peer.h"
#include "stdio/program.h"
#include "stdio/session_end.h"
#include "store/password.h"

/* Whether the command line names one. */
bool runner_is_wanted(const struct settings *settings);

/*
 * Parts the two.  In the child, *is_parent is false and the functions below
 * can be used.  In the parent it is true: the session has ended, why is the
 * result, and peer is whom the child has found.  Where no process can be had,
 * which is logged, it is false, and the result END_STORE.
 */
enum session_end runner_part(const struct settings *settings,
    struct peer *peer, bool *is_parent);

/* The descriptor whose end tells the child that the parent is gone; or -1. */
int runner_companion(void);

/* The child tells who is connected, which a PROXY header has told it. */
void runner_tell_peer(const struct peer *peer);

/* Asks the program of -A, as checkpassword() does. */
enum password_result runner_ask_password(const char *program,
    const char *user, size_t user_length,
    const char *password, size_t password_length);

/* Recipients that are longer, as lines, are not given in a variable. */
#define RECIPIENTS_OCTETS_MAX 65536

/* The most that a filter may write to a file, in octets; 0: any. */
uint64_t runner_octets_max(const struct settings *settings);

/* What the filter is given: files in .incoming/, by their names there. */
struct filter_job {
	const char *message, *recipients;       /* to be read */
	const char *output, *said;              /* to be written */
	const char *sender, *user, *address, *id;
	const char *recipient_list;             /* ""; too many for a variable */
};

/* Runs the program of -f; status is what it exited with. */
enum program_end runner_run_filter(const struct filter_job *job, int *status);

#endif
