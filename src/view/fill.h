/* SPDX-License-Identifier: MIT */
/*
 * The functions that fill cells, one per column: the table in column.c has a pointer to each. They
 * leave the cell as it is where the row has no such value. Which file has a function follows from
 * what the column is about.
 */
#ifndef NSLS_VIEW_FILL_H
#define NSLS_VIEW_FILL_H

#include "nsls/view/column.h"

#include <time.h>

/* fill_ns.c: of the namespace */
void fill_ns(struct view *view, const struct row *row, struct cell *cell);
void fill_type(struct view *view, const struct row *row, struct cell *cell);
void fill_nprocs(struct view *view, const struct row *row, struct cell *cell);
void fill_netnsid(struct view *view, const struct row *row, struct cell *cell);
void fill_nsfs(struct view *view, const struct row *row, struct cell *cell);
void fill_pns(struct view *view, const struct row *row, struct cell *cell);
void fill_ons(struct view *view, const struct row *row, struct cell *cell);
void fill_onsuid(struct view *view, const struct row *row, struct cell *cell);
void fill_onsuser(struct view *view, const struct row *row, struct cell *cell);
void fill_initial(struct view *view, const struct row *row, struct cell *cell);
void fill_id(struct view *view, const struct row *row, struct cell *cell);

/* fill_lists.c: all holders of one kind */
void fill_pids(struct view *view, const struct row *row, struct cell *cell);
void fill_tids(struct view *view, const struct row *row, struct cell *cell);
void fill_fds(struct view *view, const struct row *row, struct cell *cell);
void fill_sockets(struct view *view, const struct row *row, struct cell *cell);
void fill_mounts(struct view *view, const struct row *row, struct cell *cell);
void fill_holders(struct view *view, const struct row *row, struct cell *cell);
void fill_nholders(struct view *view, const struct row *row, struct cell *cell);
void fill_nthreads(struct view *view, const struct row *row, struct cell *cell);

/* fill_task.c: of the row's process */
void fill_pid(struct view *view, const struct row *row, struct cell *cell);
void fill_ppid(struct view *view, const struct row *row, struct cell *cell);
void fill_command(struct view *view, const struct row *row, struct cell *cell);
void fill_uid(struct view *view, const struct row *row, struct cell *cell);
void fill_user(struct view *view, const struct row *row, struct cell *cell);
void fill_nspid(struct view *view, const struct row *row, struct cell *cell);
void fill_start(struct view *view, const struct row *row, struct cell *cell);

/* fill_holder.c: of one holder */
void fill_path(struct view *view, const struct row *row, struct cell *cell);
void fill_kind(struct view *view, const struct row *row, struct cell *cell);
void fill_holder(struct view *view, const struct row *row, struct cell *cell);
void fill_tid(struct view *view, const struct row *row, struct cell *cell);
void fill_fd(struct view *view, const struct row *row, struct cell *cell);
void fill_mount(struct view *view, const struct row *row, struct cell *cell);
void fill_hns(struct view *view, const struct row *row, struct cell *cell);
void fill_release(struct view *view, const struct row *row, struct cell *cell);

/* fill_identity.c: whose it is */
void fill_name(struct view *view, const struct row *row, struct cell *cell);
void fill_cgroup(struct view *view, const struct row *row, struct cell *cell);
void fill_unit(struct view *view, const struct row *row, struct cell *cell);
void fill_container(struct view *view, const struct row *row, struct cell *cell);
void fill_runtime(struct view *view, const struct row *row, struct cell *cell);
void fill_pod(struct view *view, const struct row *row, struct cell *cell);

/* fill_group.c: of a group of processes */
void fill_own(struct view *view, const struct row *row, struct cell *cell);
void fill_shared(struct view *view, const struct row *row, struct cell *cell);
void fill_cgroupns(struct view *view, const struct row *row, struct cell *cell);
void fill_ipcns(struct view *view, const struct row *row, struct cell *cell);
void fill_mntns(struct view *view, const struct row *row, struct cell *cell);
void fill_netns(struct view *view, const struct row *row, struct cell *cell);
void fill_pidns(struct view *view, const struct row *row, struct cell *cell);
void fill_timens(struct view *view, const struct row *row, struct cell *cell);
void fill_userns(struct view *view, const struct row *row, struct cell *cell);
void fill_utsns(struct view *view, const struct row *row, struct cell *cell);

/* fill_type.c: of a type as a whole */
void fill_count(struct view *view, const struct row *row, struct cell *cell);
void fill_persistent(struct view *view, const struct row *row, struct cell *cell);
void fill_limit(struct view *view, const struct row *row, struct cell *cell);
void fill_used(struct view *view, const struct row *row, struct cell *cell);
void fill_atleast(struct view *view, const struct row *row, struct cell *cell);
void fill_use_percent(struct view *view, const struct row *row, struct cell *cell);
void fill_flag(struct view *view, const struct row *row, struct cell *cell);
void fill_isolates(struct view *view, const struct row *row, struct cell *cell);
void fill_manual(struct view *view, const struct row *row, struct cell *cell);
void fill_since(struct view *view, const struct row *row, struct cell *cell);

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

#endif
