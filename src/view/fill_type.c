// SPDX-License-Identifier: MIT
/* Cells about a type as a whole: counts, limits, who uses most of them, and what the table of types
 * says. */
#include "fill.h"

#include "nsls/select/use.h"

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
	if (row->has_limit)
		cell_set_number(cell, row->limit);
}

/* A lower bound of 0 says nothing. */
static bool is_use_known(const struct row *row)
{
	return row->use || !row->use_is_bound;
}

void fill_used(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (!is_use_known(row)) {
		cell_set_label(cell, "?");
		return;
	}
	cell_set_number(cell, row->use ? row->use->count : 0);
	if (row->use_is_bound)
		strbuf_addf(cell_open_label(cell), "%s+", strbuf_text(&cell->bytes));
}

void fill_atleast(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	cell_set_bool(cell, row->use_is_bound);
}

void fill_use_percent(struct view *view, const struct row *row, struct cell *cell)
{
	uint64_t used = row->use ? row->use->count : 0;

	(void)view;
	if (!row->has_limit || !row->limit)
		return;
	if (!is_use_known(row)) {
		cell_set_label(cell, "?");
		return;
	}
	cell_set_decimal(cell, (used * 1000 + row->limit / 2) / row->limit);
	strbuf_addf(cell_open_label(cell), "%s%%%s", strbuf_text(&cell->bytes),
		row->use_is_bound ? "+" : "");
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
