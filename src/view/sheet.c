// SPDX-License-Identifier: MIT
/* See the header; a thin layer on libsmartcols. */
#include "format.h"

#include "nsls/base/memory.h"

#include <libsmartcols.h>
#include <stdlib.h>

void sheet_init(struct sheet *sheet, struct view *view, const struct rows *rows,
	const struct render_options *options, FILE *out)
{
	*sheet = (struct sheet){ .view = view,
		.rows = rows,
		.options = options,
		.table = memory_check(scols_new_table()),
		.lines = memory_alloc(rows->n, sizeof(struct libscols_line *)) };
	cell_init(&sheet->cell);
	strbuf_init(&sheet->text);
	scols_table_set_stream(sheet->table, out);
	scols_table_enable_noencoding(sheet->table, 1); /* text.c has done it */
}

void sheet_done(struct sheet *sheet)
{
	strbuf_done(&sheet->text);
	cell_done(&sheet->cell);
	free(sheet->lines);
	scols_unref_table(sheet->table);
}

void sheet_add_lines(struct sheet *sheet)
{
	const struct rows *rows = sheet->rows;

	for (size_t i = 0; i < rows->n; i++) {
		size_t parent = sheet->options->tree ? rows->at[i].parent : ROW_NO_PARENT;
		/* The line above is looked up here: libsmartcols would count through its list. */
		struct libscols_line *above = parent == ROW_NO_PARENT ? NULL : sheet->lines[parent];

		sheet->lines[i] = memory_check(scols_table_new_line(sheet->table, above));
	}
}

void sheet_fill_cell(struct sheet *sheet, size_t row, const struct column *column)
{
	cell_reset(&sheet->cell);
	column->fill(sheet->view, &sheet->rows->at[row], &sheet->cell);
}

void sheet_set_text(struct sheet *sheet, size_t row, size_t index)
{
	const struct strbuf *text = &sheet->text;

	if (text->len && scols_line_set_data(sheet->lines[row], index, text->text) < 0)
		memory_fail();
}
