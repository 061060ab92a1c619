// SPDX-License-Identifier: MIT
/* The first steps of every run: plan, resolve, scan, select, filter. */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/enrich.h"
#include "nsls/procfs.h"
#include "nsls/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void init_look(struct gather *gather)
{
	model_init(&gather->model);
	groups_init(&gather->groups);
	uses_init(&gather->uses);
	rows_init(&gather->rows);
	view_init(&gather->view, &gather->model, &gather->report, gather->options->procfs);
	gather->view.labels = gather->plan.labels;
	gather->view.whole = gather->plan.whole;
}

static void done_look(struct gather *gather)
{
	view_done(&gather->view);
	rows_done(&gather->rows);
	uses_done(&gather->uses);
	groups_done(&gather->groups);
	model_done(&gather->model);
}

void gather_init(struct gather *gather, const struct options *options, FILE *err)
{
	*gather = (struct gather){ .options = options, .err = err, .procfs.fd = -1 };
	gather->kernel.self = -1;
	workers_init(&gather->workers, options->jobs, options->timeout_ms);
	operands_init(&gather->operands, options, err);
	init_look(gather);
}

void gather_done(struct gather *gather)
{
	done_look(gather);
	filter_free(gather->filter);
	operands_done(&gather->operands);
	workers_done(&gather->workers);
	kernel_live_done(&gather->kernel);
	procfs_close(&gather->procfs);
}

static int fail(const struct gather *gather, const char *what, int error)
{
	complain(gather->err, "%s: %s", what, strerror(-error));
	return error;
}

int gather_fail(const struct gather *gather, int error)
{
	complain(gather->err, "%s", strerror(-error));
	return error;
}

static void try_procfs(const void *dir, size_t i, void *result)
{
	struct procfs procfs;
	int r = procfs_open(dir, &procfs);

	(void)i;
	*(int *)result = r;
	if (r == 0)
		procfs_close(&procfs);
}

/* A directory of the user's choice may be on a dead file server: a child process tries first. */
static bool procfs_is_readable(const struct options *options)
{
	int result = 0;
	const struct child_work work = {
		.run = try_procfs,
		.data = options->procfs,
		.items = &result,
		.n = 1,
		.size = sizeof(result),
	};

	return !strcmp(options->procfs, PROCFS) || child_run(&work, options->timeout_ms) == 1;
}

static int open_procfs(struct gather *gather)
{
	const char *dir = gather->options->procfs;
	int r;

	if (!procfs_is_readable(gather->options)) {
		complain(gather->err, "timed out reading %s", dir);
		return -ETIMEDOUT;
	}
	r = procfs_open(dir, &gather->procfs);
	if (r < 0)
		return fail(gather, dir, r);
	/* What is mounted over /proc may be anybody's; a directory that was chosen is believed. */
	if (!gather->procfs.kernel && !strcmp(dir, PROCFS)) {
		complain(gather->err, "%s: not a procfs", dir);
		return -ENODATA;
	}
	kernel_live_init(&gather->kernel, gather->procfs.fd);
	return 0;
}

static int parse_filter(struct gather *gather)
{
	char *error = NULL;
	int r;

	if (!gather->options->filter)
		return 0;
	r = filter_new(gather->options->filter, gather->plan.view, &gather->filter, &error);
	if (r < 0)
		complain(gather->err, "%s", error ? error : strerror(-r));
	free(error);
	return r;
}

int gather_prepare(struct gather *gather, bool terminal)
{
	int r = plan_make(gather->options, terminal, gather->err, &gather->plan);

	gather->view.labels = gather->plan.labels;
	gather->view.whole = gather->plan.whole;
	if (r == 0)
		r = open_procfs(gather);
	if (r == 0)
		r = parse_filter(gather);
	if (r == 0)
		r = operands_parse(&gather->operands, &gather->kernel.kernel, gather->procfs.ours);
	if (r == 0)
		r = operands_find_tasks(&gather->operands, &gather->procfs, &gather->workers);
	return r;
}

void gather_forget(struct gather *gather)
{
	done_look(gather);
	operands_forget(&gather->operands);
	gather->report = (struct report){ 0 };
	init_look(gather);
	workers_renew(&gather->workers);
}

/* A number or a status shows no columns, so only those of a filter matter to it. */
static unsigned wanted(const struct gather *gather)
{
	const struct options *options = gather->options;
	unsigned of_filter = gather->filter ? filter_needs(gather->filter) : 0;

	if (options->monitor_ms)
		return of_filter | NEED_RELATIONS; /* ids distinguish namespaces */
	if (options->by_user)
		of_filter |= NEED_RELATIONS;
	if ((options->count || options->quiet) && !options->nrules)
		return of_filter;
	return of_filter | gather->plan.needs;
}

static unsigned types_of_rules(const struct options *options)
{
	unsigned meant = options->types ? options->types : NS_TYPES_ALL, types = 0;

	for (size_t i = 0; i < options->nrules; i++)
		types |= options->rules[i].scope == RULE_OF_TYPE ? 1u << options->rules[i].type
								 : meant;
	return types | (options->nof ? 1u << NS_NET : 0); /* its names */
}

/* What is named may turn out to be of another type than --type says: then that is the answer. */
static unsigned types(const struct gather *gather)
{
	if (gather->plan.view == VIEW_CONTAINERS)
		return NS_TYPES_ALL;
	if (gather->options->nrules)
		return types_of_rules(gather->options);
	if (gather->options->nnamespaces)
		return operands_types(&gather->operands);
	if (gather->options->nof && gather->options->types)
		return gather->options->types | 1u << NS_NET; /* its names */
	return gather->options->types ? gather->options->types : NS_TYPES_ALL;
}

/* Groups are of processes; some of them are called what a network namespace is mounted as. */
static unsigned sources(const struct gather *gather)
{
	unsigned of_groups = 1u << SOURCE_PROCESSES | 1u << SOURCE_MOUNTS;
	bool few = gather->plan.view == VIEW_CONTAINERS || gather->options->complete;

	return gather->options->sources & (few ? of_groups : ~0u);
}

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

int gather_scan(struct gather *gather)
{
	struct scan_options options = {
		.sources = sources(gather),
		.types = types(gather),
		.relations = wanted(gather) & NEED_RELATIONS,
		.netnsid = wanted(gather) & NEED_NETNSID,
		.paths = wanted(gather) & NEED_PATH,
	};
	uint64_t start = now_us();
	int r = scan_run(&gather->procfs, &gather->kernel.kernel, &gather->workers, &options,
		&gather->model, &gather->report);

	gather->scan_us = now_us() - start;
	if (r == -ENODATA)
		complain(gather->err, "%s: no processes found; is this a procfs?",
			gather->options->procfs);
	else if (r < 0)
		fail(gather, gather->options->procfs, r);
	return r;
}

static int read_boot_time(struct gather *gather)
{
	int r = proctext_read_boot_time(&gather->procfs, &gather->view.boot_time);

	if (r < 0)
		gather->view.boot_time = 0;
	return error_is_fatal(r) ? r : 0;
}

static int find_workloads(struct gather *gather)
{
	int r = enrich_tasks(
		&gather->procfs, &gather->workers, &gather->model, NEED_IDENTITY, &gather->report);

	if (r < 0)
		return gather_fail(gather, r);
	return of_find(&gather->operands, &gather->procfs, &gather->model, &gather->report);
}

static int find_named(struct gather *gather)
{
	int r = operands_find(&gather->operands, &gather->procfs, &gather->model, &gather->report);

	if (r < 0)
		return r;
	if (gather->options->monitor_ms && !gather->operands.fixed)
		operands_fix(&gather->operands);
	operands_sort(&gather->operands);
	if (gather->plan.view == VIEW_CONTAINERS)
		operands_choose_named(&gather->operands, &gather->model);
	if (gather->options->nof)
		r = find_workloads(gather);
	operands_sort(&gather->operands);
	return r;
}

static bool names_any(const struct options *options)
{
	return options->nnamespaces || options->ntasks || options->nof;
}

static int find_groups(struct gather *gather)
{
	struct rows rows;
	int r;

	rows_init(&rows);
	groups_find(&gather->groups, &gather->model);
	groups_with_own_mounts_only(&gather->groups, &rows);
	r = gather_enrich(gather, NEED_MEMBERS_STAT, &rows);
	rows_done(&rows);
	groups_drop_kthreads(&gather->groups);
	return r;
}

static int select_groups(struct gather *gather)
{
	unsigned types = gather->options->types ? gather->options->types : NS_TYPES_ALL;
	int r = find_groups(gather);

	groups_query(&gather->groups, types,
		names_any(gather->options) ? &gather->operands.chosen : NULL, &gather->rows);
	return r;
}

struct query gather_query(const struct gather *gather)
{
	const struct options *options = gather->options;

	return (struct query){
		.types = options->types ? options->types : NS_TYPES_ALL,
		.persistent = options->persistent,
		.kinds = options->kinds,
		.only = gather->operands.refs,
		.nonly = gather->operands.nrefs,
		.has_only = names_any(options),
	};
}

int gather_enrich(struct gather *gather, unsigned needs, struct rows *rows)
{
	return enrich_rows(
		&gather->procfs, &gather->workers, &gather->model, needs, rows, &gather->report);
}

int gather_uses(struct gather *gather, unsigned types)
{
	struct rows rows;
	int r;

	rows_init(&rows);
	uses_unsure(&gather->model, types, &rows);
	r = gather_enrich(gather, NEED_STAT | NEED_STATUS, &rows);
	rows_done(&rows);
	uses_find(&gather->uses, &gather->model, types);
	return r;
}

/* Of a type only the use has to do with relations. It is of all, whatever narrows the query. */
static int select_types(struct gather *gather, const struct query *query)
{
	bool by_user = gather->options->by_user;
	int r = 0;

	if (wanted(gather) & NEED_RELATIONS)
		r = gather_uses(gather, query->types);
	if (by_user)
		uses_query(&gather->uses, query, &gather->rows);
	else
		query_summary(&gather->model, query, &gather->rows);
	uses_put(&gather->uses,
		report_shows_namespaces(&gather->report) && !gather->report.narrowed,
		&gather->rows);
	return r;
}

static int select_rows(struct gather *gather)
{
	struct query query = gather_query(gather);

	if (gather->plan.view == VIEW_CONTAINERS)
		return select_groups(gather);
	if (gather->plan.view == VIEW_SUMMARY)
		return select_types(gather, &query);
	if (gather->plan.view == VIEW_HOLDERS)
		query_holders(&gather->model, &query, &gather->rows);
	else
		query_namespaces(&gather->model, &query, &gather->rows);
	return 0;
}

static int filter_rows(struct gather *gather)
{
	int r;

	if (!gather->filter)
		return 0;
	r = gather_enrich(gather, filter_needs(gather->filter), &gather->rows);
	return r < 0 ? r : filter_apply(gather->filter, &gather->view, &gather->rows);
}

int gather_rows(struct gather *gather)
{
	int r = find_named(gather);

	if (r < 0)
		return r;
	if (wanted(gather) & NEED_BOOT_TIME)
		r = read_boot_time(gather);
	if (r == 0)
		r = select_rows(gather);
	if (r == 0)
		r = filter_rows(gather);
	return r < 0 ? gather_fail(gather, r) : 0;
}
