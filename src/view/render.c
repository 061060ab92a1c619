// SPDX-License-Identifier: MIT
/* Hands cells to libsmartcols. What a cell says comes from column.c; here it only becomes text. */
#include "nsls/view/render.h"

#include "nsls/base/text.h"

#include <errno.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

struct renderer {
	const struct render_options *options;
	struct view *view;
	struct libscols_table *table;
	struct cell cell;
	struct strbuf text;
	enum text_target target;
};

static int json_type(enum value_type type)
{
	/*
	 * A number is what libsmartcols writes as it is. Lists and booleans go that way too: its
	 * own arrays turn an empty list into [null], and its booleans know no null.
	 */
	return type == VALUE_TEXT ? SCOLS_JSON_STRING : SCOLS_JSON_NUMBER;
}

static bool is_multiline(const struct renderer *r, const struct column *column)
{
	return column->type == VALUE_TEXTS && r->options->multiline &&
	       !(column->style & STYLE_TRUNCATE);
}

static int add_column(struct renderer *r, size_t index)
{
	const struct column *column = r->options->columns[index];
	struct libscols_column *cl;
	int flags = 0;

	if (column == r->options->tree)
		flags |= SCOLS_FL_TREE;
	else if (column->type == VALUE_NUMBER || column->type == VALUE_DECIMAL)
		flags |= SCOLS_FL_RIGHT;
	if (column->style & STYLE_TRUNCATE && !r->options->notruncate)
		flags |= SCOLS_FL_TRUNC;
	if (is_multiline(r, column))
		flags |= SCOLS_FL_WRAP;
	cl = scols_table_new_column(r->table, column->name, 0, flags);
	if (!cl)
		return -ENOMEM;
	if (is_multiline(r, column))
		scols_column_set_wrapfunc(cl, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
	return scols_column_set_json_type(cl, json_type(column->type));
}

static void add_json_list(struct renderer *r, enum value_type type)
{
	const char *item = strbuf_text(&r->cell.bytes);

	strbuf_adds(&r->text, "[");
	for (size_t i = 0; i < r->cell.nitems; i++, item += strlen(item) + 1) {
		strbuf_adds(&r->text, i ? "," : "");
		if (type == VALUE_NUMBERS)
			strbuf_adds(&r->text, item);
		else
			text_quote_json(&r->text, item);
	}
	strbuf_adds(&r->text, "]");
}

/* In raw lines libsmartcols escapes all that is not graphic itself, and would do it twice. */
static void add_text(struct renderer *r, const char *text)
{
	if (r->options->format == FORMAT_RAW)
		strbuf_adds(&r->text, text);
	else
		text_escape(&r->text, text, strlen(text), r->target);
}

static void add_list(struct renderer *r, bool multiline)
{
	const char *item = strbuf_text(&r->cell.bytes);

	for (size_t i = 0; i < r->cell.nitems; i++, item += strlen(item) + 1) {
		strbuf_adds(&r->text, !i ? "" : multiline ? "\n" : ",");
		add_text(r, item);
	}
}

/* The cell as text in r->text, safe for where it goes. */
static void to_text(struct renderer *r, const struct column *column)
{
	const struct cell *cell = &r->cell;
	bool list = column->type == VALUE_TEXTS || column->type == VALUE_NUMBERS;
	const char *text = strbuf_text(&cell->bytes);

	strbuf_reset(&r->text);
	if (r->options->format != FORMAT_JSON && cell->label.len)
		add_text(r, cell->label.text);
	else if (list && r->options->format == FORMAT_JSON)
		add_json_list(r, column->type); /* an absent one is empty: jq may walk any */
	else if (!cell->present)
		return;
	else if (list)
		add_list(r, is_multiline(r, column));
	else
		add_text(r, text);
}

static int fill_cell(
	struct renderer *r, struct libscols_line *line, size_t index, const struct row *row)
{
	const struct column *column = r->options->columns[index];
	int result;

	cell_reset(&r->cell);
	column->fill(r->view, row, &r->cell);
	result = cell_status(&r->cell);
	if (result < 0)
		return result;
	to_text(r, column);
	if (strbuf_status(&r->text) < 0)
		return -ENOMEM;
	if (!r->text.len)
		return 0;
	return scols_line_set_data(line, index, strbuf_text(&r->text));
}

static void set_color(struct renderer *r, struct libscols_line *line, const struct row *row)
{
	if (!r->options->colors)
		return;
	if (row->kind == ROW_TYPE && r->options->tree)
		scols_line_set_color(line, "bold");
	else if (row->kind == ROW_NS && !row->ns->nprocs)
		scols_line_set_color(line, "yellow");
}

static int add_line(struct renderer *r, const struct row *row, struct libscols_line **lines,
	struct libscols_line **ret_line)
{
	bool below = r->options->tree && row->parent != ROW_NO_PARENT;
	struct libscols_line *line =
		scols_table_new_line(r->table, below ? lines[row->parent] : NULL);
	int result = line ? 0 : -ENOMEM;

	if (result == 0)
		set_color(r, line, row);
	for (size_t c = 0; result == 0 && c < r->options->ncolumns; c++)
		result = fill_cell(r, line, c, row);
	*ret_line = line;
	return result;
}

static int add_lines(struct renderer *r, const struct rows *rows)
{
	/* A parent is looked up here: libsmartcols would count through its list of lines. */
	struct libscols_line **lines = calloc(rows->n + 1, sizeof(struct libscols_line *));
	int result = lines ? 0 : -ENOMEM;

	for (size_t i = 0; result == 0 && i < rows->n; i++)
		result = add_line(r, &rows->at[i], lines, &lines[i]);
	free(lines);
	return result;
}

static int set_up(struct renderer *r, FILE *out)
{
	int result = 0;

	scols_table_set_stream(r->table, out);
	scols_table_enable_json(r->table, r->options->format == FORMAT_JSON);
	scols_table_enable_raw(r->table, r->options->format == FORMAT_RAW);
	scols_table_enable_noheadings(r->table, r->options->noheadings);
	scols_table_enable_colors(r->table, r->options->colors);
	scols_table_enable_noencoding(r->table, 1); /* text.c has done it */
	if (r->target == TEXT_ASCII)
		scols_table_enable_ascii(r->table, 1);
	if (scols_table_set_name(r->table, r->options->name) < 0)
		return -ENOMEM;
	for (size_t i = 0; result == 0 && i < r->options->ncolumns; i++)
		result = add_column(r, i);
	return result;
}

int render_rows(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	struct renderer r = {
		.options = options,
		.view = view,
		.table = scols_new_table(),
		.target = options->format == FORMAT_JSON ? TEXT_JSON : text_terminal(),
	};
	int result = r.table ? 0 : -ENOMEM;

	cell_init(&r.cell);
	strbuf_init(&r.text);
	if (result == 0)
		result = set_up(&r, out);
	if (result == 0)
		result = add_lines(&r, rows);
	if (result == 0)
		result = scols_print_table(r.table);
	strbuf_done(&r.text);
	cell_done(&r.cell);
	scols_unref_table(r.table);
	return result;
}
