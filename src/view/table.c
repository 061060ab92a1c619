// SPDX-License-Identifier: MIT
/* Prints tables and trees. Only this file and filter.c use libsmartcols. */
#include "internal.h"

#include "nsls/base.h"

#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A table of libsmartcols that is being filled. */
struct sheet {
	struct view *view;
	const struct rows *rows;
	const struct render_options *options;
	struct libscols_table *table;
	struct libscols_line **lines; /* one per row */
	struct cell cell;             /* of the current row and column */
	struct strbuf text;           /* text of the cell */
};

static void sheet_init(struct sheet *sheet, struct view *view, const struct rows *rows,
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
	scols_table_enable_noencoding(sheet->table, 1); /* text.c has escaped all text */
}

static void sheet_done(struct sheet *sheet)
{
	strbuf_done(&sheet->text);
	cell_done(&sheet->cell);
	free(sheet->lines);
	scols_unref_table(sheet->table);
}

/* Adds an empty line per row, below that of its parent. All columns must have been added. */
static void sheet_add_lines(struct sheet *sheet)
{
	const struct rows *rows = sheet->rows;

	for (size_t i = 0; i < rows->n; i++) {
		size_t parent = sheet->options->tree ? rows->at[i].parent : ROW_NO_PARENT;
		/* From our own array, because libsmartcols would search its list of lines. */
		struct libscols_line *above = parent == ROW_NO_PARENT ? NULL : sheet->lines[parent];

		sheet->lines[i] = memory_check(scols_table_new_line(sheet->table, above));
	}
}

/* Puts the value of row and column into sheet->cell. */
static void sheet_make_cell(struct sheet *sheet, size_t row, const struct column *column)
{
	cell_reset(&sheet->cell);
	column->cell(sheet->view, &sheet->rows->at[row], column->arg, &sheet->cell);
}

/* Sets the cell of the row in column index to sheet->text. */
static void sheet_set_text(struct sheet *sheet, size_t row, size_t index)
{
	const struct strbuf *text = &sheet->text;

	if (text->len && scols_line_set_data(sheet->lines[row], index, text->text) < 0)
		memory_fail();
}

/*
 * Layout. libsmartcols makes every cell of a column as wide as the widest, and others control that
 * width: a list may have ten thousand items, a command line two million bytes. So on a terminal
 * texts are cut to the width. In a file or a pipe, the first such column and all columns after it
 * are one column to libsmartcols, the last, which it does not pad: the tail.
 */

#define SCREEN_MIN 24 /* a narrower terminal counts as one of that width */
#define PADDED_MAX 80 /* in the tail a longer text moves the rest of its line to the right */

struct layout {
	struct sheet sheet;
	enum text_target target;
	bool cut;                   /* texts are cut to the width of the terminal */
	size_t screen;              /* columns of the terminal */
	size_t room;                /* columns of the terminal for each list that is cut */
	size_t tail;                /* the first column of the tail; ncolumns: there is no tail */
	size_t widths[COLUMNS_MAX]; /* of the widest text of each column */
	struct strbuf part;         /* an item, or the tail of a line */
	struct strbuf texts;        /* those of the tail, each ended by a NUL */
};

/* Returns whether the cells are lists with a line per item. */
static bool layout_has_lines(const struct render_options *options, const struct column *column)
{
	unsigned styles = STYLE_LINES | (options->terminal ? STYLE_LINES_TERMINAL : 0);

	return !options->nowrap && column->style & styles;
}

/* Returns whether the cells are lists on one line, which may become long. */
static bool layout_is_long(const struct render_options *options, const struct column *column)
{
	return column_is_list(column) && !(column->style & STYLE_WORDS) &&
	       !layout_has_lines(options, column);
}

/* Returns whether the cells are numbers, which are aligned to the right. */
static bool layout_is_right(const struct column *column)
{
	return column->type == VALUE_NUMBER || column->type == VALUE_DECIMAL;
}

/* Cells as text. On a terminal a list has as many items as there is room for. */

#define LIST_LINES_MAX 10 /* of a list that has a line per item */
#define MORE_MAX 40

static const char *ellipsis(const struct layout *l)
{
	return l->target == TEXT_TERMINAL ? "\u2026" : "...";
}

static const char *format_more(const struct layout *l, size_t n, char *text)
{
	snprintf(text, MORE_MAX, "%s %zu more", ellipsis(l), n);
	return text;
}

/* Returns what an item takes of the room for a list: a line, or its width with a separator. */
static size_t item_room(const char *text, size_t len, bool lines)
{
	return lines ? 1 : text_width(text, len) + 1;
}

/* Returns the number of items that fit, together with the number of the remaining ones. */
static size_t count_fitting(struct layout *l, size_t room, bool lines)
{
	const struct cell *cell = &l->sheet.cell;
	const char *item = strbuf_text(&cell->bytes);
	size_t used = 0, fitting = 1;
	char more[MORE_MAX];

	for (size_t i = 0; i < cell->nitems; i++, item = cell_next_item(item)) {
		strbuf_reset(&l->part);
		text_escape_item(&l->part, item, lines ? '\n' : ',', l->target);
		used += item_room(strbuf_text(&l->part), l->part.len, lines);
		if (used > room)
			return fitting;
		format_more(l, cell->nitems - i - 1, more);
		if (used + item_room(more, strlen(more), lines) <= room)
			fitting = i + 1;
	}
	return cell->nitems;
}

/* Width of "kubernetes 84b8394540fb": names of containers are never cut. */
#define NAME_MIN 23

/* A name may take a third of the terminal, because it identifies more than other columns do. */
static size_t text_room_max(const struct layout *l, const struct column *column)
{
	size_t third = l->screen / 3 > NAME_MIN ? l->screen / 3 : NAME_MIN;

	return column->style & STYLE_NAME ? third : l->screen;
}

/* Cuts sheet.text to a width: a text wider than the terminal would make every line as wide. */
static void layout_cut_text(struct layout *l, size_t width)
{
	struct strbuf *text = &l->sheet.text;
	size_t fitting = text_fit(strbuf_text(text), text->len, width);

	if (fitting == text->len)
		return;
	strbuf_cut(text, text_fit(text->text, text->len, width - strlen("...")));
	strbuf_adds(text, ellipsis(l));
}

/* Sets sheet.text to the text of a cell. */
static void layout_show_cell(struct layout *l, size_t row, const struct column *column)
{
	bool lines = layout_has_lines(l->sheet.options, column);
	struct strbuf *text = &l->sheet.text;
	bool words = column->style & STYLE_WORDS;
	char more[MORE_MAX], separator = (char)(lines ? '\n' : words ? ' ' : ',');
	struct cell shown;

	sheet_make_cell(&l->sheet, row, column);
	strbuf_reset(text);
	shown = l->sheet.cell;
	if (l->cut && shown.nitems && !words)
		shown.nitems = count_fitting(l, lines ? LIST_LINES_MAX : l->room + 1, lines);
	cell_show(&shown, separator, l->target, text);
	if (shown.nitems < l->sheet.cell.nitems) {
		strbuf_add(text, &separator, 1);
		strbuf_adds(text, format_more(l, l->sheet.cell.nitems - shown.nitems, more));
	}
	if (l->cut && !lines)
		layout_cut_text(l, text_room_max(l, column));
}

/*
 * Divides the width that other columns leave between the lists that are cut. A text that
 * libsmartcols may truncate gets a share, too. Needs the widths of all other columns.
 */
static void layout_share_room(struct layout *l)
{
	const struct render_options *options = l->sheet.options;
	size_t taken = options->ncolumns - 1, flexible = 0, lists = 0, left;

	for (size_t i = 0; i < options->ncolumns; i++)
		if (layout_is_long(options, options->columns[i]))
			lists++;
		else if (options->columns[i]->style & STYLE_TRUNCATE)
			flexible += l->widths[i];
		else
			taken += l->widths[i];
	left = l->screen > taken ? l->screen - taken : 0;
	left -= flexible < left / (lists + 1) ? flexible : left / (lists + 1);
	l->room = lists ? left / lists : 0;
	if (l->room < SCREEN_MIN)
		l->room = SCREEN_MIN;
}

/* Returns the width of the last column, if libsmartcols may truncate no other, else 0. */
static size_t last_column_room(const struct layout *l)
{
	const struct render_options *options = l->sheet.options;
	size_t last = options->ncolumns - 1, taken = last;

	if (!(options->columns[last]->style & STYLE_TRUNCATE) ||
		options->columns[last] == options->tree)
		return 0;
	for (size_t i = 0; i < last; i++) {
		const struct column *column = options->columns[i];

		if (column->style & STYLE_TRUNCATE || layout_is_long(options, column))
			return 0;
		taken += l->widths[i];
	}
	return l->screen > taken ? l->screen - taken : 0;
}

/*
 * Shortens the text in the last column so that its end stays, where libsmartcols would cut it off.
 * Needs all widths.
 */
static void layout_keep_end(struct layout *l, size_t row)
{
	const struct render_options *options = l->sheet.options;
	size_t last = options->ncolumns - 1, room = last_column_room(l), end;
	struct strbuf *text = &l->sheet.text;

	if (!room)
		return;
	sheet_make_cell(&l->sheet, row, options->columns[last]);
	end = l->sheet.cell.end;
	if (!end || room < end + strlen("..."))
		return;
	strbuf_reset(text);
	cell_show(&l->sheet.cell, ',', l->target, text);
	if (text_width(strbuf_text(text), text->len) <= room)
		return;
	strbuf_cut(text, text_fit(text->text, text->len, room - end - strlen("...")));
	strbuf_adds(text, ellipsis(l));
	strbuf_adds(text, l->sheet.cell.label.text + l->sheet.cell.label.len - end);
	sheet_set_text(&l->sheet, row, last);
}

/*
 * Returns the first column of the tail, or the number of columns if there is no tail. The tail
 * begins at the first list, or at the first column of long texts after that of the tree, which
 * can't be in the tail.
 */
static size_t layout_find_tail(const struct render_options *options)
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

/* Appends a text of column i to the tail of a line, padded to the width of the column. */
static void tail_add_part(struct layout *l, size_t i, const char *text, size_t len)
{
	bool right = layout_is_right(l->sheet.options->columns[i]);
	bool last = i + 1 == l->sheet.options->ncolumns;
	size_t width = text_width(text, len);
	int blanks = width < l->widths[i] ? (int)(l->widths[i] - width) : 0;

	strbuf_addf(&l->part, "%s%*s", i > l->tail ? " " : "", right ? blanks : 0, "");
	strbuf_add(&l->part, text, len);
	strbuf_addf(&l->part, "%*s", right || last ? 0 : blanks, "");
}

static void trim_blanks(struct strbuf *line)
{
	size_t len = line->len;

	while (len && line->text[len - 1] == ' ')
		len--;
	strbuf_cut(line, len);
}

/* Appends the next line of each text of the tail. at: the rest of each text. */
static bool tail_add_line(struct layout *l, const char *at[])
{
	bool more = false;

	for (size_t i = l->tail; i < l->sheet.options->ncolumns; i++) {
		size_t len = strcspn(at[i], "\n");

		tail_add_part(l, i, at[i], len);
		at[i] += len;
		if (*at[i]) {
			at[i]++;
			more = true;
		}
	}
	trim_blanks(&l->part);
	return more;
}

/* Joins the texts of the tail, which are in l->texts, side by side in l->part. */
static void tail_join(struct layout *l)
{
	const char *at[COLUMNS_MAX], *text = strbuf_text(&l->texts);

	for (size_t i = l->tail; i < l->sheet.options->ncolumns; i++) {
		at[i] = text;
		text += strlen(text) + 1;
	}
	strbuf_reset(&l->part);
	while (tail_add_line(l, at))
		strbuf_adds(&l->part, "\n");
}

/* Sets the tail of the row. Needs all widths. */
static void layout_set_tail(struct layout *l, size_t row)
{
	const struct render_options *options = l->sheet.options;

	strbuf_reset(&l->texts);
	for (size_t i = l->tail; i < options->ncolumns; i++) {
		layout_show_cell(l, row, options->columns[i]);
		strbuf_add(&l->texts, strbuf_text(&l->sheet.text), l->sheet.text.len + 1);
	}
	tail_join(l);
	if (scols_line_set_data(l->sheet.lines[row], l->tail, strbuf_text(&l->part)) < 0)
		memory_fail();
}

/* Sets the headings of the tail. Needs all widths. */
static void layout_set_tail_heading(struct layout *l)
{
	const struct render_options *options = l->sheet.options;

	strbuf_reset(&l->texts);
	for (size_t i = l->tail; i < options->ncolumns; i++)
		strbuf_add(&l->texts, options->columns[i]->name,
			strlen(options->columns[i]->name) + 1);
	tail_join(l);
	if (scols_cell_set_data(
		    scols_column_get_header(scols_table_get_column(l->sheet.table, l->tail)),
		    strbuf_text(&l->part)) < 0)
		memory_fail();
}

/* lines: texts of the column may have several lines. */
static void layout_add_column(struct layout *l, const char *name, int flags, bool lines)
{
	struct libscols_column *cl = memory_check(scols_table_new_column(
		l->sheet.table, name, 0, flags | (lines ? SCOLS_FL_WRAP : 0)));

	if (lines)
		scols_column_set_wrapfunc(cl, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
}

static int column_flags(const struct render_options *options, const struct column *column)
{
	int flags = 0;

	if (column == options->tree)
		flags |= SCOLS_FL_TREE;
	else if (layout_is_right(column))
		flags |= SCOLS_FL_RIGHT;
	if (column->style & STYLE_TRUNCATE && !options->notruncate)
		flags |= SCOLS_FL_TRUNC;
	return flags;
}

/* The tail gets its headings later, when the widths are known. */
static void layout_add_columns(struct layout *l)
{
	const struct render_options *options = l->sheet.options;
	bool lines = false;
	int flags = 0;

	for (size_t i = 0; i < l->tail; i++)
		layout_add_column(l, options->columns[i]->name,
			column_flags(options, options->columns[i]),
			layout_has_lines(options, options->columns[i]));
	for (size_t i = l->tail; i < options->ncolumns; i++) {
		flags |= column_flags(options, options->columns[i]) & SCOLS_FL_TREE;
		lines |= layout_has_lines(options, options->columns[i]);
	}
	if (l->tail < options->ncolumns)
		layout_add_column(l, "", flags, lines);
}

static void layout_widen(struct layout *l, size_t index, size_t width)
{
	if (index >= l->tail && width > PADDED_MAX)
		width = PADDED_MAX;
	if (width > l->widths[index])
		l->widths[index] = width;
}

/* Branches take two columns each. */
static size_t tree_indent(const struct layout *l, size_t row, size_t index)
{
	size_t width = 0;

	if (l->sheet.options->columns[index] != l->sheet.options->tree)
		return 0;
	while ((row = l->sheet.rows->at[row].parent) != ROW_NO_PARENT)
		width += 2;
	return width;
}

static void layout_measure(struct layout *l, size_t row, size_t index)
{
	const char *line = strbuf_text(&l->sheet.text);

	while (*line) {
		size_t len = strcspn(line, "\n");

		layout_widen(l, index, text_width(line, len) + tree_indent(l, row, index));
		line += len + (line[len] == '\n');
	}
}

/* Sets the cells that do not depend on the width that other columns leave. */
static void layout_set_early_cells(struct layout *l, size_t row)
{
	const struct render_options *options = l->sheet.options;

	for (size_t i = 0; i < l->tail; i++) {
		const struct column *column = options->columns[i];

		if (l->cut && layout_is_long(options, column))
			continue;
		layout_show_cell(l, row, column);
		layout_measure(l, row, i);
		sheet_set_text(&l->sheet, row, i);
	}
	/* The last column is not padded, so its width does not matter. */
	for (size_t i = l->tail; i + 1 < options->ncolumns; i++) {
		layout_show_cell(l, row, options->columns[i]);
		layout_measure(l, row, i);
	}
}

static void layout_set_cut_lists(struct layout *l, size_t row)
{
	const struct render_options *options = l->sheet.options;

	for (size_t i = 0; i < options->ncolumns; i++) {
		if (!layout_is_long(options, options->columns[i]))
			continue;
		layout_show_cell(l, row, options->columns[i]);
		sheet_set_text(&l->sheet, row, i);
	}
}

/* Yellow are namespaces without a member process, if that is certain. */
static void layout_set_color(struct layout *l, size_t index)
{
	const struct row *row = &l->sheet.rows->at[index];
	bool proven = report_proves_absence(l->sheet.view->report);

	if (!l->sheet.options->colors)
		return;
	if (row->kind == ROW_TYPE && l->sheet.options->tree)
		scols_line_set_color(l->sheet.lines[index], "bold");
	else if (row->kind == ROW_NS && !row->ns->nprocs && proven)
		scols_line_set_color(l->sheet.lines[index], "yellow");
}

static void layout_set_up(struct layout *l)
{
	const struct render_options *options = l->sheet.options;

	scols_table_enable_noheadings(l->sheet.table, options->noheadings);
	scols_table_enable_colors(l->sheet.table, options->colors);
	if (l->target == TEXT_ASCII)
		scols_table_enable_ascii(l->sheet.table, 1);
	for (size_t i = 0; i < options->ncolumns; i++)
		l->widths[i] = strlen(options->columns[i]->name);
	layout_add_columns(l);
	sheet_add_lines(&l->sheet);
}

static void layout_set_cells(struct layout *l)
{
	size_t n = l->sheet.rows->n;

	for (size_t i = 0; i < n; i++) {
		layout_set_color(l, i);
		layout_set_early_cells(l, i);
	}
	if (l->cut) {
		layout_share_room(l);
		for (size_t i = 0; i < n; i++)
			layout_set_cut_lists(l, i);
		for (size_t i = 0; i < n; i++)
			layout_keep_end(l, i);
	} else if (l->tail < l->sheet.options->ncolumns) {
		for (size_t i = 0; i < n; i++)
			layout_set_tail(l, i);
		layout_set_tail_heading(l);
	}
}

void render_table(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	struct layout l = {
		.target = text_terminal(),
		.cut = options->terminal && !options->notruncate,
	};

	sheet_init(&l.sheet, view, rows, options, out);
	strbuf_init(&l.part);
	strbuf_init(&l.texts);
	l.tail = l.cut ? options->ncolumns : layout_find_tail(options);
	l.screen = scols_table_get_termwidth(l.sheet.table);
	l.screen = l.screen > SCREEN_MIN ? l.screen : SCREEN_MIN;
	layout_set_up(&l);
	layout_set_cells(&l);
	if (scols_print_table(l.sheet.table) < 0)
		memory_fail();
	strbuf_done(&l.texts);
	strbuf_done(&l.part);
	sheet_done(&l.sheet);
}
