// SPDX-License-Identifier: MIT
/* Two looks side by side, in the order of namespaces. What is kept of a look is snapshot.c's. */
#include "nsls/select/change.h"

#include "snapshot.h"

#include "nsls/base/array.h"

#include <errno.h>
#include <stdlib.h>

struct comparison {
	const struct snapshot *before;
	struct snapshot *after;
	const struct model *model;
	const struct report *report;
	const struct rows *rows; /* those that are meant */
	size_t row;              /* the first that may be of the namespaces that follow */
	uint32_t host[NS_TYPE_COUNT];
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

static int say(struct comparison *c, enum change_event event, const struct seen *seen)
{
	struct changes *changes = c->changes;
	struct change *at;

	if (!seen->watched)
		return 0;
	at = array_reserve(changes->at, changes->n, &changes->size, sizeof(*at));
	if (!at)
		return -ENOMEM;
	changes->at = at;
	at[changes->n++] = (struct change){ event, seen };
	return 0;
}

static bool is_meant(struct comparison *c, const struct ns *ns)
{
	const struct rows *rows = c->rows;

	while (c->row < rows->n && ns_ref_key(rows->at[c->row].ns->ref) < ns_ref_key(ns->ref))
		c->row++;
	return c->row < rows->n && rows->at[c->row].ns == ns;
}

/* Whether one look was less able than the other to see what no process holds. */
static bool is_poorer(const struct lack *one, const struct lack *other)
{
	return one->late > other->late || one->mounts > other->mounts ||
	       one->kernel > other->kernel || (one->gaps & ~other->gaps);
}

static bool is_unread(const struct snapshot *snapshot, pid_t pid)
{
	return u64map_get(&snapshot->unread, (uint64_t)pid);
}

/* Whether it may have been there before: who holds it could not be read then. */
static bool was_hidden(const struct comparison *c, const struct seen *seen)
{
	for (size_t i = 0; i < seen->npids; i++)
		if (is_unread(c->before, seen->pids[i]))
			return true;
	return !seen->npids && is_poorer(c->before->lack, seen->lack);
}

/* Whether it may still be there: who held it can't be read now. */
static bool is_hidden(const struct comparison *c, const struct seen *seen)
{
	for (size_t i = 0; i < seen->npids; i++)
		if (is_unread(c->after, seen->pids[i]))
			return true;
	return seen->has_others && is_poorer(c->after->lack, seen->lack);
}

/* Process 1 is in the host's namespaces, and need not be read for that. */
static bool has_first(const struct comparison *c, const struct seen *seen)
{
	uint32_t host = c->host[seen->ref.type];

	return is_unread(c->after, 1) && (!host || host == seen->ref.ino);
}

/*
 * Whether a namespace in which no member is seen has none. Processes that can't be read might be
 * members: but those that are older than the namespace would have had to move in, which only
 * programs such as nsenter(1) do.
 */
static bool has_none(const struct comparison *c, const struct seen *seen)
{
	unsigned hides = REPORT_GAP_PIDNS | REPORT_GAP_FOREIGN;

	if (report_proves_absence(c->report))
		return true;
	if (c->report->no_members || c->report->gaps & REPORT_GAP_HIDEPID || has_first(c, seen))
		return false;
	return c->after->newest < seen->born && (seen->born > 1 || !(c->report->gaps & hides));
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
static int appear(struct comparison *c, const struct ns *ns, bool is_new)
{
	struct seen *seen;
	int r = snapshot_add(c->after, ns, &seen);

	if (r < 0)
		return r;
	is_new = is_new || (c->before->look && !was_hidden(c, seen));
	seen->born = is_new ? c->after->look : 1;
	seen->members = judge_members(c, seen, MEMBERS_UNKNOWN);
	seen->watched = is_meant(c, ns);
	seen->untold = is_new && !seen->watched;
	return is_new ? say(c, CHANGE_CREATED, seen) : 0;
}

/* One that stays. What was not meant when it came is told as soon as it is. */
static int stay(struct comparison *c, const struct seen *old, const struct ns *ns)
{
	struct seen *seen;
	int r = snapshot_add(c->after, ns, &seen);
	bool meant = r == 0 && is_meant(c, ns);

	if (r < 0)
		return r;
	seen->old = old;
	seen->id = seen->id ? seen->id : old->id;
	seen->born = old->born;
	seen->members = judge_members(c, seen, old->members);
	seen->watched = old->watched || meant;
	seen->untold = old->untold && !seen->watched;
	if (old->members == MEMBERS_SOME && seen->members == MEMBERS_NONE)
		return say(c, CHANGE_EMPTIED, seen);
	if (old->members == MEMBERS_NONE && seen->members == MEMBERS_SOME)
		return say(c, CHANGE_ENTERED, seen);
	return old->untold ? say(c, CHANGE_CREATED, seen) : 0;
}

static int disappear(struct comparison *c, const struct seen *old)
{
	return is_hidden(c, old) ? snapshot_carry(c->after, old) : say(c, CHANGE_GONE, old);
}

/* An inode number is used again, an id never. */
static bool is_another(const struct seen *old, const struct ns *ns)
{
	return old->id && ns->id && old->id != ns->id;
}

static int meet(struct comparison *c, const struct seen *old, const struct ns *ns)
{
	int r;

	if (!is_another(old, ns))
		return stay(c, old, ns);
	r = say(c, CHANGE_GONE, old);
	return r < 0 ? r : appear(c, ns, true);
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

static int compare(struct comparison *c)
{
	size_t i = 0, k = 0;
	int r = 0;

	while (r == 0) {
		const struct seen *old = i < c->before->n ? &c->before->at[i] : NULL;
		const struct ns *ns = next_ns(c->model, &k);

		if (!old && !ns)
			break;
		if (!ns || (old && order(old, ns) < 0)) {
			i++;
			r = disappear(c, old);
		} else if (!old || order(old, ns) > 0) {
			k++;
			r = appear(c, ns, false);
		} else {
			i++;
			k++;
			r = meet(c, old, ns);
		}
	}
	return r;
}

int snapshot_take(const struct snapshot *before, const struct model *model,
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
	int r = snapshot_begin(ret_after, before, model, report);

	model_host(model, c.host);
	return r < 0 ? r : compare(&c);
}
