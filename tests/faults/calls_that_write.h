/*
 * Included before what makes these calls where SANITIZE=memory: what that sanitizer does
 * not know to have written memory.
 */
#ifndef FAULTS_CALLS_THAT_WRITE_H
#define FAULTS_CALLS_THAT_WRITE_H

#include <sanitizer/msan_interface.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int
getentropy_and_tell(void *octets, size_t length)
{
	int result = getentropy(octets, length);

	if (result == 0)
		__msan_unpoison(octets, length);
	return result;
}
#define getentropy getentropy_and_tell

/* getdents64(2): a directory, a buffer and its size. */
static inline long
entries_and_tell(long number, ...)
{
	va_list arguments;
	void *entries;
	int directory;
	long got;

	va_start(arguments, number);
	directory = va_arg(arguments, int);
	entries = va_arg(arguments, void *);
	got = syscall(number, directory, entries, va_arg(arguments, size_t));
	va_end(arguments);
	if (got > 0)
		__msan_unpoison(entries, (size_t)got);
	return got;
}
#define syscall(number, ...) ((number) == SYS_getdents64 ? \
	entries_and_tell(number, __VA_ARGS__) : syscall(number, __VA_ARGS__))

#endif
