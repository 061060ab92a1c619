// SPDX-License-Identifier: MIT
/*
 * Verdicts by what is known and unknown, on models made by hand. Besides statements of
 * hand_build(), steps are:
 *
 *	usage net 1000 7       how many namespaces a user is charged with
 *	limit net 8            how many may be
 *	unowned net            usage of this type is a lower bound
 *	stale                  a name in /run/netns that leads nowhere
 *	filtered               a filter chose the namespaces; also "persistent"
 *	=> net<=2 broken 3..5 net, uts<=0 holds
 *	                       verdicts of rules, perhaps with the figure, which has no bound above
 *	                       in "3..", and the type
 */
#include "nsls/rule.h"

#include "hand_model.h"

#include <inttypes.h>

static struct usage charged[2];
static struct usages usages;
static struct evidence evidence;
static struct finding finding;

static int set_up(void **state)
{
	hand_set_up(state);
	usages = (struct usages){ .at = charged };
	evidence = (struct evidence){ .model = &model,
		.rows = &rows,
		.report = &report,
		.types = NS_TYPES_ALL,
		.usages = &usages };
	return 0;
}

static enum nstype type_of(const char *name)
{
	enum nstype type;

	assert_int_equal(nstype_by_name(name, strlen(name), &type), 0);
	return type;
}

static bool add(char *words[])
{
	const char *word = words[0];
	enum nstype type;

	if (!strcmp(word, "usage")) {
		charged[usages.n++] = (struct usage){ .type = type_of(words[1]),
			.uid = (uid_t)atoi(words[2]),
			.count = (size_t)atoi(words[3]) };
	} else if (!strcmp(word, "limit")) {
		type = type_of(words[1]);
		evidence.limits[type] = strtoul(words[2], NULL, 10);
		evidence.limited |= 1u << type;
	} else if (!strcmp(word, "unowned")) {
		usages.lower_bounds = 1u << type_of(words[1]);
	} else if (!strcmp(word, "stale")) {
		*array_push(model.stale_names, model.nstale, model.stale_size) = "old";
	} else if (!strcmp(word, "filtered")) {
		evidence.filtered = true;
	} else if (!strcmp(word, "persistent")) {
		evidence.persistent = true;
	} else {
		return false;
	}
	return true;
}

/* expected: a rule and the first words of its finding. Returns all words if these are wrong. */
static const char *evaluate(const char *expected)
{
	static const char *const names[] = { [VERDICT_HOLDS] = "holds",
		[VERDICT_BROKEN] = "broken",
		[VERDICT_UNKNOWN] = "unknown" };
	const char *text = strf("%.*s", (int)strcspn(expected, " "), expected), *got;
	struct invalid_rule errors;
	struct rule rule;

	assert_int_equal(rule_parse(text, &rule, &errors), 0);
	rule_evaluate(&evidence, &rule, &finding);
	got = strf("%s %s %ju..%s %s ", text, names[finding.verdict], (uintmax_t)finding.low,
		finding.high == FIGURE_UNBOUNDED ? "" : strf("%ju", (uintmax_t)finding.high),
		finding.has_type ? nstype_info[finding.type].name : "all");
	return strncmp(got, strf("%s ", expected), strlen(expected) + 1) != 0 ? got : expected;
}

static const char *find_verdicts(char *question, const char *expected)
{
	struct query query = { .types = evidence.types };
	const char *found = "";

	rows_done(&rows);
	query_rows(&model, &query, ROW_NS, &rows);
	for (EACH_WORD(rule, expected, ", "))
		found = strf("%s%s%s", found, *found ? ", " : "", evaluate(rule));
	return found;
}

static const struct hand_steps steps = { .add = add, .find = find_verdicts };

TEST_FIXTURE(set_up, hand_tear_down);

MODEL_TEST(complete_counts_decide_every_operator, "mount net:1 net:2 net:3",
	"=> net<=3 holds, net<=2 broken, net<4 holds, net<3 broken, net>=3 holds, net>=4 broken",
	"=> net>2 holds, net>3 broken, net==3 holds, net==2 broken, net==4 broken, uts<=0 holds")

MODEL_TEST(a_count_of_an_incomplete_answer_is_a_lower_bound,
	"mount net:1 net:2 net:3; fds.denied=1",
	"=> net<=2 broken 3.., net<=3 unknown, net>=3 holds, net>=4 unknown",
	"=> net==2 broken, net==3 unknown")

MODEL_TEST(each_unread_process_may_be_a_member_of_one_of_them, "mount net:1 net:2 net:3; 1<0 net:9",
	"=> net.persistent<=3 holds 3..3", "processes.denied=1",
	"=> net.persistent<=1 broken 2.., net.persistent<=2 unknown",
	"processes.odd=1; report.timed_out=5", "=> net.persistent<=0 unknown 0..")

MODEL_TEST(process_with_unread_descriptors_is_a_member_of_no_other, "mount net:1; fds.denied=7",
	"=> net.persistent<=0 broken 1..")

TEST(where_processes_are_invisible_no_namespace_is_proven_persistent)
{
	static const unsigned limitations[] = { LIMITATION_PIDNS, LIMITATION_HIDEPID,
		LIMITATION_FOREIGN, LIMITATION_TURNOVER };

	for (uint32_t ino = 1; ino <= 500; ino++)
		hand_build(strf("mount net:%u", ino));
	for (size_t i = 0; i < COUNT(limitations); i++) {
		report.limitations = limitations[i];
		MODEL("=> net.persistent<=0 unknown, persistent<=0 unknown, net<=499 broken",
			"=> net.persistent>=0 holds");
	}
}

/* --scan without processes is complete, by choice; members are unknown all the same. */
MODEL_TEST(without_a_scan_of_processes_no_namespace_is_persistent,
	"mount net:1 net:2 net:3; report.no_members=1",
	"=> net.persistent<=0 unknown 0..3, net.persistent<=3 holds")

MODEL_TEST(an_unread_process_may_be_a_member_in_each_type, "mount net:1 net:2 net:3 uts:11",
	"=> persistent<=4 holds, persistent<=3 broken 4..4 all", "processes.denied=2",
	"=> persistent<=0 broken 1.., persistent<=1 unknown")

TEST(any_is_about_the_worst_type)
{
	MODEL("mount mnt:1 mnt:2 net:11 net:12 net:13 uts:21 uts:22 uts:23",
		"=> any<=1 broken 3..3 net");
	assert_int_equal(finding.seen, 3);
	MODEL("=> any<=3 holds 3..3 net");
	evidence.types = 1u << NS_MNT | 1u << NS_UTS;
	MODEL("=> any>=3 broken 2..2 mnt, any.persistent<=2 broken 3..3 uts");
}

MODEL_TEST(a_type_that_breaks_a_rule_is_worse_than_one_that_may,
	"mount mnt:1 mnt:2 net:11 net:12 net:13; processes.denied=1",
	"=> any.persistent<=1 broken 2.. net, any.persistent<=2 unknown 2.. net")

MODEL_TEST(a_kind_counts_namespaces_without_other_kinds,
	"mount net:1 net:2; mount net:9; kernel net:9",
	"=> net.mount<=2 holds, net.mount<=1 broken, net.kernel<=0 holds, uts.mount<=0 holds")

#define TWENTY                                                                                     \
	"mount net:1 net:2 net:3 net:4 net:5 net:6 net:7 net:8 net:9 net:10; "                     \
	"mount net:11 net:12 net:13 net:14 net:15 net:16 net:17 net:18 net:19 net:20"

/* An unread process may have a descriptor on any of them. */
MODEL_TEST(a_kind_or_filter_of_an_incomplete_answer_proves_nothing, TWENTY "; fds.denied=1",
	"=> net.mount<=1 unknown 0..", "fds.denied=0; filtered", "=> net<=1 broken", "fds.denied=1",
	"=> net<=1 unknown 0..")

/* --scan without all sources is complete, by choice; other holders are unknown all the same. */
MODEL_TEST(sources_that_are_left_out_may_have_holders_that_pass_a_filter,
	TWENTY "; report.narrowed=1",
	"=> net<=1 broken, net.mount<=1 unknown 0.., net.mount<=20 unknown", "filtered",
	"=> net<=20 unknown 0..")

/* With --persistent, even a count is of those without a visible process. */
TEST(namespaces_that_may_have_members_do_not_count_as_persistent)
{
	MODEL("mount net:1 net:2; persistent; processes.denied=1",
		"=> net<=1 unknown, net<=0 broken 1..");
	assert_true(finding.persistent);
}

/* Any user can make a ring that takes too long to read. A ring may hold what a mount holds. */
TEST(unread_ring_makes_only_rules_about_what_rings_hold_unknown)
{
	report.limitations = LIMITATION_RING_UNREAD;
	MODEL("mount net:50 net:51 net:52",
		"=> net<=3 holds, net<=2 broken, net.persistent<=3 holds, any.persistent<=2 broken",
		"=> net.mount<=3 holds, net.mount<=2 unknown, net.uring<=0 unknown", "limit net 10",
		"=> net<=50% holds", "report.narrowed=1",
		"=> net.mount<=3 unknown, net<=50% unknown", "report.narrowed=0; filtered",
		"=> net<=3 unknown");
}

MODEL_TEST(rule_about_what_only_bpf_shows_is_unknown_without_it, "queue net:50 net:51",
	"=> net.queue<=2 unknown, net.queue<=1 broken, net.mount<=2 holds", "report.bpf=1",
	"=> net.queue<=2 holds")

TEST(a_percentage_is_exact_to_the_last_namespace)
{
	MODEL("usage net 1000 7; limit net 8",
		"=> net<=87.5% holds, net<=87.4% broken, net<87.5% broken, net<87.6% holds",
		"=> net>=87.5% holds, net>87.5% broken, net==87.5% holds");
	assert_int_equal(finding.usage->uid, 1000);
	assert_int_equal(finding.limit, 8);
	MODEL("limit net 4294967295", "=> net<=1000% holds, net<=0% broken");
}

TEST(a_percentage_of_any_is_of_the_fullest_type)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		MODEL(strf("limit %s 1000", nstype_info[t].name));
	MODEL("usage mnt 0 90; usage net 1000 50; limit net 60",
		"=> any<=80% broken 50..50 net, any<=90% holds 50..50 net");
}

MODEL_TEST(a_percentage_of_any_skips_types_that_the_kernel_lacks, "limit net 10",
	"=> any<=80% holds, time<=80% unknown", "fd time:9", "=> any<=80% unknown 0..0 time")

MODEL_TEST(without_a_limit_a_percentage_is_unknown, "usage net 1000 7",
	"=> net<=80% unknown, net>=0% unknown")

MODEL_TEST(no_usage_of_a_limit_of_zero_breaks_no_rule, "limit net 0",
	"=> net<=80% holds, net<80% holds", "usage net 1000 1", "=> net<=80% broken")

MODEL_TEST(usage_without_owners_is_a_lower_bound, "usage net 1000 7; limit net 10; unowned net",
	"=> net<=60% broken, net<=80% unknown 7..", "unowned uts", "=> net<=80% holds",
	"fds.denied=1", "=> net<=80% unknown")

MODEL_TEST(stale_names_break_a_rule_about_them, "model.names_read=1", "=> netns.stale<=0 holds",
	"stale", "=> netns.stale<=0 broken, netns.stale<=1 holds, persistent<=0 holds")

MODEL_TEST(without_all_names_a_rule_about_stale_ones_is_unknown, "", "=> netns.stale<=0 unknown",
	"stale", "=> netns.stale<=0 broken, netns.stale<=1 unknown")
