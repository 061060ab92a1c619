/* SPDX-License-Identifier: MIT */
/* Filter expressions of libsmartcols, scols-filter(5): only where that is 2.40 or newer. */
#ifndef NSLS_VIEW_FILTER_H
#define NSLS_VIEW_FILTER_H

#include "nsls/view/column.h"

struct filter;

/*
 * Parses an expression over the columns of a view (enum column_view). Returns 0; -ENOTSUP where
 * libsmartcols is too old, or another -errno. *ret_error then says what is wrong; the caller
 * frees it; it may be NULL.
 */
int filter_new(const char *expression, unsigned view, struct filter **ret_filter, char **ret_error);
void filter_free(struct filter *filter);

/* What its columns need read (enum need). */
unsigned filter_needs(const struct filter *filter);

/* Keeps the rows that match. Returns 0 or -errno. */
int filter_apply(struct filter *filter, struct view *view, struct rows *rows);

#endif
