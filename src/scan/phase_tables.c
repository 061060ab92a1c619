// SPDX-License-Identifier: MIT
/*
 * Big tables of descriptors. Any user can let processes share one (clone(2) with CLONE_FILES), at
 * no cost but that of the processes: so each table is read once, for the first task that has it.
 *
 * First a single worker compares the tables, in the order of the list. Then each set of tasks that
 * share one is an item. Tasks may part meanwhile, so each is compared again after the table was
 * read for the tasks before it. Where kcmp(2) is refused, or knows other PIDs, each table is an
 * item.
 *
 * A descriptor costs its owner 8 bytes, and us fifteen times as much: so there is a most.
 */
#include "fd_tables.h"
#include "phase.h"
#include "task.h"

#include "nsls/base/cleanup.h"
#include "nsls/base/error.h"
#include "nsls/base/memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

struct sharer {
	struct table_item item;
	bool alone;                /* its table could not be compared */
	const struct sharer *next; /* task that had the same table */
};

struct shared {
	struct scene scene;
	size_t most;
	atomic_size_t *read; /* descriptors, by all workers */
	size_t n, nsets;
	const struct sharer **sets; /* the first of each */
	struct sharer at[];
};

/* What comparing one task came to. */
struct comparison {
	pid_t sharer; /* a thread that has the same table, or the task's own */
	int error;
};

static int compare_table(struct worker *worker, size_t i, void **ret_found)
{
	const struct shared *shared = worker_shared(worker);
	struct task_scratch *scratch = worker_own(worker);
	struct comparison *found = arena_alloc(worker_arena(worker), sizeof(*found));
	pid_t tid = shared->at[i].item.tid;
	int r;

	found->sharer = tid;
	r = shared->scene.procfs.ours
		    ? fd_tables_insert(shared->scene.kernel, &scratch->tables, tid, &found->sharer)
		    : -EPERM;
	if (error_is_fatal(r))
		return r;
	found->error = r < 0 ? r : 0;
	*ret_found = found;
	return 0;
}

static int read_task(
	struct task_look *task, const struct shared *shared, const struct table_item *item)
{
	const struct scene *scene = task->look.scene;
	CLEANUP_FD int fd = procfs_open_thread_of(&scene->procfs, item->pid, item->tid);
	int r;

	if (fd < 0)
		return look_trouble(&task->look, SOURCE_FDS, -1, fd);
	if (atomic_load(shared->read) >= shared->most) {
		look_gap(&task->look, REPORT_GAP_DESCRIPTORS);
		return 0;
	}
	task->scratch->fds.n = 0;
	r = task_read_table(task, fd, item->tid);
	atomic_fetch_add(shared->read, task->scratch->fds.n);
	return r;
}

/* Reads the table of a task, unless it has one that was read for another of the set. */
static int read_sharer(
	struct task_look *task, const struct shared *shared, const struct sharer *sharer)
{
	pid_t other;
	int r;

	if (sharer->alone)
		return read_task(task, shared, &sharer->item);
	r = fd_tables_insert(
		task->look.scene->kernel, &task->scratch->tables, sharer->item.tid, &other);
	if (r > 0)
		return 0;
	return r < 0 ? look_trouble(&task->look, SOURCE_FDS, -1, r)
		     : read_task(task, shared, &sharer->item);
}

static int look_at_set(struct worker *worker, size_t i, void **ret_found)
{
	const struct shared *shared = worker_shared(worker);
	struct task_look task = { .scratch = worker_own(worker) };
	const struct sharer *sharer = shared->sets[i];
	int r = 0;

	look_init(&task.look, worker, &shared->scene, sharer->item.pid);
	task.scratch->tables.n = 0;
	for (; r == 0 && sharer && worker_beat(worker); sharer = sharer->next) {
		task.look.pid = sharer->item.pid;
		task.look.troubled = 0;
		r = read_sharer(&task, shared, sharer);
	}
	*ret_found = task.look.first;
	return r;
}

static uint64_t task_key(const void *shared, size_t i)
{
	return (uint64_t)((const struct shared *)shared)->at[i].item.tid;
}

static pid_t whose_set(const void *shared, size_t i)
{
	return ((const struct shared *)shared)->sets[i]->item.pid;
}

static uint64_t set_key(const void *shared, size_t i)
{
	return (uint64_t)((const struct shared *)shared)->sets[i]->item.tid;
}

static void shared_done(void *data)
{
	struct shared *shared = data;

	free(shared->sets);
	free(shared->read);
	free(shared);
}

static struct shared *shared_new(const struct scan *scan)
{
	const struct table_list *tables = &scan->merge.tables;
	struct shared *shared = memory_alloc(1, sizeof(*shared) + tables->n * sizeof(*shared->at));

	shared->read = memory_alloc(1, sizeof(*shared->read));
	shared->scene = scan->scene;
	shared->most = scan->descriptors_most;
	shared->n = tables->n;
	for (size_t i = 0; i < tables->n; i++)
		shared->at[i].item = tables->at[i];
	return shared;
}

/* Appends an item to its set, or begins one. lasts: the last of each set, by its first thread. */
static void add_to_set(
	struct shared *shared, struct sharer *sharer, pid_t first, struct u64map *lasts)
{
	struct sharer *last = u64map_get(lasts, (uint64_t)first);

	if (last)
		last->next = sharer;
	else
		shared->sets[shared->nsets++] = sharer;
	u64map_put(lasts, (uint64_t)first, sharer);
}

static void make_sets(struct scan *scan, struct crew *crew, struct shared *shared)
{
	struct u64map lasts;

	shared->sets = memory_alloc(shared->n, sizeof(struct sharer *));
	u64map_init(&lasts);
	for (size_t i = 0; i < shared->n; i++) {
		const struct comparison *found = crew_found(crew, i);

		if (crew_timed_out(crew, i)) {
			merge_timed_out(&scan->merge, shared->at[i].item.pid);
			continue;
		}
		if (found->error == -ESRCH)
			continue;
		shared->at[i].alone = found->error;
		add_to_set(shared, &shared->at[i], found->sharer, &lasts);
	}
	u64map_done(&lasts);
}

/* A copy of the list for each of the two: a worker that is left behind keeps what it looks at. */
static int compare_tables(struct scan *scan, struct shared *shared)
{
	struct work work = {
		.n = shared->n,
		.grain = shared->n, /* one worker: it alone knows what it has compared */
		.look = compare_table,
		.key = task_key,
		.shared = shared_new(scan),
		.shared_done = shared_done,
		.own_size = sizeof(struct task_scratch),
		.own_done = task_scratch_done,
	};
	struct crew *crew = NULL;
	int r = workers_run(scan->workers, &work, &crew);

	if (r == 0)
		make_sets(scan, crew, shared);
	crew_free(crew);
	return r;
}

static int read_sets(struct scan *scan, struct shared *shared)
{
	struct work work = {
		.n = shared->nsets,
		.grain = 1,
		.look = look_at_set,
		.key = set_key,
		.shared = shared,
		.shared_done = shared_done,
		.own_size = sizeof(struct task_scratch),
		.own_done = task_scratch_done,
	};

	return phase_run(scan, &work, whose_set);
}

int phase_tables(struct scan *scan)
{
	struct shared *shared;
	int r;

	if (!scan->merge.tables.n)
		return 0;
	shared = shared_new(scan);
	r = compare_tables(scan, shared);
	scan->merge.tables.n = 0;
	if (r == 0)
		return read_sets(scan, shared);
	shared_done(shared);
	return r;
}
