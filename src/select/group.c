// SPDX-License-Identifier: MIT
/* Finds groups, and what each is called. Their order is group_order.c's. */
#include "nsls/select/group.h"

#include "nsls/base/memory.h"
#include "nsls/model/identity.h"
#include "nsls/model/name.h"
#include "nsls/select/query.h"

#include <stdlib.h>
#include <string.h>

void groups_init(struct groups *groups)
{
	*groups = (struct groups){ 0 };
}

void groups_done(struct groups *groups)
{
	free(groups->at);
	free(groups->tasks);
	groups_init(groups);
}

/* The types, as bits, in which both namespaces are known, and are the same or not. */
static unsigned compare(const uint32_t a[NS_TYPE_COUNT], const uint32_t b[NS_TYPE_COUNT], bool same)
{
	unsigned types = 0;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (a[t] && b[t] && (a[t] == b[t]) == same)
			types |= 1u << t;
	return types;
}

static int by_namespaces_then_pid(const void *a, const void *b)
{
	const struct task *x = *(const struct task *const *)a;
	const struct task *y = *(const struct task *const *)b;
	int order = memcmp(x->ino, y->ino, sizeof(x->ino));

	return order ? order : (x->pid > y->pid) - (x->pid < y->pid);
}

/* Those that are not in all of the host's namespaces. */
static size_t take_tasks(
	const struct model *model, const uint32_t host[NS_TYPE_COUNT], const struct task **tasks)
{
	size_t n = 0;

	for (size_t i = 0; i < model->ntasks; i++) {
		const struct task *task = model->tasks[i];

		if (!task->zombie && compare(task->ino, host, false))
			tasks[n++] = task;
	}
	return n;
}

static void add_task(
	struct groups *groups, const struct task **task, const uint32_t host[NS_TYPE_COUNT])
{
	struct group *next = &groups->at[groups->n];

	if (groups->n && !memcmp(next[-1].ino, (*task)->ino, sizeof(next->ino))) {
		next[-1].n++;
		return;
	}
	groups->n++;
	*next = (struct group){
		.own = compare((*task)->ino, host, false),
		.shared = compare((*task)->ino, host, true),
		.members = task,
		.n = 1,
	};
	memcpy(next->ino, (*task)->ino, sizeof(next->ino));
}

void groups_find(struct groups *groups, const struct model *model)
{
	uint32_t host[NS_TYPE_COUNT];
	size_t n;

	groups->tasks = memory_resize(NULL, model->ntasks, sizeof(const struct task *));
	model_host(model, host);
	n = take_tasks(model, host, groups->tasks);
	groups->at = memory_alloc(n, sizeof(*groups->at));
	qsort(groups->tasks, n, sizeof(const struct task *), by_namespaces_then_pid);
	for (size_t i = 0; i < n; i++)
		add_task(groups, &groups->tasks[i], host);
}

void groups_with_own_mounts_only(const struct groups *groups, struct rows *rows)
{
	for (size_t i = 0; i < groups->n; i++) {
		struct row row = { .kind = ROW_GROUP, .group = &groups->at[i] };

		if (groups->at[i].own == 1u << NS_MNT)
			rows_add(rows, &row);
	}
}

static size_t drop_kthreads(const struct task **members, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!members[i]->kthread)
			members[kept++] = members[i];
	return kept;
}

void groups_drop_kthreads(struct groups *groups)
{
	size_t kept = 0;

	for (size_t i = 0; i < groups->n; i++) {
		struct group *group = &groups->at[i];

		group->n = drop_kthreads(group->members, group->n);
		if (group->n)
			groups->at[kept++] = *group;
	}
	groups->n = kept;
}

static bool is_meant(const struct group *group, unsigned types, const struct u64map *chosen)
{
	if (!(group->own & types))
		return false;
	for (size_t i = 0; chosen && i < group->n; i++)
		if (u64map_get(chosen, (uint64_t)group->members[i]->pid))
			return true;
	return !chosen;
}

void groups_query(
	const struct groups *groups, unsigned types, const struct u64map *chosen, struct rows *rows)
{
	for (size_t i = 0; i < groups->n; i++) {
		struct group *group = &groups->at[i];
		struct row row = { .kind = ROW_GROUP, .group = group, .nprocs = group->n };

		if (is_meant(group, types, chosen))
			rows_add(rows, &row);
	}
}

/* How much an identity tells. */
enum rank {
	RANK_NOTHING,
	RANK_UNIT,
	RANK_POD,
	RANK_MOST, /* a container, or the like */
};

static enum rank rank(const struct identity *identity)
{
	if (!identity || !identity->name)
		return RANK_NOTHING;
	if (identity->container || identity->machine || identity->app)
		return RANK_MOST;
	return identity->pod ? RANK_POD : RANK_UNIT;
}

const struct task *group_whose(const struct group *group)
{
	const struct task *best = group->members[0];

	for (size_t i = 1; i < group->n && rank(best->identity) < RANK_MOST; i++)
		if (rank(group->members[i]->identity) > rank(best->identity))
			best = group->members[i];
	return best;
}

const struct identity *group_identity(const struct group *group)
{
	return group_whose(group)->identity;
}

void group_name(const struct group *group, const struct model *model, struct strbuf *out)
{
	const struct identity *identity = group_identity(group);
	const char *name = identity ? identity->name : NULL;

	if (rank(identity) < RANK_POD && group->own & 1u << NS_NET) {
		const struct ns *net =
			model_find(model, (struct ns_ref){ NS_NET, group->ino[NS_NET] });
		const char *netns = net ? ns_mounted_name(net, model->our_mnt) : NULL;

		if (netns) {
			strbuf_addf(out, "netns %s", netns);
			return;
		}
	}
	strbuf_adds(out, name ? name : "");
}

void group_difference(const struct group *group, struct strbuf *out)
{
	const struct identity *identity = group_identity(group);
	unsigned types = group->above ? compare(group->ino, group->above->ino, false) : 0;

	if (identity && identity->unit_inside)
		strbuf_addf(out, "%s, ", identity->unit);
	strbuf_adds(out, "in another ");
	group_add_types(types, out);
}

void group_add_types(unsigned types, struct strbuf *out)
{
	const char *separator = "";

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (types & 1u << t) {
			strbuf_addf(out, "%s%s", separator, nstype_info(t)->name);
			separator = " ";
		}
}
