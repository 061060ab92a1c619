// SPDX-License-Identifier: MIT
/*
 * Rules of health checks: which texts are valid, and the errors of those that are not. Steps:
 *
 *	net.fd<5 => net fd 0..4      the scope and subject of a rule, and the range of its figure
 *	net<=8% of 500 => net count% 0..40000
 *	                             of a percentage of that limit, in thousandths of it
 *	foo<=3 => bad subject 'foo'  the part of a text that makes it no rule
 *	net<5 and uts<5 => other     whether two rules are about the same figure, or another one
 */
#include "hand_model.h"

#include "nsls/rule.h"

#include <inttypes.h>

static const char *const errors[] = {
	[RULE_NO_OPERATOR] = "no operator",
	[RULE_BAD_OPERATOR] = "bad operator",
	[RULE_BAD_SUBJECT] = "bad subject",
	[RULE_BAD_PART] = "bad part",
	[RULE_BAD_BOUND] = "bad bound",
	[RULE_BAD_PERCENT] = "bad percent",
	[RULE_BELOW_ZERO] = "below zero",
};

static const char *describe(const struct rule *rule, uint64_t unit)
{
	static const char *const scopes[] = { [RULE_OF_ANY] = "any", [RULE_OF_ALL] = "all" };
	static const char *const subjects[] = {
		[RULE_COUNT] = "count", [RULE_PERSISTENT] = "persistent", [RULE_STALE] = "stale"
	};
	struct rule_range range = rule_range(rule, unit);

	return strf("%s %s%s %ju..%s",
		rule->scope == RULE_OF_TYPE ? nstype_info[rule->type].name : scopes[rule->scope],
		rule->subject == RULE_KIND ? holder_kind_info[rule->kind].name
					   : subjects[rule->subject],
		rule->percent ? "%" : "", (uintmax_t)range.min,
		range.max == UINT64_MAX ? "" : strf("%ju", (uintmax_t)range.max));
}

static const char *find(char *text, const char *expected)
{
	char *of = strstr(text, " of "), *and = strstr(text, " and ");
	struct invalid_rule invalid = { 0 };
	struct rule rule, other;
	int r;

	if (of)
		*of = '\0';
	if (and) {
		*and = '\0';
		assert_int_equal(rule_parse(and+strlen(" and "), &other, &invalid), 0);
	}
	r = rule_parse(text, &rule, &invalid);
	if (r == -EINVAL)
		return strf("%s '%.*s'", errors[invalid.error], (int)invalid.len, invalid.word);
	assert_int_equal(r, 0);
	assert_ptr_equal(rule.text, text);
	if (and)
		return rule_has_same_figure(&rule, &other) ? "same" : "other";
	return describe(&rule, of ? strtoul(of + strlen(" of "), NULL, 10) : 1);
}

static const struct hand_steps steps = { .find = find };

TEST_FIXTURE(hand_set_up, hand_tear_down);

MODEL_TEST(each_operator_allows_its_range, "net<=5 => net count 0..5", "net<5 => net count 0..4",
	"net>=5 => net count 5..", "net>5 => net count 6..", "net==5 => net count 5..5",
	"net<=4294967295 => net count 0..4294967295", "net>=0 => net count 0..")

MODEL_TEST(a_percentage_is_of_a_limit_and_has_one_decimal,
	"net<=80% of 500 => net count% 0..400000", "net<=87.5% of 1000 => net count% 0..875000",
	"net<0.1% of 1000 => net count% 0..999",
	"any>=1000% of 4294967295 => any count% 42949672950000..")

TEST(a_subject_is_a_type_or_any_or_persistent)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		const char *name = nstype_info[t].name;

		MODEL(strf("%s<=5 => %s count 0..5", name, name));
	}
	MODEL("any<=5 => any count 0..5", "persistent<=5 => all persistent 0..5");
}

TEST(a_part_is_persistent_or_a_kind)
{
	for (enum holder_kind k = 0; k < HOLDER_KIND_COUNT; k++) {
		const char *name = holder_kind_info[k].name;

		MODEL(strf("any.%s<=5 => any %s 0..5", name, name));
	}
	MODEL("net.persistent<=0 => net persistent 0..0");
}

MODEL_TEST(blanks_may_stand_around_the_words, "  net.mount\t <= \t 5   => net mount 0..5",
	"any < 12.5%  => any count% 0..124")

MODEL_TEST(invalid_part_of_a_rule_is_named, "=> bad subject ''", "<=3 => bad subject ''",
	"foo<=3 => bad subject 'foo'", "NET<=3 => bad subject 'NET'",
	"net,uts<=3 => bad subject 'net,uts'", "mount<=3 => bad subject 'mount'",
	"persistent.net<=3 => bad subject 'persistent'", ".mount<=3 => bad subject ''",
	"net.<=3 => bad part ''", "net.foo<=3 => bad part 'foo'",
	"net.mount.fd<=3 => bad part 'mount.fd'", "net => no operator ''",
	"net 3 => no operator ''", "net ipc<=3 => no operator ''", "net=3 => bad operator '='",
	"net!=3 => bad operator '!='", "net=<3 => bad operator '=<'",
	"net<=>3 => bad operator '<=>'", "net< =3 => bad bound '=3'", "net<= => bad bound ''",
	"net<=x => bad bound 'x'", "net<=-1 => bad bound '-1'", "net<=+1 => bad bound '+1'",
	"net<=3x => bad bound '3x'", "net<=3 4 => bad bound '3 4'",
	"net<=3,net<=4 => bad bound '3,net<=4'", "net<=0x3 => bad bound '0x3'",
	"net<=3.5 => bad bound '3.5'", "net<=4294967296 => bad bound '4294967296'",
	"net<=99999999999999999999999 => bad bound '99999999999999999999999'",
	"net<=% => bad bound '%'", "net<=80 % => bad bound '80 %'", "net<=80%% => bad bound '80%%'",
	"net<=80.% => bad bound '80.%'", "net<=80.25% => bad bound '80.25%'",
	"net<=1001% => bad bound '1001%'", "persistent<=8% => bad percent '8%'",
	"net.persistent<=8% => bad percent '8%'", "any.mount<=8% => bad percent '8%'",
	"net<0 => below zero '0'", "net<0% => below zero '0%'")

TEST(every_word_that_is_offered_is_taken)
{
	size_t n = 0;

	for (size_t i = 0; rule_subject_word(i); i++, n++)
		assert_lacks(find(strf("%s<=5", rule_subject_word(i)), NULL), "bad");
	for (size_t i = 0; rule_part_word(i); i++, n++)
		assert_lacks(find(strf("net.%s<=5", rule_part_word(i)), NULL), "bad");
	for (size_t i = 0; rule_operator_word(i); i++, n++)
		assert_lacks(find(strf("net%s5", rule_operator_word(i)), NULL), "bad", "no ");
	assert_int_equal(n, NS_TYPE_COUNT + 3 + HOLDER_KIND_COUNT + 1 + RULE_OPERATOR_COUNT);
}

MODEL_TEST(rules_about_one_figure_are_recognised, "net<=5 and net>1 => same",
	"any<=5 and any<=6 => same", "net.mount<=5 and net.mount<=6 => same",
	"net<=5 and uts<=5 => other", "net<=5 and any<=5 => other", "net<=5 and net<=5% => other",
	"net<=5 and net.persistent<=5 => other", "net.fd<=5 and net.mount<=5 => other",
	"persistent<=5 and any.persistent<=5 => other")
