// SPDX-License-Identifier: MIT
#include "exclude.h"

#include "complain.h"

#include "nsls/model/report.h"

#include <errno.h>

static int exclude(FILE *err, bool a, const char *name_a, bool b, const char *name_b)
{
	if (!a || !b)
		return 0;
	complain(err, "%s and %s are mutually exclusive", name_a, name_b);
	return -EINVAL;
}

static int require(FILE *err, bool a, const char *name_a, bool b, const char *name_b)
{
	if (!a || b)
		return 0;
	complain(err, "%s requires %s", name_a, name_b);
	return -EINVAL;
}

/* What an option can't be combined with. */
struct other {
	bool given;
	const char *name;
};

static int check_others(
	FILE *err, bool given, const char *name, const struct other *others, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (exclude(err, given, name, others[i].given, others[i].name) < 0)
			return -EINVAL;
	return 0;
}

/* Who has members has no need to be held by anything else, and no owner or parent. */
static int check_containers(const struct options *o, FILE *err)
{
	if (exclude(err, o->containers, "--containers", o->summary, "--summary") < 0 ||
		exclude(err, o->containers, "--containers", o->tree != TREE_NONE, "--tree") < 0 ||
		exclude(err, o->containers, "--containers", o->persistent, "--persistent") < 0)
		return -EINVAL;
	return exclude(err, o->containers, "--containers", o->kinds != 0, "--kind");
}

/*
 * Metrics of a part would have the names of those of the whole, and nothing that tells them apart.
 * Types are different: each is a label, so fewer of them are fewer samples.
 */
static int check_metrics(const struct options *o, FILE *err)
{
	const struct other others[] = {
		{ o->list, "--list" },
		{ o->tree != TREE_NONE, "--tree" },
		{ o->summary, "--summary" },
		{ o->containers, "--containers" },
		{ o->json, "--json" },
		{ o->raw, "--raw" },
		{ o->output != NULL, "--output" },
		{ o->output_all, "--output-all" },
		{ o->count, "--count" },
		{ o->quiet, "--quiet" },
		{ o->ntasks > 0, "--task" },
		{ o->nof > 0, "--of" },
		{ o->persistent, "--persistent" },
		{ o->kinds != 0, "--kind" },
		{ o->filter != NULL, "--filter" },
		{ o->sources != SOURCES_ALL, "--scan" },
		{ o->nnamespaces > 0, "NAMESPACE" },
	};

	return check_others(err, o->metrics, "--metrics", others, sizeof(others) / sizeof(*others));
}

/* Its lines are about changes: they have no columns, and no other shape. */
static int check_monitor(const struct options *o, FILE *err)
{
	const struct other others[] = {
		{ o->list, "--list" },
		{ o->tree != TREE_NONE, "--tree" },
		{ o->summary, "--summary" },
		{ o->containers, "--containers" },
		{ o->metrics, "--metrics" },
		{ o->raw, "--raw" },
		{ o->output != NULL, "--output" },
		{ o->output_all, "--output-all" },
		{ o->count, "--count" },
		{ o->quiet, "--quiet" },
	};

	return check_others(
		err, o->monitor_ms > 0, "--monitor", others, sizeof(others) / sizeof(*others));
}

static const char *name_rule(const struct options *o, bool plugin)
{
	for (size_t i = 0; i < o->nrules; i++)
		if (plugin && o->rules[i].severity != RULE_CHECK)
			return o->rules[i].severity == RULE_WARNING ? "--warning" : "--critical";
	return "--check";
}

/* A verdict is an answer of its own: there is nothing to be shown in another way. */
static int check_views(const struct options *o, const char *name, FILE *err)
{
	const struct other others[] = {
		{ o->list, "--list" },
		{ o->tree != TREE_NONE, "--tree" },
		{ o->summary, "--summary" },
		{ o->containers, "--containers" },
		{ o->count, "--count" },
		{ o->raw, "--raw" },
		{ o->output != NULL, "--output" },
		{ o->output_all, "--output-all" },
		{ o->metrics, "--metrics" },
		{ o->monitor_ms > 0, "--monitor" },
		{ o->nnamespaces > 0, "NAMESPACE" },
		{ o->plugin && o->json, "--json" },
		{ o->plugin && o->quiet, "--quiet" },
	};

	return check_others(err, true, name, others, sizeof(others) / sizeof(*others));
}

/* What narrows the namespaces that are counted, or NULL. */
static const char *narrowed_by(const struct options *o)
{
	return o->ntasks       ? "--task"
	       : o->nof        ? "--of"
	       : o->persistent ? "--persistent"
	       : o->kinds      ? "--kind"
	       : o->filter     ? "--filter"
			       : NULL;
}

/* A rule that would be about nothing would hold, and one about another thing than it says, too. */
static int check_rule(const struct options *o, const struct rule *rule, FILE *err)
{
	if (rule->scope == RULE_OF_TYPE && o->types && !(o->types & 1u << rule->type)) {
		complain(err, "rule '%s' is about a type that --type leaves out", rule->text);
		return -EINVAL;
	}
	if (rule->percent && narrowed_by(o)) {
		complain(err,
			"rule '%s' and %s are mutually exclusive: a limit is on all namespaces of "
			"a user",
			rule->text, narrowed_by(o));
		return -EINVAL;
	}
	return 0;
}

static int check_rules(const struct options *o, FILE *err)
{
	bool checks = false;
	int r = check_views(o, name_rule(o, o->plugin), err);

	for (size_t i = 0; r == 0 && i < o->nrules; i++) {
		checks |= o->rules[i].severity == RULE_CHECK;
		r = check_rule(o, &o->rules[i], err);
	}
	return r == 0 ? exclude(err, checks, "--check", o->plugin, name_rule(o, true)) : r;
}

int exclude_check(const struct options *o, FILE *err)
{
	bool tree = o->tree != TREE_NONE, operands = o->nnamespaces > 0;

	if (exclude(err, o->list, "--list", tree, "--tree") < 0 ||
		exclude(err, o->summary, "--summary", tree, "--tree") < 0 ||
		exclude(err, o->summary, "--summary", operands, "NAMESPACE") < 0 ||
		exclude(err, o->ntasks > 0, "--task", operands, "NAMESPACE") < 0 ||
		exclude(err, o->nof > 0, "--of", operands, "NAMESPACE") < 0 ||
		check_containers(o, err) < 0 || check_metrics(o, err) < 0 ||
		check_monitor(o, err) < 0 ||
		require(err, o->by_user, "--by", o->summary, "--summary") < 0 ||
		exclude(err, o->json, "--json", o->raw, "--raw") < 0 ||
		exclude(err, o->raw, "--raw", tree, "--tree") < 0 ||
		exclude(err, o->output != NULL, "--output", o->output_all, "--output-all") < 0)
		return -EINVAL;
	if (exclude(err, o->count, "--count", o->quiet, "--quiet") < 0)
		return -EINVAL;
	return o->nrules ? check_rules(o, err) : 0;
}
