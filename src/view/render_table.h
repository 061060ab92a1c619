/* SPDX-License-Identifier: MIT */
/*
 * A table while it is laid out. libsmartcols makes every cell of a column as wide as the widest,
 * which others choose: a list may have ten thousand items, a command line two million bytes. So on
 * a terminal texts are cut to the room that there is (render_cut.c). Elsewhere the first such
 * column and all that follow it are one to libsmartcols, the last, which it doesn't pad: the tail
 * (render_tail.c).
 */
#ifndef NSLS_VIEW_RENDER_TABLE_H
#define NSLS_VIEW_RENDER_TABLE_H

#include "format.h"

#define SCREEN_MIN 24 /* a narrower terminal is taken for one of that width */
#define PADDED_MAX 80 /* in the tail a longer text moves the rest of its line to the right */

struct layout {
	struct sheet sheet;
	enum text_target target;
	bool cut;                   /* texts are cut to the room that there is */
	size_t screen;              /* columns of the terminal */
	size_t room;                /* how many of them a list may take that is cut */
	size_t tail;                /* the columns from here on are one to libsmartcols */
	size_t widths[COLUMNS_MAX]; /* of the widest text of each column */
	struct strbuf part;         /* an item, or the tail of a line */
	struct strbuf texts;        /* those of the tail, each ended by a NUL */
};

/* A list that has a line per item. */
bool layout_has_lines(const struct render_options *options, const struct column *column);

/* A list on one line, which may become long. */
bool layout_is_long(const struct render_options *options, const struct column *column);

/* A number, which stands on the right. */
bool layout_is_right(const struct column *column);

/* Puts the cell of row and column into sheet.text. */
void layout_show_cell(struct layout *l, size_t row, const struct column *column);

/* Shortens a text that the screen would cut, but for the end that is to stay, once all widths are
 * known. */
void layout_keep_end(struct layout *l, size_t row);

/* Finds the room for lists, once the widths of all other columns are known. */
void layout_share_room(struct layout *l);

/* The first column of the tail; the number of columns where there is none. */
size_t layout_find_tail(const struct render_options *options);

/* Sets the tail of the row, or of the headings, once widths are known. */
void layout_set_tail(struct layout *l, size_t row);
void layout_name_tail(struct layout *l);

#endif
