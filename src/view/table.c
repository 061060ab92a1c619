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
static bool table_has_lines(const struct table *t, size_t index)
{
	unsigned styles = STYLE_LINES | (t->options->terminal ? STYLE_LINES_TERMINAL : 0);

	return !t->options->nowrap && index < t->rest && t->options->columns[index]->style & styles;
}

/* Appends the cell to t->text. A list that is cut begins with the number of its items. */
static void table_add_text(struct table *t, const struct row *row, size_t index)
{
	const struct column *column = t->options->columns[index];
	bool lines = table_has_lines(t, index), words = column->style & STYLE_WORDS;
	char separator = (char)(lines ? '\n' : words ? ' ' : ',');
	size_t start = t->text.len, items, max = t->screen;
	const char *comma;

	/* Names and lists on one line may take a third of the terminal. */
	if ((column_is_list(column) && !words) || column->style & STYLE_NAME)
		max = max / 3 > NAME_MIN ? max / 3 : NAME_MIN;
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

/* Finds the first column of which a line of a text is too wide to pad all others to it. */
static void table_find_rest(struct table *t)
{
	t->rest = t->options->ncolumns;
	for (size_t i = 0; i + 1 < t->options->ncolumns && i < t->rest; i++) {
		const struct column *column = t->options->columns[i];

		if (!column_is_list(column) && !(column->style & STYLE_LONG))
			continue;
		for (size_t row = 0; row < t->rows->n && i < t->rest; row++) {
			const char *line;
			size_t len;

			strbuf_reset(&t->text);
			table_add_text(t, &t->rows->at[row], i);
			line = strbuf_text(&t->text);
			for (len = strcspn(line, "\n"); len <= PADDED_MAX && line[len];
				len = strcspn(line, "\n"))
				line += len + 1;
			if (len > PADDED_MAX)
				t->rest = i;
		}
	}
}

static void table_add_columns(struct table *t)
{
	const struct render_options *options = t->options;
	int flags = 0;

	strbuf_reset(&t->text);
	for (size_t i = 0; i < options->ncolumns; i++) {
		const struct column *column = options->columns[i];
		struct libscols_column *added;

		strbuf_addf(&t->text, "%s%s", t->text.len ? " " : "", column->name);
		if (column == options->tree)
			flags |= SCOLS_FL_TREE;
		if (i >= t->rest && i + 1 < options->ncolumns)
			continue;
		if (i < t->rest && column != options->tree &&
			(column->type == VALUE_NUMBER || column->type == VALUE_DECIMAL))
			flags |= SCOLS_FL_RIGHT;
		if (i < t->rest && column->style & STYLE_TRUNCATE && !options->notruncate)
			flags |= SCOLS_FL_TRUNC;
		if (table_has_lines(t, i))
			flags |= SCOLS_FL_WRAP;
		added = memory_check(scols_table_new_column(t->smart, t->text.text, 0, flags));
		if (flags & SCOLS_FL_WRAP)
			scols_column_set_wrapfunc(
				added, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
		strbuf_reset(&t->text);
		flags = 0;
	}
}

void format_table(
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
	/* Our own array, because libsmartcols would search its list of lines for the parent. */
	struct libscols_line **lines = memory_alloc(rows->n, sizeof(struct libscols_line *));

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
	for (size_t i = 0; i < rows->n; i++) {
		const struct row *row = &rows->at[i];
		size_t parent = options->tree ? row->parent : ROW_NO_PARENT;

		lines[i] = memory_check(scols_table_new_line(
			t.smart, parent == ROW_NO_PARENT ? NULL : lines[parent]));
		for (size_t k = 0; k < options->ncolumns; k++) {
			size_t index = k < t.rest ? k : t.rest;

			if (k > t.rest)
				strbuf_adds(&t.text, " ");
			else
				strbuf_reset(&t.text);
			table_add_text(&t, row, k);
			if ((k < t.rest || k + 1 == options->ncolumns) && t.text.len &&
				scols_line_set_data(lines[i], index, t.text.text) < 0)
				memory_fail();
		}
		if (options->colors && row->kind == ROW_TYPE && options->tree)
			scols_line_set_color(lines[i], "bold");
		if (options->colors && row->kind == ROW_NS && !row->ns->nprocs &&
			!view->report->no_members)
			scols_line_set_color(lines[i], "yellow"); /* no member was seen */
	}
	if (scols_print_table(t.smart) < 0)
		memory_fail();
	free(lines);
	strbuf_done(&t.text);
	cell_done(&t.cell);
	scols_unref_table(t.smart);
}
