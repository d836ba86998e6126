/*
 * Octets between the two processes of one program.  Both are the same binary:
 * structs can go as they are.
 */
#ifndef STDIO_CHANNEL_H
#define STDIO_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

/* Makes a pair of ends that no other program gets; -1 with errno set. */
int channel_make(int ends[2]);

/*
 * Sends or receives all of length octets.  False where the other process has
 * ended, or where this one is to stop.
 */
bool channel_send(int end, const void *octets, size_t length);
bool channel_receive(int end, void *octets, size_t length);

#endif
