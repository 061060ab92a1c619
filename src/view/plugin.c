// SPDX-License-Identifier: MIT
/* Prints verdicts as the one line of a monitoring plugin. */
#include "nsls/view.h"

#include <inttypes.h>
#include <string.h>

/*
 * Performance data: 'label'=value[UOM];warn;crit;min;max. Rules about the same figure share an
 * entry, with the range that all of them allow.
 */

struct figure {
	const struct rule *rule; /* the first rule about the figure */
	bool has_type;
	enum nstype type;
};

static bool rule_is_about(const struct rule *rule, const struct figure *figure)
{
	const struct rule *first = figure->rule;

	if (rule->subject != first->subject || rule->percent != first->percent ||
		(rule->subject == RULE_KIND && rule->kind != first->kind))
		return false;
	if (!figure->has_type || rule->scope == RULE_OF_ALL)
		return !figure->has_type && rule->scope == RULE_OF_ALL;
	return rule->scope == RULE_OF_ANY || rule->type == figure->type;
}

/* No label needs quotes. A percentage is another figure than the count. */
static void figure_add_label(const struct figure *figure, struct strbuf *out)
{
	const struct rule *rule = figure->rule;

	if (figure->has_type)
		strbuf_addf(out, "%s%s", nstype_info(figure->type)->name,
			rule->subject == RULE_COUNT ? "" : ".");
	if (rule->subject == RULE_PERSISTENT)
		strbuf_adds(out, "persistent");
	if (rule->subject == RULE_STALE)
		strbuf_adds(out, "netns.stale");
	if (rule->subject == RULE_KIND)
		strbuf_adds(out, holder_kind_name(rule->kind));
	strbuf_adds(out, rule->percent ? "_use=" : "=");
}

static void add_tenths(uint64_t tenths, struct strbuf *out)
{
	strbuf_addf(out, "%" PRIu64, tenths / 10);
	if (tenths % 10)
		strbuf_addf(out, ".%" PRIu64, tenths % 10);
}

/* Unknown values are "U", by the guidelines. */
static void figure_add_value(
	const struct evidence *evidence, const struct figure *figure, struct strbuf *out)
{
	struct finding finding;

	if (figure->has_type)
		rule_evaluate_type(evidence, figure->rule, figure->type, &finding);
	else
		rule_evaluate(evidence, figure->rule, &finding);
	if (!finding_is_exact(&finding)) {
		strbuf_adds(out, "U");
	} else if (!figure->rule->percent) {
		strbuf_addf(out, "%zu", finding.seen);
	} else {
		uint64_t whole = finding_whole(&finding);

		add_tenths((finding.seen * 1000 + whole / 2) / whole, out);
		strbuf_adds(out, "%");
	}
}

static void range_add_end(bool percent, uint64_t end, struct strbuf *out)
{
	if (percent)
		add_tenths(end, out);
	else
		strbuf_addf(out, "%" PRIu64, end);
}

/* Appends the range that all rules of this severity allow: "500", "1:" or "5:5". */
static void figure_add_range(const struct rule *rules, size_t n, const struct figure *figure,
	enum rule_severity severity, struct strbuf *out)
{
	struct rule_range all = { 0, UINT64_MAX };

	for (size_t i = 0; i < n; i++) {
		struct rule_range one;

		if (rules[i].severity != severity || !rule_is_about(&rules[i], figure))
			continue;
		one = rule_range(&rules[i], 1);
		all.min = one.min > all.min ? one.min : all.min;
		all.max = one.max < all.max ? one.max : all.max;
	}
	if (all.min > all.max)
		return; /* no figure is allowed, for which there is no range */
	if (all.min) {
		range_add_end(figure->rule->percent, all.min, out);
		strbuf_adds(out, ":");
	}
	if (all.max != UINT64_MAX)
		range_add_end(figure->rule->percent, all.max, out);
}

static void figure_add_entry(const struct evidence *evidence, const struct rule *rules, size_t n,
	const struct figure *figure, struct strbuf *out)
{
	bool limited = figure->has_type && evidence->limited & 1u << figure->type;

	strbuf_adds(out, out->len ? " " : "");
	figure_add_label(figure, out);
	figure_add_value(evidence, figure, out);
	strbuf_adds(out, ";");
	figure_add_range(rules, n, figure, RULE_WARNING, out);
	strbuf_adds(out, ";");
	figure_add_range(rules, n, figure, RULE_CRITICAL, out);
	strbuf_adds(out, ";0");
	if (figure->rule->percent)
		strbuf_adds(out, ";100");
	else if (figure->rule->subject == RULE_COUNT && limited)
		strbuf_addf(out, ";%" PRIu64, evidence->limits[figure->type]);
}

static bool figure_is_first(const struct rule *rules, const struct figure *figure)
{
	for (const struct rule *rule = rules; rule < figure->rule; rule++)
		if (rule_is_about(rule, figure))
			return false;
	return true;
}

void plugin_add_data(
	const struct evidence *evidence, const struct rule *rules, size_t n, struct strbuf *out)
{
	for (size_t i = 0; i < n; i++)
		for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
			struct figure figure = { .rule = &rules[i],
				.has_type = rules[i].scope != RULE_OF_ALL,
				.type = t };
			bool matched = figure.has_type ? evidence->types & 1u << t : !t;

			if (matched && rule_is_about(&rules[i], &figure) &&
				figure_is_first(rules, &figure))
				figure_add_entry(evidence, rules, n, &figure, out);
		}
}

static bool findings_have(
	const struct finding *findings, size_t n, enum rule_severity severity, enum verdict verdict)
{
	for (size_t i = 0; i < n; i++)
		if (findings[i].rule->severity == severity && findings[i].verdict == verdict)
			return true;
	return false;
}

enum plugin_state plugin_evaluate(const struct finding *findings, size_t n)
{
	if (findings_have(findings, n, RULE_CRITICAL, VERDICT_BROKEN))
		return PLUGIN_CRITICAL;
	if (findings_have(findings, n, RULE_WARNING, VERDICT_BROKEN))
		return PLUGIN_WARNING;
	return findings_have(findings, n, RULE_CRITICAL, VERDICT_UNKNOWN) ||
			       findings_have(findings, n, RULE_WARNING, VERDICT_UNKNOWN)
		       ? PLUGIN_UNKNOWN
		       : PLUGIN_OK;
}

/*
 * Of rules about the same figure with the same verdict, only the most severe is printed. If several
 * with that severity are broken, all are printed, because their bounds differ.
 */
static bool finding_is_redundant(const struct finding *findings, size_t i, size_t n)
{
	enum rule_severity severity = findings[i].rule->severity;

	for (size_t k = 0; k < n; k++) {
		if (findings[k].verdict != findings[i].verdict ||
			!rule_has_same_figure(findings[k].rule, findings[i].rule))
			continue;
		if (findings[k].rule->severity > severity)
			return true;
		if (k < i && findings[k].rule->severity == severity &&
			findings[i].verdict != VERDICT_BROKEN)
			return true;
	}
	return false;
}

/*
 * Bytes per finding. Monitoring systems cut long lines (Nagios at 8 KB). Others choose the names in
 * the line, and must not be able to displace what follows, such as the performance data.
 */
#define FINDING_MAX 600

static void finding_add(struct view *view, const struct finding *finding, struct strbuf *out)
{
	switch (finding->verdict) {
	case VERDICT_HOLDS:
		check_add_figure(view, finding, out);
		break;
	case VERDICT_UNKNOWN:
		check_add_unknown(view, finding, out);
		break;
	case VERDICT_BROKEN:
		check_add_broken(view, finding, out);
		break;
	}
}

static void finding_add_cut(struct view *view, const struct finding *finding, struct strbuf *out)
{
	struct strbuf text;
	size_t len;

	strbuf_init(&text);
	finding_add(view, finding, &text);
	len = text.len < FINDING_MAX ? text.len : FINDING_MAX;
	strbuf_add(out, strbuf_text(&text), len);
	strbuf_adds(out, len < text.len ? "..." : "");
	strbuf_done(&text);
}

static void findings_add(struct view *view, const struct finding *findings, size_t n,
	enum verdict verdict, enum rule_severity severity, struct strbuf *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct finding *finding = &findings[i];

		if (finding->verdict != verdict || finding->rule->severity != severity ||
			finding_is_redundant(findings, i, n))
			continue;
		strbuf_adds(out, out->len ? "; " : "");
		finding_add_cut(view, finding, out);
	}
}

void plugin_add_message(
	struct view *view, const struct finding *findings, size_t n, struct strbuf *out)
{
	for (enum verdict v = VERDICT_BROKEN; v > VERDICT_HOLDS; v--) {
		findings_add(view, findings, n, v, RULE_CRITICAL, out);
		findings_add(view, findings, n, v, RULE_WARNING, out);
	}
	if (out->len)
		return;
	findings_add(view, findings, n, VERDICT_HOLDS, RULE_CRITICAL, out);
	findings_add(view, findings, n, VERDICT_HOLDS, RULE_WARNING, out);
}

void plugin_print(enum plugin_state state, const char *message, const char *data, FILE *out)
{
	static const char *const names[] = {
		[PLUGIN_OK] = "OK",
		[PLUGIN_WARNING] = "WARNING",
		[PLUGIN_CRITICAL] = "CRITICAL",
		[PLUGIN_UNKNOWN] = "UNKNOWN",
	};
	struct strbuf safe;

	strbuf_init(&safe);
	text_escape(&safe, message, strlen(message), TEXT_PLUGIN);
	fprintf(out, "NSLS %s - %s%s%s\n", names[state], strbuf_text(&safe), *data ? "|" : "",
		data);
	strbuf_done(&safe);
}
