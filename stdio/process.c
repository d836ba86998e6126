/* The process; see process.h. */
#include "stdio/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stdio/deadline.h"

#ifdef __linux__
#include <sys/syscall.h>
#endif

static struct {
	/* all that the signal handlers touch, beside the alarm */
	volatile sig_atomic_t must_stop;
	volatile sig_atomic_t is_guarded;       /* an alarm is to come */

	/* of that alarm */
	unsigned guard_seconds;
	int64_t guarded_at;                     /* by deadline_clock() */

	pid_t id;                               /* -1: not asked for yet */
} process = { .id = -1 };

static void
stop_handler(int number)
{
	(void)number;
	process.must_stop = 1;
	(void)alarm(1);
}

/*
 * Interrupts a system call by having been called.  It comes again every second
 * until it is taken back or set anew: so a call that was not yet begun when it
 * came is interrupted as well.
 */
static void
alarm_handler(int number)
{
	(void)number;
	process.is_guarded = 0;
	(void)alarm(1);
}

static void
set_handler(int number, void (*handler)(int))
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_handler = handler;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(number, &action, NULL);
}

/*
 * Descriptors that are not open become /dev/null: no file gets their numbers.
 * What was opened before that, where it is not -1, may be one of them.
 */
static void
open_standard_descriptors(int opened)
{
	struct pollfd standard[3];
	nfds_t i;

	if (opened != -1)
		(void)close(opened);
	for (i = 0; i < 3; i++) {
		standard[i].fd = (int)i;
		standard[i].events = 0;
		standard[i].revents = 0;
	}
	if (poll(standard, 3, 0) <= 0)
		return;
	for (i = 0; i < 3; i++)
		if (standard[i].revents & POLLNVAL)
			(void)open("/dev/null", O_RDWR);
}

static void
close_other_descriptors(void)
{
	int descriptor;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0)
		return;
#endif
	for (descriptor = 3; descriptor < 64; descriptor++)
		(void)close(descriptor);
}

/* Takes the signals that are meant for us, and blocks those that are given. */
static void
take_signals(const sigset_t *blocked)
{
	static const int stops[] = { SIGTERM, SIGINT, SIGHUP };
	size_t i;

	set_handler(SIGALRM, alarm_handler);
	for (i = 0; i < sizeof stops / sizeof stops[0]; i++)
		set_handler(stops[i], stop_handler);
	(void)sigprocmask(SIG_SETMASK, blocked, NULL);
}

void
process_handle_signals(void)
{
	sigset_t none;

	set_handler(SIGPIPE, SIG_IGN);
	set_handler(SIGXFSZ, SIG_IGN);
	(void)sigemptyset(&none);
	take_signals(&none);
}

void
process_guard_descriptors(void)
{
	static const int unusable[] = { O_WRONLY, O_RDONLY, O_RDWR };
	int i;

	for (i = 0; i < 3; i++)
		if (fcntl(i, F_GETFD) == -1)
			(void)open("/dev/null", unusable[i]);
}

void
process_start(int opened)
{
	sigset_t errors;

	if (opened < 3)
		open_standard_descriptors(opened);
	close_other_descriptors();
	(void)umask(S_IRWXG | S_IRWXO);
	/* Blocked they do as much as ignored, in one call for both. */
	(void)sigemptyset(&errors);
	(void)sigaddset(&errors, SIGPIPE);
	(void)sigaddset(&errors, SIGXFSZ);
	take_signals(&errors);
}

pid_t
process_id(void)
{
	if (process.id == -1)
		process.id = getpid();
	return process.id;
}

pid_t
process_fork(void)
{
	pid_t child;

	set_handler(SIGCHLD, SIG_DFL);
	child = fork();
	if (child == 0)
		process.id = -1;
	return child;
}

bool
process_must_stop(void)
{
	return process.must_stop != 0;
}

void
process_interrupt_in(unsigned seconds)
{
	process.is_guarded = 0;
	(void)alarm(seconds);
	if (process.must_stop)  /* the handler's own alarm has just been lost */
		(void)alarm(1);
}

/* Sets the alarm anew. */
static void
guard(unsigned seconds, int64_t now)
{
	process_interrupt_in(seconds);
	process.is_guarded = 1;
	process.guard_seconds = seconds;
	process.guarded_at = now;
}

void
process_guard_write(unsigned seconds)
{
	int64_t now = deadline_clock();

	if (!process.is_guarded || process.guard_seconds != seconds ||
	    now - process.guarded_at > (int64_t)seconds * 100)
		guard(seconds, now);
}

void
process_guard_read(struct deadline deadline)
{
	int64_t now = deadline_clock(), left = deadline.instant - now;
	int64_t comes_at = process.guarded_at +
	    (int64_t)process.guard_seconds * 1000;

	if (!process.is_guarded || comes_at > deadline.instant + 1000)
		guard(left < 1000 ? 1 : (unsigned)(left / 1000), now);
}
