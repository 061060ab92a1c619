// SPDX-License-Identifier: MIT
/* Prints verdicts of health checks as text, as JSON, and as the line of a monitoring plugin. */
#include "internal.h"

#include <inttypes.h>
#include <string.h>

/* Returns true if the figure is a single known number. */
static bool finding_is_exact(const struct finding *finding)
{
	return finding->low == finding->high && (!finding->rule->percent || finding->has_limit);
}

/*
 * "at least 2 of 3 network namespaces without a process"; of a percentage "user alice has 456
 * network namespaces, 91.2% of 500". That a figure is a bound goes without saying if it leaves the
 * verdict unknown.
 */
static void finding_add_figure(struct view *view, const struct finding *finding, struct strbuf *out)
{
	const struct rule *rule = finding->rule;
	bool certain = finding->verdict != VERDICT_UNKNOWN, one = finding->seen == 1;
	uint64_t limit = finding->limit, tenths = limit ? view_tenths(finding->seen, limit) : 0;

	if (finding->usage)
		strbuf_addf(out, "user %s has ", view_user(view, finding->usage->uid));
	else if (rule->percent)
		strbuf_adds(out, "users have ");
	if (certain && finding->high != finding->low)
		strbuf_adds(out, "at least ");
	if (certain && finding->low != finding->seen)
		strbuf_addf(out, "%" PRIu64 " of ", finding->low);
	strbuf_addf(out, "%zu ", finding->seen);
	if (rule->subject == RULE_STALE) {
		strbuf_addf(out, "name%s in /run/netns that lead%s to no namespace", one ? "" : "s",
			one ? "s" : "");
		return;
	}
	if (finding->has_type)
		strbuf_addf(out, "%s ", nstype_info[finding->type].noun);
	strbuf_addf(out, "namespace%s", one ? "" : "s");
	if (finding->persistent)
		strbuf_addf(
			out, " without a %sprocess", finding_is_exact(finding) ? "" : "visible ");
	if (rule->subject == RULE_KIND)
		strbuf_addf(
			out, " with holders of kind %s only", holder_kind_info[rule->kind].name);
	if (limit)
		strbuf_addf(out, ", %" PRIu64 ".%" PRIu64 "%% of %" PRIu64, tenths / 10,
			tenths % 10, limit);
	else if (finding->has_limit)
		strbuf_adds(out, " of 0");
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
	return view->report->narrowed ? "--scan leaves out some sources"
				      : "not all owners are known";
}

#define NAMES_SHOWN 3

void check_add_finding(struct view *view, const struct finding *finding, struct strbuf *out)
{
	bool unknown = finding->verdict == VERDICT_UNKNOWN, percent = finding->rule->percent;
	size_t names = finding->rule->subject == RULE_STALE ? view->model->nstale : 0;
	const struct ns *ns = finding->offender;
	char text[NSTYPE_TEXT_MAX];
	CLEANUP(strbuf_done) struct strbuf name = { 0 };

	if (finding->verdict != VERDICT_HOLDS)
		strbuf_addf(out, "%s%s: ", unknown ? "cannot check " : "", finding->rule->text);
	if (unknown && !percent)
		strbuf_adds(out, finding->seen ? "found " : "none found");
	if (!unknown || percent || finding->seen)
		finding_add_figure(view, finding, out);
	if (unknown)
		strbuf_addf(out, ", but %s", unknown_reason(view, finding));
	if (finding->verdict != VERDICT_BROKEN)
		return;

	/* The names that lead to no namespace. */
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
	{ "RULE", NULL, VALUE_TEXT, 0, 0, .cell = rule_cell },
	{ "VERDICT", NULL, VALUE_TEXT, 0, 0, .cell = verdict_cell },
	{ "TYPE", NULL, VALUE_TEXT, 0, 0, .cell = type_text_cell,
		.arg = offsetof(struct ns_type_info, name) },
	{ "LOWEST", NULL, VALUE_NUMBER, 0, 0, .cell = figure_cell,
		.arg = offsetof(struct finding, low) },
	{ "HIGHEST", NULL, VALUE_NUMBER, 0, 0, .cell = figure_cell,
		.arg = offsetof(struct finding, high) },
	{ "BOUND", NULL, VALUE_DECIMAL, 0, 0, .cell = bound_cell },
	{ "LIMIT", NULL, VALUE_NUMBER, 0, 0, .cell = limit_cell },
	{ "USER", NULL, VALUE_TEXT, 0, 0, .cell = user_cell },
	{ "NS", NULL, VALUE_NUMBER, 0, 0, .cell = ns_cell },
	{ "NAME", NULL, VALUE_TEXT, 0, 0, .cell = name_cell },
	{ "HOLDERS", NULL, VALUE_OBJECTS, 0, 0, .cell = holder_list_cell, .arg = LIST_HOLDERS },
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))

void check_print_json(struct view *view, const struct finding *findings, size_t n, FILE *out)
{
	struct render_options options = { .name = "checks", .ncolumns = COLUMNS };
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
	format_json(view, &rows, &options, out);
}

/*
 * The one line of a monitoring plugin. Performance data is label=value[UOM];warn;crit;min;max, and
 * rules about the same figure share an entry.
 */

/* Returns true if the rule is about the figure of another rule for a type, or for all (NULL). */
static bool rule_is_about(
	const struct rule *rule, const struct rule *other, const enum nstype *type)
{
	bool one_type = rule->scope == RULE_OF_TYPE && type && rule->type == *type;

	return (one_type || rule->scope == (type ? RULE_OF_ANY : RULE_OF_ALL)) &&
	       rule->subject == other->subject &&
	       (rule->subject != RULE_KIND || rule->kind == other->kind) &&
	       rule->percent == other->percent;
}

/* Appends a figure of the rule, or an end of its range: a count, or tenths of a percent. */
static void rule_add_number(const struct rule *rule, uint64_t number, struct strbuf *out)
{
	uint64_t unit = rule->percent ? 10 : 1;

	strbuf_addf(out, "%" PRIu64, number / unit);
	if (number % unit)
		strbuf_addf(out, ".%" PRIu64, number % unit);
}

/*
 * Appends "net=12;500;1000;0;96365", with ranges such as "500", "1:" or "5:5". Appends nothing if
 * the rule has no figure for the type, or one that an earlier rule has as well.
 */
static void figure_add_entry(const struct evidence *evidence, const struct rule *rules, size_t n,
	const struct rule *rule, const enum nstype *type, struct strbuf *out)
{
	const char *const subjects[] = {
		[RULE_COUNT] = "",
		[RULE_PERSISTENT] = "persistent",
		[RULE_KIND] = holder_kind_info[rule->kind].name,
		[RULE_STALE] = "netns.stale",
	};
	struct rule_range allowed[RULE_CRITICAL + 1] = {
		[RULE_WARNING].max = UINT64_MAX,
		[RULE_CRITICAL].max = UINT64_MAX,
	};
	struct finding finding;
	bool exact;

	if (!rule_is_about(rule, rule, type))
		return;
	for (const struct rule *other = rules; other < rules + n; other++) {
		struct rule_range range = rule_range(other, 1), *both = &allowed[other->severity];

		if (!rule_is_about(other, rule, type))
			continue;
		if (other < rule)
			return;
		both->min = range.min > both->min ? range.min : both->min;
		both->max = range.max < both->max ? range.max : both->max;
	}
	finding = rule_evaluate_type(evidence, rule, type);
	exact = finding_is_exact(&finding);
	/* The label needs no quotes. A percentage is another figure than the count. */
	strbuf_addf(out, "%s%s%s%s%s=", out->len ? " " : "", type ? nstype_info[*type].name : "",
		type && rule->subject != RULE_COUNT ? "." : "", subjects[rule->subject],
		rule->percent ? "_use" : "");
	if (exact)
		rule_add_number(rule,
			rule->percent ? view_tenths(finding.seen, finding_whole(&finding))
				      : finding.seen,
			out);
	strbuf_adds(out, !exact ? "U" : rule->percent ? "%" : ""); /* U: unknown */
	for (enum rule_severity s = RULE_WARNING; s <= RULE_CRITICAL; s++) {
		uint64_t min = allowed[s].min, max = allowed[s].max;

		strbuf_adds(out, ";");
		if (min > max)
			continue; /* no figure is allowed, for which there is no range */
		if (min)
			rule_add_number(rule, min, out);
		strbuf_adds(out, min ? ":" : "");
		if (max != UINT64_MAX)
			rule_add_number(rule, max, out);
	}
	strbuf_adds(out, rule->percent ? ";0;100" : ";0");
	if (rule->subject == RULE_COUNT && !rule->percent && type &&
		evidence->limited & 1u << *type)
		strbuf_addf(out, ";%" PRIu64, evidence->limits[*type]);
}

void plugin_add_data(
	const struct evidence *evidence, const struct rule *rules, size_t n, struct strbuf *out)
{
	for (const struct rule *rule = rules; rule < rules + n; rule++) {
		figure_add_entry(evidence, rules, n, rule, NULL, out);
		for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
			if (evidence->types & 1u << t)
				figure_add_entry(evidence, rules, n, rule, &t, out);
	}
}

enum plugin_state plugin_evaluate(const struct finding *findings, size_t n)
{
	enum plugin_state state = PLUGIN_OK;

	for (size_t i = 0; i < n; i++) {
		bool critical = findings[i].rule->severity == RULE_CRITICAL;

		if (findings[i].verdict == VERDICT_BROKEN && state != PLUGIN_CRITICAL)
			state = critical ? PLUGIN_CRITICAL : PLUGIN_WARNING;
		else if (findings[i].verdict == VERDICT_UNKNOWN && state == PLUGIN_OK)
			state = PLUGIN_UNKNOWN;
	}
	return state;
}

/*
 * Of rules about the same figure with the same verdict, only the most severe is printed. If several
 * with that severity are broken, all are printed, because their bounds differ.
 */
static bool finding_is_redundant(const struct finding *findings, size_t i, size_t n)
{
	const struct finding *it = &findings[i];

	for (size_t k = 0; k < n; k++) {
		const struct finding *other = &findings[k];

		if (other->verdict == it->verdict && rule_has_same_figure(other->rule, it->rule) &&
			(other->rule->severity > it->rule->severity ||
				(k < i && other->rule->severity == it->rule->severity &&
					it->verdict != VERDICT_BROKEN)))
			return true;
	}
	return false;
}

/*
 * Bytes per finding. Monitoring systems cut long lines (Nagios at 8 KB). Others choose the names in
 * the line, and must not be able to displace what follows, such as the performance data.
 */
#define FINDING_MAX 600

/* Appends the findings that have the verdict, critical ones first. */
static void findings_add(struct view *view, const struct finding *findings, size_t n,
	enum verdict verdict, struct strbuf *out)
{
	for (int severity = RULE_CRITICAL; severity >= RULE_WARNING; severity--)
		for (size_t i = 0; i < n; i++) {
			CLEANUP(strbuf_done) struct strbuf text = { 0 };

			if (findings[i].verdict != verdict ||
				(int)findings[i].rule->severity != severity ||
				finding_is_redundant(findings, i, n))
				continue;
			check_add_finding(view, &findings[i], &text);
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
