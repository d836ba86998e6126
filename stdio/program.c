/* Programs that the command line names; see program.h. */
#include "stdio/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stdio/log.h"
#include "stdio/process.h"
#include "store/text.h"

void
program_init(struct program *program)
{
	program->count = 0;
	program->words[0] = NULL;
}

bool
program_add(struct program *program, char *word)
{
	if (program->count == PROGRAM_WORDS_MAX)
		return false;
	program->words[program->count++] = word;
	program->words[program->count] = NULL;
	return true;
}

bool
program_split(struct program *program, const char *command)
{
	size_t length = strlen(command);
	char *at;

	program_init(program);
	if (length >= sizeof program->text)
		return false;
	at = memcpy(program->text, command, length + 1);
	for (;;) {
		at += strspn(at, " \t");
		if (*at == '\0')
			return program->count > 0;
		if (!program_add(program, at))
			return false;
		at += strcspn(at, " \t");
		if (*at != '\0')
			*at++ = '\0';
	}
}

static bool
is_executable(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
	    access(path, X_OK) == 0;
}

/* Whether directory/name can be executed; an empty directory is this one. */
static bool
is_executable_in(const char *directory, size_t length, const char *name)
{
	char path[4096];
	struct text text;

	text_init(&text, path, sizeof path);
	text_add_octets(&text, directory, length);
	if (length > 0)
		text_add_octet(&text, '/');
	text_add(&text, name);
	return !text.cut && is_executable(path);
}

bool
program_is_executable(const struct program *program)
{
	const char *name = program->words[0], *path = getenv("PATH");

	if (strchr(name, '/') != NULL)
		return is_executable(name);
	if (path == NULL)
		path = "/bin:/usr/bin";         /* as execvp(3) has it */
	for (;;) {
		size_t length = strcspn(path, ":");

		if (is_executable_in(path, length, name))
			return true;
		if (path[length] == '\0')
			return false;
		path += length + 1;
	}
}

void
program_prepare(void)
{
	static const int changed[] = { SIGPIPE, SIGXFSZ, SIGCHLD };
	sigset_t none;
	size_t i;

	(void)alarm(0);
	for (i = 0; i < sizeof changed / sizeof changed[0]; i++) {
		/* One that has come while it was blocked is forgotten. */
		(void)signal(changed[i], SIG_IGN);
		(void)signal(changed[i], SIG_DFL);
	}
	(void)sigemptyset(&none);       /* caught ones are reset by exec */
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * Puts descriptors in their places, from which none of them may be taken
 * before it has been moved: so all of them are first moved above.
 */
static bool
place_descriptors(const struct program_input *input)
{
	int moved[4], null, i;

	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (i = 0; i < 4; i++) {
		int from = input->descriptors[i];

		if (from == -1 && i == STDERR_FILENO && !log_is_connection())
			from = STDERR_FILENO;
		moved[i] = fcntl(from == -1 ? null : from, F_DUPFD_CLOEXEC, 10);
		if (moved[i] == -1)
			return false;
	}
	for (i = 0; i < 4; i++)
		if (dup2(moved[i], i) == -1)
			return false;
	return true;
}

static bool
limit_files(uint64_t octets)
{
	struct rlimit limit;

	if (octets == 0)
		return true;
	limit.rlim_cur = limit.rlim_max = (rlim_t)octets;
	return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

/* The child's part of program_run(). */
static _Noreturn void
execute(const struct program *program, const struct program_input *input)
{
	(void)setpgid(0, 0);            /* to be killed with its children */
	program_prepare();
	if ((input->prepare == NULL || input->prepare(input->context)) &&
	    place_descriptors(input) && limit_files(input->file_octets))
		(void)execvp(program->words[0], program->words);
	_exit(127);
}

enum program_end
program_run(const struct program *program, const struct program_input *input,
    int *status)
{
	enum program_end end = PROGRAM_KILLED;
	int waited;
	pid_t child;

	if (!program_is_executable(program) || (child = process_fork()) == -1)
		return PROGRAM_FAILED;
	if (child == 0)
		execute(program, input);
	process_interrupt_in(input->seconds);
	while (waitpid(child, &waited, 0) == -1) {
		if (errno != EINTR)
			return PROGRAM_FAILED;
		end = PROGRAM_TOO_SLOW;         /* or we are to stop */
		if (kill(-child, SIGKILL) == -1)
			(void)kill(child, SIGKILL);
	}
	process_interrupt_in(0);
	if (!WIFEXITED(waited))
		return end;
	*status = WEXITSTATUS(waited);
	return PROGRAM_EXITED;
}
