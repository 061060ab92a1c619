// SPDX-License-Identifier: MIT
/* Prints tables and trees with libsmartcols, as no other file does. */
#include "internal.h"

#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

/*
 * libsmartcols makes every cell of a column as wide as the widest, and others control that width: a
 * list may have ten thousand items, a command line two million bytes. So texts are cut on a
 * terminal. In a file or a pipe nothing is cut: the first column of which a text is too wide, and
 * all columns after it, are one column to libsmartcols, the last, which it does not pad.
 */

#define LINES_MAX 10  /* lines of a list that has one per item */
#define SCREEN_MIN 24 /* a narrower terminal counts as one of that width */
#define NAME_MIN 23   /* "kubernetes 84b8394540fb": names of containers are never cut */
#define PADDED_MAX 80 /* columns of a text in a file or a pipe */

/* A table of libsmartcols that is being filled. */
struct table {
	struct view *view;
	const struct rows *rows;
	const struct render_options *options;
	struct libscols_table *smart;
	enum text_target target;
	bool cut;         /* texts are cut to the width of the terminal */
	size_t screen;    /* columns of the terminal */
	size_t rest;      /* the first of the columns that are one; ncolumns: none */
	struct cell cell; /* of the current row and column */
	struct strbuf text;
};

/* Returns whether the cells are lists with a line per item. */
static bool has_lines(const struct render_options *options, const struct column *column)
{
	unsigned styles = STYLE_LINES | (options->terminal ? STYLE_LINES_TERMINAL : 0);

	return !options->nowrap && column->style & styles;
}

/* Names and lists on one line may take a third of the terminal. */
static size_t table_text_max(const struct table *t, const struct column *column)
{
	size_t third = t->screen / 3 > NAME_MIN ? t->screen / 3 : NAME_MIN;
	bool list = column_is_list(column) && !(column->style & STYLE_WORDS);

	return list || column->style & STYLE_NAME ? third : t->screen;
}

/* Appends the cell to t->text. A list that is cut begins with the number of its items. */
static void table_add_text(struct table *t, const struct row *row, size_t index)
{
	const struct column *column = t->options->columns[index];
	bool lines = has_lines(t->options, column) && index < t->rest;
	char separator = (char)(lines ? '\n' : column->style & STYLE_WORDS ? ' ' : ',');
	size_t start = t->text.len, items, max = table_text_max(t, column);
	const char *comma;

	column_cell(t->view, row, column, &t->cell);
	items = t->cell.nitems;
	if (t->cut && lines && items > LINES_MAX) {
		strbuf_addf(&t->text, "%zu:\n", items);
		t->cell.nitems = LINES_MAX - 1;
	}
	cell_show(&t->cell, separator, t->target, &t->text);
	if (!t->cut || lines ||
		text_fit(strbuf_text(&t->text) + start, t->text.len - start, max) ==
			t->text.len - start)
		return;
	if (max < t->screen && items) {
		strbuf_cut(&t->text, start);
		strbuf_addf(&t->text, "%zu: ", items);
		cell_show(&t->cell, separator, t->target, &t->text);
	}
	strbuf_cut(&t->text,
		start + text_fit(t->text.text + start, t->text.len - start, max - strlen("...")));
	comma = items ? memrchr(t->text.text + start, ',', t->text.len - start) : NULL;
	if (comma) /* no part of a number */
		strbuf_cut(&t->text, (size_t)(comma + 1 - t->text.text));
	strbuf_adds(&t->text, t->target == TEXT_TERMINAL ? "\u2026" : "...");
}

/* Returns true if a line of t->text is wider than every row may be padded to. */
static bool table_is_wide(const struct table *t)
{
	const char *line = strbuf_text(&t->text);
	size_t len = strcspn(line, "\n");

	while (len <= PADDED_MAX && line[len]) {
		line += len + 1;
		len = strcspn(line, "\n");
	}
	return len > PADDED_MAX;
}

/* Finds the first column of which a text is too wide to pad all others. */
static void table_find_rest(struct table *t)
{
	t->rest = t->options->ncolumns;
	for (size_t i = 0; i + 1 < t->options->ncolumns && i < t->rest; i++) {
		const struct column *column = t->options->columns[i];

		if (!column_is_list(column) && !(column->style & STYLE_LONG))
			continue;
		for (size_t row = 0; row < t->rows->n && i < t->rest; row++) {
			strbuf_reset(&t->text);
			table_add_text(t, &t->rows->at[row], i);
			if (table_is_wide(t))
				t->rest = i;
		}
	}
}

static int column_flags(const struct render_options *options, const struct column *column)
{
	int flags = 0;

	if (column == options->tree)
		flags |= SCOLS_FL_TREE;
	else if (column->type == VALUE_NUMBER || column->type == VALUE_DECIMAL)
		flags |= SCOLS_FL_RIGHT;
	if (column->style & STYLE_TRUNCATE && !options->notruncate)
		flags |= SCOLS_FL_TRUNC;
	if (has_lines(options, column))
		flags |= SCOLS_FL_WRAP;
	return flags;
}

static void table_add_column(struct table *t, const char *name, int flags)
{
	struct libscols_column *column =
		memory_check(scols_table_new_column(t->smart, name, 0, flags));

	if (flags & SCOLS_FL_WRAP)
		scols_column_set_wrapfunc(
			column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
}

static void table_add_columns(struct table *t)
{
	const struct render_options *options = t->options;
	int flags = 0;

	for (size_t i = 0; i < t->rest; i++)
		table_add_column(
			t, options->columns[i]->name, column_flags(options, options->columns[i]));
	if (t->rest == options->ncolumns)
		return;
	strbuf_reset(&t->text);
	for (size_t i = t->rest; i < options->ncolumns; i++) {
		strbuf_addf(&t->text, "%s%s", i > t->rest ? " " : "", options->columns[i]->name);
		flags |= column_flags(options, options->columns[i]) & SCOLS_FL_TREE;
	}
	table_add_column(t, t->text.text, flags);
}

static void table_set_cells(struct table *t, struct libscols_line *line, const struct row *row)
{
	for (size_t i = 0; i < t->options->ncolumns; i++) {
		if (i <= t->rest)
			strbuf_reset(&t->text);
		else
			strbuf_adds(&t->text, " ");
		table_add_text(t, row, i);
		if ((i < t->rest || i + 1 == t->options->ncolumns) && t->text.len &&
			scols_line_set_data(line, i < t->rest ? i : t->rest, t->text.text) < 0)
			memory_fail();
	}
}

/* Adds a line per row, below that of its parent. */
static void table_add_lines(struct table *t)
{
	/* Our own array, because libsmartcols would search its list of lines for the parent. */
	struct libscols_line **lines = memory_alloc(t->rows->n, sizeof(struct libscols_line *));

	for (size_t i = 0; i < t->rows->n; i++) {
		const struct row *row = &t->rows->at[i];
		size_t parent = t->options->tree ? row->parent : ROW_NO_PARENT;

		lines[i] = memory_check(scols_table_new_line(
			t->smart, parent == ROW_NO_PARENT ? NULL : lines[parent]));
		table_set_cells(t, lines[i], row);
		if (!t->options->colors)
			continue;
		if (row->kind == ROW_TYPE && t->options->tree)
			scols_line_set_color(lines[i], "bold");
		else if (row->kind == ROW_NS && !row->ns->nprocs && !t->view->report->no_members)
			scols_line_set_color(lines[i], "yellow"); /* no member was seen */
	}
	free(lines);
}

void render_table(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	struct table t = {
		.view = view,
		.rows = rows,
		.options = options,
		.smart = memory_check(scols_new_table()),
		.target = text_terminal(),
		.cut = options->terminal && !options->notruncate,
		.rest = options->ncolumns,
	};

	scols_table_set_stream(t.smart, out);
	scols_table_enable_noencoding(t.smart, 1); /* text.c has escaped all text */
	scols_table_enable_noheadings(t.smart, options->noheadings);
	scols_table_enable_colors(t.smart, options->colors);
	scols_table_enable_ascii(t.smart, t.target == TEXT_ASCII);
	t.screen = scols_table_get_termwidth(t.smart);
	t.screen = t.screen > SCREEN_MIN ? t.screen : SCREEN_MIN;
	if (!t.cut)
		table_find_rest(&t);
	table_add_columns(&t);
	table_add_lines(&t);
	if (scols_print_table(t.smart) < 0)
		memory_fail();
	strbuf_done(&t.text);
	cell_done(&t.cell);
	scols_unref_table(t.smart);
}
