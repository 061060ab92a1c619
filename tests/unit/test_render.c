// SPDX-License-Identifier: MIT
/*
 * Rows to text, on models made by hand that no transcript can show: hostile bytes, relations, what
 * is cut on a terminal, how wide it gets, colors; the header above holders.
 */
#include "render_fixture.h"

#include <locale.h>

static struct render_options options;
static char *text; /* the last that was rendered */

static int set_up(void **state)
{
	options = (struct render_options){ .name = "namespaces" };
	setlocale(LC_ALL, "C.UTF-8");
	return render_set_up(state);
}

/* A member process with that command line. */
static struct process *add_member(struct ns *ns, pid_t pid, const char *command)
{
	struct process *process = model_find_process(&model, pid);

	if (!process)
		process = model_add_process(&model, pid);
	process->command = command;
	hand_hold(ns, HOLDER_PROCESS, process);
	return process;
}

/* Many members, and mounts in our mount namespace, without a command line. */
static void add_many(struct ns *ns, pid_t members, int mounts)
{
	for (pid_t pid = 1; pid <= members; pid++)
		add_member(ns, pid, NULL);
	for (int i = 0; i < mounts; i++)
		hand_mount(ns, "/m", model.our_mnt);
}

/*
 * Takes steps: "12 net:5 init", a member and its command, "mount net:5 /m", in our mount namespace,
 * and "columns NS,PID", or "cells NS,PID" without their names.
 */
#define SHOW(...) EACH_STEP(show, __VA_ARGS__)
static void show(const char *step)
{
	char *rest = strf("%s", step), *first = strsep(&rest, " "), *second = strsep(&rest, " ");

	if (!strcmp(first, "mount")) {
		hand_mount(hand_word_ns(second), rest, model.our_mnt);
	} else if (atoi(first)) {
		add_member(hand_word_ns(second), atoi(first), rest);
	} else {
		options.noheadings = !strcmp(first, "cells");
		options.ncolumns = 0;
		for (EACH_WORD(name, second, ",")) {
			options.columns[options.ncolumns] = column_by_name(name, strlen(name));
			assert_non_null(options.columns[options.ncolumns++]);
		}
	}
}

/* The rows as text; JSON is kept to be judged by its schema. */
static char *render_rows(format_function *format)
{
	FILE *out = test_stream();

	format(&view, &rows, &options, out);
	text = test_stream_close(out);
	keep_json(text);
	return text;
}

/* All namespaces as text. */
static char *render(format_function *format)
{
	struct query query = { .types = NS_TYPES_ALL };

	rows_done(&rows);
	query_rows(&model, &query, ROW_NS, &rows);
	if (options.tree)
		tree_arrange(&model, TREE_TYPE, &rows);
	return render_rows(format);
}

TEST_FIXTURE(set_up, render_tear_down);

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
	SHOW("columns NS,COMMAND,TYPE");
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
	assert_int_equal(*render(format_json), '{');
}

TEST(json_has_what_is_missing_from_the_answer)
{
	SHOW("columns NS", "mount net:5 /m");
	report.limitations = LIMITATION_LISTNS;
	assert_contains(render(format_json),
		"{\n   \"complete\": true,\n   \"notes\": [\"this kernel has no lis");
	report.timed_out = 2;
	report.errors[SOURCE_FDS].denied = 1;
	assert_contains(render(format_json),
		"\"complete\": false,\n   \"notes\": [\"could not read ",
		"\",\"timed out reading 2 processes\",\"this kernel");
}

TEST(use_of_a_limit_is_exact_or_a_lower_bound_or_unknown)
{
	static const struct {
		size_t count;
		bool is_bound;
		uint64_t limit;
		const char *text, *json;
	} cases[] = {
		{ 12, false, 16, "12 false 4000000 4000000 75.0%\n",
			"{\"used\": 12,\"atleast\": false,\"user\": \"4000000\",\"uid\": 4000000,"
			"\"use%\": 75.0}" },
		{ 12, true, 16, "12+ true 4000000 4000000 75.0%+\n",
			"{\"used\": 12,\"atleast\": true,\"user\": \"4000000\",\"uid\": 4000000,"
			"\"use%\": 75.0}" },
		{ 0, false, 16, "0 false 0.0%\n",
			"{\"used\": 0,\"atleast\": false,\"user\": null,\"uid\": null,"
			"\"use%\": 0.0}" },
		{ 0, true, 16, "? true ?\n",
			"{\"used\": null,\"atleast\": true,\"user\": null,\"uid\": null,"
			"\"use%\": null}" },
		{ 3, false, 0, "3 false 4000000 4000000\n",
			"{\"used\": 3,\"atleast\": false,\"user\": \"4000000\",\"uid\": 4000000,"
			"\"use%\": null}" },
	};

	options.name = "types";
	SHOW("cells USED,ATLEAST,USER,UID,USE%");
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct usage used = {
			.type = NS_NET, .uid = 4000000, .count = cases[i].count
		};
		const struct row row = { .kind = ROW_TYPE,
			.type = NS_NET,
			.usage = used.count ? &used : NULL,
			.usage_is_bound = cases[i].is_bound,
			.limit = cases[i].limit,
			.has_limit = true };

		rows_done(&rows);
		rows_add(&rows, &row);
		assert_string_equal(squeeze(render_rows(format_raw)), cases[i].text);
		assert_string_equal(squeeze(render_rows(format_table)), cases[i].text);
		assert_contains(squeeze(render_rows(format_json)), cases[i].json);
	}
}

TEST(ids_are_shown_up_to_both_ends)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	SHOW("12 net:5 x");
	ns->has_netnsid = true;
	ns->netnsid = 0;
	ns->id = UINT64_MAX;
	SHOW("columns NETNSID,ID");
	assert_contains(render(format_json), "\"netnsid\": 0", "\"id\": 18446744073709551615");
}

/* As lsns(8) does: this finds the user of a leaked namespace. */
TEST(a_namespace_without_process_has_the_user_of_its_owner)
{
	struct ns *ns = hand_ns(NS_NET, 5), *owner = hand_ns(NS_USER, 9);

	hand_build("user:9 owns net:5; user:10 owns user:9; user:10 above user:9");
	SHOW("cells NS,ONS,PNS,UID,USER,ONSUID,ONSUSER");
	assert_string_equal(render(format_raw), "5 9     \n9 10 10    \n10      \n");
	owner->owner->has_owner_uid = owner->has_owner_uid = true;
	owner->owner_uid = 4294967294u; /* no user has it */
	assert_string_equal(render(format_raw),
		"5 9  4294967294 4294967294 4294967294 4294967294\n"
		"9 10 10 4294967294 4294967294 0 root\n10   0 root  \n");
	add_member(ns, 12, "x")->has_status = true;
	assert_contains(render(format_raw), "5 9  0 root 4294967294 4294967294\n");
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

	add_many(hand_ns(NS_NET, 5), 1000, 0);
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
	add_many(hand_ns(NS_NET, 5), 20, 0); /* 1,…,20 is 50 characters */
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
	add_many(hand_ns(NS_NET, 5), 0, 11);
	SHOW("cells NSFS");
	assert_string_equal(render(format_table), "/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n");
	options.terminal = true;
	assert_string_equal(render(format_table), "11:\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n");
}

/* Not rows times the widest list, and no row is longer than its text. */
TEST(a_long_list_widens_no_other_row)
{
	add_many(hand_ns(NS_NET, 1), 5000, 0);
	for (uint32_t i = 2; i < 200; i++)
		add_many(hand_ns(NS_NET, i), 0, 1);
	SHOW("columns NS,PIDS,HOLDERS,TYPE,NPROCS");
	render(format_table);
	assert_true(strlen(text) < 5000 * strlen("5000,process 5000,") + 200 * 250);
	assert_contains(text, "mount /m");
}

TEST(another_locale_gets_ascii)
{
	SHOW("12 net:5 gr\xc3\xbc\xc3\x9f", "13 net:6 x", "columns NS,COMMAND");
	options.tree = options.columns[0];
	assert_contains(render(format_table), "\u251c\u2500");
	assert_contains(text, "gr\xc3\xbc\xc3\x9f");
	setlocale(LC_ALL, "C");
	render(format_table);
	for (const char *c = text; *c; c++)
		assert_true((unsigned char)*c < 0x80);
	assert_contains(text, "gr\\xc3\\xbc\\xc3\\x9f");
	assert_contains(render(format_json), "gr\xc3\xbc\xc3\x9f"); /* JSON is UTF-8 everywhere */
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

TEST(known_facts_have_a_line)
{
	struct ns *ns = hand_ns(NS_PID, 5);

	hand_build("user:6 owns pid:5; pid:4 above pid:5; 3 pid:5");
	ns->id = 77;
	ns->owner->has_owner_uid = true;
	view.boot_time = 1700000000;
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
	struct ns *ns = hand_ns(NS_USER, 5);

	hand_build("user:6 owns user:5; user:6 above user:5");
	ns->has_owner_uid = ns->owner->has_owner_uid = true;
	ns->owner_uid = 4294967294u;
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
