// SPDX-License-Identifier: MIT
/* See the header; a thin layer on libsmartcols. */
#include "format.h"

#include <errno.h>
#include <libsmartcols.h>
#include <stdlib.h>

int sheet_init(struct sheet *sheet, struct view *view, const struct rows *rows,
	const struct render_options *options, FILE *out)
{
	*sheet = (struct sheet){ .view = view,
		.rows = rows,
		.options = options,
		.table = scols_new_table(),
		.lines = calloc(rows->n + 1, sizeof(struct libscols_line *)) };
	cell_init(&sheet->cell);
	strbuf_init(&sheet->text);
	if (!sheet->table || !sheet->lines)
		return -ENOMEM;
	scols_table_set_stream(sheet->table, out);
	scols_table_enable_noencoding(sheet->table, 1); /* text.c has done it */
	return 0;
}

void sheet_done(struct sheet *sheet)
{
	strbuf_done(&sheet->text);
	cell_done(&sheet->cell);
	free(sheet->lines);
	scols_unref_table(sheet->table);
}

int sheet_add_lines(struct sheet *sheet)
{
	const struct rows *rows = sheet->rows;

	for (size_t i = 0; i < rows->n; i++) {
		size_t parent = sheet->options->tree ? rows->at[i].parent : ROW_NO_PARENT;
		/* The line above is looked up here: libsmartcols would count through its list. */
		struct libscols_line *above = parent == ROW_NO_PARENT ? NULL : sheet->lines[parent];

		sheet->lines[i] = scols_table_new_line(sheet->table, above);
		if (!sheet->lines[i])
			return -ENOMEM;
	}
	return 0;
}

int sheet_fill_cell(struct sheet *sheet, size_t row, const struct column *column)
{
	cell_reset(&sheet->cell);
	column->fill(sheet->view, &sheet->rows->at[row], &sheet->cell);
	return cell_status(&sheet->cell);
}

int sheet_set_text(struct sheet *sheet, size_t row, size_t index)
{
	int r = strbuf_status(&sheet->text);

	if (r < 0 || !sheet->text.len)
		return r;
	return scols_line_set_data(sheet->lines[row], index, strbuf_text(&sheet->text));
}
