/* A run of the queue; see queue_run.h. */
#include "smtp-stdio/queue_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "stdio/log.h"
#include "stdio/options.h"
#include "stdio/process.h"
#include "store/error.h"
#include "store/wipe.h"

/* So long is waited, once, for who puts a message into the queue just now. */
#define NEW_MILLISECONDS 1000

const char *
queue_take_flag(struct queue *queue, int flag, const char *value)
{
	uint64_t number;

	switch (flag) {
	case 'D':
		return route_add(&queue->route, value) ? NULL :
		    "-D wants a domain";
	case 'j':
		if (!option_number(value, 1, QUEUE_CONNECTIONS_MAX, &number))
			return "-j wants a number of connections, of at most "
			    "100";
		queue->connections = (unsigned)number;
		return NULL;
	default:
		queue->is_wanted = true;
		return NULL;
	}
}

const char *
queue_check(const struct queue *queue)
{
	struct client client = queue->client;

	if (!queue->is_wanted)
		return queue->route.count > 0 || queue->connections > 0 ?
		    "-D and -j want -q" : NULL;
	if (client.server == NULL && client.command == NULL)
		return "-q wants a server: -S, or a command behind --";
	client.root = NULL;             /* the queue's, and no server's */
	return client_check(&client);
}

/* The processes at work. */
struct round {
	struct queue *queue;
	pid_t workers[QUEUE_CONNECTIONS_MAX];   /* by slot; 0: none */
	size_t at_work;
	int status;                     /* what went wrong first; EX_OK */
	bool is_told_to_stop;
};

static void
log_failure(const char *reason)
{
	log_event(LOG_IS_ERROR, "queue", "reason", reason);
}

/* Starts a process; tell is its own end of a pipe, or -1. */
static bool
start(struct round *round, size_t slot, int tell)
{
	struct queue_slot *place = &round->queue->shared->slots[slot];
	pid_t worker;

	place->answered = 0;
	place->is_lost = false;
	place->command = 0;
	worker = process_fork();
	if (worker == 0)
		exit(queue_work(round->queue, slot, tell));
	if (worker == -1) {
		log_failure(strerror(errno));
		if (round->at_work == 0)        /* nobody does it */
			round->status = EX_OSERR;
		return false;
	}
	round->workers[slot] = worker;
	round->at_work++;
	return true;
}

/* Starts the first one; whether it tells that its session is there. */
static bool
start_first(struct round *round)
{
	char octet;
	ssize_t got;
	int pipe_ends[2];

	if (pipe(pipe_ends) == -1 ||
	    fcntl(pipe_ends[0], F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(pipe_ends[1], F_SETFD, FD_CLOEXEC) == -1 ||
	    !start(round, 0, pipe_ends[1])) {
		round->status = EX_OSERR;
		return false;
	}
	(void)close(pipe_ends[1]);
	do
		got = read(pipe_ends[0], &octet, 1);
	while (got == -1 && errno == EINTR && !process_must_stop());
	(void)close(pipe_ends[0]);
	return got == 1;
}

/* A request to stop is everybody's. */
static void
pass_on_stop(struct round *round)
{
	size_t i;

	if (!process_must_stop() || round->is_told_to_stop)
		return;
	round->is_told_to_stop = true;
	for (i = 0; i < QUEUE_CONNECTIONS_MAX; i++)
		if (round->workers[i] != 0)
			(void)kill(round->workers[i], SIGTERM);
}

static bool
has_entries(const struct queue *queue)
{
	return queue->shared->next < queue->count &&
	    !queue->shared->is_broken && !process_must_stop();
}

/* One has ended, so. */
static void
note_end(struct round *round, size_t slot, int status)
{
	const struct queue_slot *place = &round->queue->shared->slots[slot];

	round->workers[slot] = 0;
	round->at_work--;
	if (place->command != 0)        /* it has been left behind */
		(void)kill(place->command, SIGTERM);
	if (WIFEXITED(status) && WEXITSTATUS(status) != EX_OK && slot == 0)
		round->status = WEXITSTATUS(status);
	else if (!WIFEXITED(status)) {
		log_failure("a process has been killed");
		round->status = EX_SOFTWARE;
	}
	/* A session that has ended is begun again where it was good for one. */
	if (place->is_lost && has_entries(round->queue)) {
		if (place->answered > 0)
			(void)start(round, slot, -1);
		else if (round->at_work == 0 && round->status == EX_OK)
			round->status = EX_TEMPFAIL;
	}
}

static void
wait_for_all(struct round *round)
{
	size_t i;

	while (round->at_work > 0) {
		int status;
		pid_t ended;

		pass_on_stop(round);
		ended = waitpid(-1, &status, 0);
		if (ended == -1 && errno != EINTR)
			return;
		for (i = 0; ended > 0 && i < QUEUE_CONNECTIONS_MAX; i++)
			if (round->workers[i] == ended) {
				note_end(round, i, status);
				break;
			}
	}
}

/* Deals with all that are in the list; returns what went wrong. */
static int
run_round(struct queue *queue)
{
	struct round round = { .queue = queue, .status = EX_OK };
	size_t i;

	memset(queue->shared, 0, sizeof *queue->shared);
	if (start_first(&round))
		for (i = 1; i < queue->connections && i < queue->count &&
		    has_entries(queue); i++)
			(void)start(&round, i, -1);
	wait_for_all(&round);
	if (round.status == EX_OK && queue->shared->is_broken)
		round.status = EX_TEMPFAIL;
	return round.status;
}

/* Lists what is due. */
static enum store_error
list(struct queue *queue)
{
	int64_t now = (int64_t)time(NULL);
	enum store_error error;
	size_t due = 0;

	free(queue->entries);
	error = outgoing_list(&queue->root, &queue->entries, &queue->count);
	while (due < queue->count && queue->entries[due].due <= now)
		due++;
	queue->count = due;
	return error;
}

/* As its owner, who alone may open the mail root. */
static int
open_root(struct queue *queue)
{
	enum root_owner owner = root_become_owner(queue->client.root);
	enum store_error error;

	if (root_owner_text(owner) != NULL)
		log_event(LOG_IS_WARNING, "start", "note",
		    root_owner_text(owner));
	if (owner == ROOT_OWNER_UNKNOWN)
		return EX_TEMPFAIL;
	if (owner == ROOT_OWNER_FAILED)
		return EX_NOPERM;
	error = root_open(&queue->root, queue->client.root);
	if (error == STORE_OK)
		return EX_OK;
	log_failure(error == STORE_FAILED ? strerror(errno) :
	    store_error_text(error));
	return error == STORE_FAILED && errno == EACCES ? EX_NOPERM :
	    EX_TEMPFAIL;
}

/* Once, before there are several processes to ask for it. */
static bool
get_password(struct queue *queue)
{
	struct failure failure;

	if (queue->client.user == NULL || queue->count == 0 ||
	    queue->client.known_password != NULL)
		return true;
	if (!client_password(&queue->client, queue->password, &failure)) {
		log_failure(failure.text);
		return false;
	}
	queue->client.known_password = queue->password;
	return true;
}

/* Rounds, as long as there is something new to be done. */
static int
run_rounds(struct queue *queue)
{
	bool has_waited = false, is_malformed = false;
	int status = EX_OK;

	do {
		enum store_error error = list(queue);

		if (error != STORE_OK) {
			log_failure(store_error_text(error));
			return EX_TEMPFAIL;
		}
		if (queue->count == 0)
			break;
		if (!get_password(queue))
			return EX_NOINPUT;
		status = run_round(queue);
		is_malformed |= queue->shared->malformed > 0;
		if (queue->shared->done == 0) {
			if (has_waited || queue->shared->new_locked == 0)
				break;
			has_waited = true;
			(void)poll(NULL, 0, NEW_MILLISECONDS);
		}
	} while (status == EX_OK && !process_must_stop());
	if (status == EX_OK && process_must_stop())
		status = EX_TEMPFAIL;
	return status == EX_OK && is_malformed ? EX_DATAERR : status;
}

int
queue_run(struct queue *queue)
{
	int status;

	process_start(-1);
	process_handle_signals();
	log_open("smtp-send");
	status = open_root(queue);
	if (status != EX_OK)
		return status;
	if (queue->connections == 0)
		queue->connections = 1;
	queue->shared = mmap(NULL, sizeof *queue->shared,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (queue->shared == MAP_FAILED) {
		log_failure(strerror(errno));
		status = EX_OSERR;
	} else
		status = run_rounds(queue);
	wipe(queue->password, sizeof queue->password);
	free(queue->entries);
	root_close(&queue->root);
	return status;
}
