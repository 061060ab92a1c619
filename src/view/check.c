// SPDX-License-Identifier: MIT
/* Prints verdicts of health checks as text and as JSON. */
#include "internal.h"

#include "nsls/model.h"
#include "nsls/view.h"

#include <inttypes.h>

/* "2 network namespaces without a process" */
static void check_add_namespaces(const struct finding *finding, uint64_t n, struct strbuf *out)
{
	bool proven = finding_is_exact(finding);

	if (finding->rule->subject == RULE_STALE) {
		strbuf_addf(out, "%" PRIu64 " name%s in /run/netns that lead%s to no namespace", n,
			n == 1 ? "" : "s", n == 1 ? "s" : "");
		return;
	}
	strbuf_addf(out, "%" PRIu64 " ", n);
	if (finding->has_type)
		strbuf_addf(out, "%s ", nstype_info(finding->type)->noun);
	strbuf_addf(out, "namespace%s", n == 1 ? "" : "s");
	if (finding->persistent)
		strbuf_addf(out, " without a %sprocess", proven ? "" : "visible ");
	if (finding->rule->subject == RULE_KIND)
		strbuf_addf(out, " with holders of kind %s only",
			holder_kind_name(finding->rule->kind));
}

static void check_add_user(struct view *view, uid_t uid, struct strbuf *out)
{
	struct cell cell;

	cell_init(&cell);
	view_user(view, uid, &cell);
	strbuf_adds(out, strbuf_text(&cell.bytes));
	cell_done(&cell);
}

/* "user alice has 456 network namespaces, 91.2% of 500" */
static void check_add_usage(
	struct view *view, const struct finding *finding, const char *how, struct strbuf *out)
{
	uint64_t limit = finding->limit, tenths;

	if (finding->usage) {
		strbuf_adds(out, "user ");
		check_add_user(view, finding->usage->uid, out);
		strbuf_adds(out, " has ");
	} else {
		strbuf_adds(out, "users have ");
	}
	strbuf_adds(out, how);
	check_add_namespaces(finding, finding->seen, out);
	if (!limit) {
		strbuf_adds(out, finding->has_limit ? " of 0" : "");
		return;
	}
	tenths = (finding->seen * 1000 + limit / 2) / limit;
	strbuf_addf(
		out, ", %" PRIu64 ".%" PRIu64 "%% of %" PRIu64, tenths / 10, tenths % 10, limit);
}

void check_add_figure(struct view *view, const struct finding *finding, struct strbuf *out)
{
	const char *how = finding->high != finding->low ? "at least " : "";

	if (finding->rule->percent) {
		check_add_usage(view, finding, how, out);
		return;
	}
	strbuf_adds(out, how);
	if (finding->low != finding->seen)
		strbuf_addf(out, "%" PRIu64 " of ", finding->low);
	check_add_namespaces(finding, finding->seen, out);
}

/* "such as net:[4026532475] (netns blue), held by mount /run/netns/blue and 2 more" */
static void check_add_offender(
	const struct view *view, const struct finding *finding, struct strbuf *out)
{
	const struct ns *ns = finding->offender;
	uint32_t our_mnt = view->model->our_mnt;
	char text[NSTYPE_TEXT_MAX];
	struct strbuf name;

	strbuf_init(&name);
	ns_name(ns, our_mnt, &name);
	if (finding->alike > 1)
		strbuf_addf(out, ", %zu of them of %s", finding->alike, strbuf_text(&name));
	strbuf_addf(out, ", such as %s", nstype_format(ns->ref, text));
	if (finding->alike == 1 && name.len)
		strbuf_addf(out, " (%s)", name.text);
	strbuf_adds(out, ", held by ");
	holder_explain(ns->first, our_mnt, out);
	if (ns->nholders > 1)
		strbuf_addf(out, " and %zu more", ns->nholders - 1);
	strbuf_done(&name);
}

#define NAMES_SHOWN 3

/* ": a, b, c and 2 more" */
static void check_add_stale_names(const struct model *model, struct strbuf *out)
{
	size_t n = model->nstale;

	for (size_t i = 0; i < n && i < NAMES_SHOWN; i++)
		strbuf_addf(out, "%s%s", i ? ", " : ": ", model->stale_names[i]);
	if (n > NAMES_SHOWN)
		strbuf_addf(out, " and %zu more", n - NAMES_SHOWN);
}

void check_add_broken(struct view *view, const struct finding *finding, struct strbuf *out)
{
	strbuf_addf(out, "%s: ", finding->rule->text);
	check_add_figure(view, finding, out);
	if (finding->rule->subject == RULE_STALE)
		check_add_stale_names(view->model, out);
	if (finding->offender)
		check_add_offender(view, finding, out);
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

void check_add_unknown(struct view *view, const struct finding *finding, struct strbuf *out)
{
	strbuf_addf(out, "cannot check %s: ", finding->rule->text);
	if (finding->rule->percent) {
		check_add_usage(view, finding, "", out);
	} else if (!finding->seen) {
		strbuf_adds(out, "none found");
	} else {
		strbuf_adds(out, "found ");
		check_add_namespaces(finding, finding->seen, out);
	}
	strbuf_addf(out, ", but %s", unknown_reason(view, finding));
}

void check_print_broken(struct view *view, const struct finding *findings, size_t n,
	enum text_target target, FILE *out)
{
	struct strbuf text, line;

	strbuf_init(&text);
	strbuf_init(&line);
	for (size_t i = 0; i < n; i++) {
		if (findings[i].verdict != VERDICT_BROKEN)
			continue;
		strbuf_reset(&text);
		check_add_broken(view, &findings[i], &text);
		text_escape(&line, strbuf_text(&text), text.len, target);
		strbuf_adds(&line, "\n");
	}
	fputs(strbuf_text(&line), out);
	strbuf_done(&line);
	strbuf_done(&text);
}

static void rule_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	cell_set_text(cell, row->finding->rule->text);
}

static void verdict_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	static const char *const names[] = { [VERDICT_HOLDS] = "holds",
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_BROKEN] = "broken" };

	cell_set_text(cell, names[row->finding->verdict]);
}

static void finding_type_cell(
	struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->finding->has_type)
		cell_set_text(cell, nstype_info(row->finding->type)->name);
}

static void lowest_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	cell_set_number(cell, row->finding->low);
}

static void highest_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->finding->high != FIGURE_UNBOUNDED)
		cell_set_number(cell, row->finding->high);
}

static void bound_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	const struct rule *rule = row->finding->rule;

	if (rule->percent)
		cell_set_decimal(cell, rule->bound);
	else
		cell_set_number(cell, rule->bound);
}

static void finding_limit_cell(
	struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->finding->has_limit)
		cell_set_number(cell, row->finding->limit);
}

static void finding_user_cell(
	struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->finding->usage)
		view_user(view, row->finding->usage->uid, cell);
}

static const struct column columns[] = {
	{ .name = "RULE", .type = VALUE_TEXT, .cell = rule_cell },
	{ .name = "VERDICT", .type = VALUE_TEXT, .cell = verdict_cell },
	{ .name = "TYPE", .type = VALUE_TEXT, .cell = finding_type_cell },
	{ .name = "LOWEST", .type = VALUE_NUMBER, .cell = lowest_cell },
	{ .name = "HIGHEST", .type = VALUE_NUMBER, .cell = highest_cell },
	{ .name = "BOUND", .type = VALUE_DECIMAL, .cell = bound_cell },
	{ .name = "LIMIT", .type = VALUE_NUMBER, .cell = finding_limit_cell },
	{ .name = "USER", .type = VALUE_TEXT, .cell = finding_user_cell },
	{ .name = "NS", .type = VALUE_NUMBER, .cell = ns_cell },
	{ .name = "NAME", .type = VALUE_TEXT, .cell = name_cell },
	{ .name = "HOLDERS", .type = VALUE_OBJECTS, .cell = holders_cell },
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))

void check_print_json(struct view *view, const struct finding *findings, size_t n, FILE *out)
{
	const struct column *shown[COLUMNS];
	struct render_options options = {
		.format = FORMAT_JSON, .name = "checks", .columns = shown, .ncolumns = COLUMNS
	};
	struct rows rows;

	for (size_t i = 0; i < COLUMNS; i++)
		shown[i] = &columns[i];
	rows_init(&rows);
	for (size_t i = 0; i < n; i++) {
		struct row row = {
			.kind = ROW_CHECK, .ns = findings[i].offender, .finding = &findings[i]
		};

		rows_add(&rows, &row);
	}
	render_rows(view, &rows, &options, out);
	rows_done(&rows);
}
