// SPDX-License-Identifier: MIT
/* Namespaces that are nested as deep as possible, on models made by hand. */
#include "nsls/enrich.h"

#include "hand_model.h"

static int set_up(void **state)
{
	return world_set_up(state) || hand_set_up(state);
}

static int tear_down(void **state)
{
	return hand_tear_down(state) || world_tear_down(state);
}

/* Makes n namespaces of a type from ino on, each inside the one before, the first in outer. */
static void nest(const char *type, uint32_t outer, uint32_t ino, unsigned n)
{
	for (; n--; outer = ino++)
		hand_build(strf("%s:%u above %s:%u", type, outer, type, ino));
}

/* -1: unknown. */
static void assert_depth(const char *ns, int expected)
{
	unsigned depth;
	int got = ns_depth(hand_word_ns(ns), &depth) ? (int)depth : -1;

	if (got != expected)
		fail_msg("depth of %s: %d", ns, got);
}

/* The notes on these types, with a line for each. */
static void assert_notes(unsigned types, const char *expected)
{
	struct strbuf notes = { 0 };
	struct procfs procfs;
	size_t n = 0;

	assert_int_equal(procfs_open(world.dir, &procfs), 0);
	assert_int_equal(refusals_find(&procfs, &model, types, &notes, &n), 0);
	procfs_close(&procfs);
	assert_string_equal(strbuf_keep_items(&notes), expected);
}

TEST_FIXTURE(set_up, tear_down);

TEST(the_initial_namespace_has_depth_0_and_others_one_more_than_their_parent)
{
	nest("pid", 4026531836, 10, 3);
	assert_depth("pid:4026531836", 0);
	assert_depth("pid:12", 3);
}

TEST(the_depth_is_unknown_below_an_outer_namespace_of_a_container_and_in_a_loop)
{
	hand_build("user:9 above user:10; user:10 above user:11; kernel uts:4026531838; "
		   "pid:9 above pid:10; pid:10 above pid:11; pid:11 above pid:9");
	for (EACH_TEXT(ns, "user:11", "uts:4026531838", "pid:11"))
		assert_depth(ns, -1);
}

TEST(the_deepest_namespaces_are_noted)
{
	nest("pid", 4026531836, 1000, 31);
	nest("user", 4026531837, 2000, 32);
	assert_notes(NS_TYPES_ALL, "");
	nest("pid", 1030, 1031, 1);
	assert_notes(NS_TYPES_ALL, "PID namespaces can't nest deeper than 32 levels: none can be "
				   "created in pid:[1031]\n");
	nest("pid", 1030, 1041, 1);
	nest("user", 2031, 2032, 1);
	assert_notes(NS_TYPES_ALL, "PID namespaces can't nest deeper than 32 levels: none can be "
				   "created in 2 of them, such as pid:[1031]\n"
				   "user namespaces can't nest deeper than 33 levels: none can be "
				   "created in user:[2032]\n");
	assert_notes(1u << NS_NET, "");
}
