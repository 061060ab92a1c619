// SPDX-License-Identifier: MIT
/*
 * Applies filter expressions. A separate table has only the columns of the expression, so that rows
 * can be filtered before the columns of the output are known, or without any (--count, --quiet).
 */
#include "nsls/base.h"
#include "nsls/view.h"

#include <errno.h>
#include <libsmartcols.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * libsmartcols prints characters that its language lacks to standard output, and parses the rest.
 * So they are rejected before.
 */

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define BLANKS " \t\n"

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

/* Returns the length of the blanks, operator, name or value that the text begins with, or 0. */
static size_t token_length(const char *text)
{
	static const char *const operators[] = { "&&", "||", "==", "!=", ">=", "<=", "=~", "!~",
		">", "<", "!", "(", ")" };
	const char quoted[] = { *text, '\n', '\0' };
	size_t len = strspn(text, DIGITS);

	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		if (!strncmp(text, operators[i], strlen(operators[i])))
			return strlen(operators[i]);
	if (len && text[len] == '.' && is_one_of(text[len + 1], DIGITS))
		return len + 1 + strspn(text + len + 1, DIGITS);
	if (len && is_one_of(text[len], "KMGTPEZY"))
		return len + (strncmp(text + len + 1, "iB", 2) ? 1 : 3);
	if (is_one_of(*text, "\"'")) {
		len = 1 + strcspn(text + 1, quoted);
		return text[len] == *text ? len + 1 : 0; /* 0: it is not closed */
	}
	if (is_one_of(*text, LETTERS))
		return strspn(text, LETTERS DIGITS "_.%:/-");
	return len ? len : strspn(text, BLANKS);
}

/* What is wrong with a character that begins no token. */
static const char *const hints[UCHAR_MAX + 1] = {
	['-'] = "no number is negative",
	['='] = "'==' compares",
	['&'] = "'&&' means and",
	['|'] = "'||' means or",
	['"'] = "this quote is not closed",
	['\''] = "this quote is not closed",
	[')'] = "nothing is open that this could close",
};

__attribute__((format(printf, 2, 3))) static int filter_fail(
	char **ret_error, const char *format, ...)
{
	struct strbuf message = { 0 };
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&message, format, args);
	va_end(args);
	*ret_error = message.text; /* owned by the caller */
	return -EINVAL;
}

int filter_check(const char *expression, char **ret_error)
{
	size_t open = 0, len;

	for (const char *at = expression; *at; at += len) {
		const char *hint = hints[(unsigned char)*at];

		len = token_length(at);
		if (!len || (*at == ')' && !open))
			return filter_fail(ret_error, "bad filter at '%.*s': %s",
				(int)strcspn(at, BLANKS), at,
				hint ? hint : "text has to be in quotes");
		open += *at == '(';
		open -= *at == ')';
	}
	return open ? filter_fail(ret_error, "bad filter: a ')' is missing") : 0;
}

#ifdef HAVE_SCOLS_FILTER

struct filter {
	struct libscols_filter *filter;
	struct libscols_table *table;
	const struct column *columns[COLUMNS_MAX];
	size_t ncolumns;
};

int filter_new(const char *expression, unsigned view, struct filter **ret_filter,
	unsigned *ret_needs, char **ret_error)
{
	struct filter *filter = memory_alloc(1, sizeof(*filter));
	struct libscols_iter *iter = memory_check(scols_new_iter(SCOLS_ITER_FORWARD));
	const char *text;
	int r = 0;

	*ret_error = NULL;
	*ret_needs = 0;
	filter->filter = memory_check(scols_new_filter(NULL));
	filter->table = memory_check(scols_new_table());
	if (scols_filter_parse_string(filter->filter, expression) != 0) {
		text = scols_filter_get_errmsg(filter->filter);
		r = filter_fail(ret_error, "bad filter%s%s", text ? ": " : "", text ? text : "");
	}
	while (r == 0 && scols_filter_next_holder(filter->filter, iter, &text, 0) == 0) {
		const struct column *column = column_by_name(text, strlen(text));
		struct libscols_column *cl;

		if (!column) {
			r = filter_fail(ret_error, "unknown column in filter: %s", text);
		} else if (!(column->views & view)) {
			r = filter_fail(
				ret_error, "column in filter is not of this view: %s", text);
		} else if (filter->ncolumns == COLUMNS_MAX) {
			r = -EINVAL;
		} else {
			cl = memory_check(scols_table_new_column(filter->table, text, 0, 0));
			scols_column_set_data_type(
				cl, column->type == VALUE_NUMBER    ? SCOLS_DATA_U64
				    : column->type == VALUE_DECIMAL ? SCOLS_DATA_FLOAT
				    : column->type == VALUE_BOOL    ? SCOLS_DATA_BOOLEAN
								    : SCOLS_DATA_STRING);
			filter->columns[filter->ncolumns++] = column;
			*ret_needs |= column->needs;
			r = scols_filter_assign_column(filter->filter, NULL, text, cl);
		}
	}
	scols_free_iter(iter);
	if (r < 0)
		filter_free(filter);
	else
		*ret_filter = filter;
	return r;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	scols_unref_filter(filter->filter);
	scols_unref_table(filter->table);
	free(filter);
}

int filter_apply(struct filter *filter, struct view *view, struct rows *rows)
{
	CLEANUP(cell_done) struct cell cell = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < rows->n; i++) {
		struct libscols_line *line =
			memory_check(scols_table_new_line(filter->table, NULL));
		int matches = 0;

		for (size_t k = 0; r == 0 && k < filter->ncolumns; k++) {
			column_cell(view, &rows->at[i], filter->columns[k], &cell);
			if (!cell.present)
				continue;
			/* As in JSON; lists are separated by commas, which are escaped in items. */
			strbuf_reset(&text);
			cell_show(&cell, ',', TEXT_JSON, &text);
			r = scols_line_set_data(line, k, strbuf_text(&text));
		}
		if (r == 0)
			r = scols_line_apply_filter(line, filter->filter, &matches);
		scols_table_remove_lines(filter->table);
		if (matches)
			rows->at[n++] = rows->at[i];
	}
	if (r == 0)
		rows->n = n;
	return r;
}

#else

int filter_new(const char *expression, unsigned view, struct filter **ret_filter,
	unsigned *ret_needs, char **ret_error)
{
	*ret_error =
		memory_copy("filters need libsmartcols 2.40 or newer, and this nsls was built with "
			    "an older one; use --json and jq(1)");
	return -ENOTSUP;
}

void filter_free(struct filter *filter) {}

int filter_apply(struct filter *filter, struct view *view, struct rows *rows)
{
	return -ENOTSUP;
}

#endif
