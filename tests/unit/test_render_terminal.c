// SPDX-License-Identifier: MIT
/* Rows on a terminal: what is cut, how wide it gets, colors. */
#include "render_fixture.h"

#include <locale.h>

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

TEST_FIXTURE(render_set_up, render_tear_down);

TEST(a_long_list_begins_with_its_count_and_takes_a_third_of_the_terminal)
{
	static const size_t screens[] = { 40, 90, 200 }, widths[] = { 23, 30, 66 };

	add_many(hand_ns(NS_NET, 5), 1000);
	cells("PIDS,NS");
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
	cells("PIDS,NS");
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
	cells("COMMAND,NS");
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
	add_member(hand_ns(NS_NET, 2), 2, "short");
	cells("NS,COMMAND,NSFS,PIDS");
	add_mount(hand_ns(NS_NET, 2), "/a");
	add_mount(hand_ns(NS_NET, 2), "/b");
	render(format_table);
	assert_true(strlen(text) < 5000 + 4 * 100);
	assert_contains(squeeze(text), "2 short /a,/b 2\n");
}

TEST(a_list_with_a_line_per_item_is_cut_to_a_few_on_a_terminal)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	for (int i = 0; i < 11; i++)
		add_mount(ns, "/m");
	cells("NSFS");
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
	usage("NS,PIDS,HOLDERS,TYPE,NPROCS");
	render(format_table);
	assert_true(strlen(text) < 5000 * strlen("5000,process 5000,") + 200 * 250);
	assert_contains(text, "mount /m");
}

TEST(columns_behind_a_list_stand_below_their_names)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	add_many(ns, 3);
	ns->nholders = 1234567890;
	add_mount(hand_ns(NS_UTS, 6), "/m\u00fc");
	usage("PIDS,NHOLDERS,HOLDERS,TYPE");
	assert_string_equal(render(format_table),
		"PIDS    NHOLDERS HOLDERS                       TYPE\n"
		"1,2,3 1234567890 process 1,process 2,process 3 net\n"
		"               1 mount /m\u00fc                     uts\n");
}

TEST(a_tree_behind_a_list_is_drawn_in_its_column)
{
	add_member(hand_ns(NS_NET, 5), 12, "x");
	cells("TYPE,PIDS,NS");
	options.tree = options.columns[2];
	assert_string_equal(render_squeezed(), "net net (1)\nnet 12 \u2514\u25005\n");
}

TEST(another_locale_gets_ascii)
{
	add_member(hand_ns(NS_NET, 5), 12, "gr\xc3\xbc\xc3\x9f");
	add_member(hand_ns(NS_NET, 6), 13, "x");
	usage("NS,COMMAND");
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
	add_mount(hand_ns(NS_NET, 5), "/m");
	add_member(hand_ns(NS_NET, 6), 12, "x");
	cells("NS");
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
