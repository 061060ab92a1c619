/* SPDX-License-Identifier: MIT */
/* Rows on paper, as the plan has them. */
#ifndef NSLS_SHOW_H
#define NSLS_SHOW_H

#include "nsls/cli/plan.h"

/* Prints the rows as one table. */
void show_rows(struct view *view, const struct rows *rows, const struct plan *plan, FILE *out);

/*
 * Prints a head for each of the namespaces, and below it a table of those rows, which are in the
 * same order, that are about it.
 */
void show_heads(struct view *view, const struct rows *namespaces, const struct rows *rows,
	const struct plan *plan, FILE *out);

#endif
