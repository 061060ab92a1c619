// SPDX-License-Identifier: MIT
/* Rules of health checks: which texts are valid, and the errors of those that are not. */
#include "../test.h"

#include "nsls/rule.h"

static struct rule parse(const char *text)
{
	struct invalid_rule errors;
	struct rule rule = { 0 };

	if (rule_parse(text, &rule, &errors) < 0)
		fail_msg("not a rule: %s", text);
	assert_ptr_equal(rule.text, text);
	return rule;
}

static void assert_range(const char *text, uint64_t unit, uint64_t min, uint64_t max)
{
	struct rule rule = parse(text);
	struct rule_range range = rule_range(&rule, unit);

	assert_int_equal(range.min, min);
	assert_int_equal(range.max, max);
}

TEST(each_operator_allows_its_range)
{
	assert_range("net<=5", 1, 0, 5);
	assert_range("net<5", 1, 0, 4);
	assert_range("net>=5", 1, 5, UINT64_MAX);
	assert_range("net>5", 1, 6, UINT64_MAX);
	assert_range("net==5", 1, 5, 5);
	assert_range("net<=4294967295", 1, 0, UINT32_MAX);
	assert_range("net>=0", 1, 0, UINT64_MAX);
}

TEST(a_percentage_is_of_a_limit_and_has_one_decimal)
{
	assert_true(parse("net<=80%").percent);
	assert_false(parse("net<=80").percent);
	assert_range("net<=80%", 500, 0, 400000);
	assert_range("net<=87.5%", 1000, 0, 875000);
	assert_range("net<0.1%", 1000, 0, 999);
	assert_range("any>=1000%", UINT32_MAX, 10000ull * UINT32_MAX, UINT64_MAX);
}

TEST(a_subject_is_a_type_or_any_or_persistent)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		struct rule rule = parse(strf("%s<=5", nstype_info(t)->name));

		assert_int_equal(rule.scope, RULE_OF_TYPE);
		assert_int_equal(rule.type, t);
		assert_int_equal(rule.subject, RULE_COUNT);
	}
	assert_int_equal(parse("any<=5").scope, RULE_OF_ANY);
	assert_int_equal(parse("any<=5").subject, RULE_COUNT);
	assert_int_equal(parse("persistent<=5").scope, RULE_OF_ALL);
	assert_int_equal(parse("persistent<=5").subject, RULE_PERSISTENT);
}

TEST(a_part_is_persistent_or_a_kind)
{
	for (enum holder_kind k = 0; k < HOLDER_KIND_COUNT; k++) {
		struct rule rule = parse(strf("any.%s<=5", holder_kind_info[k].name));

		assert_int_equal(rule.scope, RULE_OF_ANY);
		assert_int_equal(rule.subject, RULE_KIND);
		assert_int_equal(rule.kind, k);
	}
	assert_int_equal(parse("net.persistent<=0").scope, RULE_OF_TYPE);
	assert_int_equal(parse("net.persistent<=0").subject, RULE_PERSISTENT);
}

TEST(blanks_may_stand_around_the_words)
{
	assert_range("  net.mount\t <= \t 5  ", 1, 0, 5);
	assert_range("any < 12.5% ", 1, 0, 124);
}

TEST(invalid_part_of_a_rule_is_named)
{
	static const struct {
		const char *text;
		enum rule_error error;
		const char *word;
	} cases[] = {
		{ "", RULE_BAD_SUBJECT, "" },
		{ "<=3", RULE_BAD_SUBJECT, "" },
		{ "foo<=3", RULE_BAD_SUBJECT, "foo" },
		{ "NET<=3", RULE_BAD_SUBJECT, "NET" },
		{ "net,uts<=3", RULE_BAD_SUBJECT, "net,uts" },
		{ "mount<=3", RULE_BAD_SUBJECT, "mount" },
		{ "persistent.net<=3", RULE_BAD_SUBJECT, "persistent" },
		{ ".mount<=3", RULE_BAD_SUBJECT, "" },
		{ "net.<=3", RULE_BAD_PART, "" },
		{ "net.foo<=3", RULE_BAD_PART, "foo" },
		{ "net.mount.fd<=3", RULE_BAD_PART, "mount.fd" },
		{ "net", RULE_NO_OPERATOR, "" },
		{ "net 3", RULE_NO_OPERATOR, "" },
		{ "net ipc<=3", RULE_NO_OPERATOR, "" },
		{ "net=3", RULE_BAD_OPERATOR, "=" },
		{ "net!=3", RULE_BAD_OPERATOR, "!=" },
		{ "net=<3", RULE_BAD_OPERATOR, "=<" },
		{ "net<=>3", RULE_BAD_OPERATOR, "<=>" },
		{ "net< =3", RULE_BAD_BOUND, "=3" },
		{ "net<=", RULE_BAD_BOUND, "" },
		{ "net<=x", RULE_BAD_BOUND, "x" },
		{ "net<=-1", RULE_BAD_BOUND, "-1" },
		{ "net<=+1", RULE_BAD_BOUND, "+1" },
		{ "net<=3x", RULE_BAD_BOUND, "3x" },
		{ "net<=3 4", RULE_BAD_BOUND, "3 4" },
		{ "net<=3,net<=4", RULE_BAD_BOUND, "3,net<=4" },
		{ "net<=0x3", RULE_BAD_BOUND, "0x3" },
		{ "net<=3.5", RULE_BAD_BOUND, "3.5" },
		{ "net<=4294967296", RULE_BAD_BOUND, "4294967296" },
		{ "net<=99999999999999999999999", RULE_BAD_BOUND, "99999999999999999999999" },
		{ "net<=%", RULE_BAD_BOUND, "%" },
		{ "net<=80 %", RULE_BAD_BOUND, "80 %" },
		{ "net<=80%%", RULE_BAD_BOUND, "80%%" },
		{ "net<=80.%", RULE_BAD_BOUND, "80.%" },
		{ "net<=80.25%", RULE_BAD_BOUND, "80.25%" },
		{ "net<=1001%", RULE_BAD_BOUND, "1001%" },
		{ "persistent<=8%", RULE_BAD_PERCENT, "8%" },
		{ "net.persistent<=8%", RULE_BAD_PERCENT, "8%" },
		{ "any.mount<=8%", RULE_BAD_PERCENT, "8%" },
		{ "net<0", RULE_BELOW_ZERO, "0" },
		{ "net<0%", RULE_BELOW_ZERO, "0%" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct invalid_rule errors = { 0 };
		struct rule rule;

		if (rule_parse(cases[i].text, &rule, &errors) != -EINVAL)
			fail_msg("taken: %s", cases[i].text);
		if (errors.error != cases[i].error || errors.len != strlen(cases[i].word) ||
			memcmp(errors.word, cases[i].word, errors.len) != 0)
			fail_msg("%s: error %d, '%.*s'", cases[i].text, (int)errors.error,
				(int)errors.len, errors.word);
	}
}

TEST(every_word_that_is_offered_is_taken)
{
	size_t n = 0;

	for (size_t i = 0; rule_subject_word(i); i++, n++)
		parse(strf("%s<=5", rule_subject_word(i)));
	for (size_t i = 0; rule_part_word(i); i++, n++)
		parse(strf("net.%s<=5", rule_part_word(i)));
	for (size_t i = 0; rule_operator_word(i); i++, n++)
		parse(strf("net%s5", rule_operator_word(i)));
	assert_int_equal(n, NS_TYPE_COUNT + 3 + HOLDER_KIND_COUNT + 1 + RULE_OPERATOR_COUNT);
}

TEST(rules_about_one_figure_are_recognised)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{ "net<=5", "net>1", true },
		{ "any<=5", "any<=6", true },
		{ "net.mount<=5", "net.mount<=6", true },
		{ "net<=5", "uts<=5", false },
		{ "net<=5", "any<=5", false },
		{ "net<=5", "net<=5%", false },
		{ "net<=5", "net.persistent<=5", false },
		{ "net.fd<=5", "net.mount<=5", false },
		{ "persistent<=5", "any.persistent<=5", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rule a = parse(cases[i].a), b = parse(cases[i].b);

		if (rule_has_same_figure(&a, &b) != cases[i].same)
			fail_msg("%s, %s", cases[i].a, cases[i].b);
	}
}
