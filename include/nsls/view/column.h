/* SPDX-License-Identifier: MIT */
/*
 * The columns: one row of a table each, with what it is called, what it says, what has to be read
 * for it, and the function that fills a cell. Parser, help, man-page and completion checks read it.
 */
#ifndef NSLS_VIEW_COLUMN_H
#define NSLS_VIEW_COLUMN_H

#include "nsls/view/cell.h"
#include "nsls/select/query.h"
#include "nsls/base/u64map.h"

enum column_id {
	COL_NS,
	COL_TYPE,
	COL_PATH,
	COL_NPROCS,
	COL_PID,
	COL_PPID,
	COL_COMMAND,
	COL_UID,
	COL_USER,
	COL_NETNSID,
	COL_NSFS,
	COL_PNS,
	COL_ONS,
	COL_PIDS,
	COL_NTHREADS,
	COL_TIDS,
	COL_FDS,
	COL_SOCKETS,
	COL_MOUNTS,
	COL_HOLDERS,
	COL_NHOLDERS,
	COL_ONSUID,
	COL_ONSUSER,
	COL_INITIAL,
	COL_ID,
	COL_NSPID,
	COL_START,
	/* a holder's own */
	COL_KIND,
	COL_HOLDER,
	COL_TID,
	COL_FD,
	COL_MOUNT,
	COL_MNTNS,
	COL_HNS,
	/* the summary's */
	COL_COUNT,
	COL_PERSISTENT,
	COL_LIMIT,
	COL_USE,
	COL_FLAG,
	COL_ISOLATES,
	COL_MANUAL,
	COL_SINCE,
	COLUMN_COUNT,
};

/* Which views a column belongs to. */
enum column_view {
	VIEW_LIST = 1 << 0,
	VIEW_HOLDERS = 1 << 1,
	VIEW_SUMMARY = 1 << 2,
	VIEW_TYPES = 1 << 3, /* rows for a type in a list, TREE_TYPE */
};

/* How a table treats it; rendering knows no column by name. */
enum column_style {
	STYLE_RIGHT = 1 << 0,
	STYLE_TRUNCATE = 1 << 1,
};

/* What the functions that fill cells may know besides their row. */
struct view {
	const struct model *model;
	const char *procfs_path; /* "/proc" */
	bool labels;             /* a person reads: words where there is no value */
	uint64_t boot_time;      /* seconds since the epoch, 0: unknown */
	struct u64map users;     /* user id plus one to name, filled as needed */
	struct arena arena;      /* the names */
};

void view_init(struct view *view, const struct model *model, const char *procfs_path);
void view_done(struct view *view);

struct column {
	const char *name;
	const char *help;
	double width;   /* hint for libsmartcols: below 1 a share, else characters */
	unsigned style; /* of enum column_style */
	enum value_type type;
	unsigned views; /* of enum column_view */
	unsigned needs; /* of enum need */
	void (*fill)(struct view *view, const struct row *row, struct cell *cell);
};

const struct column *column_info(enum column_id id);

/* By name, in any case. Returns 0, or -ENOENT. */
int column_by_name(const char *name, size_t len, enum column_id *ret_id);

#endif
