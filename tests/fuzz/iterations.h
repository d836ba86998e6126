/* How long a password may be worked on. */
#ifndef TESTS_FUZZ_ITERATIONS_H
#define TESTS_FUZZ_ITERATIONS_H

#include <stdint.h>

extern uint32_t iterations_most;        /* 1, unless a target wants more */

#endif
