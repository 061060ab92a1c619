// SPDX-License-Identifier: MIT
/*
 * The phases in order: plan, targets, scan, query, enrich, render. Each works on what the one
 * before it left in struct run; none goes back.
 */
#include "run.h"

#include "complain.h"

#include "nsls/enrich.h"
#include "nsls/fatal.h"
#include "nsls/filter.h"
#include "nsls/plan.h"
#include "nsls/proctext.h"
#include "nsls/report.h"
#include "nsls/scan.h"
#include "nsls/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct run {
	const struct options *options;
	FILE *out, *err;
	struct plan plan;
	struct nsfs_kernel kernel;
	struct procfs procfs;
	struct target *targets; /* of the operands */
	struct ns_ref *refs;    /* namespaces that operands or --task name */
	size_t nrefs;
	struct filter *filter;
	struct model model;
	struct scan_report report;
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
	run->view.labels = run->plan.labels;
	r = proctext_read_boot_time(&run->procfs, &run->view.boot_time);
	if (r < 0)
		run->view.boot_time = 0;
	return is_fatal(r) ? fail(run, run->options->procfs, r) : 0;
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

static int parse_operand(struct run *run, size_t i)
{
	const char *text = run->options->namespaces[i];
	int r = target_parse(&run->kernel.nsfs, text, &run->targets[i]);

	if (r == -ENOTTY)
		complain(run->err,
			"%s: not a namespace; pass an inode number, type:[inode] or the path of "
			"a namespace file",
			text);
	else if (r == -ENOENT && !strchr(text, '/'))
		complain(run->err,
			"no namespace '%s'; pass an inode number, type:[inode] or a path", text);
	else if (r < 0)
		fail(run, text, r);
	return r;
}

static int parse_operands(struct run *run)
{
	size_t n = run->options->nnamespaces;
	int r = 0;

	run->targets = calloc(n + 1, sizeof(*run->targets));
	run->refs = calloc(n + NS_TYPE_COUNT, sizeof(*run->refs));
	if (!run->targets || !run->refs)
		return fail_memory(run, -ENOMEM);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = parse_operand(run, i);
	return r;
}

static int find_task(struct run *run)
{
	pid_t pid = run->options->task;
	int n = pid ? target_of_task(&run->procfs, pid, run->refs) : 0;

	if (n == -ESRCH)
		complain(run->err, "no process %d in %s", pid, run->options->procfs);
	else if (n < 0)
		complain(run->err, "could not read the namespaces of process %d: %s", pid,
			strerror(-n));
	else
		run->nrefs = (size_t)n;
	return n < 0 ? n : 0;
}

static int find_operands(struct run *run)
{
	int r = 0;

	for (size_t i = 0; i < run->options->nnamespaces; i++)
		if (target_find(&run->model, &run->targets[i], &run->refs[run->nrefs++]) < 0) {
			complain(run->err, "no namespace %s", run->options->namespaces[i]);
			r = -ENOENT;
		}
	return r;
}

static int scan_system(struct run *run)
{
	struct scan_options options = {
		.sources = run->options->sources,
		.netnsid = run->plan.needs & NEED_NETNSID ||
			   (run->filter && filter_needs(run->filter) & NEED_NETNSID),
	};
	int r = scan_run(&run->procfs, &run->kernel.nsfs, &options, &run->model, &run->report);

	if (r == -ENODATA)
		complain(run->err, "%s: no processes found; is this a procfs?",
			run->options->procfs);
	else if (r < 0)
		fail(run, run->options->procfs, r);
	return r;
}

static int select_rows(struct run *run)
{
	const struct options *options = run->options;
	struct query query = {
		.types = options->types ? options->types : (1u << NS_TYPE_COUNT) - 1,
		.persistent = options->persistent,
		.only = run->refs,
		.nonly = run->nrefs,
		.has_only = options->nnamespaces || options->task,
	};

	if (run->plan.view == VIEW_SUMMARY)
		return query_summary(&run->model, &query, &run->rows);
	if (run->plan.view == VIEW_HOLDERS)
		return query_holders(&run->model, &query, &run->rows);
	return query_namespaces(&run->model, &query, &run->rows);
}

static int filter_rows(struct run *run)
{
	int r;

	if (!run->filter)
		return 0;
	r = enrich_rows(&run->procfs, &run->model, filter_needs(run->filter), &run->rows);
	return r < 0 ? r : filter_apply(run->filter, &run->view, &run->rows);
}

static int show(struct run *run)
{
	int r = enrich_rows(&run->procfs, &run->model, run->plan.needs, &run->rows);

	if (r == 0)
		r = tree_arrange(&run->model, run->plan.tree, &run->rows);
	if (r == 0)
		r = render_rows(&run->view, &run->rows, &run->plan.render, run->out);
	return r;
}

/* Namespaces, of whichever kind the rows are. */
static size_t count_namespaces(const struct rows *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++) {
		const struct row *row = &rows->at[i];

		if (row->kind == ROW_TYPE)
			n += row->count;
		else
			n += !i || rows->at[i - 1].ns != row->ns;
	}
	return n;
}

static int answer(struct run *run)
{
	int r = select_rows(run);

	if (r == 0)
		r = filter_rows(run);
	if (r == 0 && run->options->count)
		fprintf(run->out, "%zu\n", count_namespaces(&run->rows));
	else if (r == 0 && !run->options->quiet)
		r = show(run);
	return r < 0 ? fail_memory(run, r) : 0;
}

static int work(struct run *run, bool terminal)
{
	static int (*const phases[])(struct run *) = { open_procfs, parse_filter, parse_operands,
		find_task, scan_system, find_operands, answer };
	int r = plan_make(run->options, terminal, run->err, &run->plan);

	for (size_t i = 0; r == 0 && i < sizeof(phases) / sizeof(*phases); i++)
		r = phases[i](run);
	return r;
}

static enum status judge(const struct run *run)
{
	const struct options *options = run->options;

	if (!options->quiet)
		report_print(&run->report, options->strict, run->err);
	if (options->strict && report_is_incomplete(&run->report))
		return STATUS_INCOMPLETE;
	return options->quiet && !count_namespaces(&run->rows) ? STATUS_NO : STATUS_DONE;
}

enum status run(const struct options *options, bool terminal, FILE *out, FILE *err)
{
	struct run run = { .options = options, .out = out, .err = err, .procfs.fd = -1 };
	enum status status;

	nsfs_kernel_init(&run.kernel);
	model_init(&run.model);
	rows_init(&run.rows);
	view_init(&run.view, &run.model, options->procfs);
	status = work(&run, terminal) < 0 ? STATUS_ERROR : judge(&run);
	view_done(&run.view);
	rows_done(&run.rows);
	model_done(&run.model);
	filter_free(run.filter);
	free(run.refs);
	free(run.targets);
	procfs_close(&run.procfs);
	return status;
}
