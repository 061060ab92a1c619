// SPDX-License-Identifier: MIT
/* Copies: nothing in a snapshot points to a model, nor to another snapshot. */
#include "snapshot.h"

#include "nsls/base/memory.h"
#include "nsls/model/name.h"

#include <stdlib.h>
#include <string.h>

void snapshot_init(struct snapshot *snapshot)
{
	*snapshot = (struct snapshot){ 0 };
	arena_init(&snapshot->arena);
	u64map_init(&snapshot->unread);
	u64map_init(&snapshot->whole);
}

void snapshot_done(struct snapshot *snapshot)
{
	arena_done(&snapshot->arena);
	free(snapshot->at);
	u64map_done(&snapshot->unread);
	u64map_done(&snapshot->whole);
	snapshot_init(snapshot);
}

/* Since which look each process that can't be read is one of those. */
static void take_unread(
	struct snapshot *snapshot, const struct snapshot *before, const struct model *model)
{
	for (size_t i = 0; i < model->ntasks; i++) {
		const struct task *task = model->tasks[i];
		const unsigned *old = u64map_get(&before->unread, (uint64_t)task->pid);
		unsigned *since;

		if (!task->unread)
			continue;
		since = arena_alloc(&snapshot->arena, sizeof(*since));
		*since = old ? *old : snapshot->look;
		u64map_put(&snapshot->unread, (uint64_t)task->pid, since);
		if (task->pid != 1 && *since > snapshot->newest)
			snapshot->newest = *since;
	}
}

static void take_whole(struct snapshot *snapshot, const struct model *model)
{
	for (size_t i = 0; i < model->n; i++)
		if (model->at[i]->mounts_whole)
			u64map_put(&snapshot->whole, model->at[i]->ref.ino, snapshot);
}

void snapshot_begin(struct snapshot *snapshot, const struct snapshot *before,
	const struct model *model, const struct report *report)
{
	snapshot->look = before->look + 1;
	snapshot->listed = report->listed;
	snapshot->turnover = report->gaps & REPORT_GAP_TURNOVER;
	snapshot->size = before->n + model->n + 1;
	snapshot->at = memory_alloc(snapshot->size, sizeof(*snapshot->at));
	take_unread(snapshot, before, model);
	take_whole(snapshot, model);
}

static size_t count_mounts(const struct ns *ns)
{
	size_t n = 0;

	for (const struct holder *h = ns->first; h; h = h->next)
		n += h->kind == HOLDER_MOUNT;
	return n;
}

/* One process after the other holds it, often several times, and so do mounts. */
static void take_holders(struct seen *seen, const struct ns *ns)
{
	for (const struct holder *h = ns->first; h; h = h->next) {
		seen->listed = seen->listed || h->kind == HOLDER_KERNEL;
		if (h->task && (!seen->npids || seen->pids[seen->npids - 1] != h->task->pid))
			seen->pids[seen->npids++] = h->task->pid;
		if (h->kind == HOLDER_MOUNT &&
			(!seen->nmntns || seen->mntns[seen->nmntns - 1] != h->mount->mntns))
			seen->mntns[seen->nmntns++] = h->mount->mntns;
	}
}

struct seen *snapshot_add(struct snapshot *snapshot, const struct ns *ns)
{
	struct seen *seen = &snapshot->at[snapshot->n];
	size_t nmounts = count_mounts(ns);

	*seen = (struct seen){
		.ref = ns->ref,
		.id = ns->id,
		.nprocs = ns->nprocs,
		.ns = ns,
		.related = ns->related,
		.owner = ns->owner ? ns->owner->ref : (struct ns_ref){ 0 },
		.parent = ns->parent ? ns->parent->ref : (struct ns_ref){ 0 },
		.pids = arena_alloc(
			&snapshot->arena, (ns->nholders - nmounts) * sizeof(*seen->pids)),
		.mntns = arena_alloc(&snapshot->arena, nmounts * sizeof(*seen->mntns)),
	};
	take_holders(seen, ns);
	snapshot->n++;
	return seen;
}

static const struct task *copy_task(struct arena *arena, const struct task *from)
{
	struct task *task = arena_alloc(arena, sizeof(*task));

	task->pid = from->pid;
	if (from->comm)
		task->comm = arena_strdup(arena, from->comm);
	return task;
}

static const struct holder_mount *copy_mount(struct arena *arena, const struct holder_mount *from)
{
	struct holder_mount *mount = arena_alloc(arena, sizeof(*mount));

	*mount = *from;
	mount->path = arena_strdup(arena, from->path);
	if (from->task)
		mount->task = copy_task(arena, from->task);
	return mount;
}

static const struct ns *copy_ns(struct arena *arena, const struct ns *from)
{
	struct ns *ns = arena_alloc(arena, sizeof(*ns));

	ns->ref = from->ref;
	return ns;
}

/* As far as it is shown. */
static const struct holder *copy_holder(struct arena *arena, const struct holder *from)
{
	struct holder *holder = arena_alloc(arena, sizeof(*holder));

	*holder = *from;
	holder->next = NULL;
	if (from->task)
		holder->task = copy_task(arena, from->task);
	if (from->kind == HOLDER_MOUNT)
		holder->mount = copy_mount(arena, from->mount);
	if (holder_ns(from))
		holder->ns = copy_ns(arena, holder_ns(from));
	return holder;
}

void snapshot_carry(struct snapshot *snapshot, const struct seen *old)
{
	struct arena *arena = &snapshot->arena;
	struct seen *seen = &snapshot->at[snapshot->n];

	*seen = *old;
	seen->ns = NULL;
	seen->old = NULL;
	seen->pids = arena_alloc(arena, old->npids * sizeof(*old->pids));
	seen->mntns = arena_alloc(arena, old->nmntns * sizeof(*old->mntns));
	seen->name = old->name ? arena_strdup(arena, old->name) : NULL;
	memcpy(seen->pids, old->pids, old->npids * sizeof(*old->pids));
	memcpy(seen->mntns, old->mntns, old->nmntns * sizeof(*old->mntns));
	snapshot->n++;
	if (old->holder)
		seen->holder = copy_holder(arena, old->holder);
}

static int by_ref(const void *key, const void *element)
{
	uint64_t x = ns_ref_key(*(const struct ns_ref *)key);
	uint64_t y = ns_ref_key(((const struct seen *)element)->ref);

	return (x > y) - (x < y);
}

const struct seen *snapshot_find(const struct snapshot *snapshot, struct ns_ref ref)
{
	if (!snapshot->n)
		return NULL;
	return bsearch(&ref, snapshot->at, snapshot->n, sizeof(*snapshot->at), by_ref);
}

void snapshot_rows(const struct snapshot *snapshot, struct rows *rows)
{
	for (size_t i = 0; i < snapshot->n; i++) {
		const struct ns *ns = snapshot->at[i].ns;

		if (ns && snapshot->at[i].watched)
			rows_add(rows,
				&(struct row){ .kind = ROW_NS, .type = ns->ref.type, .ns = ns });
	}
}

/* What it was called, where its process has ended since it was scanned and can't tell. */
static const char *old_name(const struct seen *seen)
{
	const struct task *task = ns_task(seen->ns);

	return seen->old && seen->old->name && task && !task->identity ? seen->old->name : "";
}

static const char *old_comm(const struct seen *seen)
{
	const struct task *task = seen->ns->first->task;
	const struct holder *old = seen->old ? seen->old->holder : NULL;

	return task && old && old->task && old->task->pid == task->pid ? old->task->comm : NULL;
}

static void keep_holder(struct arena *arena, struct seen *seen)
{
	struct holder holder = *seen->ns->first;
	struct task task;

	if (holder.task && !holder.task->comm) {
		task = *holder.task;
		task.comm = old_comm(seen);
		holder.task = &task;
	}
	seen->holder = copy_holder(arena, &holder);
}

static void keep(struct snapshot *snapshot, struct seen *seen, uint32_t our_mnt)
{
	struct strbuf name;

	strbuf_init(&name);
	ns_name(seen->ns, our_mnt, &name);
	if (!name.len)
		strbuf_adds(&name, old_name(seen));
	seen->name = arena_strdup(&snapshot->arena, strbuf_text(&name));
	strbuf_done(&name);
	keep_holder(&snapshot->arena, seen);
}

void snapshot_keep(struct snapshot *snapshot, const struct model *model)
{
	for (size_t i = 0; i < snapshot->n; i++) {
		struct seen *seen = &snapshot->at[i];

		if (seen->ns && seen->watched)
			keep(snapshot, seen, model->our_mnt);
		seen->ns = NULL;
		seen->old = NULL;
	}
}
