/* SPDX-License-Identifier: MIT */
/*
 * The columns: one table, a row for each, which says its name, what it shows, what has to be read
 * for that, and which function fills a cell. A new column is a row and that function. --output,
 * --list-columns and completions read the table; a test compares the manual page with it.
 */
#ifndef NSLS_VIEW_COLUMN_H
#define NSLS_VIEW_COLUMN_H

#include "nsls/base/u64map.h"
#include "nsls/model/report.h"
#include "nsls/select/query.h"
#include "nsls/view/cell.h"

/* Which views a column belongs to. */
enum column_view {
	VIEW_LIST = 1 << 0,
	VIEW_HOLDERS = 1 << 1,
	VIEW_SUMMARY = 1 << 2,
	VIEW_TYPES = 1 << 3, /* rows for a type in a list, TREE_TYPE */
	VIEW_CONTAINERS = 1 << 4,
};

/* How a table treats its cells; numbers stand on the right anyway. */
enum column_style {
	STYLE_LONG = 1 << 0,           /* others choose how long a text is */
	STYLE_TRUNCATE = 1 << 1,       /* cut off where the terminal is too narrow */
	STYLE_LINES = 1 << 2,          /* a list with a line per item */
	STYLE_LINES_TERMINAL = 1 << 3, /* the same, but on a terminal alone */
	STYLE_WORDS = 1 << 4,          /* a list of a few words of our own: with blanks, uncut */
	STYLE_NAME = 1 << 5,           /* takes no more than a third of a terminal */
};

/* What the functions that fill cells may know besides their row. */
struct view {
	const struct model *model;
	const struct report *report; /* what the answer lacks */
	const char *procfs_path;     /* "/proc" */
	bool labels;                 /* a person reads: words where there is no value */
	bool objects;                /* JSON is written: items of VALUE_OBJECTS are objects */
	bool whole;                  /* ids are shown in full length */
	uint64_t boot_time;          /* seconds since the epoch, 0: unknown */
	struct u64map users;         /* user ID to name, filled as needed */
	struct arena arena;          /* the names */
};

void view_init(struct view *view, const struct model *model, const struct report *report,
	const char *procfs_path);
void view_done(struct view *view);

struct column {
	const char *name;
	const char *help;
	unsigned style; /* of enum column_style */
	enum value_type type;
	unsigned views; /* of enum column_view */
	unsigned needs; /* of enum need */
	void (*fill)(struct view *view, const struct row *row, struct cell *cell);
};

/*
 * Column i of the table, NULL behind the last. Their order is that of --list-columns and of
 * --output-all: first the columns that lsns(8) has, in its order.
 */
const struct column *column_at(size_t i);
#define COLUMNS_MAX 64 /* there are no more than that */

/* Whether its cells are lists. */
bool column_is_list(const struct column *column);

/* By name, in any case; NULL if there is none. */
const struct column *column_by_name(const char *name, size_t len);

#endif
