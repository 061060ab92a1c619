// SPDX-License-Identifier: MIT
/*
 * Rows to text, on models made by hand that no transcript can show: hostile bytes, relations, what
 * is cut on a terminal, how wide it gets, colors; the header above holders. Besides statements of
 * hand_build(), steps are:
 *
 *	columns NS,PID       what is shown; "cells NS,PID" without their names
 *	command 12 x         the command line of process 12
 *	process 12 uid=0     what was read of it; also "start=", in ticks
 *	net:5 has id=77      what is known of a namespace; also "netnsid=" and "uid=", its owner's
 *	use 12 of 16         nothing but a row of a type, with the use of a limit; "12+" is a bound
 *	raw => TEXT          the rows as raw lines
 *	text => TEXT         the same, and a table, but for the width of columns
 *	json => PART         a part of the JSON, on one line
 *	header net:5 => TEXT the lines above its holders
 */
#include "render_fixture.h"

#include <inttypes.h>
#include <locale.h>

static struct render_options options;
static struct row use; /* that of a step; has_limit is false if there was none */
static char *text;     /* the last that was rendered */

static int set_up(void **state)
{
	options = (struct render_options){ .name = "namespaces" };
	use = (struct row){ 0 };
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

/* Many members without a command line, and mounts in our mount namespace. */
static void add_many(struct ns *ns, pid_t members, int mounts)
{
	for (pid_t pid = 1; pid <= members; pid++)
		add_member(ns, pid, NULL);
	for (int i = 0; i < mounts; i++)
		hand_mount(ns, "/m", model.our_mnt);
}

static void set_columns(const char *names, bool headings)
{
	options.noheadings = !headings;
	options.ncolumns = 0;
	for (EACH_WORD(name, names, ",")) {
		options.columns[options.ncolumns] = column_by_name(name, strlen(name));
		assert_non_null(options.columns[options.ncolumns++]);
	}
}

static void set_use(const char *count, const char *limit)
{
	static struct usage used;

	options.name = "types";
	used = (struct usage){ .type = NS_NET, .uid = 4000000, .count = (size_t)atoi(count) };
	use = (struct row){ .kind = ROW_TYPE,
		.type = NS_NET,
		.usage = used.count ? &used : NULL,
		.usage_is_bound = strchr(count, '+'),
		.limit = (uint64_t)atoi(limit),
		.has_limit = true };
}

static void set_fact(struct ns *ns, const char *fact)
{
	ns->has_netnsid |= sscanf(fact, "netnsid=%d", &ns->netnsid) == 1;
	ns->has_owner_uid |= sscanf(fact, "uid=%u", &ns->owner_uid) == 1;
	sscanf(fact, "id=%" SCNu64, &ns->id);
}

static bool add(char *words[])
{
	struct process *process = words[1] ? model_find_process(&model, atoi(words[1])) : NULL;

	if (!strcmp(words[0], "columns") || !strcmp(words[0], "cells"))
		set_columns(words[1], words[0][1] == 'o');
	else if (!strcmp(words[0], "command"))
		process->command = words[2];
	else if (!strcmp(words[0], "process"))
		process->has_status |=
			sscanf(words[2], "start=%" SCNu64, &process->start_ticks) != 1 &&
			sscanf(words[2], "uid=%u", &process->uid) == 1;
	else if (!strcmp(words[0], "use"))
		set_use(words[1], words[3]);
	else if (words[1] && !strcmp(words[1], "has"))
		for (char **word = words + 2; *word; word++)
			set_fact(hand_word_ns(words[0]), *word);
	else
		return false;
	return true;
}

/* All namespaces, or the row of a step, as text. JSON is kept to be judged by its schema. */
static char *render(format_function *format)
{
	struct query query = { .types = NS_TYPES_ALL };
	FILE *out = test_stream();

	rows_done(&rows);
	if (use.has_limit)
		rows_add(&rows, &use);
	else
		query_rows(&model, &query, ROW_NS, &rows);
	if (options.tree)
		tree_arrange(&model, TREE_TYPE, &rows);
	format(&view, &rows, &options, out);
	text = test_stream_close(out);
	keep_json(text);
	return text;
}

static const char *find(char *question, const char *expected)
{
	FILE *out;

	if (!strcmp(question, "raw"))
		return render(format_raw);
	if (!strcmp(question, "json"))
		return strstr(squeeze(render(format_json)), expected) ? expected : text;
	if (!strcmp(question, "text")) {
		assert_string_equal(squeeze(render(format_table)), expected);
		return squeeze(render(format_raw));
	}
	out = test_stream();
	header_print(&view, hand_word_ns(question + strlen("header ")), out);
	return test_stream_close(out);
}

static const struct hand_steps steps = { .add = add, .find = find };

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
	MODEL("columns NS,COMMAND,TYPE");
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
	MODEL("columns NS", "mnt:7 mounts /m net:5");
	report.limitations = LIMITATION_LISTNS;
	assert_contains(render(format_json),
		"{\n   \"complete\": true,\n   \"notes\": [\"this kernel has no lis");
	report.timed_out = 2;
	report.errors[SOURCE_FDS].denied = 1;
	assert_contains(render(format_json),
		"\"complete\": false,\n   \"notes\": [\"could not read ",
		"\",\"timed out reading 2 processes\",\"this kernel");
}

#define USER_JSON "\"user\": \"4000000\",\"uid\": 4000000,"

MODEL_TEST(use_of_a_limit_is_exact_or_a_lower_bound_or_unknown, "cells USED,ATLEAST,USER,UID,USE%",
	"use 12 of 16", "text => 12 false 4000000 4000000 75.0%\n",
	"json => {\"used\": 12,\"atleast\": false," USER_JSON "\"use%\": 75.0}", "use 12+ of 16",
	"text => 12+ true 4000000 4000000 75.0%+\n",
	"json => {\"used\": 12,\"atleast\": true," USER_JSON "\"use%\": 75.0}", "use 0 of 16",
	"text => 0 false 0.0%\n",
	"json => {\"used\": 0,\"atleast\": false,\"user\": null,\"uid\": null,\"use%\": 0.0}",
	"use 0+ of 16", "text => ? true ?\n",
	"json => {\"used\": null,\"atleast\": true,\"user\": null,\"uid\": null,\"use%\": null}",
	"use 3 of 0", "text => 3 false 4000000 4000000\n",
	"json => {\"used\": 3,\"atleast\": false," USER_JSON "\"use%\": null}")

MODEL_TEST(ids_are_shown_up_to_both_ends, "12 net:5", "net:5 has netnsid=0 id=18446744073709551615",
	"columns NETNSID,ID", "json => {\"netnsid\": 0,\"id\": 18446744073709551615}")

/* As lsns(8) does: this finds the user of a leaked namespace. */
MODEL_TEST(a_namespace_without_process_has_the_user_of_its_owner,
	"user:9 owns net:5; user:10 owns user:9; user:10 above user:9",
	"cells NS,ONS,PNS,UID,USER,ONSUID,ONSUSER", "raw => 5 9     \n9 10 10    \n10      \n",
	"user:9 has uid=4294967294; user:10 has uid=0",
	"raw => 5 9  4294967294 4294967294 4294967294 4294967294\n"
	"9 10 10 4294967294 4294967294 0 root\n10   0 root  \n",
	"12 net:5; process 12 uid=0",
	"raw => 5 9  0 root 4294967294 4294967294\n"
	"9 10 10 4294967294 4294967294 0 root\n10   0 root  \n")

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
	MODEL("cells PIDS,NS");
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
	MODEL("cells PIDS,NS");
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
	MODEL("cells COMMAND,NS");
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
	MODEL("2 net:2; command 2 short; mnt:7 mounts /a net:2; mnt:7 mounts /b net:2",
		"cells NS,COMMAND,NSFS,PIDS");
	render(format_table);
	assert_true(strlen(text) < 5000 + 4 * 100);
	assert_contains(squeeze(text), "2 short /a,/b 2\n");
}

TEST(a_list_with_a_line_per_item_is_cut_to_a_few_on_a_terminal)
{
	add_many(hand_ns(NS_NET, 5), 0, 11);
	MODEL("cells NSFS");
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
	MODEL("columns NS,PIDS,HOLDERS,TYPE,NPROCS");
	render(format_table);
	assert_true(strlen(text) < 5000 * strlen("5000,process 5000,") + 200 * 250);
	assert_contains(text, "mount /m");
}

TEST(another_locale_gets_ascii)
{
	MODEL("12 net:5; command 12 gr\xc3\xbc\xc3\x9f; 13 net:6", "columns NS,COMMAND");
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
	MODEL("mnt:7 mounts /m net:5; 12 net:6", "cells NS");
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

MODEL_TEST(known_facts_have_a_line,
	"3 pid:5; user:6 owns pid:5; pid:4 above pid:5; pid:5 has id=77; user:6 has uid=0",
	"header pid:5 => pid:[5]\n"
	"  ID       77\n"
	"  owner    user:[6], user root\n"
	"  parent   pid:[4]\n"
	"  initial  no\n"
	"  members  1 process\n"
	"  since    2023-11-14T22:13:20+00:00\n")

MODEL_TEST(the_owner_of_a_user_namespace_is_a_user,
	"user:6 owns user:5; user:6 above user:5; user:5 has uid=4294967294; user:6 has uid=0",
	"header user:5 => user:[5]\n"
	"  owner    user 4294967294\n"
	"  parent   user:[6]\n"
	"  initial  no\n"
	"  members  none\n")

MODEL_TEST(since_is_the_start_of_the_oldest_member,
	"3 net:5; 4 net:5; process 3 start=200000; process 4 start=100000",
	"header net:5 => net:[5]\n"
	"  members  2 processes\n"
	"  since    2023-11-14T22:30:00+00:00 (oldest member)\n")

MODEL_TEST(an_initial_namespace_is_called_that, "kernel uts:4026531838",
	"header uts:4026531838 => uts:[4026531838]\n  initial  yes\n  members  none\n")
