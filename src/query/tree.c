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
 * One tree of all types, by process ancestry of first members: a row is below that of the nearest
 * ancestor which is a first member, too. If several namespaces have the same first member, the last
 * of them is the parent.
 */
static void rows_set_process_parents(const struct model *model, struct rows *rows)
{
	struct row none = { 0 };
	CLEANUP(u64map_done) struct u64map map = { 0 };

	for (size_t i = 0; i < rows->n; i++)
		if (rows->at[i].ns->leader)
			u64map_put(&map, (uint64_t)rows->at[i].ns->leader->pid, &rows->at[i]);
	for (size_t i = 0; i < rows->n; i++) {
		const struct process *leader = rows->at[i].ns->leader;
		const struct process *first = leader ? find_parent(model, leader) : NULL, *at;
		struct row *found = NULL;

		/* Ancestors in a loop lead to none. */
		for (at = first; at; at = find_parent(model, at)) {
			found = u64map_get(&map, (uint64_t)at->pid);
			if (found)
				break;
			u64map_put(&map, (uint64_t)at->pid, &none);
		}
		/* Keeps the row for each process on the way, so that no other row passes it. */
		for (; found && first != at; first = find_parent(model, first))
			u64map_put(&map, (uint64_t)first->pid, found);
		if (found && found != &none)
			rows->at[i].parent = (size_t)(found - rows->at);
	}
}

/*
 * Sorts each row behind its parent, without recursion, and keeps the order of the children of one
 * row. Rows that only a loop leads to come last.
 */
static void rows_sort_tree(struct rows *rows)
{
	size_t n = rows->n, placed = 0, waiting = 0, row, above;
	size_t *lists = memory_resize(NULL, 5 * n, sizeof(*lists));
	size_t *first_child = lists, *sibling = lists + n; /* by row; ROW_NO_PARENT ends a list */
	size_t *place = lists + 2 * n; /* by row: its new index, or ROW_NO_PARENT */
	size_t *depth = lists + 3 * n; /* by new index */
	size_t *stack = lists + 4 * n; /* of the rows that wait: the top, or below a placed one */
	struct row *to = memory_resize(NULL, n, sizeof(*to));

	/* Lists of children, the last first. */
	memset(lists, 0xff, 5 * n * sizeof(*lists)); /* ROW_NO_PARENT */
	for (size_t i = 0; i < n; i++) {
		size_t parent = rows->at[i].parent;

		if (parent == ROW_NO_PARENT)
			continue;
		sibling[i] = first_child[parent];
		first_child[parent] = i;
	}
	/* Begins at each row without a parent, then at each that was not placed. */
	for (size_t i = 0; i < 2 * n; i++) {
		size_t top = i < n ? i : i - n;

		if (i < n ? rows->at[top].parent != ROW_NO_PARENT : place[top] != ROW_NO_PARENT)
			continue;
		for (stack[waiting++] = top; waiting > 0;) {
			row = stack[--waiting];
			if (place[row] != ROW_NO_PARENT)
				continue;
			above = row == top ? ROW_NO_PARENT : place[rows->at[row].parent];
			place[row] = placed;
			depth[placed] = above == ROW_NO_PARENT ? 0 : depth[above] + 1;
			to[placed] = rows->at[row];
			to[placed].parent = above;
			if (depth[placed] > DEPTH_MAX) {
				depth[placed] = DEPTH_MAX;
				to[placed].parent = to[above].parent;
			}
			placed++;
			for (size_t child = first_child[row]; child != ROW_NO_PARENT;
				child = sibling[child])
				stack[waiting++] = child;
		}
	}
	free(lists);
	free(rows->at);
	*rows = (struct rows){ .at = to, .n = n, .size = n };
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
