/* SPDX-License-Identifier: MIT */
/*
 * One namespace for each way of being held and each type that can be held so, kept by that alone.
 *
 * A holder is a process that makes its namespaces, says of each what holds it and how it relates
 * to others (hold.h), and then waits. All of it happens in a mount namespace of the test's own.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include <stdbool.h>

void matrix_start(void);
void matrix_end(void);

/* One line of a holder, cut up. */
struct truth {
	char *ns, *relations, *holders;
};

/* All lines, for the caller to cut up and free. */
char *matrix_expected(void);

/* The next line of *rest, which it moves on and cuts up; false after the last one. */
bool matrix_next(char **rest, struct truth *truth);

/*
 * What JSON with NS, TYPE and HOLDERS lists, "TYPE:[INODE]\tHOLDERS" a line each, where the objects
 * have become what tables say. The caller frees it.
 */
char *matrix_list(const char *json);

/* The rest of the line of text that begins with ns and a tab; NULL where there is none. */
const char *matrix_find(const char *text, const char *ns, int *ret_len);

/* Whether the list says that of the namespace; tells where it does not. */
bool matrix_matches(const char *list, const char *ns, const char *expected);

#endif
