// SPDX-License-Identifier: MIT
#include "exclude.h"

#include "complain.h"

#include "nsls/model/report.h"

#include <errno.h>

/* What may not be given together with something else. */
enum choice {
	LIST,
	SUMMARY,
	CONTAINERS,
	MONITOR,
	METRICS,
	CHECK,
	WARNING,
	CRITICAL,
	JSON,
	RAW,
	OUTPUT,
	COUNT,
	TREE,
	OUTPUT_ALL,
	QUIET,
	TASK,
	OF,
	PERSISTENT,
	KIND,
	FILTER,
	SCAN,
	NAMESPACE,
	CHOICES,
};

#define BIT(choice) (1u << (choice))

/* Ways to show namespaces: an answer of its own, such as a verdict, has no use for them. */
#define SHAPES                                                                                     \
	(BIT(LIST) | BIT(TREE) | BIT(SUMMARY) | BIT(CONTAINERS) | BIT(COUNT) | BIT(RAW) |          \
		BIT(OUTPUT) | BIT(OUTPUT_ALL) | BIT(METRICS) | BIT(MONITOR) | BIT(NAMESPACE))

/* What narrows the namespaces that are meant. */
#define NARROWING (BIT(TASK) | BIT(OF) | BIT(PERSISTENT) | BIT(KIND) | BIT(FILTER))

/* Each pair stands at one of the two, whose name comes first in the message. */
static const struct {
	const char *name;
	unsigned excludes; /* bits of choices; itself doesn't matter */
} choices[CHOICES] = {
	[LIST] = { "--list", BIT(TREE) },
	[SUMMARY] = { "--summary", BIT(TREE) | BIT(NAMESPACE) },
	/* Who has members has no need to be held by anything else, and no owner or parent. */
	[CONTAINERS] = { "--containers", BIT(SUMMARY) | BIT(TREE) | BIT(PERSISTENT) | BIT(KIND) },
	/* Its lines are about changes: they have no columns, and no other shape. */
	[MONITOR] = { "--monitor", (SHAPES & ~BIT(NAMESPACE)) | BIT(QUIET) },
	/*
	 * Metrics of a part would have the names of those of the whole, and nothing that tells them
	 * apart. Types are different: each is a label, so fewer of them are fewer samples.
	 */
	[METRICS] = { "--metrics", SHAPES | NARROWING | BIT(JSON) | BIT(QUIET) | BIT(SCAN) },
	[CHECK] = { "--check", SHAPES | BIT(WARNING) | BIT(CRITICAL) },
	[WARNING] = { "--warning", SHAPES | BIT(JSON) | BIT(QUIET) },
	[CRITICAL] = { "--critical", SHAPES | BIT(JSON) | BIT(QUIET) },
	[JSON] = { "--json", BIT(RAW) },
	[RAW] = { "--raw", BIT(TREE) },
	[OUTPUT] = { "--output", BIT(OUTPUT_ALL) },
	[COUNT] = { "--count", BIT(QUIET) },
	[TREE] = { "--tree", 0 },
	[OUTPUT_ALL] = { "--output-all", 0 },
	[QUIET] = { "--quiet", 0 },
	[TASK] = { "--task", BIT(NAMESPACE) },
	[OF] = { "--of", BIT(NAMESPACE) },
	[PERSISTENT] = { "--persistent", 0 },
	[KIND] = { "--kind", 0 },
	[FILTER] = { "--filter", 0 },
	[SCAN] = { "--scan", 0 },
	[NAMESPACE] = { "NAMESPACE", 0 },
};

static unsigned find_given(const struct options *o)
{
	static const enum choice severities[] = {
		[RULE_CHECK] = CHECK, [RULE_WARNING] = WARNING, [RULE_CRITICAL] = CRITICAL
	};
	const bool given[CHOICES] = {
		[LIST] = o->list,
		[SUMMARY] = o->summary,
		[CONTAINERS] = o->containers,
		[MONITOR] = o->monitor_ms,
		[METRICS] = o->metrics,
		[JSON] = o->json,
		[RAW] = o->raw,
		[OUTPUT] = o->output,
		[COUNT] = o->count,
		[TREE] = o->tree != TREE_NONE,
		[OUTPUT_ALL] = o->output_all,
		[QUIET] = o->quiet,
		[TASK] = o->ntasks,
		[OF] = o->nof,
		[PERSISTENT] = o->persistent,
		[KIND] = o->kinds,
		[FILTER] = o->filter,
		[SCAN] = o->sources != SOURCES_ALL,
		[NAMESPACE] = o->nnamespaces,
	};
	unsigned bits = 0;

	for (enum choice c = 0; c < CHOICES; c++)
		bits |= given[c] ? BIT(c) : 0;
	for (size_t i = 0; i < o->nrules; i++)
		bits |= BIT(severities[o->rules[i].severity]);
	return bits;
}

/* The first of some choices, or NULL. */
static const char *name_first(unsigned bits)
{
	for (enum choice c = 0; c < CHOICES; c++)
		if (bits & BIT(c))
			return choices[c].name;
	return NULL;
}

static int check_choices(unsigned given, FILE *err)
{
	for (enum choice c = 0; c < CHOICES; c++) {
		const char *other = name_first(given & choices[c].excludes & ~BIT(c));

		if (given & BIT(c) && other) {
			complain(err, "%s and %s are mutually exclusive", choices[c].name, other);
			return -EINVAL;
		}
	}
	return 0;
}

/* A rule that would be about nothing would hold, and one about another thing than it says, too. */
static int check_rule(
	const struct options *o, const struct rule *rule, const char *narrowed_by, FILE *err)
{
	if (rule->scope == RULE_OF_TYPE && o->types && !(o->types & 1u << rule->type)) {
		complain(err, "rule '%s' is about a type that --type leaves out", rule->text);
		return -EINVAL;
	}
	if (rule->percent && narrowed_by) {
		complain(err,
			"rule '%s' and %s are mutually exclusive: a limit applies to all "
			"namespaces of a user",
			rule->text, narrowed_by);
		return -EINVAL;
	}
	return 0;
}

int exclude_check(const struct options *o, FILE *err)
{
	unsigned given = find_given(o);
	int r = check_choices(given, err);

	if (r == 0 && o->by_user && !o->summary) {
		complain(err, "--by requires --summary");
		return -EINVAL;
	}
	for (size_t i = 0; r == 0 && i < o->nrules; i++)
		r = check_rule(o, &o->rules[i], name_first(given & NARROWING), err);
	return r;
}
