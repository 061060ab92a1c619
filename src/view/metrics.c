// SPDX-License-Identifier: MIT
/*
 * Prints metrics, from one table. No name of a metric and no value of a label has a character that
 * has to be escaped.
 */
#include "nsls/query.h"
#include "nsls/view.h"

#include <inttypes.h>

/* The metrics, and the counts that no row has. */
struct figures {
	const struct metrics *metrics;
	size_t holders[NS_TYPE_COUNT][HOLDER_KIND_COUNT];
};

/* One sample: its labels, and the row, kind or source that it is about. */
struct sample {
	struct label {
		const char *name, *value;
	} labels[2]; /* name NULL: none */
	const struct row *row;
	enum holder_kind kind;
	enum source source;
};

struct metric {
	const char *name;
	const char *help;
	const char *unit; /* "seconds": values are in microseconds; NULL: a number */
	void (*print)(const struct metric *metric, const struct figures *figures, FILE *out);
	/* Returns whether the value is known. */
	bool (*value)(
		const struct figures *figures, const struct sample *sample, uint64_t *ret_value);
};

static void print_labels(const struct sample *sample, FILE *out)
{
	const char *separator = "{";

	for (size_t i = 0; i < 2 && sample->labels[i].name; i++) {
		fprintf(out, "%s%s=\"%s\"", separator, sample->labels[i].name,
			sample->labels[i].value);
		separator = ",";
	}
	fputs(sample->labels[0].name ? "} " : " ", out);
}

static void print_sample(const struct metric *metric, const struct figures *figures,
	const struct sample *sample, FILE *out)
{
	uint64_t value;

	if (!metric->value(figures, sample, &value))
		return;
	fputs(metric->name, out);
	print_labels(sample, out);
	if (metric->unit)
		fprintf(out, "%" PRIu64 ".%06" PRIu64 "\n", value / 1000000, value % 1000000);
	else
		fprintf(out, "%" PRIu64 "\n", value);
}

static void print_single(const struct metric *metric, const struct figures *figures, FILE *out)
{
	print_sample(metric, figures, &(struct sample){ 0 }, out);
}

static void print_version(const struct metric *metric, const struct figures *figures, FILE *out)
{
	const struct sample sample = { .labels = { { "version", figures->metrics->version } } };

	print_sample(metric, figures, &sample, out);
}

static void print_per_type(const struct metric *metric, const struct figures *figures, FILE *out)
{
	const struct rows *rows = figures->metrics->rows;

	for (size_t i = 0; i < rows->n; i++) {
		const struct sample sample = {
			.labels = { { "type", nstype_info(rows->at[i].type)->name } },
			.row = &rows->at[i],
		};

		print_sample(metric, figures, &sample, out);
	}
}

static void print_per_kind(const struct metric *metric, const struct figures *figures, FILE *out)
{
	const struct rows *rows = figures->metrics->rows;

	for (size_t i = 0; i < rows->n; i++)
		for (enum holder_kind kind = 0; kind < HOLDER_KIND_COUNT; kind++) {
			const struct sample sample = {
				.labels = { { "type", nstype_info(rows->at[i].type)->name },
					{ "kind", holder_kind_name(kind) } },
				.row = &rows->at[i],
				.kind = kind,
			};

			print_sample(metric, figures, &sample, out);
		}
}

static void print_per_source(const struct metric *metric, const struct figures *figures, FILE *out)
{
	for (enum source s = 0; s < SOURCE_COUNT; s++) {
		const struct sample sample = {
			.labels = { { "source", source_info(s)->name } },
			.source = s,
		};

		print_sample(metric, figures, &sample, out);
	}
}

/* The number that was found is a lower bound if the answer is incomplete. 0 is unknown then. */
static bool set_if_known(size_t found, bool complete, uint64_t *ret_value)
{
	*ret_value = found;
	return found || complete;
}

static bool namespaces_value(
	const struct figures *figures, const struct sample *sample, uint64_t *ret_value)
{
	return set_if_known(
		sample->row->count, report_shows_namespaces(figures->metrics->report), ret_value);
}

static bool members_value(
	const struct figures *figures, const struct sample *sample, uint64_t *ret_value)
{
	return set_if_known(
		sample->row->nprocs, report_proves_absence(figures->metrics->report), ret_value);
}

/* The number found is no bound if the answer is incomplete: some may have members. */
static bool persistent_value(
	const struct figures *figures, const struct sample *sample, uint64_t *ret_value)
{
	*ret_value = sample->row->persistent;
	return report_proves_absence(figures->metrics->report);
}

static bool limit_value(
	const struct figures *figures, const struct sample *sample, uint64_t *ret_value)
{
	*ret_value = sample->row->limit;
	return sample->row->has_limit;
}

static bool used_max_value(
	const struct figures *figures, const struct sample *sample, uint64_t *ret_value)
{
	const struct row *row = sample->row;

	return set_if_known(row->usage ? row->usage->count : 0, !row->usage_is_bound, ret_value);
}

/* Returns whether a namespace of the type can have such a holder. */
static bool kind_can_hold(enum holder_kind kind, enum nstype type)
{
	const struct ns_type_info *info = nstype_info(type);

	switch (kind) {
	case HOLDER_PROCESS:
	case HOLDER_FD:
	case HOLDER_URING:
	case HOLDER_QUEUE:
	case HOLDER_MOUNT:
	case HOLDER_KERNEL:
		break;
	case HOLDER_ZOMBIE: /* holds no others any more */
	case HOLDER_EXITING:
		return type == NS_PID || type == NS_USER;
	case HOLDER_THREAD:
		return info->thread_may_differ;
	case HOLDER_CHILDREN:
		return info->children;
	case HOLDER_SOCKET:
	case HOLDER_TUN:
		return type == NS_NET;
	case HOLDER_PEER:
		return type == NS_PID || type == NS_USER;
	case HOLDER_PIDFD:
		return type == NS_PID;
	case HOLDER_SUPERBLOCK:
		return type == NS_PID || type == NS_USER || type == NS_NET;
	case HOLDER_CRED:
	case HOLDER_OWNED:
		return type == NS_USER;
	case HOLDER_CHILD:
		return info->depth_max;
	case HOLDER_KIND_COUNT:
		return false;
	}
	return true;
}

/* Returns the limitations that hide only holders of this kind. */
static unsigned kind_limitations(enum holder_kind kind)
{
	static const unsigned limitations[HOLDER_KIND_COUNT] = {
		[HOLDER_SOCKET] = LIMITATION_PIDFD,
		[HOLDER_TUN] = LIMITATION_PIDFD,
		[HOLDER_URING] =
			LIMITATION_RING_FILES | LIMITATION_RING_SOCKETS | LIMITATION_RING_UNREAD,
		[HOLDER_MOUNT] = LIMITATION_MNT_WALK | LIMITATION_STATMOUNT,
		[HOLDER_KERNEL] = LIMITATION_LISTNS,
	};

	return limitations[kind];
}

static bool holders_value(
	const struct figures *figures, const struct sample *sample, uint64_t *ret_value)
{
	const struct report *report = figures->metrics->report;
	size_t found = figures->holders[sample->row->type][sample->kind];
	bool all = report_shows_namespaces(report) &&
		   (report->bpf || !holder_kind_needs_bpf(sample->kind)) &&
		   !(report->limitations & kind_limitations(sample->kind));

	return set_if_known(
		found, all && kind_can_hold(sample->kind, sample->row->type), ret_value);
}

static bool unreadable_value(
	const struct figures *figures, const struct sample *sample, uint64_t *ret_value)
{
	const struct source_errors *errors = &figures->metrics->report->errors[sample->source];

	*ret_value = errors->denied + errors->odd;
	return true;
}

static bool stale_names_value(
	const struct figures *figures, const struct sample *sample, uint64_t *ret_value)
{
	*ret_value = figures->metrics->model->nstale;
	return figures->metrics->model->names_read;
}

static bool timed_out_value(
	const struct figures *figures, const struct sample *sample, uint64_t *ret_value)
{
	*ret_value = figures->metrics->report->timed_out;
	return true;
}

static bool complete_value(
	const struct figures *figures, const struct sample *sample, uint64_t *ret_value)
{
	*ret_value = report_is_complete(figures->metrics->report);
	return true;
}

static bool scan_time_value(
	const struct figures *figures, const struct sample *sample, uint64_t *ret_value)
{
	*ret_value = figures->metrics->scan_us;
	return true;
}

static bool build_info_value(
	const struct figures *figures, const struct sample *sample, uint64_t *ret_value)
{
	*ret_value = 1;
	return true;
}

/* clang-format off: a metric reads best with its help on a line of its own */
static const struct metric metrics_table[] = {
	{ .name = "nsls_namespaces",
		.help = "Namespaces that were found.",
		.print = print_per_type,
		.value = namespaces_value },
	{ .name = "nsls_namespaces_persistent",
		.help = "Namespaces without a member process; absent if the scan was incomplete.",
		.print = print_per_type,
		.value = persistent_value },
	{ .name = "nsls_namespaces_limit",
		.help = "Namespaces that each user may create.",
		.print = print_per_type,
		.value = limit_value },
	{ .name = "nsls_namespaces_used_max",
		.help = "Namespaces that count against the limit of the user who has most of them.",
		.print = print_per_type,
		.value = used_max_value },
	{ .name = "nsls_members",
		.help = "Member processes of the namespaces that were found.",
		.print = print_per_type,
		.value = members_value },
	{ .name = "nsls_holders",
		.help = "Holders that were found.",
		.print = print_per_kind,
		.value = holders_value },
	{ .name = "nsls_netns_stale_names",
		.help = "Names in /run/netns that lead to no namespace.",
		.print = print_single,
		.value = stale_names_value },
	{ .name = "nsls_unreadable",
		.help = "Processes of which something could not be read.",
		.print = print_per_source,
		.value = unreadable_value },
	{ .name = "nsls_timed_out",
		.help = "Processes whose reading timed out.",
		.print = print_single,
		.value = timed_out_value },
	{ .name = "nsls_complete",
		.help = "Whether everything could be read (1) or not (0).",
		.print = print_single,
		.value = complete_value },
	{ .name = "nsls_scan_seconds",
		.help = "How long the scan took.",
		.unit = "seconds",
		.print = print_single,
		.value = scan_time_value },
	/* A gauge, because the older format has no type "info". */
	{ .name = "nsls_build_info",
		.help = "Version of nsls.",
		.print = print_version,
		.value = build_info_value },
};
/* clang-format on */

static void count_holders(struct figures *figures)
{
	const struct model *model = figures->metrics->model;

	for (size_t i = 0; i < model->n; i++)
		for (const struct holder *h = model->at[i]->first; h; h = h->next)
			figures->holders[model->at[i]->ref.type][h->kind]++;
}

void metrics_print(const struct metrics *metrics, FILE *out)
{
	struct figures figures = { .metrics = metrics };

	count_holders(&figures);
	for (size_t i = 0; i < sizeof(metrics_table) / sizeof(*metrics_table); i++) {
		const struct metric *metric = &metrics_table[i];

		fprintf(out, "# TYPE %s gauge\n", metric->name);
		if (metric->unit)
			fprintf(out, "# UNIT %s %s\n", metric->name, metric->unit);
		fprintf(out, "# HELP %s %s\n", metric->name, metric->help);
		metric->print(metric, &figures, out);
	}
	fputs("# EOF\n", out);
}
