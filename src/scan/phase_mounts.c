// SPDX-License-Identifier: MIT
/* The work list of mount namespaces: each is looked at once, by mounts.c. */
#include "mounts.h"
#include "phase.h"

#include "nsls/base/array.h"
#include "nsls/base/memory.h"
#include "nsls/base/u64map.h"

#include <stdlib.h>

struct shared {
	struct scene scene;
	struct arena arena; /* items and the paths of their doors */
	struct mounts_item **at;
	size_t n, size;
	struct u64map by_ino; /* items, while the list grows */
};

static int look_at_item(struct worker *worker, size_t i, void **ret_found)
{
	const struct shared *shared = worker_shared(worker);
	struct look look;
	int r;

	look_init(&look, worker, &shared->scene, 0);
	r = mounts_look_at(&look, shared->at[i]);
	*ret_found = look.first;
	return r;
}

static uint64_t key(const void *shared, size_t i)
{
	return ((const struct shared *)shared)->at[i]->mntns;
}

static void shared_done(void *data)
{
	struct shared *shared = data;

	arena_done(&shared->arena);
	u64map_done(&shared->by_ino);
	free(shared->at);
	free(shared);
}

/* The item of a mount namespace, added if it is new. */
static struct mounts_item *get_item(struct shared *shared, uint32_t mntns)
{
	struct mounts_item *item = u64map_get(&shared->by_ino, mntns);

	if (item)
		return item;
	item = arena_alloc(&shared->arena, sizeof(*item));
	u64map_put(&shared->by_ino, mntns, item);
	item->mntns = mntns;
	*array_push(shared->at, shared->n, shared->size) = item;
	return item;
}

static void add_viewer(struct mounts_item *item, pid_t pid, pid_t tid)
{
	if (item->nviewers < VIEWERS_MOST)
		item->viewers[item->nviewers++] = (struct viewer){ pid, tid };
}

static bool is_read(const struct scan *scan, uint32_t mntns)
{
	return u64map_get(&scan->merge.mounts_read, mntns);
}

static void add_task(const struct scan *scan, struct shared *shared, const struct task *task)
{
	struct mounts_item *item;

	if (!task->ino[NS_MNT] || task->zombie || is_read(scan, task->ino[NS_MNT]))
		return;
	item = get_item(shared, task->ino[NS_MNT]);
	add_viewer(item, task->pid, task->tid);
	doors_add_task(&item->doors, task->pid, task->tid, NS_MNT, &shared->arena);
}

/*
 * Processes are viewers whether or not they are wanted as holders: we ourselves only where there is
 * no other, because whoever reads the answer finds us gone.
 */
static void add_tasks(const struct scan *scan, struct shared *shared)
{
	const struct model *model = scan->merge.model;
	const struct task *self = model_find_task(model, scan->scene.procfs.self);

	for (size_t i = 0; i < model->ntasks; i++)
		if (model->tasks[i] != self)
			add_task(scan, shared, model->tasks[i]);
	if (self)
		add_task(scan, shared, self);
}

static void add_holders(struct shared *shared, struct mounts_item *item, const struct ns *ns)
{
	for (const struct holder *h = ns->first; h; h = h->next)
		if (h->kind == HOLDER_THREAD)
			add_viewer(item, h->task->pid, h->tid);
	if (!item->doors.n)
		doors_of(ns, &shared->arena, &item->doors);
}

static void add_namespaces(const struct scan *scan, struct shared *shared)
{
	const struct model *model = scan->merge.model;

	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i];

		if (ns->ref.type == NS_MNT && !is_read(scan, ns->ref.ino))
			add_holders(shared, get_item(shared, ns->ref.ino), ns);
	}
}

static void make_list(struct scan *scan, struct shared *shared)
{
	add_tasks(scan, shared);
	add_namespaces(scan, shared);
	for (size_t i = 0; i < shared->n; i++)
		merge_mounts_read(&scan->merge, shared->at[i]->mntns);
}

int phase_mounts(struct scan *scan)
{
	struct shared *shared = memory_alloc(1, sizeof(*shared));
	struct work work = {
		.grain = 4,
		.look = look_at_item,
		.key = key,
		.shared = shared,
		.shared_done = shared_done,
	};

	shared->scene = scan->scene;
	if (scene_wants(&scan->scene, SOURCE_MOUNTS))
		make_list(scan, shared);
	work.n = shared->n;
	return phase_run(scan, &work, NULL);
}
