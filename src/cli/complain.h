/* SPDX-License-Identifier: MIT */
/*
 * What a person is told when something is wrong: one line that names it and says what would be
 * right. It quotes what was given, so no byte of it reaches the terminal unescaped.
 */
#ifndef NSLS_COMPLAIN_H
#define NSLS_COMPLAIN_H

#include <stdio.h>

/* What every line begins with. */
#define COMPLAIN_NAME "nsls: "

/* Prints "nsls: ", the message and a newline. */
void complain(FILE *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The i-th of the words that would be right, NULL after the last. */
typedef const char *nth_word(size_t i);

/*
 * "nsls: unknown type 'foo'; the types are cgroup, ipc …", where what is "type"; with "in rule
 * 'foo<=3'" in the middle, unless rule is NULL.
 */
void complain_choice(
	FILE *err, const char *what, const char *word, size_t len, const char *rule, nth_word *nth);

#endif
