// SPDX-License-Identifier: MIT
/* Copies: nothing in a snapshot points to a model, nor to another snapshot. */
#include "snapshot.h"

#include "nsls/model/name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void snapshot_init(struct snapshot *snapshot)
{
	*snapshot = (struct snapshot){ 0 };
	arena_init(&snapshot->arena);
	u64map_init(&snapshot->unread);
}

void snapshot_done(struct snapshot *snapshot)
{
	arena_done(&snapshot->arena);
	free(snapshot->at);
	u64map_done(&snapshot->unread);
	snapshot_init(snapshot);
}

static size_t count_unread(const struct report *report, enum source source)
{
	return report->trouble[source].denied + report->trouble[source].odd;
}

static struct lack *copy_lack(struct snapshot *snapshot, const struct lack *from)
{
	struct lack *lack = arena_alloc(&snapshot->arena, sizeof(*lack));

	if (lack)
		*lack = *from;
	return lack;
}

/* Since which look each process that can't be read is one of those. */
static int take_unread(
	struct snapshot *snapshot, const struct snapshot *before, const struct model *model)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < model->ntasks; i++) {
		const struct task *task = model->tasks[i];
		const unsigned *old = u64map_get(&before->unread, (uint64_t)task->pid);
		unsigned *since;

		if (!task->unread)
			continue;
		since = arena_alloc(&snapshot->arena, sizeof(*since));
		if (!since)
			return -ENOMEM;
		*since = old ? *old : snapshot->look;
		r = u64map_put(&snapshot->unread, (uint64_t)task->pid, since);
		if (task->pid != 1 && *since > snapshot->newest)
			snapshot->newest = *since;
	}
	return r;
}

int snapshot_begin(struct snapshot *snapshot, const struct snapshot *before,
	const struct model *model, const struct report *report)
{
	const struct lack lack = {
		.late = report->late,
		.mounts = count_unread(report, SOURCE_MOUNTS),
		.kernel = count_unread(report, SOURCE_KERNEL),
		.gaps = report->gaps,
	};

	snapshot->look = before->look + 1;
	snapshot->size = before->n + model->n + 1;
	snapshot->at = calloc(snapshot->size, sizeof(*snapshot->at));
	snapshot->lack = copy_lack(snapshot, &lack);
	if (!snapshot->at || !snapshot->lack)
		return -ENOMEM;
	return take_unread(snapshot, before, model);
}

static size_t count_pids(const struct ns *ns)
{
	size_t n = 0;

	for (const struct holder *h = ns->first; h; h = h->next)
		n += h->task != NULL;
	return n;
}

/* One process after the other holds it, often several times. */
static void take_pids(struct seen *seen, const struct ns *ns)
{
	for (const struct holder *h = ns->first; h; h = h->next)
		if (!h->task)
			seen->has_others = true;
		else if (!seen->npids || seen->pids[seen->npids - 1] != h->task->pid)
			seen->pids[seen->npids++] = h->task->pid;
}

int snapshot_add(struct snapshot *snapshot, const struct ns *ns, struct seen **ret_seen)
{
	struct seen *seen = &snapshot->at[snapshot->n];

	*seen = (struct seen){
		.ref = ns->ref,
		.id = ns->id,
		.nprocs = ns->nprocs,
		.ns = ns,
		.pids = arena_alloc(&snapshot->arena, count_pids(ns) * sizeof(pid_t)),
		.lack = snapshot->lack,
	};
	if (!seen->pids)
		return -ENOMEM;
	take_pids(seen, ns);
	snapshot->n++;
	*ret_seen = seen;
	return 0;
}

static int copy_task(struct arena *arena, const struct task *from, const struct task **ret_task)
{
	struct task *task = arena_alloc(arena, sizeof(*task));

	if (!task)
		return -ENOMEM;
	task->pid = from->pid;
	if (from->comm)
		task->comm = arena_strdup(arena, from->comm);
	*ret_task = task;
	return from->comm && !task->comm ? -ENOMEM : 0;
}

static int copy_mount(
	struct arena *arena, const struct holder_mount *from, const struct holder_mount **ret_mount)
{
	struct holder_mount *mount = arena_alloc(arena, sizeof(*mount));

	if (!mount)
		return -ENOMEM;
	*mount = *from;
	mount->path = arena_strdup(arena, from->path);
	*ret_mount = mount;
	if (!mount->path)
		return -ENOMEM;
	return from->task ? copy_task(arena, from->task, &mount->task) : 0;
}

static int copy_ns(struct arena *arena, const struct ns *from, const struct ns **ret_ns)
{
	struct ns *ns = arena_alloc(arena, sizeof(*ns));

	if (!ns)
		return -ENOMEM;
	ns->ref = from->ref;
	*ret_ns = ns;
	return 0;
}

/* As far as it is shown. */
static int copy_holder(
	struct arena *arena, const struct holder *from, const struct holder **ret_holder)
{
	struct holder *holder = arena_alloc(arena, sizeof(*holder));
	int r = 0;

	if (!holder)
		return -ENOMEM;
	*holder = *from;
	holder->next = NULL;
	if (from->task)
		r = copy_task(arena, from->task, &holder->task);
	if (r == 0 && from->kind == HOLDER_MOUNT)
		r = copy_mount(arena, from->mount, &holder->mount);
	if (r == 0 && holder_ns(from))
		r = copy_ns(arena, holder_ns(from), &holder->ns);
	*ret_holder = holder;
	return r;
}

int snapshot_carry(struct snapshot *snapshot, const struct seen *old)
{
	struct arena *arena = &snapshot->arena;
	struct seen *seen = &snapshot->at[snapshot->n];

	*seen = *old;
	seen->ns = NULL;
	seen->old = NULL;
	seen->pids = arena_alloc(arena, old->npids * sizeof(pid_t));
	seen->lack = copy_lack(snapshot, old->lack);
	seen->name = old->name ? arena_strdup(arena, old->name) : NULL;
	if (!seen->pids || !seen->lack || (old->name && !seen->name))
		return -ENOMEM;
	memcpy(seen->pids, old->pids, old->npids * sizeof(pid_t));
	snapshot->n++;
	return old->holder ? copy_holder(arena, old->holder, &seen->holder) : 0;
}

int snapshot_rows(const struct snapshot *snapshot, struct rows *rows)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < snapshot->n; i++) {
		const struct ns *ns = snapshot->at[i].ns;

		if (ns && snapshot->at[i].watched)
			r = rows_add(rows,
				&(struct row){ .kind = ROW_NS, .type = ns->ref.type, .ns = ns });
	}
	return r;
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

static int keep_holder(struct arena *arena, struct seen *seen)
{
	struct holder holder = *seen->ns->first;
	struct task task;

	if (holder.task && !holder.task->comm) {
		task = *holder.task;
		task.comm = old_comm(seen);
		holder.task = &task;
	}
	return copy_holder(arena, &holder, &seen->holder);
}

static int keep(struct snapshot *snapshot, struct seen *seen, uint32_t our_mnt)
{
	struct strbuf name;
	int r;

	strbuf_init(&name);
	ns_name(seen->ns, our_mnt, &name);
	if (!name.len)
		strbuf_adds(&name, old_name(seen));
	r = strbuf_status(&name);
	if (r == 0)
		seen->name = arena_strdup(&snapshot->arena, strbuf_text(&name));
	strbuf_done(&name);
	return r < 0 || !seen->name ? -ENOMEM : keep_holder(&snapshot->arena, seen);
}

int snapshot_keep(struct snapshot *snapshot, const struct model *model)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < snapshot->n; i++) {
		struct seen *seen = &snapshot->at[i];

		if (seen->ns && seen->watched)
			r = keep(snapshot, seen, model->our_mnt);
		seen->ns = NULL;
		seen->old = NULL;
	}
	return r;
}
