// SPDX-License-Identifier: MIT
/* Rules of health checks: parsing, evaluation, offenders. */
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

#define PERSISTENT "persistent"

/* Words before the dot or operator, behind those of types. */
enum {
	WORD_ANY = NS_TYPE_COUNT,
	WORD_PERSISTENT,
	WORD_STALE,
	WORD_COUNT,
};

const char *rule_subject_word(size_t i)
{
	static const char *const others[] = { "any", PERSISTENT, "netns.stale" };

	if (i < NS_TYPE_COUNT)
		return nstype_info[i].name;
	return i < WORD_COUNT ? others[i - NS_TYPE_COUNT] : NULL;
}

const char *rule_part_word(size_t i)
{
	if (!i)
		return PERSISTENT;
	return i <= HOLDER_KIND_COUNT ? holder_kind_info[i - 1].name : NULL;
}

const char *rule_operator_word(size_t i)
{
	return i < RULE_OPERATOR_COUNT ? operators[i].name : NULL;
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
	int word = word_find(rule_subject_word, text, len), part;

	if (word > WORD_ANY) { /* these have no part, although one has a dot */
		rule->scope = RULE_OF_ALL;
		rule->subject = word == WORD_STALE ? RULE_STALE : RULE_PERSISTENT;
		return 0;
	}
	word = word_find(rule_subject_word, text, first);
	if (word < 0 || word > WORD_ANY)
		return rule_reject(invalid, RULE_BAD_SUBJECT, text, first);
	rule->scope = word == WORD_ANY ? RULE_OF_ANY : RULE_OF_TYPE;
	rule->type = word == WORD_ANY ? 0 : (enum nstype)word;
	if (!dot)
		return 0;
	part = word_find(rule_part_word, dot + 1, len - first - 1);
	if (part < 0)
		return rule_reject(invalid, RULE_BAD_PART, dot + 1, len - first - 1);
	rule->subject = part ? RULE_KIND : RULE_PERSISTENT;
	rule->kind = part ? (enum holder_kind)(part - 1) : 0;
	return 0;
}

int rule_parse(const char *text, struct rule *ret_rule, struct invalid_rule *ret_error)
{
	struct rule rule = { .text = text };
	const char *at = text + strspn(text, BLANKS), *rest = NULL, *end;
	size_t len = strcspn(at, OPERATOR BLANKS);
	int r = parse_subject(at, len, &rule, ret_error), op;
	uint64_t tenth = 0;

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
	end = at + strlen(at);
	while (end > at && strchr(BLANKS, end[-1]))
		end--;
	len = (size_t)(end - at);
	if (*at >= '0' && *at <= '9' && len <= BOUND_LEN_MAX)
		rest = number_take(at, UINT32_MAX, &rule.bound);
	if (rest && rest != end) { /* "80%" or "87.5%" */
		if (rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9') {
			tenth = (uint64_t)(rest[1] - '0');
			rest += 2;
		}
		rest = *rest == '%' && rule.bound <= RULE_PERCENT_MAX ? rest + 1 : NULL;
		rule.bound = rule.bound * 10 + tenth;
		rule.percent = true;
	}
	if (rest != end)
		return rule_reject(ret_error, RULE_BAD_BOUND, at, len);
	if (rule.percent && (rule.subject != RULE_COUNT || rule.scope == RULE_OF_ALL))
		return rule_reject(ret_error, RULE_BAD_PERCENT, at, len);
	if (rule.op == RULE_BELOW && !rule.bound)
		return rule_reject(ret_error, RULE_BELOW_ZERO, at, len);
	*ret_rule = rule;
	return 0;
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

/* Counts namespaces of the type of the finding, or of all types, or stale names. */
static void finding_count(const struct evidence *evidence, struct finding *finding)
{
	const struct rule *rule = finding->rule;
	const struct report *report = evidence->report;
	bool kind = rule->subject == RULE_KIND, bounded;
	bool complete = report_is_complete(report) && !report->narrowed;
	size_t unreadable = finding->persistent ? report_unreadable_processes(report) : 0;
	size_t seen[NS_TYPE_COUNT] = { 0 };

	if (rule->subject == RULE_STALE) {
		finding->low = finding->seen = evidence->model->nstale;
		finding->high = evidence->model->names_read ? finding->seen : FIGURE_UNBOUNDED;
		return;
	}
	for (size_t i = 0; i < evidence->rows->n; i++) {
		const struct row *row = &evidence->rows->at[i];

		if (!finding->has_type || row->type == finding->type)
			seen[row->type] += rule_counts(rule, row->ns);
	}
	/*
	 * An unreadable process may be a member of one namespace per type, and may hold any number
	 * in other ways. A source that was not scanned may have any number of holders.
	 */
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		finding->seen += seen[t];
		if ((complete || !(evidence->filtered || kind)) && seen[t] > unreadable)
			finding->low += seen[t] - unreadable;
	}
	/*
	 * Unreadable data may matter to a filter, and to whether a namespace has other holders. An
	 * unreadable ring can only add namespaces that are held by rings.
	 */
	bounded = report_shows_namespaces(report) && !(kind && report->narrowed);
	if (evidence->filtered || (kind && rule->kind == HOLDER_URING))
		bounded = complete;
	if (kind && holder_kind_info[rule->kind].needs_bpf && !report->bpf)
		bounded = false;
	finding->high = bounded ? finding->seen : FIGURE_UNBOUNDED;
}

uint64_t finding_whole(const struct finding *finding)
{
	return finding->limit ? finding->limit : 1;
}

struct finding rule_evaluate_type(
	const struct evidence *evidence, const struct rule *rule, const enum nstype *type)
{
	struct finding finding = {
		.rule = rule,
		.verdict = VERDICT_UNKNOWN,
		.has_type = type,
		.type = type ? *type : 0,
		.persistent = rule->subject == RULE_PERSISTENT ||
			      (rule->subject == RULE_COUNT && evidence->persistent),
	};
	uint64_t scale = rule->percent ? PERCENT_UNIT : 1, low, high = FIGURE_UNBOUNDED;
	struct rule_range allowed;

	if (!rule->percent) {
		finding_count(evidence, &finding);
	} else { /* usage is counted over the whole system, independent of the query */
		finding.usage = usages_heaviest(evidence->usages, finding.type);
		finding.has_limit = evidence->limited & 1u << finding.type;
		finding.limit = evidence->limits[finding.type];
		finding.low = finding.seen = finding.usage ? finding.usage->count : 0;
		finding.high = FIGURE_UNBOUNDED;
		if (report_shows_namespaces(evidence->report) && !evidence->report->narrowed &&
			!(evidence->usages->lower_bounds & 1u << finding.type))
			finding.high = finding.seen;
		if (!finding.has_limit)
			return finding;
	}
	allowed = rule_range(rule, rule->percent ? finding_whole(&finding) : 1);
	low = finding.low * scale;
	if (finding.high != FIGURE_UNBOUNDED)
		high = finding.high * scale;
	if (low > allowed.max || high < allowed.min)
		finding.verdict = VERDICT_BROKEN;
	else if (low >= allowed.min && high <= allowed.max)
		finding.verdict = VERDICT_HOLDS;
	return finding;
}

void rule_evaluate(
	const struct evidence *evidence, const struct rule *rule, struct finding *ret_finding)
{
	bool of_type = rule->scope == RULE_OF_TYPE, first = true;
	unsigned types = evidence->limited;
	uint64_t worst = 0;

	if (rule->scope != RULE_OF_ANY) {
		*ret_finding = rule_evaluate_type(evidence, rule, of_type ? &rule->type : NULL);
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
	/* Of equal findings, that of the first type is reported. */
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		struct finding finding;
		uint64_t now;

		if (!(types & 1u << t))
			continue;
		finding = rule_evaluate_type(evidence, rule, &t);
		/* In a unit that all types share: namespaces, or millionths of the limit. */
		now = finding.seen;
		if (rule->percent)
			now = now * 1000000 / finding_whole(&finding);
		if (first || finding.verdict > ret_finding->verdict ||
			(finding.verdict == ret_finding->verdict &&
				(operators[rule->op].upper ? now > worst : now < worst))) {
			*ret_finding = finding;
			worst = now;
		}
		first = false;
	}
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

/* Two names with the same hash only change which example is shown. */
void finding_offender(const struct rows *candidates, uint32_t our_mnt, struct finding *finding)
{
	/* The names, each with the first namespace that has it. */
	struct named {
		const struct ns *ns;
		size_t n;
	} *names = memory_alloc(candidates->n, sizeof(*names)), *named;
	CLEANUP(u64map_done) struct u64map by_hash = { 0 };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < candidates->n; i++) {
		strbuf_reset(&text);
		ns_name(candidates->at[i].ns, our_mnt, &text);
		if (!text.len)
			continue;
		named = u64map_get(&by_hash, text_hash(text.text));
		if (!named) {
			named = &names[n++];
			named->ns = candidates->at[i].ns;
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
	/* All names differ: the first without a member, else the last; the first is the host's. */
	for (size_t i = candidates->n; finding->alike <= 1 && i-- > 0;)
		if (i == candidates->n - 1 || !candidates->at[i].ns->nprocs)
			finding->offender = candidates->at[i].ns;
	free(names);
}
