// SPDX-License-Identifier: MIT
/* Rules of health checks: parses them, judges them, and finds offenders. */
#include "nsls/base.h"
#include "nsls/model.h"
#include "nsls/rule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t"
#define OPERATOR "<>=!" /* what looks like one */

static const struct {
	const char *name;
	bool upper, lower; /* the bound is an end above, below */
	bool open;         /* and is not fine itself */
} operators[RULE_OPERATOR_COUNT] = {
	[RULE_AT_MOST] = { "<=", .upper = true },
	[RULE_BELOW] = { "<", .upper = true, .open = true },
	[RULE_AT_LEAST] = { ">=", .lower = true },
	[RULE_ABOVE] = { ">", .lower = true, .open = true },
	[RULE_EQUAL] = { "==", .upper = true, .lower = true },
};

/* The words besides the names of types and kinds. */
#define ANY "any"
#define PERSISTENT "persistent"

const char *rule_subject_word(size_t i)
{
	static const char *const others[] = { ANY, PERSISTENT, NULL };

	return i < NS_TYPE_COUNT ? nstype_info((enum nstype)i)->name
	       : i < NS_TYPE_COUNT + sizeof(others) / sizeof(*others) ? others[i - NS_TYPE_COUNT]
								      : NULL;
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

static int reject(struct invalid_rule *invalid, enum rule_error error, const char *word, size_t len)
{
	*invalid = (struct invalid_rule){ error, word, len };
	return -EINVAL;
}

/* What is behind the dot. */
static int parse_part(const char *text, size_t len, struct rule *rule, struct invalid_rule *invalid)
{
	if (is_word(text, len, PERSISTENT)) {
		rule->subject = RULE_PERSISTENT;
		return 0;
	}
	for (enum holder_kind k = 0; k < HOLDER_KIND_COUNT; k++)
		if (is_word(text, len, holder_kind_name(k))) {
			rule->subject = RULE_KIND;
			rule->kind = k;
			return 0;
		}
	return reject(invalid, RULE_BAD_PART, text, len);
}

static int parse_subject(
	const char *text, size_t len, struct rule *rule, struct invalid_rule *invalid)
{
	const char *dot = memchr(text, '.', len);
	size_t first = dot ? (size_t)(dot - text) : len;

	if (is_word(text, len, PERSISTENT)) {
		rule->scope = RULE_OF_ALL;
		rule->subject = RULE_PERSISTENT;
		return 0;
	}
	if (is_word(text, first, ANY))
		rule->scope = RULE_OF_ANY;
	else if (nstype_by_name(text, first, &rule->type) < 0)
		return reject(invalid, RULE_BAD_SUBJECT, text, first);
	return dot ? parse_part(dot + 1, len - first - 1, rule, invalid) : 0;
}

static int parse_operator(
	const char *text, size_t len, struct rule *rule, struct invalid_rule *invalid)
{
	for (enum rule_operator o = 0; o < RULE_OPERATOR_COUNT; o++)
		if (is_word(text, len, operators[o].name)) {
			rule->op = o;
			return 0;
		}
	return reject(invalid, len ? RULE_BAD_OPERATOR : RULE_NO_OPERATOR, text, len);
}

/* "80%" or "87.5%", from the rest behind the whole number; false: something else. */
static bool take_percent(const char *rest, struct rule *rule)
{
	uint64_t tenth = 0;

	if (rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9') {
		tenth = (uint64_t)(rest[1] - '0');
		rest += 2;
	}
	if (strcmp(rest, "%") != 0 || rule->bound > RULE_PERCENT_MAX)
		return false;
	rule->bound = rule->bound * 10 + tenth;
	rule->percent = true;
	return true;
}

/* text has no blanks around it. */
static bool take_bound(const char *text, struct rule *rule)
{
	const char *rest =
		*text >= '0' && *text <= '9' ? number_take(text, UINT32_MAX, &rule->bound) : NULL;

	return rest && (!*rest || take_percent(rest, rule));
}

static int parse_bound(
	const char *text, size_t len, struct rule *rule, struct invalid_rule *invalid)
{
	char bound[16]; /* "4294967295" has room, and so has "1000.0%" */

	memset(bound, 0, sizeof(bound));
	if (len < sizeof(bound))
		memcpy(bound, text, len);
	if (!take_bound(bound, rule))
		return reject(invalid, RULE_BAD_BOUND, text, len);
	if (rule->percent && (rule->subject != RULE_COUNT || rule->scope == RULE_OF_ALL))
		return reject(invalid, RULE_BAD_PERCENT, text, len);
	if (rule->op == RULE_BELOW && !rule->bound)
		return reject(invalid, RULE_BELOW_ZERO, text, len);
	return 0;
}

/* The length of a text without the blanks at its end. */
static size_t trimmed(const char *text)
{
	size_t len = strlen(text);

	while (len && strchr(BLANKS, text[len - 1]))
		len--;
	return len;
}

int rule_parse(const char *text, struct rule *ret_rule, struct invalid_rule *ret_error)
{
	struct rule rule = { .text = text };
	const char *at = text + strspn(text, BLANKS);
	size_t len = strcspn(at, OPERATOR BLANKS);
	int r = parse_subject(at, len, &rule, ret_error);

	if (r < 0)
		return r;
	at += len;
	at += strspn(at, BLANKS);
	len = strspn(at, OPERATOR);
	r = parse_operator(at, len, &rule, ret_error);
	if (r < 0)
		return r;
	at += len;
	at += strspn(at, BLANKS);
	r = parse_bound(at, trimmed(at), &rule, ret_error);
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

bool rule_has_upper_end(const struct rule *rule)
{
	return operators[rule->op].upper;
}

bool rule_is_of_same(const struct rule *a, const struct rule *b)
{
	return a->scope == b->scope && (a->scope != RULE_OF_TYPE || a->type == b->type) &&
	       a->subject == b->subject && (a->subject != RULE_KIND || a->kind == b->kind) &&
	       a->percent == b->percent;
}

/* Verdicts: a figure is an interval, which is compared with what the rule allows. */

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
	size_t hidden = report_unreadable_processes(evidence->report);
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
	const struct usage *usage = usages_heaviest(evidence->usages, finding->type);
	bool complete = report_shows_namespaces(evidence->report) && !evidence->report->narrowed &&
			!(evidence->usages->bounds & 1u << finding->type);

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

/* The offender of a rule about too many namespaces: one that has the most frequent name. */

struct named {
	const char *name;
	const struct ns *ns;
	size_t index; /* in the order of rows */
};

/* What a person calls it, "" where it has no name. */
static const char *copy_name(const struct ns *ns, uint32_t our_mnt, struct arena *arena)
{
	struct strbuf name;
	const char *copy;

	strbuf_init(&name);
	ns_name(ns, our_mnt, &name);
	copy = arena_strdup(arena, strbuf_text(&name));
	strbuf_done(&name);
	return copy;
}

static int by_name_then_order(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* The start of the longest run of one name; of equals, that which comes first in the rows. */
static const struct named *most_frequent(const struct named *at, size_t n, size_t *ret_count)
{
	const struct named *best = NULL;

	*ret_count = 0;
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && !strcmp(at[to].name, at[from].name);)
			to++;
		if (!*at[from].name || to - from < *ret_count)
			continue;
		if (to - from > *ret_count || at[from].index < best->index) {
			best = &at[from];
			*ret_count = to - from;
		}
	}
	return best;
}

/* No name tells more: the first that no process is in, or else the last. The first is the host's.
 */
static const struct ns *choose_nameless(const struct rows *suspects)
{
	for (size_t i = 0; i < suspects->n; i++)
		if (!suspects->at[i].ns->nprocs)
			return suspects->at[i].ns;
	return suspects->at[suspects->n - 1].ns;
}

static void choose(struct named *at, size_t n, const struct rows *suspects, struct finding *finding)
{
	const struct named *most;

	qsort(at, n, sizeof(*at), by_name_then_order);
	most = most_frequent(at, n, &finding->alike);
	finding->worst = most && finding->alike > 1 ? most->ns : choose_nameless(suspects);
}

void verdict_offender(const struct rows *suspects, uint32_t our_mnt, struct finding *finding)
{
	struct named *at = memory_alloc(suspects->n, sizeof(*at));
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < suspects->n; i++) {
		at[i].ns = suspects->at[i].ns;
		at[i].index = i;
		at[i].name = copy_name(at[i].ns, our_mnt, &arena);
	}
	if (suspects->n)
		choose(at, suspects->n, suspects, finding);
	arena_done(&arena);
	free(at);
}
