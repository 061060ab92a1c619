/* SPDX-License-Identifier: MIT */
/* Rows and columns to text: a table or a tree, JSON, or raw lines. */
#ifndef NSLS_VIEW_RENDER_H
#define NSLS_VIEW_RENDER_H

#include "nsls/view/column.h"

#include <stdio.h>

enum format {
	FORMAT_TABLE,
	FORMAT_RAW,
	FORMAT_JSON,
};

struct render_options {
	enum format format;
	const char *name; /* of the array, in JSON */
	const struct column *const *columns;
	size_t ncolumns;
	const struct column *tree; /* where lines lead from a row to its parent; NULL: nowhere */
	bool terminal;             /* the output goes to one */
	bool noheadings, notruncate, nowrap;
	bool colors;
};

/* Writes to out, whose errors the caller checks. */
void render_rows(struct view *view, const struct rows *rows, const struct render_options *options,
	FILE *out);

#endif
