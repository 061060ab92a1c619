/* SPDX-License-Identifier: MIT */
/* What the files of layer view share. */
#ifndef NSLS_VIEW_INTERNAL_H
#define NSLS_VIEW_INTERNAL_H

#include "nsls/view.h"

#include <time.h>

/*
 * Cell functions: the table in columns.c points to each. They leave the cell as it is if the row
 * has no such value.
 */

/* cells_ns.c: of namespaces, of types, of holders, and of all holders of some kinds */
cell_function nprocs_cell, netnsid_cell, nsfs_cell, initial_cell, id_cell, links_cell, depth_cell;
cell_function ns_cell;        /* arg: enum ns_of */
cell_function inside_cell;    /* arg: enum inside */
cell_function type_text_cell; /* arg: offset of a text in struct ns_type_info */
cell_function count_cell, persistent_cell, limit_cell, used_cell, atleast_cell, use_percent_cell;
cell_function path_cell, kind_cell, holder_cell, tid_cell, fd_cell, mount_cell, release_cell,
	device_cell, nholders_cell, nthreads_cell;
cell_function holder_list_cell; /* arg: enum holder_list */

/* Of which namespace a cell is the inode. */
enum ns_of {
	NS_OF_ROW,
	NS_PARENT,
	NS_OWNER,
	NS_HOLDER,
};

enum holder_list {
	LIST_PIDS, /* of a namespace or a group */
	LIST_TIDS,
	LIST_FDS,
	LIST_SOCKETS,
	LIST_MOUNTS,
	LIST_HOLDERS,
};

/* cells_process.c: of processes, of their control groups, and of groups of processes */
cell_function pid_cell, ppid_cell, command_cell, nspid_cell, start_cell;
cell_function user_cell; /* UID or name, by the type; arg: true for the creator of the owner */
cell_function name_cell, container_cell, runtime_cell;
cell_function identity_text_cell; /* arg: offset of a text in struct identity */
cell_function type_list_cell;     /* arg: offset of a set of types in struct group */
cell_function inode_cell;         /* arg: enum nstype */

/* Returns count in tenths of a percent of limit, rounded. */
uint64_t view_tenths(uint64_t count, uint64_t limit);

/*
 * Appends a time: in UTC, which sorts by time and which fromdateiso8601 of jq(1) takes, or as local
 * time, for people. Appends nothing if the year does not fit into an int.
 */
void view_add_time(time_t seconds, bool utc, struct strbuf *out);

/* Appends "NAME" in lower case, the colon, and the value in JSON. The cell is for its use. */
void json_add_member(struct view *view, const struct row *row, const struct column *column,
	const char *colon, struct cell *cell, struct strbuf *out);

/* Appends the holder of the row as the object that a list has in JSON. The cell is for its use. */
void view_holder_object(struct view *view, const struct row *row, enum holder_list list,
	struct cell *value, struct strbuf *out);

/* Returns the name of a user, or the UID if there is none; owned by the view. */
const char *view_user(struct view *view, uid_t uid);

#endif
