// SPDX-License-Identifier: MIT
/* Percentages in what rules print: of usage that no plain directory can show. */
#include "nsls/view.h"

#include "small_world.h"

static struct usage usage = { .type = NS_NET, .uid = 0, .count = 7 };
static struct usages usages = { .at = &usage, .n = 1 };
static struct rows rows;

/* Of network namespaces, root has seven of that many. */
static struct evidence evidence_of(struct report *report, unsigned types, uint64_t limit)
{
	return (struct evidence){ .rows = &rows,
		.report = report,
		.types = types,
		.usages = &usages,
		.limits[NS_NET] = limit,
		.limited = 1u << NS_NET };
}

/* Of a rule about network namespaces, of which root has seven of ten. */
static void assert_words(
	const char *text, struct report *report, unsigned bounds, const char *expected)
{
	struct evidence evidence = evidence_of(report, NS_TYPES_ALL, 10);
	struct invalid_rule errors;
	struct finding finding;
	struct strbuf words = { 0 };
	struct model model = { 0 };
	struct view view;
	struct rule rule;

	usages.lower_bounds = bounds;
	assert_int_equal(rule_parse(text, &rule, &errors), 0);
	rule_evaluate(&evidence, &rule, &finding);
	view_init(&view, &model, report, "/proc");
	check_add_finding(&view, &finding, &words);
	assert_string_equal(strbuf_keep(&words), expected);
	view_done(&view);
	model_done(&model);
}

TEST(a_percentage_names_the_user_and_the_limit)
{
	struct report complete = { 0 }, denied = { .errors = { [SOURCE_FDS] = { .denied = 1 } } },
		      narrowed = { .narrowed = true };

	assert_words("net<=60%", &complete, 0,
		"net<=60%: user root has 7 network namespaces, 70.0% of 10");
	assert_words("net<=60%", &denied, 0,
		"net<=60%: user root has at least 7 network namespaces, 70.0% of 10");
	assert_words("net<=80%", &complete, 0, "user root has 7 network namespaces, 70.0% of 10");
	assert_words("net<=80%", &denied, 0,
		"cannot check net<=80%: user root has 7 network namespaces, 70.0% of "
		"10, but not everything could be read");
	assert_words("net<=80%", &complete, 1u << NS_NET,
		"cannot check net<=80%: user root has 7 network namespaces, 70.0% of "
		"10, but not all owners are known");
	assert_words("net<=80%", &narrowed, 0,
		"cannot check net<=80%: user root has 7 network namespaces, 70.0% of "
		"10, but --scan leaves out some sources");
	assert_words("uts<=80%", &complete, 0,
		"cannot check uts<=80%: users have 0 UTS namespaces, but the limit is not "
		"known");
}

TEST(a_percentage_has_its_unit)
{
	struct report report = { 0 };
	struct evidence evidence = evidence_of(&report, 1u << NS_NET | 1u << NS_UTS, 9);
	struct invalid_rule errors;
	struct rule rules[2];
	struct strbuf data = { 0 };

	assert_int_equal(rule_parse("any<=80%", &rules[0], &errors), 0);
	assert_int_equal(rule_parse("net<95.5%", &rules[1], &errors), 0);
	usages.lower_bounds = 0;
	rules[0].severity = RULE_WARNING;
	rules[1].severity = RULE_CRITICAL;
	plugin_add_data(&evidence, rules, 2, &data);
	assert_string_equal(strbuf_keep(&data), "net_use=77.8%;80;95.4;0;100 uts_use=U;80;;0;100");
}
