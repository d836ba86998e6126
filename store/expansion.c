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
add_mailbox(struct expansion *expansion, const struct address *account,
    uint64_t room, size_t via)
{
	struct target target = { copy_of(account), via, room };
	void *list = expansion->targets;

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
add_target(struct growth *growth, const struct address *account,
    uint64_t quota, size_t via)
{
	enum store_error error;
	uint64_t room;

	error = find_room(growth, account, quota, &room);
	return error == STORE_OK ? add_mailbox(growth->expansion, account,
	    room, via) : error;
}

static enum store_error
add_remote(struct expansion *expansion, const char *path, size_t via)
{
	struct remote remote = { strdup(path), via };
	void *list = expansion->remotes;

	if (remote.address == NULL || !make_room(&list,
	    expansion->remote_count, &expansion->remote_room, sizeof remote)) {
		free(remote.address);
		return STORE_FULL;
	}
	expansion->remotes = list;
	expansion->remotes[expansion->remote_count++] = remote;
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
	char text[ADDRESS_TEXT_SIZE], path[ADDRESS_PATH_SIZE];
	const char *why = "it is no address";

	if (++growth->addresses > FORWARD_TARGETS_MAX)
		return STORE_NOT_FOUND;
	if (address_parse(&address, line, strlen(line))) {
		error = account_resolve(growth->root, &address, false,
		    &target);
		why = error == STORE_NOT_HOSTED ? "it is too long" :
		    "no such account";
	}
	if (error == STORE_NOT_HOSTED && address_to_path(line, path))
		return add_remote(growth->expansion, path, via);
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
	size_t here = VIA_NONE;

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
	int domain;

	error = account_domain(growth->root, account, &domain);
	if (error != STORE_OK)
		return error;
	if (here == VIA_NONE)
		error = forward_read(domain, account->local, &forward);
	else {
		via = growth->expansion->forwarders[here].via;
		error = STORE_NOT_FOUND;        /* its own mailbox */
	}
	if (error == STORE_NOT_FOUND) {
		error = quota_read(domain, account->local, &quota);
		return error == STORE_OK ?
		    add_target(growth, account, quota, via) : error;
	}
	return error == STORE_OK ?
	    expand_forward(growth, account, &forward, via, depth) : error;
}

enum store_error
expansion_add(struct expansion *expansion, struct mail_root *root,
    const struct address *account, expansion_skipped *skipped)
{
	struct growth growth = { expansion, root, skipped, 0 };
	struct expansion_mark mark = expansion_mark(expansion);
	enum store_error error;

	error = expand(&growth, account, VIA_NONE, 0);
	if (error == STORE_OK && expansion->target_count == mark.targets &&
	    expansion->remote_count == mark.remotes)
		error = STORE_NOT_FOUND;
	if (error != STORE_OK)
		expansion_cut(expansion, &mark);
	return error;
}

enum store_error
expansion_add_mailbox(struct expansion *expansion,
    const struct address *account)
{
	return add_mailbox(expansion, account, UINT64_MAX, VIA_NONE);
}

enum store_error
expansion_add_remote(struct expansion *expansion, const char *path)
{
	return add_remote(expansion, path, VIA_NONE);
}

struct expansion_mark
expansion_mark(const struct expansion *expansion)
{
	return (struct expansion_mark) { expansion->forwarder_count,
	    expansion->target_count, expansion->remote_count };
}

void
expansion_cut(struct expansion *expansion, const struct expansion_mark *mark)
{
	while (expansion->forwarder_count > mark->forwarders)
		free(expansion->forwarders[--expansion->forwarder_count].account);
	while (expansion->target_count > mark->targets)
		free(expansion->targets[--expansion->target_count].account);
	while (expansion->remote_count > mark->remotes)
		free(expansion->remotes[--expansion->remote_count].address);
}

void
expansion_reset(struct expansion *expansion)
{
	expansion_cut(expansion, &(struct expansion_mark) { 0, 0, 0 });
	free(expansion->forwarders);
	free(expansion->targets);
	free(expansion->remotes);
	memset(expansion, 0, sizeof *expansion);
}
