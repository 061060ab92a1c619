/* SPDX-License-Identifier: MIT */
/* What the files of layer view share. */
#ifndef NSLS_VIEW_INTERNAL_H
#define NSLS_VIEW_INTERNAL_H

#include "nsls/view.h"

#include <time.h>

struct libscols_column;
struct libscols_line;
struct libscols_table;

void render_table(struct view *view, const struct rows *rows, const struct render_options *options,
	FILE *out);

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

void sheet_init(struct sheet *sheet, struct view *view, const struct rows *rows,
	const struct render_options *options, FILE *out);
void sheet_done(struct sheet *sheet);

/* Adds an empty line per row, below that of its parent. All columns must have been added. */
void sheet_add_lines(struct sheet *sheet);

/* Puts the value of row and column into sheet->cell. */
void sheet_make_cell(struct sheet *sheet, size_t row, const struct column *column);

/* Sets the cell of the row in column index to sheet->text. */
void sheet_set_text(struct sheet *sheet, size_t row, size_t index);

/*
 * Cell functions, one per column: the table in columns.c points to each. They leave the cell as it
 * is if the row has no such value.
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

/* Sets the cell to a count, which is unknown if it is 0 and the answer is incomplete. */
void view_seen(const struct view *view, size_t count, struct cell *cell);

/*
 * Append a time as local time for people, and in UTC, which sorts by time and which fromdateiso8601
 * of jq(1) takes. Append nothing if the year does not fit into an int.
 */
void view_local_time(time_t seconds, struct strbuf *out);
void view_utc_time(time_t seconds, struct strbuf *out);

/* Appends the holder of the row as the object that lists of holders have in JSON. */
void view_holder_object(struct view *view, const struct row *row, struct strbuf *out);

/* Sets the cell to the name of a user, or to the UID if there is none. */
void view_user(struct view *view, uid_t uid, struct cell *cell);

#endif
