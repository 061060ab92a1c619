// SPDX-License-Identifier: MIT
/* --check, and --warning and --critical as a monitoring plugin. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* Joins the messages, without the program's name and quotes, which had to be escaped. */
void plugin_print_error(const char *messages, FILE *out)
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

static int read_limits(
	struct session *session, const struct query *query, struct evidence *evidence)
{
	CLEANUP(rows_done) struct rows rows = { 0 };
	int r;

	query_summary(&session->model, query, &rows);
	r = session_enrich(session, NEED_LIMITS, &rows);
	for (size_t i = 0; i < rows.n; i++) {
		evidence->limited |= rows.at[i].has_limit ? 1u << rows.at[i].type : 0;
		evidence->limits[rows.at[i].type] = rows.at[i].limit;
	}
	return r;
}

static int collect_evidence(struct session *session, struct evidence *ret_evidence)
{
	const struct options *options = session->options;
	struct query query = session_query(session);
	unsigned types = rules_types(options, query.types, true);
	int r = 0;

	*ret_evidence = (struct evidence){
		.model = &session->model,
		.rows = &session->rows,
		.report = &session->report,
		.types = query.types,
		.persistent = query.persistent,
		.filtered = options->filter,
		.usages = &session->usages,
	};
	if (types || options->plugin) /* which prints limits as performance data */
		r = read_limits(session, &query, ret_evidence);
	return r == 0 && types ? session_usages(session, types) : r;
}

static int evaluate_rules(
	struct session *session, const struct evidence *evidence, struct finding *ret_findings)
{
	for (size_t i = 0; i < session->options->nrules; i++) {
		CLEANUP(rows_done) struct rows candidates = { 0 };
		int r = 0;

		rule_evaluate(evidence, &session->options->rules[i], &ret_findings[i]);
		if (session->options->quiet)
			continue;
		/* Names are read for the offender only, because no others are printed. */
		verdict_candidates(evidence, &ret_findings[i], &candidates);
		if (candidates.n)
			r = session_enrich(session, CHECK_NEEDS, &candidates);
		if (r < 0)
			return r;
		verdict_offender(&candidates, session->model.our_mnt, &ret_findings[i]);
	}
	return 0;
}

static void check_warn(struct session *session, const struct finding *findings, enum status status)
{
	bool strict = session->options->strict;

	for (size_t i = 0; i < session->options->nrules; i++) {
		CLEANUP(strbuf_done) struct strbuf text = { 0 };

		if (findings[i].verdict != VERDICT_UNKNOWN)
			continue;
		check_add_finding(&session->view, &findings[i], &text);
		message_print(session->err, "%s", strbuf_text(&text));
	}
	/* No warning if all rules hold: what is missing could not break them. */
	if (status != STATUS_DONE || strict)
		warn_incomplete(&session->report, strict, session->err);
}

static enum status check_print(struct session *session, const struct finding *findings, FILE *out)
{
	const struct options *options = session->options;
	enum verdict worst = findings_worst(findings, options->nrules);
	enum status status = STATUS_DONE;

	if (options->json && !options->quiet)
		check_print_json(&session->view, findings, options->nrules, out);
	else if (!options->quiet)
		check_print_broken(&session->view, findings, options->nrules, text_terminal(), out);
	if (worst == VERDICT_BROKEN)
		status = STATUS_NO;
	else if (worst == VERDICT_UNKNOWN ||
		 (options->strict && !report_is_complete(&session->report)))
		status = STATUS_INCOMPLETE;
	if (!options->quiet && !options->no_warnings)
		check_warn(session, findings, status);
	return status;
}

static enum status check_print_plugin(struct session *session, const struct evidence *evidence,
	const struct finding *findings, FILE *out)
{
	const struct options *options = session->options;
	enum plugin_state state = plugin_evaluate(findings, options->nrules);
	CLEANUP(strbuf_done) struct strbuf message = { 0 }, data = { 0 };

	if (state == PLUGIN_OK && options->strict && !report_is_complete(&session->report))
		state = PLUGIN_UNKNOWN;
	plugin_add_message(&session->view, findings, options->nrules, &message);
	/* What is missing may have changed any other state. */
	if (state != PLUGIN_OK && !report_is_complete(&session->report)) {
		strbuf_adds(&message, "; incomplete: ");
		warn_add_reasons(&session->report, &message);
	}
	plugin_add_data(evidence, options->rules, options->nrules, &data);
	plugin_print(state, strbuf_text(&message), strbuf_text(&data), out);
	return (enum status)(STATUS_PLUGIN + state);
}

int check_run(struct session *session, FILE *out, enum status *ret_status)
{
	struct finding *findings = memory_alloc(session->options->nrules, sizeof(*findings));
	struct evidence evidence;
	int r = collect_evidence(session, &evidence);

	if (r == 0)
		r = evaluate_rules(session, &evidence, findings);
	if (r == 0)
		*ret_status = session->options->plugin
				      ? check_print_plugin(session, &evidence, findings, out)
				      : check_print(session, findings, out);
	free(findings);
	return r < 0 ? session_fail(session, r) : 0;
}
