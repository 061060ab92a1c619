/* SPDX-License-Identifier: MIT */
/* From rows and columns to text: tables, JSON, checks, metrics. */
#ifndef NSLS_VIEW_H
#define NSLS_VIEW_H

#include "nsls/base.h"
#include "nsls/diff.h"
#include "nsls/query.h"
#include "nsls/report.h"
#include "nsls/rule.h"

#include <stdint.h>
#include <stdio.h>
#include <time.h>

struct filter;

/*
 * The value of one column in one row, before it becomes text for a table or for JSON: absent, a
 * text, a number, or a list of them.
 */

enum value_type {
	VALUE_TEXT,
	VALUE_NUMBER,
	VALUE_DECIMAL, /* a number with one decimal */
	VALUE_BOOL,
	VALUE_TEXTS,
	VALUE_NUMBERS,
	VALUE_OBJECTS, /* a list of texts; of JSON objects where struct view wants those */
};

struct cell {
	bool present;        /* false: null in JSON */
	struct strbuf bytes; /* the text; a list's items each end with a NUL */
	size_t nitems;
	struct strbuf label; /* what tables say where JSON has null or another type; may be empty */
	size_t end;          /* how many bytes at its end stay where a terminal cuts the label */
};

void cell_init(struct cell *cell);
void cell_done(struct cell *cell);
void cell_reset(struct cell *cell);

void cell_set_text(struct cell *cell, const char *text);
void cell_set_number(struct cell *cell, uint64_t number);
void cell_set_decimal(struct cell *cell, uint64_t tenths);
void cell_set_bool(struct cell *cell, bool value);

/* Adds an item; an empty list is made by cell_set_list alone. */
void cell_set_list(struct cell *cell);
void cell_add_item(struct cell *cell, const char *text);
void cell_add_number(struct cell *cell, uint64_t number);

/* A word for tables only. */
void cell_set_label(struct cell *cell, const char *text);

/*
 * The same for what is put together bit by bit: the buffer to append to. An item has to be closed.
 */
struct strbuf *cell_open_text(struct cell *cell);
struct strbuf *cell_open_label(struct cell *cell);
struct strbuf *cell_open_item(struct cell *cell);
void cell_close_item(struct cell *cell);

/*
 * Append the value, safe for the target: of a list its items with the separator between two, which
 * is escaped inside of an item. What is absent is an empty text. cell_show() prefers the label.
 */
void cell_add_value(
	const struct cell *cell, char separator, enum text_target target, struct strbuf *out);
void cell_show(
	const struct cell *cell, char separator, enum text_target target, struct strbuf *out);

/* The item behind this one. */
const char *cell_next_item(const char *item);

/*
 * The columns: one table, a row for each, which says its name, what it shows, what has to be read
 * for that, and which function fills a cell. A new column is a row and that function. --output,
 * --list-columns and completions read the table; a test compares the manual page with it.
 */

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

/* Rows and columns to text: a table or a tree, JSON, or raw lines. */

enum format {
	FORMAT_TABLE,
	FORMAT_RAW,
	FORMAT_JSON,
};

struct render_options {
	enum format format;
	const char *name; /* of the array, in JSON */
	const struct column *const *columns;
	size_t ncolumns;
	const struct column *tree; /* where lines lead from a row to its parent; NULL: nowhere */
	bool terminal;             /* the output goes to one */
	bool noheadings, notruncate, nowrap;
	bool colors;
};

/* Writes to out, whose errors the caller checks. */
void render_rows(struct view *view, const struct rows *rows, const struct render_options *options,
	FILE *out);

/* A few lines about one namespace, for people: what stands above the table of its holders. */

/* What has to be read of the namespace, of enum need. */
#define HEAD_NEEDS (NEED_RELATIONS | NEED_IDENTITY | NEED_MEMBERS_STAT | NEED_BOOT_TIME)

/* Writes to out, whose errors the caller checks; what is not known is left out. */
void header_print(struct view *view, const struct ns *ns, FILE *out);

/* A change as a line: for people, or as a JSON object. */

/*
 * Append the line, with a newline, to out. time is that of the look; view says what that lacked.
 */
void change_line_text(
	struct view *view, const struct change *change, time_t time, struct strbuf *out);
void change_line_json(
	struct view *view, const struct change *change, time_t time, struct strbuf *out);

/* The object in front of all changes, which says that from now on each is told. */
void change_line_started(struct view *view, time_t time, struct strbuf *out);

/* What was found of rules, for people, for jq(1), and for a monitoring system. */

/* What has to be read of the suspects, of enum need. */
#define CHECK_NEEDS (NEED_IDENTITY | NEED_COMM)

/*
 * Append a sentence without a full stop and unescaped: how a rule is broken, such as
 * "net.persistent<=0: 2 network namespaces without a process, such as net:[4026532475] (netns
 * blue), kept by mount /run/netns/blue"; the figure alone; why it can't be told whether it holds.
 */
void check_add_broken(struct view *view, const struct finding *finding, struct strbuf *out);
void check_add_figure(struct view *view, const struct finding *finding, struct strbuf *out);
void check_add_doubt(struct view *view, const struct finding *finding, struct strbuf *out);

/* Print a line for each broken rule; and {"checks": […]}. */
void check_print_broken(struct view *view, const struct finding *findings, size_t n,
	enum text_target target, FILE *out);
void check_print_json(struct view *view, const struct finding *findings, size_t n, FILE *out);

/* What a monitoring plugin says, by the Monitoring Plugins Development Guidelines. */

/* In the order of their exit statuses. */
enum plugin_state {
	PLUGIN_OK,
	PLUGIN_WARNING,
	PLUGIN_CRITICAL,
	PLUGIN_UNKNOWN,
};

/* What is proven counts: a broken rule is worse than one that nobody can tell. */
enum plugin_state plugin_judge(const struct finding *findings, size_t n);

/* Append what is broken, worst first, and what can't be told; or where nothing is, all figures. */
void plugin_add_message(
	struct view *view, const struct finding *findings, size_t n, struct strbuf *out);

/* Appends "net=12;500;1000;0;96365": an entry per figure that a rule is about. */
void plugin_add_data(
	const struct evidence *evidence, const struct rule *rules, size_t n, struct strbuf *out);

/* Prints the line: the message is escaped, data may be empty. */
void plugin_print(enum plugin_state state, const char *message, const char *data, FILE *out);

/*
 * Counts as metrics, in a text that both OpenMetrics 1.0 and the older format of Prometheus (0.0.4,
 * which is what node_exporter reads files in) allow: gauges only, since their names have no suffix
 * in either. What is not known has no sample; a sample of 0 is a fact.
 */

/* What has to be read for them, of enum need. */
#define METRICS_NEEDS (NEED_LIMITS | NEED_RELATIONS)

/* What the metrics are of. */
struct metrics {
	const struct model *model;
	const struct rows *rows; /* the types, as enriched */
	const struct report *report;
	uint64_t scan_us;    /* how long the scan took, in microseconds */
	const char *version; /* of this program */
};

/* Writes to out, whose errors the caller checks. */
void metrics_print(const struct metrics *metrics, FILE *out);

/* Filter expressions of libsmartcols, scols-filter(5): only where that is 2.40 or newer. */

/*
 * Parses an expression over the columns of a view (enum column_view). Returns 0; -ENOTSUP where
 * libsmartcols is too old, or another -errno. *ret_error then says what is wrong; the caller
 * frees it; it may be NULL.
 */
int filter_new(const char *expression, unsigned view, struct filter **ret_filter, char **ret_error);
void filter_free(struct filter *filter);

/* What its columns need read (enum need). */
unsigned filter_needs(const struct filter *filter);

/* Keeps the rows that match. Returns 0 or -errno. */
int filter_apply(struct filter *filter, struct view *view, struct rows *rows);

#endif
