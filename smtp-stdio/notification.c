/* What a sender is told; see notification.h. */
#include "smtp-stdio/notification.h"

#include <stdlib.h>

#include "smtp-stdio/dsn.h"
#include "smtp-stdio/session.h"

/* What there is to tell of a recipient; false: nothing that is wanted. */
static bool
describe(const struct recipient *recipient, struct dsn_recipient *told)
{
	bool is_nobody = recipient_is_nobody(recipient);
	bool is_spread = recipient_is_spread(recipient);

	/* Who hands it on to one other host hands that on, too. */
	if (!recipient_is_reported(recipient, is_nobody) ||
	    (recipient->remote_count > 0 && !is_spread))
		return false;
	*told = (struct dsn_recipient) {
		.forward_path = recipient->forward_path,
		.original = recipient->original == NULL ? "" :
		    recipient->original,
		.action = is_nobody ? DSN_FAILED :
		    is_spread ? DSN_RELAYED : DSN_DELIVERED,
		.status = is_nobody ? "5.1.1" : "2.1.5",
		.words = is_nobody ? "No such mailbox here" :
		    is_spread ? "Passed on to several addresses" : "Delivered",
		.server = "",
		.said = ""
	};
	return true;
}

/* The recipients that are to be told of; returns how many. */
static size_t
describe_all(const struct envelope *envelope, const bool *wanted,
    struct dsn_recipient *told)
{
	size_t count = 0, i;

	for (i = 0; i < envelope->count; i++)
		if ((wanted == NULL || wanted[i]) &&
		    describe(envelope->recipients[i], &told[count]))
			count++;
	return count;
}

/* Whether one of them is to be told of: most messages end here. */
static bool
has_something_to_tell(const struct envelope *envelope, const bool *wanted)
{
	struct dsn_recipient told;
	size_t i;

	for (i = 0; i < envelope->count; i++)
		if ((wanted == NULL || wanted[i]) &&
		    describe(envelope->recipients[i], &told))
			return true;
	return false;
}

enum store_error
notification_write(struct report *report, const struct incoming *message,
    const bool *wanted)
{
	struct session *session = message->session;
	const struct envelope *envelope = &session->envelope;
	struct dsn_recipient *told;
	enum store_error error;
	struct dsn dsn = {
		.hostname = session->settings->common.hostname,
		.reverse_path = envelope->reverse_path,
		.envelope_id = envelope->parameters.envelope_id,
		.arrived = message->delivery.seconds,
		.returns_header =
		    envelope->parameters.returned == RETURN_HEADERS,
		.message = message->delivery.file,
		.start = message->start,
		.header_end = message->header_end,
		.end = message->delivery.sizes.disk,
		.has_utf8_header = message->header.has_eight_bits
	};

	report_init(report);
	if (!has_something_to_tell(envelope, wanted))
		return STORE_OK;
	told = calloc(envelope->count, sizeof *told);
	if (told == NULL)
		return STORE_FULL;
	dsn.recipients = told;
	dsn.count = describe_all(envelope, wanted, told);
	error = report_write(report, &session->root, &dsn);
	free(told);
	return error;
}
