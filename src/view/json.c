// SPDX-License-Identifier: MIT
/* Prints JSON and raw lines. */
#include "internal.h"

#include <stdlib.h>

/*
 * JSON. libsmartcols would write characters that reorder text on a terminal, an empty list as
 * [null], no null for a boolean, and nothing beside the table.
 */

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

void json_add_member(struct view *view, const struct row *row, const struct column *column,
	const char *colon, struct cell *cell, struct strbuf *out)
{
	strbuf_adds(out, "\"");
	for (const char *c = column->name; *c; c++) {
		char lower = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);

		strbuf_add(out, &lower, 1);
	}
	strbuf_addf(out, "\"%s", colon);
	column_cell(view, row, column, cell);
	if (column_is_list(column) && (cell->present || !(column->style & STYLE_NULL)))
		json_add_array(cell, column->type, out);
	else if (!cell->bytes.len)
		strbuf_adds(out, "null");
	else if (column->type == VALUE_TEXT)
		text_quote_json(out, cell->bytes.text);
	else
		cell_show(cell, ',', TEXT_JSON, out);
}

/* Ends the line before, if any, and begins the next one. */
static void json_begin_line(struct strbuf *out, size_t depth, const char *text)
{
	strbuf_addf(out, "\n%*s%s", (int)depth * 3, "", text);
}

/* An object at level 0 is indented by two steps, its members by three; each level adds two. */
#define OBJECT_DEPTH(level) (2 * (level) + 2)
#define MEMBER_DEPTH(level) (2 * (level) + 3)

/* Ends the objects from one level up to another, which remains open. */
static void json_close(struct strbuf *out, size_t from, size_t to)
{
	for (; from > to; from--) {
		json_begin_line(out, OBJECT_DEPTH(from), "}");
		json_begin_line(out, MEMBER_DEPTH(from - 1), "]");
	}
}

void format_json(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	size_t *levels = memory_alloc(rows->n, sizeof(*levels)), level = 0;
	CLEANUP(cell_done) struct cell cell = { 0 }, notes = { 0 };
	CLEANUP(strbuf_done) struct strbuf list = { 0 }, text = { 0 };

	view->objects = true;
	for (size_t i = 0; i < rows->n; i++) {
		size_t before = level, parent = rows->at[i].parent;

		level = options->tree && parent != ROW_NO_PARENT ? levels[parent] + 1 : 0;
		levels[i] = level;
		if (level > before) {
			strbuf_adds(&text, ",");
			json_begin_line(&text, MEMBER_DEPTH(before), "\"children\": [");
		}
		json_close(&text, before, level);
		json_begin_line(&text, OBJECT_DEPTH(level), !i || level > before ? "{" : "},{");
		for (size_t k = 0; k < options->ncolumns; k++) {
			strbuf_adds(&text, k ? "," : "");
			json_begin_line(&text, MEMBER_DEPTH(level), "");
			json_add_member(
				view, &rows->at[i], options->columns[k], ": ", &cell, &text);
		}
	}
	view->objects = false;
	json_close(&text, level, 0);
	strbuf_adds(&text, rows->n ? "\n      }" : "\n");
	free(levels);

	/* The notes come first, but making rows looks up users, which may add one. */
	notes.nitems = report_reasons(view->report, &notes.bytes);
	notes.nitems += report_kernel_limitations(view->report, &notes.bytes) + view->nnotes;
	strbuf_add(&notes.bytes, strbuf_text(&view->notes), view->notes.len);
	json_add_array(&notes, VALUE_TEXTS, &list);
	fprintf(out, "{\n   \"complete\": %s,\n   \"notes\": %s,\n   \"%s\": [",
		report_is_complete(view->report) ? "true" : "false", list.text, options->name);
	fwrite(text.text, 1, text.len, out);
	fputs("\n   ]\n}\n", out);
}

/*
 * Raw lines have one blank between two fields. The raw format of libsmartcols would write every
 * backslash as \x5c, also that of a separator that is escaped within an item.
 */
void format_raw(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	size_t last = options->ncolumns - 1;
	CLEANUP(strbuf_done) struct strbuf field = { 0 };
	CLEANUP(cell_done) struct cell cell = { 0 };

	for (size_t i = 0; !options->noheadings && rows->n && i <= last; i++)
		fprintf(out, "%s%c", options->columns[i]->name, i < last ? ' ' : '\n');
	for (size_t row = 0; row < rows->n; row++)
		for (size_t i = 0; i <= last; i++) {
			column_cell(view, &rows->at[row], options->columns[i], &cell);
			strbuf_reset(&field);
			cell_show(&cell, ',', TEXT_RAW, &field);
			strbuf_adds(&field, i < last ? " " : "\n");
			fputs(field.text, out);
		}
}
