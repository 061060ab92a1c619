/* SPDX-License-Identifier: MIT */
/* The formats, one function each, and what those share that libsmartcols writes. */
#ifndef NSLS_VIEW_FORMAT_H
#define NSLS_VIEW_FORMAT_H

#include "nsls/view/render.h"

struct libscols_column;
struct libscols_line;
struct libscols_table;

/* Each returns 0, or -errno. */
int render_table(struct view *view, const struct rows *rows, const struct render_options *options,
	FILE *out);
int render_raw(struct view *view, const struct rows *rows, const struct render_options *options,
	FILE *out);
int render_json(struct view *view, const struct rows *rows, const struct render_options *options,
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

/* Returns 0, or -ENOMEM; the sheet is to be freed either way. */
int sheet_init(struct sheet *sheet, struct view *view, const struct rows *rows,
	const struct render_options *options, FILE *out);
void sheet_done(struct sheet *sheet);

/* Adds an empty line per row, below that of its parent, once all columns are there. */
int sheet_add_lines(struct sheet *sheet);

/* Puts the value of row and column into sheet->cell. Returns 0, or -ENOMEM. */
int sheet_fill_cell(struct sheet *sheet, size_t row, const struct column *column);

/* Puts sheet->text into column number index of the line of the row. Returns 0, or -ENOMEM. */
int sheet_set_text(struct sheet *sheet, size_t row, size_t index);

#endif
