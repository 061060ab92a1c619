// SPDX-License-Identifier: MIT
/*
 * Compares two scans. A snapshot is what is kept of one: copies, so that its model can be freed.
 */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/diff.h"
#include "nsls/model.h"

#include <stdlib.h>
#include <string.h>

/* Snapshots. */

void snapshot_init(struct snapshot *snapshot)
{
	*snapshot = (struct snapshot){ 0 };
	arena_init(&snapshot->arena);
	u64map_init(&snapshot->unreadable);
	u64map_init(&snapshot->whole);
}

void snapshot_done(struct snapshot *snapshot)
{
	arena_done(&snapshot->arena);
	free(snapshot->at);
	u64map_done(&snapshot->unreadable);
	u64map_done(&snapshot->whole);
	snapshot_init(snapshot);
}

/* Since which look each process that can't be read is one of those. */
static void take_unread(
	struct snapshot *snapshot, const struct snapshot *before, const struct model *model)
{
	for (size_t i = 0; i < model->nprocesses; i++) {
		const struct process *process = model->processes[i];
		const unsigned *old = u64map_get(&before->unreadable, (uint64_t)process->pid);
		unsigned *since;

		if (!process->unreadable)
			continue;
		since = arena_alloc(&snapshot->arena, sizeof(*since));
		*since = old ? *old : snapshot->emitter;
		u64map_put(&snapshot->unreadable, (uint64_t)process->pid, since);
		if (process->pid != 1 && *since > snapshot->newest)
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
	snapshot->emitter = before->emitter + 1;
	snapshot->listed = report->listed;
	snapshot->turnover = report->limitations & LIMITATION_TURNOVER;
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
		if (h->process && (!seen->npids || seen->pids[seen->npids - 1] != h->process->pid))
			seen->pids[seen->npids++] = h->process->pid;
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

static const struct process *copy_process(struct arena *arena, const struct process *from)
{
	struct process *process = arena_alloc(arena, sizeof(*process));

	process->pid = from->pid;
	if (from->comm)
		process->comm = arena_strdup(arena, from->comm);
	return process;
}

static const struct holder_mount *copy_mount(struct arena *arena, const struct holder_mount *from)
{
	struct holder_mount *mount = arena_alloc(arena, sizeof(*mount));

	*mount = *from;
	mount->path = arena_strdup(arena, from->path);
	if (from->process)
		mount->process = copy_process(arena, from->process);
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
	if (from->process)
		holder->process = copy_process(arena, from->process);
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
	const struct process *process = ns_representative(seen->ns);

	return seen->old && seen->old->name && process && !process->identity ? seen->old->name : "";
}

static const char *old_comm(const struct seen *seen)
{
	const struct process *process = seen->ns->first->process;
	const struct holder *old = seen->old ? seen->old->holder : NULL;

	return process && old && old->process && old->process->pid == process->pid
		       ? old->process->comm
		       : NULL;
}

static void keep_holder(struct arena *arena, struct seen *seen)
{
	struct holder holder = *seen->ns->first;
	struct process process;

	if (holder.process && !holder.process->comm) {
		process = *holder.process;
		process.comm = old_comm(seen);
		holder.process = &process;
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

/* Changes: two snapshots side by side, in the order of namespaces. */

struct comparison {
	const struct snapshot *before;
	struct snapshot *after;
	const struct model *model;
	const struct report *report;
	const struct rows *rows; /* those that are meant */
	size_t row;              /* the first that may be of the namespaces that follow */
	uint32_t host[NS_TYPE_COUNT];
	struct u64map was_hidden, now_hidden; /* may have been there; may still be there */
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

void changes_init(struct changes *changes)
{
	*changes = (struct changes){ 0 };
}

void changes_done(struct changes *changes)
{
	free(changes->at);
	*changes = (struct changes){ 0 };
}

static void report_change(struct comparison *c, enum change_event event, const struct seen *seen)
{
	struct changes *changes = c->changes;

	if (seen->watched)
		*array_push(changes->at, changes->n, changes->size) =
			(struct change){ event, seen };
}

static bool is_matched(struct comparison *c, const struct ns *ns)
{
	const struct rows *rows = c->rows;

	while (c->row < rows->n && ns_ref_key(rows->at[c->row].ns->ref) < ns_ref_key(ns->ref))
		c->row++;
	return c->row < rows->n && rows->at[c->row].ns == ns;
}

static bool is_unreadable(const struct snapshot *snapshot, pid_t pid)
{
	return u64map_get(&snapshot->unreadable, (uint64_t)pid);
}

static bool has_unreadable(const struct snapshot *snapshot, const struct seen *seen)
{
	for (size_t i = 0; i < seen->npids; i++)
		if (is_unreadable(snapshot, seen->pids[i]))
			return true;
	return false;
}

/* Whether a mount in that mount namespace could not be seen in the look before. */
static bool mount_was_hidden(const struct comparison *c, uint32_t mntns)
{
	const struct ns_ref ref = { NS_MNT, mntns };
	const struct ns *ns = model_find(c->model, ref);

	if (u64map_get(&c->before->whole, mntns))
		return false;
	if (snapshot_find(c->before, ref))
		return true;
	for (const struct holder *h = ns ? ns->first : NULL; h; h = h->next)
		if (h->process && is_unreadable(c->before, h->process->pid))
			return true;
	return false;
}

static bool holder_was_hidden(const struct comparison *c, const struct holder *holder)
{
	if (holder->process)
		return is_unreadable(c->before, holder->process->pid);
	if (holder->kind == HOLDER_MOUNT)
		return mount_was_hidden(c, holder->mount->mntns);
	return holder->kind == HOLDER_KERNEL && !c->before->listed;
}

/* A descriptor or a mount on a namespace needs no more than read access to its path. */
static bool needs_privilege(const struct holder *holder)
{
	return holder_is_member(holder) || holder->kind == HOLDER_THREAD ||
	       holder->kind == HOLDER_CHILDREN;
}

/*
 * Whether a namespace that the look before did not find may have been there: what could not be read
 * then has a member in it, or is all that holds it.
 */
static bool was_hidden(const struct comparison *c, const struct ns *ns)
{
	bool all = true;

	if (c->before->turnover)
		return true;
	for (const struct holder *h = ns->first; h; h = h->next) {
		bool hidden = holder_was_hidden(c, h);

		if (hidden && needs_privilege(h))
			return true;
		all = all && hidden;
	}
	return all;
}

static bool mount_is_hidden(const struct comparison *c, uint32_t mntns)
{
	const struct ns_ref ref = { NS_MNT, mntns };
	const struct ns *ns = model_find(c->model, ref);
	const struct seen *old = snapshot_find(c->before, ref);

	if (u64map_get(&c->after->whole, mntns))
		return false;
	return ns && ns->first ? true : old && has_unreadable(c->after, old);
}

/* Whether a namespace that is not found now may still be there. */
static bool is_hidden(const struct comparison *c, const struct seen *old)
{
	if (c->after->turnover)
		return true;
	for (size_t i = 0; i < old->nmntns; i++)
		if (mount_is_hidden(c, old->mntns[i]))
			return true;
	return has_unreadable(c->after, old) || (old->listed && !c->after->listed);
}

static bool is_marked(const struct u64map *marks, struct ns_ref ref)
{
	return u64map_get(marks, ns_ref_key(ref));
}

/* Marks a namespace and what exists as long as it does. */
static void mark_ns(struct u64map *marks, struct ns *ns)
{
	if (!ns || is_marked(marks, ns->ref))
		return;
	u64map_put(marks, ns_ref_key(ns->ref), ns);
	mark_ns(marks, ns->owner);
	mark_ns(marks, ns->parent);
}

static void mark_seen(struct comparison *c, struct ns_ref ref)
{
	const struct seen *old = snapshot_find(c->before, ref);

	if (!old || is_marked(&c->now_hidden, ref))
		return;
	u64map_put(&c->now_hidden, ns_ref_key(ref), c);
	mark_seen(c, old->owner);
	mark_seen(c, old->parent);
}

/* What is above one that was hidden may have been, and so above one that could not be opened. */
static void find_hidden_before(struct comparison *c)
{
	for (size_t i = 0; c->before->emitter && i < c->model->n; i++) {
		struct ns *ns = c->model->at[i];
		const struct seen *old = ns->first ? snapshot_find(c->before, ns->ref) : NULL;

		if (ns->first && (old ? !old->related : was_hidden(c, ns)))
			mark_ns(&c->was_hidden, ns);
	}
}

static void find_hidden_now(struct comparison *c)
{
	for (size_t i = 0; i < c->before->n; i++) {
		const struct seen *old = &c->before->at[i];
		const struct ns *ns = model_find(c->model, old->ref);

		if (ns && ns->first ? !ns->related && old->related : is_hidden(c, old))
			mark_seen(c, old->ref);
	}
}

/* Process 1 is in the host's namespaces, and need not be read for that. */
static bool has_first(const struct comparison *c, const struct seen *seen)
{
	uint32_t host = c->host[seen->ref.type];

	return is_unreadable(c->after, 1) && (!host || host == seen->ref.ino);
}

/*
 * Whether a namespace in which no member is seen has none. Processes that can't be read might be
 * members: but those that are older than the namespace would have had to move in, which only
 * programs such as nsenter(1) do.
 */
static bool has_none(const struct comparison *c, const struct seen *seen)
{
	unsigned hides = LIMITATION_PIDNS | LIMITATION_FOREIGN;

	if (report_proves_absence(c->report))
		return true;
	if (c->report->no_members || c->report->limitations & LIMITATION_HIDEPID ||
		c->after->turnover || has_first(c, seen))
		return false;
	return c->after->newest < seen->born &&
	       (seen->born > 1 || !(c->report->limitations & hides));
}

static enum members judge_members(
	const struct comparison *c, const struct seen *seen, enum members before)
{
	if (seen->nprocs)
		return MEMBERS_SOME;
	if (has_none(c, seen))
		return MEMBERS_NONE;
	return before == MEMBERS_SOME ? MEMBERS_SOME : MEMBERS_UNKNOWN;
}

/* One that was not there before. */
static void appear(struct comparison *c, const struct ns *ns, bool is_new)
{
	struct seen *seen = snapshot_add(c->after, ns);

	is_new = is_new || (c->before->emitter && !is_marked(&c->was_hidden, seen->ref));
	seen->born = is_new ? c->after->emitter : 1;
	seen->members = judge_members(c, seen, MEMBERS_UNKNOWN);
	seen->watched = is_matched(c, ns);
	seen->untold = is_new && !seen->watched;
	if (is_new)
		report_change(c, CHANGE_CREATED, seen);
}

/* One that stays. What was not meant when it came is told as soon as it is. */
static void stay(struct comparison *c, const struct seen *old, const struct ns *ns)
{
	struct seen *seen = snapshot_add(c->after, ns);
	bool matched = is_matched(c, ns);

	seen->old = old;
	seen->id = seen->id ? seen->id : old->id;
	seen->born = old->born;
	seen->members = judge_members(c, seen, old->members);
	seen->watched = old->watched || matched;
	seen->untold = old->untold && !seen->watched;
	if (old->members == MEMBERS_SOME && seen->members == MEMBERS_NONE)
		report_change(c, CHANGE_EMPTIED, seen);
	else if (old->members == MEMBERS_NONE && seen->members == MEMBERS_SOME)
		report_change(c, CHANGE_ENTERED, seen);
	else if (old->untold)
		report_change(c, CHANGE_CREATED, seen);
}

static void disappear(struct comparison *c, const struct seen *old)
{
	if (is_marked(&c->now_hidden, old->ref))
		snapshot_carry(c->after, old);
	else
		report_change(c, CHANGE_GONE, old);
}

/* An inode number is used again, an id never. */
static bool is_another(const struct seen *old, const struct ns *ns)
{
	return old->id && ns->id && old->id != ns->id;
}

static void meet(struct comparison *c, const struct seen *old, const struct ns *ns)
{
	if (is_another(old, ns)) {
		report_change(c, CHANGE_GONE, old);
		appear(c, ns, true);
	} else {
		stay(c, old, ns);
	}
}

/* The next of the model that is held by anything, or NULL. */
static const struct ns *next_ns(const struct model *model, size_t *at)
{
	while (*at < model->n && !model->at[*at]->first)
		(*at)++;
	return *at < model->n ? model->at[*at] : NULL;
}

/* Which of the two comes first: below 0 the old one, above 0 the new one, 0: they are the same. */
static int order(const struct seen *old, const struct ns *ns)
{
	uint64_t x = ns_ref_key(old->ref), y = ns_ref_key(ns->ref);

	return (x > y) - (x < y);
}

static void compare(struct comparison *c)
{
	size_t i = 0, k = 0;

	for (;;) {
		const struct seen *old = i < c->before->n ? &c->before->at[i] : NULL;
		const struct ns *ns = next_ns(c->model, &k);

		if (!old && !ns)
			return;
		if (!ns || (old && order(old, ns) < 0)) {
			i++;
			disappear(c, old);
		} else if (!old || order(old, ns) > 0) {
			k++;
			appear(c, ns, false);
		} else {
			i++;
			k++;
			meet(c, old, ns);
		}
	}
}

void snapshot_take(const struct snapshot *before, const struct model *model,
	const struct report *report, const struct rows *rows, struct snapshot *ret_after,
	struct changes *changes)
{
	struct comparison c = {
		.before = before,
		.after = ret_after,
		.model = model,
		.report = report,
		.rows = rows,
		.changes = changes,
	};

	snapshot_begin(ret_after, before, model, report);

	model_host(model, c.host);
	u64map_init(&c.was_hidden);
	u64map_init(&c.now_hidden);
	find_hidden_before(&c);
	find_hidden_now(&c);
	compare(&c);
	u64map_done(&c.was_hidden);
	u64map_done(&c.now_hidden);
}
