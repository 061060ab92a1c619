// SPDX-License-Identifier: MIT
/* Who stands below whom, on models made by hand and on random ones. */
#include "nsls/query.h"

#include "hand_model.h"

#include <stdlib.h>

#define DEPTH_MAX 100 /* as the trees promise */

static struct model model;
static struct rows rows;

static int set_up(void **state)
{
	model_init(&model);
	rows_init(&rows);
	return 0;
}

static int tear_down(void **state)
{
	rows_done(&rows);
	model_done(&model);
	return 0;
}

static void select_all(void)
{
	struct query query = { .types = ALL_TYPES };

	query_namespaces(&model, &query, &rows);
}

static void assert_rows(const char *expected)
{
	hand_assert_rows(&rows, expected);
}

TEST_FIXTURE(set_up, tear_down);

TEST(no_rows_make_an_empty_tree)
{
	for (enum tree tree = TREE_NONE; tree < TREE_COUNT; tree++) {
		tree_arrange(&model, tree, &rows);
		assert_int_equal(rows.n, 0);
	}
}

TEST(every_tree_but_none_has_a_name)
{
	assert_null(tree_name(TREE_NONE));
	for (enum tree tree = TREE_NONE + 1; tree < TREE_COUNT; tree++)
		assert_non_null(tree_name(tree));
}

TEST(a_flat_list_keeps_its_order)
{
	struct ns *net = hand_held(&model, NS_NET, 2);

	net->owner = hand_held(&model, NS_USER, 9);
	select_all();
	tree_arrange(&model, TREE_NONE, &rows);
	assert_rows("2 9");
}

TEST(types_are_branches_with_their_counts)
{
	hand_held(&model, NS_NET, 2);
	hand_join(&model, hand_process(&model, 1, 0), hand_ns(&model, NS_NET, 3));
	hand_held(&model, NS_UTS, 4);
	select_all();
	tree_arrange(&model, TREE_TYPE, &rows);
	assert_rows("net 2<0 3<0 uts 4<3");
	assert_int_equal(rows.at[0].count, 2);
	assert_int_equal(rows.at[0].nprocs, 1);
	assert_int_equal(rows.at[0].persistent, 1);
}

TEST(owned_namespaces_stand_below_their_owner)
{
	struct ns *net = hand_held(&model, NS_NET, 2), *uts = hand_held(&model, NS_UTS, 3);
	struct ns *outer = hand_held(&model, NS_USER, 8), *inner = hand_held(&model, NS_USER, 9);

	net->owner = inner;
	uts->owner = outer;
	inner->owner = outer;
	select_all();
	tree_arrange(&model, TREE_OWNER, &rows);
	assert_rows("8 3<0 9<0 2<2");
}

TEST(children_stand_below_their_parent_in_the_order_of_the_list)
{
	struct ns *a = hand_held(&model, NS_PID, 5), *b = hand_held(&model, NS_PID, 6),
		  *c = hand_held(&model, NS_PID, 7);

	a->parent = c;
	b->parent = c;
	hand_held(&model, NS_NET, 1)->owner = c; /* no parent: stands alone */
	model_sort(&model);
	select_all();
	tree_arrange(&model, TREE_PARENT, &rows);
	assert_rows("1 7 5<1 6<1");
}

TEST(a_parent_that_is_not_shown_leaves_its_children_at_the_top)
{
	struct query query = { .types = 1u << NS_NET };
	struct ns *net = hand_held(&model, NS_NET, 2);

	net->owner = hand_held(&model, NS_USER, 9);
	query_namespaces(&model, &query, &rows);
	tree_arrange(&model, TREE_OWNER, &rows);
	assert_rows("2");
}

TEST(who_owns_itself_stands_at_the_top)
{
	struct ns *ns = hand_held(&model, NS_USER, 2);

	ns->owner = ns->parent = ns;
	select_all();
	tree_arrange(&model, TREE_OWNER, &rows);
	tree_arrange(&model, TREE_PARENT, &rows);
	assert_rows("2");
}

TEST(processes_lead_to_the_namespace_of_an_ancestor)
{
	struct ns *top = hand_ns(&model, NS_NET, 1), *middle = hand_ns(&model, NS_NET, 2),
		  *bottom = hand_ns(&model, NS_NET, 3);

	hand_join(&model, hand_process(&model, 1, 0), top);
	hand_join(&model, hand_process(&model, 5, 1), middle);
	hand_join(&model, hand_process(&model, 6, 5), middle);
	hand_join(&model, hand_process(&model, 7, 6), bottom);
	hand_held(&model, NS_NET, 9); /* without process */
	select_all();
	tree_arrange(&model, TREE_PROCESS, &rows);
	assert_rows("1 2<0 3<1 9");
}

TEST(all_types_are_one_tree_of_processes)
{
	struct process *one = hand_process(&model, 1, 0), *five = hand_process(&model, 5, 1),
		       *seven = hand_process(&model, 7, 5);

	hand_join(&model, one, hand_ns(&model, NS_MNT, 1));
	hand_join(&model, five, hand_ns(&model, NS_MNT, 2));
	hand_join(&model, one, hand_ns(&model, NS_NET, 3));
	hand_join(&model, seven, hand_ns(&model, NS_NET, 4));
	hand_join(&model, five, hand_ns(&model, NS_UTS, 5));
	hand_join(&model, seven, hand_ns(&model, NS_UTS, 5));
	select_all();
	tree_arrange(&model, TREE_PROCESS, &rows);
	assert_rows("1 3 2<1 5<1 4<3");
}

/* A process that is the first member of nothing is passed by, however many ask for it. */
TEST(a_long_line_of_ancestors_is_walked_once)
{
	enum { DEEP = 20000 };
	struct ns *top = hand_ns(&model, NS_NET, 1);
	struct process *process = hand_process(&model, 1, 0);

	hand_join(&model, process, top);
	for (pid_t pid = 2; pid <= DEEP; pid++)
		hand_join(&model, hand_process(&model, pid, pid - 1), top);
	for (pid_t pid = DEEP + 1; pid <= 2 * DEEP; pid++)
		hand_join(&model, hand_process(&model, pid, DEEP),
			hand_ns(&model, NS_NET, (uint32_t)pid));
	select_all();
	tree_arrange(&model, TREE_PROCESS, &rows);
	for (size_t i = 1; i < rows.n; i++)
		assert_int_equal(rows.at[i].parent, 0);
}

TEST(ancestors_in_a_loop_lead_nowhere)
{
	hand_join(&model, hand_process(&model, 5, 6), hand_ns(&model, NS_NET, 1));
	hand_join(&model, hand_process(&model, 6, 5), hand_ns(&model, NS_NET, 1));
	select_all();
	tree_arrange(&model, TREE_PROCESS, &rows);
	assert_rows("1");
}

TEST(members_stand_below_their_parent_in_the_same_namespace_only)
{
	struct query query = { .types = ALL_TYPES };
	struct ns *net = hand_ns(&model, NS_NET, 1), *uts = hand_ns(&model, NS_UTS, 2);
	struct process *one = hand_process(&model, 1, 0), *two = hand_process(&model, 2, 1),
		       *three = hand_process(&model, 3, 2);

	hand_join(&model, one, net);
	hand_join(&model, two, net);
	hand_hold(
		&model, net, HOLDER_FD, two); /* the holder is a descriptor: no member, no child */
	hand_join(&model, one, uts);
	hand_join(&model, three, uts); /* its parent 2 is no member here */
	query_holders(&model, &query, &rows);
	tree_arrange(&model, TREE_PROCESS, &rows);
	assert_rows("process1 process2<0 fd2 process1 process3");
}

static size_t depth_of(size_t i)
{
	size_t depth = 0;

	while (rows.at[i].parent != ROW_NO_PARENT && depth <= rows.n) {
		i = rows.at[i].parent;
		depth++;
	}
	return depth;
}

/* The row above a row is the one before it or one above that one, or none: preorder. */
static bool follows(size_t i)
{
	size_t above = i - 1;

	while (above != ROW_NO_PARENT && above != rows.at[i].parent)
		above = rows.at[above].parent;
	return above == rows.at[i].parent;
}

static void assert_is_tree_of_all(size_t n)
{
	unsigned char *seen = calloc(n + 1, 1);

	assert_non_null(seen);
	assert_int_equal(rows.n, n);
	for (size_t i = 0; i < n; i++) {
		assert_true(rows.at[i].parent == ROW_NO_PARENT || rows.at[i].parent < i);
		assert_true(depth_of(i) <= DEPTH_MAX);
		assert_true(i == 0 || follows(i));
		assert_int_equal(seen[rows.at[i].ns->ref.ino]++, 0);
	}
	free(seen);
}

TEST(any_relations_become_a_tree_of_all_rows)
{
	for (unsigned seed = 1; seed <= 60; seed++) {
		uint32_t n = 1 + seed * 7 % 150;

		srandom(seed);
		for (uint32_t i = 1; i <= n; i++)
			hand_held(&model, NS_USER, i);
		for (uint32_t i = 1; i <= n; i++) /* loops of any length, and some without owner */
			if (random() % 8)
				hand_ns(&model, NS_USER, i)->owner =
					hand_ns(&model, NS_USER, 1 + (uint32_t)random() % n);
		select_all();
		tree_arrange(&model, TREE_OWNER, &rows);
		assert_is_tree_of_all(n);
		tear_down(NULL);
		set_up(NULL);
	}
}

TEST(a_chain_becomes_no_deeper_than_a_screen)
{
	for (uint32_t i = 1; i <= 250; i++)
		hand_held(&model, NS_USER, i)->owner =
			i > 1 ? hand_ns(&model, NS_USER, i - 1) : NULL;
	select_all();
	tree_arrange(&model, TREE_OWNER, &rows);
	assert_is_tree_of_all(250);
	assert_int_equal(depth_of(100), DEPTH_MAX);
	assert_int_equal(depth_of(249), DEPTH_MAX);
}

TEST(one_loop_of_all_is_cut_once)
{
	size_t tops = 0;

	for (uint32_t i = 1; i <= 50; i++)
		hand_held(&model, NS_USER, i);
	for (uint32_t i = 1; i <= 50; i++)
		hand_ns(&model, NS_USER, i)->owner = hand_ns(&model, NS_USER, i % 50 + 1);
	select_all();
	tree_arrange(&model, TREE_OWNER, &rows);
	assert_is_tree_of_all(50);
	for (size_t i = 0; i < rows.n; i++)
		tops += rows.at[i].parent == ROW_NO_PARENT;
	assert_int_equal(tops, 1);
}
