// SPDX-License-Identifier: MIT
/*
 * The parents of rows, and the order in which a tree is printed. The kernel's relations need not
 * form a tree: a loop is cut where it is entered.
 */
#include "nsls/query.h"

#include <stdlib.h>
#include <string.h>

/* No screen shows a deeper tree, and the length of a prefix grows with the depth. */
#define DEPTH_MAX 100

const char *const tree_names[TREE_COUNT] = {
	[TREE_TYPE] = "type",
	[TREE_OWNER] = "owner",
	[TREE_PARENT] = "parent",
	[TREE_PROCESS] = "process",
};

/* A process has a row in each of its namespaces. */
static uint64_t member_key(const struct row *row, pid_t pid)
{
	return (uint64_t)(uint32_t)pid << 32 | row->ns->ref.ino;
}

static void rows_set_parents(enum tree tree, struct rows *rows)
{
	CLEANUP(u64map_done) struct u64map map = { 0 };

	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->at[i];

		if (row->kind == ROW_NS)
			u64map_put(&map, ns_ref_key(row->ns->ref), row);
		else if (row->kind == ROW_HOLDER && holder_is_member(row->holder))
			u64map_put(&map, member_key(row, row->holder->process->pid), row);
	}
	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->at[i];
		const struct ns *parent = NULL;
		const struct row *above = NULL;

		if (row->kind == ROW_HOLDER && holder_is_member(row->holder) &&
			row->holder->process->has_stat)
			above = u64map_get(&map, member_key(row, row->holder->process->ppid));
		else if (row->kind == ROW_NS && tree == TREE_OWNER)
			parent = row->ns->owner;
		else if (row->kind == ROW_NS && tree == TREE_PARENT)
			parent = row->ns->parent;
		if (parent && parent != row->ns)
			above = u64map_get(&map, ns_ref_key(parent->ref));
		row->parent = above ? (size_t)(above - rows->at) : ROW_NO_PARENT;
	}
}

static const struct process *find_parent(const struct model *model, const struct process *process)
{
	return process->has_stat ? model_find_process(model, process->ppid) : NULL;
}

/*
 * Returns the row of a namespace with this first member; if there is none, that of its nearest
 * ancestor which is a first member; otherwise none, or NULL. Stores the result in the map for every
 * process on the way, so that all calls together take no more steps than there are processes.
 */
static struct row *find_leader_row(const struct model *model, struct row *none, struct u64map *map,
	const struct process *process)
{
	const struct process *at = process;
	struct row *found = NULL;

	/* Ancestors in a loop lead to none. */
	for (; at && !(found = u64map_get(map, (uint64_t)at->pid)); at = find_parent(model, at))
		u64map_put(map, (uint64_t)at->pid, none);
	for (; found && process != at; process = find_parent(model, process))
		u64map_put(map, (uint64_t)process->pid, found);
	return found;
}

/*
 * One tree of all types, by process ancestry of first members. If several namespaces have the same
 * first member, the last of them is the parent.
 */
static void rows_set_process_parents(const struct model *model, struct rows *rows)
{
	struct row none = { 0 }, *parent;
	CLEANUP(u64map_done) struct u64map map = { 0 };

	for (size_t i = 0; i < rows->n; i++)
		if (rows->at[i].ns->leader)
			u64map_put(&map, (uint64_t)rows->at[i].ns->leader->pid, &rows->at[i]);
	for (size_t i = 0; i < rows->n; i++) {
		const struct process *leader = rows->at[i].ns->leader;

		parent = leader ? find_leader_row(model, &none, &map, find_parent(model, leader))
				: NULL;
		if (parent && parent != &none)
			rows->at[i].parent = (size_t)(parent - rows->at);
	}
}

/* State of sorting a tree, by old indices; ROW_NO_PARENT ends lists. */
struct order {
	const struct rows *from;
	struct row *to;
	size_t n;                                   /* rows placed */
	size_t *first_child, *last_child, *sibling; /* lists of children */
	size_t *place;                              /* new index, or ROW_NO_PARENT */
	size_t *depth;                              /* by new index */
};

static void order_place(struct order *order, size_t row, size_t above)
{
	size_t depth = above == ROW_NO_PARENT ? 0 : order->depth[above] + 1;

	order->place[row] = order->n;
	order->to[order->n] = order->from->at[row];
	order->to[order->n].parent = depth > DEPTH_MAX ? order->to[above].parent : above;
	order->depth[order->n++] = depth > DEPTH_MAX ? DEPTH_MAX : depth;
}

/*
 * Places top and all rows below it, parents before children, without recursion: the children of a
 * row are put in front of the list of those that are to be placed.
 */
static void order_place_tree(struct order *order, size_t top)
{
	size_t row = order->first_child[top], next;

	order_place(order, top, ROW_NO_PARENT);
	for (; row != ROW_NO_PARENT; row = next) {
		next = order->sibling[row];
		if (order->place[row] != ROW_NO_PARENT)
			continue;
		order_place(order, row, order->place[order->from->at[row].parent]);
		if (order->first_child[row] == ROW_NO_PARENT)
			continue;
		order->sibling[order->last_child[row]] = next;
		next = order->first_child[row];
	}
}

static void rows_sort_tree(struct rows *rows)
{
	size_t n = rows->n, *indices = memory_resize(NULL, 5 * n, sizeof(*indices));
	struct order order = {
		.from = rows,
		.to = memory_resize(NULL, n, sizeof(*order.to)),
		.first_child = indices,
		.last_child = indices + n,
		.sibling = indices + 2 * n,
		.place = indices + 3 * n,
		.depth = indices + 4 * n,
	};

	memset(indices, 0xff, 5 * n * sizeof(*indices)); /* ROW_NO_PARENT */
	for (size_t i = n; i-- > 0;) {
		size_t parent = rows->at[i].parent;

		if (parent == ROW_NO_PARENT)
			continue;
		if (order.first_child[parent] == ROW_NO_PARENT)
			order.last_child[parent] = i;
		order.sibling[i] = order.first_child[parent];
		order.first_child[parent] = i;
	}
	for (size_t i = 0; i < n; i++)
		if (rows->at[i].parent == ROW_NO_PARENT)
			order_place_tree(&order, i);
	for (size_t i = 0; i < n; i++) /* rows that only a loop leads to */
		if (order.place[i] == ROW_NO_PARENT)
			order_place_tree(&order, i);
	free(indices);
	free(rows->at);
	*rows = (struct rows){ .at = order.to, .n = n, .size = n };
}

void tree_arrange(const struct model *model, enum tree tree, struct rows *rows)
{
	bool namespaces = rows->n && rows->at[0].kind == ROW_NS;

	if (rows->n && rows->at[0].kind == ROW_GROUP) {
		groups_arrange(rows, tree == TREE_GROUP);
		return;
	}
	if (tree == TREE_NONE)
		return;
	if (tree == TREE_TYPE && namespaces) {
		/* A row per type above its namespaces, by which the rows are sorted. */
		for (size_t i = 0, n = rows->n; i < n; i++) {
			enum nstype type = rows->at[i].type;

			if (!i || type != rows->at[i - 1].type)
				rows_add(rows, &(struct row){ .kind = ROW_TYPE, .type = type });
			rows->at[i].parent = rows->n - 1;
			row_count(&rows->at[rows->n - 1], rows->at[i].ns);
		}
	} else if (tree == TREE_PROCESS && namespaces) {
		rows_set_process_parents(model, rows);
	} else {
		rows_set_parents(tree, rows);
	}
	rows_sort_tree(rows);
}
