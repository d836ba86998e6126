/*
 * Text in a buffer of fixed size, built piece by piece, and decimal numbers
 * out of text.  What names, replies, trace lines and log lines are made with:
 * no allocation, no locale, no format string.
 */
#ifndef STORE_TEXT_H
#define STORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for any 64-bit number in decimal, with its NUL. */
#define TEXT_NUMBER_SIZE 21

struct text {
	char *start;            /* the caller's buffer; always ends in a NUL */
	size_t size;            /* of the buffer, NUL counted */
	size_t length;          /* octets in it so far */
	bool cut;               /* something did not fit and was left out */
};

/* Begins an empty text in buffer, which stays the caller's.  size > 0. */
void text_init(struct text *text, char *buffer, size_t size);

/* Each appends as much as fits, and sets cut where that is not all. */
void text_add(struct text *text, const char *string);
void text_add_octets(struct text *text, const char *octets, size_t length);
void text_add_octet(struct text *text, char octet);
void text_add_number(struct text *text, uint64_t number);

/* Appends number with leading zeros up to two digits, as dates want it. */
void text_add_two_digits(struct text *text, unsigned number);

/* Appends octets, each as two hexadecimal digits. */
void text_add_hexadecimal(struct text *text, const void *octets,
    size_t length);

/* The value of a hexadecimal digit of either case; -1 for others. */
int text_hexadecimal_digit(char digit);

/*
 * Reads the length octets at digits, all of them decimal digits and at least
 * one, into *number.  False where they are anything else.  A number past 64
 * bits becomes UINT64_MAX: too big for any limit, and never wrapped.
 */
bool text_to_number(const char *digits, size_t length, uint64_t *number);

/*
 * Reads a size in octets, a number with a suffix k, m or g for powers of 1024
 * or without; false also where it is past 63 bits.
 */
bool text_to_size(const char *text, uint64_t *octets);

/* Upper-case ASCII letters become lower-case ones; all else stays. */
char text_fold(char octet);

/* Whether two octet strings are equal when A-Z count as a-z. */
bool text_equal_folded(const char *a, size_t a_length,
    const char *b, size_t b_length);

/* Whether no octet is from 0x80 on. */
bool text_is_ascii(const char *text);

/* A control character of ASCII: 0x00-0x1F and 0x7F. */
bool text_is_control(char octet);

/*
 * Copies octets to out without the CR of each CRLF; returns how many these
 * are, at most length + 1.  A CR at the end waits for the next call in *cr,
 * which is false at first.
 */
size_t text_take_out_cr(const char *octets, size_t length, char *out,
    bool *cr);

#endif
