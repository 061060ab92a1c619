// SPDX-License-Identifier: MIT
/* Rows to text, on models made by hand: what hostile bytes, absent values and lists become. */
#include "nsls/view/render.h"
#include "nsls/select/tree.h"

#include "hand_model.h"
#include "json_check.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct model model;
static struct view view;
static struct rows rows;
static struct render_options options;
static const struct column *columns[COLUMNS_MAX];
static char *text;

static int set_up(void **state)
{
	(void)state;
	model_init(&model);
	view_init(&view, &model, "/proc");
	rows_init(&rows);
	options = (struct render_options){ .name = "namespaces", .columns = columns };
	setlocale(LC_ALL, "C.UTF-8");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	rows_done(&rows);
	view_done(&view);
	model_done(&model);
	return 0;
}

static struct task *add_member(struct ns *ns, pid_t pid, const char *command)
{
	struct task *task = model_find_task(&model, pid);
	struct holder holder = { .kind = HOLDER_PROCESS, .tid = pid };

	if (!task)
		assert_int_equal(model_add_task(&model, pid, &task), 0);
	task->command = command;
	holder.task = task;
	assert_int_equal(model_hold(&model, ns, &holder), 0);
	return task;
}

static void add_mount(struct ns *ns, const char *path)
{
	struct holder_mount *mount = arena_alloc(&model.arena, sizeof(*mount));
	struct holder holder = { .kind = HOLDER_MOUNT, .mount = mount };

	*mount = (struct holder_mount){ .path = path, .mntns = 7 };
	model.our_mnt = 7;
	assert_int_equal(model_hold(&model, ns, &holder), 0);
}

/* Shows these columns, named with commas. */
static void use(const char *names)
{
	options.ncolumns = 0;
	for (size_t len; *names; names += len + (names[len] == ',')) {
		len = strcspn(names, ",");
		columns[options.ncolumns] = column_by_name(names, len);
		assert_non_null(columns[options.ncolumns++]);
	}
}

static const char *render(enum format format)
{
	struct query query = { .types = ALL_TYPES };
	size_t len;
	FILE *out;

	free(text);
	out = open_memstream(&text, &len);
	rows_done(&rows);
	assert_int_equal(query_namespaces(&model, &query, &rows), 0);
	options.format = format;
	if (options.tree)
		assert_int_equal(tree_arrange(&model, TREE_TYPE, &rows), 0);
	assert_int_equal(render_rows(&view, &rows, &options, out), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* One blank for several and none at the start of a line: how wide is the library's business. */
static const char *squeezed(char *lines)
{
	char *to = lines;

	for (const char *from = lines; *from; from++)
		if (*from != ' ' || (to > lines && to[-1] != ' ' && to[-1] != '\n'))
			*to++ = *from;
	*to = '\0';
	return lines;
}

static void the_three_formats_say_the_same(void **state)
{
	(void)state;
	add_member(hand_ns(&model, NS_NET, 5), 12, "init");
	use("NS,TYPE,PID,COMMAND");
	assert_string_equal(render(FORMAT_TABLE), "NS TYPE PID COMMAND\n"
						  " 5 net   12 init\n");
	assert_string_equal(render(FORMAT_RAW), "NS TYPE PID COMMAND\n5 net 12 init\n");
	render(FORMAT_JSON);
	assert_json(text);
	assert_non_null(strstr(text, "\"ns\": 5"));
	assert_non_null(strstr(text, "\"command\": \"init\""));
}

static void headings_can_be_left_out(void **state)
{
	(void)state;
	add_member(hand_ns(&model, NS_NET, 5), 12, "init");
	use("NS,PID");
	options.noheadings = true;
	assert_string_equal(render(FORMAT_RAW), "5 12\n");
	render(FORMAT_TABLE);
	assert_string_equal(squeezed(text), "5 12\n");
}

static void an_absent_value_is_null_and_keeps_the_columns_of_raw_lines(void **state)
{
	(void)state;
	add_mount(hand_ns(&model, NS_NET, 5), "/m");
	use("NS,PID,COMMAND,ONS,ID,TYPE");
	render(FORMAT_JSON);
	assert_json(text);
	assert_non_null(strstr(text, "\"pid\": null"));
	assert_non_null(strstr(text, "\"command\": null"));
	assert_non_null(strstr(text, "\"ons\": null"));
	assert_non_null(strstr(text, "\"id\": null"));
	assert_string_equal(render(FORMAT_RAW), "NS PID COMMAND ONS ID TYPE\n5     net\n");
}

static void lists_are_arrays_also_empty_ones(void **state)
{
	struct ns *ns = hand_ns(&model, NS_NET, 5);

	(void)state;
	add_member(ns, 1, NULL);
	add_member(ns, 22, NULL);
	use("PIDS,TIDS,MOUNTS,FDS");
	render(FORMAT_JSON);
	assert_json(text);
	assert_non_null(strstr(text, "\"pids\": [1,22]"));
	assert_non_null(strstr(text, "\"tids\": []"));
	assert_non_null(strstr(text, "\"mounts\": []"));
	assert_string_equal(render(FORMAT_RAW), "PIDS TIDS MOUNTS FDS\n1,22   \n");
}

static void hostile_commands_stay_in_their_cell(void **state)
{
	static const char *const commands[] = { "a b", "\"quoted\"", "back\\slash", "tab\there",
		"line\nfeed", "\x1b]0;title\a", "\xff\xfe",
		"\xe2\x80\xae"
		"txt.exe",
		"\xc2\x9b"
		"31m",
		"\\x41", "", " ", "a\rb", "\xf0\x9f\x98\x80", "]}],", "\xed\xa0\x80" };
	size_t n = sizeof(commands) / sizeof(*commands);

	(void)state;
	for (size_t i = 0; i < n; i++)
		add_member(hand_ns(&model, NS_NET, (uint32_t)i + 1), (pid_t)i + 1, commands[i]);
	use("NS,COMMAND,TYPE");
	options.notruncate = true;
	for (enum format format = FORMAT_TABLE; format <= FORMAT_RAW; format++) {
		size_t lines = 0;

		render(format);
		for (const char *c = text; *c; c++) {
			lines += *c == '\n';
			assert_true((unsigned char)*c >= 0x20 || *c == '\n');
			assert_int_not_equal(*c, 0x7f);
		}
		assert_int_equal(lines, n + 1);
		assert_null(strstr(text, "\xe2\x80\xae"));
		assert_null(strstr(text, "\xc2\x9b"));
	}
	render(FORMAT_JSON);
	assert_json(text);
}

static void raw_lines_have_one_word_a_column(void **state)
{
	(void)state;
	add_member(hand_ns(&model, NS_NET, 5), 12, "a b\tc");
	use("COMMAND,TYPE");
	assert_string_equal(render(FORMAT_RAW), "COMMAND TYPE\na\\x20b\\x09c net\n");
}

static void a_list_of_hostile_items_is_a_list_of_strings(void **state)
{
	struct ns *ns = hand_ns(&model, NS_NET, 5);

	(void)state;
	add_mount(ns, "/a,b");
	add_mount(ns, "/c\"d\\e\n");
	add_mount(ns, "/\xff");
	use("MOUNTS");
	render(FORMAT_JSON);
	assert_json(text);
	assert_non_null(strstr(text, "[\"/a,b\",\"/c\\\"d\\\\e\\u000a\",\"/\\\\xff\"]"));
}

static void several_lines_a_cell_are_one_item_each(void **state)
{
	struct ns *ns = hand_ns(&model, NS_NET, 5);

	(void)state;
	add_mount(ns, "/one");
	add_mount(ns, "/a\nb");
	use("NS,MOUNTS");
	options.noheadings = options.multiline = true;
	render(FORMAT_TABLE);
	assert_string_equal(squeezed(text), "5 /one\n/a\\x0ab\n");
	options.multiline = false;
	render(FORMAT_TABLE);
	assert_string_equal(squeezed(text), "5 /one,/a\\x0ab\n");
}

static void another_locale_gets_ascii(void **state)
{
	(void)state;
	add_member(hand_ns(&model, NS_NET, 5), 12, "gr\xc3\xbc\xc3\x9f");
	add_member(hand_ns(&model, NS_NET, 6), 13, "x");
	use("NS,COMMAND");
	options.tree = columns[0];
	assert_non_null(strstr(render(FORMAT_TABLE), "\u251c\u2500"));
	assert_non_null(strstr(text, "gr\xc3\xbc\xc3\x9f"));
	setlocale(LC_ALL, "C");
	render(FORMAT_TABLE);
	for (const char *c = text; *c; c++)
		assert_true((unsigned char)*c < 0x80);
	assert_non_null(strstr(text, "gr\\xc3\\xbc\\xc3\\x9f"));
	render(FORMAT_JSON);
	assert_non_null(strstr(text, "gr\xc3\xbc\xc3\x9f")); /* JSON is UTF-8 everywhere */
}

static void trees_are_nested_in_json(void **state)
{
	(void)state;
	add_member(hand_ns(&model, NS_NET, 5), 12, "x");
	add_member(hand_ns(&model, NS_UTS, 6), 12, "x");
	use("NS,TYPE,COUNT,PID");
	options.tree = columns[0];
	render(FORMAT_JSON);
	assert_json(text);
	assert_non_null(strstr(text, "\"children\": ["));
	assert_non_null(strstr(text, "\"count\": 1"));
	assert_non_null(strstr(text, "\"count\": null"));
}

static void a_tree_is_drawn_in_the_column_that_is_told(void **state)
{
	(void)state;
	add_member(hand_ns(&model, NS_NET, 5), 12, "x");
	use("PID,TYPE,NPROCS");
	options.tree = columns[1];
	options.noheadings = true;
	render(FORMAT_TABLE);
	assert_string_equal(squeezed(text), "net 1\n12 \u2514\u2500net 1\n");
}

static void no_rows_are_an_empty_list_or_nothing(void **state)
{
	(void)state;
	use("NS,PID");
	render(FORMAT_JSON);
	assert_json(text);
	assert_non_null(strstr(text, "\"namespaces\": ["));
	render(FORMAT_TABLE);
	assert_null(strstr(text, "null"));
}

static void colors_mark_what_has_no_process(void **state)
{
	(void)state;
	add_mount(hand_ns(&model, NS_NET, 5), "/m");
	add_member(hand_ns(&model, NS_NET, 6), 12, "x");
	use("NS");
	options.colors = true;
	options.noheadings = true;
	render(FORMAT_TABLE);
	assert_non_null(strstr(text, "\x1b["));
	assert_true(strstr(text, "\x1b[") < strstr(text, "6"));
	options.colors = false;
	assert_null(strstr(render(FORMAT_TABLE), "\x1b"));
}

static void words_for_people_are_not_for_json(void **state)
{
	(void)state;
	add_mount(hand_ns(&model, NS_NET, 5), "/m");
	view.labels = true;
	use("NETNSID,COMMAND");
	options.noheadings = true;
	assert_string_equal(render(FORMAT_TABLE), "unassigned mount /m\n");
	render(FORMAT_JSON);
	assert_non_null(strstr(text, "\"netnsid\": null"));
	assert_non_null(strstr(text, "\"command\": null"));
}

static void ids_are_shown_up_to_both_ends(void **state)
{
	struct ns *ns = hand_ns(&model, NS_NET, 5);

	(void)state;
	add_member(ns, 12, "x");
	ns->has_netnsid = true;
	ns->netnsid = 0;
	ns->id = UINT64_MAX;
	use("NETNSID,ID");
	render(FORMAT_JSON);
	assert_non_null(strstr(text, "\"netnsid\": 0"));
	assert_non_null(strstr(text, "\"id\": 18446744073709551615"));
}

static void relations_are_numbers_and_users_names(void **state)
{
	struct ns *ns = hand_ns(&model, NS_NET, 5), *owner = hand_ns(&model, NS_USER, 9);

	(void)state;
	add_member(ns, 12, "x");
	ns->owner = ns->parent = owner;
	owner->has_owner_uid = true;
	owner->owner_uid = 4294967294u; /* nobody has it */
	use("ONS,PNS,ONSUID,ONSUSER");
	options.noheadings = true;
	assert_string_equal(render(FORMAT_RAW), "9 9 4294967294 4294967294\n");
}

/* The first net and mnt namespace have had their numbers only since Linux 6.17. */
static void what_is_initial_is_known_where_the_numbers_are(void **state)
{
	struct ns *net = hand_ns(&model, NS_NET, 5), *uts = hand_ns(&model, NS_UTS, 6);

	(void)state;
	add_member(net, 12, "x");
	add_member(uts, 13, "x");
	use("INITIAL");
	options.noheadings = true;
	assert_string_equal(render(FORMAT_RAW), "\nfalse\n");
	add_member(hand_ns(&model, NS_MNT, nstype_info(NS_MNT)->initial_ino), 14, "x");
	assert_string_equal(render(FORMAT_RAW), "false\nfalse\ntrue\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_three_formats_say_the_same),
		TEST(headings_can_be_left_out),
		TEST(an_absent_value_is_null_and_keeps_the_columns_of_raw_lines),
		TEST(lists_are_arrays_also_empty_ones),
		TEST(hostile_commands_stay_in_their_cell),
		TEST(raw_lines_have_one_word_a_column),
		TEST(a_list_of_hostile_items_is_a_list_of_strings),
		TEST(several_lines_a_cell_are_one_item_each),
		TEST(another_locale_gets_ascii),
		TEST(trees_are_nested_in_json),
		TEST(a_tree_is_drawn_in_the_column_that_is_told),
		TEST(no_rows_are_an_empty_list_or_nothing),
		TEST(colors_mark_what_has_no_process),
		TEST(words_for_people_are_not_for_json),
		TEST(ids_are_shown_up_to_both_ends),
		TEST(relations_are_numbers_and_users_names),
		TEST(what_is_initial_is_known_where_the_numbers_are),
	};

	return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
