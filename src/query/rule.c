// SPDX-License-Identifier: MIT
/* Rules of health checks: parsing, evaluation, offenders. */
#include "nsls/base.h"
#include "nsls/model.h"
#include "nsls/rule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t"
#define OPERATOR "<>=!"  /* all characters of operators, valid or not */
#define BOUND_LEN_MAX 15 /* enough for "4294967295" and "1000.0%" */

static const struct {
	const char *name;
	bool upper, lower; /* the bound is the upper end, the lower end */
	bool open;         /* and is excluded */
} operators[RULE_OPERATOR_COUNT] = {
	[RULE_AT_MOST] = { "<=", .upper = true },
	[RULE_BELOW] = { "<", .upper = true, .open = true },
	[RULE_AT_LEAST] = { ">=", .lower = true },
	[RULE_ABOVE] = { ">", .lower = true, .open = true },
	[RULE_EQUAL] = { "==", .upper = true, .lower = true },
};

/* Subjects other than types and kinds. */
#define ANY "any"
#define PERSISTENT "persistent"
#define STALE "netns.stale"

const char *rule_subject_word(size_t i)
{
	static const char *const others[] = { ANY, PERSISTENT, STALE };

	if (i < NS_TYPE_COUNT)
		return nstype_info((enum nstype)i)->name;
	i -= NS_TYPE_COUNT;
	return i < sizeof(others) / sizeof(*others) ? others[i] : NULL;
}

const char *rule_part_word(size_t i)
{
	if (!i)
		return PERSISTENT;
	return i <= HOLDER_KIND_COUNT ? holder_kind_name((enum holder_kind)(i - 1)) : NULL;
}

const char *rule_operator_word(size_t i)
{
	return i < RULE_OPERATOR_COUNT ? operators[i].name : NULL;
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && !memcmp(text, word, len);
}

static int rule_reject(
	struct invalid_rule *invalid, enum rule_error error, const char *word, size_t len)
{
	*invalid = (struct invalid_rule){ error, word, len };
	return -EINVAL;
}

static int parse_subject(
	const char *text, size_t len, struct rule *rule, struct invalid_rule *invalid)
{
	const char *dot = memchr(text, '.', len);
	size_t first = dot ? (size_t)(dot - text) : len;
	int i;

	if (is_word(text, len, PERSISTENT) || is_word(text, len, STALE)) {
		rule->scope = RULE_OF_ALL;
		rule->subject = is_word(text, len, STALE) ? RULE_STALE : RULE_PERSISTENT;
		return 0;
	}
	if (is_word(text, first, ANY))
		rule->scope = RULE_OF_ANY;
	else if (nstype_by_name(text, first, &rule->type) < 0)
		return rule_reject(invalid, RULE_BAD_SUBJECT, text, first);
	if (!dot)
		return 0;
	text = dot + 1;
	len -= first + 1;
	i = word_find(rule_part_word, text, len);
	if (i < 0)
		return rule_reject(invalid, RULE_BAD_PART, text, len);
	rule->subject = i ? RULE_KIND : RULE_PERSISTENT;
	rule->kind = i ? (enum holder_kind)(i - 1) : 0;
	return 0;
}

/* Parses the text after the whole number of "80%" or "87.5%". Returns false for any other text. */
static bool parse_percentage(const char *rest, const char *end, struct rule *rule)
{
	uint64_t tenth = 0;

	if (rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9') {
		tenth = (uint64_t)(rest[1] - '0');
		rest += 2;
	}
	if (*rest != '%' || rest + 1 != end || rule->bound > RULE_PERCENT_MAX)
		return false;
	rule->bound = rule->bound * 10 + tenth;
	rule->percent = true;
	return true;
}

/* Parses a bound without blanks around it. */
static int parse_bound(
	const char *text, size_t len, struct rule *rule, struct invalid_rule *invalid)
{
	const char *rest = NULL;

	if (*text >= '0' && *text <= '9' && len <= BOUND_LEN_MAX)
		rest = number_take(text, UINT32_MAX, &rule->bound);
	if (!rest || (rest != text + len && !parse_percentage(rest, text + len, rule)))
		return rule_reject(invalid, RULE_BAD_BOUND, text, len);
	if (rule->percent && (rule->subject != RULE_COUNT || rule->scope == RULE_OF_ALL))
		return rule_reject(invalid, RULE_BAD_PERCENT, text, len);
	if (rule->op == RULE_BELOW && !rule->bound)
		return rule_reject(invalid, RULE_BELOW_ZERO, text, len);
	return 0;
}

int rule_parse(const char *text, struct rule *ret_rule, struct invalid_rule *ret_error)
{
	struct rule rule = { .text = text };
	const char *at = text + strspn(text, BLANKS);
	size_t len = strcspn(at, OPERATOR BLANKS);
	int r = parse_subject(at, len, &rule, ret_error), op;

	if (r < 0)
		return r;
	at += len;
	at += strspn(at, BLANKS);
	len = strspn(at, OPERATOR);
	op = word_find(rule_operator_word, at, len);
	if (op < 0)
		return rule_reject(ret_error, len ? RULE_BAD_OPERATOR : RULE_NO_OPERATOR, at, len);
	rule.op = (enum rule_operator)op;
	at += len;
	at += strspn(at, BLANKS);
	len = strlen(at);
	while (len && strchr(BLANKS, at[len - 1]))
		len--;
	r = parse_bound(at, len, &rule, ret_error);
	if (r == 0)
		*ret_rule = rule;
	return r;
}

struct rule_range rule_range(const struct rule *rule, uint64_t unit)
{
	uint64_t bound = rule->bound * unit, open = operators[rule->op].open;

	return (struct rule_range){
		.min = operators[rule->op].lower ? bound + open : 0,
		.max = operators[rule->op].upper ? bound - open : UINT64_MAX,
	};
}

bool rule_has_same_figure(const struct rule *a, const struct rule *b)
{
	return a->scope == b->scope && (a->scope != RULE_OF_TYPE || a->type == b->type) &&
	       a->subject == b->subject && (a->subject != RULE_KIND || a->kind == b->kind) &&
	       a->percent == b->percent;
}

/* Verdicts: the interval of a figure compared with the allowed range. */

/* Percentages are compared without division: 1000 times the count with thousandths of the limit. */
#define PERCENT_UNIT 1000

static bool rule_counts(const struct rule *rule, const struct ns *ns)
{
	const struct holder *holder = rule->subject == RULE_KIND ? ns->first : NULL;

	while (holder && holder->kind == rule->kind)
		holder = holder->next;
	return rule->subject == RULE_COUNT || (rule->subject == RULE_PERSISTENT && !ns->nprocs) ||
	       (rule->subject == RULE_KIND && !holder);
}

/*
 * Returns how many of the namespaces seen of one type certainly count. An unreadable process may be
 * a member of one namespace per type, and may hold any number in other ways. A source that was not
 * scanned may have any number of holders.
 */
static uint64_t finding_lowest(
	const struct evidence *evidence, const struct finding *finding, size_t seen)
{
	size_t unreadable = report_unreadable_processes(evidence->report);

	if (!report_covers_all(evidence->report) &&
		(evidence->filtered || finding->rule->subject == RULE_KIND))
		return 0;
	if (finding->persistent)
		return seen > unreadable ? seen - unreadable : 0;
	return seen;
}

/*
 * Returns true if no more namespaces or names can exist than those found, in the sources that were
 * scanned. Unreadable data may matter to a filter, and to whether a namespace has other holders. An
 * unreadable ring can only add namespaces that are held by rings.
 */
static bool rule_is_bounded(const struct evidence *evidence, const struct rule *rule)
{
	const struct report *report = evidence->report;
	bool kind = rule->subject == RULE_KIND;

	if (rule->subject == RULE_STALE)
		return evidence->model->names_read;
	if (kind && holder_kind_info(rule->kind)->needs_bpf && !report->bpf)
		return false;
	if (evidence->filtered || (kind && rule->kind == HOLDER_URING))
		return report_covers_all(report);
	return report_shows_namespaces(report) && !(kind && report->narrowed);
}

/* Counts namespaces of the type of the finding, or of all types, or stale names. */
static void finding_count(const struct evidence *evidence, struct finding *finding)
{
	const struct rule *rule = finding->rule;
	size_t seen[NS_TYPE_COUNT] = { 0 };

	for (size_t i = 0; i < evidence->rows->n; i++) {
		const struct row *row = &evidence->rows->at[i];

		if (!finding->has_type || row->type == finding->type)
			seen[row->type] += rule_counts(rule, row->ns);
	}
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		finding->seen += seen[t];
		finding->low += finding_lowest(evidence, finding, seen[t]);
	}
	if (rule->subject == RULE_STALE)
		finding->low = finding->seen = evidence->model->nstale;
	finding->high = rule_is_bounded(evidence, rule) ? finding->seen : FIGURE_UNBOUNDED;
}

/* Usage is counted over the whole system, independent of the query. */
static void finding_set_usage(const struct evidence *evidence, struct finding *finding)
{
	const struct usage *usage = usages_heaviest(evidence->usages, finding->type);
	bool complete = report_shows_namespaces(evidence->report) && !evidence->report->narrowed &&
			!(evidence->usages->lower_bounds & 1u << finding->type);

	finding->usage = usage;
	finding->has_limit = evidence->limited & 1u << finding->type;
	finding->limit = evidence->limits[finding->type];
	finding->seen = usage ? usage->count : 0;
	finding->low = finding->seen;
	finding->high = complete ? finding->seen : FIGURE_UNBOUNDED;
}

uint64_t finding_whole(const struct finding *finding)
{
	return finding->limit ? finding->limit : 1;
}

static enum verdict finding_verdict(const struct finding *finding)
{
	bool percent = finding->rule->percent;
	struct rule_range allowed = rule_range(finding->rule, percent ? finding_whole(finding) : 1);
	uint64_t scale = percent ? PERCENT_UNIT : 1, low = finding->low * scale;
	uint64_t high =
		finding->high == FIGURE_UNBOUNDED ? FIGURE_UNBOUNDED : finding->high * scale;

	if (percent && !finding->has_limit)
		return VERDICT_UNKNOWN;
	if (low > allowed.max || high < allowed.min)
		return VERDICT_BROKEN;
	return low >= allowed.min && high <= allowed.max ? VERDICT_HOLDS : VERDICT_UNKNOWN;
}

struct finding rule_evaluate_type(
	const struct evidence *evidence, const struct rule *rule, const enum nstype *type)
{
	struct finding finding = {
		.rule = rule,
		.has_type = type,
		.type = type ? *type : 0,
		.persistent = rule->subject == RULE_PERSISTENT ||
			      (rule->subject == RULE_COUNT && evidence->persistent),
	};

	if (rule->percent)
		finding_set_usage(evidence, &finding);
	else
		finding_count(evidence, &finding);
	finding.verdict = finding_verdict(&finding);
	return finding;
}

/* Returns the figure in a unit that all types share: namespaces, or millionths of the limit. */
static uint64_t finding_magnitude(const struct finding *finding)
{
	if (!finding->rule->percent)
		return finding->seen;
	return finding->seen * 1000000 / finding_whole(finding);
}

/* Compares two findings of one rule. Of equal ones, the first type is reported. */
static bool finding_is_worse(const struct finding *a, const struct finding *b)
{
	if (a->verdict != b->verdict)
		return a->verdict > b->verdict;
	return operators[a->rule->op].upper ? finding_magnitude(a) > finding_magnitude(b)
					    : finding_magnitude(a) < finding_magnitude(b);
}

void rule_evaluate(
	const struct evidence *evidence, const struct rule *rule, struct finding *ret_finding)
{
	unsigned types = evidence->limited;
	struct finding worst = { 0 };

	if (rule->scope != RULE_OF_ANY) {
		*ret_finding = rule_evaluate_type(
			evidence, rule, rule->scope == RULE_OF_TYPE ? &rule->type : NULL);
		return;
	}
	/*
	 * The types that "any" stands for. Skip types without a limit: this kernel does not have
	 * them. If none has a limit, the limits are unknown: keep all types.
	 */
	for (size_t i = 0; i < evidence->rows->n; i++)
		types |= 1u << evidence->rows->at[i].type;
	types &= evidence->types;
	if (!rule->percent || !types)
		types = evidence->types;
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		struct finding finding = rule_evaluate_type(evidence, rule, &t);

		if (types & 1u << t && (!worst.rule || finding_is_worse(&finding, &worst)))
			worst = finding;
	}
	*ret_finding = worst;
}

bool finding_is_exact(const struct finding *finding)
{
	return finding->low == finding->high && (!finding->rule->percent || finding->has_limit);
}

void finding_candidates(
	const struct evidence *evidence, const struct finding *finding, struct rows *candidates)
{
	if (finding->verdict != VERDICT_BROKEN || !operators[finding->rule->op].upper ||
		finding->rule->percent)
		return;
	for (size_t i = 0; i < evidence->rows->n; i++) {
		const struct row *row = &evidence->rows->at[i];

		if ((!finding->has_type || row->type == finding->type) &&
			rule_counts(finding->rule, row->ns))
			rows_add(candidates, row);
	}
}

/* The offender of a rule about too many namespaces: one with the most frequent name. */

/* A name: the first namespace that has it, and how many have it. */
struct named {
	const struct ns *ns;
	size_t n;
};

/*
 * All names differ: returns the first namespace without a member, else the last, because the first
 * is that of the host.
 */
static const struct ns *offender_by_members(const struct rows *candidates)
{
	for (size_t i = 0; i < candidates->n; i++)
		if (!candidates->at[i].ns->nprocs)
			return candidates->at[i].ns;
	return candidates->at[candidates->n - 1].ns;
}

/* Two names with the same hash only change which example is shown. */
void finding_offender(const struct rows *candidates, uint32_t our_mnt, struct finding *finding)
{
	struct named *names = memory_alloc(candidates->n, sizeof(*names));
	CLEANUP(u64map_done) struct u64map by_hash = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < candidates->n; i++) {
		const struct ns *ns = candidates->at[i].ns;
		struct named *named;

		strbuf_reset(&text);
		ns_name(ns, our_mnt, &text);
		if (!text.len)
			continue;
		named = u64map_get(&by_hash, text_hash(text.text));
		if (!named) {
			named = &names[n++];
			named->ns = ns;
			u64map_put(&by_hash, text_hash(text.text), named);
		}
		named->n++;
	}
	finding->alike = 0;
	for (size_t i = 0; i < n; i++)
		if (names[i].n > finding->alike) {
			finding->alike = names[i].n;
			finding->offender = names[i].ns;
		}
	if (finding->alike <= 1 && candidates->n)
		finding->offender = offender_by_members(candidates);
	free(names);
}
