// SPDX-License-Identifier: MIT
/* Cells about a type as a whole: counts, limits, and what the table of types says. */
#include "fill.h"

#include <stdio.h>

void fill_count(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->kind == ROW_TYPE)
		cell_set_number(cell, row->count);
}

void fill_persistent(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	cell_set_number(cell, row->persistent);
}

void fill_limit(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->limit)
		cell_set_number(cell, row->limit);
}

void fill_use(struct view *view, const struct row *row, struct cell *cell)
{
	char number[32], label[40];

	(void)view;
	if (!row->limit)
		return;
	snprintf(number, sizeof(number), "%.1f", (double)row->count * 100 / (double)row->limit);
	snprintf(label, sizeof(label), "%s%%", number);
	cell_set_text(cell, number);
	cell_set_label(cell, label);
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
