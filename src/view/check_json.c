// SPDX-License-Identifier: MIT
/* Findings as JSON: rows like any other, with columns that no other view has. */
#include "nsls/view/check.h"

#include "fill.h"

#include "nsls/view/render.h"

static void fill_rule(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	cell_set_text(cell, row->finding->rule->text);
}

static void fill_verdict(struct view *view, const struct row *row, struct cell *cell)
{
	static const char *const names[] = { [VERDICT_HOLDS] = "holds",
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_BROKEN] = "broken" };

	(void)view;
	cell_set_text(cell, names[row->finding->verdict]);
}

static void fill_type_judged(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->finding->has_type)
		cell_set_text(cell, nstype_info(row->finding->type)->name);
}

static void fill_lowest(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	cell_set_number(cell, row->finding->low);
}

static void fill_highest(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->finding->high != FIGURE_UNBOUNDED)
		cell_set_number(cell, row->finding->high);
}

static void fill_bound(struct view *view, const struct row *row, struct cell *cell)
{
	const struct rule *rule = row->finding->rule;

	(void)view;
	if (rule->percent)
		cell_set_decimal(cell, rule->bound);
	else
		cell_set_number(cell, rule->bound);
}

static void fill_limit_judged(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->finding->has_limit)
		cell_set_number(cell, row->finding->limit);
}

static void fill_user_judged(struct view *view, const struct row *row, struct cell *cell)
{
	if (row->finding->use)
		view_user(view, row->finding->use->uid, cell);
}

static const struct column columns[] = {
	{ .name = "RULE", .type = VALUE_TEXT, .fill = fill_rule },
	{ .name = "VERDICT", .type = VALUE_TEXT, .fill = fill_verdict },
	{ .name = "TYPE", .type = VALUE_TEXT, .fill = fill_type_judged },
	{ .name = "LOWEST", .type = VALUE_NUMBER, .fill = fill_lowest },
	{ .name = "HIGHEST", .type = VALUE_NUMBER, .fill = fill_highest },
	{ .name = "BOUND", .type = VALUE_DECIMAL, .fill = fill_bound },
	{ .name = "LIMIT", .type = VALUE_NUMBER, .fill = fill_limit_judged },
	{ .name = "USER", .type = VALUE_TEXT, .fill = fill_user_judged },
	{ .name = "NS", .type = VALUE_NUMBER, .fill = fill_ns },
	{ .name = "NAME", .type = VALUE_TEXT, .fill = fill_name },
	{ .name = "HOLDERS", .type = VALUE_OBJECTS, .fill = fill_holders },
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))

void check_print_json(struct view *view, const struct finding *findings, size_t n, FILE *out)
{
	const struct column *shown[COLUMNS];
	struct render_options options = {
		.format = FORMAT_JSON, .name = "checks", .columns = shown, .ncolumns = COLUMNS
	};
	struct rows rows;

	for (size_t i = 0; i < COLUMNS; i++)
		shown[i] = &columns[i];
	rows_init(&rows);
	for (size_t i = 0; i < n; i++) {
		struct row row = {
			.kind = ROW_CHECK, .ns = findings[i].worst, .finding = &findings[i]
		};

		rows_add(&rows, &row);
	}
	render_rows(view, &rows, &options, out);
	rows_done(&rows);
}
