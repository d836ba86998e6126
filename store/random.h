/* Random octets from the kernel. */
#ifndef STORE_RANDOM_H
#define STORE_RANDOM_H

#include <stddef.h>

/* 64 random bits in hexadecimal, and a NUL. */
#define RANDOM_NAME_SIZE 17

/* Fills octets, at most 256; -1 with errno set where the kernel gives none. */
int random_octets(void *octets, size_t length);

/*
 * A name that no other process ever makes: 16 hexadecimal digits.  Nobody can
 * tell it beforehand, but it is no secret.
 */
int random_name(char name[RANDOM_NAME_SIZE]);

#endif
