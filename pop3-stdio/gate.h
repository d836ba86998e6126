/*
 * The gate between the two processes that serve a session until somebody has
 * logged in.
 *
 * The child talks to the client and has no business with the store: it passes
 * each user name and password through the gate.  The parent, which has never
 * parsed a line of the client's, checks them.  After a login the child hands
 * over what the client has sent beyond it, and ends; the parent goes on.
 */
#ifndef POP3_STDIO_GATE_H
#define POP3_STDIO_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longer than anything that a command line holds. */
#define CREDENTIAL_OCTETS_MAX 512

enum verdict {
	VERDICT_LOGGED_IN,
	VERDICT_REFUSED,        /* unknown user or wrong password */
	VERDICT_IN_USE,         /* right, but the mailbox is locked */
	VERDICT_BROKEN,         /* the stored verifier is not to be used */
	VERDICT_FAILED          /* the store, or the parent, is in trouble */
};

/* What comes through the gate to the parent. */
struct credentials {
	size_t user_length, password_length;
	char user[CREDENTIAL_OCTETS_MAX];
	char password[CREDENTIAL_OCTETS_MAX];
};

/* The child's side: asks for a verdict, and waits for it. */
enum verdict gate_ask(int gate, const char *user, const char *password);

/*
 * The child's side, after VERDICT_LOGGED_IN: hands over the faults counted so
 * far, and what is buffered of the client's input.
 */
bool gate_hand_over(int gate, uint64_t faults, const char *octets,
    size_t length);

/* The parent's side: the next question; false when the child has ended. */
bool gate_listen(int gate, struct credentials *credentials);

/* The parent's side: answers it. */
bool gate_answer(int gate, enum verdict verdict);

/*
 * The parent's side, after it has answered VERDICT_LOGGED_IN: what the child
 * hands over.  octets has room for size octets.
 */
bool gate_take_over(int gate, uint64_t *faults, char *octets, size_t size,
    size_t *length);

#endif
