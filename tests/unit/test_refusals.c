// SPDX-License-Identifier: MIT
/* Namespaces that are nested as deep as possible, on models made by hand. */
#include "nsls/enrich.h"

#include "hand_model.h"

static struct procfs procfs;
static struct strbuf notes;

static int set_up(void **state)
{
	world_new();
	assert_int_equal(procfs_open(world.dir, &procfs), 0);
	notes = (struct strbuf){ 0 };
	return hand_set_up(state);
}

static int tear_down(void **state)
{
	strbuf_done(&notes);
	procfs_close(&procfs);
	world_done();
	return hand_tear_down(state);
}

/* Makes namespaces from ino on, each inside the one before. Returns the last. */
static struct ns *nest(struct ns *outer, uint32_t ino, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct ns *inner = hand_held(outer->ref.type, ino + i);

		inner->parent = outer;
		outer = inner;
	}
	return outer;
}

static struct ns *initial(enum nstype type)
{
	return hand_held(type, nstype_info(type)->initial_ino);
}

/* The notes on these types, with a line for each. */
static void assert_notes(unsigned types, const char *expected)
{
	size_t n = 0;

	strbuf_reset(&notes);
	assert_int_equal(refusals_find(&procfs, &model, types, &notes, &n), 0);
	for (size_t i = 0; i < notes.len; i++)
		if (!notes.text[i])
			notes.text[i] = '\n';
	assert_string_equal(strbuf_text(&notes), expected);
}

TEST_FIXTURE(set_up, tear_down);

TEST(the_initial_namespace_has_depth_0_and_others_one_more_than_their_parent)
{
	struct ns *first = initial(NS_PID), *third = nest(first, 10, 3);
	unsigned depth;

	assert_true(ns_depth(first, &depth));
	assert_int_equal(depth, 0);
	assert_true(ns_depth(third, &depth));
	assert_int_equal(depth, 3);
}

TEST(the_depth_is_unknown_below_an_outer_namespace_of_a_container)
{
	struct ns *inner = nest(hand_held(NS_USER, 9), 10, 3);
	unsigned depth;

	assert_false(ns_depth(inner, &depth));
	inner = hand_held(NS_UTS, nstype_info(NS_UTS)->initial_ino);
	assert_false(ns_depth(inner, &depth));
}

TEST(parents_in_a_loop_have_no_depth)
{
	struct ns *inner = nest(hand_held(NS_PID, 9), 10, 3);
	unsigned depth;

	inner->parent->parent->parent = inner;
	assert_false(ns_depth(inner, &depth));
}

TEST(the_deepest_namespaces_are_noted)
{
	struct ns *pid = nest(initial(NS_PID), 1000, 31), *user = nest(initial(NS_USER), 2000, 32);

	assert_notes(NS_TYPES_ALL, "");
	nest(pid, 1031, 1);
	assert_notes(NS_TYPES_ALL, "PID namespaces can't nest deeper than 32 levels: none can be "
				   "created in pid:[1031]\n");
	nest(pid, 1041, 1);
	nest(user, 2032, 1);
	assert_notes(NS_TYPES_ALL, "PID namespaces can't nest deeper than 32 levels: none can be "
				   "created in 2 of them, such as pid:[1031]\n"
				   "user namespaces can't nest deeper than 33 levels: none can be "
				   "created in user:[2032]\n");
	assert_notes(1u << NS_NET, "");
}
