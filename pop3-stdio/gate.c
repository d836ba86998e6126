/* The gate; see gate.h.  Both ends are one program: structs go as they are. */
#include "pop3-stdio/gate.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "stdio/channel.h"
#include "store/wipe.h"

/* What goes before the octets of a question. */
struct head {
	size_t kind, first_length, second_length;
};

/*
 * Sends a question, by one write where it is none of the longest, so that who
 * waits for it is woken once.  The lengths are such as struct question has
 * room for.
 */
static bool
send_question(const struct gate *gate, enum question_kind kind,
    const void *first, size_t first_length, const void *second,
    size_t second_length)
{
	char message[1024];
	struct head head = { (size_t)kind, first_length, second_length };
	size_t length = sizeof head;
	bool sent;

	if (first_length + second_length > sizeof message - sizeof head)
		return channel_send(gate->end, &head, sizeof head) &&
		    channel_send(gate->end, first, first_length) &&
		    channel_send(gate->end, second, second_length);
	memcpy(message, &head, sizeof head);
	if (first_length > 0)
		memcpy(message + length, first, first_length);
	length += first_length;
	if (second_length > 0)
		memcpy(message + length, second, second_length);
	length += second_length;
	sent = channel_send(gate->end, message, length);
	wipe(message, length);
	return sent;
}

/* Asks, and waits for the answer. */
static bool
ask(const struct gate *gate, enum question_kind kind, const void *first,
    size_t first_length, const void *second, size_t second_length,
    struct answer *answer)
{
	return send_question(gate, kind, first, first_length, second,
	    second_length) &&
	    channel_receive(gate->end, answer, sizeof *answer);
}

enum password_result
gate_ask_password(struct gate *gate, const char *user, size_t user_length,
    const char *password, size_t password_length)
{
	struct answer answer;

	if (!ask(gate, QUESTION_PASSWORD, user, user_length, password,
	    password_length, &answer))
		return PASSWORD_FAILED;
	gate->is_opened = answer.result == PASSWORD_RIGHT;
	gate->opened = answer.error;
	return answer.result;
}

enum password_result
gate_ask_salt(const struct gate *gate, const char *user, size_t user_length,
    struct scram_salt *salt)
{
	struct answer answer;

	if (!ask(gate, QUESTION_SALT, user, user_length, NULL, 0, &answer))
		return PASSWORD_FAILED;
	*salt = answer.salt;
	return answer.result;
}

enum password_result
gate_ask_proof(const struct gate *gate, const char *auth_message, size_t length,
    const unsigned char proof[SHA256_OCTETS],
    unsigned char signature[SHA256_OCTETS])
{
	struct answer answer;

	if (!ask(gate, QUESTION_PROOF, proof, SHA256_OCTETS, auth_message,
	    length, &answer))
		return PASSWORD_FAILED;
	memcpy(signature, answer.signature, SHA256_OCTETS);
	return answer.result;
}

enum store_error
gate_ask_open(struct gate *gate)
{
	struct answer answer;

	if (gate->is_opened) {
		gate->is_opened = false;
		return gate->opened;
	}
	return ask(gate, QUESTION_OPEN, NULL, 0, NULL, 0, &answer) ?
	    answer.error : STORE_FAILED;
}

void
gate_say_faults(const struct gate *gate, uint64_t faults)
{
	(void)send_question(gate, QUESTION_NONE, &faults, sizeof faults, NULL,
	    0);
}

void
gate_say_peer(const struct gate *gate, const struct peer *peer)
{
	(void)send_question(gate, QUESTION_PEER, peer->address,
	    strlen(peer->address), peer->port, strlen(peer->port));
}

/* What goes before the rest of the client's input. */
struct state {
	uint64_t faults;
	uint64_t used[RULES_MAX];
	size_t length;
};

bool
gate_hand_over(const struct gate *gate, uint64_t faults,
    const struct rules *rules, const char *octets, size_t length)
{
	char message[sizeof(struct state) + 2048];
	struct state state = { .faults = faults, .length = length };
	size_t with_it = sizeof message - sizeof state;

	/* What is little goes by the same write. */
	if (with_it > length)
		with_it = length;
	memcpy(state.used, rules->used, rules->count * sizeof *rules->used);
	memcpy(message, &state, sizeof state);
	memcpy(message + sizeof state, octets, with_it);
	return channel_send(gate->end, message, sizeof state + with_it) &&
	    channel_send(gate->end, octets + with_it, length - with_it);
}

/* What the child says is checked: it may be anything. */
bool
gate_listen(int gate, struct question *question)
{
	struct head head;

	if (!channel_receive(gate, &head, sizeof head) ||
	    head.kind > (size_t)QUESTION_PEER ||
	    head.first_length > FIRST_OCTETS_MAX ||
	    head.second_length > SECOND_OCTETS_MAX)
		return false;
	question->kind = (enum question_kind)head.kind;
	question->first_length = head.first_length;
	question->second_length = head.second_length;
	question->first = question->octets;
	question->second = question->octets + head.first_length;
	return channel_receive(gate, question->octets,
	    head.first_length + head.second_length);
}

bool
gate_answer(int gate, const struct answer *answer)
{
	return channel_send(gate, answer, sizeof *answer);
}

bool
gate_take_over(int gate, uint64_t *faults, struct rules *rules, char *octets,
    size_t size, size_t *length)
{
	struct state state;

	if (!channel_receive(gate, &state, sizeof state) ||
	    state.length > size)
		return false;
	*faults = state.faults;
	memcpy(rules->used, state.used, sizeof state.used);
	*length = state.length;
	return channel_receive(gate, octets, state.length);
}
