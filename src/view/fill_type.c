// SPDX-License-Identifier: MIT
/* Cells about a type as a whole: counts, limits, and what the table of types says. */
#include "fill.h"

void fill_count(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->kind == ROW_TYPE)
		cell_set_number(cell, row->count);
}

void fill_persistent(struct view *view, const struct row *row, struct cell *cell)
{
	/* No member is seen in them; that there is none is known of a complete answer alone. */
	if (!row->memberless || report_proves_absence(view->report))
		cell_set_number(cell, row->memberless);
	else
		cell_set_label(cell, "?");
}

void fill_limit(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->limit)
		cell_set_number(cell, row->limit);
}

void fill_use(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (!row->limit)
		return;
	cell_set_decimal(cell, ((uint64_t)row->count * 1000 + row->limit / 2) / row->limit);
	strbuf_addf(cell_open_label(cell), "%s%%", strbuf_text(&cell->bytes));
}

void fill_flag(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	cell_set_text(cell, nstype_info(row->type)->clone_name);
}

void fill_isolates(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	cell_set_text(cell, nstype_info(row->type)->isolates);
}

void fill_manual(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	cell_set_text(cell, nstype_info(row->type)->manual);
}

void fill_since(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	cell_set_text(cell, nstype_info(row->type)->since);
}
