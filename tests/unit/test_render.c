// SPDX-License-Identifier: MIT
/*
 * Rows to text, on models made by hand: the three formats, lists, trees and hostile bytes; text of
 * cells; what is cut on a terminal, how wide it gets, colors; the header above holders.
 */
#include "render_fixture.h"

#include <locale.h>

TEST_FIXTURE(render_set_up, render_tear_down);

TEST(lists_are_arrays_also_empty_ones)
{
	SHOW("1 net:5", "22 net:5", "usage PIDS,TIDS,MOUNTS,FDS");
	assert_contains(render_json(), "\"pids\": [1,22]", "\"tids\": []", "\"mounts\": []");
	assert_string_equal(render(format_raw), "PIDS TIDS MOUNTS FDS\n1,22   \n");
}

TEST(hostile_commands_stay_in_their_cell)
{
	pid_t n = 0;

	for (EACH_TEXT(command, "a b", "\"quoted\"", "back\\slash", "tab\there", "line\nfeed",
		     "\x1b]0;title\a", "\xff\xfe", "\xe2\x80\xaetxt.exe",
		     "\xc2\233"
		     "31m",
		     "\\x41", "", " ", "a\rb", "\xf0\x9f\x98\x80", "]}],", "\xed\xa0\x80")) {
		n++;
		add_member(hand_ns(NS_NET, (uint32_t)n), n, command);
	}
	SHOW("usage NS,COMMAND,TYPE");
	options.notruncate = true;
	for (int raw = 0; raw < 2; raw++) {
		pid_t lines = 0;

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
	SHOW("mount net:5 /a,b", "mount net:5 /c\"d\\e\n", "mount net:5 /\xff", "usage NSFS");
	assert_contains(render_json(), "[\"/a,b\",\"/c\\\"d\\\\e\\u000a\",\"/\\\\xff\"]");
}

TEST(holders_are_objects_in_json_and_texts_elsewhere)
{
	SHOW("12 net:5 init", "mount net:5 /a\"b", "usage MOUNTS,HOLDERS");
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
	SHOW("mount net:5 /one", "mount net:5 /a\nb", "cells NS,MOUNTS");
	options.terminal = true;
	assert_string_equal(render_squeezed(), "5 /one\n/a\\x0ab\n");
	options.nowrap = true;
	assert_string_equal(render_squeezed(), "5 /one,/a\\x0ab\n");
}

/* A mount point that could be read as two items. */
TEST(a_comma_inside_of_an_item_is_no_separator)
{
	SHOW("mount net:5 /x,fd 1:3", "mount net:5 /a\\x2cb", "cells MOUNTS,NSFS");
	options.nowrap = true;
	assert_string_equal(render(format_raw),
		"/x\\x2cfd\\x201:3,/a\\x5cx2cb /x\\x2cfd\\x201:3,/a\\x5cx2cb\n");
	assert_string_equal(
		render(format_table), "/x\\x2cfd 1:3,/a\\x2cb /x\\x2cfd 1:3,/a\\x2cb\n");
	assert_contains(render_json(), "[\"/x,fd 1:3\",\"/a\\\\x2cb\"]");
}

TEST(nsfs_has_a_line_per_mount_point_also_in_a_pipe)
{
	SHOW("mount net:5 /one", "mount net:5 /two,", "cells NS,NSFS,MOUNTS");
	assert_string_equal(render_squeezed(), "5 /one /one,/two\\x2c\n/two,\n");
	options.nowrap = true;
	assert_string_equal(render_squeezed(), "5 /one,/two\\x2c /one,/two\\x2c\n");
	assert_string_equal(render(format_raw), "5 /one,/two\\x2c /one,/two\\x2c\n");
}

TEST(tree_is_drawn_in_the_given_column)
{
	SHOW("12 net:5 x", "cells PID,TYPE,NPROCS");
	options.tree = options.columns[1];
	assert_string_equal(render_squeezed(), "net 1\n12 \u2514\u2500net 1\n");
}

TEST(json_has_what_is_missing_from_the_answer)
{
	SHOW("usage NS");
	render_json();
	assert_ptr_equal(
		strstr(text, "{\n   \"complete\": true,\n   \"notes\": [],\n   \"name"), text);
	report.limitations = LIMITATION_LISTNS;
	SHOW("mount net:5 /m");
	assert_contains(
		render_json(), "\"complete\": true,\n   \"notes\": [\"this kernel has no lis");
	report.timed_out = 2;
	report.errors[SOURCE_FDS].denied = 1;
	assert_contains(render_json(), "\"complete\": false,\n   \"notes\": [\"could not read desc",
		"\",\"timed out reading 2 processes\",\"this kernel");
}

/* A user who can't read others' processes must not take their namespaces for leaked. */
TEST(members_not_found_are_unknown_in_an_incomplete_answer)
{
	SHOW("mount net:5 /m", "12 net:6 x", "cells NS,NPROCS,NTHREADS");
	assert_string_equal(render(format_raw), "5 0 0\n6 1 \n");
	report.timed_out = 1;
	assert_string_equal(render(format_raw), "5 ? ?\n6 1 \n");
	assert_string_equal(render_squeezed(), "5 ? ?\n6 1\n");
	assert_contains(render_json(), "\"ns\": 5,\n         \"nprocs\": null,",
		"\"ns\": 6,\n         \"nprocs\": 1,");
}

static const char *summary(void)
{
	struct query query = { .types = 1u << NS_NET | 1u << NS_UTS };

	rows_done(&rows);
	query_summary(&model, &query, &rows);
	return render_as(format_raw);
}

TEST(a_sum_of_unknowns_is_unknown)
{
	SHOW("mount net:5 /m", "12 net:6 x", "12 uts:7 x", "cells TYPE,NPROCS,PERSISTENT");
	assert_string_equal(summary(), "net 1 1\nuts 1 0\n");
	report.timed_out = 1;
	assert_string_equal(summary(), "net 1 ?\nuts 1 0\n");
	SHOW("usage TYPE,NPROCS,COUNT");
	options.tree = options.columns[0];
	assert_contains(render_squeezed(), "net 1 2\n");
}

/* The summary of one type that has this limit, of which the user uses that many. */
static const char *use_of(format_function *format, size_t count, bool is_bound, uint64_t limit)
{
	const struct usage used = { .type = NS_NET, .uid = 4000000, .count = count };
	const struct row row = { .kind = ROW_TYPE,
		.type = NS_NET,
		.usage = count ? &used : NULL,
		.usage_is_bound = is_bound,
		.limit = limit,
		.has_limit = true };

	SHOW("cells USED,ATLEAST,USER,UID,USE%");
	rows_done(&rows);
	rows_add(&rows, &row);
	render_as(format);
	return squeeze(text);
}

TEST(a_lower_bound_of_the_use_is_marked)
{
	assert_string_equal(use_of(format_raw, 12, false, 16), "12 false 4000000 4000000 75.0%\n");
	assert_string_equal(use_of(format_raw, 12, true, 16), "12+ true 4000000 4000000 75.0%+\n");
	assert_string_equal(
		use_of(format_table, 12, true, 16), "12+ true 4000000 4000000 75.0%+\n");
	use_of(format_json, 12, true, 16);
	assert_contains(text, "{\"used\": 12,\"atleast\": true,\"user\": \"4000000\","
			      "\"uid\": 4000000,\"use%\": 75.0}");
}

TEST(no_use_is_0_or_unknown)
{
	assert_string_equal(use_of(format_raw, 0, false, 16), "0 false 0.0%\n");
	assert_string_equal(use_of(format_raw, 0, true, 16), "? true ?\n");
	use_of(format_json, 0, true, 16);
	assert_contains(text, "{\"used\": null,\"atleast\": true,\"user\": null,\"uid\": null,"
			      "\"use%\": null}");
	assert_string_equal(use_of(format_raw, 3, false, 0), "3 false 4000000 4000000\n");
}

TEST(ids_are_shown_up_to_both_ends)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	SHOW("12 net:5 x");
	ns->has_netnsid = true;
	ns->netnsid = 0;
	ns->id = UINT64_MAX;
	SHOW("usage NETNSID,ID");
	assert_contains(render_json(), "\"netnsid\": 0", "\"id\": 18446744073709551615");
}

TEST(relations_are_numbers_and_users_names)
{
	struct ns *ns = hand_ns(NS_NET, 5), *owner = hand_ns(NS_USER, 9);

	add_member(ns, 12, "x");
	ns->owner = ns->parent = owner;
	owner->has_owner_uid = true;
	owner->owner_uid = 4294967294u; /* no user has it */
	SHOW("cells ONS,PNS,ONSUID,ONSUSER");
	assert_string_equal(render(format_raw), "9 9 4294967294 4294967294\n");
}

/* As lsns(8) does: this finds the user of a leaked namespace. */
TEST(a_namespace_without_process_has_the_user_of_its_owner)
{
	struct ns *ns = hand_ns(NS_NET, 5), *owner = hand_ns(NS_USER, 9);

	add_mount(ns, "/m");
	add_mount(owner, "/n");
	SHOW("cells NS,UID,USER");
	assert_string_equal(render(format_raw), "5  \n9  \n");
	ns->owner = owner;
	owner->owner = hand_ns(NS_USER, 10);
	owner->owner->has_owner_uid = owner->has_owner_uid = true;
	owner->owner_uid = 4294967294u;
	assert_string_equal(
		render(format_raw), "5 4294967294 4294967294\n9 4294967294 4294967294\n");
	add_member(ns, 12, "x")->has_status = true;
	assert_contains(render(format_raw), "5 0 root\n");
}

/* The first net and mnt namespace have had their numbers only since Linux 6.17. */
TEST(initial_namespaces_are_known_if_their_inodes_are_fixed)
{
	struct ns *net = hand_ns(NS_NET, 5), *uts = hand_ns(NS_UTS, 6);

	add_member(net, 12, "x");
	add_member(uts, 13, "x");
	SHOW("cells INITIAL");
	assert_string_equal(render(format_raw), "\nfalse\n");
	add_member(hand_ns(NS_MNT, nstype_info(NS_MNT)->initial_ino), 14, "x");
	assert_string_equal(render(format_raw), "false\nfalse\ntrue\n");
}

static void add_many(struct ns *ns, pid_t n)
{
	for (pid_t pid = 1; pid <= n; pid++)
		add_member(ns, pid, NULL);
}

/* The number of items of a list "1,2,3", each of which must follow the one before. */
static size_t count_items(const char *at)
{
	size_t n = 0;

	while (strtoul(at, NULL, 10) == n + 1) {
		n++;
		at += strspn(at, "0123456789");
		at += *at == ',';
	}
	return n;
}

TEST(a_long_list_begins_with_its_count_and_takes_a_third_of_the_terminal)
{
	static const size_t screens[] = { 40, 90, 200 }, widths[] = { 23, 30, 66 };

	add_many(hand_ns(NS_NET, 5), 1000);
	SHOW("cells PIDS,NS");
	options.terminal = true;
	for (size_t i = 0; i < 3; i++) {
		const char *end;
		size_t width;

		setenv("COLUMNS", strf("%zu", screens[i]), 1);
		render(format_table);
		assert_int_equal(strncmp(text, "1000: ", strlen("1000: ")), 0);
		end = strstr(text, "\u2026");
		assert_non_null(end);
		assert_int_equal(end[-1], ',');
		assert_true(count_items(text + strlen("1000: ")) > 3);
		width = (size_t)(end - text) + 1;
		assert_true(width <= widths[i] && width + strlen("100,") > widths[i] - 3);
	}
	unsetenv("COLUMNS");
	options.notruncate = true;
	assert_int_equal(count_items(render(format_table)), 1000);
	options.terminal = options.notruncate = false;
	assert_int_equal(count_items(render(format_table)), 1000);
}

TEST(a_list_that_fits_is_not_cut)
{
	add_many(hand_ns(NS_NET, 5), 20); /* 1,…,20 is 50 characters */
	SHOW("cells PIDS,NS");
	options.terminal = true;
	setenv("COLUMNS", "150", 1);
	render(format_table);
	assert_int_equal(count_items(text), 20);
	setenv("COLUMNS", "149", 1);
	render(format_table);
	assert_int_equal(strncmp(text, "20: 1,2,", 8), 0);
	unsetenv("COLUMNS");
}

TEST(no_text_is_wider_than_the_terminal)
{
	const char *path = strf("%03000d", 0);

	add_member(hand_ns(NS_NET, 5), 12, path);
	add_member(hand_ns(NS_NET, 6), 12, path);
	SHOW("cells COMMAND,NS");
	assert_true(strlen(render(format_table)) > 6000);
	options.terminal = true;
	assert_true(strlen(render(format_table)) < 2 * (80 + 20));
	assert_contains(text, "000\u2026 ");
	options.notruncate = true;
	assert_true(strlen(render(format_table)) > 6000);
}

/*
 * One process with a command line of two million bytes is no reason to pad all others: in a pipe,
 * one blank separates the columns from there on.
 */
TEST(a_long_command_widens_no_other_row)
{
	add_member(hand_ns(NS_NET, 1), 1, strf("%05000d", 0));
	SHOW("2 net:2 short", "cells NS,COMMAND,NSFS,PIDS", "mount net:2 /a", "mount net:2 /b");
	render(format_table);
	assert_true(strlen(text) < 5000 + 4 * 100);
	assert_contains(squeeze(text), "2 short /a,/b 2\n");
}

TEST(a_list_with_a_line_per_item_is_cut_to_a_few_on_a_terminal)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	for (int i = 0; i < 11; i++)
		add_mount(ns, "/m");
	SHOW("cells NSFS");
	assert_string_equal(render(format_table), "/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n");
	options.terminal = true;
	assert_string_equal(render(format_table), "11:\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n");
}

/* Not rows times the widest list, and no row is longer than its text. */
TEST(a_long_list_widens_no_other_row)
{
	add_many(hand_ns(NS_NET, 1), 5000);
	for (uint32_t i = 2; i < 200; i++)
		add_mount(hand_ns(NS_NET, i), "/m");
	SHOW("usage NS,PIDS,HOLDERS,TYPE,NPROCS");
	render(format_table);
	assert_true(strlen(text) < 5000 * strlen("5000,process 5000,") + 200 * 250);
	assert_contains(text, "mount /m");
}

TEST(columns_behind_a_list_stand_below_their_names)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	add_many(ns, 3);
	ns->nholders = 1234567890;
	SHOW("mount uts:6 /m\u00fc", "usage PIDS,NHOLDERS,HOLDERS,TYPE");
	assert_string_equal(render(format_table),
		"PIDS    NHOLDERS HOLDERS                       TYPE\n"
		"1,2,3 1234567890 process 1,process 2,process 3 net\n"
		"               1 mount /m\u00fc                     uts\n");
}

TEST(a_tree_behind_a_list_is_drawn_in_its_column)
{
	SHOW("12 net:5 x", "cells TYPE,PIDS,NS");
	options.tree = options.columns[2];
	assert_string_equal(render_squeezed(), "net net (1)\nnet 12 \u2514\u25005\n");
}

TEST(another_locale_gets_ascii)
{
	SHOW("12 net:5 gr\xc3\xbc\xc3\x9f", "13 net:6 x", "usage NS,COMMAND");
	options.tree = options.columns[0];
	assert_contains(render(format_table), "\u251c\u2500");
	assert_contains(text, "gr\xc3\xbc\xc3\x9f");
	setlocale(LC_ALL, "C");
	render(format_table);
	for (const char *c = text; *c; c++)
		assert_true((unsigned char)*c < 0x80);
	assert_contains(text, "gr\\xc3\\xbc\\xc3\\x9f");
	assert_contains(render_json(), "gr\xc3\xbc\xc3\x9f"); /* JSON is UTF-8 everywhere */
}

TEST(colors_mark_what_has_no_process)
{
	SHOW("mount net:5 /m", "12 net:6 x", "cells NS");
	options.colors = true;
	assert_contains(render(format_table), "\x1b[");
	assert_true(strstr(text, "\x1b[") < strstr(text, "6"));
	report.timed_out = 1; /* the note about it comes first */
	assert_contains(render(format_table), "\x1b[");
	report.timed_out = 0;
	report.no_members = true; /* no namespace has a member then */
	assert_lacks(render(format_table), "\x1b");
	report.no_members = false;
	options.colors = false;
	assert_lacks(render(format_table), "\x1b");
}

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
