// SPDX-License-Identifier: MIT
/* The header above the holders of a namespace, of models made by hand. */
#include "render_fixture.h"

static void assert_header(const struct ns *ns, const char *expected)
{
	FILE *out = test_stream();

	header_print(&view, ns, out);
	assert_string_equal(test_stream_close(out), expected);
}

static struct ns *user_ns(uint32_t ino, uid_t owner)
{
	struct ns *ns = hand_ns(NS_USER, ino);

	ns->has_owner_uid = true;
	ns->owner_uid = owner;
	return ns;
}

TEST_FIXTURE(render_set_up, render_tear_down);

TEST(known_facts_have_a_line)
{
	struct ns *ns = hand_ns(NS_PID, 5);

	ns->id = 77;
	ns->owner = user_ns(6, 0);
	ns->parent = hand_ns(NS_PID, 4);
	view.boot_time = 1700000000;
	hand_join(hand_process(3, 1), ns);
	assert_header(ns, "pid:[5]\n"
			  "  ID       77\n"
			  "  owner    user:[6], user root\n"
			  "  parent   pid:[4]\n"
			  "  initial  no\n"
			  "  members  1 process\n"
			  "  since    2023-11-14T22:13:20+00:00\n");
}

TEST(the_owner_of_a_user_namespace_is_a_user)
{
	struct ns *ns = user_ns(5, 4294967294u);

	ns->owner = ns->parent = user_ns(6, 0);
	assert_header(ns, "user:[5]\n"
			  "  owner    user 4294967294\n"
			  "  parent   user:[6]\n"
			  "  initial  no\n"
			  "  members  none\n");
}

TEST(since_is_the_start_of_the_oldest_member)
{
	view.boot_time = 1700000000;
	hand_build("3 net:5; 4 net:5");
	model_find_process(&model, 3)->start_ticks = 200000;
	model_find_process(&model, 4)->start_ticks = 100000;
	assert_header(hand_ns(NS_NET, 5), "net:[5]\n"
					  "  members  2 processes\n"
					  "  since    2023-11-14T22:30:00+00:00 (oldest member)\n");
}

TEST_CALL(an_initial_namespace_is_called_that,
	assert_header(hand_held(NS_UTS, nstype_info(NS_UTS)->initial_ino),
		"uts:[4026531838]\n  initial  yes\n  members  none\n"));
