// SPDX-License-Identifier: MIT
/*
 * Tables and trees. libsmartcols makes every cell of a column as wide as the widest, and a list may
 * have ten thousand items. So on a terminal lists are cut to the room that there is. Elsewhere the
 * first list and all that follows it are one column to libsmartcols, the last, which it doesn't
 * pad; how its parts stand below one another is decided here.
 */
#include "format.h"

#include <errno.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <string.h>

#define LIST_ROOM_MIN 24   /* a terminal may be too narrow for the other columns alone */
#define LIST_LINES_MAX 10  /* of a list that has a line per item */
#define LIST_PADDED_MAX 40 /* a longer list moves the rest of its line to the right */

struct layout {
	struct sheet sheet;
	enum text_target target;
	bool cut;                   /* lists are cut to the room that there is */
	size_t tail;                /* the columns from here on are one to libsmartcols */
	size_t widths[COLUMNS_MAX]; /* of the widest text of each column */
	size_t room;                /* columns of the terminal for a list that is cut */
	struct strbuf part;         /* an item, or the line of the tail */
};

/* A list that has a line per item. */
static bool has_lines(const struct render_options *options, const struct column *column)
{
	unsigned styles = STYLE_LINES | (options->terminal ? STYLE_LINES_TERMINAL : 0);

	return !options->nowrap && column->style & styles;
}

/* A list on one line, which may become long. */
static bool is_long(const struct render_options *options, const struct column *column)
{
	return column_is_list(column) && !has_lines(options, column);
}

/* The first column that is that, or the number of columns. */
static size_t find_tail(const struct render_options *options)
{
	size_t i = 0;

	while (i < options->ncolumns && !is_long(options, options->columns[i]))
		i++;
	return i;
}

static bool is_right(const struct column *column)
{
	return column->type == VALUE_NUMBER || column->type == VALUE_DECIMAL;
}

static int add_column(struct layout *l, const struct column *column)
{
	const struct render_options *options = l->sheet.options;
	bool lines = has_lines(options, column);
	struct libscols_column *cl;
	int flags = 0;

	if (column == options->tree)
		flags |= SCOLS_FL_TREE;
	else if (is_right(column))
		flags |= SCOLS_FL_RIGHT;
	if (column->style & STYLE_TRUNCATE && !options->notruncate)
		flags |= SCOLS_FL_TRUNC;
	if (lines)
		flags |= SCOLS_FL_WRAP;
	cl = scols_table_new_column(l->sheet.table, column->name, 0, flags);
	if (!cl)
		return -ENOMEM;
	if (lines)
		scols_column_set_wrapfunc(cl, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
	return 0;
}

/* The tail has its name as soon as the width of its parts is known. */
static int add_columns(struct layout *l)
{
	const struct render_options *options = l->sheet.options;
	int flags = 0, r = 0;

	for (size_t i = 0; r == 0 && i < l->tail; i++)
		r = add_column(l, options->columns[i]);
	for (size_t i = l->tail; i < options->ncolumns; i++)
		if (options->columns[i] == options->tree)
			flags = SCOLS_FL_TREE;
	if (r == 0 && l->tail < options->ncolumns &&
		!scols_table_new_column(l->sheet.table, "", 0, flags))
		r = -ENOMEM;
	return r;
}

static void widen(struct layout *l, size_t index, size_t width)
{
	if (width > l->widths[index])
		l->widths[index] = width;
}

/* Branches take two columns each. */
static size_t tree_width(const struct layout *l, size_t row, size_t index)
{
	size_t width = 0;

	if (l->sheet.options->columns[index] != l->sheet.options->tree)
		return 0;
	while ((row = l->sheet.rows->at[row].parent) != ROW_NO_PARENT)
		width += 2;
	return width;
}

static void measure(struct layout *l, size_t row, size_t index)
{
	const char *line = strbuf_text(&l->sheet.text);

	while (*line) {
		size_t len = strcspn(line, "\n");

		widen(l, index, text_width(line, len) + tree_width(l, row, index));
		line += len + (line[len] == '\n');
	}
}

#define MORE_MAX 40

static const char *say_more(const struct layout *l, size_t n, char *text)
{
	const char *ellipsis = l->target == TEXT_TERMINAL ? "\u2026" : "...";

	snprintf(text, MORE_MAX, "%s %zu more", ellipsis, n);
	return text;
}

/* What a text takes of the room for a list: a line, or its width with a separator. */
static size_t room_of(const char *text, size_t len, bool lines)
{
	return lines ? 1 : text_width(text, len) + 1;
}

/* How many items of the cell there is room for, with a word on how many more there are. */
static size_t count_fitting(struct layout *l, size_t room, bool lines)
{
	const struct cell *cell = &l->sheet.cell;
	const char *item = strbuf_text(&cell->bytes);
	size_t used = 0, fitting = 1;
	char more[MORE_MAX];

	for (size_t i = 0; i < cell->nitems; i++, item = cell_next_item(item)) {
		strbuf_reset(&l->part);
		text_escape_item(&l->part, item, lines ? '\n' : ',', l->target);
		used += room_of(strbuf_text(&l->part), l->part.len, lines);
		if (used > room || l->part.failed)
			return fitting;
		say_more(l, cell->nitems - i - 1, more);
		if (used + room_of(more, strlen(more), lines) <= room)
			fitting = i + 1;
	}
	return cell->nitems;
}

/* The cell as l->sheet.text. */
static int show_cell(struct layout *l, size_t row, const struct column *column, bool lines)
{
	struct strbuf *text = &l->sheet.text;
	char more[MORE_MAX], separator = lines ? '\n' : ',';
	struct cell shown;
	int r = sheet_fill_cell(&l->sheet, row, column);

	if (r < 0)
		return r;
	strbuf_reset(text);
	shown = l->sheet.cell;
	if (l->cut && shown.nitems) {
		strbuf_reset(&l->part);
		shown.nitems = count_fitting(l, lines ? LIST_LINES_MAX : l->room + 1, lines);
		text->failed |= l->part.failed;
	}
	cell_show(&shown, separator, l->target, text);
	if (shown.nitems < l->sheet.cell.nitems) {
		strbuf_add(text, &separator, 1);
		strbuf_adds(text, say_more(l, l->sheet.cell.nitems - shown.nitems, more));
	}
	return strbuf_status(text);
}

/* All cells that need not know how much room others leave. */
static int set_early_cells(struct layout *l, size_t row)
{
	const struct render_options *options = l->sheet.options;
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->tail; i++) {
		const struct column *column = options->columns[i];

		if (l->cut && is_long(options, column))
			continue;
		r = show_cell(l, row, column, has_lines(options, column));
		measure(l, row, i);
		if (r == 0)
			r = sheet_set_text(&l->sheet, row, i);
	}
	/* The last column is padded by nobody. */
	for (size_t i = l->tail; r == 0 && i + 1 < options->ncolumns; i++) {
		r = show_cell(l, row, options->columns[i], false);
		measure(l, row, i);
	}
	return r;
}

static int set_cut_lists(struct layout *l, size_t row)
{
	const struct render_options *options = l->sheet.options;
	int r = 0;

	for (size_t i = 0; r == 0 && i < options->ncolumns; i++) {
		if (!is_long(options, options->columns[i]))
			continue;
		r = show_cell(l, row, options->columns[i], false);
		if (r == 0)
			r = sheet_set_text(&l->sheet, row, i);
	}
	return r;
}

/* Appends the text of column i to the line of the tail, in the width that the column has. */
static void add_part(struct layout *l, size_t i)
{
	const struct strbuf *text = &l->sheet.text;
	bool right = is_right(l->sheet.options->columns[i]);
	bool last = i + 1 == l->sheet.options->ncolumns;
	size_t width = text_width(strbuf_text(text), text->len);
	int blanks = width < l->widths[i] ? (int)(l->widths[i] - width) : 0;

	strbuf_addf(&l->part, "%s%*s%s%*s", i > l->tail ? " " : "", right ? blanks : 0, "",
		strbuf_text(text), right || last ? 0 : blanks, "");
}

static int set_tail(struct layout *l, size_t row)
{
	const struct render_options *options = l->sheet.options;
	int r = 0;

	strbuf_reset(&l->part);
	for (size_t i = l->tail; r == 0 && i < options->ncolumns; i++) {
		r = show_cell(l, row, options->columns[i], false);
		add_part(l, i);
	}
	if (r == 0)
		r = strbuf_status(&l->part);
	if (r == 0)
		r = scols_line_set_data(l->sheet.lines[row], l->tail, strbuf_text(&l->part));
	return r;
}

static int name_tail(struct layout *l)
{
	const struct render_options *options = l->sheet.options;
	int r = 0;

	strbuf_reset(&l->part);
	for (size_t i = l->tail; r == 0 && i < options->ncolumns; i++) {
		strbuf_reset(&l->sheet.text);
		strbuf_adds(&l->sheet.text, options->columns[i]->name);
		r = strbuf_status(&l->sheet.text);
		add_part(l, i);
	}
	if (r == 0)
		r = strbuf_status(&l->part);
	if (r == 0)
		r = scols_column_set_name(
			scols_table_get_column(l->sheet.table, l->tail), strbuf_text(&l->part));
	return r;
}

/*
 * Lists share, with what libsmartcols may cut off, what all other columns leave; what needs less
 * than its share leaves the rest to the others.
 */
static void share_room(struct layout *l)
{
	const struct render_options *options = l->sheet.options;
	size_t room = scols_table_get_termwidth(l->sheet.table), taken = options->ncolumns - 1;
	size_t sharing = 0;

	for (size_t i = 0; i < options->ncolumns; i++)
		if (is_long(options, options->columns[i]))
			sharing++;
		else if (!(options->columns[i]->style & STYLE_TRUNCATE))
			taken += l->widths[i];
	for (size_t i = 0; i < options->ncolumns && sharing; i++) {
		size_t share = room > taken ? (room - taken) / (sharing + 1) : 0;

		if (options->columns[i]->style & STYLE_TRUNCATE)
			taken += l->widths[i] < share ? l->widths[i] : share;
	}
	l->room = sharing && room > taken ? (room - taken) / sharing : 0;
	if (l->room < LIST_ROOM_MIN)
		l->room = LIST_ROOM_MIN;
}

/* A long list is narrower than others make it: it is better pushed aside than padded. */
static void limit_widths(struct layout *l)
{
	const struct render_options *options = l->sheet.options;

	for (size_t i = l->tail; i < options->ncolumns; i++)
		if (column_is_list(options->columns[i]) && l->widths[i] > LIST_PADDED_MAX)
			l->widths[i] = LIST_PADDED_MAX;
}

/* Yellow is what no process is in, as far as that is proven. */
static void set_color(struct layout *l, size_t index)
{
	const struct row *row = &l->sheet.rows->at[index];
	bool proven = report_is_complete(l->sheet.view->report);

	if (!l->sheet.options->colors)
		return;
	if (row->kind == ROW_TYPE && l->sheet.options->tree)
		scols_line_set_color(l->sheet.lines[index], "bold");
	else if (row->kind == ROW_NS && !row->ns->nprocs && proven)
		scols_line_set_color(l->sheet.lines[index], "yellow");
}

static int set_up(struct layout *l)
{
	const struct render_options *options = l->sheet.options;
	int r;

	scols_table_enable_noheadings(l->sheet.table, options->noheadings);
	scols_table_enable_colors(l->sheet.table, options->colors);
	if (l->target == TEXT_ASCII)
		scols_table_enable_ascii(l->sheet.table, 1);
	for (size_t i = 0; i < options->ncolumns; i++)
		l->widths[i] = strlen(options->columns[i]->name);
	r = add_columns(l);
	return r < 0 ? r : sheet_add_lines(&l->sheet);
}

static int set_cells(struct layout *l)
{
	size_t n = l->sheet.rows->n;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		set_color(l, i);
		r = set_early_cells(l, i);
	}
	if (l->cut) {
		share_room(l);
		for (size_t i = 0; r == 0 && i < n; i++)
			r = set_cut_lists(l, i);
	} else if (l->tail < l->sheet.options->ncolumns) {
		limit_widths(l);
		for (size_t i = 0; r == 0 && i < n; i++)
			r = set_tail(l, i);
		if (r == 0)
			r = name_tail(l);
	}
	return r;
}

int render_table(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	struct layout l = {
		.target = text_terminal(),
		.cut = options->terminal && !options->notruncate,
	};
	int r = sheet_init(&l.sheet, view, rows, options, out);

	strbuf_init(&l.part);
	l.tail = l.cut ? options->ncolumns : find_tail(options);
	if (r == 0)
		r = set_up(&l);
	if (r == 0)
		r = set_cells(&l);
	if (r == 0)
		r = scols_print_table(l.sheet.table);
	strbuf_done(&l.part);
	sheet_done(&l.sheet);
	return r;
}
