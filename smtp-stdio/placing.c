/* Where a message goes; see placing.h. */
#include "smtp-stdio/placing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "smtp-stdio/copy.h"
#include "smtp-stdio/queueing.h"
#include "store/text.h"

/* Mailboxes first; then as strcmp() tells it. */
static int
compare_places(const struct placement *a, const struct placement *b)
{
	if ((a->remote == NULL) != (b->remote == NULL))
		return a->remote == NULL ? -1 : 1;
	return strcmp(a->account, b->account);
}

static int
compare_placements(const void *left, const void *right)
{
	const struct placement *a = left, *b = right;
	int order = compare_places(a, b);

	/* Who gets it in his own name does not get it as a copy. */
	if (order != 0)
		return order;
	return a->via == b->via ? 0 :
	    a->via == VIA_NONE || (b->via != VIA_NONE && a->via < b->via) ?
	    -1 : 1;
}

/* Cuts a loop off at its start: the forwarder there keeps the message. */
static void
cut_loop(struct placement *placement, const struct expansion *expansion)
{
	size_t via;

	for (via = placement->via; via != VIA_NONE;
	    via = expansion->forwarders[via].via)
		if (expansion->forwarders[via].loops) {
			placement->account = expansion->forwarders[via].account;
			placement->via = expansion->forwarders[via].via;
			placement->room = UINT64_MAX;
			placement->remote = NULL;
		}
}

/* The mailbox that a target stands for. */
static struct placement
mailbox_of(const struct expansion *expansion, size_t target)
{
	struct placement placement = {
		.account = expansion->targets[target].account,
		.via = expansion->targets[target].via,
		.room = expansion->targets[target].room
	};

	cut_loop(&placement, expansion);
	return placement;
}

/* The address of another host that one of a recipient's remotes stands for. */
static struct placement
address_of(const struct expansion *expansion, size_t remote,
    const struct recipient *recipient)
{
	struct placement placement = {
		.account = expansion->remotes[remote].address,
		.via = expansion->remotes[remote].via,
		.room = UINT64_MAX,
		.remote = recipient
	};

	cut_loop(&placement, expansion);
	return placement;
}

/* Each place once. */
static void
make_unique(struct placing *placing)
{
	size_t i, unique = 0;

	if (placing->count > 1)
		qsort(placing->placements, placing->count,
		    sizeof *placing->placements, compare_placements);
	for (i = 0; i < placing->count; i++)
		if (unique == 0 || compare_places(&placing->placements[i],
		    &placing->placements[unique - 1]) != 0)
			placing->placements[unique++] = placing->placements[i];
	placing->count = unique;
}

/* All places where the message goes, each as often as it is named. */
static void
add_placements(struct placing *placing)
{
	const struct envelope *envelope = placing->envelope;
	const struct expansion *expansion = &envelope->expansion;
	size_t i, remote = 0;

	for (i = 0; i < expansion->target_count; i++)
		placing->placements[placing->count++] =
		    mailbox_of(expansion, i);
	for (i = 0; i < envelope->count; i++) {
		const struct recipient *recipient = envelope->recipients[i];

		if (recipient->first_remote < remote)
			continue;       /* he has the same as one before him */
		for (; remote < recipient->first_remote +
		    recipient->remote_count; remote++)
			placing->placements[placing->count++] =
			    address_of(expansion, remote, recipient);
	}
}

enum store_error
placing_begin(struct placing *placing, struct delivery *message,
    const struct envelope *envelope, const char *host)
{
	const struct expansion *expansion = &envelope->expansion;
	size_t count = expansion->target_count + expansion->remote_count;

	memset(placing, 0, sizeof *placing);
	placing->message = message;
	placing->envelope = envelope;
	placing->host = host;
	if (count == 0)
		return STORE_OK;
	placing->placements = malloc(count * sizeof *placing->placements);
	placing->accounts = malloc(count * sizeof *placing->accounts);
	if (placing->placements == NULL || placing->accounts == NULL) {
		placing_end(placing);
		return STORE_FULL;
	}
	add_placements(placing);
	make_unique(placing);
	return STORE_OK;
}

/* Writes what is not the message as it came. */
static enum store_error
write_own(struct placing *placing, struct copy *copy)
{
	enum store_error error;

	copy->delivery = malloc(sizeof *copy->delivery);
	if (copy->delivery == NULL)
		return STORE_FULL;
	error = copy_write(copy->delivery, placing->message,
	    &placing->envelope->expansion, copy->via, placing->host);
	if (error != STORE_OK)
		free(copy->delivery);
	return error;
}

/* What goes by a way; written when first wanted. */
static enum store_error
make_copy(struct placing *placing, size_t via, bool is_first,
    struct copy **made)
{
	struct copy *copy = calloc(1, sizeof *copy);
	enum store_error error = STORE_OK;

	if (copy == NULL)
		return STORE_FULL;
	copy->via = via;
	copy->delivery = placing->message;
	if (via != VIA_NONE || !is_first)
		error = write_own(placing, copy);
	if (error != STORE_OK) {
		free(copy);
		return error;
	}
	copy->next = placing->copies;
	placing->copies = *made = copy;
	return STORE_OK;
}

/*
 * Finds what goes by a way; to be queued, one that is not yet, since an entry
 * of the queue is never changed by who has made it.
 */
static enum store_error
find_copy(struct placing *placing, size_t via, bool is_to_be_queued,
    struct copy **found)
{
	struct copy *copy;
	bool is_first = true;

	for (copy = placing->copies; copy != NULL; copy = copy->next) {
		if (copy->via != via)
			continue;
		is_first = false;
		if (!is_to_be_queued || !copy->is_queued) {
			*found = copy;
			return STORE_OK;
		}
	}
	return make_copy(placing, via, is_first, found);
}

/* Whether a placement is one of a recipient's; NULL: of anybody's. */
static bool
is_wanted(const struct placing *placing, const struct placement *placement,
    const struct recipient *recipient)
{
	const struct expansion *expansion = &placing->envelope->expansion;
	struct placement wanted;
	size_t i, count;

	if (recipient == NULL)
		return true;
	count = recipient->target_count + recipient->remote_count;
	for (i = 0; i < count; i++) {
		wanted = i < recipient->target_count ?
		    mailbox_of(expansion, recipient->first_target + i) :
		    address_of(expansion, recipient->first_remote + i -
		    recipient->target_count, recipient);
		if (compare_places(&wanted, placement) == 0)
			return true;
	}
	return false;
}

/* Whether a placement is to get a copy just now. */
static bool
is_its_turn(const struct placing *placing, const struct placement *placement,
    const struct copy *copy)
{
	return placement->turn == placing->turn && placement->copy == copy &&
	    !placement->is_placed;
}

/* Delivers a copy to the mailboxes whose turn it is. */
static enum store_error
deliver_alike(struct placing *placing, const struct copy *copy,
    size_t first)
{
	size_t count = 0, i;

	for (i = first; i < placing->count; i++)
		if (is_its_turn(placing, &placing->placements[i], copy))
			placing->accounts[count++] =
			    placing->placements[i].account;
	return placing->count == 1 ?
	    delivery_place_only(copy->delivery, placing->accounts[0]) :
	    delivery_place(copy->delivery, placing->accounts, count);
}

/* The same for addresses of other hosts, which have one envelope. */
static enum store_error
queue_alike(struct placing *placing, struct copy *copy, size_t first)
{
	bool has_utf8 = false, has_all = true;
	enum store_error error;
	size_t i;

	for (i = first; i < placing->count; i++)
		if (is_its_turn(placing, &placing->placements[i], copy) &&
		    !text_is_ascii(placing->placements[i].account))
			has_utf8 = true;
	if (!queueing_begin(&copy->outgoing, placing->envelope,
	    placing->message->seconds, has_utf8))
		return STORE_FULL;
	for (i = first; i < placing->count && has_all; i++) {
		const struct placement *placement = &placing->placements[i];

		if (is_its_turn(placing, placement, copy))
			has_all = queueing_add(&copy->outgoing,
			    placement->account, placement->remote,
			    copy->via != VIA_NONE);
	}
	error = has_all ? outgoing_put(&copy->outgoing, copy->delivery) :
	    STORE_FULL;
	copy->is_queued = error == STORE_OK;
	copy->turn = placing->turn;
	if (!copy->is_queued)
		outgoing_free(&copy->outgoing);
	return error;
}

/*
 * Tries all that are wanted and come by the same way as the first of them:
 * they get the message together, or none of them does.
 */
static enum store_error
place_alike(struct placing *placing, const struct recipient *recipient,
    size_t first)
{
	const struct placement *model = &placing->placements[first];
	bool is_remote = model->remote != NULL;
	enum store_error error;
	struct copy *copy;
	size_t i;

	error = find_copy(placing, model->via, is_remote, &copy);
	if (error != STORE_OK)
		return error;
	for (i = first; i < placing->count; i++) {
		struct placement *placement = &placing->placements[i];

		if (!placement->is_placed && placement->via == copy->via &&
		    (placement->remote != NULL) == is_remote &&
		    is_wanted(placing, placement, recipient)) {
			placement->turn = placing->turn;
			placement->copy = copy;
		}
	}
	error = is_remote ? queue_alike(placing, copy, first) :
	    deliver_alike(placing, copy, first);
	for (i = first; i < placing->count && error == STORE_OK; i++)
		if (is_its_turn(placing, &placing->placements[i], copy))
			placing->placements[i].is_placed = true;
	return error;
}

/* Takes back what was placed in one turn, or, with 0, in all of them. */
static void
revoke(struct placing *placing, unsigned turn)
{
	struct copy *copy;
	int saved = errno;
	size_t i;

	for (copy = placing->copies; copy != NULL; copy = copy->next)
		if (copy->is_queued && (turn == 0 || copy->turn == turn)) {
			outgoing_revoke(&copy->outgoing, copy->delivery);
			outgoing_free(&copy->outgoing);
			copy->is_queued = false;
		}
	for (i = 0; i < placing->count; i++) {
		struct placement *placement = &placing->placements[i];

		if (!placement->is_placed ||
		    (turn != 0 && placement->turn != turn))
			continue;
		placement->is_placed = false;
		if (placement->remote == NULL)
			delivery_revoke(placement->copy->delivery,
			    &placement->account, 1);
	}
	errno = saved;
}

enum store_error
placing_for(struct placing *placing, const struct recipient *recipient)
{
	enum store_error error = STORE_OK;
	size_t i;

	placing->turn++;
	for (i = 0; i < placing->count && error == STORE_OK; i++)
		if (!placing->placements[i].is_placed &&
		    is_wanted(placing, &placing->placements[i], recipient))
			error = place_alike(placing, recipient, i);
	if (error != STORE_OK)
		revoke(placing, placing->turn);
	return error;
}

enum store_error
placing_all(struct placing *placing)
{
	return placing_for(placing, NULL);
}

void
placing_revoke(struct placing *placing)
{
	revoke(placing, 0);
}

bool
placing_is_over_quota(const struct placing *placing,
    const struct recipient *recipient, uint64_t octets)
{
	size_t i, wanted = 0;

	for (i = 0; i < placing->count; i++) {
		const struct placement *placement = &placing->placements[i];

		if (!is_wanted(placing, placement, recipient))
			continue;
		if (placement->is_placed || octets <= placement->room)
			return false;
		wanted++;
	}
	return wanted > 0;
}

const char *
placing_forwarder(const struct placing *placing,
    const struct placement *placement)
{
	return placement->via == VIA_NONE ? NULL :
	    placing->envelope->expansion.forwarders[placement->via].account;
}

void
placing_end(struct placing *placing)
{
	int saved = errno;

	while (placing->copies != NULL) {
		struct copy *copy = placing->copies;

		placing->copies = copy->next;
		if (copy->is_queued)
			outgoing_free(&copy->outgoing);
		if (copy->delivery != placing->message) {
			delivery_end(copy->delivery);
			free(copy->delivery);
		}
		free(copy);
	}
	free(placing->accounts);
	free(placing->placements);
	placing->accounts = NULL;
	placing->placements = NULL;
	placing->count = 0;
	errno = saved;
}
