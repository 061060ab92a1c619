// SPDX-License-Identifier: MIT
/* The last step of a run. */
#include "show.h"

#include "nsls/view/head.h"

/* Whether any row has a value in the column. */
static bool has_value(struct view *view, const struct rows *rows, const struct column *column)
{
	struct cell cell;
	bool has = false;

	cell_init(&cell);
	for (size_t i = 0; !has && i < rows->n; i++) {
		cell_reset(&cell);
		column->fill(view, &rows->at[i], &cell);
		has = cell.present;
	}
	cell_done(&cell);
	return has;
}

void show_rows(struct view *view, const struct rows *rows, const struct plan *plan, FILE *out)
{
	struct render_options options = plan->render;
	const struct column *columns[COLUMNS_MAX];
	bool has = !plan->optional || has_value(view, rows, plan->optional);

	options.columns = columns;
	options.ncolumns = 0;
	for (size_t i = 0; i < plan->ncolumns; i++)
		if (has || plan->columns[i] != plan->optional)
			columns[options.ncolumns++] = plan->columns[i];
	render_rows(view, rows, &options, out);
}

/* The rows from *at on that are of the namespace, as rows of their own. */
static struct rows cut_rows(const struct rows *rows, const struct ns *ns, size_t *at)
{
	struct rows part;

	rows_init(&part);
	for (; *at < rows->n && rows->at[*at].ns == ns; (*at)++)
		rows_add(&part, &rows->at[*at]);
	return part;
}

void show_heads(struct view *view, const struct rows *namespaces, const struct rows *rows,
	const struct plan *plan, FILE *out)
{
	size_t at = 0;

	for (size_t i = 0; i < namespaces->n; i++) {
		const struct ns *ns = namespaces->at[i].ns;
		struct rows part = cut_rows(rows, ns, &at);

		fputs(i ? "\n" : "", out);
		tree_arrange(view->model, plan->tree, &part);
		head_print(view, ns, out);
		fputs(part.n ? "\n" : "", out);
		if (part.n)
			show_rows(view, &part, plan, out);
		rows_done(&part);
	}
}
