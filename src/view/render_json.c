// SPDX-License-Identifier: MIT
/* JSON: what libsmartcols writes, with what it has no place for put in front. */
#include "format.h"

#include <errno.h>
#include <libsmartcols.h>

static int add_columns(struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->options->ncolumns; i++) {
		const struct column *column = sheet->options->columns[i];
		int flags = column == sheet->options->tree ? SCOLS_FL_TREE : 0;
		struct libscols_column *cl =
			scols_table_new_column(sheet->table, column->name, 0, flags);

		if (!cl)
			return -ENOMEM;
		/*
		 * A number is what libsmartcols writes as it is. Lists and booleans go that way
		 * too: its own arrays turn an empty list into [null], and its booleans know no
		 * null.
		 */
		scols_column_set_json_type(
			cl, column->type == VALUE_TEXT ? SCOLS_JSON_STRING : SCOLS_JSON_NUMBER);
	}
	return 0;
}

/* An absent list is an empty one: jq(1) may walk any. */
static void add_array(const struct cell *cell, enum value_type type, struct strbuf *out)
{
	const char *item = strbuf_text(&cell->bytes);

	strbuf_adds(out, "[");
	for (size_t i = 0; i < cell->nitems; i++, item = cell_next_item(item)) {
		strbuf_adds(out, i ? "," : "");
		if (type == VALUE_NUMBERS)
			strbuf_adds(out, item);
		else
			text_quote_json(out, item);
	}
	strbuf_adds(out, "]");
}

static int set_cell(struct sheet *sheet, size_t row, size_t index)
{
	const struct column *column = sheet->options->columns[index];
	int r = sheet_fill_cell(sheet, row, column);

	if (r < 0)
		return r;
	strbuf_reset(&sheet->text);
	if (is_list(column))
		add_array(&sheet->cell, column->type, &sheet->text);
	else
		cell_add_value(&sheet->cell, ',', TEXT_JSON, &sheet->text);
	return sheet_set_text(sheet, row, index);
}

static int print(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	struct sheet sheet;
	int r = sheet_init(&sheet, view, rows, options, out);

	if (r == 0)
		r = scols_table_set_name(sheet.table, options->name);
	if (r == 0)
		r = scols_table_enable_json(sheet.table, 1);
	if (r == 0)
		r = add_columns(&sheet);
	if (r == 0)
		r = sheet_add_lines(&sheet);
	for (size_t i = 0; r == 0 && i < rows->n; i++)
		for (size_t c = 0; r == 0 && c < options->ncolumns; c++)
			r = set_cell(&sheet, i, c);
	if (r == 0)
		r = scols_print_table(sheet.table);
	sheet_done(&sheet);
	return r;
}

int render_json(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	return print(view, rows, options, out);
}
