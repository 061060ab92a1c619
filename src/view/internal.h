/* SPDX-License-Identifier: MIT */
/* What the files of the layer view share. */
#ifndef NSLS_VIEW_INTERNAL_H
#define NSLS_VIEW_INTERNAL_H

#include "nsls/view.h"

#include <time.h>

struct libscols_column;
struct libscols_line;
struct libscols_table;

/* The formats, one function each, and what those share that libsmartcols writes. */

void render_table(struct view *view, const struct rows *rows, const struct render_options *options,
	FILE *out);
void render_raw(struct view *view, const struct rows *rows, const struct render_options *options,
	FILE *out);
void render_json(struct view *view, const struct rows *rows, const struct render_options *options,
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

void sheet_init(struct sheet *sheet, struct view *view, const struct rows *rows,
	const struct render_options *options, FILE *out);
void sheet_done(struct sheet *sheet);

/* Adds an empty line per row, below that of its parent, once all columns are there. */
void sheet_add_lines(struct sheet *sheet);

/* Puts the value of row and column into sheet->cell. */
void sheet_fill_cell(struct sheet *sheet, size_t row, const struct column *column);

/* Puts sheet->text into column number index of the line of the row. */
void sheet_set_text(struct sheet *sheet, size_t row, size_t index);

/*
 * The functions that fill cells, one per column: the table in columns.c has a pointer to each. They
 * leave the cell as it is where the row has no such value. Which file has a function follows from
 * what the column is about.
 */

/* cells_ns.c: of the namespace */
void ns_cell(struct view *view, const struct row *row, struct cell *cell);
void type_cell(struct view *view, const struct row *row, struct cell *cell);
void nprocs_cell(struct view *view, const struct row *row, struct cell *cell);
void netnsid_cell(struct view *view, const struct row *row, struct cell *cell);
void nsfs_cell(struct view *view, const struct row *row, struct cell *cell);
void pns_cell(struct view *view, const struct row *row, struct cell *cell);
void ons_cell(struct view *view, const struct row *row, struct cell *cell);
void onsuid_cell(struct view *view, const struct row *row, struct cell *cell);
void onsuser_cell(struct view *view, const struct row *row, struct cell *cell);
void initial_cell(struct view *view, const struct row *row, struct cell *cell);
void id_cell(struct view *view, const struct row *row, struct cell *cell);

/* cells_ns.c: all holders of one kind */
void pids_cell(struct view *view, const struct row *row, struct cell *cell);
void tids_cell(struct view *view, const struct row *row, struct cell *cell);
void fds_cell(struct view *view, const struct row *row, struct cell *cell);
void sockets_cell(struct view *view, const struct row *row, struct cell *cell);
void mounts_cell(struct view *view, const struct row *row, struct cell *cell);
void holders_cell(struct view *view, const struct row *row, struct cell *cell);
void nholders_cell(struct view *view, const struct row *row, struct cell *cell);
void nthreads_cell(struct view *view, const struct row *row, struct cell *cell);

/* cells_process.c: of the row's process */
void pid_cell(struct view *view, const struct row *row, struct cell *cell);
void ppid_cell(struct view *view, const struct row *row, struct cell *cell);
void command_cell(struct view *view, const struct row *row, struct cell *cell);
void uid_cell(struct view *view, const struct row *row, struct cell *cell);
void user_cell(struct view *view, const struct row *row, struct cell *cell);
void nspid_cell(struct view *view, const struct row *row, struct cell *cell);
void start_cell(struct view *view, const struct row *row, struct cell *cell);

/* cells_ns.c: of one holder */
void path_cell(struct view *view, const struct row *row, struct cell *cell);
void kind_cell(struct view *view, const struct row *row, struct cell *cell);
void holder_cell(struct view *view, const struct row *row, struct cell *cell);
void tid_cell(struct view *view, const struct row *row, struct cell *cell);
void fd_cell(struct view *view, const struct row *row, struct cell *cell);
void mount_cell(struct view *view, const struct row *row, struct cell *cell);
void hns_cell(struct view *view, const struct row *row, struct cell *cell);
void release_cell(struct view *view, const struct row *row, struct cell *cell);

/* cells_process.c: of its control group */
void name_cell(struct view *view, const struct row *row, struct cell *cell);
void cgroup_cell(struct view *view, const struct row *row, struct cell *cell);
void unit_cell(struct view *view, const struct row *row, struct cell *cell);
void container_cell(struct view *view, const struct row *row, struct cell *cell);
void runtime_cell(struct view *view, const struct row *row, struct cell *cell);
void pod_cell(struct view *view, const struct row *row, struct cell *cell);

/* cells_process.c: of a group of processes */
void own_cell(struct view *view, const struct row *row, struct cell *cell);
void shared_cell(struct view *view, const struct row *row, struct cell *cell);
void cgroupns_cell(struct view *view, const struct row *row, struct cell *cell);
void ipcns_cell(struct view *view, const struct row *row, struct cell *cell);
void mntns_cell(struct view *view, const struct row *row, struct cell *cell);
void netns_cell(struct view *view, const struct row *row, struct cell *cell);
void pidns_cell(struct view *view, const struct row *row, struct cell *cell);
void timens_cell(struct view *view, const struct row *row, struct cell *cell);
void userns_cell(struct view *view, const struct row *row, struct cell *cell);
void utsns_cell(struct view *view, const struct row *row, struct cell *cell);

/* cells_ns.c: of a type as a whole */
void count_cell(struct view *view, const struct row *row, struct cell *cell);
void persistent_cell(struct view *view, const struct row *row, struct cell *cell);
void limit_cell(struct view *view, const struct row *row, struct cell *cell);
void used_cell(struct view *view, const struct row *row, struct cell *cell);
void atleast_cell(struct view *view, const struct row *row, struct cell *cell);
void use_percent_cell(struct view *view, const struct row *row, struct cell *cell);
void flag_cell(struct view *view, const struct row *row, struct cell *cell);
void isolates_cell(struct view *view, const struct row *row, struct cell *cell);
void manual_cell(struct view *view, const struct row *row, struct cell *cell);
void since_cell(struct view *view, const struct row *row, struct cell *cell);

/*
 * Sets the cell to how many are seen. Where none is and the answer is incomplete, that says
 * nothing: the number is unknown, not 0.
 */
void view_seen(const struct view *view, size_t count, struct cell *cell);

/* Append a time for people, as local time, and in UTC: such texts sort by time, and jq(1)'s
 * fromdateiso8601 takes them. Nothing where the year has no number. */
void view_local_time(time_t seconds, struct strbuf *out);
void view_utc_time(time_t seconds, struct strbuf *out);

/* Appends the holder of the row as the object that lists of holders have in JSON. */
void view_holder_object(struct view *view, const struct row *row, struct strbuf *out);

/* Sets the cell to the name of a user, or to the number where there is none. */
void view_user(struct view *view, uid_t uid, struct cell *cell);

/*
 * A table while it is laid out. libsmartcols makes every cell of a column as wide as the widest,
 * which others choose: a list may have ten thousand items, a command line two million bytes. So on
 * a terminal texts are cut to the room that there is. Elsewhere the first such column and all that
 * follow it are one column to libsmartcols, the last, which it doesn't pad: the tail.
 */

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
