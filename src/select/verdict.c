// SPDX-License-Identifier: MIT
/* Counts, and compares intervals with what rules allow. Who is to blame is blame.c's. */
#include "nsls/select/verdict.h"

/* A percentage is compared without division: thousandths of the limit with a thousand times the
 * count. */
#define PERCENT_UNIT 1000

static bool is_kept_by(const struct ns *ns, enum holder_kind kind)
{
	for (const struct holder *h = ns->first; h; h = h->next)
		if (h->kind != kind)
			return false;
	return true;
}

static bool is_counted(const struct rule *rule, const struct ns *ns)
{
	switch (rule->subject) {
	case RULE_COUNT:
		break;
	case RULE_PERSISTENT:
		return !ns->nprocs;
	case RULE_KIND:
		return is_kept_by(ns, rule->kind);
	}
	return true;
}

static void count(
	const struct evidence *evidence, const struct rule *rule, size_t ret_seen[NS_TYPE_COUNT])
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		ret_seen[t] = 0;
	for (size_t i = 0; i < evidence->rows->n; i++)
		ret_seen[evidence->rows->at[i].type] += is_counted(rule, evidence->rows->at[i].ns);
}

/*
 * How many of those seen are there for sure. A process that could not be read may be a member of
 * one namespace of the type, and hold any number of them in another way. So may what is in a place
 * that was not looked at.
 */
static uint64_t lowest(const struct evidence *evidence, const struct finding *finding)
{
	size_t hidden = report_hidden_processes(evidence->report);
	bool all = report_sees_all(evidence->report);

	if (!all && (evidence->filtered || finding->rule->subject == RULE_KIND))
		return 0;
	if (finding->memberless)
		return finding->seen > hidden ? finding->seen - hidden : 0;
	return finding->seen;
}

/*
 * Whether there are no more than those seen, in the places that were looked at. A filter, or what
 * else holds one, may be about what others tell. What a ring holds that could not be read is kept
 * by no other kind than that.
 */
static bool is_most(const struct evidence *evidence, const struct finding *finding)
{
	const struct report *report = evidence->report;
	bool kind = finding->rule->subject == RULE_KIND;

	if (evidence->filtered || (kind && finding->rule->kind == HOLDER_URING))
		return report_sees_all(report);
	return report_shows_namespaces(report) && !(kind && report->narrowed);
}

static void set_interval(const struct evidence *evidence, struct finding *finding)
{
	finding->low = lowest(evidence, finding);
	finding->high = is_most(evidence, finding) ? finding->seen : FIGURE_UNBOUNDED;
}

/* What a user has is counted over the whole system: no query narrows it. */
static void set_use(const struct evidence *evidence, struct finding *finding)
{
	const struct use *use = uses_heaviest(evidence->uses, finding->type);
	bool complete = report_shows_namespaces(evidence->report) && !evidence->report->narrowed &&
			!(evidence->uses->bounds & 1u << finding->type);

	finding->use = use;
	finding->has_limit = evidence->limited & 1u << finding->type;
	finding->limit = evidence->limits[finding->type];
	finding->seen = use ? use->count : 0;
	finding->low = finding->seen;
	finding->high = complete ? finding->seen : FIGURE_UNBOUNDED;
}

uint64_t finding_whole(const struct finding *finding)
{
	return finding->limit ? finding->limit : 1;
}

static enum verdict compare(const struct finding *finding)
{
	bool percent = finding->rule->percent;
	struct rule_range fine = rule_range(finding->rule, percent ? finding_whole(finding) : 1);
	uint64_t scale = percent ? PERCENT_UNIT : 1, low = finding->low * scale;
	uint64_t high =
		finding->high == FIGURE_UNBOUNDED ? FIGURE_UNBOUNDED : finding->high * scale;

	if (percent && !finding->has_limit)
		return VERDICT_UNKNOWN;
	if (low > fine.max || high < fine.min)
		return VERDICT_BROKEN;
	return low >= fine.min && high <= fine.max ? VERDICT_HOLDS : VERDICT_UNKNOWN;
}

static struct finding start(const struct evidence *evidence, const struct rule *rule)
{
	return (struct finding){
		.rule = rule,
		.memberless = rule->subject == RULE_PERSISTENT ||
			      (rule->subject == RULE_COUNT && evidence->memberless),
	};
}

static struct finding judge_type(const struct evidence *evidence, const struct rule *rule,
	enum nstype type, const size_t seen[NS_TYPE_COUNT])
{
	struct finding finding = start(evidence, rule);

	finding.has_type = true;
	finding.type = type;
	finding.seen = seen[type];
	if (rule->percent)
		set_use(evidence, &finding);
	else
		set_interval(evidence, &finding);
	finding.verdict = compare(&finding);
	return finding;
}

void verdict_judge_type(const struct evidence *evidence, const struct rule *rule, enum nstype type,
	struct finding *ret_finding)
{
	size_t seen[NS_TYPE_COUNT];

	count(evidence, rule, seen);
	*ret_finding = judge_type(evidence, rule, type, seen);
}

/* How far a figure went towards the bound and beyond: by what it is, in millionths of the limit or
 * in namespaces. */
static uint64_t progress(const struct finding *finding)
{
	if (!finding->rule->percent)
		return finding->seen;
	return finding->seen * 1000000 / finding_whole(finding);
}

/* Of two for one rule. Of equals, the first type is told. */
static bool is_worse(const struct finding *a, const struct finding *b)
{
	if (a->verdict != b->verdict)
		return a->verdict > b->verdict;
	return rule_has_upper_end(a->rule) ? progress(a) > progress(b) : progress(a) < progress(b);
}

/*
 * The types that "any" means. One that this kernel lacks has no limit either: no rule can be for
 * it. Where that is said of all, nothing is known, of whichever type.
 */
static unsigned any_types(
	const struct evidence *evidence, const struct rule *rule, const size_t seen[NS_TYPE_COUNT])
{
	unsigned types = 0;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (!rule->percent || evidence->limited & 1u << t || seen[t])
			types |= evidence->types & 1u << t;
	return types ? types : evidence->types;
}

static struct finding judge_any(
	const struct evidence *evidence, const struct rule *rule, const size_t seen[NS_TYPE_COUNT])
{
	unsigned types = any_types(evidence, rule, seen);
	struct finding worst = { 0 };

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		struct finding finding = judge_type(evidence, rule, t, seen);

		if (types & 1u << t && (!worst.rule || is_worse(&finding, &worst)))
			worst = finding;
	}
	return worst;
}

/* A process that could not be read may be in one namespace of each type. */
static struct finding judge_all(
	const struct evidence *evidence, const struct rule *rule, const size_t seen[NS_TYPE_COUNT])
{
	struct finding all = start(evidence, rule);

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		struct finding one = judge_type(evidence, rule, t, seen);

		all.seen += one.seen;
		all.low += one.low;
		all.high = one.high == FIGURE_UNBOUNDED ? one.high : all.seen;
	}
	all.verdict = compare(&all);
	return all;
}

void verdict_judge(
	const struct evidence *evidence, const struct rule *rule, struct finding *ret_finding)
{
	size_t seen[NS_TYPE_COUNT];

	count(evidence, rule, seen);
	switch (rule->scope) {
	case RULE_OF_TYPE:
		*ret_finding = judge_type(evidence, rule, rule->type, seen);
		break;
	case RULE_OF_ANY:
		*ret_finding = judge_any(evidence, rule, seen);
		break;
	case RULE_OF_ALL:
		*ret_finding = judge_all(evidence, rule, seen);
		break;
	}
}

bool finding_is_exact(const struct finding *finding)
{
	return finding->low == finding->high && (!finding->rule->percent || finding->has_limit);
}

void verdict_suspects(
	const struct evidence *evidence, const struct finding *finding, struct rows *suspects)
{
	if (finding->verdict != VERDICT_BROKEN || !rule_has_upper_end(finding->rule) ||
		finding->rule->percent)
		return;
	for (size_t i = 0; i < evidence->rows->n; i++) {
		const struct row *row = &evidence->rows->at[i];

		if ((!finding->has_type || row->type == finding->type) &&
			is_counted(finding->rule, row->ns))
			rows_add(suspects, row);
	}
}
