/*
 * The servers' memory: blocks are as big as was asked for, apart from each
 * other, keep what is in them, and are given out again.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/check.h"

#define BLOCKS 500

struct held {
	unsigned char *octets;
	size_t length;
	unsigned char mark;
};

/* Through pointers that no compiler sees through. */
static void *(*volatile take)(size_t) = malloc;
static void *(*volatile take_zeros)(size_t, size_t) = calloc;
static void *(*volatile take_other)(void *, size_t) = realloc;
static void (*volatile give)(void *) = free;

static uint32_t state = 1;

/* The same ones each time. */
static size_t
random_below(size_t limit)
{
	state = state * 1664525U + 1013904223U;
	return (state >> 8) % limit;
}

/* Few octets mostly, sometimes more than any kind of block has. */
static size_t
random_length(void)
{
	size_t kind = random_below(100);

	return random_below(kind < 80 ? 300 : kind < 98 ? 20000 : 300000);
}

static bool
is_whole(const struct held *held)
{
	size_t i;

	for (i = 0; i < held->length; i++)
		if (held->octets[i] != held->mark)
			return false;
	return true;
}

static void
mark(struct held *held, size_t length)
{
	static unsigned char next;

	held->length = length;
	held->mark = ++next;
	memset(held->octets, held->mark, length);
}

/* Gives one back, makes it longer or shorter, or takes one. */
static bool
change(struct held *held)
{
	size_t length = random_length(), kept;

	if (held->octets == NULL) {
		held->octets = take(length);
		if (held->octets == NULL || (uintptr_t)held->octets % 16 != 0)
			return false;
	} else if (random_below(2) == 0) {
		if (!is_whole(held))
			return false;
		give(held->octets);
		held->octets = NULL;
		held->length = 0;
		return true;
	} else {
		kept = length < held->length ? length : held->length;
		held->octets = take_other(held->octets, length);
		held->length = kept;
		if (held->octets == NULL || !is_whole(held))
			return false;
	}
	mark(held, length);
	return true;
}

static void
test_blocks(void)
{
	static struct held held[BLOCKS];
	size_t i;
	bool good = true;

	for (i = 0; i < 200000 && good; i++)
		good = change(&held[random_below(BLOCKS)]);
	CHECK(good, "each block keeps what is in it (change %zu)", i);
	for (i = 0; i < BLOCKS; i++) {
		good = good && is_whole(&held[i]);
		give(held[i].octets);
	}
	CHECK(good, "to the end");
}

static void
test_zeros(void)
{
	size_t length = 5000, i, others = 0;
	unsigned char *block = take(length);

	if (block != NULL)
		memset(block, 1, length);
	give(block);
	block = take_zeros(50, 100);
	for (i = 0; block != NULL && i < length; i++)
		others += block[i] != 0;
	CHECK(block != NULL && others == 0, "what calloc(3) gives is zero");
	give(block);
}

static void
test_too_much(void)
{
	errno = 0;
	CHECK(take(SIZE_MAX) == NULL && errno == ENOMEM,
	    "more than there can be is refused");
	errno = 0;
	CHECK(take(SIZE_MAX / 2 - 4096) == NULL && errno == ENOMEM,
	    "and half of it");
	errno = 0;
	CHECK(take_zeros(SIZE_MAX / 4, 8) == NULL && errno == ENOMEM,
	    "a product that is more than that is, too");
	give(NULL);
}

/* Memory stays where it was, once all sizes have been there. */
static void
test_again(void)
{
	struct rusage before, after;
	size_t i, length;

	for (i = 0; i < 300000; i++) {
		void *block = take(length = random_length());

		if (block == NULL)
			break;
		memset(block, 1, length);
		give(block);
		if (i == 1000)
			(void)getrusage(RUSAGE_SELF, &before);
	}
	(void)getrusage(RUSAGE_SELF, &after);
	CHECK(i == 300000 && after.ru_maxrss - before.ru_maxrss < 1024,
	    "what is free is given out again");
}

/* How a process ends that gives a block back twice. */
static int
ends_with(size_t length, bool over)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		char *block = take(length);

		(void)signal(SIGABRT, SIG_DFL);
		(void)close(STDERR_FILENO);
		if (over)
			memset(block - 16, 'x', 16);
		else
			give(block);
		give(block);
		_exit(0);
	}
	(void)waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
test_mistakes(void)
{
	CHECK(ends_with(100, false) == SIGABRT,
	    "a block that is given back twice ends the process");
	CHECK(ends_with(100, true) == SIGABRT,
	    "and one whose head has been written over");
}

int
main(void)
{
	test_blocks();
	test_zeros();
	test_too_much();
	test_again();
	test_mistakes();
	return check_end();
}
