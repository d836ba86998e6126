/* A process of a run of the queue; see queue_worker.h. */
#include "smtp-stdio/queue_worker.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "smtp-stdio/queue_book.h"
#include "smtp-stdio/queue_send.h"
#include "smtp-stdio/smtp_client.h"
#include "stdio/confine.h"
#include "stdio/connection.h"
#include "stdio/local_time.h"
#include "stdio/log.h"
#include "stdio/process.h"
#include "store/durable.h"
#include "store/wipe.h"

struct worker {
	struct queue *queue;
	struct queue_slot *slot;
	int tell;
	enum { NOT_CONNECTED, CONNECTED, UNREACHABLE } state;
	int status;                     /* that it exits with */
	struct smtp_client client;
	struct connection connection;
};

static void
log_trouble(const char *event, const char *id, enum store_error error)
{
	struct log_line line;
	int number = errno;

	log_begin(&line, LOG_IS_ERROR, event);
	if (id != NULL)
		log_text(&line, "id", id);
	log_text(&line, "reason", error == STORE_FAILED ? strerror(number) :
	    store_error_text(error));
	log_end(&line);
}

/* The store is in trouble: what is sent now could not be booked. */
static void
break_off(struct worker *worker, const char *id, enum store_error error)
{
	log_trouble("queue", id, error);
	worker->queue->shared->is_broken = true;
	worker->status = EX_TEMPFAIL;
}

/* A mailbox: a report comes there by a link, and can go again; no more. */
#define MAILBOX_RIGHTS \
	(CONFINE_LIST | CONFINE_DIRECTORIES | CONFINE_NAMES | CONFINE_REMOVE)

/* All that is needed from here on: the queue, and reports in mailboxes. */
static bool
confine(struct queue *queue)
{
	struct mail_root *root = &queue->root;
	struct confinement confinement;
	int part;

	if (root_part(root, ROOT_INCOMING, &part) != STORE_OK ||
	    root_part(root, ROOT_OUTGOING, &part) != STORE_OK)
		return false;
	local_time_load();              /* for Date and Received */
	confine_begin(&confinement, queue->client.root);
	confine_allow(&confinement, root->accounts, "accounts",
	    CONFINE_READ | CONFINE_LIST | CONFINE_DIRECTORIES);
	confine_allow(&confinement, root->mail, "mail", MAILBOX_RIGHTS);
	confine_allow(&confinement, root->incoming, "mail/.incoming",
	    MAILBOX_RIGHTS | CONFINE_READ | CONFINE_WRITE);
	confine_allow(&confinement, root->outgoing, "outgoing",
	    MAILBOX_RIGHTS | CONFINE_READ | CONFINE_WRITE);
	return confine_log(confine_enter(&confinement));
}

/* A process that is confined cannot end the command; it says which one it is. */
static void
note_command(const struct worker *worker)
{
	worker->slot->command = worker->connection.child == -1 ? 0 :
	    worker->connection.child;
}

static void
close_session(struct worker *worker)
{
	connection_close(&worker->connection);
	note_command(worker);
}

static bool
open_session(struct worker *worker, struct failure *failure)
{
	const struct queue *queue = worker->queue;
	bool logs_in = queue->client.user != NULL;
	struct service service = {
		.port = queue->is_lmtp ? "24" : logs_in ? "587" : "25",
		.seconds = 300,         /* RFC 5321 section 4.5.3.2 */
		.end_seconds = 600
	};

	if (!connection_open(&worker->connection, &queue->client, &service,
	    failure))
		return false;
	note_command(worker);
	if (smtp_client_begin(&worker->client, &worker->connection,
	    queue->is_lmtp, queue->hostname, failure) && (!logs_in ||
	    smtp_client_login(&worker->client, &queue->client, failure)))
		return true;
	close_session(worker);
	return false;
}

/* Gets a session, or finds that there is none to be had. */
static void
connect_once(struct worker *worker)
{
	struct queue *queue = worker->queue;
	struct failure failure;
	ssize_t ignored;

	worker->state = open_session(worker, &failure) ? CONNECTED :
	    UNREACHABLE;
	if (worker->state == UNREACHABLE) {
		struct log_line line;

		worker->status = failure.status;
		log_begin(&line, LOG_IS_WARNING, "unreachable");
		log_text(&line, "reason", failure.text);
		log_end(&line);
	}
	if (queue->client.known_password != NULL)
		wipe(queue->password, sizeof queue->password);
	if (!confine(queue)) {
		worker->status = EX_TEMPFAIL;
		worker->queue->shared->is_broken = true;
	} else if (worker->state == CONNECTED && worker->tell != -1) {
		ignored = write(worker->tell, "", 1);
		(void)ignored;
	}
}

/* Where nothing could be written, nothing may be sent. */
static bool
has_room(struct worker *worker, const struct queue_entry *entry)
{
	if (root_has_room(entry->root, 65536 + 2 * entry->outgoing.octets))
		return true;
	break_off(worker, entry->outgoing.id, STORE_FULL);
	return false;
}

/* An entry that has been taken. */
static void
deal_with(struct worker *worker, struct queue_entry *entry)
{
	struct queue *queue = worker->queue;
	struct queue_attempt attempt = { false, true };
	enum store_error error = STORE_OK;
	bool is_due = queue_is_due(entry, &queue->route);

	if (!has_room(worker, entry))
		return;
	if (is_due && worker->state == NOT_CONNECTED)
		connect_once(worker);
	if (queue->shared->is_broken)
		return;
	if (is_due && worker->state == CONNECTED)
		error = queue_send(entry, &queue->route, &worker->client,
		    worker->slot->answered > 0, &attempt);
	else if (is_due)
		queue_expire(entry, &queue->route);
	if (error == STORE_OK)
		error = queue_settle(entry);
	if (error == STORE_MALFORMED) {
		log_trouble("queue", entry->outgoing.id, error);
		queue->shared->malformed++;
	} else if (error != STORE_OK)
		break_off(worker, entry->outgoing.id, error);
	worker->slot->answered += attempt.is_answered;
	queue->shared->done += error == STORE_OK && !attempt.is_free;
}

/* Whether an entry is locked by who puts it there, and not by who sends it. */
static bool
is_new(struct mail_root *root, const char *id)
{
	struct outgoing outgoing;
	bool result = true;
	size_t i;

	if (outgoing_read(root, id, &outgoing) != STORE_OK)
		return false;
	for (i = 0; i < outgoing.count; i++)
		result = result && outgoing.recipients[i].tries == 0;
	outgoing_free(&outgoing);
	return result;
}

/* Whether it is the entry alone that is wrong: it is no file, or not ours. */
static bool
is_its_own(int number)
{
	return number == EACCES || number == EISDIR || number == ELOOP;
}

static void
take(struct worker *worker, const char *id)
{
	struct queue *queue = worker->queue;
	struct queue_entry entry = {
		.root = &queue->root, .hostname = queue->hostname
	};
	enum store_error error;

	error = outgoing_take(&queue->root, id, &entry.outgoing,
	    &entry.message);
	if (error == STORE_FAILED && is_its_own(errno)) {
		log_trouble("queue", id, error);
		queue->shared->malformed++;
		return;
	}
	switch (error) {
	case STORE_OK:
		deal_with(worker, &entry);
		outgoing_free(&entry.outgoing);
		durable_close(entry.message);
		break;
	case STORE_NOT_FOUND:           /* somebody else has sent it */
		break;
	case STORE_BUSY:
		queue->shared->new_locked += is_new(&queue->root, id);
		break;
	case STORE_MALFORMED:
		log_trouble("queue", id, error);
		queue->shared->malformed++;
		break;
	case STORE_NOT_HOSTED:
	case STORE_EXISTS:
	case STORE_FULL:
	case STORE_FAILED:
		break_off(worker, id, error);
		break;
	}
}

int
queue_work(struct queue *queue, size_t slot, int tell)
{
	static struct worker worker;    /* too big for a stack */
	struct failure ignored;
	size_t i;

	worker.queue = queue;
	worker.slot = &queue->shared->slots[slot];
	worker.tell = tell;
	if (slot > 0)
		connect_once(&worker);
	while (!process_must_stop() && !queue->shared->is_broken &&
	    (worker.state != UNREACHABLE || slot == 0) &&
	    (worker.state != CONNECTED || !worker.client.is_over)) {
		i = queue->shared->next++;
		if (i >= queue->count)
			break;
		take(&worker, queue->entries[i].id);
	}
	if (worker.state == CONNECTED) {
		worker.slot->is_lost = worker.client.is_over;
		(void)smtp_client_quit(&worker.client, &ignored);
		close_session(&worker);
	}
	return worker.status;
}
