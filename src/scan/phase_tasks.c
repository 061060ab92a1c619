// SPDX-License-Identifier: MIT
/* One process after the other: opened once, O_PATH, and all that there is to see looked at. */
#include "phase.h"
#include "task.h"

#include "nsls/base/cleanup.h"
#include "nsls/base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct shared {
	struct scene scene;
	size_t n;
	int pids[];
};

/* Its threads, where there are several: those that start later are not seen. */
static int list_threads(struct task_look *task)
{
	const struct scene *scene = task->look.scene;
	struct numbers *tids = &task->scratch->tids;
	unsigned count;
	int *copy, r;

	if (!scene_wants(scene, SOURCE_THREADS) && !scene_wants(scene, SOURCE_FDS) &&
		!scene_wants(scene, SOURCE_SOCKETS))
		return 0;
	r = procfs_count_threads(task->fd, &count);
	if (r < 0 || count == 1)
		return r < 0 ? look_trouble(&task->look, SOURCE_THREADS, task->fd, r) : 0;
	r = procfs_list(&scene->procfs, task->fd, "task", count, tids);
	if (r < 0)
		return look_trouble(&task->look, SOURCE_THREADS, task->fd, r);
	if (tids->n < count) /* some have ended meanwhile, and others may have been left out */
		r = look_trouble(&task->look, SOURCE_THREADS, -1, -ESRCH);
	if (r < 0 || !tids->n) /* a plain directory may have none */
		return r;
	copy = arena_alloc(worker_arena(task->look.worker), tids->n * sizeof(*copy));
	task->task->task.tids = memcpy(copy, tids->at, tids->n * sizeof(*copy));
	task->task->task.ntids = tids->n;
	return 0;
}

/* Whether the PIDs of a procfs that are not ours are at least those of the whole system. */
static void look_at_first(struct task_look *task)
{
	const struct procfs *procfs = &task->look.scene->procfs;
	uint32_t ino;

	if (task->look.pid != 1 || procfs->ours || !procfs->kernel ||
		procfs_read_ns(task->fd, nstype_info(NS_PID)->link, NS_PID, &ino) < 0 ||
		ino == nstype_info(NS_PID)->initial_ino)
		return;
	look_gap(&task->look, REPORT_GAP_PIDNS);
}

static int look_at_task(struct task_look *task)
{
	int r;

	task->task = look_add(&task->look, FACT_TASK);
	task->task->task.tid = task->look.pid;
	r = task_read_links(task);
	if (r > 0) /* what was read of it no longer counts */
		memset(task->task->task.ino, 0, sizeof(task->task->task.ino));
	if (r == 0)
		r = list_threads(task);
	if (r == 0 && scene_wants(task->look.scene, SOURCE_PROCESSES) && !task->task->task.zombie)
		r = task_read_children(&task->look, task_dirfd(task), task->task->task.tid,
			task->task->task.ino, SOURCE_PROCESSES);
	if (r == 0)
		r = task_look_at_fds(task);
	if (r < 0)
		return r;
	look_at_first(task);
	return 0;
}

int task_read(struct task_look *task)
{
	int r = task->fd < 0 ? look_trouble(&task->look, SOURCE_PROCESSES, -1, task->fd)
			     : look_at_task(task);

	if (task->thread_fd >= 0)
		close(task->thread_fd);
	task->thread_fd = -1;
	return r;
}

void task_scratch_done(void *own)
{
	struct task_scratch *scratch = own;

	numbers_done(&scratch->tids);
	numbers_done(&scratch->fds);
	numbers_done(&scratch->tables);
}

static int look(struct worker *worker, size_t i, void **ret_found)
{
	const struct shared *shared = worker_shared(worker);
	CLEANUP_FD int fd = procfs_open_task(&shared->scene.procfs, shared->pids[i]);
	struct task_look task = { .scratch = worker_own(worker), .fd = fd, .thread_fd = -1 };
	int r;

	look_init(&task.look, worker, &shared->scene, shared->pids[i]);
	r = task_read(&task);
	*ret_found = task.look.first;
	return r;
}

static pid_t whose(const void *shared, size_t i)
{
	return ((const struct shared *)shared)->pids[i];
}

static uint64_t key(const void *shared, size_t i)
{
	return (uint64_t)whose(shared, i);
}

int phase_tasks(struct scan *scan, const struct numbers *pids)
{
	struct shared *shared = memory_alloc(1, sizeof(*shared) + pids->n * sizeof(int));
	struct work work = {
		.grain = 16,
		.look = look,
		.key = key,
		.shared = shared,
		.shared_done = free,
		.own_size = sizeof(struct task_scratch),
		.own_done = task_scratch_done,
	};

	shared->scene = scan->scene;
	for (size_t i = 0; i < pids->n; i++)
		if (!merge_timed_out_before(
			    &scan->merge, pids->at[i])) /* it would be waited for again */
			shared->pids[work.n++] = pids->at[i];
	return phase_run(scan, &work, whose);
}
