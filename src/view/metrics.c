// SPDX-License-Identifier: MIT
/*
 * The metrics as one table. Names of metrics and all that labels say are words of our own: none has
 * a character that would have to be escaped.
 */
#include "nsls/query.h"
#include "nsls/view.h"

#include <inttypes.h>

/* The metrics, and what they count that no row has. */
struct figures {
	const struct metrics *of;
	size_t holders[NS_TYPE_COUNT][HOLDER_KIND_COUNT];
};

/* What one sample is about, and its labels. */
struct point {
	struct label {
		const char *name, *value;
	} labels[2]; /* NULL: no more */
	const struct row *row;
	enum holder_kind kind;
	enum source source;
};

struct metric {
	const char *name;
	const char *help;
	const char *unit; /* "seconds": its values are microseconds; NULL: a number */
	void (*print)(const struct metric *metric, const struct figures *figures, FILE *out);
	/* Whether it is known, and in *ret_value what it is. */
	bool (*value)(
		const struct figures *figures, const struct point *point, uint64_t *ret_value);
};

static void print_labels(const struct point *point, FILE *out)
{
	const char *separator = "{";

	for (size_t i = 0; i < 2 && point->labels[i].name; i++) {
		fprintf(out, "%s%s=\"%s\"", separator, point->labels[i].name,
			point->labels[i].value);
		separator = ",";
	}
	fputs(point->labels[0].name ? "} " : " ", out);
}

static void print_sample(const struct metric *metric, const struct figures *figures,
	const struct point *point, FILE *out)
{
	uint64_t value;

	if (!metric->value(figures, point, &value))
		return;
	fputs(metric->name, out);
	print_labels(point, out);
	if (metric->unit)
		fprintf(out, "%" PRIu64 ".%06" PRIu64 "\n", value / 1000000, value % 1000000);
	else
		fprintf(out, "%" PRIu64 "\n", value);
}

static void print_one(const struct metric *metric, const struct figures *figures, FILE *out)
{
	print_sample(metric, figures, &(struct point){ 0 }, out);
}

static void print_version(const struct metric *metric, const struct figures *figures, FILE *out)
{
	const struct point point = { .labels = { { "version", figures->of->version } } };

	print_sample(metric, figures, &point, out);
}

static void print_types(const struct metric *metric, const struct figures *figures, FILE *out)
{
	const struct rows *rows = figures->of->rows;

	for (size_t i = 0; i < rows->n; i++) {
		const struct point point = {
			.labels = { { "type", nstype_info(rows->at[i].type)->name } },
			.row = &rows->at[i],
		};

		print_sample(metric, figures, &point, out);
	}
}

static void print_kinds(const struct metric *metric, const struct figures *figures, FILE *out)
{
	const struct rows *rows = figures->of->rows;

	for (size_t i = 0; i < rows->n; i++)
		for (enum holder_kind kind = 0; kind < HOLDER_KIND_COUNT; kind++) {
			const struct point point = {
				.labels = { { "type", nstype_info(rows->at[i].type)->name },
					{ "kind", holder_kind_name(kind) } },
				.row = &rows->at[i],
				.kind = kind,
			};

			print_sample(metric, figures, &point, out);
		}
}

static void print_sources(const struct metric *metric, const struct figures *figures, FILE *out)
{
	for (enum source s = 0; s < SOURCE_COUNT; s++) {
		const struct point point = {
			.labels = { { "source", source_info(s)->name } },
			.source = s,
		};

		print_sample(metric, figures, &point, out);
	}
}

/* More may exist than was found in an incomplete answer; that nothing was found tells nothing. */
static bool is_known(size_t found, bool complete, uint64_t *ret_value)
{
	*ret_value = found;
	return found || complete;
}

static bool namespaces(
	const struct figures *figures, const struct point *point, uint64_t *ret_value)
{
	return is_known(point->row->count, report_shows_namespaces(figures->of->report), ret_value);
}

static bool members(const struct figures *figures, const struct point *point, uint64_t *ret_value)
{
	return is_known(point->row->nprocs, report_proves_absence(figures->of->report), ret_value);
}

/* Neither the least nor the most that there may be, where members may not have been seen. */
static bool persistent(
	const struct figures *figures, const struct point *point, uint64_t *ret_value)
{
	*ret_value = point->row->memberless;
	return report_proves_absence(figures->of->report);
}

static bool limit(const struct figures *figures, const struct point *point, uint64_t *ret_value)
{
	(void)figures;
	*ret_value = point->row->limit;
	return point->row->has_limit;
}

static bool used_max(const struct figures *figures, const struct point *point, uint64_t *ret_value)
{
	const struct row *row = point->row;

	(void)figures;
	return is_known(row->usage ? row->usage->count : 0, !row->use_is_bound, ret_value);
}

/* Whether a namespace of the type can have such a holder. */
static bool can_hold(enum holder_kind kind, enum nstype type)
{
	const struct ns_type_info *info = nstype_info(type);

	switch (kind) {
	case HOLDER_PROCESS:
	case HOLDER_FD:
	case HOLDER_URING:
	case HOLDER_MOUNT:
	case HOLDER_KERNEL:
		break;
	case HOLDER_ZOMBIE: /* has let go of all others */
		return type == NS_PID || type == NS_USER;
	case HOLDER_THREAD:
		return info->thread_may_differ;
	case HOLDER_CHILDREN:
		return info->children;
	case HOLDER_SOCKET:
	case HOLDER_TUN:
		return type == NS_NET;
	case HOLDER_OWNED:
		return type == NS_USER;
	case HOLDER_CHILD:
		return info->has_parent;
	case HOLDER_KIND_COUNT:
		return false;
	}
	return true;
}

/* What hides holders of this kind alone. */
static unsigned gaps_of(enum holder_kind kind)
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

static bool holders(const struct figures *figures, const struct point *point, uint64_t *ret_value)
{
	const struct report *report = figures->of->report;
	size_t found = figures->holders[point->row->type][point->kind];
	bool all = report_shows_namespaces(report) && !(report->limitations & gaps_of(point->kind));

	return is_known(found, all && can_hold(point->kind, point->row->type), ret_value);
}

static bool unreadable(
	const struct figures *figures, const struct point *point, uint64_t *ret_value)
{
	const struct source_errors *errors = &figures->of->report->errors[point->source];

	*ret_value = errors->denied + errors->odd;
	return true;
}

static bool timed_out(const struct figures *figures, const struct point *point, uint64_t *ret_value)
{
	(void)point;
	*ret_value = figures->of->report->timed_out;
	return true;
}

static bool complete(const struct figures *figures, const struct point *point, uint64_t *ret_value)
{
	(void)point;
	*ret_value = report_is_complete(figures->of->report);
	return true;
}

static bool scan_time(const struct figures *figures, const struct point *point, uint64_t *ret_value)
{
	(void)point;
	*ret_value = figures->of->scan_us;
	return true;
}

static bool always_one(
	const struct figures *figures, const struct point *point, uint64_t *ret_value)
{
	(void)figures;
	(void)point;
	*ret_value = 1;
	return true;
}

/* clang-format off: a metric reads best with its help on a line of its own */
static const struct metric table[] = {
	{ .name = "nsls_namespaces",
		.help = "Namespaces that were found.",
		.print = print_types,
		.value = namespaces },
	{ .name = "nsls_namespaces_persistent",
		.help = "Namespaces without a member process; absent if the scan was incomplete.",
		.print = print_types,
		.value = persistent },
	{ .name = "nsls_namespaces_limit",
		.help = "Namespaces that each user may create.",
		.print = print_types,
		.value = limit },
	{ .name = "nsls_namespaces_used_max",
		.help = "Namespaces that count against the limit of the user who has most of them.",
		.print = print_types,
		.value = used_max },
	{ .name = "nsls_members",
		.help = "Member processes of the namespaces that were found.",
		.print = print_types,
		.value = members },
	{ .name = "nsls_holders",
		.help = "Holders that were found.",
		.print = print_kinds,
		.value = holders },
	{ .name = "nsls_unreadable",
		.help = "Processes of which something could not be read.",
		.print = print_sources,
		.value = unreadable },
	{ .name = "nsls_timed_out",
		.help = "Processes whose reading timed out.",
		.print = print_one,
		.value = timed_out },
	{ .name = "nsls_complete",
		.help = "Whether everything could be read (1) or not (0).",
		.print = print_one,
		.value = complete },
	{ .name = "nsls_scan_seconds",
		.help = "How long the scan took.",
		.unit = "seconds",
		.print = print_one,
		.value = scan_time },
	/* OpenMetrics has a type for it that the older format lacks. */
	{ .name = "nsls_build_info",
		.help = "Version of nsls.",
		.print = print_version,
		.value = always_one },
};
/* clang-format on */

static void count_holders(struct figures *figures)
{
	const struct model *model = figures->of->model;

	for (size_t i = 0; i < model->n; i++)
		for (const struct holder *h = model->at[i]->first; h; h = h->next)
			figures->holders[model->at[i]->ref.type][h->kind]++;
}

void metrics_print(const struct metrics *metrics, FILE *out)
{
	struct figures figures = { .of = metrics };

	count_holders(&figures);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		const struct metric *metric = &table[i];

		fprintf(out, "# TYPE %s gauge\n", metric->name);
		if (metric->unit)
			fprintf(out, "# UNIT %s %s\n", metric->name, metric->unit);
		fprintf(out, "# HELP %s %s\n", metric->name, metric->help);
		metric->print(metric, &figures, out);
	}
	fputs("# EOF\n", out);
}
