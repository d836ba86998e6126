/* Where octets go that one step of a decoding gives to the next. */
#ifndef POP3_STDIO_SINK_H
#define POP3_STDIO_SINK_H

#include <stddef.h>

struct sink {
	void (*take)(void *context, const char *octets, size_t length);
	void *context;
};

static inline void
sink_put(const struct sink *sink, const char *octets, size_t length)
{
	if (length > 0)
		sink->take(sink->context, octets, length);
}

#endif
