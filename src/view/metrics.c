// SPDX-License-Identifier: MIT
/*
 * Makes the text of metrics. No name of a metric and no value of a label has a character that has
 * to be escaped.
 */
#include "internal.h"

#include <inttypes.h>
#include <string.h>

static void add_head(const char *name, const char *help, struct strbuf *out)
{
	strbuf_addf(out, "# TYPE %s gauge\n# HELP %s %s\n", name, name, help);
}

/*
 * Metrics with a sample per type: the value of a column. A 0 that may be wrong, because something
 * was not seen, is left out.
 */
static const struct {
	const char *name, *help;
	cell_function *cell;
	/* Returns true if a 0 is certainly right. NULL: every value of the column is. */
	bool (*proves_zero)(const struct report *report);
} of_types[] = {
	{ "nsls_namespaces", "Namespaces that were found.", count_cell, report_shows_namespaces },
	{ "nsls_namespaces_persistent",
		"Namespaces without a member process; absent if the scan was incomplete.",
		persistent_cell, report_proves_absence },
	{ "nsls_namespaces_limit", "Namespaces that each user may create.", limit_cell, NULL },
	{ "nsls_namespaces_used_max",
		"Namespaces that count against the limit of the user who has most of them.",
		used_cell, NULL },
	{ "nsls_members", "Member processes of the namespaces that were found.", nprocs_cell,
		NULL },
};

static void add_types(struct view *view, const struct rows *rows, struct strbuf *out)
{
	CLEANUP(cell_done) struct cell cell = { 0 };

	for (size_t i = 0; i < sizeof(of_types) / sizeof(*of_types); i++) {
		add_head(of_types[i].name, of_types[i].help, out);
		for (size_t k = 0; k < rows->n; k++) {
			const struct row *row = &rows->at[k];

			cell_reset(&cell);
			of_types[i].cell(view, row, &cell);
			if (!cell.present ||
				(!strcmp(cell.bytes.text, "0") && of_types[i].proves_zero &&
					!of_types[i].proves_zero(view->report)))
				continue;
			strbuf_addf(out, "%s{type=\"%s\"} %s\n", of_types[i].name,
				nstype_info[row->type].name, cell.bytes.text);
		}
	}
}

static void add_holders(struct view *view, const struct rows *rows, struct strbuf *out)
{
	size_t holders[NS_TYPE_COUNT][HOLDER_KIND_COUNT] = { 0 };
	const struct model *model = view->model;
	const struct report *report = view->report;

	for (size_t i = 0; i < model->n; i++)
		for (const struct holder *h = model->at[i]->first; h; h = h->next)
			holders[model->at[i]->ref.type][h->kind]++;
	add_head("nsls_holders", "Holders that were found.", out);
	for (size_t i = 0; i < rows->n; i++)
		for (enum holder_kind k = 0; k < HOLDER_KIND_COUNT; k++) {
			const struct holder_kind_info *kind = &holder_kind_info[k];
			enum nstype type = rows->at[i].type;
			/* The type can have such holders, and none could be missed. */
			bool proves_zero = (!kind->types || kind->types & 1u << type) &&
					   report_shows_namespaces(report) &&
					   (report->bpf || !kind->needs_bpf) &&
					   !(report->limitations & kind->limitations);

			if (holders[type][k] || proves_zero)
				strbuf_addf(out, "nsls_holders{type=\"%s\",kind=\"%s\"} %zu\n",
					nstype_info[type].name, kind->name, holders[type][k]);
		}
}

void metrics_add(struct view *view, const struct rows *rows, uint64_t scan_us, const char *version,
	struct strbuf *out)
{
	const struct report *report = view->report;

	add_types(view, rows, out);
	add_holders(view, rows, out);
	add_head("nsls_netns_stale_names", "Names in /run/netns that lead to no namespace.", out);
	if (view->model->names_read)
		strbuf_addf(out, "nsls_netns_stale_names %zu\n", view->model->nstale);
	add_head("nsls_unreadable", "Processes of which something could not be read.", out);
	for (enum source s = 0; s < SOURCE_COUNT; s++)
		strbuf_addf(out, "nsls_unreadable{source=\"%s\"} %zu\n", source_info[s].name,
			report->errors[s].denied + report->errors[s].odd);
	add_head("nsls_timed_out", "Processes whose reading timed out.", out);
	strbuf_addf(out, "nsls_timed_out %zu\n", report->timed_out);
	add_head("nsls_complete", "Whether everything could be read (1) or not (0).", out);
	strbuf_addf(out, "nsls_complete %d\n", report_is_complete(report));
	strbuf_addf(out,
		"# TYPE nsls_scan_seconds gauge\n# UNIT nsls_scan_seconds seconds\n"
		"# HELP nsls_scan_seconds How long the scan took.\n"
		"nsls_scan_seconds %" PRIu64 ".%06" PRIu64 "\n",
		scan_us / 1000000, scan_us % 1000000);
	/* A gauge, because the older format has no type "info". */
	add_head("nsls_build_info", "Version of nsls.", out);
	strbuf_addf(out, "nsls_build_info{version=\"%s\"} 1\n# EOF\n", version);
}
