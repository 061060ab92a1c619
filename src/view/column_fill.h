/* SPDX-License-Identifier: MIT */
/* The functions that fill cells, by what a row is: columns.c names them in its table. */
#ifndef NSLS_COLUMN_FILL_H
#define NSLS_COLUMN_FILL_H

#include "nsls/view/column.h"

#define FILL(name) void fill_##name(struct view *view, const struct row *row, struct cell *cell)

/* fill_ns.c: of the namespace */
FILL(ns);
FILL(type);
FILL(nprocs);
FILL(netnsid);
FILL(nsfs);
FILL(pns);
FILL(ons);
FILL(onsuid);
FILL(onsuser);
FILL(initial);
FILL(id);

/* fill_lists.c: all holders of one kind */
FILL(pids);
FILL(tids);
FILL(fds);
FILL(sockets);
FILL(mounts);
FILL(holders);
FILL(nholders);
FILL(nthreads);

/* fill_task.c: of the row's process */
FILL(pid);
FILL(ppid);
FILL(command);
FILL(uid);
FILL(user);
FILL(nspid);
FILL(start);

/* fill_holder.c: of one holder */
FILL(path);
FILL(kind);
FILL(holder);
FILL(tid);
FILL(fd);
FILL(mount);
FILL(mntns);
FILL(hns);

/* fill_type.c: of a type as a whole */
FILL(count);
FILL(persistent);
FILL(limit);
FILL(use);
FILL(flag);
FILL(isolates);
FILL(manual);
FILL(since);

/* Sets the cell to the name of a user, or to the number where there is none. */
void view_user(struct view *view, uid_t uid, struct cell *cell);

#endif
