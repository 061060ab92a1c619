// SPDX-License-Identifier: MIT
/*
 * One run, from options to output. Each step works on what the step before it has left in struct
 * session.
 */
#include "internal.h"

#include "nsls/enrich.h"

#include <stdlib.h>
#include <string.h>

/* Returns whether any row has a value in the column. */
static bool column_has_value(
	struct view *view, const struct rows *rows, const struct column *column)
{
	CLEANUP(cell_done) struct cell cell = { 0 };

	for (size_t i = 0; !cell.present && i < rows->n; i++)
		column_cell(view, &rows->at[i], column, &cell);
	return cell.present;
}

/* Prints the rows as one table. */
static void show_rows(
	struct view *view, const struct rows *rows, const struct plan *plan, FILE *out)
{
	struct render_options options = plan->render;
	bool has = !plan->optional || column_has_value(view, rows, plan->optional);

	options.ncolumns = 0;
	for (size_t i = 0; i < plan->render.ncolumns; i++)
		if (has || options.columns[i] != plan->optional)
			options.columns[options.ncolumns++] = options.columns[i];
	render_rows(view, rows, &options, out);
}

/*
 * Prints a header for each namespace, and below it a table of its rows and the commands. The rows
 * are in the order of the namespaces.
 */
static int show_namespaces(struct session *session, FILE *out)
{
	const struct plan *plan = &session->plan;
	struct view *view = &session->view;
	const struct rows *rows = &session->rows;
	struct query query = session_query(session);
	CLEANUP(rows_done) struct rows namespaces = { 0 };
	size_t row = 0;
	int r;

	query_namespaces(&session->model, &query, &namespaces);
	r = session_enrich(session, plan->needs, &namespaces);
	for (size_t i = 0; r == 0 && i < namespaces.n; i++) {
		const struct ns *ns = namespaces.at[i].ns;
		CLEANUP(rows_done) struct rows part = { 0 };

		for (; row < rows->n && rows->at[row].ns == ns; row++)
			rows_add(&part, &rows->at[row]);
		fputs(i ? "\n" : "", out);
		if (!plan->whole)
			query_merge_mounts(&part);
		tree_arrange(view->model, plan->tree, &part);
		header_print(view, ns, out);
		fputs(part.n ? "\n" : "", out);
		if (part.n)
			show_rows(view, &part, plan, out);
		commands_print(view, ns, out);
	}
	return r;
}

static int run_show(struct session *session, FILE *out)
{
	const struct plan *plan = &session->plan;
	unsigned types = 0;
	int r = session_enrich(session, plan->needs, &session->rows);

	if (r == 0 && plan->view == VIEW_SUMMARY)
		r = refusals_find(&session->procfs, &session->model, session_query(session).types,
			&session->view.notes, &session->view.nnotes);
	if (r < 0)
		return r;
	if (plan->headers)
		return show_namespaces(session, out);
	if (plan->short_overview)
		types = query_drop_initial(&session->model, &session->rows);
	tree_arrange(&session->model, plan->tree, &session->rows);
	show_rows(&session->view, &session->rows, plan, out);
	initial_print(types, out);
	return 0;
}

int run_metrics(struct session *session, FILE *out)
{
	const struct metrics metrics = {
		.model = &session->model,
		.rows = &session->rows,
		.report = &session->report,
		.scan_us = session->scan_us,
		.version = NSLS_VERSION,
	};
	const char *path = session->options->metrics_file;
	int r = session_enrich(session, session->plan.needs, &session->rows);
	FILE *memory;
	char *text;
	size_t len;

	if (r < 0)
		return session_fail(session, r);
	if (!path) {
		metrics_print(&metrics, out);
		return 0;
	}
	memory = memory_check(open_memstream(&text, &len));
	metrics_print(&metrics, memory);
	memory_close(memory, &text);
	r = replace_file(path, text, len, session->err);
	free(text);
	return r;
}

/* Counts namespaces in rows of any kind, except for groups, which are counted themselves. */
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

static int run_print(struct session *session, FILE *out)
{
	const struct options *options = session->options;
	int r = 0;

	if (options->metrics)
		return run_metrics(session, out);
	if (options->count)
		fprintf(out, "%zu\n", count_namespaces(&session->rows));
	else if (!options->quiet)
		r = run_show(session, out);
	return r < 0 ? session_fail(session, r) : 0;
}

/* An empty table has no other line that says so, and without privileges it is no answer. */
static void run_note_hidden_containers(const struct session *session)
{
	const struct report *report = &session->report;
	CLEANUP(strbuf_done) struct strbuf missing = { 0 };

	if (session->plan.view != VIEW_CONTAINERS || session->rows.n || session->options->count ||
		session->options->json)
		return;
	if (report_missing_capabilities(report, &missing))
		message_print(session->err, "no containers that you may see%s",
			report->in_userns ? " from this user namespace" : "");
}

static enum status run_status(const struct session *session)
{
	const struct options *options = session->options;
	const struct view *view = &session->view;
	const char *note = strbuf_text(&view->notes);

	if (!options->quiet && !options->no_warnings) {
		run_note_hidden_containers(session);
		warn_incomplete(&session->report, options->strict, session->err);
		/* JSON has them already. */
		for (size_t i = 0; !options->json && i < view->nnotes; i++) {
			message_print(session->err, "note: %s", note);
			note = cell_next_item(note);
		}
	}
	if (options->strict && !report_is_complete(&session->report))
		return STATUS_INCOMPLETE;
	return options->quiet && !count_namespaces(&session->rows) ? STATUS_NO : STATUS_DONE;
}

/* Characters that are not special to any shell, except for '-' at the start. */
#define PLAIN                                                                                      \
	"abcdefghijklmnopqrstuvwxyz"                                                               \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"                                                               \
	"0123456789@:._-/"

struct names {
	const char **at;
	size_t n, size;
};

static void names_add(struct names *names, const char *name)
{
	if (name && *name && *name != '-' && !name[strspn(name, PLAIN)])
		*array_push(names->at, names->n, names->size) = name;
}

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/*
 * Prints the output of --complete, which only the completions of shells use: the names of network
 * namespaces and, with COMPLETE_OF, all other names that --of takes, one per line. Skips names that
 * have characters special to a shell: others choose these names, and shells expand what a
 * completion offers.
 */
static void complete_print(const struct model *model, enum complete what, FILE *out)
{
	struct names names = { 0 };
	const char *name;

	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i]->ref.type == NS_NET ? model->at[i] : NULL;

		for (const struct ns_name *n = ns ? ns->names : NULL; n; n = n->next)
			names_add(&names, n->text);
		for (const struct holder *h = ns ? ns->first : NULL; h; h = h->next)
			if (h->kind == HOLDER_MOUNT && ns_is_named_at(h->mount->path, &name))
				names_add(&names, name);
	}
	for (size_t i = 0; what == COMPLETE_OF && i < model->nprocesses; i++) {
		const struct identity *identity = model->processes[i]->identity;

		for (enum workload_kind k = 0; identity && k < WORKLOAD_KIND_COUNT; k++)
			names_add(&names, workload_text(k, identity));
		if (identity)
			names_add(
				&names, identity->pod_name ? identity->pod_name : identity->given);
	}
	if (names.n)
		qsort(names.at, names.n, sizeof(const char *), name_compare);
	for (size_t i = 0; i < names.n; i++)
		if (!i || strcmp(names.at[i], names.at[i - 1]) != 0)
			fprintf(out, "%.*s\n", identity_short(names.at[i]), names.at[i]);
	free(names.at);
}

static int run_monitor(struct session *session, FILE *out, enum status *ret_status)
{
	struct monitor monitor = { .session = session };
	int r = monitor_run(&monitor, out);

	*ret_status =
		session->options->strict && monitor.incomplete ? STATUS_INCOMPLETE : STATUS_DONE;
	monitor_done(&monitor);
	return r;
}

static int run_once(struct session *session, FILE *out, enum status *ret_status)
{
	const struct options *options = session->options;
	int r = session_scan(session);

	if (r == 0 && options->complete == COMPLETE_OF)
		r = session_read_identities(session);
	else if (r == 0 && !options->complete)
		r = session_rows(session);
	if (r < 0)
		return r;
	if (options->complete)
		complete_print(&session->model, options->complete, out);
	else if (options->nrules)
		return check_run(session, out, ret_status);
	else
		r = run_print(session, out);
	if (r == 0)
		*ret_status = run_status(session);
	return r;
}

enum status run(const struct options *options, bool terminal, FILE *out, bool *ret_busy)
{
	struct session *session = memory_alloc(1, sizeof(*session));
	enum status status = STATUS_ERROR;
	int r = session_init(session, options, terminal);

	if (r == 0)
		r = (options->monitor_ms ? run_monitor : run_once)(session, out, &status);
	if (r < 0)
		status = STATUS_ERROR;
	*ret_busy = pool_has_abandoned(&session->pool);
	if (!*ret_busy) {
		session_done(session);
		free(session);
	}
	return status;
}

int run_exit_status(bool plugin, enum status status)
{
	if (status >= STATUS_PLUGIN)
		return (int)(status - STATUS_PLUGIN);
	return plugin && status != STATUS_DONE ? PLUGIN_UNKNOWN : (int)status;
}
