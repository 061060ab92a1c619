/* SPDX-License-Identifier: MIT */
/*
 * From rows and columns to text: tables, JSON, checks, metrics. Errors of the stream that a
 * function prints to are left to the caller.
 */
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

/* The value of a column in a row: absent, a text, a number, or a list of these. */

enum value_type {
	VALUE_TEXT,
	VALUE_NUMBER,
	VALUE_DECIMAL, /* a number with one decimal */
	VALUE_BOOL,
	VALUE_TEXTS,
	VALUE_NUMBERS,
	VALUE_OBJECTS, /* a list of texts, or of JSON objects if view.objects */
};

struct cell {
	const struct column *column;
	bool present;        /* false: null in JSON */
	struct strbuf bytes; /* the text; in a list each item ends with a NUL */
	size_t nitems;
	struct strbuf label; /* what tables show if JSON has null or another type; may be empty */
};

void cell_done(struct cell *cell);
void cell_reset(struct cell *cell);

void cell_set_text(struct cell *cell, const char *text); /* NULL: leaves it absent */
void cell_set_number(struct cell *cell, uint64_t number);
void cell_set_decimal(struct cell *cell, uint64_t tenths);
void cell_add_item(struct cell *cell, const char *text); /* a list that is present may have none */
const char *cell_next_item(const char *item);

/*
 * Appends the label, if there is one and the target is not TEXT_JSON, or else the value, escaped
 * for the target. The separator between the items of a list is escaped within items.
 */
void cell_show(
	const struct cell *cell, char separator, enum text_target target, struct strbuf *out);

enum column_view {
	VIEW_LIST = 1 << 0,
	VIEW_HOLDERS = 1 << 1,
	VIEW_SUMMARY = 1 << 2,
	VIEW_TYPES = 1 << 3, /* rows of a type in a list, TREE_TYPE */
	VIEW_CONTAINERS = 1 << 4,
	VIEW_MOUNTED = 1 << 5,
};

/* How a table prints the cells. Numbers are always on the right. */
enum column_style {
	STYLE_LONG = 1 << 0,           /* users choose the length of the text */
	STYLE_TRUNCATE = 1 << 1,       /* cut if the terminal is too narrow */
	STYLE_LINES = 1 << 2,          /* a list, one item per line */
	STYLE_LINES_TERMINAL = 1 << 3, /* like STYLE_LINES, but only on a terminal */
	STYLE_WORDS = 1 << 4, /* a list of a few fixed words: separated by blanks, never cut */
	STYLE_NAME = 1 << 5,  /* at most a third of the terminal */
	STYLE_OWN = 1 << 6,   /* a list that each holder has of its own: in --output-all of these */
	STYLE_NULL = 1 << 7,  /* a list that is null in JSON if it is not known */
};

/* Data for the cell functions, besides the row. */
struct view {
	const struct model *model;
	struct report *report;   /* errors of the scan, and of the lookups of users */
	const char *procfs_path; /* "/proc" */
	bool labels;             /* print words where there is no value, for people */
	bool objects;            /* JSON: items of VALUE_OBJECTS are objects */
	bool whole;              /* show ids in full length */
	uint64_t boot_time;      /* seconds since the epoch, 0: unknown */
	struct u64map users;     /* user names by UID, filled as needed */
	struct arena arena;      /* owns the user names */
	struct strbuf notes;     /* nnotes sentences, each with a NUL at its end */
	size_t nnotes;
};

void view_done(struct view *view);

/* Sets the cell, which is empty, to the value of cell->column in the row. */
typedef void cell_function(struct view *view, const struct row *row, struct cell *cell);

struct column {
	const char *name;
	const char *help;
	enum value_type type;
	unsigned views; /* of enum column_view */
	unsigned needs; /* of enum need */
	cell_function *cell;
	size_t arg;     /* for the cell function, if it serves several columns */
	unsigned style; /* of enum column_style */
};

/* Returns column i, in the order of --list-columns and --output-all, or NULL after the last. */
const struct column *column_at(size_t i);
#define COLUMNS_MAX 80 /* upper bound of their number */

void column_cell(
	struct view *view, const struct row *row, const struct column *column, struct cell *cell);

bool column_is_list(const struct column *column);

/* Returns the column of that name, in any case, or NULL. */
const struct column *column_by_name(const char *name, size_t len);

struct render_options;

typedef void format_function(struct view *view, const struct rows *rows,
	const struct render_options *options, FILE *out);

/* The formats. Errors are kept in the stream. */
format_function format_table, format_raw, format_json;

struct render_options {
	format_function *format;
	const char *name; /* name of the JSON array */
	const struct column *columns[COLUMNS_MAX];
	size_t ncolumns;
	const struct column *tree; /* has lines that lead from a row to its parent; NULL: none */
	bool terminal;             /* the output is a terminal */
	bool noheadings, notruncate, nowrap;
	bool colors;
};

/* Prints what is known of a namespace: a few lines above the table of its holders. */
void header_print(struct view *view, const struct ns *ns, FILE *out);
#define HEADER_NEEDS                                                                               \
	(NEED_RELATIONS | NEED_IDENTITY | NEED_GIVEN_NAMES | NEED_MEMBERS_STAT | NEED_BOOT_TIME)

/* Prints a line per command that releases the namespace; nothing for one of the host. */
void commands_print(struct view *view, const struct ns *ns, FILE *out);
#define COMMANDS_NEEDS (NEED_RELEASE | NEED_RELATIONS | NEED_PATH | NEED_MOUNT_POINTS)

/*
 * Append a change as a line of text or of JSON. time is the time of the scan. change_line_json()
 * with NULL appends the line that comes before all changes.
 */
void change_line_text(
	struct view *view, const struct change *change, time_t time, struct strbuf *out);
void change_line_json(
	struct view *view, const struct change *change, time_t time, struct strbuf *out);

/* Data that findings of rules require of the candidates, bits of enum need. */
#define CHECK_NEEDS (NEED_IDENTITY | NEED_GIVEN_NAMES | NEED_COMM)

/*
 * Appends an unescaped sentence without a full stop: how a rule is broken, such as
 * "net.persistent<=0: 2 network namespaces without a process, such as net:[4026532475] (netns
 * blue), held by mount /run/netns/blue"; why it cannot be checked; the figure of one that holds.
 */
void check_add_finding(struct view *view, const struct finding *finding, struct strbuf *out);

/* Prints {"checks": […]}. */
void check_print_json(struct view *view, const struct finding *findings, size_t n, FILE *out);

/* In the order of exit statuses, by the Monitoring Plugins Development Guidelines. */
enum plugin_state {
	PLUGIN_OK,
	PLUGIN_WARNING,
	PLUGIN_CRITICAL,
	PLUGIN_UNKNOWN,
};

/* Returns the state: PLUGIN_WARNING also for --check. A broken rule outweighs an unknown one. */
enum plugin_state plugin_evaluate(const struct finding *findings, size_t n);

/* Appends the broken rules, worst first, and the unknown ones; if there are none, all figures. */
void plugin_add_message(
	struct view *view, const struct finding *findings, size_t n, struct strbuf *out);

/* Appends one entry per figure that a rule is about: "net=12;500;1000;0;96365". */
void plugin_add_data(
	const struct evidence *evidence, const struct rule *rules, size_t n, struct strbuf *out);

/* Prints the line with the message, escaped. data may be empty. */
void plugin_print(enum plugin_state state, const char *message, const char *data, FILE *out);

/*
 * Appends metrics of the types that have rows, in a text that is valid OpenMetrics 1.0 and the
 * older format of Prometheus (0.0.4), in which node_exporter reads files. All are gauges, because
 * gauges have no suffix in either. An unknown value has no sample; a sample of 0 is a fact.
 */
void metrics_add(struct view *view, const struct rows *rows, uint64_t scan_us, const char *version,
	struct strbuf *out);
#define METRICS_NEEDS (NEED_LIMITS | NEED_RELATIONS)

/*
 * Filter expressions of libsmartcols, scols-filter(5). filter_check() looks for characters that the
 * language lacks, and for parentheses. Returns 0; or -EINVAL and *ret_error, which the caller
 * frees.
 */
int filter_check(const char *expression, char **ret_error);

/*
 * Parses an expression over the columns of a view. *ret_needs are the bits of enum need that they
 * require. Returns 0; -ENOTSUP if libsmartcols is older than 2.40, or another -errno. *ret_error is
 * then the reason, which the caller frees, or NULL.
 */
int filter_new(const char *expression, unsigned view, struct filter **ret_filter,
	unsigned *ret_needs, char **ret_error);
void filter_free(struct filter *filter);

/* Keeps only the rows that match. Returns 0 or -errno. */
int filter_apply(struct filter *filter, struct view *view, struct rows *rows);

#endif
