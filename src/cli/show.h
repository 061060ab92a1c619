/* SPDX-License-Identifier: MIT */
/* Rows on paper, as the plan has them. */
#ifndef NSLS_SHOW_H
#define NSLS_SHOW_H

#include "nsls/cli/plan.h"

/* Prints the rows as one table. Returns 0, or -errno. */
int show_rows(struct view *view, const struct rows *rows, const struct plan *plan, FILE *out);

#endif
