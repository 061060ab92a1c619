// SPDX-License-Identifier: MIT
/* What options come to: which view, in which shape, with which columns, and what they need read. */
#include "../../src/cli/internal.h"

#include "run_words.h"

static struct plan plan;
static char *message;

static int make(const char *line, bool terminal)
{
	FILE *err = test_stream();
	char *argv[WORDS_MAX];
	struct options options;
	int argc = split_words(strf("nsls %s", line), argv), r;

	assert_int_equal(options_parse(argc, argv, err, &options), 0);
	r = plan_make(&options, terminal, &plan);
	options_done(&options);
	message = test_stream_close(err);
	return r;
}

static void assert_columns(const char *expected)
{
	struct strbuf names = { 0 };

	for (size_t i = 0; i < plan.render.ncolumns; i++)
		strbuf_addf(&names, "%s%s", i ? " " : "", plan.render.columns[i]->name);
	assert_string_equal(strbuf_keep(&names), expected);
}

static void assert_plan(const char *line, bool terminal, const char *columns)
{
	assert_int_equal(make(line, terminal), 0);
	assert_string_equal(message, "");
	assert_columns(columns);
}

#define LIST "NS TYPE NPROCS PID USER COMMAND"
#define JSON "NS TYPE NPROCS PID USER NETNSID NSFS NAME COMMAND PIDS"
#define SUMMARY "TYPE COUNT NPROCS PERSISTENT USED USER LIMIT USE%"
#define SUMMARY_JSON "TYPE COUNT NPROCS PERSISTENT USED ATLEAST USER LIMIT USE%"
#define NET "NS TYPE NPROCS PID USER NETNSID NSFS COMMAND"

TEST(the_list_has_the_columns_of_lsns)
{
	assert_plan("", false, LIST " NAME");
	assert_plan("-l", true, LIST " NAME");
	assert_plan("-p 1", true, LIST " NAME");
	assert_plan("-t net", false, NET " NAME");
	assert_plan("-t net,uts", false, NET " NAME");
	assert_plan("-t ipc,uts", false, LIST " NAME");
	assert_plan("-r", true, LIST);
}

TEST(keys_of_json_do_not_depend_on_the_types)
{
	assert_plan("-J", false, JSON);
	assert_plan("-J -t net", false, JSON);
	assert_plan("-J -t uts", true, JSON);
	assert_plan("-J -T -t uts", true, JSON);
}

TEST(each_view_has_columns_of_its_own)
{
	assert_plan("", true, "NS NPROCS PID USER NAME COMMAND");
	assert_plan("-J -T type", false,
		"NS TYPE COUNT NPROCS PID USER NETNSID NSFS NAME COMMAND PIDS");
	assert_plan("-s", false, SUMMARY);
	assert_plan("-s --by user", false, "TYPE USER COUNT NPROCS PERSISTENT USED LIMIT USE%");
	assert_plan("-s -J", false, SUMMARY_JSON);
	assert_plan("-s -J --by user", true, SUMMARY_JSON);
	assert_plan("-C", false, "NAME NPROCS PID USER OWN COMMAND");
	assert_plan("-C", true, "NAME NPROCS PID USER OWN COMMAND");
	assert_plan("-C -J", false,
		"NAME NPROCS PID USER OWN SHARED COMMAND RUNTIME CONTAINER UNIT POD PIDS");
	assert_plan("5", false, "HOLDER PID PPID USER COMMAND");
	assert_plan("5 6", false, "NS TYPE HOLDER PID PPID USER COMMAND");
	assert_plan("5 -r", true, "HOLDER PID PPID USER COMMAND");
	assert_plan("5 6", true, "HOLDER PID PPID USER NAME COMMAND");
	assert_plan("5 6 -l", true, "NS TYPE HOLDER PID PPID USER NAME COMMAND");
	assert_plan("5 -l", true, "HOLDER PID PPID USER NAME COMMAND");
	assert_plan(
		"5 -J", false, "NS TYPE KIND PID PPID TID FD MOUNT MNTNS HNS USER NAME COMMAND");
}

TEST(persistent_adds_the_holders_to_the_list)
{
	assert_plan("-P", false, LIST " HOLDERS NAME");
	assert_plan("-P -l", true, LIST " HOLDERS NAME");
	assert_plan("-P -r", false, LIST " HOLDERS");
	assert_plan("-P -J", false, JSON " HOLDERS");
	assert_plan("-P -J -T", false, JSON " HOLDERS");
	assert_plan("-P -o NS", false, "NS");
	assert_plan("-P", true, "NS NPROCS PID USER NAME COMMAND");
	assert_plan("-P -T", false, LIST);
	assert_plan("-P -s", false, SUMMARY);
	assert_plan("-P 5", false, "HOLDER PID PPID USER COMMAND");
}

static void assert_optional(const char *line, bool terminal, const char *name)
{
	assert_int_equal(make(line, terminal), 0);
	assert_string_equal(plan.optional ? plan.optional->name : "none", name);
}

TEST(name_is_optional_unless_it_was_chosen)
{
	assert_optional("", true, "NAME");
	assert_optional("-l", true, "NAME");
	assert_optional("-o +UNIT", false, "NAME");
	assert_optional("-o +NAME", false, "none");
	assert_optional("-T type", false, "NAME");
	assert_optional("5", true, "NAME");
	assert_optional("5", false, "none");
	assert_optional("-T type -J", true, "none");
	assert_optional("5 -J", true, "none");
	assert_optional("-T type -o +UNIT", true, "NAME");
	assert_optional("-T type -o +NAME", true, "none");
	assert_optional("-o NS,NAME", true, "none");
	assert_optional("--output-all", true, "none");
	assert_optional("-T type --output-all", true, "none");
}

TEST(the_shape_follows_the_options_and_the_terminal)
{
	static const struct {
		const char *line;
		enum tree pipe, terminal;
	} cases[] = {
		{ "", TREE_NONE, TREE_TYPE },
		{ "-l", TREE_NONE, TREE_NONE },
		{ "-J", TREE_NONE, TREE_NONE },
		{ "-r", TREE_NONE, TREE_NONE },
		{ "-o NS", TREE_NONE, TREE_NONE },
		{ "--output-all", TREE_NONE, TREE_NONE },
		{ "-s", TREE_NONE, TREE_NONE },
		{ "-T", TREE_OWNER, TREE_OWNER },
		{ "-T parent -o NS", TREE_PARENT, TREE_PARENT },
		{ "-T type -J", TREE_TYPE, TREE_TYPE },
		{ "5", TREE_PROCESS, TREE_PROCESS },
		{ "5 -J", TREE_NONE, TREE_NONE },
		{ "5 -l", TREE_NONE, TREE_NONE },
		{ "-t net", TREE_NONE, TREE_TYPE },
		{ "-C", TREE_NONE, TREE_GROUP },
		{ "-C -l", TREE_NONE, TREE_NONE },
		{ "-C -J", TREE_NONE, TREE_NONE },
		{ "-C -o NAME", TREE_NONE, TREE_NONE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(make(cases[i].line, false), 0);
		assert_int_equal(plan.tree, cases[i].pipe);
		assert_int_equal(make(cases[i].line, true), 0);
		assert_int_equal(plan.tree, cases[i].terminal);
		assert_int_equal(plan.render.tree != NULL, plan.tree != TREE_NONE);
	}
}

static void assert_tree_column(const char *line, const char *name)
{
	assert_int_equal(make(line, false), 0);
	assert_non_null(plan.render.tree);
	assert_string_equal(plan.render.tree->name, name);
}

TEST(a_tree_is_drawn_in_the_namespace_or_the_command_or_the_first_column)
{
	assert_tree_column("-T type", "NS");
	assert_tree_column("-T owner -o TYPE,ns,PID", "NS");
	assert_tree_column("-T owner -o TYPE,PID", "TYPE");
	assert_tree_column("-T process", "COMMAND");
	assert_tree_column("5", "COMMAND");
	assert_tree_column("5 -T -o NS,COMMAND", "COMMAND");
	assert_tree_column("5 -T -o PID,NS", "PID");
}

TEST(a_plus_adds_to_the_usual_columns)
{
	assert_plan("-o +PATH,UID", false, LIST " PATH UID NAME");
	assert_plan("-o +PID,ONS,ns", false, LIST " ONS NAME");
	assert_plan("-s -o +FLAG", false, SUMMARY " FLAG");
	assert_plan("5 -o +FD", false, "HOLDER PID PPID USER COMMAND FD");
}

TEST(columns_are_named_in_any_case_and_shown_once)
{
	assert_plan("-o pid,Pid,NS,pId", false, "PID NS");
}

TEST(all_columns_of_holders_leave_out_lists_of_holders)
{
	static const struct {
		const char *line;
		unsigned view;
	} cases[] = { { "--output-all", VIEW_LIST }, { "--output-all -s", VIEW_SUMMARY },
		{ "--output-all 5", VIEW_HOLDERS } };

	for (size_t i = 0; i < 3; i++) {
		size_t n = 0;

		assert_int_equal(make(cases[i].line, false), 0);
		for (size_t c = 0; column_at(c); c++)
			n += column_at(c)->views & cases[i].view &&
			     !(cases[i].view == VIEW_HOLDERS && column_is_list(column_at(c)) &&
				     strcmp(column_at(c)->name, "RELEASE") != 0);
		assert_int_equal(plan.render.ncolumns, n);
	}
}

static void assert_refuses(const char *line, const char *expected)
{
	assert_int_equal(make(line, false), -EINVAL);
	assert_string_equal(message, expected);
}

TEST(all_columns_of_the_list_begin_as_those_of_lsns)
{
	static const char lsns[] = "NS TYPE PATH NPROCS PID PPID COMMAND UID USER NETNSID NSFS PNS "
				   "ONS PIDS NTHREADS";
	struct strbuf names = { 0 };

	make("--output-all", false);
	for (size_t i = 0; i < 15; i++)
		strbuf_addf(&names, "%s%s", i ? " " : "", plan.render.columns[i]->name);
	assert_string_equal(strbuf_keep(&names), lsns);
	make("--output-all -s", false);
	assert_string_equal(plan.render.columns[1]->name, "COUNT");
	make("--output-all 5", false);
	assert_string_equal(plan.render.columns[0]->name, "HOLDER");
}

TEST(a_wrong_column_is_named)
{
	assert_refuses("-o +FOO", "nsls: unknown column 'FOO'; 'nsls --list-columns' lists them\n");
	assert_refuses("-o NS,,PID", "nsls: unknown column ''; 'nsls --list-columns' lists them\n");
	assert_refuses("-o NS,", "nsls: unknown column ''; 'nsls --list-columns' lists them\n");
	assert_refuses("-o ''", "nsls: unknown column ''; 'nsls --list-columns' lists them\n");
	assert_refuses("-o +", "nsls: unknown column ''; 'nsls --list-columns' lists them\n");
	assert_refuses("-o NSX", "nsls: unknown column 'NSX'; 'nsls --list-columns' lists them\n");
	assert_refuses("-o kind",
		"nsls: column KIND is not available in the list view; see 'nsls --list-columns'\n");
	assert_refuses("5 -o LIMIT", "nsls: column LIMIT is not available in the holders view; see "
				     "'nsls --list-columns'\n");
	assert_refuses("-s -o PID", "nsls: column PID is not available in the summary view; see "
				    "'nsls --list-columns'\n");
}

TEST(column_is_accepted_in_its_views_only)
{
	static const struct {
		const char *options;
		unsigned view;
	} views[] = {
		{ "", VIEW_LIST },
		{ "5 ", VIEW_HOLDERS },
		{ "-s ", VIEW_SUMMARY },
		{ "-C ", VIEW_CONTAINERS },
	};

	for (size_t i = 0; column_at(i); i++)
		for (size_t v = 0; v < sizeof(views) / sizeof(*views); v++) {
			bool has = column_at(i)->views & views[v].view;

			assert_int_equal(
				make(strf("%s-o %s", views[v].options, column_at(i)->name), false),
				has ? 0 : -EINVAL);
		}
}

static void assert_needs(const char *line, unsigned needs)
{
	make(line, false);
	assert_int_equal(plan.needs, needs);
}

TEST(needs_are_those_of_the_columns_and_the_tree)
{
	assert_needs("-o NS,NPROCS,PID,PIDS", 0);
	assert_needs("-o COMMAND", NEED_COMMAND);
	assert_needs("-o USER,PPID", NEED_STATUS | NEED_STAT | NEED_RELATIONS);
	assert_needs("-o NS -T parent", NEED_RELATIONS);
	assert_needs("-o NS -T process", NEED_ANCESTRY);
	assert_needs("5 -o FD -T", NEED_STAT);
	assert_needs("5 -o FD", 0);
	assert_needs("-s -o COUNT", 0);
	assert_needs("-s -o LIMIT", NEED_LIMITS);
	assert_needs("-s -o USED", NEED_RELATIONS);
	make("-t net", false);
	assert_true(plan.needs & NEED_NETNSID);
	assert_needs("-T type -o COMMAND", NEED_COMMAND | NEED_COMM);
	assert_needs("-T type -J -o COMMAND", NEED_COMMAND);
	assert_needs("5 -o UNIT", NEED_IDENTITY | NEED_GIVEN_NAMES | NEED_RELATIONS);
}

static void assert_json_name(const char *line, const char *name)
{
	make(line, false);
	assert_string_equal(plan.render.name, name);
}

TEST(formats_and_names_reach_the_renderer)
{
	assert_json_name("-J", "namespaces");
	assert_int_equal(plan.render.format, FORMAT_JSON);
	assert_json_name("-J -s", "types");
	assert_json_name("-J 5", "holders");
	assert_json_name("-J -C", "containers");
	make("-r -n -u", false);
	assert_int_equal(plan.render.format, FORMAT_RAW);
	assert_true(plan.render.noheadings && plan.render.notruncate);
	make("", false);
	assert_int_equal(plan.render.format, FORMAT_TABLE);
	assert_false(plan.render.noheadings || plan.render.notruncate);
}

TEST(terminal_and_nowrap_reach_the_renderer)
{
	make("-l", false);
	assert_false(plan.render.terminal || plan.render.nowrap);
	make("-l -W", true);
	assert_true(plan.render.terminal && plan.render.nowrap);
}

TEST(colors_follow_the_option_then_no_color_then_the_terminal)
{
	static const struct {
		const char *line, *no_color;
		bool pipe, terminal;
	} cases[] = {
		{ "", NULL, false, true },
		{ "", "", false, true }, /* no-color.org: an empty one has no effect */
		{ "", "1", false, false },
		{ "--color=auto", "1", false, false },
		{ "--color=always", "1", true, true },
		{ "--color=never", NULL, false, false },
		{ "--color -J", NULL, false, false },
		{ "--color -r", NULL, false, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		unsetenv("NO_COLOR");
		if (cases[i].no_color)
			setenv("NO_COLOR", cases[i].no_color, 1);
		make(cases[i].line, false);
		assert_int_equal(plan.render.colors, cases[i].pipe);
		make(cases[i].line, true);
		assert_int_equal(plan.render.colors, cases[i].terminal);
	}
	unsetenv("NO_COLOR");
}
