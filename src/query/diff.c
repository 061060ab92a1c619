// SPDX-License-Identifier: MIT
/* Takes snapshots of scans and compares them. */
#include "nsls/diff.h"

#include <stdlib.h>
#include <string.h>

void snapshot_done(struct snapshot *snapshot)
{
	arena_done(&snapshot->arena);
	free(snapshot->at);
	free(snapshot->changes);
	u64map_done(&snapshot->unreadable);
	u64map_done(&snapshot->whole_mounts);
	*snapshot = (struct snapshot){ 0 };
}

void snapshot_rows(const struct snapshot *snapshot, struct rows *rows)
{
	for (size_t i = 0; i < snapshot->n; i++) {
		const struct ns *ns = snapshot->at[i].ns;

		if (ns && snapshot->at[i].selected)
			rows_add_ns(rows, ns);
	}
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

void snapshot_keep(struct snapshot *snapshot, const struct model *model)
{
	struct arena *arena = &snapshot->arena;

	for (size_t i = 0; i < snapshot->n; i++) {
		struct snapshot_ns *entry = &snapshot->at[i];
		const struct snapshot_ns *old = entry->old;
		CLEANUP(strbuf_done) struct strbuf name = { 0 };

		if (entry->ns && entry->selected) {
			const struct process *process = ns_representative(entry->ns);

			ns_name(entry->ns, model->our_mnt, &name);
			/* The process ended after it was found: keep the earlier name. */
			if (!name.len && old && old->name && process && !process->identity)
				strbuf_adds(&name, old->name);
			entry->name = arena_strdup(arena, strbuf_text(&name));
			entry->holder =
				copy_holder(arena, entry->ns->first, old ? old->holder : NULL);
		}
		entry->ns = NULL;
		entry->old = NULL;
	}
}

const char *const change_event_names[CHANGE_EVENT_COUNT] = {
	[CHANGE_CREATED] = "created",
	[CHANGE_GONE] = "gone",
	[CHANGE_EMPTIED] = "emptied",
	[CHANGE_ENTERED] = "entered",
};

/* What is found out about a namespace while two scans are compared. */
enum mark {
	MARK_PARTIAL_BEFORE = 1 << 0, /* mount namespace: the scan before did not read all mounts */
	MARK_PARTIAL_NOW = 1 << 1,    /* mount namespace: this scan did not read all mounts */
	MARK_MAYBE_BEFORE = 1 << 2,   /* it may have existed in the scan before */
	MARK_MAYBE_NOW = 1 << 3,      /* it may still exist */
	MARK_REPLACES = 1 << 4,       /* another one had its inode in the scan before */
};

/*
 * A comparison. Its snapshot has an entry per namespace that the scan before or this one found,
 * until it is decided which remain.
 */
struct diff {
	const struct snapshot *before;
	struct snapshot *after;
	const struct report *report;
	uint32_t host[NS_TYPE_COUNT];
};

/*
 * Adds what this scan found of a namespace. Adjacent holders of one process are recorded once, and
 * so are adjacent mounts of one mount namespace.
 */
static void diff_add_found(
	struct diff *diff, const struct snapshot_ns *old, const struct ns *ns, bool selected)
{
	struct snapshot_ns *entry = &diff->after->at[diff->after->n++];
	struct snapshot_holder *last = NULL;

	*entry = (struct snapshot_ns){
		.ref = ns->ref,
		.id = ns->id,
		.selected = selected,
		.related = ns->related,
		.nprocs = ns->nprocs,
		.ns = ns,
		.old = old,
	};
	if (ns->owner)
		entry->owner = ns->owner->ref;
	if (ns->parent)
		entry->parent = ns->parent->ref;
	entry->holders = arena_alloc(&diff->after->arena, ns->nholders * sizeof(*last));
	for (const struct holder *h = ns->first; h; h = h->next) {
		pid_t pid = h->process ? h->process->pid : 0;
		uint32_t mntns = h->kind == HOLDER_MOUNT ? h->mount->mntns : 0;

		entry->listed = entry->listed || h->kind == HOLDER_KERNEL;
		entry->above = entry->above || (!pid && !mntns && h->kind != HOLDER_KERNEL);
		if ((pid || mntns) && (!last || last->pid != pid || last->mntns != mntns)) {
			last = &entry->holders[entry->nholders++];
			*last = (struct snapshot_holder){ pid, mntns, false };
		}
		if (pid && (holder_is_member(h) || h->kind == HOLDER_THREAD ||
				   h->kind == HOLDER_CHILDREN))
			last->is_in = true;
	}
}

static int ref_compare(const void *a, const void *b)
{
	const struct ns_ref *x = a, *y = b;

	return compare_numbers(ns_ref_key(*x), ns_ref_key(*y));
}

/* Adds an entry per namespace of either scan. Rows, model and snapshot have the same order. */
static void diff_add_all(struct diff *diff, const struct model *model, const struct rows *rows)
{
	const struct snapshot *before = diff->before;
	struct snapshot *after = diff->after;

	after->at = memory_alloc(before->n + model->n, sizeof(*after->at));
	for (size_t i = 0, k = 0, row = 0; i < before->n || k < model->n;) {
		const struct snapshot_ns *old = i < before->n ? &before->at[i] : NULL;
		const struct ns *ns = k < model->n ? model->at[k] : NULL;
		int order = old && ns ? ref_compare(&old->ref, &ns->ref) : 0;
		bool known = old && order <= 0, found = ns && order >= 0;
		size_t first_row = row;

		i += known;
		k += found;
		if (found && ns->mounts_whole) /* without a holder, it gets no entry */
			u64map_add(&after->whole_mounts, ns->ref.ino);
		while (found && row < rows->n && rows->at[row].ns == ns)
			row++;
		if (found && ns->first) {
			diff_add_found(diff, known ? old : NULL, ns, row > first_row);
		} else if (known) {
			struct snapshot_ns *entry = &after->at[after->n++];

			*entry = *old;
			entry->old = old;
			entry->marks = 0;
		}
	}
}

static struct snapshot_ns *snapshot_find(const struct snapshot *snapshot, struct ns_ref ref)
{
	/* A struct snapshot_ns begins with its ref. */
	return snapshot->n ? bsearch(&ref, snapshot->at, snapshot->n, sizeof(*snapshot->at),
				     ref_compare)
			   : NULL;
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

/* Returns true if the scan (before or after) could not have found the holder. */
static bool holder_is_hidden(
	const struct diff *diff, const struct snapshot *scan, const struct snapshot_holder *holder)
{
	const struct snapshot_ns *mnt;

	if (holder->pid)
		return snapshot_is_unreadable(scan, holder->pid);
	mnt = snapshot_find(diff->after, (struct ns_ref){ NS_MNT, holder->mntns });
	return mnt && mnt->marks & (scan == diff->after ? MARK_PARTIAL_NOW : MARK_PARTIAL_BEFORE);
}

/*
 * Returns true if a namespace that the scan before did not find may have existed: an unreadable
 * process is a member of it, or all its holders were unreadable. Becoming a member of an existing
 * namespace requires privileges, setns(2); a descriptor or a mount requires only read access to the
 * path.
 */
static bool ns_may_have_existed(const struct diff *diff, const struct snapshot_ns *entry)
{
	bool all = !entry->above && !(entry->listed && diff->before->list_is_whole);

	if (diff->before->turnover)
		return true;
	for (size_t i = 0; i < entry->nholders; i++) {
		bool hidden = holder_is_hidden(diff, diff->before, &entry->holders[i]);

		if (hidden && entry->holders[i].is_in)
			return true;
		all = all && hidden;
	}
	return all;
}

/* Returns true if a namespace that this scan did not find may still exist. */
static bool ns_may_exist(const struct diff *diff, const struct snapshot_ns *entry)
{
	bool may = diff->after->turnover || (entry->listed && !diff->after->list_is_whole);

	for (size_t i = 0; !may && i < entry->nholders; i++)
		may = holder_is_hidden(diff, diff->after, &entry->holders[i]);
	return may;
}

/* A namespace with more holders has no time to end and to be replaced between two scans. */
#define REPLACED_HOLDERS_MAX 64

/*
 * Returns true if the namespace got the inode of an earlier one: inodes are used again at once, ids
 * never. If the id of the earlier one could not be read, it ended during the scan: unless a holder
 * is the same, or a holder of the later one may have been missed then.
 */
static bool is_another(const struct diff *diff, const struct snapshot_ns *entry)
{
	const struct snapshot_ns *old = entry->old;

	if (old->id || !entry->id)
		return old->id && entry->id && old->id != entry->id;
	if (old->related || !old->nholders || old->nholders > REPLACED_HOLDERS_MAX)
		return false;
	for (size_t i = 0; i < old->nholders; i++) {
		if (old->holders[i].mntns)
			return false;
		for (size_t k = 0; k < entry->nholders; k++)
			if (entry->holders[k].pid == old->holders[i].pid)
				return false;
	}
	return !ns_may_have_existed(diff, entry);
}

/* Marks a namespace and, as they were in that scan, its owner and parent, which it holds. */
static void diff_mark(struct diff *diff, struct ns_ref ref, enum mark mark)
{
	struct snapshot_ns *entry = snapshot_find(diff->after, ref);
	const struct snapshot_ns *at = entry && mark == MARK_MAYBE_NOW ? entry->old : entry;

	if (!at || entry->marks & mark)
		return;
	entry->marks |= mark;
	diff_mark(diff, at->owner, mark);
	diff_mark(diff, at->parent, mark);
}

/*
 * Finds what either scan may have missed. Where relations could not be read, any namespace may be
 * the owner or parent.
 */
static void diff_find_missed(struct diff *diff)
{
	const struct snapshot *before = diff->before, *after = diff->after;

	for (size_t i = 0; i < after->n; i++) {
		struct snapshot_ns *entry = &after->at[i];

		if (entry->ref.type != NS_MNT)
			continue;
		if (!u64map_get(&before->whole_mounts, entry->ref.ino) &&
			(entry->old || snapshot_has_unreadable(before, entry)))
			entry->marks |= MARK_PARTIAL_BEFORE;
		if (!u64map_get(&after->whole_mounts, entry->ref.ino) &&
			(entry->ns || snapshot_has_unreadable(after, entry)))
			entry->marks |= MARK_PARTIAL_NOW;
	}
	for (size_t i = 0; i < after->n; i++) {
		struct snapshot_ns *entry = &after->at[i];
		const struct snapshot_ns *old = entry->old;

		if (entry->ns ? old && old->related && !entry->related : ns_may_exist(diff, entry))
			diff_mark(diff, entry->ref, MARK_MAYBE_NOW);
		if (!entry->ns)
			continue;
		if (old && is_another(diff, entry))
			entry->marks |= MARK_REPLACES;
		else if (old ? !old->related : ns_may_have_existed(diff, entry))
			diff_mark(diff, entry->ref, MARK_MAYBE_BEFORE);
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

static void snapshot_add_change(
	struct snapshot *after, enum change_event event, const struct snapshot_ns *entry)
{
	if (entry->selected)
		*array_push(after->changes, after->nchanges, after->changes_size) =
			(struct change){ event, entry };
}

/* Adds the change of a namespace that this scan found. A new one waits until it is selected. */
static void diff_compare(struct diff *diff, struct snapshot_ns *entry)
{
	const struct snapshot_ns *old = entry->old;
	enum members before = old ? old->members : MEMBERS_UNKNOWN;
	bool is_new = entry->marks & MARK_REPLACES ||
		      (!old && diff->before->scan && !(entry->marks & MARK_MAYBE_BEFORE));
	bool unreported = old ? old->unreported : is_new;

	entry->id = !entry->id && old ? old->id : entry->id;
	entry->first_scan = is_new ? diff->after->scan : old ? old->first_scan : 1;
	entry->members = MEMBERS_SOME;
	if (!entry->nprocs && ns_has_no_member(diff, entry))
		entry->members = MEMBERS_NONE;
	else if (!entry->nprocs && before != MEMBERS_SOME)
		entry->members = MEMBERS_UNKNOWN;
	entry->selected = entry->selected || (old && old->selected);
	entry->unreported = unreported && !entry->selected;
	if (before == MEMBERS_SOME && entry->members == MEMBERS_NONE)
		snapshot_add_change(diff->after, CHANGE_EMPTIED, entry);
	else if (before == MEMBERS_NONE && entry->members == MEMBERS_SOME)
		snapshot_add_change(diff->after, CHANGE_ENTERED, entry);
	else if (unreported)
		snapshot_add_change(diff->after, CHANGE_CREATED, entry);
}

/* Keeps what was known of a namespace that this scan did not find. */
static void entry_carry(struct snapshot_ns *entry, struct arena *arena)
{
	const struct snapshot_ns *old = entry->old;
	size_t size = old->nholders * sizeof(*old->holders);

	entry->old = NULL;
	entry->holders = memcpy(arena_alloc(arena, size), old->holders, size);
	entry->name = arena_strdup(arena, old->name);
	entry->holder = old->holder ? copy_holder(arena, old->holder, NULL) : NULL;
}

void snapshot_take(const struct snapshot *before, const struct model *model,
	const struct report *report, const struct rows *rows, struct snapshot *ret_after)
{
	struct snapshot *after = ret_after;
	struct diff diff = { .before = before, .after = after, .report = report };
	size_t n;

	after->scan = before->scan + 1;
	after->list_is_whole = report->listed;
	after->turnover = report->limitations & LIMITATION_TURNOVER;
	/* Unreadable processes, each with the number of the scan since which it is so. */
	for (size_t i = 0; i < model->nprocesses; i++) {
		uint64_t pid = (uint64_t)model->processes[i]->pid;
		const unsigned *old = u64map_get(&before->unreadable, pid);
		unsigned *since;

		if (!model->processes[i]->unreadable)
			continue;
		since = arena_alloc(&after->arena, sizeof(*since));
		*since = old ? *old : after->scan;
		u64map_put(&after->unreadable, pid, since);
		if (pid != 1 && *since > after->newest_unreadable)
			after->newest_unreadable = *since;
	}
	model_host(model, diff.host);
	diff_add_all(&diff, model, rows);
	diff_find_missed(&diff);
	n = after->n;
	after->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct snapshot_ns *entry = &after->at[after->n];
		bool replaces = after->at[i].marks & MARK_REPLACES;
		bool gone = !after->at[i].ns && !(after->at[i].marks & MARK_MAYBE_NOW);

		*entry = after->at[i];
		if (gone || replaces)
			snapshot_add_change(after, CHANGE_GONE, entry->old);
		entry->old = replaces ? NULL : entry->old;
		if (entry->ns)
			diff_compare(&diff, entry);
		else if (entry->old && !gone)
			entry_carry(entry, &after->arena);
		after->n += !gone;
	}
}
