// SPDX-License-Identifier: MIT
/* Verdicts by what is known and unknown, on models made by hand. */
#include "nsls/rule.h"

#include "hand_model.h"

#include <stdlib.h>

static struct model model;
static struct rows rows;
static struct report report;
static struct usages usages;
static struct evidence evidence;
static struct rule rule;
static struct finding finding;

static int set_up(void **state)
{
	model_init(&model);
	rows_init(&rows);
	usages_init(&usages);
	report = (struct report){ 0 };
	evidence = (struct evidence){ .model = &model,
		.rows = &rows,
		.report = &report,
		.types = ALL_TYPES,
		.usages = &usages };
	return 0;
}

static int tear_down(void **state)
{
	usages_done(&usages);
	rows_done(&rows);
	model_done(&model);
	return 0;
}

/* n namespaces without a process, each held by something of the kind. */
static void leak(enum nstype type, uint32_t ino, size_t n, enum holder_kind kind)
{
	for (size_t i = 0; i < n; i++)
		hand_hold(&model, hand_ns(&model, type, ino + (uint32_t)i), kind, NULL);
}

static void judge(const char *text)
{
	struct query query = { .types = evidence.types };
	struct invalid_rule errors;

	rows_done(&rows);
	model_sort(&model);
	query_namespaces(&model, &query, &rows);
	assert_int_equal(rule_parse(text, &rule, &errors), 0);
	rule_evaluate(&evidence, &rule, &finding);
}

static void assert_verdict(const char *text, enum verdict verdict)
{
	judge(text);
	if (finding.verdict != verdict)
		fail_msg("%s: %d, %d was expected", text, (int)finding.verdict, (int)verdict);
}

static void assert_figure(uint64_t low, uint64_t high)
{
	assert_int_equal(finding.low, low);
	assert_int_equal(finding.high, high);
}

TEST_FIXTURE(set_up, tear_down);

TEST(what_is_known_decides_every_operator)
{
	static const struct {
		const char *rule;
		enum verdict verdict;
	} cases[] = {
		{ "net<=3", VERDICT_HOLDS },
		{ "net<=2", VERDICT_BROKEN },
		{ "net<4", VERDICT_HOLDS },
		{ "net<3", VERDICT_BROKEN },
		{ "net>=3", VERDICT_HOLDS },
		{ "net>=4", VERDICT_BROKEN },
		{ "net>2", VERDICT_HOLDS },
		{ "net>3", VERDICT_BROKEN },
		{ "net==3", VERDICT_HOLDS },
		{ "net==2", VERDICT_BROKEN },
		{ "net==4", VERDICT_BROKEN },
		{ "uts<=0", VERDICT_HOLDS },
	};

	leak(NS_NET, 1, 3, HOLDER_MOUNT);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_verdict(cases[i].rule, cases[i].verdict);
}

TEST(a_count_of_an_incomplete_answer_is_a_lower_bound)
{
	leak(NS_NET, 1, 3, HOLDER_MOUNT);
	report.errors[SOURCE_FDS].denied = 1;
	assert_verdict("net<=2", VERDICT_BROKEN);
	assert_figure(3, FIGURE_UNBOUNDED);
	assert_verdict("net<=3", VERDICT_UNKNOWN);
	assert_verdict("net>=3", VERDICT_HOLDS);
	assert_verdict("net>=4", VERDICT_UNKNOWN);
	assert_verdict("net==2", VERDICT_BROKEN);
	assert_verdict("net==3", VERDICT_UNKNOWN);
}

TEST(each_process_that_was_not_read_may_be_in_one_of_them)
{
	leak(NS_NET, 1, 3, HOLDER_MOUNT);
	hand_join(&model, hand_process(&model, 1, 0), hand_ns(&model, NS_NET, 9));
	assert_verdict("net.persistent<=3", VERDICT_HOLDS);
	assert_figure(3, 3);
	report.errors[SOURCE_PROCESSES].denied = 1;
	assert_verdict("net.persistent<=1", VERDICT_BROKEN);
	assert_figure(2, FIGURE_UNBOUNDED);
	assert_verdict("net.persistent<=2", VERDICT_UNKNOWN);
	report.errors[SOURCE_PROCESSES].odd = 1;
	report.timed_out = 5;
	assert_verdict("net.persistent<=0", VERDICT_UNKNOWN);
	assert_figure(0, FIGURE_UNBOUNDED);
}

TEST(who_was_read_but_for_descriptors_is_in_no_other)
{
	leak(NS_NET, 1, 1, HOLDER_MOUNT);
	report.errors[SOURCE_FDS].denied = 7;
	assert_verdict("net.persistent<=0", VERDICT_BROKEN);
	assert_figure(1, FIGURE_UNBOUNDED);
}

TEST(where_processes_are_hidden_nothing_is_proven_to_be_empty)
{
	static const unsigned limitations[] = { LIMITATION_PIDNS, LIMITATION_HIDEPID,
		LIMITATION_FOREIGN, LIMITATION_TURNOVER };

	leak(NS_NET, 1, 500, HOLDER_MOUNT);
	for (size_t i = 0; i < sizeof(limitations) / sizeof(*limitations); i++) {
		report.limitations = limitations[i];
		assert_verdict("net.persistent<=0", VERDICT_UNKNOWN);
		assert_verdict("persistent<=0", VERDICT_UNKNOWN);
		assert_verdict("net<=499", VERDICT_BROKEN);
		assert_verdict("net.persistent>=0", VERDICT_HOLDS);
	}
}

/* --scan without processes is complete, by choice; and still, nobody knows who is in. */
TEST(where_nobody_looked_for_members_nothing_is_empty)
{
	leak(NS_NET, 1, 3, HOLDER_MOUNT);
	report.no_members = true;
	assert_verdict("net.persistent<=0", VERDICT_UNKNOWN);
	assert_figure(0, 3);
	assert_verdict("net.persistent<=3", VERDICT_HOLDS);
}

TEST(all_types_lose_a_process_each)
{
	leak(NS_NET, 1, 3, HOLDER_MOUNT);
	leak(NS_UTS, 11, 1, HOLDER_MOUNT);
	assert_verdict("persistent<=4", VERDICT_HOLDS);
	assert_verdict("persistent<=3", VERDICT_BROKEN);
	assert_false(finding.has_type);
	report.errors[SOURCE_PROCESSES].denied = 2;
	assert_verdict("persistent<=0", VERDICT_BROKEN);
	assert_figure(1, FIGURE_UNBOUNDED);
	assert_verdict("persistent<=1", VERDICT_UNKNOWN);
}

TEST(any_is_about_the_worst_type)
{
	leak(NS_MNT, 1, 2, HOLDER_MOUNT);
	leak(NS_NET, 11, 3, HOLDER_MOUNT);
	leak(NS_UTS, 21, 3, HOLDER_MOUNT);
	assert_verdict("any<=1", VERDICT_BROKEN);
	assert_int_equal(finding.type, NS_NET);
	assert_int_equal(finding.seen, 3);
	assert_verdict("any<=3", VERDICT_HOLDS);
	assert_int_equal(finding.type, NS_NET);
	evidence.types = 1u << NS_MNT | 1u << NS_UTS;
	assert_verdict("any>=3", VERDICT_BROKEN);
	assert_int_equal(finding.type, NS_MNT);
	assert_verdict("any.persistent<=2", VERDICT_BROKEN);
	assert_int_equal(finding.type, NS_UTS);
}

TEST(a_type_that_breaks_a_rule_is_worse_than_one_that_may)
{
	leak(NS_MNT, 1, 2, HOLDER_MOUNT);
	leak(NS_NET, 11, 3, HOLDER_MOUNT);
	report.errors[SOURCE_PROCESSES].denied = 1;
	assert_verdict("any.persistent<=1", VERDICT_BROKEN);
	assert_int_equal(finding.type, NS_NET);
	assert_verdict("any.persistent<=2", VERDICT_UNKNOWN);
	assert_int_equal(finding.type, NS_NET);
}

TEST(a_kind_counts_what_nothing_else_keeps)
{
	struct ns *both;

	leak(NS_NET, 1, 2, HOLDER_MOUNT);
	both = hand_ns(&model, NS_NET, 9);
	hand_hold(&model, both, HOLDER_MOUNT, NULL);
	hand_hold(&model, both, HOLDER_KERNEL, NULL);
	assert_verdict("net.mount<=2", VERDICT_HOLDS);
	assert_verdict("net.mount<=1", VERDICT_BROKEN);
	assert_verdict("net.kernel<=0", VERDICT_HOLDS);
	assert_verdict("uts.mount<=0", VERDICT_HOLDS);
}

/* Whoever was not read may have a descriptor on any of them. */
TEST(a_kind_of_an_incomplete_answer_proves_nothing)
{
	leak(NS_NET, 1, 20, HOLDER_MOUNT);
	report.errors[SOURCE_FDS].denied = 1;
	assert_verdict("net.mount<=1", VERDICT_UNKNOWN);
	assert_figure(0, FIGURE_UNBOUNDED);
}

TEST(a_filter_may_have_judged_by_what_was_not_seen)
{
	leak(NS_NET, 1, 20, HOLDER_MOUNT);
	evidence.filtered = true;
	assert_verdict("net<=1", VERDICT_BROKEN);
	report.errors[SOURCE_FDS].denied = 1;
	assert_verdict("net<=1", VERDICT_UNKNOWN);
	assert_figure(0, FIGURE_UNBOUNDED);
}

/* --scan without all places is complete, by choice; what is elsewhere is not known for that. */
TEST(what_was_not_looked_at_may_hold_too_and_pass_a_filter)
{
	leak(NS_NET, 1, 20, HOLDER_MOUNT);
	report.narrowed = true;
	assert_verdict("net<=1", VERDICT_BROKEN);
	assert_verdict("net.mount<=1", VERDICT_UNKNOWN);
	assert_figure(0, FIGURE_UNBOUNDED);
	assert_verdict("net.mount<=20", VERDICT_UNKNOWN);
	evidence.filtered = true;
	assert_verdict("net<=20", VERDICT_UNKNOWN);
	assert_figure(0, FIGURE_UNBOUNDED);
}

/* With --persistent, even a count is of those without a visible process. */
TEST(what_only_seems_to_be_empty_does_not_count)
{
	leak(NS_NET, 1, 2, HOLDER_MOUNT);
	evidence.persistent = true;
	report.errors[SOURCE_PROCESSES].denied = 1;
	assert_verdict("net<=1", VERDICT_UNKNOWN);
	assert_verdict("net<=0", VERDICT_BROKEN);
	assert_figure(1, FIGURE_UNBOUNDED);
	assert_true(finding.persistent);
}

static void add_usage(enum nstype type, uid_t uid, size_t count)
{
	struct usage *at = reallocarray(usages.at, usages.n + 1, sizeof(*at));

	assert_non_null(at);
	usages.at = at;
	usages.at[usages.n++] = (struct usage){ .type = type, .uid = uid, .count = count };
	usages.size = usages.n;
}

static void set_limit(enum nstype type, uint64_t limit)
{
	evidence.limits[type] = limit;
	evidence.limited |= 1u << type;
}

/* Any user can make a ring that takes too long to read. */
TEST(unread_ring_makes_only_rules_about_what_rings_hold_unknown)
{
	report.limitations = LIMITATION_RING_UNREAD;
	leak(NS_NET, 50, 3, HOLDER_MOUNT);
	assert_verdict("net<=3", VERDICT_HOLDS);
	assert_verdict("net<=2", VERDICT_BROKEN);
	assert_verdict("net.persistent<=3", VERDICT_HOLDS);
	assert_verdict("any.persistent<=2", VERDICT_BROKEN);
	assert_verdict("net.mount<=3", VERDICT_HOLDS);
	assert_verdict("net.mount<=2", VERDICT_UNKNOWN); /* a ring may hold them, too */
	assert_verdict("net.uring<=0", VERDICT_UNKNOWN);
	set_limit(NS_NET, 10);
	assert_verdict("net<=50%", VERDICT_HOLDS);
	report.narrowed = true;
	assert_verdict("net.mount<=3", VERDICT_UNKNOWN);
	assert_verdict("net<=50%", VERDICT_UNKNOWN);
	evidence.filtered = true;
	report.narrowed = false;
	assert_verdict("net<=3", VERDICT_UNKNOWN);
}

TEST(a_percentage_is_exact_to_the_last_namespace)
{
	add_usage(NS_NET, 1000, 7);
	set_limit(NS_NET, 8);
	assert_verdict("net<=87.5%", VERDICT_HOLDS);
	assert_verdict("net<=87.4%", VERDICT_BROKEN);
	assert_verdict("net<87.5%", VERDICT_BROKEN);
	assert_verdict("net<87.6%", VERDICT_HOLDS);
	assert_verdict("net>=87.5%", VERDICT_HOLDS);
	assert_verdict("net>87.5%", VERDICT_BROKEN);
	assert_verdict("net==87.5%", VERDICT_HOLDS);
	assert_int_equal(finding.usage->uid, 1000);
	assert_int_equal(finding.limit, 8);
	set_limit(NS_NET, UINT32_MAX);
	assert_verdict("net<=1000%", VERDICT_HOLDS);
	assert_verdict("net<=0%", VERDICT_BROKEN);
}

TEST(a_percentage_of_any_is_of_the_fullest_type)
{
	add_usage(NS_MNT, 0, 90);
	add_usage(NS_NET, 1000, 50);
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		set_limit(t, 1000);
	set_limit(NS_NET, 60);
	assert_verdict("any<=80%", VERDICT_BROKEN);
	assert_int_equal(finding.type, NS_NET);
	assert_verdict("any<=90%", VERDICT_HOLDS);
	assert_int_equal(finding.type, NS_NET);
}

TEST(a_percentage_of_any_leaves_out_what_the_kernel_lacks)
{
	set_limit(NS_NET, 10);
	assert_verdict("any<=80%", VERDICT_HOLDS);
	assert_verdict("time<=80%", VERDICT_UNKNOWN);
	leak(NS_TIME, 9, 1, HOLDER_FD);
	assert_verdict("any<=80%", VERDICT_UNKNOWN);
	assert_int_equal(finding.type, NS_TIME);
}

TEST(without_a_limit_a_percentage_is_unknown)
{
	add_usage(NS_NET, 1000, 7);
	assert_verdict("net<=80%", VERDICT_UNKNOWN);
	assert_verdict("net>=0%", VERDICT_UNKNOWN);
}

TEST(of_a_limit_of_nothing_nothing_is_fine)
{
	set_limit(NS_NET, 0);
	assert_verdict("net<=80%", VERDICT_HOLDS);
	assert_verdict("net<80%", VERDICT_HOLDS);
	add_usage(NS_NET, 1000, 1);
	assert_verdict("net<=80%", VERDICT_BROKEN);
}

TEST(use_without_owners_is_a_lower_bound)
{
	add_usage(NS_NET, 1000, 7);
	set_limit(NS_NET, 10);
	usages.lower_bounds = 1u << NS_NET;
	assert_verdict("net<=60%", VERDICT_BROKEN);
	assert_verdict("net<=80%", VERDICT_UNKNOWN);
	assert_figure(7, FIGURE_UNBOUNDED);
	usages.lower_bounds = 1u << NS_UTS;
	assert_verdict("net<=80%", VERDICT_HOLDS);
	report.errors[SOURCE_FDS].denied = 1;
	assert_verdict("net<=80%", VERDICT_UNKNOWN);
}

TEST(stale_names_break_a_rule_about_them)
{
	model.names_read = true;
	assert_verdict("netns.stale<=0", VERDICT_HOLDS);
	model_add_stale_name(&model, "old");
	assert_verdict("netns.stale<=0", VERDICT_BROKEN);
	assert_verdict("netns.stale<=1", VERDICT_HOLDS);
	assert_verdict("persistent<=0", VERDICT_HOLDS);
}

TEST(without_all_names_a_rule_about_stale_ones_is_unknown)
{
	assert_verdict("netns.stale<=0", VERDICT_UNKNOWN);
	model_add_stale_name(&model, "old");
	assert_verdict("netns.stale<=0", VERDICT_BROKEN);
	assert_verdict("netns.stale<=1", VERDICT_UNKNOWN);
}
