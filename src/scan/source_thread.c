// SPDX-License-Identifier: MIT
/*
 * Threads that are members although their process is not: setns(2) and unshare(2) move a single
 * thread. Of a process whose first thread has ended, only the other threads' links can be read.
 */
#include "source.h"

#include "nsls/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/* The thread is in an instance other than its process's. */
static int add(struct scan_task *st, pid_t tid, struct ns_ref ref)
{
	struct holder holder = { .kind = HOLDER_THREAD, .task = st->task, .tid = tid };
	struct ns_ref left = { ref.type, st->task->ino[ref.type] };
	struct ns *process_ns = left.ino ? model_find(st->scan->model, left) : NULL;

	if (process_ns)
		process_ns->threads_away++;
	return scan_hold(st->scan, ref, &holder);
}

static int look_at_thread(struct scan_task *st, int dirfd, pid_t tid)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		const struct ns_type_info *info = nstype_info(t);
		uint32_t process_ino = st->task->ino[t], ino;
		int r;

		if (process_ino && !info->thread_may_differ)
			continue;
		r = procfs_read_ns(dirfd, info->link, t, &ino);
		if (r == 0 && ino != process_ino)
			r = add(st, tid, (struct ns_ref){ t, ino });
		if (r == 0 && t == NS_MNT && ino != process_ino)
			r = source_mount_of(st, dirfd, tid, ino);
		if (r == -EACCES || r == -EPERM)
			return r;
		if (r < 0 && (r = scan_task_trouble(st, SOURCE_THREADS, r)) < 0)
			return r;
	}
	return source_children(st, dirfd, tid, SOURCE_THREADS);
}

int source_thread(struct scan_task *st)
{
	struct scan *scan = st->scan;
	int r;

	if (!scan_wants(scan, SOURCE_THREADS))
		return 0;
	r = scan_list_threads(st, SOURCE_THREADS);
	for (size_t i = 0; r == 0 && i < scan->tids.n; i++) {
		pid_t tid = scan->tids.at[i];
		CLEANUP_FD int fd = -1;
		char path[32];

		if (tid == st->task->pid)
			continue;
		snprintf(path, sizeof(path), "task/%d", tid);
		fd = openat(st->fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = fd < 0 ? -errno : look_at_thread(st, fd, tid);
		if (r == -EACCES || r == -EPERM)
			return scan_task_trouble(st, SOURCE_THREADS, r);
		if (r < 0)
			r = scan_task_trouble(st, SOURCE_THREADS, r);
	}
	return r;
}
