/* The parent's part of a login; see judge.h. */
#include "pop3-stdio/judge.h"

#include <string.h>

#include "pop3-stdio/gate.h"
#include "stdio/login_failure.h"
#include "store/wipe.h"

static void
log_failure(const struct judge *judge, const char *why)
{
	login_failure_log(judge->peer, judge->user, judge->user_length, why);
}

/* Keeps whose login this is; what came before is forgotten. */
static void
begin(struct judge *judge, const struct question *question)
{
	judge->user_length = question->first_length;
	if (judge->user_length > sizeof judge->user)
		judge->user_length = sizeof judge->user;
	memcpy(judge->user, question->first, judge->user_length);
	judge->is_proven = judge->salt_was_shown = false;
	wipe(&judge->scram, sizeof judge->scram);
}

/* Logs what was found out about a login. */
static enum password_result
tell(struct judge *judge, enum password_result result)
{
	const char *why = login_failure_reason(result);

	if (why != NULL)
		log_failure(judge, why);
	if (result == PASSWORD_WRONG)
		judge->refusals++;
	return result;
}

static enum password_result
check_password(struct judge *judge, const struct question *question)
{
	enum password_result result;

	begin(judge, question);
	result = login_check(&judge->source, question->first,
	    question->first_length, question->second, question->second_length,
	    &judge->account);
	judge->is_proven = result == PASSWORD_RIGHT;
	return tell(judge, result);
}

static enum password_result
find_salt(struct judge *judge, const struct question *question,
    struct scram_salt *salt)
{
	enum password_result result;

	begin(judge, question);
	if (judge->source.program != NULL)      /* it knows no verifiers */
		return PASSWORD_FAILED;
	result = login_scram_begin(&judge->source, &judge->scram,
	    question->first, question->first_length);
	judge->salt_was_shown = result == PASSWORD_RIGHT;
	if (judge->salt_was_shown)
		*salt = judge->scram.verifier.salt;
	return tell(judge, result);
}

static enum password_result
check_proof(struct judge *judge, const struct question *question,
    unsigned char signature[SHA256_OCTETS])
{
	enum password_result result;

	if (!judge->salt_was_shown || question->first_length != SHA256_OCTETS)
		return PASSWORD_FAILED;
	judge->salt_was_shown = false;          /* one proof for each salt */
	result = login_scram_end(&judge->scram, question->second,
	    question->second_length, (const unsigned char *)question->first,
	    signature);
	judge->is_proven = result == PASSWORD_RIGHT;
	judge->account = judge->scram.account;
	return tell(judge, result);
}

static enum store_error
open_maildrop(struct judge *judge)
{
	enum store_error error = STORE_FAILED;

	if (!judge->is_proven)
		return error;
	judge->is_proven = false;
	error = maildrop_open(judge->maildrop, judge->source.root,
	    &judge->account);
	if (error != STORE_OK)
		log_failure(judge, store_error_text(error));
	return error;
}

static void
make_answer(struct judge *judge, const struct question *question,
    struct answer *answer)
{
	memset(answer, 0, sizeof *answer);
	answer->error = STORE_FAILED;
	switch (question->kind) {
	case QUESTION_PASSWORD:
		answer->result = check_password(judge, question);
		if (judge->is_proven)
			answer->error = open_maildrop(judge);
		break;
	case QUESTION_SALT:
		answer->result = find_salt(judge, question, &answer->salt);
		break;
	case QUESTION_PROOF:
		answer->result = check_proof(judge, question,
		    answer->signature);
		if (answer->result != PASSWORD_RIGHT)
			wipe(answer->signature, sizeof answer->signature);
		break;
	case QUESTION_OPEN:
		answer->error = open_maildrop(judge);
		break;
	case QUESTION_NONE:
	case QUESTION_PEER:
		break;
	}
}

/* What wants no answer; false where that was the last there is. */
static bool
take_notice(struct judge *judge, const struct question *question)
{
	if (question->kind == QUESTION_PEER) {
		if (judge->awaits_peer)
			(void)peer_set(judge->peer, question->first,
			    question->first_length, question->second,
			    question->second_length);
		judge->awaits_peer = false;
		return true;
	}
	if (question->first_length == sizeof judge->faults)
		memcpy(&judge->faults, question->first, sizeof judge->faults);
	return false;
}

bool
judge_run(struct judge *judge, int gate)
{
	static struct question question;        /* too big for a stack */
	struct answer answer;
	bool is_open = false;

	judge->is_proven = judge->salt_was_shown = false;
	judge->refusals = judge->faults = 0;
	while (!is_open && judge->refusals <= judge->refusals_max &&
	    gate_listen(gate, &question)) {
		if (question.kind == QUESTION_NONE ||
		    question.kind == QUESTION_PEER) {
			if (!take_notice(judge, &question))
				break;
			continue;
		}
		make_answer(judge, &question, &answer);
		is_open = answer.error == STORE_OK;
		wipe(question.octets,
		    question.first_length + question.second_length);
		if (!gate_answer(gate, &answer))
			break;
	}
	wipe(&judge->scram, sizeof judge->scram);
	return is_open;
}
