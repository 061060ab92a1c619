// SPDX-License-Identifier: MIT
/* The last step of a run. */
#include "show.h"

#include "nsls/view/head.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Whether any row has a value in the column. Returns 0, or -ENOMEM. */
static int find_value(
	struct view *view, const struct rows *rows, const struct column *column, bool *ret_has)
{
	struct cell cell;
	int r = 0;

	*ret_has = false;
	cell_init(&cell);
	for (size_t i = 0; r == 0 && !*ret_has && i < rows->n; i++) {
		cell_reset(&cell);
		column->fill(view, &rows->at[i], &cell);
		*ret_has = cell.present;
		r = cell_status(&cell);
	}
	cell_done(&cell);
	return r;
}

int show_rows(struct view *view, const struct rows *rows, const struct plan *plan, FILE *out)
{
	struct render_options options = plan->render;
	const struct column *columns[COLUMNS_MAX];
	bool has = true;
	int r = plan->optional ? find_value(view, rows, plan->optional, &has) : 0;

	options.columns = columns;
	options.ncolumns = 0;
	for (size_t i = 0; i < plan->ncolumns; i++)
		if (has || plan->columns[i] != plan->optional)
			columns[options.ncolumns++] = plan->columns[i];
	return r == 0 ? render_rows(view, rows, &options, out) : r;
}

/* The rows from *at on that are of the namespace, as rows of their own. */
static int cut_rows(const struct rows *rows, const struct ns *ns, size_t *at, struct rows *ret_part)
{
	size_t from = *at, n;
	struct row *copy;

	while (*at < rows->n && rows->at[*at].ns == ns)
		(*at)++;
	n = *at - from;
	copy = malloc((n + 1) * sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	memcpy(copy, rows->at + from, n * sizeof(*copy));
	*ret_part = (struct rows){ .at = copy, .n = n, .size = n + 1 };
	return 0;
}

int show_heads(struct view *view, const struct rows *namespaces, const struct rows *rows,
	const struct plan *plan, FILE *out)
{
	size_t at = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < namespaces->n; i++) {
		const struct ns *ns = namespaces->at[i].ns;
		struct rows part = { 0 };

		fputs(i ? "\n" : "", out);
		r = cut_rows(rows, ns, &at, &part);
		if (r == 0)
			r = tree_arrange(view->model, plan->tree, &part);
		if (r == 0)
			r = head_print(view, ns, out);
		fputs(part.n ? "\n" : "", out);
		if (r == 0 && part.n)
			r = show_rows(view, &part, plan, out);
		rows_done(&part);
	}
	return r;
}
