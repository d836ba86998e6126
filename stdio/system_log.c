/* The system's log; see system_log.h. */
#include "stdio/system_log.h"

#include <syslog.h>

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "stdio/local_time.h"
#include "stdio/log.h"
#include "stdio/process.h"
#include "store/calendar.h"

static int log_socket = -1;
static bool log_is_stream;      /* where a NUL ends each line */
static const char *log_program = "";

static int
connect_to_log(int type)
{
	struct sockaddr_un address = { AF_UNIX, "/dev/log" };
	int saved, connected = socket(AF_UNIX, type, 0);

	if (connected == -1 || (fcntl(connected, F_SETFD, FD_CLOEXEC) == 0 &&
	    connect(connected, (struct sockaddr *)&address,
	    sizeof address) == 0))
		return connected;
	saved = errno;
	(void)close(connected);
	errno = saved;
	return -1;
}

void
system_log_open(const char *program)
{
	log_program = program;
	local_time_load();
	log_socket = connect_to_log(SOCK_DGRAM);
	if (log_socket == -1 && errno == EPROTOTYPE) {
		log_is_stream = true;
		log_socket = connect_to_log(SOCK_STREAM);
	}
}

/* TIMESTAMP = Mmm dd hh:mm:ss, local time, RFC 3164 section 4.1.2 */
static void
add_time(struct text *text)
{
	int64_t now = (int64_t)time(NULL);
	struct tm date;

	calendar_date(&date, now + local_time_offset(now));
	calendar_add_month(text, &date);
	text_add(text, date.tm_mday < 10 ? "  " : " ");
	text_add_number(text, (uint64_t)date.tm_mday);
	text_add_octet(text, ' ');
	calendar_add_time(text, &date);
}

/* "<" facility and priority ">" TIMESTAMP " " program "[" number "]: " line */
void
system_log_send(int priority, const char *line)
{
	char datagram[LOG_LINE_SIZE + 64];
	struct text text;

	text_init(&text, datagram, sizeof datagram);
	text_add_octet(&text, '<');
	text_add_number(&text, (uint64_t)(LOG_MAIL | priority));
	text_add_octet(&text, '>');
	add_time(&text);
	text_add_octet(&text, ' ');
	text_add(&text, log_program);
	text_add_octet(&text, '[');
	text_add_number(&text, (uint64_t)process_id());
	text_add(&text, "]: ");
	text_add(&text, line);
	(void)send(log_socket, datagram, text.length + log_is_stream,
	    MSG_NOSIGNAL);
}

#else

void
system_log_open(const char *program)
{
	openlog(program, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

void
system_log_send(int priority, const char *line)
{
	syslog(priority, "%s", line);
}

#endif
