// SPDX-License-Identifier: MIT
/* Rows to text, on models made by hand: the three formats, lists, trees and hostile bytes. */
#include "render_fixture.h"

TEST_FIXTURE(render_set_up, render_tear_down);

TEST(lists_are_arrays_also_empty_ones)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	add_member(ns, 1, NULL);
	add_member(ns, 22, NULL);
	usage("PIDS,TIDS,MOUNTS,FDS");
	assert_contains(render_json(), "\"pids\": [1,22]", "\"tids\": []", "\"mounts\": []");
	assert_string_equal(render(format_raw), "PIDS TIDS MOUNTS FDS\n1,22   \n");
}

TEST(hostile_commands_stay_in_their_cell)
{
	static const char *const commands[] = { "a b", "\"quoted\"", "back\\slash", "tab\there",
		"line\nfeed", "\x1b]0;title\a", "\xff\xfe",
		"\xe2\x80\xae"
		"txt.exe",
		"\xc2\x9b"
		"31m",
		"\\x41", "", " ", "a\rb", "\xf0\x9f\x98\x80", "]}],", "\xed\xa0\x80" };
	size_t n = sizeof(commands) / sizeof(*commands);

	for (size_t i = 0; i < n; i++)
		add_member(hand_ns(NS_NET, (uint32_t)i + 1), (pid_t)i + 1, commands[i]);
	usage("NS,COMMAND,TYPE");
	options.notruncate = true;
	for (int raw = 0; raw < 2; raw++) {
		size_t lines = 0;

		render(raw ? format_raw : format_table);
		for (const char *c = text; *c; c++) {
			lines += *c == '\n';
			assert_true((unsigned char)*c >= 0x20 || *c == '\n');
			assert_int_not_equal(*c, 0x7f);
		}
		assert_int_equal(lines, n + 1);
		assert_lacks(text, "\xe2\x80\xae", "\xc2\x9b");
	}
	render_json();
}

TEST(a_list_of_hostile_items_is_a_list_of_strings)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	add_mount(ns, "/a,b");
	add_mount(ns, "/c\"d\\e\n");
	add_mount(ns, "/\xff");
	usage("NSFS");
	assert_contains(render_json(), "[\"/a,b\",\"/c\\\"d\\\\e\\u000a\",\"/\\\\xff\"]");
}

TEST(holders_are_objects_in_json_and_texts_elsewhere)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	add_member(ns, 12, "init");
	add_mount(ns, "/a\"b");
	usage("MOUNTS,HOLDERS");
	assert_contains(render_json(), "\"mounts\": [{\"mntns\":7,\"path\":\"/a\\\"b\"}]",
		"\"holders\": [{\"kind\":\"process\",\"pid\":12,\"tid\":null,\"fd\":null,"
		"\"mount\":null,\"mntns\":null,\"hns\":null},"
		"{\"kind\":\"mount\",\"pid\":null,\"tid\":null,\"fd\":null,"
		"\"mount\":\"/a\\\"b\",\"mntns\":7,\"hns\":null}]");
	assert_string_equal(
		render(format_raw), "MOUNTS HOLDERS\n/a\"b process\\x2012,mount\\x20/a\"b\n");
}

TEST(several_lines_a_cell_are_one_item_each)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	add_mount(ns, "/one");
	add_mount(ns, "/a\nb");
	cells("NS,MOUNTS");
	options.terminal = true;
	assert_string_equal(render_squeezed(), "5 /one\n/a\\x0ab\n");
	options.nowrap = true;
	assert_string_equal(render_squeezed(), "5 /one,/a\\x0ab\n");
}

/* A mount point that could be read as two items. */
TEST(a_comma_inside_of_an_item_is_no_separator)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	add_mount(ns, "/x,fd 1:3");
	add_mount(ns, "/a\\x2cb");
	cells("MOUNTS,NSFS");
	options.nowrap = true;
	assert_string_equal(render(format_raw),
		"/x\\x2cfd\\x201:3,/a\\x5cx2cb /x\\x2cfd\\x201:3,/a\\x5cx2cb\n");
	assert_string_equal(
		render(format_table), "/x\\x2cfd 1:3,/a\\x2cb /x\\x2cfd 1:3,/a\\x2cb\n");
	assert_contains(render_json(), "[\"/x,fd 1:3\",\"/a\\\\x2cb\"]");
}

TEST(nsfs_has_a_line_per_mount_point_also_in_a_pipe)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	add_mount(ns, "/one");
	add_mount(ns, "/two,");
	cells("NS,NSFS,MOUNTS");
	assert_string_equal(render_squeezed(), "5 /one /one,/two\\x2c\n/two,\n");
	options.nowrap = true;
	assert_string_equal(render_squeezed(), "5 /one,/two\\x2c /one,/two\\x2c\n");
	assert_string_equal(render(format_raw), "5 /one,/two\\x2c /one,/two\\x2c\n");
}

TEST(tree_is_drawn_in_the_given_column)
{
	add_member(hand_ns(NS_NET, 5), 12, "x");
	cells("PID,TYPE,NPROCS");
	options.tree = options.columns[1];
	assert_string_equal(render_squeezed(), "net 1\n12 \u2514\u2500net 1\n");
}

TEST(json_has_what_is_missing_from_the_answer)
{
	usage("NS");
	render_json();
	assert_ptr_equal(
		strstr(text, "{\n   \"complete\": true,\n   \"notes\": [],\n   \"name"), text);
	report.limitations = LIMITATION_LISTNS;
	add_mount(hand_ns(NS_NET, 5), "/m");
	assert_contains(
		render_json(), "\"complete\": true,\n   \"notes\": [\"this kernel has no lis");
	report.timed_out = 2;
	report.errors[SOURCE_FDS].denied = 1;
	assert_contains(render_json(), "\"complete\": false,\n   \"notes\": [\"could not read desc",
		"\",\"timed out reading 2 processes\",\"this kernel");
}
