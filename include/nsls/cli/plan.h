/* SPDX-License-Identifier: MIT */
/*
 * What the options come to: which view, in which shape, with which columns, and so what has to be
 * read for it.
 */
#ifndef NSLS_CLI_PLAN_H
#define NSLS_CLI_PLAN_H

#include "nsls/cli/options.h"
#include "nsls/view/column.h"
#include "nsls/view/render.h"

struct plan {
	enum column_view view;
	enum tree tree; /* of list and holders; TREE_NONE: flat */
	const struct column *columns[COLUMNS_MAX];
	size_t ncolumns;
	const struct column *optional; /* not shown where it is empty in all rows; or NULL */
	unsigned needs;                /* of enum need */
	bool heads;  /* a few lines about each namespace in front of its holders */
	bool labels; /* words where a namespace has no process */
	bool whole;  /* ids in full length */
	struct render_options render;
};

/*
 * Returns 0, or -EINVAL after one line on err. The plan refers to itself: it is filled where it
 * stays. terminal says whether standard output is one.
 */
int plan_make(const struct options *options, bool terminal, FILE *err, struct plan *ret_plan);

#endif
