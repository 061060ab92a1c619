// SPDX-License-Identifier: MIT
/* The tail of a table: columns that stand below one another without being padded to the widest. */
#include "render_table.h"

#include "nsls/base/memory.h"

#include <libsmartcols.h>
#include <string.h>

/*
 * Where the tail begins: at the first list or, as the tail has no tree inside, at the first other
 * column of long texts behind that of the tree.
 */
size_t layout_find_tail(const struct render_options *options)
{
	bool behind = !options->tree;
	size_t i;

	for (i = 0; i < options->ncolumns; i++) {
		const struct column *column = options->columns[i];

		if (layout_is_long(options, column) || (behind && column->style & STYLE_LONG))
			break;
		behind |= column == options->tree;
	}
	return i;
}

/* Appends a text of column i to the tail of a line, in the width that the column has. */
static void add_part(struct layout *l, size_t i, const char *text, size_t len)
{
	bool right = layout_is_right(l->sheet.options->columns[i]);
	bool last = i + 1 == l->sheet.options->ncolumns;
	size_t width = text_width(text, len);
	int blanks = width < l->widths[i] ? (int)(l->widths[i] - width) : 0;

	strbuf_addf(&l->part, "%s%*s", i > l->tail ? " " : "", right ? blanks : 0, "");
	strbuf_add(&l->part, text, len);
	strbuf_addf(&l->part, "%*s", right || last ? 0 : blanks, "");
}

static void trim(struct strbuf *line)
{
	size_t len = line->len;

	while (len && line->text[len - 1] == ' ')
		len--;
	strbuf_cut(line, len);
}

/* Appends the next line of each text of the tail; at[] is what is left of them. */
static bool add_line(struct layout *l, const char *at[])
{
	bool more = false;

	for (size_t i = l->tail; i < l->sheet.options->ncolumns; i++) {
		size_t len = strcspn(at[i], "\n");

		add_part(l, i, at[i], len);
		at[i] += len;
		if (*at[i]) {
			at[i]++;
			more = true;
		}
	}
	trim(&l->part);
	return more;
}

/* Puts the texts of the tail, which are in l->texts, side by side into l->part. */
static void join_tail(struct layout *l)
{
	const char *at[COLUMNS_MAX], *text = strbuf_text(&l->texts);

	for (size_t i = l->tail; i < l->sheet.options->ncolumns; i++) {
		at[i] = text;
		text += strlen(text) + 1;
	}
	strbuf_reset(&l->part);
	while (add_line(l, at))
		strbuf_adds(&l->part, "\n");
}

void layout_set_tail(struct layout *l, size_t row)
{
	const struct render_options *options = l->sheet.options;

	strbuf_reset(&l->texts);
	for (size_t i = l->tail; i < options->ncolumns; i++) {
		layout_show_cell(l, row, options->columns[i]);
		strbuf_add(&l->texts, strbuf_text(&l->sheet.text), l->sheet.text.len + 1);
	}
	join_tail(l);
	if (scols_line_set_data(l->sheet.lines[row], l->tail, strbuf_text(&l->part)) < 0)
		memory_fail();
}

void layout_name_tail(struct layout *l)
{
	const struct render_options *options = l->sheet.options;

	strbuf_reset(&l->texts);
	for (size_t i = l->tail; i < options->ncolumns; i++)
		strbuf_add(&l->texts, options->columns[i]->name,
			strlen(options->columns[i]->name) + 1);
	join_tail(l);
	if (scols_column_set_name(
		    scols_table_get_column(l->sheet.table, l->tail), strbuf_text(&l->part)) < 0)
		memory_fail();
}
