// SPDX-License-Identifier: MIT
/*
 * Tables and trees, by libsmartcols. libsmartcols is used in this file, json.c and filter.c alone.
 */
#include "internal.h"

#include "nsls/base.h"

#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A thin layer on libsmartcols. */

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

/* Cells as text. On a terminal a list has as many items as there is room for. */

#define LIST_LINES_MAX 10 /* of a list that has a line per item */
#define MORE_MAX 40

static const char *ellipsis(const struct layout *l)
{
	return l->target == TEXT_TERMINAL ? "\u2026" : "...";
}

static const char *print_more(const struct layout *l, size_t n, char *text)
{
	snprintf(text, MORE_MAX, "%s %zu more", ellipsis(l), n);
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
		if (used > room)
			return fitting;
		print_more(l, cell->nitems - i - 1, more);
		if (used + room_of(more, strlen(more), lines) <= room)
			fitting = i + 1;
	}
	return cell->nitems;
}

/* Names of containers are as wide as that, "kubernetes 84b8394540fb": these are always whole. */
#define NAME_MIN 23

/* A name says more than what it leaves no room for, up to a point. */
static size_t widest(const struct layout *l, const struct column *column)
{
	size_t third = l->screen / 3 > NAME_MIN ? l->screen / 3 : NAME_MIN;

	return column->style & STYLE_NAME ? third : l->screen;
}

/* What is wider than the terminal would only make every other line as wide. */
static void fit(struct layout *l, size_t width)
{
	struct strbuf *text = &l->sheet.text;
	size_t fitting = text_fit(strbuf_text(text), text->len, width);

	if (fitting == text->len)
		return;
	strbuf_cut(text, text_fit(text->text, text->len, width - strlen("...")));
	strbuf_adds(text, ellipsis(l));
}

void layout_show_cell(struct layout *l, size_t row, const struct column *column)
{
	bool lines = layout_has_lines(l->sheet.options, column);
	struct strbuf *text = &l->sheet.text;
	bool words = column->style & STYLE_WORDS;
	char more[MORE_MAX], separator = (char)(lines ? '\n' : words ? ' ' : ',');
	struct cell shown;

	sheet_fill_cell(&l->sheet, row, column);
	strbuf_reset(text);
	shown = l->sheet.cell;
	if (l->cut && shown.nitems && !words)
		shown.nitems = count_fitting(l, lines ? LIST_LINES_MAX : l->room + 1, lines);
	cell_show(&shown, separator, l->target, text);
	if (shown.nitems < l->sheet.cell.nitems) {
		strbuf_add(text, &separator, 1);
		strbuf_adds(text, print_more(l, l->sheet.cell.nitems - shown.nitems, more));
	}
	if (l->cut && !lines)
		fit(l, widest(l, column));
}

/* Lists share what other columns leave. A text that may be cut off gets a share, too. */
void layout_share_room(struct layout *l)
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

/* How much is left for the last column where that alone gives way, as libsmartcols sees it. */
static size_t room_of_last(const struct layout *l)
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

void layout_keep_end(struct layout *l, size_t row)
{
	const struct render_options *options = l->sheet.options;
	size_t last = options->ncolumns - 1, room = room_of_last(l), end;
	struct strbuf *text = &l->sheet.text;

	if (!room)
		return;
	sheet_fill_cell(&l->sheet, row, options->columns[last]);
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

/* The tail of a table: columns that are not padded to the widest cell. */

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

bool layout_has_lines(const struct render_options *options, const struct column *column)
{
	unsigned styles = STYLE_LINES | (options->terminal ? STYLE_LINES_TERMINAL : 0);

	return !options->nowrap && column->style & styles;
}

bool layout_is_long(const struct render_options *options, const struct column *column)
{
	return column_is_list(column) && !(column->style & STYLE_WORDS) &&
	       !layout_has_lines(options, column);
}

bool layout_is_right(const struct column *column)
{
	return column->type == VALUE_NUMBER || column->type == VALUE_DECIMAL;
}

/* Adds a column, whose texts have several lines if lines is true. */
static void add_column(struct layout *l, const char *name, int flags, bool lines)
{
	struct libscols_column *cl = memory_check(scols_table_new_column(
		l->sheet.table, name, 0, flags | (lines ? SCOLS_FL_WRAP : 0)));

	if (lines)
		scols_column_set_wrapfunc(cl, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
}

static int flags_of(const struct render_options *options, const struct column *column)
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

/* The tail has its name as soon as the width of its parts is known. */
static void add_columns(struct layout *l)
{
	const struct render_options *options = l->sheet.options;
	bool lines = false;
	int flags = 0;

	for (size_t i = 0; i < l->tail; i++)
		add_column(l, options->columns[i]->name, flags_of(options, options->columns[i]),
			layout_has_lines(options, options->columns[i]));
	for (size_t i = l->tail; i < options->ncolumns; i++) {
		flags |= flags_of(options, options->columns[i]) & SCOLS_FL_TREE;
		lines |= layout_has_lines(options, options->columns[i]);
	}
	if (l->tail < options->ncolumns)
		add_column(l, "", flags, lines);
}

static void widen(struct layout *l, size_t index, size_t width)
{
	if (index >= l->tail && width > PADDED_MAX)
		width = PADDED_MAX;
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

/* All cells that need not know how much room others leave. */
static void set_early_cells(struct layout *l, size_t row)
{
	const struct render_options *options = l->sheet.options;

	for (size_t i = 0; i < l->tail; i++) {
		const struct column *column = options->columns[i];

		if (l->cut && layout_is_long(options, column))
			continue;
		layout_show_cell(l, row, column);
		measure(l, row, i);
		sheet_set_text(&l->sheet, row, i);
	}
	/* The last column is padded by nobody. */
	for (size_t i = l->tail; i + 1 < options->ncolumns; i++) {
		layout_show_cell(l, row, options->columns[i]);
		measure(l, row, i);
	}
}

static void set_cut_lists(struct layout *l, size_t row)
{
	const struct render_options *options = l->sheet.options;

	for (size_t i = 0; i < options->ncolumns; i++) {
		if (!layout_is_long(options, options->columns[i]))
			continue;
		layout_show_cell(l, row, options->columns[i]);
		sheet_set_text(&l->sheet, row, i);
	}
}

/* Yellow is what no process is in, as far as that is proven. */
static void set_color(struct layout *l, size_t index)
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

static void set_up(struct layout *l)
{
	const struct render_options *options = l->sheet.options;

	scols_table_enable_noheadings(l->sheet.table, options->noheadings);
	scols_table_enable_colors(l->sheet.table, options->colors);
	if (l->target == TEXT_ASCII)
		scols_table_enable_ascii(l->sheet.table, 1);
	for (size_t i = 0; i < options->ncolumns; i++)
		l->widths[i] = strlen(options->columns[i]->name);
	add_columns(l);
	sheet_add_lines(&l->sheet);
}

static void set_cells(struct layout *l)
{
	size_t n = l->sheet.rows->n;

	for (size_t i = 0; i < n; i++) {
		set_color(l, i);
		set_early_cells(l, i);
	}
	if (l->cut) {
		layout_share_room(l);
		for (size_t i = 0; i < n; i++)
			set_cut_lists(l, i);
		for (size_t i = 0; i < n; i++)
			layout_keep_end(l, i);
	} else if (l->tail < l->sheet.options->ncolumns) {
		for (size_t i = 0; i < n; i++)
			layout_set_tail(l, i);
		layout_name_tail(l);
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
	set_up(&l);
	set_cells(&l);
	if (scols_print_table(l.sheet.table) < 0)
		memory_fail();
	strbuf_done(&l.texts);
	strbuf_done(&l.part);
	sheet_done(&l.sheet);
}
