// SPDX-License-Identifier: MIT
/* Brings together the groups of a pod, and those of a container. */
#include "nsls/select/group.h"

#include "nsls/base/memory.h"
#include "nsls/model/identity.h"
#include "nsls/select/query.h"

#include <stdlib.h>
#include <string.h>

/* A row, and what it is to stand with. */
struct place {
	struct row row;
	const struct identity *identity;
	const char *outer, *inner;  /* names of pod and container, or of what there is */
	pid_t outer_pid, inner_pid; /* the lowest one in there */
};

static pid_t pid_of(const struct place *place)
{
	return place->row.group->members[0]->pid;
}

static void set_names(struct place *place)
{
	const struct identity *identity = group_identity(place->row.group);

	place->identity = identity;
	if (!identity)
		return;
	place->inner = identity->container ? identity->container
		       : identity->machine ? identity->machine
		       : identity->app     ? identity->app
					   : identity->unit;
	place->outer = identity->pod ? identity->pod : place->inner;
}

static int compare_texts(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int compare_users(const struct identity *a, const struct identity *b)
{
	if (!a->has_user || !b->has_user)
		return a->has_user - b->has_user;
	return (a->user > b->user) - (a->user < b->user);
}

/* 0: both are known to be of the same pod, or of what else is outermost. */
static int compare_outer(const struct place *a, const struct place *b)
{
	int order = compare_texts(a->outer, b->outer);

	return order || !a->outer ? order : compare_users(a->identity, b->identity);
}

static int by_name(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = compare_outer(x, y);

	if (!order)
		order = compare_texts(x->inner, y->inner);
	return order ? order : (pid_of(x) > pid_of(y)) - (pid_of(x) < pid_of(y));
}

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->outer_pid != y->outer_pid)
		return x->outer_pid < y->outer_pid ? -1 : 1;
	if (x->inner_pid != y->inner_pid)
		return x->inner_pid < y->inner_pid ? -1 : 1;
	return (pid_of(x) > pid_of(y)) - (pid_of(x) < pid_of(y));
}

static bool is_same_outer(const struct place *a, const struct place *b)
{
	return a->outer && b->outer && !compare_outer(a, b);
}

static bool is_same_inner(const struct place *a, const struct place *b)
{
	return is_same_outer(a, b) && a->inner && !compare_texts(a->inner, b->inner);
}

/* Of places that are sorted by name: a container's first is the lowest, a pod's any. */
static void set_pids(struct place *places, size_t n)
{
	for (size_t start = 0, end; start < n; start = end) {
		pid_t lowest = pid_of(&places[start]);

		for (end = start; end < n; end++) {
			bool same = end > start && is_same_inner(&places[end - 1], &places[end]);

			if (end > start && !is_same_outer(&places[start], &places[end]))
				break;
			places[end].inner_pid =
				same ? places[end - 1].inner_pid : pid_of(&places[end]);
			if (places[end].inner_pid < lowest)
				lowest = places[end].inner_pid;
		}
		for (size_t i = start; i < end; i++)
			places[i].outer_pid = lowest;
	}
}

/* Processes of one unit need not have more in common: only a container's stand below another. */
static bool is_container(const struct identity *identity)
{
	return identity && (identity->container || identity->machine || identity->app);
}

static void put_back(struct rows *rows, const struct place *places, bool nested)
{
	size_t first = 0;

	for (size_t i = 0; i < rows->n; i++) {
		bool below = i && is_container(places[i].identity) &&
			     is_same_inner(&places[first], &places[i]);

		rows->at[i] = places[i].row;
		if (!below)
			first = i;
		rows->at[i].parent = below && nested ? first : ROW_NO_PARENT;
		rows->at[i].group->above = below ? rows->at[first].group : NULL;
	}
}

void groups_arrange(struct rows *rows, bool nested)
{
	struct place *places = memory_alloc(rows->n, sizeof(*places));

	for (size_t i = 0; i < rows->n; i++) {
		places[i].row = rows->at[i];
		set_names(&places[i]);
	}
	qsort(places, rows->n, sizeof(*places), by_name);
	set_pids(places, rows->n);
	qsort(places, rows->n, sizeof(*places), by_place);
	put_back(rows, places, nested);
	free(places);
}
