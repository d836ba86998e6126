/* Text in the columns of a terminal. */
#ifndef POP3_STDIO_COLUMNS_H
#define POP3_STDIO_COLUMNS_H

#include <stddef.h>
#include <stdio.h>

/*
 * How many columns standard output has; 0 where it is no terminal, and lines
 * may be as long as they are.
 */
size_t columns_of_output(void);

/*
 * Prints text as print_visible() does, cut after so many columns (0: not at
 * all), and returns how many it takes.
 */
size_t columns_print(FILE *file, const char *text, size_t length,
    size_t columns);

#endif
