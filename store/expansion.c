/* Expansion of recipients; see expansion.h. */
#include "store/expansion.h"

#include <stdlib.h>
#include <string.h>

#include "store/account.h"
#include "store/durable.h"
#include "store/forward.h"
#include "store/quota.h"

/* An expansion under way. */
struct growth {
	struct expansion *expansion;
	struct mail_root *root;
	expansion_skipped *skipped;
	size_t addresses;               /* looked at so far */
};

/* Room for one more element in a list, which may move. */
static bool
make_room(void **list, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room == 0 ? 16 : 2 * *room;
	void *moved;

	if (count < *room)
		return true;
	moved = realloc(*list, wanted * size);
	if (moved == NULL)
		return false;
	*list = moved;
	*room = wanted;
	return true;
}

static char *
copy_of(const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];

	address_text(address, text);
	return strdup(text);
}

/*
 * gcc 12's analyzer loses sight of a pointer that is stored at an index it
 * does not know, and calls it leaked; expansion_cut() frees it.
 */
#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* A mailbox is not counted again that is a target already. */
static enum store_error
find_room(struct growth *growth, const struct address *account,
    uint64_t quota, uint64_t *room)
{
	const struct expansion *expansion = growth->expansion;
	char text[ADDRESS_TEXT_SIZE];
	size_t i;

	address_text(account, text);
	for (i = 0; i < expansion->target_count; i++)
		if (strcmp(expansion->targets[i].account, text) == 0) {
			*room = expansion->targets[i].room;
			return STORE_OK;
		}
	return quota_room(growth->root, account, quota, room);
}

static enum store_error
add_target(struct growth *growth, const struct address *account,
    uint64_t quota, size_t via)
{
	struct expansion *expansion = growth->expansion;
	void *list = expansion->targets;
	enum store_error error;
	struct target target;

	error = find_room(growth, account, quota, &target.room);
	if (error != STORE_OK)
		return error;
	target.account = copy_of(account);
	target.via = via;
	if (target.account == NULL || !make_room(&list,
	    expansion->target_count, &expansion->target_room, sizeof target)) {
		free(target.account);
		return STORE_FULL;
	}
	expansion->targets = list;
	expansion->targets[expansion->target_count++] = target;
	return STORE_OK;
}

static enum store_error
add_forwarder(struct growth *growth, const struct address *account,
    size_t via, size_t *index)
{
	struct expansion *expansion = growth->expansion;
	struct forwarder forwarder = { copy_of(account), via, false };
	void *list = expansion->forwarders;

	if (forwarder.account == NULL || !make_room(&list,
	    expansion->forwarder_count, &expansion->forwarder_room,
	    sizeof forwarder)) {
		free(forwarder.account);
		return STORE_FULL;
	}
	expansion->forwarders = list;
	*index = expansion->forwarder_count++;
	expansion->forwarders[*index] = forwarder;
	return STORE_OK;
}

/* Where an account stands on the way that leads to via; VIA_NONE: nowhere. */
static size_t
find_on_way(const struct expansion *expansion, const struct address *account,
    size_t via)
{
	char text[ADDRESS_TEXT_SIZE];

	address_text(account, text);
	while (via != VIA_NONE &&
	    strcmp(expansion->forwarders[via].account, text) != 0)
		via = expansion->forwarders[via].via;
	return via;
}

static enum store_error expand(struct growth *growth,
    const struct address *account, size_t via, unsigned depth);

/* One line of a forward; a target that leads nowhere is told, and no error. */
static enum store_error
expand_target(struct growth *growth, const struct address *account,
    const char *line, size_t via, unsigned depth)
{
	struct address address, target;
	enum store_error error = STORE_NOT_FOUND;
	const char *why = "it is no address";
	char text[ADDRESS_TEXT_SIZE];

	if (++growth->addresses > FORWARD_TARGETS_MAX)
		return STORE_NOT_FOUND;
	if (address_parse(&address, line, strlen(line))) {
		error = account_resolve(growth->root, &address, false,
		    &target);
		why = error == STORE_NOT_HOSTED ?
		    "its domain is not hosted here" : "no such account";
	}
	if (error == STORE_OK && depth > EXPANSION_DEPTH_MAX &&
	    find_on_way(growth->expansion, &target, via) == VIA_NONE) {
		why = "too many forwards one behind the other";
		error = STORE_NOT_FOUND;
	}
	if (error == STORE_OK)
		return expand(growth, &target, via, depth);
	if (error != STORE_NOT_FOUND && error != STORE_NOT_HOSTED)
		return error;
	address_text(account, text);
	if (growth->skipped != NULL)
		growth->skipped(text, line, why);
	return STORE_OK;
}

/* All that an account's mail is forwarded to. */
static enum store_error
expand_forward(struct growth *growth, const struct address *account,
    struct forward *forward, size_t via, unsigned depth)
{
	enum store_error error;
	const char *line;
	size_t here;

	error = add_forwarder(growth, account, via, &here);
	while (error == STORE_OK && (line = forward_next(forward)) != NULL)
		error = expand_target(growth, account, line, here, depth + 1);
	forward_free(forward);
	return error;
}

/* An account: its own mailbox, or all that its mail is forwarded to. */
static enum store_error
expand(struct growth *growth, const struct address *account, size_t via,
    unsigned depth)
{
	size_t here = find_on_way(growth->expansion, account, via);
	uint64_t quota = QUOTA_NONE;
	struct forward forward = { NULL, 0, 0 };
	enum store_error error;
	int directory;

	error = account_open(growth->root, account, &directory);
	if (error != STORE_OK)
		return error;
	if (here == VIA_NONE)
		error = forward_read(directory, &forward);
	else {
		via = growth->expansion->forwarders[here].via;
		error = STORE_NOT_FOUND;        /* its own mailbox */
	}
	if (error == STORE_NOT_FOUND) {
		error = quota_read(directory, &quota);
		durable_close(directory);
		return error == STORE_OK ?
		    add_target(growth, account, quota, via) : error;
	}
	durable_close(directory);
	return error == STORE_OK ?
	    expand_forward(growth, account, &forward, via, depth) : error;
}

enum store_error
expansion_add(struct expansion *expansion, struct mail_root *root,
    const struct address *account, expansion_skipped *skipped)
{
	struct growth growth = { expansion, root, skipped, 0 };
	size_t forwarders = expansion->forwarder_count;
	size_t targets = expansion->target_count;
	enum store_error error;

	error = expand(&growth, account, VIA_NONE, 0);
	if (error == STORE_OK && expansion->target_count == targets)
		error = STORE_NOT_FOUND;
	if (error != STORE_OK)
		expansion_cut(expansion, forwarders, targets);
	return error;
}

void
expansion_cut(struct expansion *expansion, size_t forwarder_count,
    size_t target_count)
{
	while (expansion->forwarder_count > forwarder_count)
		free(expansion->forwarders[--expansion->forwarder_count].account);
	while (expansion->target_count > target_count)
		free(expansion->targets[--expansion->target_count].account);
}

void
expansion_reset(struct expansion *expansion)
{
	expansion_cut(expansion, 0, 0);
	free(expansion->forwarders);
	free(expansion->targets);
	memset(expansion, 0, sizeof *expansion);
}
