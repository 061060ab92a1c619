// SPDX-License-Identifier: MIT
/*
 * Threads that are members although their process is not: setns(2) and unshare(2) move a single
 * thread. The threads of one process are several items, so that a process with thousands keeps all
 * workers busy.
 */
#include "phase.h"
#include "task.h"

#include "nsls/base/cleanup.h"
#include "nsls/base/error.h"
#include "nsls/base/memory.h"

#include <stdlib.h>
#include <string.h>

struct shared {
	struct scene scene;
	struct thread_list list;
};

static int look_at_links(struct look *look, const struct thread_item *item, int dirfd, pid_t tid)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		const struct ns_type_info *info = nstype_info(t);
		uint32_t ino;
		int r;

		if (!(look->scene->links & 1u << t) || (item->ino[t] && !info->thread_may_differ))
			continue;
		r = procfs_read_ns(dirfd, info->link, t, &ino);
		if (r == 0 && ino != item->ino[t])
			look_hold(look, (struct ns_ref){ t, ino }, HOLDER_THREAD, tid, 0);
		if (r < 0) {
			enum error_class class = error_class(r);

			r = look_trouble(look, SOURCE_THREADS, dirfd, r);
			if (r < 0 || class == ERROR_DENIED)
				return r;
		}
	}
	return task_read_children(look, dirfd, tid, item->ino, SOURCE_THREADS);
}

/*
 * A new thread is listed a moment before its directory can be opened: copy_process() of
 * kernel/fork.c adds it to the list of threads first, and then to that of PIDs.
 */
int task_read_thread(struct look *look, const struct thread_item *item, int task_fd, pid_t tid)
{
	CLEANUP_FD int fd = procfs_open_thread(task_fd, tid);
	int r;

	if (fd >= 0)
		return look_at_links(look, item, fd, tid);
	r = look_trouble(look, SOURCE_THREADS, -1, fd);
	if (r < 0 || error_class(fd) != ERROR_VANISHED)
		return r;
	look_add(look, FACT_UNOPENED)->tid = tid;
	return 1;
}

static int look_at_item(struct worker *worker, size_t i, void **ret_found)
{
	const struct shared *shared = worker_shared(worker);
	const struct thread_item *item = &shared->list.at[i];
	CLEANUP_FD int fd = procfs_open_task(&shared->scene.procfs, item->pid);
	struct look look;
	int r = 0;

	look_init(&look, worker, &shared->scene, item->pid);
	if (fd < 0)
		r = look_trouble(&look, SOURCE_THREADS, -1, fd);
	for (size_t k = 0; fd >= 0 && r >= 0 && k < item->n && worker_beat(worker); k++)
		if (item->tids[k] != item->pid)
			r = task_read_thread(&look, item, fd, item->tids[k]);
	*ret_found = look.first;
	return r < 0 ? r : 0;
}

static pid_t whose(const void *shared, size_t i)
{
	return ((const struct shared *)shared)->list.at[i].pid;
}

static uint64_t key(const void *shared, size_t i)
{
	return (uint64_t)whose(shared, i);
}

static void shared_done(void *data)
{
	struct shared *shared = data;

	free(shared->list.at);
	free(shared);
}

int phase_threads(struct scan *scan)
{
	const struct thread_list *threads = &scan->merge.threads;
	struct shared *shared = memory_alloc(1, sizeof(*shared));
	struct work work = {
		.n = threads->n,
		.grain = 2,
		.look = look_at_item,
		.key = key,
		.shared = shared,
		.shared_done = shared_done,
	};

	shared->scene = scan->scene;
	shared->list.n = threads->n;
	shared->list.at = memory_alloc(threads->n, sizeof(*threads->at));
	if (threads->n)
		memcpy(shared->list.at, threads->at, threads->n * sizeof(*threads->at));
	return phase_run(scan, &work, whose);
}
