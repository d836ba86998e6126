/* Octets between two processes; see channel.h. */
#include "stdio/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stdio/process.h"

int
channel_make(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
		return -1;
	(void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

bool
channel_send(int end, const void *octets, size_t length)
{
	const char *rest = octets;

	while (length > 0) {
		ssize_t sent = write(end, rest, length);

		if (sent == -1 && errno == EINTR && !process_must_stop())
			continue;
		if (sent <= 0)
			return false;
		rest += sent;
		length -= (size_t)sent;
	}
	return true;
}

bool
channel_receive(int end, void *octets, size_t length)
{
	char *rest = octets;

	while (length > 0) {
		ssize_t got = read(end, rest, length);

		if (got == -1 && errno == EINTR && !process_must_stop())
			continue;
		if (got <= 0)
			return false;
		rest += got;
		length -= (size_t)got;
	}
	return true;
}
