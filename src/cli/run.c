// SPDX-License-Identifier: MIT
/*
 * The phases in order: plan, targets, scan, query, enrich, render. Each works on what the one
 * before it left in struct run; none goes back.
 */
#include "run.h"

#include "complain.h"
#include "complete.h"
#include "of.h"
#include "operands.h"
#include "show.h"

#include "nsls/base/error.h"
#include "nsls/cli/plan.h"
#include "nsls/cli/warn.h"
#include "nsls/enrich/enrich.h"
#include "nsls/kernel/proctext.h"
#include "nsls/model/name.h"
#include "nsls/scan/scan.h"
#include "nsls/select/group.h"
#include "nsls/view/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct run {
	const struct options *options;
	FILE *out, *err;
	struct plan plan;
	struct kernel_live kernel;
	struct workers workers;
	struct procfs procfs;
	struct operands operands;
	struct filter *filter;
	struct model model;
	struct report report;
	struct groups groups;
	struct rows rows;
	struct view view;
};

static int fail(const struct run *run, const char *what, int error)
{
	complain(run->err, "%s: %s", what, strerror(-error));
	return error;
}

static int fail_memory(const struct run *run, int error)
{
	complain(run->err, "%s", strerror(-error));
	return error;
}

static int open_procfs(struct run *run)
{
	int r = procfs_open(run->options->procfs, &run->procfs);

	if (r < 0)
		return fail(run, run->options->procfs, r);
	kernel_live_init(&run->kernel, run->procfs.fd);
	return 0;
}

static int parse_filter(struct run *run)
{
	char *error = NULL;
	int r;

	if (!run->options->filter)
		return 0;
	r = filter_new(run->options->filter, run->plan.view, &run->filter, &error);
	if (r < 0)
		complain(run->err, "%s", error ? error : strerror(-r));
	free(error);
	return r;
}

/* A number or a status shows no columns, so only those of a filter matter to it. */
static unsigned needs(const struct run *run)
{
	bool shows = !run->options->count && !run->options->quiet;

	return (run->filter ? filter_needs(run->filter) : 0) | (shows ? run->plan.needs : 0);
}

/* What is named may turn out to be of another type than --type says: then that is the answer. */
static unsigned types(const struct run *run)
{
	if (run->plan.view == VIEW_CONTAINERS)
		return NS_TYPES_ALL;
	if (run->options->nnamespaces)
		return operands_types(&run->operands);
	if (run->options->nof && run->options->types)
		return run->options->types | 1u << NS_NET; /* its names */
	return run->options->types ? run->options->types : NS_TYPES_ALL;
}

/* Groups are of processes; some of them are called what a network namespace is mounted as. */
static unsigned sources(const struct run *run)
{
	unsigned of_groups = 1u << SOURCE_PROCESSES | 1u << SOURCE_MOUNTS;
	bool few = run->plan.view == VIEW_CONTAINERS || run->options->complete;

	return run->options->sources & (few ? of_groups : ~0u);
}

static int scan_system(struct run *run)
{
	struct scan_options options = {
		.sources = sources(run),
		.types = types(run),
		.relations = needs(run) & NEED_RELATIONS,
		.netnsid = needs(run) & NEED_NETNSID,
		.paths = needs(run) & NEED_PATH,
	};
	int r = scan_run(&run->procfs, &run->kernel.kernel, &run->workers, &options, &run->model,
		&run->report);

	if (r == -ENODATA)
		complain(run->err, "%s: no processes found; is this a procfs?",
			run->options->procfs);
	else if (r < 0)
		fail(run, run->options->procfs, r);
	return r;
}

static int read_boot_time(struct run *run)
{
	int r = proctext_read_boot_time(&run->procfs, &run->view.boot_time);

	if (r < 0)
		run->view.boot_time = 0;
	return error_is_fatal(r) ? r : 0;
}

static int find_owners(struct run *run)
{
	int r = enrich_tasks(&run->procfs, &run->workers, &run->model, NEED_IDENTITY, &run->report);

	if (r < 0)
		return fail_memory(run, r);
	return of_find(&run->operands, &run->procfs, &run->model, &run->report);
}

static int find_named(struct run *run)
{
	int r = operands_find(&run->operands, &run->procfs, &run->model, &run->report);

	operands_sort(&run->operands);
	if (r == 0 && run->plan.view == VIEW_CONTAINERS) {
		r = operands_choose_named(&run->operands, &run->model);
		if (r < 0)
			return fail_memory(run, r);
	}
	if (r == 0 && run->options->nof)
		r = find_owners(run);
	operands_sort(&run->operands);
	return r;
}

static bool names_any(const struct options *options)
{
	return options->nnamespaces || options->ntasks || options->nof;
}

static int select_groups(struct run *run)
{
	unsigned types = run->options->types ? run->options->types : NS_TYPES_ALL;
	int r = groups_find(&run->groups, &run->model);

	if (r < 0)
		return r;
	return groups_query(&run->groups, types,
		names_any(run->options) ? &run->operands.chosen : NULL, &run->rows);
}

static struct query make_query(const struct run *run)
{
	const struct options *options = run->options;

	return (struct query){
		.types = options->types ? options->types : NS_TYPES_ALL,
		.persistent = options->persistent,
		.kinds = options->kinds,
		.only = run->operands.refs,
		.nonly = run->operands.nrefs,
		.has_only = names_any(options),
	};
}

static int select_rows(struct run *run)
{
	struct query query = make_query(run);

	if (run->plan.view == VIEW_CONTAINERS)
		return select_groups(run);
	if (run->plan.view == VIEW_SUMMARY)
		return query_summary(&run->model, &query, &run->rows);
	if (run->plan.view == VIEW_HOLDERS)
		return query_holders(&run->model, &query, &run->rows);
	return query_namespaces(&run->model, &query, &run->rows);
}

static int enrich(struct run *run, unsigned wanted, struct rows *rows)
{
	return enrich_rows(&run->procfs, &run->workers, &run->model, wanted, rows, &run->report);
}

static int filter_rows(struct run *run)
{
	int r;

	if (!run->filter)
		return 0;
	r = enrich(run, filter_needs(run->filter), &run->rows);
	return r < 0 ? r : filter_apply(run->filter, &run->view, &run->rows);
}

static int show_namespaces(struct run *run)
{
	struct query query = make_query(run);
	struct rows namespaces;
	int r;

	rows_init(&namespaces);
	r = query_namespaces(&run->model, &query, &namespaces);
	if (r == 0)
		r = enrich(run, run->plan.needs, &namespaces);
	if (r == 0)
		r = show_heads(&run->view, &namespaces, &run->rows, &run->plan, run->out);
	rows_done(&namespaces);
	return r;
}

static int show(struct run *run)
{
	int r = enrich(run, run->plan.needs, &run->rows);

	if (r == 0 && run->plan.heads)
		return show_namespaces(run);
	if (r == 0)
		r = tree_arrange(&run->model, run->plan.tree, &run->rows);
	if (r == 0)
		r = show_rows(&run->view, &run->rows, &run->plan, run->out);
	return r;
}

/* Namespaces, of whichever kind the rows are; or groups. */
static size_t count_namespaces(const struct rows *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++) {
		const struct row *row = &rows->at[i];

		if (row->kind == ROW_TYPE)
			n += row->count;
		else if (row->kind == ROW_GROUP)
			n++;
		else
			n += !i || rows->at[i - 1].ns != row->ns;
	}
	return n;
}

static int answer(struct run *run)
{
	int r = needs(run) & NEED_BOOT_TIME ? read_boot_time(run) : 0;

	if (r == 0)
		r = select_rows(run);
	if (r == 0)
		r = filter_rows(run);
	if (r == 0 && run->options->count)
		fprintf(run->out, "%zu\n", count_namespaces(&run->rows));
	else if (r == 0 && !run->options->quiet)
		r = show(run);
	return r < 0 ? fail_memory(run, r) : 0;
}

/* What it cannot read it need not offer: nobody reads a warning while typing. */
static int complete(struct run *run)
{
	int r = 0;

	if (run->options->complete == COMPLETE_OF)
		r = enrich_tasks(
			&run->procfs, &run->workers, &run->model, NEED_IDENTITY, &run->report);
	if (r == 0)
		r = complete_print(&run->model, ns_names_mnt(&run->model, run->procfs.ours),
			run->options->complete, run->out);
	return r < 0 ? fail_memory(run, r) : 0;
}

static int prepare(struct run *run, bool terminal)
{
	int r = plan_make(run->options, terminal, run->err, &run->plan);

	run->view.labels = run->plan.labels;
	run->view.whole = run->plan.whole;
	if (r == 0)
		r = open_procfs(run);
	if (r == 0)
		r = parse_filter(run);
	if (r == 0)
		r = operands_parse(
			&run->operands, &run->kernel.kernel, run->procfs.ours, &run->workers);
	if (r == 0)
		r = operands_find_tasks(&run->operands, &run->procfs, &run->workers);
	return r;
}

static int work(struct run *run, bool terminal)
{
	int r = prepare(run, terminal);

	if (r == 0)
		r = scan_system(run);
	if (r == 0 && run->options->complete)
		return complete(run);
	if (r == 0)
		r = find_named(run);
	if (r == 0)
		r = answer(run);
	return r;
}

static enum status judge(const struct run *run)
{
	const struct options *options = run->options;

	if (!options->quiet && !options->no_warnings)
		warn_incomplete(&run->report, options->strict, run->err);
	if (options->strict && !report_is_complete(&run->report))
		return STATUS_INCOMPLETE;
	return options->quiet && !count_namespaces(&run->rows) ? STATUS_NO : STATUS_DONE;
}

static struct run *run_new(const struct options *options, FILE *out, FILE *err)
{
	struct run *run = calloc(1, sizeof(*run));

	if (!run)
		return NULL;
	*run = (struct run){ .options = options, .out = out, .err = err, .procfs.fd = -1 };
	run->kernel.self = -1;
	workers_init(&run->workers, options->jobs, options->patience_ms);
	operands_init(&run->operands, options, err);
	model_init(&run->model);
	groups_init(&run->groups);
	rows_init(&run->rows);
	view_init(&run->view, &run->model, &run->report, options->procfs);
	return run;
}

static void run_free(struct run *run)
{
	view_done(&run->view);
	rows_done(&run->rows);
	groups_done(&run->groups);
	model_done(&run->model);
	filter_free(run->filter);
	operands_done(&run->operands);
	kernel_live_done(&run->kernel);
	procfs_close(&run->procfs);
	free(run);
}

enum status run(const struct options *options, bool terminal, FILE *out, FILE *err, bool *ret_busy)
{
	struct run *run = run_new(options, out, err);
	enum status status;

	*ret_busy = false;
	if (!run) {
		complain(err, "%s", strerror(ENOMEM));
		return STATUS_ERROR;
	}
	status = work(run, terminal) < 0 ? STATUS_ERROR : judge(run);
	*ret_busy = run->workers.left_behind;
	if (!*ret_busy)
		run_free(run);
	return status;
}
