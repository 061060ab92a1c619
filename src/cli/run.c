// SPDX-License-Identifier: MIT
/*
 * One run, from options to output: rows, metrics, names for completions, or whether rules hold.
 * Each step works on what the step before it has left in struct session.
 */
#include "internal.h"

#include "nsls/enrich.h"

#include <stdlib.h>

/* Prints the rows as one table. */
static void show_rows(struct session *session, struct rows *rows, FILE *out)
{
	const struct plan *plan = &session->plan;
	struct render_options options = plan->render;
	struct view *view = &session->view;
	CLEANUP(cell_done) struct cell cell = { 0 };

	tree_arrange(view->model, plan->tree, rows);
	for (size_t i = 0; plan->optional && !cell.present && i < rows->n; i++)
		column_cell(view, &rows->at[i], plan->optional, &cell);
	options.ncolumns = 0;
	for (size_t i = 0; i < plan->render.ncolumns; i++)
		if (cell.present || options.columns[i] != plan->optional)
			options.columns[options.ncolumns++] = options.columns[i];
	options.format(view, rows, &options, out);
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
	CLEANUP(rows_done) struct rows namespaces = { 0 };
	size_t row = 0;
	int r;

	query_rows(&session->model, &session->query, ROW_NS, &namespaces);
	r = session_enrich(session, plan->needs, &namespaces);
	for (size_t i = 0; r == 0 && i < namespaces.n; i++) {
		const struct ns *ns = namespaces.at[i].ns;
		CLEANUP(rows_done) struct rows part = { 0 };

		for (; row < rows->n && rows->at[row].ns == ns; row++)
			rows_add(&part, &rows->at[row]);
		fputs(i ? "\n" : "", out);
		if (!plan->whole)
			query_merge_mounts(&part);
		header_print(view, ns, out);
		fputs(part.n ? "\n" : "", out);
		if (part.n)
			show_rows(session, &part, out);
		commands_print(view, ns, out);
	}
	return r;
}

static int run_show(struct session *session, FILE *out)
{
	const struct plan *plan = &session->plan;
	CLEANUP(strbuf_done) struct strbuf types = { 0 };
	int r = session_enrich(session, plan->needs, &session->rows);

	if (r == 0 && plan->headers)
		return show_namespaces(session, out);
	if (r == 0 && plan->view == VIEW_SUMMARY) {
		r = refusals_find(&session->procfs, &session->model, session->query.types,
			&session->view.notes, &session->view.nnotes);
		r = r < 0 ? session_fail(session, r) : 0;
	}
	if (r < 0)
		return r;
	if (plan->short_overview)
		group_add_types(query_drop_initial(&session->model, &session->rows), &types);
	show_rows(session, &session->rows, out);
	if (types.len)
		fprintf(out, "Only the initial namespace found: %s\n", types.text);
	return 0;
}

int run_metrics(struct session *session, FILE *out)
{
	const char *path = session->options->metrics_file;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	int r = session_enrich(session, session->plan.needs, &session->rows);

	if (r < 0)
		return r;
	metrics_add(&session->view, &session->rows, session->scan_us, NSLS_VERSION, &text);
	if (path)
		return replace_file(path, text.text, text.len, session->err);
	fputs(text.text, out);
	return 0;
}

/* Counts namespaces in rows of any kind, except for groups, which are counted themselves. */
static size_t count_namespaces(const struct rows *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++) {
		const struct row *row = &rows->at[i];

		if (row->kind == ROW_TYPE)
			n += row->count;
		else
			n += row->kind == ROW_GROUP || !i || rows->at[i - 1].ns != row->ns;
	}
	return n;
}

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/*
 * Prints the output of --complete, which only the completions of shells use: the names of network
 * namespaces and, if all, those of other workloads, one per line. Skips names that have characters
 * special to a shell: others choose these names, and shells expand what a completion offers.
 */
static void complete_print(const struct model *model, bool all, FILE *out)
{
	const char **names = NULL, *name;
	size_t n = 0, size = 0;

	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i]->ref.type == NS_NET ? model->at[i] : NULL;

		for (const struct ns_name *at = ns ? ns->names : NULL; at; at = at->next)
			*array_push(names, n, size) = at->text;
		for (const struct holder *h = ns ? ns->first : NULL; h; h = h->next)
			if (h->kind == HOLDER_MOUNT && (name = ns_name_at(h->mount->path)))
				*array_push(names, n, size) = name;
	}
	for (size_t i = 0; all && i < model->nprocesses; i++) {
		const struct identity *identity = model->processes[i]->identity;

		for (enum workload_kind k = 0; identity && k < WORKLOAD_KIND_COUNT; k++) {
			name = workload_text(k, identity);
			if (name)
				*array_push(names, n, size) = name;
		}
		if (identity && (identity->pod_name || identity->given))
			*array_push(names, n, size) =
				identity->pod_name ? identity->pod_name : identity->given;
	}
	if (n)
		qsort(names, n, sizeof(*names), name_compare);
	for (size_t i = 0; i < n; i++)
		if (shell_is_plain(names[i]) && (!i || strcmp(names[i], names[i - 1]) != 0))
			fprintf(out, "%.*s\n", identity_short(names[i]), names[i]);
	free(names);
}

/* --check, and --warning and --critical as a monitoring plugin. */

static enum status check_print(struct session *session, const struct finding *findings, FILE *out)
{
	const struct options *options = session->options;
	enum plugin_state state = plugin_evaluate(findings, options->nrules);
	bool incomplete = options->strict && !report_is_complete(&session->report);
	enum status status = state == PLUGIN_WARNING                 ? STATUS_NO
			     : state == PLUGIN_UNKNOWN || incomplete ? STATUS_INCOMPLETE
								     : STATUS_DONE;

	if (options->quiet)
		return status;
	if (options->json)
		check_print_json(&session->view, findings, options->nrules, out);
	/* Broken rules are the output, unknown ones a warning. */
	for (enum verdict v = VERDICT_BROKEN; v > VERDICT_HOLDS; v--)
		for (size_t i = 0; i < options->nrules; i++) {
			CLEANUP(strbuf_done) struct strbuf text = { 0 }, line = { 0 };

			if (findings[i].verdict != v ||
				(v == VERDICT_BROKEN ? options->json : options->no_warnings))
				continue;
			check_add_finding(&session->view, &findings[i], &text);
			text_escape(&line, text.text, text.len, text_terminal());
			if (v == VERDICT_BROKEN)
				fprintf(out, "%s\n", line.text);
			else
				message_print(session->err, "%s", text.text);
		}
	/* No warning if all rules hold: what is missing could not break them. */
	if (!options->no_warnings && (status != STATUS_DONE || options->strict))
		warn_incomplete(&session->report, options->strict, session->err);
	return status;
}

static enum status check_print_plugin(struct session *session, const struct evidence *evidence,
	const struct finding *findings, FILE *out)
{
	const struct options *options = session->options;
	enum plugin_state state = plugin_evaluate(findings, options->nrules);
	bool complete = report_is_complete(&session->report);
	CLEANUP(strbuf_done) struct strbuf message = { 0 }, data = { 0 };

	if (state == PLUGIN_OK && options->strict && !complete)
		state = PLUGIN_UNKNOWN;
	plugin_add_message(&session->view, findings, options->nrules, &message);
	/* What is missing may have changed any other state. */
	if (state != PLUGIN_OK && !complete) {
		strbuf_adds(&message, "; incomplete: ");
		warn_add_reasons(&session->report, &message);
	}
	plugin_add_data(evidence, options->rules, options->nrules, &data);
	plugin_print(state, strbuf_text(&message), strbuf_text(&data), out);
	return (enum status)(STATUS_PLUGIN + state);
}

static enum status run_check(struct session *session, FILE *out)
{
	const struct options *options = session->options;
	unsigned percent_types = session->plan.percent_types;
	struct finding *findings = memory_alloc(options->nrules, sizeof(*findings));
	enum status status = STATUS_ERROR;
	struct evidence evidence = {
		.model = &session->model,
		.rows = &session->rows,
		.report = &session->report,
		.types = session->query.types,
		.persistent = session->query.persistent,
		.filtered = options->filter,
		.usages = &session->usages,
	};
	int r = 0;

	/* Limits are for percentages, and for the performance data of a plugin. */
	for (enum nstype t = 0; r == 0 && t < NS_TYPE_COUNT; t++) {
		if (!(evidence.types & 1u << t) || (!percent_types && !options->plugin))
			continue;
		r = proctext_read_limit(&session->procfs, t, &evidence.limits[t]);
		evidence.limited |= r == 0 ? 1u << t : 0;
		r = error_is_fatal(r) ? session_fail(session, r) : 0;
	}
	if (r == 0 && percent_types)
		r = session_usages(session, percent_types);
	for (size_t i = 0; r == 0 && i < options->nrules; i++) {
		CLEANUP(rows_done) struct rows candidates = { 0 };

		rule_evaluate(&evidence, &options->rules[i], &findings[i]);
		/* Names are read only for namespaces that may be printed as the offender. */
		if (!options->quiet)
			finding_candidates(&evidence, &findings[i], &candidates);
		if (candidates.n)
			r = session_enrich(session, CHECK_NEEDS, &candidates);
		finding_offender(&candidates, session->model.our_mnt, &findings[i]);
	}
	if (r == 0 && options->plugin)
		status = check_print_plugin(session, &evidence, findings, out);
	else if (r == 0)
		status = check_print(session, findings, out);
	free(findings);
	return status;
}

/* All runs. */

static enum status run_status(const struct session *session)
{
	const struct options *options = session->options;
	const struct report *report = &session->report;
	const struct view *view = &session->view;
	const char *note = strbuf_text(&view->notes);
	CLEANUP(strbuf_done) struct strbuf missing = { 0 };

	if (!options->quiet && !options->no_warnings) {
		/* An empty table has no other line that reports this. It may lack privileges. */
		if (session->plan.view == VIEW_CONTAINERS && !session->rows.n && !options->count &&
			!options->json && report_missing_capabilities(report, &missing))
			message_print(session->err, "no containers that you may see%s",
				report->in_userns ? " from this user namespace" : "");
		warn_incomplete(report, options->strict, session->err);
		/* JSON has them already. */
		for (size_t i = 0; !options->json && i < view->nnotes; i++) {
			message_print(session->err, "note: %s", note);
			note = cell_next_item(note);
		}
	}
	if (options->strict && !report_is_complete(report))
		return STATUS_INCOMPLETE;
	return options->quiet && !count_namespaces(&session->rows) ? STATUS_NO : STATUS_DONE;
}

static enum status run_once(struct session *session, FILE *out)
{
	const struct options *options = session->options;
	int r = session_scan(session);

	if (r == 0 && options->complete_of)
		r = session_enrich(session, NEED_IDENTITY | NEED_GIVEN_NAMES, NULL);
	else if (r == 0 && !options->complete)
		r = session_rows(session);
	if (r < 0)
		return STATUS_ERROR;
	if (options->nrules && !options->complete)
		return run_check(session, out);
	if (options->complete)
		complete_print(&session->model, options->complete_of, out);
	else if (options->metrics)
		r = run_metrics(session, out);
	else if (options->count)
		fprintf(out, "%zu\n", count_namespaces(&session->rows));
	else if (!options->quiet)
		r = run_show(session, out);
	return r < 0 ? STATUS_ERROR : run_status(session);
}

/* In one line, without the program's name, and without quotes, which had to be escaped. */
static void plugin_print_error(const char *messages, FILE *out)
{
	size_t prefix = strlen(MESSAGE_PREFIX);
	CLEANUP(strbuf_done) struct strbuf line = { 0 };

	while (*messages) {
		strbuf_adds(&line, line.len ? "; " : "");
		if (!strncmp(messages, MESSAGE_PREFIX, prefix))
			messages += prefix;
		for (; *messages && *messages != '\n'; messages++)
			strbuf_add(&line, messages, *messages != '\'');
		messages += *messages == '\n';
	}
	plugin_print(PLUGIN_UNKNOWN, strbuf_text(&line), "", out);
}

int run(int argc, char **argv, bool plugin, bool terminal, FILE *out, FILE *err, bool *ret_busy)
{
	enum status status = STATUS_ERROR;
	struct options options;
	char *messages = NULL;
	size_t len;
	int r;

	*ret_busy = false;
	/* A monitoring system reads errors on standard output. */
	if (plugin)
		err = memory_check(open_memstream(&messages, &len));
	r = options_parse(argc, argv, err, &options);
	if (r == 0 && options.action) {
		options.action(&options, out);
		options_done(&options);
		/* By the guidelines, --help and --version of a plugin exit with UNKNOWN. */
		status = plugin ? STATUS_INCOMPLETE : STATUS_DONE;
	} else if (r == 0) {
		struct session *session = memory_alloc(1, sizeof(*session));

		if (session_init(session, &options, terminal) == 0)
			status = (options.monitor_ms ? monitor_run : run_once)(session, out);
		*ret_busy = pool_count_abandoned(&session->pool);
		if (!*ret_busy) {
			session_done(session);
			free(session);
			options_done(&options);
		}
	}
	if (!plugin)
		return (int)status;
	memory_close(err, &messages);
	if (status == STATUS_ERROR)
		plugin_print_error(messages, out);
	free(messages);
	if (status >= STATUS_PLUGIN)
		return (int)(status - STATUS_PLUGIN);
	return status == STATUS_DONE ? 0 : PLUGIN_UNKNOWN;
}
