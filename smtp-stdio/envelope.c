/* The envelope; see envelope.h. */
#include "smtp-stdio/envelope.h"

#include <stdlib.h>
#include <string.h>

void
envelope_begin(struct envelope *envelope, const char *reverse_path,
    const struct mail_parameters *parameters)
{
	envelope_reset(envelope);
	memcpy(envelope->reverse_path, reverse_path, strlen(reverse_path) + 1);
	if (parameters != NULL)
		envelope->parameters = *parameters;
}

static bool
make_room(struct envelope *envelope)
{
	size_t room = envelope->room == 0 ? 16 : 2 * envelope->room;
	struct recipient **recipients;

	if (envelope->count < envelope->room)
		return true;
	recipients = realloc(envelope->recipients, room * sizeof *recipients);
	if (recipients == NULL)
		return false;
	envelope->recipients = recipients;
	envelope->room = room;
	return true;
}

/*
 * gcc 12's analyzer loses sight of a pointer that is stored at an index it
 * does not know, and calls it leaked; envelope_reset() frees it.
 */
#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* A recipient with its texts; where its mail goes is the caller's to say. */
static struct recipient *
add_recipient(struct envelope *envelope, const char *forward_path,
    const struct rcpt_parameters *parameters)
{
	size_t path_size = strlen(forward_path) + 1;
	size_t original_size = strlen(parameters->original) + 1;
	size_t kept_size = strlen(parameters->kept) + 1;
	struct recipient *recipient;
	char *kept;

	recipient = malloc(sizeof *recipient + path_size + original_size +
	    kept_size);
	if (recipient == NULL || !make_room(envelope)) {
		free(recipient);
		return NULL;
	}
	memcpy(recipient->memory, forward_path, path_size);
	memcpy(recipient->memory + path_size, parameters->original,
	    original_size);
	kept = recipient->memory + path_size + original_size;
	memcpy(kept, parameters->kept, kept_size);
	recipient->forward_path = recipient->memory;
	recipient->parameters = kept;
	recipient->original =
	    original_size == 1 ? NULL : recipient->memory + path_size;
	recipient->notify = parameters->notify;
	envelope->recipients[envelope->count++] = recipient;
	return recipient;
}

bool
envelope_add(struct envelope *envelope, const char *forward_path,
    const struct rcpt_parameters *parameters,
    const struct expansion_mark *mark)
{
	const struct expansion *expansion = &envelope->expansion;
	struct recipient *recipient =
	    add_recipient(envelope, forward_path, parameters);

	if (recipient == NULL)
		return false;
	recipient->forwarder = mark->forwarders < expansion->forwarder_count ?
	    mark->forwarders : VIA_NONE;
	recipient->first_target = mark->targets;
	recipient->target_count = expansion->target_count - mark->targets;
	recipient->first_remote = mark->remotes;
	recipient->remote_count = expansion->remote_count - mark->remotes;
	return true;
}

const struct recipient *
envelope_find_forwarded(const struct envelope *envelope, const char *account)
{
	size_t i;

	for (i = 0; i < envelope->count; i++) {
		const struct recipient *recipient = envelope->recipients[i];

		if (recipient->forwarder != VIA_NONE &&
		    strcmp(account, envelope->expansion.forwarders[
		    recipient->forwarder].account) == 0)
			return recipient;
	}
	return NULL;
}

bool
envelope_add_like(struct envelope *envelope, const char *forward_path,
    const struct rcpt_parameters *parameters, const struct recipient *other)
{
	struct recipient *recipient =
	    add_recipient(envelope, forward_path, parameters);

	if (recipient == NULL)
		return false;
	recipient->forwarder = other->forwarder;
	recipient->first_target = other->first_target;
	recipient->target_count = other->target_count;
	recipient->first_remote = other->first_remote;
	recipient->remote_count = other->remote_count;
	return true;
}

bool
recipient_is_nobody(const struct recipient *recipient)
{
	return recipient->target_count == 0 && recipient->remote_count == 0;
}

bool
recipient_is_spread(const struct recipient *recipient)
{
	return recipient->forwarder != VIA_NONE &&
	    recipient->target_count + recipient->remote_count > 1;
}

bool
recipient_is_reported(const struct recipient *recipient, bool failed)
{
	if (recipient->notify == 0)
		return failed;
	return (recipient->notify &
	    (failed ? NOTIFY_FAILURE : NOTIFY_SUCCESS)) != 0;
}

void
envelope_reset(struct envelope *envelope)
{
	size_t i;

	for (i = 0; i < envelope->count; i++)
		free(envelope->recipients[i]);
	free(envelope->recipients);
	expansion_reset(&envelope->expansion);
	memset(envelope, 0, sizeof *envelope);
}
