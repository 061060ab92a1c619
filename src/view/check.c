// SPDX-License-Identifier: MIT
/* Prints verdicts of health checks as text, as JSON, and as the line of a monitoring plugin. */
#include "internal.h"

#include <inttypes.h>
#include <string.h>

/* "2 network namespaces without a process" */
static void check_add_namespaces(const struct finding *finding, struct strbuf *out)
{
	const char *plural = finding->seen == 1 ? "" : "s";

	if (finding->rule->subject == RULE_STALE) {
		strbuf_addf(out, "%zu name%s in /run/netns that lead%s to no namespace",
			finding->seen, plural, *plural ? "" : "s");
		return;
	}
	strbuf_addf(out, "%zu ", finding->seen);
	if (finding->has_type)
		strbuf_addf(out, "%s ", nstype_info(finding->type)->noun);
	strbuf_addf(out, "namespace%s", plural);
	if (finding->persistent)
		strbuf_addf(
			out, " without a %sprocess", finding_is_exact(finding) ? "" : "visible ");
	if (finding->rule->subject == RULE_KIND)
		strbuf_addf(out, " with holders of kind %s only",
			holder_kind_name(finding->rule->kind));
}

/*
 * "at least 2 of 3 network namespaces"; of a percentage "user alice has 456 network namespaces,
 * 91.2% of 500". That a figure is a bound goes without saying if it leaves the verdict unknown.
 */
static void check_add_figure(struct view *view, const struct finding *finding, struct strbuf *out)
{
	bool certain = finding->verdict != VERDICT_UNKNOWN;
	uint64_t limit = finding->limit, tenths;

	if (finding->usage)
		strbuf_addf(out, "user %s has ", view_user(view, finding->usage->uid));
	else if (finding->rule->percent)
		strbuf_adds(out, "users have ");
	strbuf_adds(out, certain && finding->high != finding->low ? "at least " : "");
	if (certain && finding->low != finding->seen)
		strbuf_addf(out, "%" PRIu64 " of ", finding->low);
	check_add_namespaces(finding, out);
	if (finding->has_limit && !limit)
		strbuf_adds(out, " of 0");
	if (!limit)
		return;
	tenths = view_tenths(finding->seen, limit);
	strbuf_addf(
		out, ", %" PRIu64 ".%" PRIu64 "%% of %" PRIu64, tenths / 10, tenths % 10, limit);
}

#define NAMES_SHOWN 3

static void check_add_broken(struct view *view, const struct finding *finding, struct strbuf *out)
{
	size_t names = finding->rule->subject == RULE_STALE ? view->model->nstale : 0;
	const struct ns *ns = finding->offender;
	char text[NSTYPE_TEXT_MAX];
	CLEANUP(strbuf_done) struct strbuf name = { 0 };

	strbuf_addf(out, "%s: ", finding->rule->text);
	check_add_figure(view, finding, out);
	for (size_t i = 0; i < names && i < NAMES_SHOWN; i++)
		strbuf_addf(out, "%s%s", i ? ", " : ": ", view->model->stale_names[i]);
	if (names > NAMES_SHOWN)
		strbuf_addf(out, " and %zu more", names - NAMES_SHOWN);
	if (!ns)
		return;
	/* "such as net:[4026532475] (netns blue), held by mount /run/netns/blue and 2 more" */
	ns_name(ns, view->model->our_mnt, &name);
	if (finding->alike > 1)
		strbuf_addf(out, ", %zu of them of %s", finding->alike, strbuf_text(&name));
	strbuf_addf(out, ", such as %s", nstype_format(ns->ref, text));
	if (finding->alike == 1 && name.len)
		strbuf_addf(out, " (%s)", name.text);
	strbuf_adds(out, ", held by ");
	holder_explain(ns->first, out);
	if (ns->nholders > 1)
		strbuf_addf(out, " and %zu more", ns->nholders - 1);
}

enum verdict findings_worst(const struct finding *findings, size_t n)
{
	enum verdict worst = VERDICT_HOLDS;

	for (size_t i = 0; i < n; i++)
		worst = findings[i].verdict > worst ? findings[i].verdict : worst;
	return worst;
}

/* Why a rule could not be checked. */
static const char *unknown_reason(const struct view *view, const struct finding *finding)
{
	if (finding->rule->percent && !finding->has_limit)
		return "the limit is not known";
	if (finding->rule->subject == RULE_STALE)
		return "not all of /run/netns was read";
	if (!report_is_complete(view->report))
		return "not everything could be read";
	if (finding->persistent && view->report->no_members)
		return "--scan leaves out processes";
	return report_covers_all(view->report) ? "not all owners are known"
					       : "--scan leaves out some sources";
}

void check_add_finding(struct view *view, const struct finding *finding, struct strbuf *out)
{
	switch (finding->verdict) {
	case VERDICT_HOLDS:
		check_add_figure(view, finding, out);
		break;
	case VERDICT_UNKNOWN:
		strbuf_addf(out, "cannot check %s: ", finding->rule->text);
		if (!finding->rule->percent)
			strbuf_adds(out, finding->seen ? "found " : "none found");
		if (finding->rule->percent || finding->seen)
			check_add_figure(view, finding, out);
		strbuf_addf(out, ", but %s", unknown_reason(view, finding));
		break;
	case VERDICT_BROKEN:
		check_add_broken(view, finding, out);
		break;
	}
}

void check_print_broken(struct view *view, const struct finding *findings, size_t n,
	enum text_target target, FILE *out)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 }, line = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (findings[i].verdict != VERDICT_BROKEN)
			continue;
		strbuf_reset(&text);
		check_add_finding(view, &findings[i], &text);
		text_escape(&line, strbuf_text(&text), text.len, target);
		strbuf_adds(&line, "\n");
	}
	fputs(strbuf_text(&line), out);
}

static void rule_cell(struct view *view, const struct row *row, struct cell *cell)
{
	cell_set_text(cell, row->finding->rule->text);
}

static void verdict_cell(struct view *view, const struct row *row, struct cell *cell)
{
	static const char *const names[] = { [VERDICT_HOLDS] = "holds",
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_BROKEN] = "broken" };

	cell_set_text(cell, names[row->finding->verdict]);
}

/* arg: offset of the figure in struct finding */
static void figure_cell(struct view *view, const struct row *row, struct cell *cell)
{
	uint64_t figure;

	memcpy(&figure, (const char *)row->finding + cell->column->arg, sizeof(figure));
	if (figure != FIGURE_UNBOUNDED)
		cell_set_number(cell, figure);
}

static void bound_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct rule *rule = row->finding->rule;

	if (rule->percent)
		cell_set_decimal(cell, rule->bound);
	else
		cell_set_number(cell, rule->bound);
}

static const struct column columns[] = {
	{ "RULE", NULL, VALUE_TEXT, 0, .cell = rule_cell },
	{ "VERDICT", NULL, VALUE_TEXT, 0, .cell = verdict_cell },
	{ "TYPE", NULL, VALUE_TEXT, 0, .cell = type_text_cell,
		.arg = offsetof(struct ns_type_info, name) },
	{ "LOWEST", NULL, VALUE_NUMBER, 0, .cell = figure_cell,
		.arg = offsetof(struct finding, low) },
	{ "HIGHEST", NULL, VALUE_NUMBER, 0, .cell = figure_cell,
		.arg = offsetof(struct finding, high) },
	{ "BOUND", NULL, VALUE_DECIMAL, 0, .cell = bound_cell },
	{ "LIMIT", NULL, VALUE_NUMBER, 0, .cell = limit_cell },
	{ "USER", NULL, VALUE_TEXT, 0, .cell = user_cell },
	{ "NS", NULL, VALUE_NUMBER, 0, .cell = ns_cell },
	{ "NAME", NULL, VALUE_TEXT, 0, .cell = name_cell },
	{ "HOLDERS", NULL, VALUE_OBJECTS, 0, .cell = holder_list_cell, .arg = LIST_HOLDERS },
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))

void check_print_json(struct view *view, const struct finding *findings, size_t n, FILE *out)
{
	struct render_options options = {
		.format = FORMAT_JSON, .name = "checks", .ncolumns = COLUMNS
	};
	CLEANUP(rows_done) struct rows rows = { 0 };

	for (size_t i = 0; i < COLUMNS; i++)
		options.columns[i] = &columns[i];
	for (size_t i = 0; i < n; i++) {
		const struct finding *finding = &findings[i];
		struct row row = {
			.kind = ROW_CHECK,
			.type = finding->type,
			.ns = finding->offender,
			.finding = finding,
			.usage = finding->usage,
			.has_limit = finding->has_limit,
			.limit = finding->limit,
		};

		rows_add(&rows, &row);
	}
	render_rows(view, &rows, &options, out);
}

/* The one line of a monitoring plugin. */

/*
 * Performance data: 'label'=value[UOM];warn;crit;min;max. Rules about the same figure share an
 * entry, with the range that all of them allow.
 */

/* Returns true if the rule is about a type or, for NS_TYPE_COUNT, about all types together. */
static bool rule_covers(const struct rule *rule, enum nstype type)
{
	if (rule->scope == RULE_OF_ALL || type == NS_TYPE_COUNT)
		return rule->scope == RULE_OF_ALL && type == NS_TYPE_COUNT;
	return rule->scope == RULE_OF_ANY || rule->type == type;
}

/* figure: a finding of the first rule about it. */
static bool rule_is_about(const struct rule *rule, const struct finding *figure)
{
	const struct rule *first = figure->rule;

	return rule->subject == first->subject && rule->percent == first->percent &&
	       (rule->subject != RULE_KIND || rule->kind == first->kind) &&
	       rule_covers(rule, figure->has_type ? figure->type : NS_TYPE_COUNT);
}

/* Appends a figure of the rule, or an end of its range: a count, or tenths of a percent. */
static void rule_add_number(const struct rule *rule, uint64_t number, struct strbuf *out)
{
	uint64_t unit = rule->percent ? 10 : 1;

	strbuf_addf(out, "%" PRIu64, number / unit);
	if (number % unit)
		strbuf_addf(out, ".%" PRIu64, number % unit);
}

/* Appends the range that all rules of this severity allow: ";500", ";1:" or ";5:5". */
static void figure_add_range(const struct rule *rules, size_t n, const struct finding *figure,
	enum rule_severity severity, struct strbuf *out)
{
	struct rule_range all = { 0, UINT64_MAX };

	for (size_t i = 0; i < n; i++) {
		struct rule_range one = rule_range(&rules[i], 1);

		if (rules[i].severity != severity || !rule_is_about(&rules[i], figure))
			continue;
		all.min = one.min > all.min ? one.min : all.min;
		all.max = one.max < all.max ? one.max : all.max;
	}
	strbuf_adds(out, ";");
	if (all.min > all.max)
		return; /* no figure is allowed, for which there is no range */
	if (all.min) {
		rule_add_number(figure->rule, all.min, out);
		strbuf_adds(out, ":");
	}
	if (all.max != UINT64_MAX)
		rule_add_number(figure->rule, all.max, out);
}

static void figure_add_entry(const struct evidence *evidence, const struct rule *rules, size_t n,
	const struct finding *figure, struct strbuf *out)
{
	const struct rule *rule = figure->rule;
	bool limited = figure->has_type && evidence->limited & 1u << figure->type;

	strbuf_adds(out, out->len ? " " : "");
	/* No label needs quotes. A percentage is another figure than the count. */
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
	if (!finding_is_exact(figure))
		strbuf_adds(out, "U"); /* unknown, by the guidelines */
	else if (!rule->percent)
		rule_add_number(rule, figure->seen, out);
	else
		rule_add_number(rule, view_tenths(figure->seen, finding_whole(figure)), out);
	strbuf_adds(out, rule->percent && finding_is_exact(figure) ? "%" : "");
	figure_add_range(rules, n, figure, RULE_WARNING, out);
	figure_add_range(rules, n, figure, RULE_CRITICAL, out);
	strbuf_adds(out, rule->percent ? ";0;100" : ";0");
	if (rule->subject == RULE_COUNT && !rule->percent && limited)
		strbuf_addf(out, ";%" PRIu64, evidence->limits[figure->type]);
}

void plugin_add_data(
	const struct evidence *evidence, const struct rule *rules, size_t n, struct strbuf *out)
{
	for (const struct rule *rule = rules; rule < rules + n; rule++)
		for (enum nstype t = 0; t <= NS_TYPE_COUNT; t++) {
			const struct rule *first = rules;
			struct finding figure;

			if (!rule_covers(rule, t) ||
				(t < NS_TYPE_COUNT && !(evidence->types & 1u << t)))
				continue;
			figure = rule_evaluate_type(evidence, rule, t < NS_TYPE_COUNT ? &t : NULL);
			while (!rule_is_about(first, &figure))
				first++;
			if (rule == first)
				figure_add_entry(evidence, rules, n, &figure, out);
		}
}

enum plugin_state plugin_evaluate(const struct finding *findings, size_t n)
{
	enum verdict worst = findings_worst(findings, n);

	if (worst != VERDICT_BROKEN)
		return worst == VERDICT_UNKNOWN ? PLUGIN_UNKNOWN : PLUGIN_OK;
	for (size_t i = 0; i < n; i++)
		if (findings[i].verdict == worst && findings[i].rule->severity == RULE_CRITICAL)
			return PLUGIN_CRITICAL;
	return PLUGIN_WARNING;
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

/* Critical rules come first. */
static void findings_add(struct view *view, const struct finding *findings, size_t n,
	enum verdict verdict, struct strbuf *out)
{
	static const enum rule_severity order[] = { RULE_CRITICAL, RULE_WARNING };

	for (size_t s = 0; s < sizeof(order) / sizeof(*order); s++)
		for (size_t i = 0; i < n; i++) {
			const struct finding *finding = &findings[i];
			CLEANUP(strbuf_done) struct strbuf text = { 0 };

			if (finding->verdict != verdict || finding->rule->severity != order[s] ||
				finding_is_redundant(findings, i, n))
				continue;
			check_add_finding(view, finding, &text);
			strbuf_adds(out, out->len ? "; " : "");
			strbuf_add(out, text.text, text.len < FINDING_MAX ? text.len : FINDING_MAX);
			strbuf_adds(out, text.len > FINDING_MAX ? "..." : "");
		}
}

void plugin_add_message(
	struct view *view, const struct finding *findings, size_t n, struct strbuf *out)
{
	findings_add(view, findings, n, VERDICT_BROKEN, out);
	findings_add(view, findings, n, VERDICT_UNKNOWN, out);
	if (!out->len)
		findings_add(view, findings, n, VERDICT_HOLDS, out);
}

void plugin_print(enum plugin_state state, const char *message, const char *data, FILE *out)
{
	static const char *const names[] = {
		[PLUGIN_OK] = "OK",
		[PLUGIN_WARNING] = "WARNING",
		[PLUGIN_CRITICAL] = "CRITICAL",
		[PLUGIN_UNKNOWN] = "UNKNOWN",
	};
	CLEANUP(strbuf_done) struct strbuf safe = { 0 };

	text_escape(&safe, message, strlen(message), TEXT_PLUGIN);
	fprintf(out, "NSLS %s - %s%s%s\n", names[state], strbuf_text(&safe), *data ? "|" : "",
		data);
}
