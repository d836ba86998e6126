/* The gate; see gate.h.  Both ends are one program: structs go as they are. */
#include "pop3-stdio/gate.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "stdio/channel.h"

static bool
send_question(int gate, enum question_kind kind, const void *first,
    size_t first_length, const void *second, size_t second_length)
{
	size_t head[3] = { (size_t)kind, first_length, second_length };

	return channel_send(gate, head, sizeof head) &&
	    channel_send(gate, first, first_length) &&
	    channel_send(gate, second, second_length);
}

/* Asks, and waits for the answer. */
static bool
ask(int gate, enum question_kind kind, const void *first, size_t first_length,
    const void *second, size_t second_length, struct answer *answer)
{
	return send_question(gate, kind, first, first_length, second,
	    second_length) && channel_receive(gate, answer, sizeof *answer);
}

enum password_result
gate_ask_password(int gate, const char *user, size_t user_length,
    const char *password, size_t password_length)
{
	struct answer answer;

	return ask(gate, QUESTION_PASSWORD, user, user_length, password,
	    password_length, &answer) ? answer.result : PASSWORD_FAILED;
}

enum password_result
gate_ask_salt(int gate, const char *user, size_t user_length,
    struct scram_salt *salt)
{
	struct answer answer;

	if (!ask(gate, QUESTION_SALT, user, user_length, NULL, 0, &answer))
		return PASSWORD_FAILED;
	*salt = answer.salt;
	return answer.result;
}

enum password_result
gate_ask_proof(int gate, const char *auth_message, size_t length,
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
gate_ask_open(int gate)
{
	struct answer answer;

	return ask(gate, QUESTION_OPEN, NULL, 0, NULL, 0, &answer) ?
	    answer.error : STORE_FAILED;
}

void
gate_say_faults(int gate, uint64_t faults)
{
	(void)send_question(gate, QUESTION_NONE, &faults, sizeof faults, NULL,
	    0);
}

void
gate_say_peer(int gate, const struct peer *peer)
{
	(void)send_question(gate, QUESTION_PEER, peer->address,
	    strlen(peer->address), peer->port, strlen(peer->port));
}

bool
gate_hand_over(int gate, uint64_t faults, const struct rules *rules,
    const char *octets, size_t length)
{
	return channel_send(gate, &faults, sizeof faults) &&
	    channel_send(gate, rules->used, sizeof rules->used) &&
	    channel_send(gate, &length, sizeof length) &&
	    channel_send(gate, octets, length);
}

/* What the child says is checked: it may be anything. */
bool
gate_listen(int gate, struct question *question)
{
	size_t head[3];

	if (!channel_receive(gate, head, sizeof head) ||
	    head[0] > (size_t)QUESTION_PEER ||
	    head[1] > sizeof question->first ||
	    head[2] > sizeof question->second)
		return false;
	question->kind = (enum question_kind)head[0];
	question->first_length = head[1];
	question->second_length = head[2];
	return channel_receive(gate, question->first, head[1]) &&
	    channel_receive(gate, question->second, head[2]);
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
	return channel_receive(gate, faults, sizeof *faults) &&
	    channel_receive(gate, rules->used, sizeof rules->used) &&
	    channel_receive(gate, length, sizeof *length) &&
	    *length <= size && channel_receive(gate, octets, *length);
}
