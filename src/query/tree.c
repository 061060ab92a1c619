// SPDX-License-Identifier: MIT
/*
 * The shape of trees: who is below whom, then the rows in the order in which a tree is read.
 * Relations come from outside and need not form a tree: a loop is cut where it is entered.
 */
#include "nsls/base.h"
#include "nsls/query.h"

#include <stdlib.h>
#include <string.h>

/* A line deeper than any screen helps nobody, and its prefix would cost as much as the depth. */
#define DEPTH_MAX 100

static const char *const names[TREE_COUNT] = {
	[TREE_TYPE] = "type",
	[TREE_OWNER] = "owner",
	[TREE_PARENT] = "parent",
	[TREE_PROCESS] = "process",
};

const char *tree_name(enum tree tree)
{
	return names[tree];
}

static const struct ns *ns_parent(enum tree tree, const struct ns *ns)
{
	return tree == TREE_OWNER ? ns->owner : tree == TREE_PARENT ? ns->parent : NULL;
}

static size_t find_row(const struct rows *rows, const struct u64map *map, uint64_t key)
{
	const struct row *row = u64map_get(map, key);

	return row ? (size_t)(row - rows->at) : ROW_NO_PARENT;
}

/* A process is a row once in each namespace. */
static uint64_t holder_key(const struct ns *ns, pid_t pid)
{
	return (uint64_t)(uint32_t)pid << 32 | ns->ref.ino;
}

static bool is_member_row(const struct row *row)
{
	return row->kind == ROW_HOLDER && holder_is_member(row->holder);
}

static void index_rows(const struct rows *rows, struct u64map *map)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->at[i];

		if (row->kind == ROW_NS)
			u64map_put(map, (uintptr_t)row->ns, row);
		else if (is_member_row(row))
			u64map_put(map, holder_key(row->ns, row->holder->process->pid), row);
	}
}

static size_t find_parent(
	enum tree tree, const struct rows *rows, const struct row *row, const struct u64map *map)
{
	if (row->kind == ROW_NS) {
		const struct ns *parent = ns_parent(tree, row->ns);

		return parent && parent != row->ns ? find_row(rows, map, (uintptr_t)parent)
						   : ROW_NO_PARENT;
	}
	if (is_member_row(row) && row->holder->process->has_stat)
		return find_row(rows, map, holder_key(row->ns, row->holder->process->ppid));
	return ROW_NO_PARENT;
}

static void find_parents(enum tree tree, struct rows *rows)
{
	struct u64map map;

	u64map_init(&map);
	index_rows(rows, &map);
	for (size_t i = 0; i < rows->n; i++)
		rows->at[i].parent = find_parent(tree, rows, &rows->at[i], &map);
	u64map_done(&map);
}

/*
 * The row that a process leads to: that of a namespace of which it is the first member, or the one
 * that its parent leads to. Keeps in the map what it finds, as what every process on its way leads
 * to, so that all ways together are no longer than there are processes.
 */
static struct row *find_leader(
	const struct model *model, struct row *none, struct u64map *map, pid_t pid)
{
	const struct process *process = model_find_process(model, pid);
	struct row *found = none;

	for (size_t i = 0; process && i < model->nprocesses; i++) {
		struct row *row = u64map_get(map, (uint64_t)process->pid);

		if (row) {
			found = row;
			break;
		}
		process = process->has_stat ? model_find_process(model, process->ppid) : NULL;
	}
	process = model_find_process(model, pid);
	while (process && !u64map_get(map, (uint64_t)process->pid)) {
		u64map_put(map, (uint64_t)process->pid, found);
		process = process->has_stat ? model_find_process(model, process->ppid) : NULL;
	}
	return found;
}

/*
 * One tree over all types: a namespace stands below the last one that the nearest ancestor of its
 * first member is the first member of.
 */
static void find_process_parents(const struct model *model, struct rows *rows)
{
	struct row none = { 0 }, *parent;
	struct u64map map;

	u64map_init(&map);
	for (size_t i = 0; i < rows->n; i++)
		if (rows->at[i].ns->leader)
			u64map_put(&map, (uint64_t)rows->at[i].ns->leader->pid, &rows->at[i]);
	for (size_t i = 0; i < rows->n; i++) {
		const struct process *leader = rows->at[i].ns->leader;

		if (!leader || !leader->has_stat)
			continue;
		parent = find_leader(model, &none, &map, leader->ppid);
		if (parent != &none)
			rows->at[i].parent = (size_t)(parent - rows->at);
	}
	u64map_done(&map);
}

/* Puts a row for each type in front of its namespaces, which stand together by type. */
static void add_type_rows(struct rows *rows)
{
	struct row *at = memory_resize(NULL, rows->n + NS_TYPE_COUNT, sizeof(*at));
	size_t n = 0, branch = ROW_NO_PARENT;

	for (size_t i = 0; i < rows->n; i++) {
		struct row row = rows->at[i];

		if (branch == ROW_NO_PARENT || at[branch].type != row.type) {
			branch = n++;
			at[branch] = (struct row){
				.kind = ROW_TYPE, .type = row.type, .parent = ROW_NO_PARENT
			};
		}
		row_count(&at[branch], row.ns);
		row.parent = branch;
		at[n++] = row;
	}
	free(rows->at);
	*rows = (struct rows){ .at = at, .n = n, .size = rows->n + NS_TYPE_COUNT };
}

/* The tree while it is put in order: old indices, and where each row goes. */
struct order {
	const struct rows *from;
	struct row *to;
	size_t n;                      /* rows placed */
	size_t *first_child, *sibling; /* by old index */
	size_t *place;                 /* new index, or ROW_NO_PARENT */
};

static void link_children(struct order *order)
{
	for (size_t i = order->from->n; i-- > 0;) {
		size_t parent = order->from->at[i].parent;

		if (parent == ROW_NO_PARENT)
			continue;
		order->sibling[i] = order->first_child[parent];
		order->first_child[parent] = i;
	}
}

static void place(struct order *order, size_t row, size_t parent)
{
	order->place[row] = order->n;
	order->to[order->n] = order->from->at[row];
	order->to[order->n++].parent = parent;
}

/* Places top and all that is below it, parents before children, without recursion. */
static void place_tree(struct order *order, size_t top)
{
	size_t depth = 0, row = top;

	place(order, row, ROW_NO_PARENT);
	for (;;) {
		size_t next = order->first_child[row];

		/* Consumed as we go: coming back to a row finds its next child. */
		if (next != ROW_NO_PARENT)
			order->first_child[row] = order->sibling[next];
		if (next == ROW_NO_PARENT) {
			if (row == top)
				return;
			row = order->from->at[row].parent;
			depth--;
		} else if (order->place[next] == ROW_NO_PARENT) {
			size_t above = order->place[row];

			if (depth >= DEPTH_MAX)
				above = order->to[above].parent;
			place(order, next, above);
			row = next;
			depth++;
		}
	}
}

static void put_in_order(struct rows *rows)
{
	size_t n = rows->n, *indices = memory_resize(NULL, 3 * n, sizeof(*indices));
	struct order order = { .from = rows, .to = memory_resize(NULL, n, sizeof(*order.to)) };

	memset(indices, 0xff, 3 * n * sizeof(*indices)); /* ROW_NO_PARENT */
	order.first_child = indices;
	order.sibling = indices + n;
	order.place = indices + 2 * n;
	link_children(&order);
	for (size_t i = 0; i < n; i++)
		if (rows->at[i].parent == ROW_NO_PARENT)
			place_tree(&order, i);
	for (size_t i = 0; i < n; i++) /* what only a loop leads to */
		if (order.place[i] == ROW_NO_PARENT)
			place_tree(&order, i);
	free(indices);
	free(rows->at);
	*rows = (struct rows){ .at = order.to, .n = n, .size = n };
}

void tree_arrange(const struct model *model, enum tree tree, struct rows *rows)
{
	bool namespaces = rows->n && rows->at[0].kind == ROW_NS;

	if (rows->n && rows->at[0].kind == ROW_GROUP) {
		groups_arrange(rows, tree == TREE_GROUP);
	} else if (tree == TREE_TYPE && namespaces) {
		add_type_rows(rows);
	} else if (tree != TREE_NONE) {
		if (tree == TREE_PROCESS && namespaces)
			find_process_parents(model, rows);
		else
			find_parents(tree, rows);
		put_in_order(rows);
	}
}
