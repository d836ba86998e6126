/* Routes by domain; see route.h. */
#include "smtp-stdio/route.h"

#include <string.h>

#include "store/text.h"

bool
route_add(struct route *route, const char *domain)
{
	const char *name = domain + (domain[0] == '!');

	name += name[0] == '.';
	if (*name == '\0' || *name == '.' || *name == '!' ||
	    strpbrk(name, "@ <>") != NULL)
		return false;
	route->domains[route->count++] = domain;
	return true;
}

/* ".example.com" is the end of what it stands for. */
static bool
is_in(const char *domain, size_t length, const char *wanted)
{
	size_t wanted_length = strlen(wanted);

	if (wanted[0] == '.' && length > wanted_length) {
		domain += length - wanted_length;
		length = wanted_length;
	}
	return text_equal_folded(domain, length, wanted, wanted_length);
}

bool
route_takes(const struct route *route, const char *path)
{
	const char *at = strrchr(path, '@'), *domain = at == NULL ? "" : at + 1;
	size_t length = strlen(domain), i;
	bool has_any = false, is_named = false;

	for (i = 0; i < route->count; i++) {
		const char *wanted = route->domains[i];

		if (wanted[0] == '!') {
			if (is_in(domain, length, wanted + 1))
				return false;
			continue;
		}
		has_any = true;
		is_named |= is_in(domain, length, wanted);
	}
	return is_named || !has_any;
}
