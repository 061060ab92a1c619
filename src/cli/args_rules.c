// SPDX-License-Identifier: MIT
/* Rules of health checks as arguments, and what is said of one that is wrong. */
#include "args.h"

#include "complain.h"

#include "nsls/base/memory.h"

#include <errno.h>
#include <string.h>

/* What is no choice of words. */
static const char *reason(enum rule_error error)
{
	switch (error) {
	case RULE_NO_OPERATOR:
		return "it has no operator such as <=; quote the rule, because a shell takes < and "
		       "> for redirections";
	case RULE_BAD_BOUND:
		return "the bound must be a whole number up to 4294967295, or a percentage up to "
		       "1000% such as 80% or 87.5%";
	case RULE_BAD_PERCENT:
		return "only TYPE and any can be compared with a percentage";
	case RULE_BELOW_ZERO:
		return "no count is less than 0";
	case RULE_BAD_OPERATOR:
	case RULE_BAD_SUBJECT:
	case RULE_BAD_PART:
		break;
	}
	return NULL;
}

static void refuse(const char *text, const struct rule_trouble *trouble, FILE *err)
{
	switch (trouble->error) {
	case RULE_BAD_SUBJECT:
		complain_choice(err, "type", trouble->word, trouble->len, text, rule_subject_word);
		break;
	case RULE_BAD_PART:
		complain_choice(err, "kind", trouble->word, trouble->len, text, rule_part_word);
		break;
	case RULE_BAD_OPERATOR:
		complain_choice(
			err, "operator", trouble->word, trouble->len, text, rule_operator_word);
		break;
	case RULE_NO_OPERATOR:
		complain(err, "invalid rule '%s': %s", text, reason(trouble->error));
		break;
	case RULE_BAD_BOUND:
	case RULE_BAD_PERCENT:
	case RULE_BELOW_ZERO:
		complain(err, "invalid bound '%.*s' in rule '%s': %s", (int)trouble->len,
			trouble->word, text, reason(trouble->error));
		break;
	}
}

static int add_rule(
	struct options *options, const char *arg, enum rule_severity severity, FILE *err)
{
	struct rule_trouble trouble;
	struct rule rule;

	if (rule_parse(arg, &rule, &trouble) < 0) {
		refuse(arg, &trouble, err);
		return -EINVAL;
	}
	rule.severity = severity;
	options->plugin |= severity != RULE_CHECK;
	options->rules = memory_resize(options->rules, options->nrules + 1, sizeof(rule));
	options->rules[options->nrules++] = rule;
	return 0;
}

int args_check(struct options *options, const char *arg, FILE *err)
{
	return add_rule(options, arg, RULE_CHECK, err);
}

int args_warning(struct options *options, const char *arg, FILE *err)
{
	return add_rule(options, arg, RULE_WARNING, err);
}

int args_critical(struct options *options, const char *arg, FILE *err)
{
	return add_rule(options, arg, RULE_CRITICAL, err);
}
