// SPDX-License-Identifier: MIT
/* The monitoring plugin: one line and the statuses of the guidelines, whatever happens. */
#include "nsls/view.h"

#include "run_words.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct world world;
static struct answer answer;

static int set_up(void **state)
{
	setlocale(LC_ALL, "C.UTF-8");
	world_new(&world);
	world_process(&world, 1, 0);
	world_process(&world, 20, 1);
	world_link(&world, "20/ns/net", "net:[4026532020]");
	world_link(&world, "self/ns/mnt", "mnt:[4026531802]");
	world_file(&world, "sys/user/max_net_namespaces", "30\n");
	return 0;
}

static int tear_down(void **state)
{
	answer_done(&answer);
	world_done(&world);
	return 0;
}

static void leak(void)
{
	world_file(&world, "1/mountinfo",
		"30 1 0:4 net:[4026532900] /run/netns/blue rw - nsfs nsfs rw\n"
		"31 1 0:4 net:[4026532901] /run/netns/red rw - nsfs nsfs rw\n");
}

#define MISSING "incomplete: could not read namespaces of 1 process (not as described in proc(5))"

static void assert_plugin(const char *line, int exit_status, const char *expected)
{
	run_words(&world, false, line, &answer);
	assert_string_equal(answer.out, expected);
	assert_int_equal(answer.exit_status, exit_status);
}

TEST_FIXTURE(set_up, tear_down);

TEST(what_holds_is_ok_with_its_figures)
{
	assert_plugin("--warning net<=500 --critical net<=1000", 0,
		"NSLS OK - 2 network namespaces|net=2;500;1000;0;30\n");
	assert_plugin("--critical persistent<=0", 0,
		"NSLS OK - 0 namespaces without a process|persistent=0;;0;0\n");
	assert_plugin("--warning net.mount<=3 --critical uts<=4", 0,
		"NSLS OK - 1 UTS namespace; 0 network namespaces with holders of kind "
		"mount only|net.mount=0;3;;0 uts=1;;4;0\n");
}

TEST(the_worst_that_is_proven_is_the_state)
{
	leak();
	assert_plugin("--warning net<=3 --critical net<=1000", 1,
		"NSLS WARNING - net<=3: 4 network namespaces, such as net:[4026532900] (netns "
		"blue), held by mount /run/netns/blue|net=4;3;1000;0;30\n");
	assert_plugin("--warning net<=2 --critical net<=3", 2,
		"NSLS CRITICAL - net<=3: 4 network namespaces, such as net:[4026532900] (netns "
		"blue), held by mount /run/netns/blue|net=4;2;3;0;30\n");
	assert_plugin("--critical net<=3 --warning uts>=2", 2,
		"NSLS CRITICAL - net<=3: 4 network namespaces, such as net:[4026532900] (netns "
		"blue), held by mount /run/netns/blue; uts>=2: 1 UTS namespace|net=4;;3;0;30 "
		"uts=1;2:;;0\n");
}

TEST(what_can_not_be_told_is_unknown)
{
	world_hidden_process(&world, 40, 1);
	assert_plugin("--warning net<=500 --critical net<=1000", 3,
		"NSLS UNKNOWN - cannot check net<=1000: found 2 network namespaces, but "
		"not everything could be read; " MISSING "|net=U;500;1000;0;30\n");
}

TEST(what_is_proven_wins_over_what_can_not_be_told)
{
	leak();
	world_hidden_process(&world, 40, 1);
	assert_plugin("--warning net<=3 --critical net<=1000", 1,
		"NSLS WARNING - net<=3: at least 4 network namespaces, such as net:[4026532900] "
		"(netns blue), held by mount /run/netns/blue; cannot check net<=1000: "
		"found 4 network namespaces, but not everything could be read; " MISSING
		"|net=U;3;1000;0;30\n");
	assert_plugin("--warning uts<=9 --critical net<=3", 2,
		"NSLS CRITICAL - net<=3: at least 4 network namespaces, such as net:[4026532900] "
		"(netns blue), held by mount /run/netns/blue; cannot check uts<=9: found 1 "
		"UTS namespace, but not everything could be read; " MISSING
		"|uts=U;9;;0 net=U;;3;0;30\n");
}

TEST(what_holds_whatever_is_missing_is_ok_unless_strict)
{
	world_hidden_process(&world, 40, 1);
	assert_plugin(
		"--critical net>=1", 0, "NSLS OK - at least 2 network namespaces|net=U;;1:;0;30\n");
	assert_plugin("--strict --critical net>=1", 3,
		"NSLS UNKNOWN - at least 2 network namespaces; " MISSING "|net=U;;1:;0;30\n");
}

TEST(thresholds_are_ranges_of_the_guidelines)
{
	static const struct {
		const char *line, *data;
	} cases[] = {
		{ "--critical net<5", "|net=2;;4;0;30\n" },
		{ "--critical net>=1", "|net=2;;1:;0;30\n" },
		{ "--critical net>1", "|net=2;;2:;0;30\n" },
		{ "--critical net==2", "|net=2;;2:2;0;30\n" },
		{ "--critical net>=1 --critical net<=9 --critical net<=8", "|net=2;;1:8;0;30\n" },
		{ "--warning net<=8 --warning net<=9", "|net=2;8;;0;30\n" },
		{ "-t net,uts --warning any<=5 --critical net<=9", "|net=2;5;9;0;30 uts=1;5;;0\n" },
		{ "-t net,uts --critical any.persistent<=5",
			"|net.persistent=0;;5;0 uts.persistent=0;;5;0\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		run_words(&world, false, cases[i].line, &answer);
		assert_string_equal(strchr(answer.out, '|'), cases[i].data);
		assert_int_equal(answer.exit_status, 0);
	}
}

TEST(a_percentage_has_its_unit)
{
	struct usage usage = { .type = NS_NET, .uid = 0, .count = 7 };
	struct usages usages = { .at = &usage, .n = 1 };
	struct report report = { 0 };
	struct rows rows = { 0 };
	struct evidence evidence = { .rows = &rows,
		.report = &report,
		.types = 1u << NS_NET | 1u << NS_UTS,
		.usages = &usages,
		.limits[NS_NET] = 9,
		.limited = 1u << NS_NET };
	struct invalid_rule errors;
	struct rule rules[2];
	struct strbuf data;

	assert_int_equal(rule_parse("any<=80%", &rules[0], &errors), 0);
	assert_int_equal(rule_parse("net<95.5%", &rules[1], &errors), 0);
	rules[0].severity = RULE_WARNING;
	rules[1].severity = RULE_CRITICAL;
	strbuf_init(&data);
	plugin_add_data(&evidence, rules, 2, &data);
	assert_string_equal(strbuf_text(&data), "net_use=77.8%;80;95.4;0;100 uts_use=U;80;;0;100");
	strbuf_done(&data);
}

/* A path may have 4095 bytes, each of which is escaped to four. */
TEST(a_long_name_pushes_nothing_out)
{
	char line[6000] = "30 1 0:4 net:[4026532900] /run/netns/";

	for (int i = 0; i < 1000; i++)
		strcat(line, "\\012");
	strcat(line, " rw - nsfs nsfs rw\n");
	world_file(&world, "1/mountinfo", line);
	run_words(&world, false, "--critical net.persistent<=0 --warning net<=2", &answer);
	assert_int_equal(answer.exit_status, 2);
	assert_true(strlen(answer.out) >= 2000 && strlen(answer.out) <= 6000);
	assert_non_null(strstr(answer.out, "\\x0a...; net<=2: 3 network namespaces"));
	assert_non_null(strstr(answer.out, "...|net.persistent=1;;0;0 net=3;2;;0;30\n"));
}

TEST(every_mistake_is_one_line_and_unknown)
{
	static const struct {
		const char *line, *expected;
	} cases[] = {
		{ "--warning net", "invalid rule net: it has no operator such as <=; quote the "
				   "rule, because a shell takes < and > for redirections" },
		{ "--bogus --warning net<=5", "unknown option --bogus; try nsls --help" },
		{ "--warning", "option --warning requires an argument; try nsls --help" },
		{ "-t bogus --crit net<=5", "unknown type bogus; the types are cgroup, ipc, mnt, "
					    "net, pid, time, user, uts" },
		{ "--critical net<=5 --check net<=5",
			"--check and --critical are mutually exclusive" },
		{ "--warning net<=5 -p 77 -p 78", NULL },
		{ "--warning net<=5 --procfs /nonexistent",
			"/nonexistent: No such file or directory" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		run_words(&world, false, cases[i].line, &answer);
		assert_int_equal(answer.exit_status, 3);
		assert_int_equal(strncmp(answer.out, "NSLS UNKNOWN - ", 15), 0);
		assert_ptr_equal(strchr(answer.out, '\n'), answer.out + strlen(answer.out) - 1);
		assert_null(strchr(answer.out, '|'));
		assert_null(strstr(answer.out, "nsls:"));
		if (!cases[i].expected)
			continue;
		answer.out[strlen(answer.out) - 1] = '\0';
		assert_string_equal(answer.out + 15, cases[i].expected);
	}
}
