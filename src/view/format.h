/* SPDX-License-Identifier: MIT */
/* The formats, one function each, and what those share that libsmartcols writes. */
#ifndef NSLS_VIEW_FORMAT_H
#define NSLS_VIEW_FORMAT_H

#include "nsls/view/render.h"

struct libscols_column;
struct libscols_line;
struct libscols_table;

void render_table(struct view *view, const struct rows *rows, const struct render_options *options,
	FILE *out);
void render_raw(struct view *view, const struct rows *rows, const struct render_options *options,
	FILE *out);
void render_json(struct view *view, const struct rows *rows, const struct render_options *options,
	FILE *out);

/* A table of libsmartcols while it is filled. */
struct sheet {
	struct view *view;
	const struct rows *rows;
	const struct render_options *options;
	struct libscols_table *table;
	struct libscols_line **lines; /* one per row */
	struct cell cell;             /* of the row and column at hand */
	struct strbuf text;           /* what becomes of it */
};

void sheet_init(struct sheet *sheet, struct view *view, const struct rows *rows,
	const struct render_options *options, FILE *out);
void sheet_done(struct sheet *sheet);

/* Adds an empty line per row, below that of its parent, once all columns are there. */
void sheet_add_lines(struct sheet *sheet);

/* Puts the value of row and column into sheet->cell. */
void sheet_fill_cell(struct sheet *sheet, size_t row, const struct column *column);

/* Puts sheet->text into column number index of the line of the row. */
void sheet_set_text(struct sheet *sheet, size_t row, size_t index);

#endif
