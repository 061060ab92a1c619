// SPDX-License-Identifier: MIT
/* Tables and trees. */
#include "render_table.h"

#include "nsls/base/memory.h"

#include <libsmartcols.h>
#include <string.h>

bool layout_has_lines(const struct render_options *options, const struct column *column)
{
	unsigned styles = STYLE_LINES | (options->terminal ? STYLE_LINES_TERMINAL : 0);

	return !options->nowrap && column->style & styles;
}

bool layout_is_long(const struct render_options *options, const struct column *column)
{
	return column_is_list(column) && !(column->style & STYLE_WORDS) &&
	       !layout_has_lines(options, column);
}

bool layout_is_right(const struct column *column)
{
	return column->type == VALUE_NUMBER || column->type == VALUE_DECIMAL;
}

/* Adds a column, whose texts have several lines if lines is true. */
static void add_column(struct layout *l, const char *name, int flags, bool lines)
{
	struct libscols_column *cl = memory_check(scols_table_new_column(
		l->sheet.table, name, 0, flags | (lines ? SCOLS_FL_WRAP : 0)));

	if (lines)
		scols_column_set_wrapfunc(cl, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
}

static int flags_of(const struct render_options *options, const struct column *column)
{
	int flags = 0;

	if (column == options->tree)
		flags |= SCOLS_FL_TREE;
	else if (layout_is_right(column))
		flags |= SCOLS_FL_RIGHT;
	if (column->style & STYLE_TRUNCATE && !options->notruncate)
		flags |= SCOLS_FL_TRUNC;
	return flags;
}

/* The tail has its name as soon as the width of its parts is known. */
static void add_columns(struct layout *l)
{
	const struct render_options *options = l->sheet.options;
	bool lines = false;
	int flags = 0;

	for (size_t i = 0; i < l->tail; i++)
		add_column(l, options->columns[i]->name, flags_of(options, options->columns[i]),
			layout_has_lines(options, options->columns[i]));
	for (size_t i = l->tail; i < options->ncolumns; i++) {
		flags |= flags_of(options, options->columns[i]) & SCOLS_FL_TREE;
		lines |= layout_has_lines(options, options->columns[i]);
	}
	if (l->tail < options->ncolumns)
		add_column(l, "", flags, lines);
}

static void widen(struct layout *l, size_t index, size_t width)
{
	if (index >= l->tail && width > PADDED_MAX)
		width = PADDED_MAX;
	if (width > l->widths[index])
		l->widths[index] = width;
}

/* Branches take two columns each. */
static size_t tree_width(const struct layout *l, size_t row, size_t index)
{
	size_t width = 0;

	if (l->sheet.options->columns[index] != l->sheet.options->tree)
		return 0;
	while ((row = l->sheet.rows->at[row].parent) != ROW_NO_PARENT)
		width += 2;
	return width;
}

static void measure(struct layout *l, size_t row, size_t index)
{
	const char *line = strbuf_text(&l->sheet.text);

	while (*line) {
		size_t len = strcspn(line, "\n");

		widen(l, index, text_width(line, len) + tree_width(l, row, index));
		line += len + (line[len] == '\n');
	}
}

/* All cells that need not know how much room others leave. */
static void set_early_cells(struct layout *l, size_t row)
{
	const struct render_options *options = l->sheet.options;

	for (size_t i = 0; i < l->tail; i++) {
		const struct column *column = options->columns[i];

		if (l->cut && layout_is_long(options, column))
			continue;
		layout_show_cell(l, row, column);
		measure(l, row, i);
		sheet_set_text(&l->sheet, row, i);
	}
	/* The last column is padded by nobody. */
	for (size_t i = l->tail; i + 1 < options->ncolumns; i++) {
		layout_show_cell(l, row, options->columns[i]);
		measure(l, row, i);
	}
}

static void set_cut_lists(struct layout *l, size_t row)
{
	const struct render_options *options = l->sheet.options;

	for (size_t i = 0; i < options->ncolumns; i++) {
		if (!layout_is_long(options, options->columns[i]))
			continue;
		layout_show_cell(l, row, options->columns[i]);
		sheet_set_text(&l->sheet, row, i);
	}
}

/* Yellow is what no process is in, as far as that is proven. */
static void set_color(struct layout *l, size_t index)
{
	const struct row *row = &l->sheet.rows->at[index];
	bool proven = report_proves_absence(l->sheet.view->report);

	if (!l->sheet.options->colors)
		return;
	if (row->kind == ROW_TYPE && l->sheet.options->tree)
		scols_line_set_color(l->sheet.lines[index], "bold");
	else if (row->kind == ROW_NS && !row->ns->nprocs && proven)
		scols_line_set_color(l->sheet.lines[index], "yellow");
}

static void set_up(struct layout *l)
{
	const struct render_options *options = l->sheet.options;

	scols_table_enable_noheadings(l->sheet.table, options->noheadings);
	scols_table_enable_colors(l->sheet.table, options->colors);
	if (l->target == TEXT_ASCII)
		scols_table_enable_ascii(l->sheet.table, 1);
	for (size_t i = 0; i < options->ncolumns; i++)
		l->widths[i] = strlen(options->columns[i]->name);
	add_columns(l);
	sheet_add_lines(&l->sheet);
}

static void set_cells(struct layout *l)
{
	size_t n = l->sheet.rows->n;

	for (size_t i = 0; i < n; i++) {
		set_color(l, i);
		set_early_cells(l, i);
	}
	if (l->cut) {
		layout_share_room(l);
		for (size_t i = 0; i < n; i++)
			set_cut_lists(l, i);
		for (size_t i = 0; i < n; i++)
			layout_keep_end(l, i);
	} else if (l->tail < l->sheet.options->ncolumns) {
		for (size_t i = 0; i < n; i++)
			layout_set_tail(l, i);
		layout_name_tail(l);
	}
}

void render_table(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	struct layout l = {
		.target = text_terminal(),
		.cut = options->terminal && !options->notruncate,
	};

	sheet_init(&l.sheet, view, rows, options, out);
	strbuf_init(&l.part);
	strbuf_init(&l.texts);
	l.tail = l.cut ? options->ncolumns : layout_find_tail(options);
	l.screen = scols_table_get_termwidth(l.sheet.table);
	l.screen = l.screen > SCREEN_MIN ? l.screen : SCREEN_MIN;
	set_up(&l);
	set_cells(&l);
	if (scols_print_table(l.sheet.table) < 0)
		memory_fail();
	strbuf_done(&l.texts);
	strbuf_done(&l.part);
	sheet_done(&l.sheet);
}
