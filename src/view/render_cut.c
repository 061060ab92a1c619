// SPDX-License-Identifier: MIT
/* Cells as text; on a terminal, of a list as many items as there is room for. */
#include "render_table.h"

#include <stdio.h>
#include <string.h>

#define LIST_LINES_MAX 10 /* of a list that has a line per item */
#define MORE_MAX 40

static const char *ellipsis(const struct layout *l)
{
	return l->target == TEXT_TERMINAL ? "\u2026" : "...";
}

static const char *say_more(const struct layout *l, size_t n, char *text)
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
		say_more(l, cell->nitems - i - 1, more);
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
		strbuf_adds(text, say_more(l, l->sheet.cell.nitems - shown.nitems, more));
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
