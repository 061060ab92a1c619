/* SPDX-License-Identifier: MIT */
/*
 * One namespace per kind of reference and type, held by that reference alone.
 *
 * A holder is a process that makes its namespaces, reports the holders and relations of each
 * (hold.h), and waits. All of this is in a mount namespace of the test's own.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include <stdbool.h>

void matrix_start(void);
void matrix_end(void);

/* One line of a holder, split. */
struct truth {
	char *ns, *relations, *holders;
};

/* All lines of holders, in a copy for matrix_next(). */
char *matrix_expected(void);

/* The next line of *rest, which it splits and moves on; false after the last one. */
bool matrix_next(char **rest, struct truth *truth);

/*
 * JSON with NS, TYPE and HOLDERS as lines "TYPE:[INODE]\tHOLDERS", with holders as in a table.
 */
char *matrix_list(const char *json);

/* The rest of the line of text that begins with ns and a tab; NULL where there is none. */
const char *matrix_find(const char *text, const char *ns, int *ret_len);

/* Whether the list has exactly that for the namespace; prints the difference. */
bool matrix_matches(const char *list, const char *ns, const char *expected);

#endif
