// SPDX-License-Identifier: MIT
/* Prints JSON and raw lines, and calls the function of each format. */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/view.h"

#include <libsmartcols.h>

/* JSON: the output of libsmartcols, and before it the members that it can't write. */

static void json_add_columns(struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->options->ncolumns; i++) {
		const struct column *column = sheet->options->columns[i];
		int flags = column == sheet->options->tree ? SCOLS_FL_TREE : 0;
		struct libscols_column *cl =
			memory_check(scols_table_new_column(sheet->table, column->name, 0, flags));

		/*
		 * libsmartcols writes the text of a number unchanged, so every cell is one: its
		 * strings may contain characters that reorder text on a terminal, its array for an
		 * empty list is [null], and its booleans can't be null.
		 */
		scols_column_set_json_type(cl, SCOLS_JSON_NUMBER);
	}
}

/* Writes an absent list as an empty one, so that jq(1) can iterate over any. */
static void json_add_array(const struct cell *cell, enum value_type type, struct strbuf *out)
{
	const char *item = strbuf_text(&cell->bytes);

	strbuf_adds(out, "[");
	for (size_t i = 0; i < cell->nitems; i++, item = cell_next_item(item)) {
		strbuf_adds(out, i ? "," : "");
		if (type == VALUE_TEXTS)
			text_quote_json(out, item);
		else
			strbuf_adds(out, item);
	}
	strbuf_adds(out, "]");
}

static void json_set_cell(struct sheet *sheet, size_t row, size_t index)
{
	const struct column *column = sheet->options->columns[index];

	sheet_make_cell(sheet, row, column);
	strbuf_reset(&sheet->text);
	if (column_is_list(column))
		json_add_array(&sheet->cell, column->type, &sheet->text);
	else if (column->type == VALUE_TEXT && sheet->cell.bytes.len)
		text_quote_json(&sheet->text, strbuf_text(&sheet->cell.bytes));
	else
		cell_add_value(&sheet->cell, ',', TEXT_JSON, &sheet->text);
	sheet_set_text(sheet, row, index);
}

static void json_set_cells(struct sheet *sheet)
{
	if (scols_table_set_name(sheet->table, sheet->options->name) < 0)
		memory_fail();
	scols_table_enable_json(sheet->table, 1);
	json_add_columns(sheet);
	sheet_add_lines(sheet);
	for (size_t i = 0; i < sheet->rows->n; i++)
		for (size_t c = 0; c < sheet->options->ncolumns; c++)
			json_set_cell(sheet, i, c);
}

/* The output of libsmartcols without its first byte '{', which was written before. */
struct json_rest {
	FILE *out;
	bool begun;
};

static ssize_t json_write_rest(void *cookie, const char *bytes, size_t n)
{
	struct json_rest *rest = cookie;
	size_t skipped = n && !rest->begun ? 1 : 0;

	rest->begun |= n > 0;
	/* Errors are kept in the stream, which the caller checks. */
	fwrite(bytes + skipped, 1, n - skipped, rest->out);
	return (ssize_t)n;
}

/* Prints the opening brace, and the members that libsmartcols can't write. */
static void json_print_report(const struct report *report, FILE *out)
{
	struct strbuf notes, text;
	const char *note;
	size_t n;

	strbuf_init(&notes);
	strbuf_init(&text);
	n = report_reasons(report, &notes) + report_kernel_limitations(report, &notes);
	note = strbuf_text(&notes);
	for (size_t i = 0; i < n; i++, note = cell_next_item(note)) {
		strbuf_adds(&text, i ? "," : "");
		text_quote_json(&text, note);
	}
	fprintf(out, "{\n   \"complete\": %s,\n   \"notes\": [%s],",
		report_is_complete(report) ? "true" : "false", strbuf_text(&text));
	strbuf_done(&text);
	strbuf_done(&notes);
}

static void render_json(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	struct json_rest rest = { .out = out };
	FILE *stream = memory_check(
		fopencookie(&rest, "w", (cookie_io_functions_t){ .write = json_write_rest }));
	struct sheet sheet;

	sheet_init(&sheet, view, rows, options, stream);
	view->objects = true;
	json_set_cells(&sheet);
	json_print_report(view->report, out);
	if (scols_print_table(sheet.table) < 0)
		memory_fail();
	fclose(stream);
	sheet_done(&sheet);
	view->objects = false;
}

/*
 * Raw lines have one blank between two fields. The raw format of libsmartcols would write every
 * backslash as \x5c, also that of a separator that is escaped within an item.
 */

static void raw_add_names(const struct render_options *options, struct strbuf *line)
{
	for (size_t i = 0; i < options->ncolumns; i++) {
		strbuf_adds(line, i ? " " : "");
		strbuf_adds(line, options->columns[i]->name);
	}
}

static void raw_add_fields(struct view *view, const struct row *row,
	const struct render_options *options, struct cell *cell, struct strbuf *line)
{
	for (size_t i = 0; i < options->ncolumns; i++) {
		cell_reset(cell);
		options->columns[i]->cell(view, row, options->columns[i]->arg, cell);
		strbuf_adds(line, i ? " " : "");
		cell_show(cell, ',', TEXT_RAW, line);
	}
}

static void raw_print_line(struct strbuf *line, FILE *out)
{
	strbuf_adds(line, "\n");
	fputs(strbuf_text(line), out);
	strbuf_reset(line);
}

static void render_raw(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	struct strbuf line;
	struct cell cell;

	strbuf_init(&line);
	cell_init(&cell);
	if (!options->noheadings && rows->n) {
		raw_add_names(options, &line);
		raw_print_line(&line, out);
	}
	for (size_t i = 0; i < rows->n; i++) {
		raw_add_fields(view, &rows->at[i], options, &cell, &line);
		raw_print_line(&line, out);
	}
	cell_done(&cell);
	strbuf_done(&line);
}

void render_rows(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	switch (options->format) {
	case FORMAT_JSON:
		render_json(view, rows, options, out);
		break;
	case FORMAT_RAW:
		render_raw(view, rows, options, out);
		break;
	case FORMAT_TABLE:
		render_table(view, rows, options, out);
		break;
	}
}
