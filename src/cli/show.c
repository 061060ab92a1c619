// SPDX-License-Identifier: MIT
/* The last step of a run. */
#include "show.h"

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
