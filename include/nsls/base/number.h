/* SPDX-License-Identifier: MIT */
/* Decimal numbers, as users and proc files write them: nothing wraps around, nothing is guessed. */
#ifndef NSLS_BASE_NUMBER_H
#define NSLS_BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Parses the len bytes of text, which must be a number in 1..max with nothing around it, not
 * even a leading zero. Returns 0, or -EINVAL.
 */
int number_parse(const char *text, size_t len, uint64_t max, uint64_t *ret_number);

/*
 * Reads a number in 0..max behind blanks and tabs. Returns what follows it, or NULL where there
 * is no such number.
 */
const char *number_take(const char *text, uint64_t max, uint64_t *ret_number);

#endif
