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

/*
 * The columns, with a "?" behind the one that is hidden if it is empty. A tree is named in front of
 * them, with the column that it is drawn in: "owner in NS: NS TYPE".
 */
static const char *plan_text(void)
{
	const struct render_options *render = &plan.render;
	struct strbuf text = { 0 };

	assert_int_equal(render->tree != NULL, plan.tree != TREE_NONE);
	if (render->tree)
		strbuf_addf(&text,
			"%s in %s: ", plan.tree == TREE_GROUP ? "group" : tree_names[plan.tree],
			render->tree->name);
	for (size_t i = 0; i < render->ncolumns; i++)
		strbuf_addf(&text, "%s%s%s", i ? " " : "", render->columns[i]->name,
			render->columns[i] == plan.optional ? "?" : "");
	return strbuf_keep(&text);
}

static void assert_plan(const char *line, bool terminal, const char *expected)
{
	assert_int_equal(make(line, terminal), 0);
	assert_string_equal(message, "");
	if (strcmp(plan_text(), expected) != 0)
		fail_msg("'%s'%s: %s, not %s", line, terminal ? " on a terminal" : "", plan_text(),
			expected);
}

#define LIST "NS TYPE NPROCS PID USER COMMAND"
#define JSON "NS TYPE NPROCS PID USER NETNSID NSFS NAME COMMAND PIDS"
#define NET "NS TYPE NPROCS PID USER NETNSID NSFS COMMAND"
#define OVERVIEW "type in NS: NS NPROCS PID USER NAME? COMMAND"
#define SUMMARY "TYPE COUNT NPROCS PERSISTENT USED USER LIMIT USE%"
#define SUMMARY_JSON "TYPE COUNT NPROCS PERSISTENT USED ATLEAST USER LIMIT USE%"
#define PROCESSES "process in COMMAND: "
#define HOLDERS "HOLDER PID PPID USER COMMAND"
#define HOLDERS_NAME "HOLDER PID PPID USER NAME? COMMAND"

TEST(each_view_has_columns_and_a_tree_of_its_own)
{
	/* A command line, the plan for a pipe, and that for a terminal if it is another one. */
	static const char *const cases[][3] = {
		/* The list has the columns of lsns(8). NAME is optional unless it was chosen. */
		{ "", LIST " NAME?", OVERVIEW },
		{ "-l", LIST " NAME?" },
		{ "-p 1", LIST " NAME?" },
		{ "-t net", NET " NAME?", OVERVIEW },
		{ "-t net,uts", NET " NAME?", OVERVIEW },
		{ "-t ipc,uts", LIST " NAME?", OVERVIEW },
		{ "-r", LIST },
		/* A plus adds to the default columns; each is shown once, in any case. */
		{ "-o +UNIT", LIST " UNIT NAME?" },
		{ "-o +NAME", LIST " NAME" },
		{ "-o +PATH,UID", LIST " PATH UID NAME?" },
		{ "-o +PID,ONS,ns", LIST " ONS NAME?" },
		{ "-o NS", "NS" },
		{ "-o NS,NAME", "NS NAME" },
		{ "-o pid,Pid,NS,pId", "PID NS" },
		/* Keys of JSON do not depend on the types. */
		{ "-J", JSON },
		{ "-J -t net", JSON },
		{ "-J -t uts", JSON },
		{ "-J -T -t uts", "owner in NS: " JSON },
		{ "-J -T type", "type in NS: NS TYPE COUNT NPROCS PID USER NETNSID NSFS NAME "
				"COMMAND PIDS" },
		/* A tree is drawn in the namespace, the command or the first column. */
		{ "-T", "owner in NS: " LIST },
		{ "-T type", OVERVIEW },
		{ "-T process", "process in COMMAND: " LIST },
		{ "-T parent -o NS", "parent in NS: NS" },
		{ "-T owner -o TYPE,ns,PID", "owner in NS: TYPE NS PID" },
		{ "-T owner -o TYPE,PID", "owner in TYPE: TYPE PID" },
		{ "-T type -o +UNIT", OVERVIEW " UNIT" },
		{ "-T type -o +NAME", "type in NS: NS NPROCS PID USER NAME COMMAND" },
		/* --persistent adds the holders to the list. */
		{ "-P", LIST " HOLDERS NAME?", OVERVIEW },
		{ "-P -l", LIST " HOLDERS NAME?" },
		{ "-P -r", LIST " HOLDERS" },
		{ "-P -J", JSON " HOLDERS" },
		{ "-P -J -T", "owner in NS: " JSON " HOLDERS" },
		{ "-P -o NS", "NS" },
		{ "-P -T", "owner in NS: " LIST },
		{ "-P -s", SUMMARY },
		{ "-P 5", PROCESSES HOLDERS, PROCESSES HOLDERS_NAME },
		/* Each view has columns of its own. */
		{ "-s", SUMMARY },
		{ "-s -o +FLAG", SUMMARY " FLAG" },
		{ "-s --by user", "TYPE USER COUNT NPROCS PERSISTENT USED LIMIT USE%" },
		{ "-s -J", SUMMARY_JSON },
		{ "-s -J --by user", SUMMARY_JSON },
		{ "-C", "NAME NPROCS PID USER OWN COMMAND",
			"group in NAME: NAME NPROCS PID USER OWN COMMAND" },
		{ "-C -l", "NAME NPROCS PID USER OWN COMMAND" },
		{ "-C -J",
			"NAME NPROCS PID USER OWN SHARED COMMAND RUNTIME CONTAINER UNIT POD PIDS" },
		{ "-C -o NAME", "NAME" },
		{ "5", PROCESSES HOLDERS, PROCESSES HOLDERS_NAME },
		{ "5 6", "process in COMMAND: NS TYPE " HOLDERS, PROCESSES HOLDERS_NAME },
		{ "5 -r", HOLDERS },
		{ "5 -l", HOLDERS, HOLDERS_NAME },
		{ "5 6 -l", "NS TYPE " HOLDERS, "NS TYPE " HOLDERS_NAME },
		{ "5 -J", "NS TYPE KIND PID PPID TID FD MOUNT MNTNS HNS USER NAME COMMAND" },
		{ "5 -o +FD", HOLDERS " FD", HOLDERS_NAME " FD" },
		{ "5 -T -o NS,COMMAND", "owner in COMMAND: NS COMMAND" },
		{ "5 -T -o PID,NS", "owner in PID: PID NS" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_plan(cases[i][0], false, cases[i][1]);
		assert_plan(cases[i][0], true, cases[i][2] ? cases[i][2] : cases[i][1]);
	}
}

TEST(all_columns_are_those_of_the_view_and_begin_as_those_of_lsns)
{
	static const struct {
		const char *line;
		unsigned views;
		const char *start;
	} cases[] = {
		{ "--output-all", VIEW_LIST,
			"NS TYPE PATH NPROCS PID PPID COMMAND UID USER NETNSID NSFS PNS ONS PIDS "
			"NTHREADS " },
		{ "-T type --output-all", VIEW_LIST | VIEW_TYPES, "type in NS: NS TYPE PATH " },
		{ "--output-all -s", VIEW_SUMMARY, "TYPE COUNT " },
		{ "--output-all 5 -l", VIEW_HOLDERS, "HOLDER " },
		{ "--output-all 5", VIEW_HOLDERS, "HOLDER " },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t n = 0;

		make(cases[i].line, false);
		assert_memory_equal(plan_text(), cases[i].start, strlen(cases[i].start));
		assert_null(plan.optional);
		/* Those of holders leave out lists of holders. */
		for (size_t c = 0; column_at(c); c++)
			n += column_at(c)->views & cases[i].views &&
			     !(cases[i].views == VIEW_HOLDERS && column_is_list(column_at(c)) &&
				     strcmp(column_at(c)->name, "RELEASE") != 0);
		assert_int_equal(plan.render.ncolumns, n);
	}
}

TEST(a_wrong_column_is_named)
{
	static const char *const cases[][2] = {
		{ "-o +FOO", "unknown column 'FOO'; 'nsls --list-columns' lists them" },
		{ "-o NS,,PID", "unknown column ''; " },
		{ "-o NS,", "unknown column ''; " },
		{ "-o ''", "unknown column ''; " },
		{ "-o +", "unknown column ''; " },
		{ "-o NSX", "unknown column 'NSX'; " },
		{ "-o kind", "column KIND is not available in the list view; see 'nsls "
			     "--list-columns'\n" },
		{ "5 -o LIMIT", "column LIMIT is not available in the holders view; " },
		{ "-s -o PID", "column PID is not available in the summary view; " },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(make(cases[i][0], false), -EINVAL);
		assert_memory_equal(message, "nsls: ", strlen("nsls: "));
		assert_contains(message, cases[i][1]);
	}
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
		for (size_t v = 0; v < COUNT(views); v++) {
			bool has = column_at(i)->views & views[v].view;

			assert_int_equal(
				make(strf("%s-o %s", views[v].options, column_at(i)->name), false),
				has ? 0 : -EINVAL);
		}
}

TEST(needs_are_those_of_the_columns_and_the_tree)
{
	static const struct {
		const char *line;
		unsigned needs;
	} cases[] = {
		{ "-o NS,NPROCS,PID,PIDS", 0 },
		{ "-o COMMAND", NEED_COMMAND },
		{ "-o USER,PPID", NEED_STATUS | NEED_STAT | NEED_RELATIONS },
		{ "-o NS -T parent", NEED_RELATIONS },
		{ "-o NS -T process", NEED_ANCESTRY },
		{ "5 -o FD -T", NEED_STAT },
		{ "5 -o FD", 0 },
		{ "-s -o COUNT", 0 },
		{ "-s -o LIMIT", NEED_LIMITS },
		{ "-s -o USED", NEED_RELATIONS },
		{ "-T type -o COMMAND", NEED_COMMAND | NEED_COMM },
		{ "-T type -J -o COMMAND", NEED_COMMAND },
		{ "5 -o UNIT", NEED_IDENTITY | NEED_GIVEN_NAMES | NEED_RELATIONS },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		make(cases[i].line, false);
		assert_int_equal(plan.needs, cases[i].needs);
	}
	make("-t net", false);
	assert_true(plan.needs & NEED_NETNSID);
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

	for (size_t i = 0; i < COUNT(cases); i++) {
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
