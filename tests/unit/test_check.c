// SPDX-License-Identifier: MIT
/* Health checks as they are run: what is said, and the status, where it is known and where not. */
#include "nsls/view.h"

#include "json_check.h"
#include "run_words.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct world world;
static struct answer answer;

/* Init, and a service with a network namespace of its own. */
static int set_up(void **state)
{
	setlocale(LC_ALL, "C.UTF-8");
	world_new(&world);
	world_process(&world, 1, 0);
	world_process(&world, 20, 1);
	world_link(&world, "20/ns/net", "net:[4026532020]");
	world_file(&world, "20/cgroup", "0::/system.slice/vpn.service\n");
	world_file(&world, "20/comm", "vpn\n");
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

static void nsls(const char *line)
{
	run_words(&world, false, line, &answer);
}

/* Two that only mounts of these names keep. */
static void leak_mounts(const char *first, const char *second)
{
	char lines[512];

	snprintf(lines, sizeof(lines),
		"30 1 0:4 net:[4026532900] %s rw - nsfs nsfs rw\n"
		"31 1 0:4 net:[4026532901] %s rw - nsfs nsfs rw\n",
		first, second);
	world_file(&world, "1/mountinfo", lines);
}

#define MISSING                                                                                    \
	"nsls: incomplete: could not read namespaces of 1 process (not as described in proc(5))\n"

static void assert_said(
	const char *line, int exit_status, const char *expected_out, const char *expected_err)
{
	nsls(line);
	assert_string_equal(answer.out, expected_out);
	assert_string_equal(answer.err, expected_err);
	assert_int_equal(answer.exit_status, exit_status);
}

TEST_FIXTURE(set_up, tear_down);

TEST(what_holds_is_silent)
{
	assert_said("--check net<=2 --check persistent<=0 --check any.mount<=0", 0, "", "");
	assert_said("--check net<=2 --strict", 0, "", "");
	assert_said("--check net>=1 -q", 0, "", "");
}

TEST(what_is_broken_has_a_line_with_its_figure_and_the_worst)
{
	leak_mounts("/run/netns/blue", "/run/netns/red");
	assert_said("--check net.persistent<=0 --check uts<=1 --check net<=3", 1,
		"net.persistent<=0: 2 network namespaces without a process, such as "
		"net:[4026532900] (netns blue), held by mount /run/netns/blue\n"
		"net<=3: 4 network namespaces, such as net:[4026532900] (netns blue), held by "
		"mount /run/netns/blue\n",
		"");
	assert_said("--check persistent<=1", 1,
		"persistent<=1: 2 namespaces without a process, such as net:[4026532900] (netns "
		"blue), held by mount /run/netns/blue\n",
		"");
	assert_said("--check any.mount<=0", 1,
		"any.mount<=0: 2 network namespaces with holders of kind mount only, such "
		"as net:[4026532900] (netns blue), held by mount /run/netns/blue\n",
		"");
}

TEST(who_has_most_of_them_is_named)
{
	leak_mounts("/run/netns/blue", "/run/netns/red");
	world_link(&world, "20/fd/3", "net:[4026532910]");
	world_link(&world, "20/fd/4", "net:[4026532911]");
	assert_said("--check net.persistent<=1", 1,
		"net.persistent<=1: 4 network namespaces without a process, 2 of them of "
		"vpn.service, such as net:[4026532910], held by fd 20:3 (vpn)\n",
		"");
	world_link(&world, "1/fd/3", "net:[4026532911]");
	assert_said("--check net.fd<=1", 1,
		"net.fd<=1: 2 network namespaces with holders of kind fd only, such as "
		"net:[4026532910] (vpn.service), held by fd 20:3 (vpn)\n",
		"");
}

TEST(one_is_singular_and_its_other_holders_are_counted)
{
	world_link(&world, "20/fd/3", "net:[4026532910]");
	world_link(&world, "20/fd/4", "net:[4026532910]");
	assert_said("--check net.persistent<=0", 1,
		"net.persistent<=0: 1 network namespace without a process, such as "
		"net:[4026532910] (vpn.service), held by fd 20:3 (vpn) and 1 more\n",
		"");
}

TEST(too_few_blame_nobody)
{
	assert_said("--check net>=5", 1, "net>=5: 2 network namespaces\n", "");
	assert_said("--check uts>1", 1, "uts>1: 1 UTS namespace\n", "");
}

TEST(quiet_keeps_the_status)
{
	assert_said("-q --check net<=1", 1, "", "");
	world_hidden_process(&world, 40, 1);
	assert_said("-q --check net<=9", 3, "", "");
	assert_said("-q --check net<=9 --check net<=1", 1, "", "");
}

TEST(what_can_not_be_told_is_said_with_the_reason)
{
	leak_mounts("/run/netns/blue", "/run/netns/red");
	world_hidden_process(&world, 40, 1);
	assert_said("--check net<=4", 3, "",
		"nsls: cannot check net<=4: found 4 network namespaces, but not everything could "
		"be "
		"read\n" MISSING);
	assert_said("--check net.persistent<=1", 3, "",
		"nsls: cannot check net.persistent<=1: found 2 network namespaces without "
		"a visible process, but not everything could be read\n" MISSING);
	assert_said("--check net.mount<=0", 3, "",
		"nsls: cannot check net.mount<=0: found 2 network namespaces with "
		"holders of kind mount only, but not everything could be read\n" MISSING);
	assert_said("--check net<=4 --no-warnings", 3, "", "");
}

TEST(what_is_proven_is_broken_whatever_is_missing)
{
	leak_mounts("/run/netns/blue", "/run/netns/red");
	world_hidden_process(&world, 40, 1);
	assert_said("--check net.persistent<=0", 1,
		"net.persistent<=0: at least 1 of 2 network namespaces without a visible process, "
		"such as net:[4026532900] (netns blue), held by mount /run/netns/blue\n",
		MISSING);
	assert_said("--check net<=3 --check uts<=1", 1,
		"net<=3: at least 4 network namespaces, such as net:[4026532900] (netns blue), "
		"held by mount /run/netns/blue\n",
		"nsls: cannot check uts<=1: found 1 UTS namespace, but not everything could be "
		"read\n" MISSING);
}

TEST(what_holds_whatever_is_missing_is_silent_unless_strict)
{
	world_hidden_process(&world, 40, 1);
	assert_said("--check net>=2", 0, "", "");
	assert_said("--check net>=2 --strict", 3, "", MISSING);
	assert_said("--check net<=1 --strict", 1,
		"net<=1: at least 2 network namespaces, such as net:[4026532020] (vpn.service), "
		"held by process 20\n",
		MISSING);
}

/* By choice is complete. */
TEST(without_members_nothing_is_empty)
{
	leak_mounts("/run/netns/blue", "/run/netns/red");
	assert_said("--scan mounts --check net.persistent<=1", 3, "",
		"nsls: cannot check net.persistent<=1: found 2 network namespaces without "
		"a visible process, but --scan leaves out processes\n");
	assert_said("--scan mounts --check net.persistent<=2", 0, "", "");
}

TEST(what_else_holds_is_not_known_where_nobody_looked)
{
	leak_mounts("/run/netns/blue", "/run/netns/red");
	world_link(&world, "20/fd/3", "net:[4026532900]");
	world_link(&world, "20/fd/4", "net:[4026532901]");
	assert_said("--scan mounts --check net.mount<=0", 3, "",
		"nsls: cannot check net.mount<=0: found 2 network namespaces with "
		"holders of kind mount only, but --scan leaves out some places\n");
	assert_said("--check net.mount<=0", 0, "", "");
}

TEST(options_narrow_what_is_counted)
{
	leak_mounts("/run/netns/blue", "/run/netns/red");
	assert_said("-t uts,net --check any<=3", 1,
		"any<=3: 4 network namespaces, such as net:[4026532900] (netns blue), held by "
		"mount /run/netns/blue\n",
		"");
	assert_said("-t uts --check any<=1", 0, "", "");
	assert_said("-t uts --check persistent<=0", 0, "", "");
	assert_said("-p 20 --check net<=1", 0, "", "");
	assert_said("--of vpn.service --check net>=2", 1, "net>=2: 1 network namespace\n", "");
	assert_said("--kind mount --check net==2", 0, "", "");
	assert_said("-P --check net<=1", 1,
		"net<=1: 2 network namespaces without a process, such as net:[4026532900] (netns "
		"blue), held by mount /run/netns/blue\n",
		"");
}

/* There are two; the host's own is charged to nobody, and whose the other one is nobody knows. */
TEST(what_users_have_is_not_what_there_is)
{
	assert_said("--check net<=80%", 3, "",
		"nsls: cannot check net<=80%: users have 0 network namespaces, 0.0% "
		"of 30, but not all owners are known\n");
}

TEST(only_the_types_of_the_rules_are_looked_at)
{
	world_link(&world, "20/ns/uts", "nothing that can be read");
	assert_said("--check net<=2", 0, "", "");
	assert_said("--check any<=2 -t net,mnt", 0, "", "");
	nsls("--check net<=2 --check uts<=2");
	assert_int_equal(answer.exit_status, 3);
}

/* Of a rule about network namespaces, of which root has seven of ten. */
static void assert_words(const char *text, struct report *report, unsigned bounds,
	void (*add)(struct view *, const struct finding *, struct strbuf *), const char *expected)
{
	struct usage usage = { .type = NS_NET, .uid = 0, .count = 7 };
	struct usages usages = { .at = &usage, .n = 1, .lower_bounds = bounds };
	struct rows rows = { 0 };
	struct evidence evidence = { .rows = &rows,
		.report = report,
		.types = NS_TYPES_ALL,
		.usages = &usages,
		.limits[NS_NET] = 10,
		.limited = 1u << NS_NET };
	struct invalid_rule errors;
	struct finding finding;
	struct strbuf words;
	struct model model;
	struct view view;
	struct rule rule;

	assert_int_equal(rule_parse(text, &rule, &errors), 0);
	rule_evaluate(&evidence, &rule, &finding);
	model_init(&model);
	view_init(&view, &model, report, "/proc");
	strbuf_init(&words);
	add(&view, &finding, &words);
	assert_string_equal(strbuf_text(&words), expected);
	strbuf_done(&words);
	view_done(&view);
	model_done(&model);
}

TEST(a_percentage_names_the_user_and_the_limit)
{
	struct report complete = { 0 }, denied = { .errors = { [SOURCE_FDS] = { .denied = 1 } } },
		      narrowed = { .narrowed = true };

	assert_words("net<=60%", &complete, 0, check_add_broken,
		"net<=60%: user root has 7 network namespaces, 70.0% of 10");
	assert_words("net<=60%", &denied, 0, check_add_broken,
		"net<=60%: user root has at least 7 network namespaces, 70.0% of 10");
	assert_words("net<=80%", &complete, 0, check_add_figure,
		"user root has 7 network namespaces, 70.0% of 10");
	assert_words("net<=80%", &denied, 0, check_add_doubt,
		"cannot check net<=80%: user root has 7 network namespaces, 70.0% of "
		"10, but not everything could be read");
	assert_words("net<=80%", &complete, 1u << NS_NET, check_add_doubt,
		"cannot check net<=80%: user root has 7 network namespaces, 70.0% of "
		"10, but not all owners are known");
	assert_words("net<=80%", &narrowed, 0, check_add_doubt,
		"cannot check net<=80%: user root has 7 network namespaces, 70.0% of "
		"10, but --scan leaves out some places");
	assert_words("uts<=80%", &complete, 0, check_add_doubt,
		"cannot check uts<=80%: users have 0 UTS namespaces, but the limit is not "
		"known");
}

TEST(hostile_names_are_escaped)
{
	leak_mounts("/run/netns/a\033[2J\xff|b'\"`$(x)\xe2\x80\xae", "/run/netns/red");
	nsls("--check net.persistent<=0");
	assert_non_null(strstr(answer.out, "(netns a\\x1b[2J\\xff|b'\"`$(x)\\xe2\\x80\\xae)"));
	assert_null(strchr(answer.out, '\033'));
	nsls("--critical net.persistent<=0");
	assert_non_null(strstr(
		answer.out, "(netns a\\x1b[2J\\xff\\x7cb\\x27\\x22\\x60\\x24(x)\\xe2\\x80\\xae)"));
	assert_ptr_equal(strchr(answer.out, '|'), strrchr(answer.out, '|'));
	nsls("-J --check net.persistent<=0");
	assert_json(answer.out);
}

TEST(json_has_every_rule)
{
	world_link(&world, "20/fd/3", "net:[4026532910]");
	nsls("-J -t net --check net.persistent<=0 --check any<=9");
	assert_string_equal(answer.err, "");
	assert_int_equal(answer.exit_status, 1);
	assert_string_equal(answer.out,
		"{\n"
		"   \"complete\": true,\n"
		"   \"notes\": [],\n"
		"   \"checks\": [\n"
		"      {\n"
		"         \"rule\": \"net.persistent<=0\",\n"
		"         \"verdict\": \"broken\",\n"
		"         \"type\": \"net\",\n"
		"         \"lowest\": 1,\n"
		"         \"highest\": 1,\n"
		"         \"bound\": 0,\n"
		"         \"limit\": null,\n"
		"         \"user\": null,\n"
		"         \"ns\": 4026532910,\n"
		"         \"name\": \"vpn.service\",\n"
		"         \"holders\": [{\"kind\":\"fd\",\"pid\":20,\"tid\":null,\"fd\":3,"
		"\"mount\":null,\"mntns\":null,\"hns\":null}]\n"
		"      },{\n"
		"         \"rule\": \"any<=9\",\n"
		"         \"verdict\": \"holds\",\n"
		"         \"type\": \"net\",\n"
		"         \"lowest\": 3,\n"
		"         \"highest\": 3,\n"
		"         \"bound\": 9,\n"
		"         \"limit\": null,\n"
		"         \"user\": null,\n"
		"         \"ns\": null,\n"
		"         \"name\": null,\n"
		"         \"holders\": []\n"
		"      }\n"
		"   ]\n"
		"}\n");
}

TEST(json_of_what_is_unknown_has_no_highest_number)
{
	world_hidden_process(&world, 40, 1);
	nsls("-J --no-warnings --check net<=9 --check persistent<=0");
	assert_int_equal(answer.exit_status, 3);
	assert_json(answer.out);
	assert_non_null(strstr(answer.out, "\"verdict\": \"unknown\""));
	assert_non_null(strstr(answer.out, "\"lowest\": 2,\n         \"highest\": null"));
	assert_non_null(strstr(answer.out, "\"type\": null"));
	assert_non_null(strstr(answer.out, "\"complete\": false"));
}

TEST(names_of_another_system_are_not_known)
{
	assert_said("--check netns.stale<=0", STATUS_INCOMPLETE, "",
		"nsls: cannot check netns.stale<=0: none found, but not all of /run/netns was "
		"read\n");
}
