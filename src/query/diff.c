// SPDX-License-Identifier: MIT
/* Takes snapshots of scans and compares them. */
#include "nsls/base.h"
#include "nsls/diff.h"
#include "nsls/model.h"

#include <stdlib.h>
#include <string.h>

/* Snapshots. */

void snapshot_done(struct snapshot *snapshot)
{
	arena_done(&snapshot->arena);
	free(snapshot->at);
	u64map_done(&snapshot->unreadable);
	u64map_done(&snapshot->complete_mounts);
	*snapshot = (struct snapshot){ 0 };
}

/* Records the unreadable processes, each with the number of the scan since which it is so. */
static void snapshot_add_unreadable(
	struct snapshot *snapshot, const struct snapshot *before, const struct model *model)
{
	for (size_t i = 0; i < model->nprocesses; i++) {
		const struct process *process = model->processes[i];
		const unsigned *old = u64map_get(&before->unreadable, (uint64_t)process->pid);
		unsigned *since;

		if (!process->unreadable)
			continue;
		since = arena_alloc(&snapshot->arena, sizeof(*since));
		*since = old ? *old : snapshot->scan;
		u64map_put(&snapshot->unreadable, (uint64_t)process->pid, since);
		if (process->pid != 1 && *since > snapshot->newest_unreadable)
			snapshot->newest_unreadable = *since;
	}
}

/*
 * Adjacent holders of one process are recorded once, and so are adjacent mounts of one mount
 * namespace.
 */
static struct snapshot_ns *snapshot_add(struct snapshot *snapshot, const struct ns *ns)
{
	struct snapshot_ns *entry = &snapshot->at[snapshot->n++];
	struct snapshot_holder last = { 0 };

	*entry = (struct snapshot_ns){
		.ref = ns->ref,
		.id = ns->id,
		.nprocs = ns->nprocs,
		.ns = ns,
		.related = ns->related,
		.owner = ns->owner ? ns->owner->ref : (struct ns_ref){ 0 },
		.parent = ns->parent ? ns->parent->ref : (struct ns_ref){ 0 },
		.holders = arena_alloc(&snapshot->arena, ns->nholders * sizeof(*entry->holders)),
	};
	for (const struct holder *h = ns->first; h; h = h->next) {
		struct snapshot_holder holder = {
			.pid = h->process ? h->process->pid : 0,
			.mntns = h->kind == HOLDER_MOUNT ? h->mount->mntns : 0,
		};

		entry->kernel_only = entry->kernel_only || h->kind == HOLDER_KERNEL;
		if ((holder.pid || holder.mntns) &&
			(holder.pid != last.pid || holder.mntns != last.mntns))
			entry->holders[entry->nholders++] = last = holder;
	}
	return entry;
}

/* Takes the name from old, the same process in the scan before or NULL, if from has none. */
static const struct process *copy_process(
	struct arena *arena, const struct process *from, const struct process *old)
{
	struct process *process = arena_alloc(arena, sizeof(*process));
	const char *comm = from->comm;

	if (!comm && old && old->pid == from->pid)
		comm = old->comm;
	process->pid = from->pid;
	process->comm = arena_strdup(arena, comm);
	return process;
}

/* Copies what is shown of a holder. old: that of the scan before, or NULL. */
static const struct holder *copy_holder(
	struct arena *arena, const struct holder *from, const struct holder *old)
{
	struct holder *holder = arena_alloc(arena, sizeof(*holder));

	*holder = *from;
	holder->next = NULL;
	if (from->process)
		holder->process = copy_process(arena, from->process, old ? old->process : NULL);
	if (from->kind == HOLDER_MOUNT) {
		const struct process *process = from->mount->process;
		struct holder_mount *mount = arena_alloc(arena, sizeof(*mount));

		*mount = *from->mount;
		mount->path = arena_strdup(arena, mount->path);
		mount->point = (struct mount_point){ 0 };
		mount->locked_by = NULL;
		mount->process = process ? copy_process(arena, process, NULL) : NULL;
		holder->mount = mount;
	}
	if (holder_ns(from)) {
		struct ns *ns = arena_alloc(arena, sizeof(*ns));

		ns->ref = holder_ns(from)->ref;
		holder->ns = ns;
	}
	return holder;
}

/* Adds a namespace that this scan did not find: what was known of it. */
static void snapshot_carry(struct snapshot *snapshot, const struct snapshot_ns *old)
{
	struct arena *arena = &snapshot->arena;
	struct snapshot_ns *entry = &snapshot->at[snapshot->n++];

	*entry = *old;
	entry->ns = NULL;
	entry->old = NULL;
	entry->holders = arena_alloc(arena, old->nholders * sizeof(*old->holders));
	memcpy(entry->holders, old->holders, old->nholders * sizeof(*old->holders));
	entry->name = arena_strdup(arena, old->name);
	if (old->holder)
		entry->holder = copy_holder(arena, old->holder, NULL);
}

static const struct snapshot_ns *snapshot_find(const struct snapshot *snapshot, struct ns_ref ref)
{
	if (!snapshot->n)
		return NULL;
	/* A struct snapshot_ns begins with its ref. */
	return bsearch(&ref, snapshot->at, snapshot->n, sizeof(*snapshot->at), query_order);
}

void snapshot_rows(const struct snapshot *snapshot, struct rows *rows)
{
	for (size_t i = 0; i < snapshot->n; i++) {
		const struct ns *ns = snapshot->at[i].ns;

		if (ns && snapshot->at[i].selected)
			rows_add(rows,
				&(struct row){ .kind = ROW_NS, .type = ns->ref.type, .ns = ns });
	}
}

static void snapshot_ns_keep(struct snapshot_ns *entry, struct arena *arena, uint32_t our_mnt)
{
	const struct process *process = ns_representative(entry->ns);
	const struct snapshot_ns *old = entry->old;
	CLEANUP(strbuf_done) struct strbuf name = { 0 };

	ns_name(entry->ns, our_mnt, &name);
	/* The process ended after it was found: keep the earlier name. */
	if (!name.len && old && old->name && process && !process->identity)
		strbuf_adds(&name, old->name);
	entry->name = arena_strdup(arena, strbuf_text(&name));
	entry->holder = copy_holder(arena, entry->ns->first, old ? old->holder : NULL);
}

void snapshot_keep(struct snapshot *snapshot, const struct model *model)
{
	for (size_t i = 0; i < snapshot->n; i++) {
		struct snapshot_ns *entry = &snapshot->at[i];

		if (entry->ns && entry->selected)
			snapshot_ns_keep(entry, &snapshot->arena, model->our_mnt);
		entry->ns = NULL;
		entry->old = NULL;
	}
}

/* Changes: two snapshots compared in the order of namespaces. */

struct diff {
	const struct snapshot *before;
	struct snapshot *after;
	const struct model *model;
	const struct report *report;
	struct u64map selected; /* namespaces */
	uint32_t host[NS_TYPE_COUNT];
	struct u64map maybe_before; /* namespaces that may have existed in the scan before */
	struct u64map maybe_now;    /* namespaces that may still exist */

	/* Inodes of mount namespaces with mounts that were not read. */
	struct u64map partial_before, partial_now;
	struct changes *changes;
};

const char *change_event_name(enum change_event event)
{
	static const char *const names[CHANGE_EVENT_COUNT] = {
		[CHANGE_CREATED] = "created",
		[CHANGE_GONE] = "gone",
		[CHANGE_EMPTIED] = "emptied",
		[CHANGE_ENTERED] = "entered",
	};

	return names[event];
}

void changes_done(struct changes *changes)
{
	free(changes->at);
	*changes = (struct changes){ 0 };
}

static void diff_add_change(
	struct diff *diff, enum change_event event, const struct snapshot_ns *entry)
{
	struct changes *changes = diff->changes;

	if (entry->selected)
		*array_push(changes->at, changes->n, changes->size) =
			(struct change){ event, entry };
}

static bool snapshot_is_unreadable(const struct snapshot *snapshot, pid_t pid)
{
	return u64map_get(&snapshot->unreadable, (uint64_t)pid);
}

static bool snapshot_has_unreadable(
	const struct snapshot *snapshot, const struct snapshot_ns *entry)
{
	for (size_t i = 0; i < entry->nholders; i++)
		if (snapshot_is_unreadable(snapshot, entry->holders[i].pid))
			return true;
	return false;
}

/* Finds the mount namespaces of which the scan before, or this one, did not read all mounts. */
static void diff_find_partial_mounts(struct diff *diff)
{
	const struct snapshot *before = diff->before, *after = diff->after;

	for (size_t i = 0; i < before->n; i++) {
		const struct snapshot_ns *old = &before->at[i];

		if (old->ref.type != NS_MNT)
			continue;
		if (!u64map_get(&before->complete_mounts, old->ref.ino))
			u64map_add(&diff->partial_before, old->ref.ino);
		if (!u64map_get(&after->complete_mounts, old->ref.ino) &&
			snapshot_has_unreadable(after, old))
			u64map_add(&diff->partial_now, old->ref.ino);
	}
	for (size_t i = 0; i < diff->model->n; i++) {
		const struct ns *ns = diff->model->at[i];

		if (ns->ref.type != NS_MNT || !ns->first)
			continue;
		if (!ns->mounts_whole)
			u64map_add(&diff->partial_now, ns->ref.ino);
		if (u64map_get(&before->complete_mounts, ns->ref.ino))
			continue;
		for (const struct holder *h = ns->first; h; h = h->next)
			if (h->process && snapshot_is_unreadable(before, h->process->pid))
				u64map_add(&diff->partial_before, ns->ref.ino);
	}
}

static bool holder_was_unreadable(const struct diff *diff, const struct holder *holder)
{
	if (holder->process)
		return snapshot_is_unreadable(diff->before, holder->process->pid);
	if (holder->kind == HOLDER_MOUNT)
		return u64map_get(&diff->partial_before, holder->mount->mntns);
	return holder->kind == HOLDER_KERNEL && !diff->before->list_is_whole;
}

/*
 * Returns true if a namespace that the scan before did not find may have existed: an unreadable
 * process is a member of it, or all its holders were unreadable. Becoming a member of an existing
 * namespace requires privileges, setns(2); a descriptor or a mount requires only read access to the
 * path.
 */
static bool ns_may_have_existed(const struct diff *diff, const struct ns *ns)
{
	bool all = true;

	if (diff->before->turnover)
		return true;
	for (const struct holder *h = ns->first; h; h = h->next) {
		bool unreadable = holder_was_unreadable(diff, h);

		if (unreadable && (holder_is_member(h) || h->kind == HOLDER_THREAD ||
					  h->kind == HOLDER_CHILDREN))
			return true;
		all = all && unreadable;
	}
	return all;
}

/* Returns true if a namespace that this scan did not find may still exist. */
static bool ns_may_exist(const struct diff *diff, const struct snapshot_ns *old)
{
	if (diff->after->turnover)
		return true;
	for (size_t i = 0; i < old->nholders; i++)
		if (u64map_get(&diff->partial_now, old->holders[i].mntns))
			return true;
	return snapshot_has_unreadable(diff->after, old) ||
	       (old->kernel_only && !diff->after->list_is_whole);
}

/* Marks a namespace, and its owner and parent, which it holds. */
static void diff_mark_before(struct diff *diff, const struct ns *ns)
{
	if (!ns || !u64map_add(&diff->maybe_before, ns_ref_key(ns->ref)))
		return;
	diff_mark_before(diff, ns->owner);
	diff_mark_before(diff, ns->parent);
}

static void diff_mark_now(struct diff *diff, struct ns_ref ref)
{
	const struct snapshot_ns *old = snapshot_find(diff->before, ref);

	if (!old || !u64map_add(&diff->maybe_now, ns_ref_key(ref)))
		return;
	diff_mark_now(diff, old->owner);
	diff_mark_now(diff, old->parent);
}

/* A namespace with more holders has no time to end and to be replaced between two scans. */
#define REPLACED_HOLDERS_MAX 64

static bool is_held_as_before(const struct snapshot_ns *old, const struct ns *ns)
{
	if (!old->nholders || old->nholders > REPLACED_HOLDERS_MAX)
		return true;
	for (size_t i = 0; i < old->nholders; i++) {
		if (old->holders[i].mntns)
			return true;
		for (const struct holder *h = ns->first; h; h = h->next)
			if (h->process && h->process->pid == old->holders[i].pid)
				return true;
	}
	return false;
}

/*
 * Returns true if the namespace got the inode of an earlier one: inodes are used again at once, ids
 * never. If the id of the earlier one could not be read, it ended during the scan: unless a holder
 * is the same, or a holder of the later one may have been missed then.
 */
static bool is_another(const struct diff *diff, const struct snapshot_ns *old, const struct ns *ns)
{
	if (old->id || !ns->id)
		return old->id && ns->id && old->id != ns->id;
	return !old->related && !is_held_as_before(old, ns) && !ns_may_have_existed(diff, ns);
}

/*
 * Finds the namespaces that may have existed, and those that may still exist: such a namespace
 * holds its owner and parent. A namespace with relations that could not be read may hold any.
 */
static void diff_find_maybe(struct diff *diff)
{
	for (size_t i = 0; diff->before->scan && i < diff->model->n; i++) {
		const struct ns *ns = diff->model->at[i];
		const struct snapshot_ns *old =
			ns->first ? snapshot_find(diff->before, ns->ref) : NULL;

		if (ns->first && (old ? !old->related && !is_another(diff, old, ns)
				      : ns_may_have_existed(diff, ns)))
			diff_mark_before(diff, ns);
	}
	for (size_t i = 0; i < diff->before->n; i++) {
		const struct snapshot_ns *old = &diff->before->at[i];
		const struct ns *ns = model_find(diff->model, old->ref);

		if (ns && ns->first ? !ns->related && old->related : ns_may_exist(diff, old))
			diff_mark_now(diff, old->ref);
	}
}

/*
 * Returns true if the namespace certainly has no member. Unreadable processes might be
 * members. But one that is older than the namespace would have had to enter it, which only programs
 * such as nsenter(1) do.
 */
static bool ns_has_no_member(const struct diff *diff, const struct snapshot_ns *entry)
{
	unsigned foreign = LIMITATION_PIDNS | LIMITATION_FOREIGN;
	uint32_t host = diff->host[entry->ref.type];

	if (report_proves_absence(diff->report))
		return true;
	if (diff->report->no_members || diff->report->limitations & LIMITATION_HIDEPID ||
		diff->after->turnover)
		return false;
	/* PID 1 is in the namespaces of the host, also if it is unreadable. */
	if (snapshot_is_unreadable(diff->after, 1) && (!host || host == entry->ref.ino))
		return false;
	return diff->after->newest_unreadable < entry->first_scan &&
	       (entry->first_scan > 1 || !(diff->report->limitations & foreign));
}

/*
 * Adds a namespace of this scan. old: its entry in the snapshot before; NULL if that does not have
 * it, or has another namespace with its inode (replaces). A new one is reported once the query
 * selects it.
 */
static void diff_add(
	struct diff *diff, const struct snapshot_ns *old, const struct ns *ns, bool replaces)
{
	struct snapshot_ns *entry = snapshot_add(diff->after, ns);
	uint64_t key = ns_ref_key(ns->ref);
	enum members before = old ? old->members : MEMBERS_UNKNOWN;
	bool is_new =
		replaces || (!old && diff->before->scan && !u64map_get(&diff->maybe_before, key));
	bool unreported = old ? old->unreported : is_new;

	entry->old = old;
	entry->id = !entry->id && old ? old->id : entry->id;
	entry->first_scan = is_new ? diff->after->scan : old ? old->first_scan : 1;
	entry->members = MEMBERS_SOME;
	if (!entry->nprocs && ns_has_no_member(diff, entry))
		entry->members = MEMBERS_NONE;
	else if (!entry->nprocs && before != MEMBERS_SOME)
		entry->members = MEMBERS_UNKNOWN;
	entry->selected = (old && old->selected) || u64map_get(&diff->selected, key);
	entry->unreported = unreported && !entry->selected;
	if (before == MEMBERS_SOME && entry->members == MEMBERS_NONE)
		diff_add_change(diff, CHANGE_EMPTIED, entry);
	else if (before == MEMBERS_NONE && entry->members == MEMBERS_SOME)
		diff_add_change(diff, CHANGE_ENTERED, entry);
	else if (unreported)
		diff_add_change(diff, CHANGE_CREATED, entry);
}

/* Both lists are in the order of ns_ref_key(). Namespaces of the model without holder are skipped.
 */
static void diff_compare(struct diff *diff)
{
	const struct model *model = diff->model;
	size_t i = 0, k = 0;

	for (;;) {
		const struct snapshot_ns *old = i < diff->before->n ? &diff->before->at[i] : NULL;
		uint64_t old_key = old ? ns_ref_key(old->ref) : UINT64_MAX, key;

		while (k < model->n && !model->at[k]->first)
			k++;
		key = k < model->n ? ns_ref_key(model->at[k]->ref) : UINT64_MAX;
		if (!old && key == UINT64_MAX)
			return;
		if (old_key < key && u64map_get(&diff->maybe_now, old_key)) {
			snapshot_carry(diff->after, old);
		} else if (old_key == key && !is_another(diff, old, model->at[k])) {
			diff_add(diff, old, model->at[k], false);
		} else {
			if (old_key <= key)
				diff_add_change(diff, CHANGE_GONE, old);
			if (key <= old_key)
				diff_add(diff, NULL, model->at[k], key == old_key);
		}
		i += old_key <= key;
		k += key <= old_key;
	}
}

void snapshot_take(const struct snapshot *before, const struct model *model,
	const struct report *report, const struct rows *rows, struct snapshot *ret_after,
	struct changes *changes)
{
	struct diff diff = {
		.before = before,
		.after = ret_after,
		.model = model,
		.report = report,
		.changes = changes,
	};

	for (size_t i = 0; i < rows->n; i++)
		u64map_add(&diff.selected, ns_ref_key(rows->at[i].ns->ref));
	ret_after->scan = before->scan + 1;
	ret_after->list_is_whole = report->listed;
	ret_after->turnover = report->limitations & LIMITATION_TURNOVER;
	ret_after->at = memory_alloc(before->n + model->n, sizeof(*ret_after->at));
	snapshot_add_unreadable(ret_after, before, model);
	for (size_t i = 0; i < model->n; i++)
		if (model->at[i]->mounts_whole)
			u64map_add(&ret_after->complete_mounts, model->at[i]->ref.ino);
	model_host(model, diff.host);
	diff_find_partial_mounts(&diff);
	diff_find_maybe(&diff);
	diff_compare(&diff);
	u64map_done(&diff.selected);
	u64map_done(&diff.maybe_before);
	u64map_done(&diff.maybe_now);
	u64map_done(&diff.partial_before);
	u64map_done(&diff.partial_now);
}
