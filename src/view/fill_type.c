// SPDX-License-Identifier: MIT
/* Cells about a type as a whole: counts, limits, and what the table of types says. */
#include "column_fill.h"

#include <stdio.h>

FILL(count)
{
	(void)view;
	if (row->kind == ROW_TYPE)
		cell_set_number(cell, row->count);
}

FILL(persistent)
{
	(void)view;
	cell_set_number(cell, row->persistent);
}

FILL(limit)
{
	(void)view;
	if (row->limit)
		cell_set_number(cell, row->limit);
}

FILL(use)
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

FILL(flag)
{
	(void)view;
	cell_set_text(cell, nstype_info(row->type)->clone_name);
}

FILL(isolates)
{
	(void)view;
	cell_set_text(cell, nstype_info(row->type)->isolates);
}

FILL(manual)
{
	(void)view;
	cell_set_text(cell, nstype_info(row->type)->manual);
}

FILL(since)
{
	(void)view;
	cell_set_text(cell, nstype_info(row->type)->since);
}
