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

/* All that the signal handlers touch, beside the alarm. */
static volatile sig_atomic_t must_stop;
static volatile sig_atomic_t guards_writes;     /* an alarm is to come */

static pid_t own_id;                            /* 0: not asked for yet */

/* Of that alarm. */
static unsigned guard_seconds;
static int64_t guarded_at;                      /* by deadline_clock() */

static void
stop_handler(int number)
{
	(void)number;
	must_stop = 1;
	(void)alarm(1);
}

/*
 * Interrupts a system call by having been called.  Once the process is to
 * stop, it comes every second until the process ends.
 */
static void
alarm_handler(int number)
{
	(void)number;
	guards_writes = 0;
	if (must_stop)
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

/* Descriptors that are not open become /dev/null: no file gets their numbers. */
static void
open_standard_descriptors(void)
{
	struct pollfd standard[3];
	nfds_t i;

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

void
process_handle_signals(void)
{
	static const int stops[] = { SIGTERM, SIGINT, SIGHUP };
	sigset_t none;
	size_t i;

	set_handler(SIGPIPE, SIG_IGN);
	set_handler(SIGXFSZ, SIG_IGN);
	set_handler(SIGALRM, alarm_handler);
	for (i = 0; i < sizeof stops / sizeof stops[0]; i++)
		set_handler(stops[i], stop_handler);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
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
process_start(void)
{
	open_standard_descriptors();
	close_other_descriptors();
	(void)umask(S_IRWXG | S_IRWXO);
	process_handle_signals();
}

pid_t
process_id(void)
{
	if (own_id == 0)
		own_id = getpid();
	return own_id;
}

pid_t
process_fork(void)
{
	pid_t child;

	set_handler(SIGCHLD, SIG_DFL);
	child = fork();
	if (child == 0)
		own_id = 0;
	return child;
}

bool
process_must_stop(void)
{
	return must_stop != 0;
}

void
process_interrupt_in(unsigned seconds)
{
	guards_writes = 0;
	(void)alarm(seconds);
	if (must_stop)          /* the handler's own alarm has just been lost */
		(void)alarm(1);
}

void
process_guard_write(unsigned seconds)
{
	int64_t now = deadline_clock();

	if (guards_writes && guard_seconds == seconds &&
	    now - guarded_at <= (int64_t)seconds * 100)
		return;
	process_interrupt_in(seconds);
	guards_writes = 1;
	guard_seconds = seconds;
	guarded_at = now;
}
