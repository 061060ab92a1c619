// SPDX-License-Identifier: MIT
/* Verdicts by what is known and unknown, on models made by hand. */
#include "nsls/rule.h"

#include "hand_model.h"

#include <inttypes.h>

static struct usages usages;
static struct evidence evidence;
static struct finding finding;

static int set_up(void **state)
{
	hand_set_up(state);
	usages = (struct usages){ 0 };
	evidence = (struct evidence){ .model = &model,
		.rows = &rows,
		.report = &report,
		.types = NS_TYPES_ALL,
		.usages = &usages };
	return 0;
}

static int tear_down(void **state)
{
	usages_done(&usages);
	return hand_tear_down(state);
}

/* n namespaces without a process, each held by something of the kind. */
static void leak(enum nstype type, uint32_t ino, size_t n, enum holder_kind kind)
{
	for (size_t i = 0; i < n; i++)
		hand_hold(hand_ns(type, ino + (uint32_t)i), kind, NULL);
}

/*
 * "net<=2 broken 3..5 net": a rule, its verdict, and perhaps the figure, which has no bound above
 * in "3..", and the type. What is not there may be anything.
 */
static void assert_verdict(const char *expected)
{
	static const char *const names[] = { [VERDICT_HOLDS] = "holds",
		[VERDICT_BROKEN] = "broken",
		[VERDICT_UNKNOWN] = "unknown" };
	const char *text = strf("%.*s", (int)strcspn(expected, " "), expected), *got;
	struct query query = { .types = evidence.types };
	struct invalid_rule errors;
	struct rule rule;

	rows_done(&rows);
	model_sort(&model);
	query_namespaces(&model, &query, &rows);
	assert_int_equal(rule_parse(text, &rule, &errors), 0);
	rule_evaluate(&evidence, &rule, &finding);
	got = strf("%s %s %ju..%s %s ", text, names[finding.verdict], (uintmax_t)finding.low,
		finding.high == FIGURE_UNBOUNDED ? "" : strf("%ju", (uintmax_t)finding.high),
		finding.has_type ? nstype_info(finding.type)->name : "all");
	if (strncmp(got, strf("%s ", expected), strlen(expected) + 1) != 0)
		fail_msg("%s, not %s", got, expected);
}

static void assert_all(const char *const *expected)
{
	for (; *expected; expected++)
		assert_verdict(*expected);
}

#define VERDICTS(...) assert_all((const char *const[]){ __VA_ARGS__, NULL })

TEST_FIXTURE(set_up, tear_down);

TEST(complete_counts_decide_every_operator)
{
	leak(NS_NET, 1, 3, HOLDER_MOUNT);
	VERDICTS("net<=3 holds", "net<=2 broken", "net<4 holds", "net<3 broken", "net>=3 holds",
		"net>=4 broken", "net>2 holds", "net>3 broken", "net==3 holds", "net==2 broken",
		"net==4 broken", "uts<=0 holds");
}

TEST(a_count_of_an_incomplete_answer_is_a_lower_bound)
{
	leak(NS_NET, 1, 3, HOLDER_MOUNT);
	report.errors[SOURCE_FDS].denied = 1;
	VERDICTS("net<=2 broken 3..", "net<=3 unknown", "net>=3 holds", "net>=4 unknown",
		"net==2 broken", "net==3 unknown");
}

TEST(each_unread_process_may_be_a_member_of_one_of_them)
{
	leak(NS_NET, 1, 3, HOLDER_MOUNT);
	hand_join(hand_process(1, 0), hand_ns(NS_NET, 9));
	VERDICTS("net.persistent<=3 holds 3..3");
	report.errors[SOURCE_PROCESSES].denied = 1;
	VERDICTS("net.persistent<=1 broken 2..", "net.persistent<=2 unknown");
	report.errors[SOURCE_PROCESSES].odd = 1;
	report.timed_out = 5;
	VERDICTS("net.persistent<=0 unknown 0..");
}

TEST(process_with_unread_descriptors_is_a_member_of_no_other)
{
	leak(NS_NET, 1, 1, HOLDER_MOUNT);
	report.errors[SOURCE_FDS].denied = 7;
	VERDICTS("net.persistent<=0 broken 1..");
}

TEST(where_processes_are_invisible_no_namespace_is_proven_persistent)
{
	static const unsigned limitations[] = { LIMITATION_PIDNS, LIMITATION_HIDEPID,
		LIMITATION_FOREIGN, LIMITATION_TURNOVER };

	leak(NS_NET, 1, 500, HOLDER_MOUNT);
	for (size_t i = 0; i < sizeof(limitations) / sizeof(*limitations); i++) {
		report.limitations = limitations[i];
		VERDICTS("net.persistent<=0 unknown", "persistent<=0 unknown", "net<=499 broken",
			"net.persistent>=0 holds");
	}
}

/* --scan without processes is complete, by choice; members are unknown all the same. */
TEST(without_a_scan_of_processes_no_namespace_is_persistent)
{
	leak(NS_NET, 1, 3, HOLDER_MOUNT);
	report.no_members = true;
	VERDICTS("net.persistent<=0 unknown 0..3", "net.persistent<=3 holds");
}

TEST(an_unread_process_may_be_a_member_in_each_type)
{
	leak(NS_NET, 1, 3, HOLDER_MOUNT);
	leak(NS_UTS, 11, 1, HOLDER_MOUNT);
	VERDICTS("persistent<=4 holds", "persistent<=3 broken 4..4 all");
	report.errors[SOURCE_PROCESSES].denied = 2;
	VERDICTS("persistent<=0 broken 1..", "persistent<=1 unknown");
}

TEST(any_is_about_the_worst_type)
{
	leak(NS_MNT, 1, 2, HOLDER_MOUNT);
	leak(NS_NET, 11, 3, HOLDER_MOUNT);
	leak(NS_UTS, 21, 3, HOLDER_MOUNT);
	VERDICTS("any<=1 broken 3..3 net");
	assert_int_equal(finding.seen, 3);
	VERDICTS("any<=3 holds 3..3 net");
	evidence.types = 1u << NS_MNT | 1u << NS_UTS;
	VERDICTS("any>=3 broken 2..2 mnt", "any.persistent<=2 broken 3..3 uts");
}

TEST(a_type_that_breaks_a_rule_is_worse_than_one_that_may)
{
	leak(NS_MNT, 1, 2, HOLDER_MOUNT);
	leak(NS_NET, 11, 3, HOLDER_MOUNT);
	report.errors[SOURCE_PROCESSES].denied = 1;
	VERDICTS("any.persistent<=1 broken 2.. net", "any.persistent<=2 unknown 2.. net");
}

TEST(a_kind_counts_namespaces_without_other_kinds)
{
	leak(NS_NET, 1, 2, HOLDER_MOUNT);
	hand_build("mount net:9; kernel net:9");
	VERDICTS("net.mount<=2 holds", "net.mount<=1 broken", "net.kernel<=0 holds",
		"uts.mount<=0 holds");
}

/* An unread process may have a descriptor on any of them. */
TEST(a_kind_of_an_incomplete_answer_proves_nothing)
{
	leak(NS_NET, 1, 20, HOLDER_MOUNT);
	report.errors[SOURCE_FDS].denied = 1;
	VERDICTS("net.mount<=1 unknown 0..");
}

TEST(a_filter_of_an_incomplete_answer_proves_nothing)
{
	leak(NS_NET, 1, 20, HOLDER_MOUNT);
	evidence.filtered = true;
	VERDICTS("net<=1 broken");
	report.errors[SOURCE_FDS].denied = 1;
	VERDICTS("net<=1 unknown 0..");
}

/* --scan without all sources is complete, by choice; other holders are unknown all the same. */
TEST(sources_that_are_left_out_may_have_holders_that_pass_a_filter)
{
	leak(NS_NET, 1, 20, HOLDER_MOUNT);
	report.narrowed = true;
	VERDICTS("net<=1 broken", "net.mount<=1 unknown 0..", "net.mount<=20 unknown");
	evidence.filtered = true;
	VERDICTS("net<=20 unknown 0..");
}

/* With --persistent, even a count is of those without a visible process. */
TEST(namespaces_that_may_have_members_do_not_count_as_persistent)
{
	leak(NS_NET, 1, 2, HOLDER_MOUNT);
	evidence.persistent = true;
	report.errors[SOURCE_PROCESSES].denied = 1;
	VERDICTS("net<=1 unknown", "net<=0 broken 1..");
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
	VERDICTS("net<=3 holds", "net<=2 broken", "net.persistent<=3 holds",
		"any.persistent<=2 broken", "net.mount<=3 holds",
		"net.mount<=2 unknown", /* a ring may hold them, too */
		"net.uring<=0 unknown");
	set_limit(NS_NET, 10);
	VERDICTS("net<=50% holds");
	report.narrowed = true;
	VERDICTS("net.mount<=3 unknown", "net<=50% unknown");
	evidence.filtered = true;
	report.narrowed = false;
	VERDICTS("net<=3 unknown");
}

TEST(rule_about_what_only_bpf_shows_is_unknown_without_it)
{
	leak(NS_NET, 50, 2, HOLDER_QUEUE);
	VERDICTS("net.queue<=2 unknown", "net.queue<=1 broken", "net.mount<=2 holds");
	report.bpf = true;
	VERDICTS("net.queue<=2 holds");
}

TEST(a_percentage_is_exact_to_the_last_namespace)
{
	add_usage(NS_NET, 1000, 7);
	set_limit(NS_NET, 8);
	VERDICTS("net<=87.5% holds", "net<=87.4% broken", "net<87.5% broken", "net<87.6% holds",
		"net>=87.5% holds", "net>87.5% broken", "net==87.5% holds");
	assert_int_equal(finding.usage->uid, 1000);
	assert_int_equal(finding.limit, 8);
	set_limit(NS_NET, UINT32_MAX);
	VERDICTS("net<=1000% holds", "net<=0% broken");
}

TEST(a_percentage_of_any_is_of_the_fullest_type)
{
	add_usage(NS_MNT, 0, 90);
	add_usage(NS_NET, 1000, 50);
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		set_limit(t, 1000);
	set_limit(NS_NET, 60);
	VERDICTS("any<=80% broken");
	assert_int_equal(finding.type, NS_NET);
	VERDICTS("any<=90% holds");
	assert_int_equal(finding.type, NS_NET);
}

TEST(a_percentage_of_any_skips_types_that_the_kernel_lacks)
{
	set_limit(NS_NET, 10);
	VERDICTS("any<=80% holds", "time<=80% unknown");
	leak(NS_TIME, 9, 1, HOLDER_FD);
	VERDICTS("any<=80% unknown");
	assert_int_equal(finding.type, NS_TIME);
}

TEST(without_a_limit_a_percentage_is_unknown)
{
	add_usage(NS_NET, 1000, 7);
	VERDICTS("net<=80% unknown", "net>=0% unknown");
}

TEST(no_usage_of_a_limit_of_zero_breaks_no_rule)
{
	set_limit(NS_NET, 0);
	VERDICTS("net<=80% holds", "net<80% holds");
	add_usage(NS_NET, 1000, 1);
	VERDICTS("net<=80% broken");
}

TEST(usage_without_owners_is_a_lower_bound)
{
	add_usage(NS_NET, 1000, 7);
	set_limit(NS_NET, 10);
	usages.lower_bounds = 1u << NS_NET;
	VERDICTS("net<=60% broken", "net<=80% unknown 7..");
	usages.lower_bounds = 1u << NS_UTS;
	VERDICTS("net<=80% holds");
	report.errors[SOURCE_FDS].denied = 1;
	VERDICTS("net<=80% unknown");
}

TEST(stale_names_break_a_rule_about_them)
{
	model.names_read = true;
	VERDICTS("netns.stale<=0 holds");
	model_add_stale_name(&model, "old");
	VERDICTS("netns.stale<=0 broken", "netns.stale<=1 holds", "persistent<=0 holds");
}

TEST(without_all_names_a_rule_about_stale_ones_is_unknown)
{
	VERDICTS("netns.stale<=0 unknown");
	model_add_stale_name(&model, "old");
	VERDICTS("netns.stale<=0 broken", "netns.stale<=1 unknown");
}
