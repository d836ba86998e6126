/*
 * The gate between the two processes that serve a session until somebody has
 * logged in.
 *
 * The child talks to the client and has no business with the store: it passes
 * each step of a login through the gate.  The parent, which has never parsed a
 * line of the client's, answers; no verifier ever comes through.  After a
 * login the child hands over what the client has sent beyond it, and ends;
 * the parent goes on.
 */
#ifndef POP3_STDIO_GATE_H
#define POP3_STDIO_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stdio/peer.h"
#include "stdio/rules.h"
#include "stdio/sasl.h"
#include "stdio/scram.h"
#include "store/error.h"
#include "store/password.h"

enum question_kind {
	QUESTION_PASSWORD,      /* first: user, second: password; where that is
	                         * right the maildrop is opened, too */
	QUESTION_SALT,          /* first: user */
	QUESTION_PROOF,         /* first: proof, second: what it is over */
	QUESTION_OPEN,          /* open the maildrop of whom was let in */
	QUESTION_NONE,          /* the child ends; first: a uint64_t of faults */
	QUESTION_PEER           /* none: first: address, second: port */
};

#define FIRST_OCTETS_MAX (SASL_NAME_OCTETS_MAX + 1)
#define SECOND_OCTETS_MAX SCRAM_AUTH_MESSAGE_SIZE

/* What comes through the gate to the parent; first and second are in octets. */
struct question {
	enum question_kind kind;
	size_t first_length, second_length;
	const char *first, *second;
	char octets[FIRST_OCTETS_MAX + SECOND_OCTETS_MAX];
};

/* And what goes back. */
struct answer {
	enum password_result result;            /* but to QUESTION_OPEN */
	enum store_error error;                 /* where one was to be opened */
	struct scram_salt salt;
	unsigned char signature[SHA256_OCTETS];
};

/* The child's side. */
struct gate {
	int end;                /* of the channel to the parent */
	bool is_opened;         /* an answer has told that already */
	enum store_error opened;
};

/*
 * The child's side: the steps of a login, as store/login.h has them.  They
 * wait for the answer; PASSWORD_FAILED where there is none.
 */
enum password_result gate_ask_password(struct gate *gate,
    const char *user, size_t user_length,
    const char *password, size_t password_length);
enum password_result gate_ask_salt(const struct gate *gate,
    const char *user, size_t user_length, struct scram_salt *salt);
enum password_result gate_ask_proof(const struct gate *gate,
    const char *auth_message, size_t length,
    const unsigned char proof[SHA256_OCTETS],
    unsigned char signature[SHA256_OCTETS]);

/*
 * The child's side, after PASSWORD_RIGHT: whether the maildrop is open.
 * STORE_BUSY: another session has it.
 */
enum store_error gate_ask_open(struct gate *gate);

/*
 * The child's side, when the maildrop is open: hands over the faults counted
 * so far, the uses of verbs counted for -x, and what is buffered of the
 * client's input.
 */
bool gate_hand_over(const struct gate *gate, uint64_t faults,
    const struct rules *rules, const char *octets, size_t length);

/* The child's side: tells who is connected, by the PROXY header. */
void gate_say_peer(const struct gate *gate, const struct peer *peer);

/* The child's side, where there was no login: tells the faults counted. */
void gate_say_faults(const struct gate *gate, uint64_t faults);

/* The parent's side: the next question; false when the child has ended. */
bool gate_listen(int gate, struct question *question);

/* The parent's side: answers it. */
bool gate_answer(int gate, const struct answer *answer);

/*
 * The parent's side, after it has opened the maildrop: what the child hands
 * over.  octets has room for size octets.
 */
bool gate_take_over(int gate, uint64_t *faults, struct rules *rules,
    char *octets, size_t size, size_t *length);

#endif
