// SPDX-License-Identifier: MIT
/*
 * Which row is below which, on models made by hand and on random ones. Besides statements of
 * hand_build(), steps are:
 *
 *	owner => 8 9<0              the tree of that name, or "none", as hand_rows()
 *	owner net => 8              of one type
 *	process holders => fd2      of holders
 */
#include "hand_model.h"

#define DEPTH_MAX 100 /* as in src/query */

static const char *find_tree(char *question, const char *expected)
{
	char *name = strsep(&question, " ");
	struct query query;
	bool holders = question && !strcmp(question, "holders");
	enum tree tree = TREE_COUNT - 1;

	while (tree > TREE_NONE && strcmp(tree_names[tree], name) != 0)
		tree--;
	query = hand_query(holders ? NULL : question);
	rows_done(&rows);
	query_rows(&model, &query, holders ? ROW_HOLDER : ROW_NS, &rows);
	tree_arrange(&model, tree, &rows);
	return hand_rows();
}

static const struct hand_steps steps = { .find = find_tree };

TEST_FIXTURE(hand_set_up, hand_tear_down);

MODEL_TEST(no_rows_make_an_empty_tree, "none => ", "type => ", "owner => ", "parent => ",
	"process => ")

TEST_CALL(what_is_no_tree_has_no_name, assert_null(tree_names[TREE_NONE]));

MODEL_TEST(types_are_branches_with_their_counts, "kernel net:2 uts:4; 1 net:3",
	"type => net(2 1 1) 2<0 3<0 uts(1 0 1) 4<3")

MODEL_TEST(flat_list_keeps_its_order, "user:9 owns net:2", "none => 2 9")

MODEL_TEST(owned_namespaces_are_below_their_owner, "user:9 owns net:2; user:8 owns uts:3 user:9",
	"owner => 8 9<0 2<1 3<0")

MODEL_TEST(children_keep_the_order_of_the_list_and_what_has_no_parent_stands_alone,
	"pid:7 above pid:5 pid:6; pid:7 owns net:1", "parent => 1 7 5<1 6<1")

MODEL_TEST(namespace_above_itself_is_at_the_top, "user:2 owns user:2; user:2 above user:2",
	"owner => 2", "parent => 2")

MODEL_TEST(namespaces_are_below_that_of_an_ancestor_of_their_process,
	"1<0 net:1; 5<1 net:2; 6<5 net:2; 7<6 net:3; kernel net:9", "process => 1 2<0 3<1 9")

MODEL_TEST(each_type_is_below_a_namespace_of_the_ancestor,
	"1<0 mnt:1 net:3; 5<1 mnt:2 uts:5; 7<5 net:4 uts:5", "process => 1 3 2<1 5<1 4<3")

MODEL_TEST(ancestors_in_a_loop_lead_nowhere, "5<6 net:1; 6<5 net:1", "process => 1")

MODEL_TEST(a_parent_that_is_not_selected_leaves_its_children_at_the_top, "user:9 owns net:2",
	"owner net => 2")

/* A descriptor is no member and no child; process 2, the parent of 3, is no member of uts:2. */
MODEL_TEST(members_are_below_their_parent_in_the_same_namespace_only,
	"1<0 net:1; 2 net:1; fd 2 net:1; 1 uts:2; 3<2 uts:2",
	"process holders => process1 process2<0 fd2 process1 process3")

/* A process that is the first member of no namespace is skipped once for all below it. */
TEST(a_long_line_of_ancestors_is_walked_once)
{
	enum { DEEP = 20000 };

	for (pid_t pid = 1; pid <= DEEP; pid++)
		hand_build(strf("%d<%d net:1", pid, pid - 1));
	for (pid_t pid = DEEP + 1; pid <= 2 * DEEP; pid++)
		hand_build(strf("%d<%d net:%d", pid, DEEP, pid));
	find_tree(strf("process"), NULL);
	for (size_t i = 1; i < rows.n; i++)
		assert_int_equal(rows.at[i].parent, 0);
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
	unsigned char *seen = test_keep(calloc(n + 1, 1));

	assert_int_equal(rows.n, n);
	for (size_t i = 0; i < n; i++) {
		assert_true(rows.at[i].parent == ROW_NO_PARENT || rows.at[i].parent < i);
		assert_true(depth_of(i) <= DEPTH_MAX);
		assert_true(i == 0 || follows(i));
		assert_int_equal(seen[rows.at[i].ns->ref.ino]++, 0);
	}
}

TEST(random_relations_become_a_tree_of_all_rows)
{
	for (unsigned seed = 1; seed <= 60; seed++) {
		uint32_t n = 1 + seed * 7 % 150;

		srandom(seed);
		for (uint32_t i = 1; i <= n; i++) /* loops of any length, and some without owner */
			hand_build(random() % 8 ? strf("user:%u owns user:%u",
							  1 + (uint32_t)random() % n, i)
						: strf("kernel user:%u", i));
		find_tree(strf("owner"), NULL);
		assert_is_tree_of_all(n);
		hand_tear_down(NULL);
		hand_set_up(NULL);
	}
}

TEST(a_chain_becomes_no_deeper_than_a_screen)
{
	for (unsigned i = 2; i <= 250; i++)
		hand_build(strf("user:%u owns user:%u", i - 1, i));
	find_tree(strf("owner"), NULL);
	assert_is_tree_of_all(250);
	assert_int_equal(depth_of(100), DEPTH_MAX);
	assert_int_equal(depth_of(249), DEPTH_MAX);
}

TEST(one_loop_of_all_is_cut_once)
{
	size_t tops = 0;

	for (unsigned i = 1; i <= 50; i++)
		hand_build(strf("user:%u owns user:%u", i % 50 + 1, i));
	find_tree(strf("owner"), NULL);
	assert_is_tree_of_all(50);
	for (size_t i = 0; i < rows.n; i++)
		tops += rows.at[i].parent == ROW_NO_PARENT;
	assert_int_equal(tops, 1);
}
