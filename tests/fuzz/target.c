/* The part of each fuzz target that meets AFL++; see target.h. */
#include "tests/fuzz/target.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define WATCHES_MEMORY
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define WATCHES_MEMORY
#endif
#endif

/* What one input may have allocated at a time, whatever it is. */
#define PEAK_OCTETS_MAX ((size_t)8 << 20)

/* What may stay allocated in a whole process: libraries keep a little. */
#define KEPT_OCTETS_MAX ((size_t)1 << 20)

/* Where to complain: standard error is often the log of a session. */
static int complaints = STDERR_FILENO;

void
oracle_tell(const char *file, int line, const char *condition,
    const char *words, ...)
{
	va_list arguments;

	(void)dprintf(complaints, "ORACLE %s:%d: %s: ", file, line, condition);
	va_start(arguments, words);
	(void)vdprintf(complaints, words, arguments);
	va_end(arguments);
	(void)dprintf(complaints, "\n");
}

char *
copy_of(const char *octets, size_t length)
{
	char *copy = malloc(length + 1);

	ORACLE(copy != NULL, "no memory for %zu octets", length);
	if (length > 0)
		memcpy(copy, octets, length);
	copy[length] = '\0';
	return copy;
}

char *
exact_copy_of(const char *octets, size_t length)
{
	char *copy = malloc(length > 0 ? length : 1);

	ORACLE(copy != NULL, "no memory for %zu octets", length);
	if (length > 0)
		memcpy(copy, octets, length);
	return copy;
}

#ifdef WATCHES_MEMORY

/* The run time of the sanitizers; not every compiler has headers for it. */
const char *__asan_default_options(void);
const char *__msan_default_options(void);
size_t __sanitizer_get_allocated_size(const volatile void *place);
int __sanitizer_install_malloc_and_free_hooks(
    void (*allocated)(const volatile void *place, size_t size),
    void (*released)(const volatile void *place));
void __sanitizer_set_report_fd(void *descriptor);

/*
 * What is freed is watched for as long as an input is taken, or about that:
 * a big heap makes each process of a session cost more than the session.  A
 * process that a sanitizer ends is one that a signal has ended.
 */
const char *
__asan_default_options(void)
{
	return "quarantine_size_mb=1:abort_on_error=1";
}

const char *
__msan_default_options(void)
{
	return "abort_on_error=1";
}

static size_t allocated, peak, at_first;

static void
count_allocation(const volatile void *place, size_t size)
{
	(void)place;
	allocated += size;
	if (allocated > peak)
		peak = allocated;
}

static void
count_release(const volatile void *place)
{
	size_t size = place == NULL ? 0 :
	    __sanitizer_get_allocated_size(place);

	allocated -= size < allocated ? size : allocated;
}

static void
report_to_complaints(void)
{
	__sanitizer_set_report_fd((void *)(intptr_t)complaints);
}

static void
watch_memory(void)
{
	report_to_complaints();
	(void)pthread_atfork(NULL, NULL, report_to_complaints);
	(void)__sanitizer_install_malloc_and_free_hooks(count_allocation,
	    count_release);
}

#else

static void
watch_memory(void)
{
}

#endif

static void
take(const char *input, size_t length)
{
	char *copy;

	if (length > INPUT_OCTETS_MAX)
		return;
	copy = exact_copy_of(input, length);
#ifdef WATCHES_MEMORY
	size_t before = peak = allocated;

	target_take(copy, length);
	ORACLE(peak - before <= PEAK_OCTETS_MAX, "%zu octets at a time",
	    peak - before);
	if (at_first == 0)
		at_first = allocated + 1;
	ORACLE(allocated <= at_first + KEPT_OCTETS_MAX,
	    "%zu octets are kept, %zu after the first input", allocated,
	    at_first);
#else
	target_take(copy, length);
#endif
	free(copy);
}

/* Takes the inputs in files: those that are kept, or one that was found. */
static void
take_files(char **paths)
{
	static char input[INPUT_OCTETS_MAX + 1];

	for (; *paths != NULL; paths++) {
		FILE *file = fopen(*paths, "rb");
		size_t length;

		if (file == NULL) {
			perror(*paths);
			exit(1);
		}
		length = fread(input, 1, sizeof input, file);
		(void)fclose(file);
		(void)dprintf(complaints, "%s\n", *paths);
		take(input, length);
	}
}

#ifdef __AFL_FUZZ_TESTCASE_LEN

#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

__AFL_FUZZ_INIT();

/* After so many inputs a new process begins. */
#define INPUTS_OF_A_PROCESS 2000

static void
take_from_afl(void)
{
	__AFL_INIT();
	const unsigned char *input = __AFL_FUZZ_TESTCASE_BUF;

	while (__AFL_LOOP(INPUTS_OF_A_PROCESS))
		take((const char *)input, (size_t)__AFL_FUZZ_TESTCASE_LEN);
}

#else

static void
take_from_afl(void)
{
	(void)dprintf(complaints, "no build for AFL++: say which files\n");
	exit(1);
}

#endif

int
main(int argc, char **argv)
{
	complaints = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);
	if (complaints == -1)
		complaints = STDERR_FILENO;
	watch_memory();
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGALRM, SIG_IGN);
	target_begin();
	if (argc > 1)
		take_files(argv + 1);
	else
		take_from_afl();
	return 0;
}
