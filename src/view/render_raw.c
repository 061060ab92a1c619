// SPDX-License-Identifier: MIT
/*
 * Lines for scripts, one blank between two fields. Not libsmartcols' raw format: that writes every
 * backslash as \\x5c, also that of a separator which is escaped inside of an item.
 */
#include "format.h"

static void add_names(const struct render_options *options, struct strbuf *line)
{
	for (size_t i = 0; i < options->ncolumns; i++) {
		strbuf_adds(line, i ? " " : "");
		strbuf_adds(line, options->columns[i]->name);
	}
}

static void add_fields(struct view *view, const struct row *row,
	const struct render_options *options, struct cell *cell, struct strbuf *line)
{
	for (size_t i = 0; i < options->ncolumns; i++) {
		cell_reset(cell);
		options->columns[i]->fill(view, row, cell);
		strbuf_adds(line, i ? " " : "");
		cell_show(cell, ',', TEXT_RAW, line);
	}
}

static void print_line(struct strbuf *line, FILE *out)
{
	strbuf_adds(line, "\n");
	fputs(strbuf_text(line), out);
	strbuf_reset(line);
}

void render_raw(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	struct strbuf line;
	struct cell cell;

	strbuf_init(&line);
	cell_init(&cell);
	if (!options->noheadings && rows->n) {
		add_names(options, &line);
		print_line(&line, out);
	}
	for (size_t i = 0; i < rows->n; i++) {
		add_fields(view, &rows->at[i], options, &cell, &line);
		print_line(&line, out);
	}
	cell_done(&cell);
	strbuf_done(&line);
}
