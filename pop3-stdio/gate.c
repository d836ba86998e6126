/* The gate; see gate.h.  Both ends are one program: structs go as they are. */
#include "pop3-stdio/gate.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "stdio/process.h"
#include "store/wipe.h"

static bool
send_all(int gate, const void *octets, size_t length)
{
	const char *rest = octets;

	while (length > 0) {
		ssize_t sent = write(gate, rest, length);

		if (sent == -1 && errno == EINTR && !process_must_stop())
			continue;
		if (sent <= 0)
			return false;
		rest += sent;
		length -= (size_t)sent;
	}
	return true;
}

static bool
receive_all(int gate, void *octets, size_t length)
{
	char *rest = octets;

	while (length > 0) {
		ssize_t got = read(gate, rest, length);

		if (got == -1 && errno == EINTR && !process_must_stop())
			continue;
		if (got <= 0)
			return false;
		rest += got;
		length -= (size_t)got;
	}
	return true;
}

enum verdict
gate_ask(int gate, const char *user, const char *password)
{
	struct credentials credentials;
	enum verdict verdict;
	bool asked;

	memset(&credentials, 0, sizeof credentials);
	credentials.user_length = strlen(user);
	credentials.password_length = strlen(password);
	if (credentials.user_length > sizeof credentials.user ||
	    credentials.password_length > sizeof credentials.password)
		return VERDICT_REFUSED;
	memcpy(credentials.user, user, credentials.user_length);
	memcpy(credentials.password, password, credentials.password_length);
	asked = send_all(gate, &credentials, sizeof credentials);
	wipe(&credentials, sizeof credentials);
	if (!asked || !receive_all(gate, &verdict, sizeof verdict))
		return VERDICT_FAILED;
	return verdict;
}

bool
gate_hand_over(int gate, uint64_t faults, const char *octets, size_t length)
{
	return send_all(gate, &faults, sizeof faults) &&
	    send_all(gate, &length, sizeof length) &&
	    send_all(gate, octets, length);
}

bool
gate_listen(int gate, struct credentials *credentials)
{
	return receive_all(gate, credentials, sizeof *credentials) &&
	    credentials->user_length <= sizeof credentials->user &&
	    credentials->password_length <= sizeof credentials->password;
}

bool
gate_answer(int gate, enum verdict verdict)
{
	return send_all(gate, &verdict, sizeof verdict);
}

bool
gate_take_over(int gate, uint64_t *faults, char *octets, size_t size,
    size_t *length)
{
	return receive_all(gate, faults, sizeof *faults) &&
	    receive_all(gate, length, sizeof *length) &&
	    *length <= size && receive_all(gate, octets, *length);
}
