// SPDX-License-Identifier: MIT
/* Groups of processes that share all their namespaces: containers, pods, and their order. */
#include "nsls/query.h"

#include <stdlib.h>
#include <string.h>

void groups_done(struct groups *groups)
{
	free(groups->at);
	free(groups->processes);
	*groups = (struct groups){ 0 };
}

/*
 * Returns the types, as bits, in which both namespaces are known and are equal (same) or different
 * (!same).
 */
static unsigned compare_namespaces(
	const uint32_t a[NS_TYPE_COUNT], const uint32_t b[NS_TYPE_COUNT], bool same)
{
	unsigned types = 0;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (a[t] && b[t] && (a[t] == b[t]) == same)
			types |= 1u << t;
	return types;
}

static int process_compare(const void *a, const void *b)
{
	const struct process *x = *(const struct process *const *)a;
	const struct process *y = *(const struct process *const *)b;
	int order = memcmp(x->ino, y->ino, sizeof(x->ino));

	return order ? order : compare_numbers(x->pid, y->pid);
}

void groups_find(struct groups *groups, const struct model *model)
{
	uint32_t host[NS_TYPE_COUNT];
	size_t n = 0;

	groups->processes = memory_resize(NULL, model->nprocesses, sizeof(const struct process *));
	model_host(model, host);
	for (size_t i = 0; i < model->nprocesses; i++) {
		const struct process *process = model->processes[i];

		if (!process->zombie && compare_namespaces(process->ino, host, false))
			groups->processes[n++] = process;
	}
	groups->at = memory_alloc(n, sizeof(*groups->at));
	qsort(groups->processes, n, sizeof(const struct process *), process_compare);
	for (size_t i = 0; i < n; i++) {
		const uint32_t *ino = groups->processes[i]->ino;
		struct group *group = &groups->at[groups->n];

		if (!i || memcmp(group[-1].ino, ino, sizeof(group->ino)) != 0) {
			memcpy(group->ino, ino, sizeof(group->ino));
			group->own = compare_namespaces(ino, host, false);
			group->shared = compare_namespaces(ino, host, true);
			group->members = &groups->processes[i];
			groups->n++;
		}
		groups->at[groups->n - 1].n++;
	}
}

void groups_in_host_pidns(const struct groups *groups, struct rows *rows)
{
	for (size_t i = 0; i < groups->n; i++)
		if (!(groups->at[i].own & 1u << NS_PID))
			rows_add(rows, &(struct row){ .kind = ROW_GROUP, .group = &groups->at[i] });
}

void groups_drop_kthreads(struct groups *groups)
{
	size_t kept = 0;

	for (size_t i = 0; i < groups->n; i++) {
		struct group *group = &groups->at[i];
		size_t n = 0;

		for (size_t k = 0; k < group->n; k++)
			if (!group->members[k]->kthread)
				group->members[n++] = group->members[k];
		group->n = n;
		if (n)
			groups->at[kept++] = *group;
	}
	groups->n = kept;
}

void groups_query(
	const struct groups *groups, unsigned types, const struct u64map *chosen, struct rows *rows)
{
	for (size_t i = 0; i < groups->n; i++) {
		struct group *group = &groups->at[i];
		struct row row = { .kind = ROW_GROUP, .group = group, .nprocs = group->n };
		bool matches = !chosen;

		for (size_t k = 0; !matches && k < group->n; k++)
			matches = u64map_get(chosen, (uint64_t)group->members[k]->pid);
		if (matches && group->own & types)
			rows_add(rows, &row);
	}
}

/* How specific an identity is. */
enum rank {
	RANK_NONE,
	RANK_UNIT,
	RANK_POD,
	RANK_CONTAINER, /* a container, machine or application */
};

static enum rank identity_rank(const struct identity *identity)
{
	if (!identity || !identity->name)
		return RANK_NONE;
	if (identity_container(identity))
		return RANK_CONTAINER;
	return identity->pod ? RANK_POD : RANK_UNIT;
}

const struct process *group_representative(const struct group *group)
{
	const struct process *best = group->members[0];

	for (size_t i = 1; i < group->n && identity_rank(best->identity) < RANK_CONTAINER; i++)
		if (identity_rank(group->members[i]->identity) > identity_rank(best->identity))
			best = group->members[i];
	return best;
}

void group_name(const struct group *group, const struct model *model, struct strbuf *out)
{
	const struct identity *identity = group_representative(group)->identity;
	struct ns *net = NULL;
	const char *netns;

	/* Not in the host's, which has more holders to look through than there are groups. */
	if (identity_rank(identity) < RANK_POD && group->own & 1u << NS_NET)
		net = model_find(model, (struct ns_ref){ NS_NET, group->ino[NS_NET] });
	netns = net ? ns_mounted_name(net, model->our_mnt) : NULL;
	if (netns)
		strbuf_addf(out, "netns %s", netns);
	else if (identity && identity->name)
		strbuf_adds(out, identity->name);
}

void group_difference(const struct group *group, struct strbuf *out)
{
	const struct identity *identity = group_representative(group)->identity;
	unsigned types =
		group->above ? compare_namespaces(group->ino, group->above->ino, false) : 0;
	unsigned own = types & ~group->shared, shared = types & group->shared;

	if (identity && identity->unit_inside)
		strbuf_addf(out, "%s, ", identity->unit);
	strbuf_adds(out, own ? "in another " : "");
	group_add_types(own, out);
	if (shared)
		strbuf_adds(out, own ? ", host's " : "in the host's ");
	group_add_types(shared, out);
}

void group_add_types(unsigned types, struct strbuf *out)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (types & 1u << t)
			strbuf_addf(out, "%s%s", types & ((1u << t) - 1) ? " " : "",
				nstype_info[t].name);
}

/* The order of groups: those of one pod are adjacent, and within it those of one container. */

/* A row with the keys that it is sorted by. */
struct keyed_row {
	struct row row;
	const char *outer, *inner;  /* identify pod and container; "": of none, or of a pod only */
	bool nested;                /* other groups of the same container may be below it */
	pid_t outer_pid, inner_pid; /* lowest PID of pod and container */
};

static pid_t keyed_pid(const struct keyed_row *keyed)
{
	return keyed->row.group->members[0]->pid;
}

/*
 * Without a pod and a container, the unit identifies both; without any name, a PID namespace that
 * is not the host's. Only groups of a container are nested, and groups without a name that share a
 * PID namespace: processes of one unit may have nothing else in common.
 */
static void keyed_set_names(struct keyed_row *keyed, struct arena *arena)
{
	static const struct identity unknown = { 0 };
	const struct group *group = keyed->row.group;
	const struct identity *known = group_representative(group)->identity,
			      *identity = known ? known : &unknown;
	const char *container = identity_container(identity);
	const char *inner = container ? container : identity->unit;
	const char *outer = identity->pod ? identity->pod : inner;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	keyed->nested = container;
	if (outer && identity->has_user)
		strbuf_addf(&text, "user %u %s", identity->user, outer);
	else if (outer)
		strbuf_addf(&text, "system %s", outer);
	else if (group->own & 1u << NS_PID)
		strbuf_addf(&text, "pid %u", group->ino[NS_PID]);
	keyed->outer = arena_strdup(arena, strbuf_text(&text));
	keyed->inner = inner ? inner : "";
	if (!outer && text.len) {
		keyed->inner = keyed->outer;
		keyed->nested = true;
	}
}

/* Compares names as long as the PIDs of pods and containers are 0. These are unique later. */
static int keyed_compare(const void *a, const void *b)
{
	const struct keyed_row *x = a, *y = b;
	int order = compare_numbers(x->outer_pid, y->outer_pid);

	if (!order)
		order = compare_numbers(x->inner_pid, y->inner_pid);
	if (!order)
		order = strcmp(x->outer, y->outer);
	if (!order)
		order = strcmp(x->inner, y->inner);
	return order ? order : compare_numbers(keyed_pid(x), keyed_pid(y));
}

static bool name_is_same(const char *a, const char *b)
{
	return *a && !strcmp(a, b);
}

void groups_arrange(struct rows *rows, bool nested)
{
	struct keyed_row *keyed = memory_alloc(rows->n, sizeof(*keyed));
	CLEANUP(arena_done) struct arena arena = { 0 };
	size_t first = 0;

	for (size_t i = 0; i < rows->n; i++) {
		keyed[i].row = rows->at[i];
		keyed_set_names(&keyed[i], &arena);
	}
	qsort(keyed, rows->n, sizeof(*keyed), keyed_compare);
	/*
	 * The first group of a container has the lowest PID of it; any group of a pod may have the
	 * lowest PID of the pod.
	 */
	for (size_t i = 0; i < rows->n; i++) {
		struct keyed_row *at = &keyed[i];

		at->inner_pid = at->outer_pid = keyed_pid(at);
		if (!i || !name_is_same(at[-1].outer, at->outer))
			continue;
		if (name_is_same(at[-1].inner, at->inner))
			at->inner_pid = at[-1].inner_pid;
		if (at[-1].outer_pid < at->outer_pid)
			at->outer_pid = at[-1].outer_pid;
	}
	for (size_t i = rows->n; i-- > 1;)
		if (name_is_same(keyed[i - 1].outer, keyed[i].outer))
			keyed[i - 1].outer_pid = keyed[i].outer_pid;
	qsort(keyed, rows->n, sizeof(*keyed), keyed_compare);
	for (size_t i = 0; i < rows->n; i++) {
		bool below = i && keyed[i].nested && keyed[i].inner_pid == keyed[first].inner_pid;

		first = below ? first : i;
		rows->at[i] = keyed[i].row;
		rows->at[i].parent = below && nested ? first : ROW_NO_PARENT;
		rows->at[i].group->above = below ? rows->at[first].group : NULL;
	}
	free(keyed);
}
