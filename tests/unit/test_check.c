// SPDX-License-Identifier: MIT
/* Percentages in what rules print: of usage that no plain directory can show. */
#include "render_fixture.h"

static struct usage seven = { .type = NS_NET, .uid = 0, .count = 7 };
static struct usages usages = { .at = &seven, .n = 1 };

TEST_FIXTURE(render_set_up, render_tear_down);

/* Of network namespaces, root has seven of that many. */
static struct evidence evidence_of(unsigned types, uint64_t limit)
{
	return (struct evidence){ .rows = &rows,
		.report = &report,
		.types = types,
		.usages = &usages,
		.limits[NS_NET] = limit,
		.limited = 1u << NS_NET };
}

TEST(a_percentage_names_the_user_and_the_limit)
{
	static const struct {
		const char *rule;
		struct report report;
		unsigned lower_bounds;
		const char *words;
	} cases[] = {
		{ "net<=60%", { 0 }, 0,
			"net<=60%: user root has 7 network namespaces, 70.0% of 10" },
		{ "net<=60%", { .errors[SOURCE_FDS] = { .denied = 1 } }, 0,
			"net<=60%: user root has at least 7 network namespaces, 70.0% of 10" },
		{ "net<=80%", { 0 }, 0, "user root has 7 network namespaces, 70.0% of 10" },
		{ "net<=80%", { .errors[SOURCE_FDS] = { .denied = 1 } }, 0,
			"cannot check net<=80%: user root has 7 network namespaces, 70.0% of 10, "
			"but not everything could be read" },
		{ "net<=80%", { 0 }, 1u << NS_NET,
			"cannot check net<=80%: user root has 7 network namespaces, 70.0% of 10, "
			"but not all owners are known" },
		{ "net<=80%", { .narrowed = true }, 0,
			"cannot check net<=80%: user root has 7 network namespaces, 70.0% of 10, "
			"but --scan leaves out some sources" },
		{ "uts<=80%", { 0 }, 0,
			"cannot check uts<=80%: users have 0 UTS namespaces, but the limit is not "
			"known" },
	};
	struct evidence evidence = evidence_of(NS_TYPES_ALL, 10);

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct invalid_rule errors;
		struct finding finding;
		struct strbuf words = { 0 };
		struct rule rule;

		report = cases[i].report;
		usages.lower_bounds = cases[i].lower_bounds;
		assert_int_equal(rule_parse(cases[i].rule, &rule, &errors), 0);
		rule_evaluate(&evidence, &rule, &finding);
		check_add_finding(&view, &finding, &words);
		assert_string_equal(strbuf_keep(&words), cases[i].words);
	}
}

TEST(a_percentage_has_its_unit)
{
	struct evidence evidence = evidence_of(1u << NS_NET | 1u << NS_UTS, 9);
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
