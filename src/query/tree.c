// SPDX-License-Identifier: MIT
/*
 * The parents of rows, and the order in which a tree is printed. The kernel's relations need not
 * form a tree: a loop is cut where it is entered.
 */
#include "nsls/base.h"
#include "nsls/query.h"

#include <stdlib.h>
#include <string.h>

/* No screen shows a deeper tree, and the length of a prefix grows with the depth. */
#define DEPTH_MAX 100

static const char *const tree_names[TREE_COUNT] = {
	[TREE_TYPE] = "type",
	[TREE_OWNER] = "owner",
	[TREE_PARENT] = "parent",
	[TREE_PROCESS] = "process",
};

const char *tree_name(enum tree tree)
{
	return tree_names[tree];
}

static size_t map_row_index(const struct rows *rows, const struct u64map *map, uint64_t key)
{
	const struct row *row = u64map_get(map, key);

	return row ? (size_t)(row - rows->at) : ROW_NO_PARENT;
}

/* A process has a row in each of its namespaces. */
static uint64_t holder_key(const struct ns *ns, pid_t pid)
{
	return (uint64_t)(uint32_t)pid << 32 | ns->ref.ino;
}

static bool is_member_row(const struct row *row)
{
	return row->kind == ROW_HOLDER && holder_is_member(row->holder);
}

static void map_add_rows(const struct rows *rows, struct u64map *map)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->at[i];

		if (row->kind == ROW_NS)
			u64map_put(map, (uintptr_t)row->ns, row);
		else if (is_member_row(row))
			u64map_put(map, holder_key(row->ns, row->holder->process->pid), row);
	}
}

static size_t row_find_parent(
	enum tree tree, const struct rows *rows, const struct row *row, const struct u64map *map)
{
	if (row->kind == ROW_NS) {
		const struct ns *parent = tree == TREE_OWNER    ? row->ns->owner
					  : tree == TREE_PARENT ? row->ns->parent
								: NULL;

		return parent && parent != row->ns ? map_row_index(rows, map, (uintptr_t)parent)
						   : ROW_NO_PARENT;
	}
	if (is_member_row(row) && row->holder->process->has_stat)
		return map_row_index(rows, map, holder_key(row->ns, row->holder->process->ppid));
	return ROW_NO_PARENT;
}

static void rows_set_parents(enum tree tree, struct rows *rows)
{
	CLEANUP(u64map_done) struct u64map map = { 0 };

	map_add_rows(rows, &map);
	for (size_t i = 0; i < rows->n; i++)
		rows->at[i].parent = row_find_parent(tree, rows, &rows->at[i], &map);
}

/*
 * Returns the row of a namespace with process pid as first member; if there is none, that of its
 * nearest ancestor which is a first member; otherwise none. Stores the result in the map for every
 * process on the way, so that all calls together take no more steps than there are processes.
 */
static struct row *find_leader_row(
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

		if (!leader || !leader->has_stat)
			continue;
		parent = find_leader_row(model, &none, &map, leader->ppid);
		if (parent != &none)
			rows->at[i].parent = (size_t)(parent - rows->at);
	}
}

/* Adds a row per type, above the namespaces of it. Rows are sorted by type. */
static void rows_add_types(struct rows *rows)
{
	for (size_t i = 0, n = rows->n; i < n; i++) {
		enum nstype type = rows->at[i].type;

		if (!i || type != rows->at[i - 1].type)
			rows_add(rows, &(struct row){ .kind = ROW_TYPE, .type = type });
		rows->at[i].parent = rows->n - 1;
		row_count(&rows->at[rows->n - 1], rows->at[i].ns);
	}
}

/* State of sorting a tree: old indices, and the new place of each row. */
struct order {
	const struct rows *from;
	struct row *to;
	size_t n;                      /* rows placed */
	size_t *first_child, *sibling; /* by old index */
	size_t *place;                 /* new index, or ROW_NO_PARENT */
};

static void order_link_children(struct order *order)
{
	for (size_t i = order->from->n; i-- > 0;) {
		size_t parent = order->from->at[i].parent;

		if (parent == ROW_NO_PARENT)
			continue;
		order->sibling[i] = order->first_child[parent];
		order->first_child[parent] = i;
	}
}

static void order_place(struct order *order, size_t row, size_t parent)
{
	order->place[row] = order->n;
	order->to[order->n] = order->from->at[row];
	order->to[order->n++].parent = parent;
}

/* Places top and all rows below it, parents before children, without recursion. */
static void order_place_tree(struct order *order, size_t top)
{
	size_t depth = 0, row = top;

	order_place(order, row, ROW_NO_PARENT);
	for (;;) {
		size_t next = order->first_child[row];

		if (next == ROW_NO_PARENT) {
			if (row == top)
				return;
			row = order->from->at[row].parent;
			depth--;
			continue;
		}
		/* Remove the child: the next visit of the row finds its next child. */
		order->first_child[row] = order->sibling[next];
		if (order->place[next] == ROW_NO_PARENT) {
			size_t above = order->place[row];

			if (depth >= DEPTH_MAX)
				above = order->to[above].parent;
			order_place(order, next, above);
			row = next;
			depth++;
		}
	}
}

static void rows_sort_tree(struct rows *rows)
{
	size_t n = rows->n, *indices = memory_resize(NULL, 3 * n, sizeof(*indices));
	struct order order = { .from = rows, .to = memory_resize(NULL, n, sizeof(*order.to)) };

	memset(indices, 0xff, 3 * n * sizeof(*indices)); /* ROW_NO_PARENT */
	order.first_child = indices;
	order.sibling = indices + n;
	order.place = indices + 2 * n;
	order_link_children(&order);
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
	if (tree == TREE_TYPE && namespaces)
		rows_add_types(rows);
	else if (tree == TREE_PROCESS && namespaces)
		rows_set_process_parents(model, rows);
	else
		rows_set_parents(tree, rows);
	rows_sort_tree(rows);
}
