/* Where a message goes; see placing.h. */
#include "smtp-stdio/placing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/maildir.h"
#include "store/text.h"

static int
compare_placements(const void *left, const void *right)
{
	const struct placement *a = left, *b = right;
	int order = strcmp(a->account, b->account);

	/* Who gets it in his own name does not get it as a copy. */
	if (order != 0)
		return order;
	return a->via == b->via ? 0 :
	    a->via == VIA_NONE || (b->via != VIA_NONE && a->via < b->via) ?
	    -1 : 1;
}

/* The mailbox that a target stands for; loops are cut off at their start. */
static void
set_placement(struct placement *placement, const struct expansion *expansion,
    const struct target *target)
{
	size_t via;

	memset(placement, 0, sizeof *placement);
	placement->account = target->account;
	placement->via = target->via;
	placement->room = target->room;
	for (via = target->via; via != VIA_NONE;
	    via = expansion->forwarders[via].via)
		if (expansion->forwarders[via].loops) {
			placement->account = expansion->forwarders[via].account;
			placement->via = expansion->forwarders[via].via;
			placement->room = UINT64_MAX;
		}
}

/* Each mailbox once. */
static void
make_unique(struct placing *placing)
{
	size_t i, unique = 0;

	qsort(placing->placements, placing->count, sizeof *placing->placements,
	    compare_placements);
	for (i = 0; i < placing->count; i++)
		if (unique == 0 || strcmp(placing->placements[i].account,
		    placing->placements[unique - 1].account) != 0)
			placing->placements[unique++] = placing->placements[i];
	placing->count = unique;
}

enum store_error
placing_begin(struct placing *placing, struct delivery *message,
    const struct envelope *envelope, const char *host)
{
	const struct expansion *expansion = &envelope->expansion;
	size_t count = expansion->target_count, i;

	memset(placing, 0, sizeof *placing);
	placing->message = message;
	placing->envelope = envelope;
	placing->host = host;
	if (count == 0)
		return STORE_OK;
	placing->placements = malloc(count * sizeof *placing->placements);
	placing->accounts = malloc(count * sizeof *placing->accounts);
	if (expansion->forwarder_count > 0)
		placing->copies = malloc(expansion->forwarder_count *
		    sizeof *placing->copies);
	if (placing->placements == NULL || placing->accounts == NULL ||
	    (expansion->forwarder_count > 0 && placing->copies == NULL)) {
		placing_end(placing);
		return STORE_FULL;
	}
	for (i = 0; i < count; i++)
		set_placement(&placing->placements[i], expansion,
		    &expansion->targets[i]);
	placing->count = count;
	make_unique(placing);
	return STORE_OK;
}

/* RFC 5321 section 4.4: Return-Path stays on top; how long that line is. */
static ssize_t
find_top(const struct delivery *message)
{
	static const char name[] = "Return-Path:";
	char head[1024];
	ssize_t got = delivery_read(message, head, sizeof head, 0);
	const char *end;

	if (got < (ssize_t)sizeof name ||
	    memcmp(head, name, sizeof name - 1) != 0)
		return got == -1 ? -1 : 0;
	end = memchr(head, '\n', (size_t)got);
	return end == NULL ? 0 : end + 1 - head;
}

/* Writes to a copy, and counts what that is on the wire. */
static enum store_error
write_counted(struct copy *copy, struct wire_count *count, const char *octets,
    size_t length)
{
	wire_count_add(count, octets, length);
	return delivery_write(&copy->delivery, octets, length, 0);
}

/* Copies octets of the message, from one place to another or to its end. */
static enum store_error
copy_part(const struct placing *placing, struct copy *copy,
    struct wire_count *count, uint64_t at, uint64_t end)
{
	enum store_error error = STORE_OK;
	char buffer[32768];

	while (error == STORE_OK && at < end) {
		uint64_t left = end - at;
		ssize_t got = delivery_read(placing->message, buffer,
		    left < sizeof buffer ? (size_t)left : sizeof buffer, at);

		if (got <= 0)
			return STORE_FAILED;
		error = write_counted(copy, count, buffer, (size_t)got);
		at += (uint64_t)got;
	}
	return error;
}

/* A Delivered-To line for each forwarder on the way, the last one first. */
static enum store_error
write_forwarders(const struct placing *placing, struct copy *copy,
    struct wire_count *count)
{
	const struct forwarder *forwarders =
	    placing->envelope->expansion.forwarders;
	enum store_error error = STORE_OK;
	char buffer[ADDRESS_TEXT_SIZE + 32];
	struct text text;
	size_t via;

	for (via = copy->via; via != VIA_NONE && error == STORE_OK;
	    via = forwarders[via].via) {
		text_init(&text, buffer, sizeof buffer);
		text_add(&text, "Delivered-To: ");
		text_add(&text, forwarders[via].account);
		text_add_octet(&text, '\n');
		error = write_counted(copy, count, buffer, text.length);
	}
	return error;
}

static enum store_error
write_copy(const struct placing *placing, struct copy *copy)
{
	uint64_t end = placing->message->sizes.disk;
	ssize_t top = find_top(placing->message);
	struct wire_count count;
	enum store_error error;

	if (top == -1)
		return STORE_FAILED;
	error = delivery_begin(&copy->delivery, placing->message->root,
	    placing->host);
	if (error != STORE_OK)
		return error;
	wire_count_init(&count);
	error = copy_part(placing, copy, &count, 0, (uint64_t)top);
	if (error == STORE_OK)
		error = write_forwarders(placing, copy, &count);
	if (error == STORE_OK)
		error = copy_part(placing, copy, &count, (uint64_t)top, end);
	copy->delivery.sizes = wire_count_end(&count);
	if (error != STORE_OK)
		delivery_end(&copy->delivery);
	return error;
}

/* What goes to mailboxes by way of a forwarder; written when first wanted. */
static enum store_error
find_delivery(struct placing *placing, size_t via, struct delivery **delivery)
{
	enum store_error error;
	struct copy *copy;
	size_t i;

	*delivery = placing->message;
	if (via == VIA_NONE)
		return STORE_OK;
	for (i = 0; i < placing->copy_count; i++)
		if (placing->copies[i].via == via) {
			*delivery = &placing->copies[i].delivery;
			return STORE_OK;
		}
	copy = &placing->copies[placing->copy_count];
	copy->via = via;
	error = write_copy(placing, copy);
	if (error != STORE_OK)
		return error;
	placing->copy_count++;
	*delivery = &copy->delivery;
	return STORE_OK;
}

/* Whether a placement is one of a recipient's; NULL: of anybody's. */
static bool
is_wanted(const struct placing *placing, const struct placement *placement,
    const struct recipient *recipient)
{
	const struct expansion *expansion = &placing->envelope->expansion;
	struct placement wanted;
	size_t i;

	if (recipient == NULL)
		return true;
	for (i = 0; i < recipient->target_count; i++) {
		set_placement(&wanted, expansion,
		    &expansion->targets[recipient->first_target + i]);
		if (strcmp(wanted.account, placement->account) == 0)
			return true;
	}
	return false;
}

/*
 * Tries all that are wanted and come by the same way as the first of them:
 * they get the message together, or none of them does.
 */
static enum store_error
place_alike(struct placing *placing, const struct recipient *recipient,
    size_t first)
{
	size_t via = placing->placements[first].via, count = 0, i;
	struct delivery *delivery;
	enum store_error error;

	for (i = first; i < placing->count; i++) {
		struct placement *placement = &placing->placements[i];

		if (!placement->is_placed && placement->via == via &&
		    is_wanted(placing, placement, recipient)) {
			placement->turn = placing->turn;
			placing->accounts[count++] = placement->account;
		}
	}
	error = find_delivery(placing, via, &delivery);
	if (error == STORE_OK)
		error = delivery_place(delivery, placing->accounts, count);
	for (i = first; i < placing->count && error == STORE_OK; i++) {
		struct placement *placement = &placing->placements[i];

		if (placement->turn == placing->turn && placement->via == via)
			placement->is_placed = true;
	}
	return error;
}

/* Takes back what was placed in one turn, or, with 0, in all of them. */
static void
revoke(struct placing *placing, unsigned turn)
{
	int saved = errno;
	size_t i;

	for (i = 0; i < placing->count; i++) {
		struct placement *placement = &placing->placements[i];
		struct delivery *delivery;

		if (!placement->is_placed ||
		    (turn != 0 && placement->turn != turn))
			continue;
		placement->is_placed = false;
		if (find_delivery(placing, placement->via, &delivery) ==
		    STORE_OK)
			delivery_revoke(delivery, &placement->account, 1);
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

void
placing_end(struct placing *placing)
{
	int saved = errno;
	size_t i;

	for (i = 0; i < placing->copy_count; i++)
		delivery_end(&placing->copies[i].delivery);
	free(placing->copies);
	free(placing->accounts);
	free(placing->placements);
	errno = saved;
}
