/* The checkpassword interface; see checkpassword.h. */
#include "stdio/checkpassword.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "stdio/log.h"
#include "stdio/program.h"
#include "store/text.h"
#include "store/wipe.h"

/* A pipe that holds these octets, which are fewer than any pipe takes. */
static int
pipe_with(const char *octets, size_t length)
{
	int ends[2];

	if (pipe(ends) == -1)
		return -1;
	(void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	if (write(ends[1], octets, length) != (ssize_t)length) {
		(void)close(ends[0]);
		ends[0] = -1;
	}
	(void)close(ends[1]);
	return ends[0];
}

static enum password_result
result_of(enum program_end end, int status)
{
	const char *error = "it cannot be executed";

	switch (end) {
	case PROGRAM_EXITED:
		if (status == 0)
			return PASSWORD_RIGHT;
		if (status == 1)
			return PASSWORD_WRONG;
		error = status == 111 ? "it says: a temporary problem" :
		    "its exit status is neither 0 nor 1";
		break;
	case PROGRAM_KILLED:
		error = "it was killed by a signal";
		break;
	case PROGRAM_TOO_SLOW:
		error = "it took too long, or the session was stopped";
		break;
	case PROGRAM_FAILED:
		break;
	}
	log_event(LOG_IS_ERROR, "checkpassword", "error", error);
	return PASSWORD_FAILED;
}

enum password_result
checkpassword(const char *command, const char *user, size_t user_length,
    const char *password, size_t password_length)
{
	static char last[] = "true";
	char octets[CHECKPASSWORD_OCTETS_MAX + 1];
	enum program_end end = PROGRAM_FAILED;
	struct program_input input = {
		.descriptors = { -1, -1, -1, -1 },
		.seconds = CHECKPASSWORD_SECONDS
	};
	struct program program;
	struct text text;
	int status = 0;

	text_init(&text, octets, sizeof octets);
	text_add_octets(&text, user, user_length);
	text_add_octet(&text, '\0');
	text_add_octets(&text, password, password_length);
	text_add_octet(&text, '\0');
	text_add_number(&text, (uint64_t)time(NULL));
	text_add_octet(&text, '\0');
	if (text.cut) {
		wipe(octets, sizeof octets);
		return PASSWORD_WRONG;
	}
	input.descriptors[3] = pipe_with(octets, text.length);
	wipe(octets, sizeof octets);
	if (input.descriptors[3] != -1 && program_split(&program, command) &&
	    program_add(&program, last))
		end = program_run(&program, &input, &status);
	if (input.descriptors[3] != -1)
		(void)close(input.descriptors[3]);
	return result_of(end, status);
}
