/* Where the program lies, which it has no use for; see origin.c. */
#ifndef STDIO_ORIGIN_H
#define STDIO_ORIGIN_H

const char *origin_unknown(void);

#endif
