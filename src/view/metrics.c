// SPDX-License-Identifier: MIT
/*
 * Prints metrics. No name of a metric and no value of a label has a character that has to be
 * escaped.
 */
#include "nsls/query.h"
#include "nsls/view.h"

#include <inttypes.h>

struct value {
	bool known;
	uint64_t number;
};

/* The number that was found is a lower bound if the answer is incomplete. 0 is unknown then. */
static struct value value_found(uint64_t found, bool complete)
{
	return (struct value){ found || complete, found };
}

static void print_head(const char *name, const char *help, FILE *out)
{
	fprintf(out, "# TYPE %s gauge\n# HELP %s %s\n", name, name, help);
}

static void print_single(const char *name, const char *help, struct value value, FILE *out)
{
	print_head(name, help, out);
	if (value.known)
		fprintf(out, "%s %" PRIu64 "\n", name, value.number);
}

/* Metrics with a sample per type. */

static struct value namespaces_value(const struct row *row, const struct report *report)
{
	return value_found(row->count, report_shows_namespaces(report));
}

static struct value members_value(const struct row *row, const struct report *report)
{
	return value_found(row->nprocs, report_proves_absence(report));
}

/* The number found is no bound if the answer is incomplete: some may have members. */
static struct value persistent_value(const struct row *row, const struct report *report)
{
	return (struct value){ report_proves_absence(report), row->persistent };
}

static struct value limit_value(const struct row *row, const struct report *report)
{
	return (struct value){ row->has_limit, row->limit };
}

static struct value used_max_value(const struct row *row, const struct report *report)
{
	return value_found(row->usage ? row->usage->count : 0, !row->usage_is_bound);
}

static const struct {
	const char *name, *help;
	struct value (*value)(const struct row *row, const struct report *report);
} of_types[] = {
	{ "nsls_namespaces", "Namespaces that were found.", namespaces_value },
	{ "nsls_namespaces_persistent",
		"Namespaces without a member process; absent if the scan was incomplete.",
		persistent_value },
	{ "nsls_namespaces_limit", "Namespaces that each user may create.", limit_value },
	{ "nsls_namespaces_used_max",
		"Namespaces that count against the limit of the user who has most of them.",
		used_max_value },
	{ "nsls_members", "Member processes of the namespaces that were found.", members_value },
};

static void print_types(const struct metrics *metrics, FILE *out)
{
	for (size_t i = 0; i < sizeof(of_types) / sizeof(*of_types); i++) {
		print_head(of_types[i].name, of_types[i].help, out);
		for (size_t k = 0; k < metrics->rows->n; k++) {
			const struct row *row = &metrics->rows->at[k];
			struct value value = of_types[i].value(row, metrics->report);

			if (value.known)
				fprintf(out, "%s{type=\"%s\"} %" PRIu64 "\n", of_types[i].name,
					nstype_info(row->type)->name, value.number);
		}
	}
}

static struct value holders_value(
	const struct report *report, enum nstype type, enum holder_kind kind, size_t found)
{
	const struct holder_kind_info *info = holder_kind_info(kind);
	bool possible = !info->types || info->types & 1u << type;
	bool all = report_shows_namespaces(report) && (report->bpf || !info->needs_bpf) &&
		   !(report->limitations & info->limitations);

	return value_found(found, all && possible);
}

static void print_holders(const struct metrics *metrics, FILE *out)
{
	size_t holders[NS_TYPE_COUNT][HOLDER_KIND_COUNT] = { 0 };
	const struct model *model = metrics->model;

	for (size_t i = 0; i < model->n; i++)
		for (const struct holder *h = model->at[i]->first; h; h = h->next)
			holders[model->at[i]->ref.type][h->kind]++;
	print_head("nsls_holders", "Holders that were found.", out);
	for (size_t i = 0; i < metrics->rows->n; i++)
		for (enum holder_kind kind = 0; kind < HOLDER_KIND_COUNT; kind++) {
			enum nstype type = metrics->rows->at[i].type;
			struct value value =
				holders_value(metrics->report, type, kind, holders[type][kind]);

			if (value.known)
				fprintf(out, "nsls_holders{type=\"%s\",kind=\"%s\"} %" PRIu64 "\n",
					nstype_info(type)->name, holder_kind_name(kind),
					value.number);
		}
}

void metrics_print(const struct metrics *metrics, FILE *out)
{
	const struct report *report = metrics->report;
	const struct value stale = { metrics->model->names_read, metrics->model->nstale };

	print_types(metrics, out);
	print_holders(metrics, out);
	print_single("nsls_netns_stale_names", "Names in /run/netns that lead to no namespace.",
		stale, out);
	print_head("nsls_unreadable", "Processes of which something could not be read.", out);
	for (enum source s = 0; s < SOURCE_COUNT; s++)
		fprintf(out, "nsls_unreadable{source=\"%s\"} %zu\n", source_info(s)->name,
			report->errors[s].denied + report->errors[s].odd);
	print_single("nsls_timed_out", "Processes whose reading timed out.",
		(struct value){ true, report->timed_out }, out);
	print_single("nsls_complete", "Whether everything could be read (1) or not (0).",
		(struct value){ true, report_is_complete(report) }, out);
	fprintf(out,
		"# TYPE nsls_scan_seconds gauge\n# UNIT nsls_scan_seconds seconds\n"
		"# HELP nsls_scan_seconds How long the scan took.\n"
		"nsls_scan_seconds %" PRIu64 ".%06" PRIu64 "\n",
		metrics->scan_us / 1000000, metrics->scan_us % 1000000);
	/* A gauge, because the older format has no type "info". */
	print_head("nsls_build_info", "Version of nsls.", out);
	fprintf(out, "nsls_build_info{version=\"%s\"} 1\n# EOF\n", metrics->version);
}
