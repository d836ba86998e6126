/* The process that runs programs; see runner.h. */
#include "smtp-stdio/runner.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "smtp-stdio/trace.h"
#include "stdio/channel.h"
#include "stdio/checkpassword.h"
#include "stdio/log.h"
#include "stdio/process.h"
#include "stdio/sasl.h"
#include "store/durable.h"
#include "store/root.h"
#include "store/wipe.h"

/* The strings of an order, with their NULs, in one piece. */
#define ORDER_OCTETS_MAX (RECIPIENTS_OCTETS_MAX + 8192)
#define ORDER_STRINGS_MAX 9

enum order_kind { ORDER_PEER, ORDER_PASSWORD, ORDER_FILTER };

struct order_head {
	enum order_kind kind;
	unsigned length;        /* of what follows */
};

struct result {
	enum program_end end;
	int status;
	enum password_result password;
};

/* The child's end; -1: there is no parent that runs anything. */
static int to_runner = -1;

bool
runner_is_wanted(const struct settings *settings)
{
	return settings->filter != NULL ||
	    settings->common.checkpassword != NULL ||
	    settings->common.tls_command != NULL;
}

/* What we have put on top of a message does not count for -m. */
uint64_t
runner_octets_max(const struct settings *settings)
{
	return settings->size_max == 0 ? 0 :
	    settings->size_max + TRACE_SIZE + 1024 + 1;
}

int
runner_companion(void)
{
	return to_runner;
}

/* Sends an order of strings, and waits for its result. */
static bool
order(enum order_kind kind, const char *const *strings, size_t count,
    struct result *result)
{
	struct order_head head = { kind, 0 };
	bool sent;
	size_t i;

	for (i = 0; i < count; i++)
		head.length += (unsigned)strlen(strings[i]) + 1;
	sent = channel_send(to_runner, &head, sizeof head);
	for (i = 0; i < count; i++)
		sent = sent && channel_send(to_runner, strings[i],
		    strlen(strings[i]) + 1);
	return sent && channel_receive(to_runner, result, sizeof *result);
}

void
runner_tell_peer(const struct peer *peer)
{
	const char *strings[2] = { peer->address, peer->port };
	struct result result;

	if (to_runner != -1)
		(void)order(ORDER_PEER, strings, 2, &result);
}

enum password_result
runner_ask_password(const char *program, const char *user, size_t user_length,
    const char *password, size_t password_length)
{
	char name[SASL_NAME_OCTETS_MAX + 1], secret[SASL_PASSWORD_OCTETS_MAX + 1];
	const char *strings[2] = { name, secret };
	struct result result;
	bool done;

	(void)program;                  /* the parent knows which */
	if (user_length >= sizeof name || password_length >= sizeof secret ||
	    memchr(user, '\0', user_length) != NULL ||
	    memchr(password, '\0', password_length) != NULL)
		return PASSWORD_WRONG;
	memcpy(name, user, user_length);
	name[user_length] = '\0';
	memcpy(secret, password, password_length);
	secret[password_length] = '\0';
	done = order(ORDER_PASSWORD, strings, 2, &result);
	wipe(secret, sizeof secret);
	return done ? result.password : PASSWORD_FAILED;
}

enum program_end
runner_run_filter(const struct filter_job *job, int *status)
{
	const char *strings[ORDER_STRINGS_MAX] = {
		job->message, job->recipients, job->output, job->said,
		job->sender, job->user, job->address, job->id,
		job->recipient_list
	};
	struct result result;

	if (!order(ORDER_FILTER, strings, ORDER_STRINGS_MAX, &result))
		return PROGRAM_TOO_SLOW;        /* or we are to stop */
	*status = result.status;
	return result.end;
}

/* The parent's side. */
struct runner {
	const struct settings *settings;
	struct peer *peer;
	struct mail_root root;
	bool root_is_open;
	bool peer_is_told;              /* by a PROXY header: once */
	unsigned refusals;              /* passwords that were wrong */
	char strings[ORDER_OCTETS_MAX];
	const char *string[ORDER_STRINGS_MAX];
};

/* Parts the strings of an order; false where they are not as many. */
static bool
part_strings(struct runner *runner, size_t length, size_t count)
{
	const char *at = runner->strings, *end = at + length;
	size_t i;

	for (i = 0; i < count && at < end; i++) {
		runner->string[i] = at;
		at = (const char *)memchr(at, '\0', (size_t)(end - at));
		if (at == NULL)
			return false;
		at++;
	}
	return i == count && at == end;
}

static void
do_password(struct runner *runner, struct result *result)
{
	result->password = PASSWORD_FAILED;
	if (runner->settings->common.checkpassword != NULL)
		result->password = checkpassword(
		    runner->settings->common.checkpassword,
		    runner->string[0], strlen(runner->string[0]),
		    runner->string[1], strlen(runner->string[1]));
	if (result->password == PASSWORD_WRONG)
		runner->refusals++;
}

/* In the process that becomes the filter. */
static bool
set_environment(void *context)
{
	static const char *const names[] = {
		"SENDER", "AUTHUSER", "REMOTE_ADDR", "ID"
	};
	const struct runner *runner = context;
	const char *list = runner->string[8];
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (setenv(names[i], runner->string[4 + i], 1) == -1)
			return false;
	return (*list == '\0' ? unsetenv("RECIPIENTS") :
	    setenv("RECIPIENTS", list, 1)) == 0;
}

/* Whether it can be that of a message that arrives, and of no other file. */
static bool
is_name(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

/* Opens the files of an order, which are the child's; all or none. */
static bool
open_files(struct runner *runner, struct program_input *input)
{
	int incoming, i;

	if (!runner->root_is_open)
		runner->root_is_open = root_open(&runner->root,
		    runner->settings->common.root) == STORE_OK;
	if (!runner->root_is_open || root_part(&runner->root, ROOT_INCOMING,
	    &incoming) != STORE_OK)
		return false;
	for (i = 0; i < 4; i++)
		if (!is_name(runner->string[i]))
			return false;
	input->descriptors[0] = durable_open_file(incoming, runner->string[0]);
	input->descriptors[3] = durable_open_file(incoming, runner->string[1]);
	input->descriptors[1] = durable_open_written(incoming,
	    runner->string[2]);
	input->descriptors[2] = durable_open_written(incoming,
	    runner->string[3]);
	return input->descriptors[0] != -1 && input->descriptors[1] != -1 &&
	    input->descriptors[2] != -1 && input->descriptors[3] != -1;
}

static void
do_filter(struct runner *runner, struct result *result)
{
	const struct settings *settings = runner->settings;
	struct program_input input = {
		.descriptors = { -1, -1, -1, -1 },
		.seconds = settings->common.seconds,
		.file_octets = runner_octets_max(settings),
		.prepare = set_environment,
		.context = runner
	};
	struct program program;
	int i;

	result->end = PROGRAM_FAILED;
	if (settings->filter != NULL && open_files(runner, &input) &&
	    program_split(&program, settings->filter))
		result->end = program_run(&program, &input, &result->status);
	for (i = 0; i < 4; i++)
		if (input.descriptors[i] != -1)
			durable_close(input.descriptors[i]);
}

static void
do_peer(struct runner *runner)
{
	if (!runner->settings->common.proxy || runner->peer_is_told)
		return;                 /* it is known without the child */
	runner->peer_is_told = true;
	(void)peer_set(runner->peer,
	    runner->string[0], strlen(runner->string[0]),
	    runner->string[1], strlen(runner->string[1]));
}

/* Obeys one order; false where it is none, or no more will come. */
static bool
obey(struct runner *runner, int channel)
{
	struct result result = { PROGRAM_FAILED, 0, PASSWORD_FAILED };
	struct order_head head;

	if (!channel_receive(channel, &head, sizeof head) ||
	    head.kind > ORDER_FILTER || head.length > sizeof runner->strings ||
	    !channel_receive(channel, runner->strings, head.length) ||
	    !part_strings(runner, head.length, head.kind == ORDER_FILTER ?
	    ORDER_STRINGS_MAX : 2))
		return false;
	switch (head.kind) {
	case ORDER_PEER:
		do_peer(runner);
		break;
	case ORDER_PASSWORD:
		do_password(runner, &result);
		wipe(runner->strings, head.length);
		break;
	case ORDER_FILTER:
		do_filter(runner, &result);
		break;
	}
	return channel_send(channel, &result, sizeof result);
}

/* Waits for the child, which it asks to stop where we have to. */
static enum session_end
serve(const struct settings *settings, struct peer *peer, pid_t child,
    int channel)
{
	static struct runner runner;    /* too big for a stack */

	runner.settings = settings;
	runner.peer = peer;
	while (runner.refusals <= settings->common.errors_max &&
	    obey(&runner, channel))
		continue;
	if (runner.root_is_open)
		root_close(&runner.root);
	(void)close(channel);
	return session_end_of(child);
}

enum session_end
runner_part(const struct settings *settings, struct peer *peer,
    bool *is_parent)
{
	int ends[2];
	pid_t child;

	*is_parent = true;
	if (channel_make(ends) == -1 || (child = process_fork()) == -1) {
		log_event(LOG_IS_ERROR, "no-process", "error",
		    strerror(errno));
		*is_parent = false;
		return END_STORE;
	}
	if (child == 0) {
		(void)close(ends[0]);
		to_runner = ends[1];
		*is_parent = false;
		return NOT_ENDED;
	}
	(void)close(ends[1]);
	return serve(settings, peer, child, ends[0]);
}
