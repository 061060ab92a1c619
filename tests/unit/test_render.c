// SPDX-License-Identifier: MIT
/* Rows to text, on models made by hand: what hostile bytes, absent values and lists become. */
#include "nsls/view/render.h"
#include "nsls/select/tree.h"
#include "nsls/select/use.h"

#include "hand_model.h"
#include "json_check.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct model model;
static struct report report;
static struct view view;
static struct rows rows;
static struct render_options options;
static const struct column *columns[COLUMNS_MAX];
static char *text;

static int set_up(void **state)
{
	(void)state;
	model_init(&model);
	report = (struct report){ 0 };
	view_init(&view, &model, &report, "/proc");
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
	use("NSFS");
	render(FORMAT_JSON);
	assert_json(text);
	assert_non_null(strstr(text, "[\"/a,b\",\"/c\\\"d\\\\e\\u000a\",\"/\\\\xff\"]"));
}

static void holders_are_objects_in_json_and_texts_elsewhere(void **state)
{
	struct ns *ns = hand_ns(&model, NS_NET, 5);

	(void)state;
	add_member(ns, 12, "init");
	add_mount(ns, "/a\"b");
	use("MOUNTS,HOLDERS");
	render(FORMAT_JSON);
	assert_json(text);
	assert_non_null(strstr(text, "\"mounts\": [{\"mntns\":7,\"path\":\"/a\\\"b\"}]"));
	assert_non_null(strstr(text,
		"\"holders\": [{\"kind\":\"process\",\"pid\":12,\"tid\":null,\"fd\":null,"
		"\"mount\":null,\"mntns\":null,\"hns\":null},"
		"{\"kind\":\"mount\",\"pid\":null,\"tid\":null,\"fd\":null,"
		"\"mount\":\"/a\\\"b\",\"mntns\":7,\"hns\":null}]"));
	assert_string_equal(
		render(FORMAT_RAW), "MOUNTS HOLDERS\n/a\"b process\\x2012,mount\\x20/a\"b\n");
}

static void several_lines_a_cell_are_one_item_each(void **state)
{
	struct ns *ns = hand_ns(&model, NS_NET, 5);

	(void)state;
	add_mount(ns, "/one");
	add_mount(ns, "/a\nb");
	use("NS,MOUNTS");
	options.noheadings = options.terminal = true;
	render(FORMAT_TABLE);
	assert_string_equal(squeezed(text), "5 /one\n/a\\x0ab\n");
	options.nowrap = true;
	render(FORMAT_TABLE);
	assert_string_equal(squeezed(text), "5 /one,/a\\x0ab\n");
}

/* The mount point that looks like an item more. */
static void a_comma_inside_of_an_item_is_no_separator(void **state)
{
	struct ns *ns = hand_ns(&model, NS_NET, 5);

	(void)state;
	add_mount(ns, "/x,fd 1:3");
	add_mount(ns, "/a\\x2cb");
	use("MOUNTS,NSFS");
	options.noheadings = options.nowrap = true;
	assert_string_equal(render(FORMAT_RAW),
		"/x\\x2cfd\\x201:3,/a\\x5cx2cb /x\\x2cfd\\x201:3,/a\\x5cx2cb\n");
	assert_string_equal(
		render(FORMAT_TABLE), "/x\\x2cfd 1:3,/a\\x2cb /x\\x2cfd 1:3,/a\\x2cb\n");
	render(FORMAT_JSON);
	assert_non_null(strstr(text, "[\"/x,fd 1:3\",\"/a\\\\x2cb\"]"));
}

static void nsfs_has_a_line_per_mount_point_also_in_a_pipe(void **state)
{
	struct ns *ns = hand_ns(&model, NS_NET, 5);

	(void)state;
	add_mount(ns, "/one");
	add_mount(ns, "/two,");
	use("NS,NSFS,MOUNTS");
	options.noheadings = true;
	render(FORMAT_TABLE);
	assert_string_equal(squeezed(text), "5 /one /one,/two\\x2c\n/two, \n");
	options.nowrap = true;
	render(FORMAT_TABLE);
	assert_string_equal(squeezed(text), "5 /one,/two\\x2c /one,/two\\x2c\n");
	assert_string_equal(render(FORMAT_RAW), "5 /one,/two\\x2c /one,/two\\x2c\n");
}

static void add_many(struct ns *ns, pid_t n)
{
	for (pid_t pid = 1; pid <= n; pid++)
		add_member(ns, pid, NULL);
}

/* How many items the list that starts at text has, and how many more it says there are. */
static size_t count_items(const char *at, size_t *ret_more)
{
	size_t n = 0;

	*ret_more = 0;
	for (; *at >= '0' && *at <= '9'; n++) {
		at += strspn(at, "0123456789");
		at += *at == ',';
	}
	if (!strncmp(at, "\u2026 ", strlen("\u2026 ")))
		*ret_more = strtoul(at + strlen("\u2026 "), NULL, 10);
	return n;
}

static void a_terminal_gets_as_many_items_as_there_is_room_for(void **state)
{
	size_t shown[2], more;

	(void)state;
	add_many(hand_ns(&model, NS_NET, 5), 1000);
	use("PIDS,NS");
	options.terminal = options.noheadings = true;
	for (int i = 0; i < 2; i++) {
		setenv("COLUMNS", i ? "100" : "60", 1);
		render(FORMAT_TABLE);
		shown[i] = count_items(text, &more);
		assert_int_equal(shown[i] + more, 1000);
		assert_true(text_width(text, strlen(text) - 1) <= (i ? 100 : 60));
		assert_true(text_width(text, strlen(text) - 1) > (i ? 90 : 50));
	}
	assert_true(shown[0] < shown[1]);
	options.notruncate = true;
	render(FORMAT_TABLE);
	assert_int_equal(count_items(text, &more), 1000);
	assert_int_equal(more, 0);
	unsetenv("COLUMNS");
}

static void a_list_that_fits_is_not_cut(void **state)
{
	size_t more;

	(void)state;
	add_many(hand_ns(&model, NS_NET, 5), 20); /* 1,…,20 is 50 characters */
	use("PIDS,NS");
	options.terminal = options.noheadings = true;
	setenv("COLUMNS", "53", 1);
	render(FORMAT_TABLE);
	assert_int_equal(count_items(text, &more), 20);
	setenv("COLUMNS", "52", 1);
	render(FORMAT_TABLE);
	assert_true(count_items(text, &more) < 20);
	unsetenv("COLUMNS");
}

static void no_text_is_wider_than_the_terminal(void **state)
{
	struct ns *ns = hand_ns(&model, NS_NET, 5);
	char path[3001];

	(void)state;
	memset(path, 'x', 3000);
	path[3000] = '\0';
	add_member(ns, 12, path);
	add_member(hand_ns(&model, NS_NET, 6), 12, path);
	use("COMMAND,NS");
	options.noheadings = true;
	assert_true(strlen(render(FORMAT_TABLE)) > 6000);
	options.terminal = true;
	assert_true(strlen(render(FORMAT_TABLE)) < 2 * (80 + 20));
	assert_non_null(strstr(text, "xxx\u2026 "));
	options.notruncate = true;
	assert_true(strlen(render(FORMAT_TABLE)) > 6000);
}

/* One process with a command line of two million bytes is no reason to pad all others. */
static void a_long_command_widens_no_other_row(void **state)
{
	char command[5001];

	(void)state;
	memset(command, 'x', 5000);
	command[5000] = '\0';
	add_member(hand_ns(&model, NS_NET, 1), 1, command);
	add_member(hand_ns(&model, NS_NET, 2), 2, "short");
	use("NS,COMMAND,NSFS,PIDS");
	add_mount(hand_ns(&model, NS_NET, 2), "/a");
	add_mount(hand_ns(&model, NS_NET, 2), "/b");
	options.noheadings = true;
	render(FORMAT_TABLE);
	assert_true(strlen(text) < 5000 + 4 * 100);
	assert_non_null(strstr(squeezed(text), "2 short /a 2\n/b"));
}

static void a_list_with_a_line_per_item_is_cut_to_a_few_on_a_terminal(void **state)
{
	struct ns *ns = hand_ns(&model, NS_NET, 5);

	(void)state;
	for (int i = 0; i < 11; i++)
		add_mount(ns, "/m");
	use("NSFS");
	options.noheadings = true;
	assert_string_equal(render(FORMAT_TABLE), "/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n");
	options.terminal = true;
	assert_string_equal(
		render(FORMAT_TABLE), "/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n/m\n\u2026 2 more\n");
}

/* Not rows times the widest list, and no row is longer than what it says. */
static void a_long_list_widens_no_other_row(void **state)
{
	(void)state;
	add_many(hand_ns(&model, NS_NET, 1), 5000);
	for (uint32_t i = 2; i < 200; i++)
		add_mount(hand_ns(&model, NS_NET, i), "/m");
	use("NS,PIDS,HOLDERS,TYPE,NPROCS");
	render(FORMAT_TABLE);
	assert_true(strlen(text) < 5000 * strlen("5000,process 5000,") + 200 * 250);
	assert_non_null(strstr(text, "mount /m"));
}

static void columns_behind_a_list_stand_below_their_names(void **state)
{
	struct ns *ns = hand_ns(&model, NS_NET, 5);

	(void)state;
	add_many(ns, 3);
	ns->nholders = 1234567890;
	add_mount(hand_ns(&model, NS_UTS, 6), "/m\u00fc");
	use("PIDS,NHOLDERS,HOLDERS,TYPE");
	assert_string_equal(render(FORMAT_TABLE),
		"PIDS    NHOLDERS HOLDERS                       TYPE\n"
		"1,2,3 1234567890 process 1,process 2,process 3 net\n"
		"               1 mount /m\u00fc                     uts\n");
}

static void a_tree_behind_a_list_is_drawn_before_the_list(void **state)
{
	(void)state;
	add_member(hand_ns(&model, NS_NET, 5), 12, "x");
	use("TYPE,PIDS,NS");
	options.tree = columns[2];
	options.noheadings = true;
	render(FORMAT_TABLE);
	assert_string_equal(squeezed(text), "net net (1)\nnet \u2514\u250012 5\n");
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

static void json_says_what_the_answer_lacks(void **state)
{
	(void)state;
	use("NS");
	render(FORMAT_JSON);
	assert_json(text);
	assert_ptr_equal(
		strstr(text, "{\n   \"complete\": true,\n   \"notes\": [],\n   \"name"), text);
	report.gaps = REPORT_GAP_LISTNS;
	add_mount(hand_ns(&model, NS_NET, 5), "/m");
	render(FORMAT_JSON);
	assert_json(text);
	assert_non_null(
		strstr(text, "\"complete\": true,\n   \"notes\": [\"this kernel has no lis"));
	report.late = 2;
	report.trouble[SOURCE_FDS].denied = 1;
	render(FORMAT_JSON);
	assert_json(text);
	assert_non_null(strstr(text, "\"complete\": false,\n   \"notes\": [\"could not read desc"));
	assert_non_null(strstr(text, "\",\"2 processes did not answer\",\"this kernel"));
}

/* Nobody who may not look into other people's processes takes their namespaces for leaked. */
static void members_that_are_not_seen_are_unknown_where_the_answer_is_incomplete(void **state)
{
	(void)state;
	add_mount(hand_ns(&model, NS_NET, 5), "/m");
	add_member(hand_ns(&model, NS_NET, 6), 12, "x");
	use("NS,NPROCS,NTHREADS");
	options.noheadings = true;
	assert_string_equal(render(FORMAT_RAW), "5 0 0\n6 1 \n");
	report.late = 1;
	assert_string_equal(render(FORMAT_RAW), "5 ? ?\n6 1 \n");
	render(FORMAT_TABLE);
	assert_string_equal(squeezed(text), "5 ? ?\n6 1 \n");
	render(FORMAT_JSON);
	assert_non_null(strstr(text, "\"ns\": 5,\n         \"nprocs\": null,"));
	assert_non_null(strstr(text, "\"ns\": 6,\n         \"nprocs\": 1,"));
}

static const char *summary(void)
{
	struct query query = { .types = 1u << NS_NET | 1u << NS_UTS };
	size_t len;
	FILE *out;

	free(text);
	out = open_memstream(&text, &len);
	rows_done(&rows);
	assert_int_equal(query_summary(&model, &query, &rows), 0);
	options.format = FORMAT_RAW;
	assert_int_equal(render_rows(&view, &rows, &options, out), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void a_sum_of_unknowns_is_unknown(void **state)
{
	(void)state;
	add_mount(hand_ns(&model, NS_NET, 5), "/m");
	add_member(hand_ns(&model, NS_NET, 6), 12, "x");
	add_member(hand_ns(&model, NS_UTS, 7), 12, "x");
	use("TYPE,NPROCS,PERSISTENT");
	options.noheadings = true;
	assert_string_equal(summary(), "net 1 1\nuts 1 0\n");
	report.late = 1;
	assert_string_equal(summary(), "net 1 ?\nuts 1 0\n");
	use("TYPE,NPROCS,COUNT");
	options.tree = columns[0];
	render(FORMAT_TABLE);
	assert_non_null(strstr(squeezed(text), "net 1 2\n"));
}

/* The summary of one type that has this limit, of which the user uses that many. */
static const char *use_of(enum format format, size_t count, bool is_bound, uint64_t limit)
{
	const struct use used = { .type = NS_NET, .uid = 4000000, .count = count };
	const struct row row = { .kind = ROW_TYPE,
		.type = NS_NET,
		.use = count ? &used : NULL,
		.use_is_bound = is_bound,
		.limit = limit,
		.has_limit = true };
	size_t len;
	FILE *out;

	use("USED,ATLEAST,USER,UID,USE%");
	free(text);
	out = open_memstream(&text, &len);
	rows_done(&rows);
	assert_int_equal(rows_add(&rows, &row), 0);
	options.noheadings = true;
	options.format = format;
	assert_int_equal(render_rows(&view, &rows, &options, out), 0);
	assert_int_equal(fclose(out), 0);
	return squeezed(text);
}

static void a_lower_bound_of_the_use_is_marked(void **state)
{
	(void)state;
	assert_string_equal(use_of(FORMAT_RAW, 12, false, 16), "12 false 4000000 4000000 75.0%\n");
	assert_string_equal(use_of(FORMAT_RAW, 12, true, 16), "12+ true 4000000 4000000 75.0%+\n");
	assert_string_equal(
		use_of(FORMAT_TABLE, 12, true, 16), "12+ true 4000000 4000000 75.0%+\n");
	use_of(FORMAT_JSON, 12, true, 16);
	assert_non_null(strstr(text, "\"used\": 12,\n\"atleast\": true,\n\"user\": \"4000000\","
				     "\n\"uid\": 4000000,\n\"use%\": 75.0\n"));
}

static void no_use_is_0_or_unknown(void **state)
{
	(void)state;
	assert_string_equal(use_of(FORMAT_RAW, 0, false, 16), "0 false 0.0%\n");
	assert_string_equal(use_of(FORMAT_RAW, 0, true, 16), "? true ?\n");
	use_of(FORMAT_JSON, 0, true, 16);
	assert_non_null(strstr(text, "\"used\": null,\n\"atleast\": true,\n\"user\": null,\n"
				     "\"uid\": null,\n\"use%\": null\n"));
	assert_string_equal(use_of(FORMAT_RAW, 3, false, 0), "3 false 4000000 4000000 \n");
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
	report.late = 1; /* nobody knows that it has none */
	assert_null(strstr(render(FORMAT_TABLE), "\x1b"));
	report.late = 0;
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

/* People look for whose a leaked namespace is, and lsns(8) tells them. */
static void a_namespace_without_process_has_the_user_of_its_owner(void **state)
{
	struct ns *ns = hand_ns(&model, NS_NET, 5), *owner = hand_ns(&model, NS_USER, 9);

	(void)state;
	add_mount(ns, "/m");
	add_mount(owner, "/n");
	use("NS,UID,USER");
	options.noheadings = true;
	assert_string_equal(render(FORMAT_RAW), "5  \n9  \n");
	ns->owner = owner;
	owner->owner = hand_ns(&model, NS_USER, 10);
	owner->owner->has_owner_uid = owner->has_owner_uid = true;
	owner->owner_uid = 4294967294u;
	assert_string_equal(
		render(FORMAT_RAW), "5 4294967294 4294967294\n9 4294967294 4294967294\n");
	add_member(ns, 12, "x")->has_status = true;
	render(FORMAT_RAW);
	assert_non_null(strstr(text, "5 0 root\n"));
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
		TEST(holders_are_objects_in_json_and_texts_elsewhere),
		TEST(several_lines_a_cell_are_one_item_each),
		TEST(a_comma_inside_of_an_item_is_no_separator),
		TEST(nsfs_has_a_line_per_mount_point_also_in_a_pipe),
		TEST(a_terminal_gets_as_many_items_as_there_is_room_for),
		TEST(a_list_that_fits_is_not_cut),
		TEST(no_text_is_wider_than_the_terminal),
		TEST(a_long_command_widens_no_other_row),
		TEST(a_list_with_a_line_per_item_is_cut_to_a_few_on_a_terminal),
		TEST(a_long_list_widens_no_other_row),
		TEST(columns_behind_a_list_stand_below_their_names),
		TEST(a_tree_behind_a_list_is_drawn_before_the_list),
		TEST(another_locale_gets_ascii),
		TEST(trees_are_nested_in_json),
		TEST(a_tree_is_drawn_in_the_column_that_is_told),
		TEST(no_rows_are_an_empty_list_or_nothing),
		TEST(json_says_what_the_answer_lacks),
		TEST(members_that_are_not_seen_are_unknown_where_the_answer_is_incomplete),
		TEST(a_sum_of_unknowns_is_unknown),
		TEST(a_lower_bound_of_the_use_is_marked),
		TEST(no_use_is_0_or_unknown),
		TEST(colors_mark_what_has_no_process),
		TEST(words_for_people_are_not_for_json),
		TEST(ids_are_shown_up_to_both_ends),
		TEST(relations_are_numbers_and_users_names),
		TEST(a_namespace_without_process_has_the_user_of_its_owner),
		TEST(what_is_initial_is_known_where_the_numbers_are),
	};

	return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
