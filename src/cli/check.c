// SPDX-License-Identifier: MIT
/* --check, and --warning and --critical as a monitoring plugin. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* Joins messages to one line, without the program's name and quotes, which had to be escaped. */
static void messages_join(const char *messages, struct strbuf *out)
{
	while (*messages) {
		size_t prefix = strlen(MESSAGE_PREFIX);

		strbuf_adds(out, out->len ? "; " : "");
		if (!strncmp(messages, MESSAGE_PREFIX, prefix))
			messages += prefix;
		for (; *messages && *messages != '\n'; messages++)
			strbuf_add(out, messages, *messages != '\'');
		messages += *messages == '\n';
	}
}

void plugin_print_error(const char *messages, FILE *out)
{
	CLEANUP(strbuf_done) struct strbuf message = { 0 };

	messages_join(messages, &message);
	plugin_print(PLUGIN_UNKNOWN, strbuf_text(&message), "", out);
}

struct check {
	struct session *session;
	const struct options *options;
	struct evidence evidence;
	struct finding *findings; /* one per rule */
	size_t n;
};

/* Returns the types that percentages are about. */
static unsigned check_percent_types(const struct check *check)
{
	unsigned types = 0;

	for (size_t i = 0; i < check->n; i++) {
		const struct rule *rule = &check->options->rules[i];

		if (rule->percent)
			types |= rule->scope == RULE_OF_TYPE ? 1u << rule->type
							     : check->evidence.types;
	}
	return types;
}

static int check_read_limits(struct check *check, const struct query *query)
{
	struct evidence *evidence = &check->evidence;
	CLEANUP(rows_done) struct rows rows = { 0 };
	int r;

	query_summary(evidence->model, query, &rows);
	r = session_enrich(check->session, NEED_LIMITS, &rows);
	for (size_t i = 0; i < rows.n; i++) {
		evidence->limited |= rows.at[i].has_limit ? 1u << rows.at[i].type : 0;
		evidence->limits[rows.at[i].type] = rows.at[i].limit;
	}
	return r;
}

static int check_collect(struct check *check)
{
	struct session *session = check->session;
	struct query query = session_query(session);
	unsigned types;
	int r = 0;

	check->evidence = (struct evidence){
		.model = &session->model,
		.rows = &session->rows,
		.report = &session->report,
		.types = query.types,
		.persistent = query.persistent,
		.filtered = check->options->filter,
		.usages = &session->usages,
	};
	types = check_percent_types(check);
	if (types || check->options->plugin) /* which prints limits as performance data */
		r = check_read_limits(check, &query);
	return r == 0 && types ? session_usages(session, types) : r;
}

/* Reads names for the offender only, because no others are printed. */
static int check_find_offender(struct check *check, struct finding *finding)
{
	CLEANUP(rows_done) struct rows candidates = { 0 };
	int r = 0;

	verdict_candidates(&check->evidence, finding, &candidates);
	if (candidates.n)
		r = session_enrich(check->session, CHECK_NEEDS, &candidates);
	if (r == 0)
		verdict_offender(&candidates, check->session->model.our_mnt, finding);
	return r;
}

static int check_evaluate(struct check *check)
{
	int r = 0;

	check->findings = memory_alloc(check->n, sizeof(*check->findings));
	for (size_t i = 0; r == 0 && i < check->n; i++) {
		rule_evaluate(&check->evidence, &check->options->rules[i], &check->findings[i]);
		if (!check->options->quiet)
			r = check_find_offender(check, &check->findings[i]);
	}
	return r;
}

static bool check_is_incomplete(const struct check *check)
{
	return !report_is_complete(&check->session->report);
}

static enum status check_status(const struct check *check)
{
	enum verdict worst = findings_worst(check->findings, check->n);

	if (worst == VERDICT_BROKEN)
		return STATUS_NO;
	return worst == VERDICT_UNKNOWN || (check->options->strict && check_is_incomplete(check))
		       ? STATUS_INCOMPLETE
		       : STATUS_DONE;
}

static void check_warn(const struct check *check, enum status status)
{
	const struct session *session = check->session;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	for (size_t i = 0; i < check->n; i++) {
		if (check->findings[i].verdict != VERDICT_UNKNOWN)
			continue;
		strbuf_reset(&text);
		check_add_unknown(&check->session->view, &check->findings[i], &text);
		message_print(session->err, "%s", strbuf_text(&text));
	}
	/* No warning if all rules hold: what is missing could not break them. */
	if (status != STATUS_DONE || check->options->strict)
		warn_incomplete(&session->report, check->options->strict, session->err);
}

static enum status check_print(struct check *check, FILE *out)
{
	const struct options *options = check->options;
	struct view *view = &check->session->view;
	enum status status;

	if (options->json && !options->quiet)
		check_print_json(view, check->findings, check->n, out);
	else if (!options->quiet)
		check_print_broken(view, check->findings, check->n, text_terminal(), out);
	status = check_status(check);
	if (!options->quiet && !options->no_warnings)
		check_warn(check, status);
	return status;
}

/* Appends what is missing, if it may have changed the state. */
static void check_add_reasons(
	const struct check *check, enum plugin_state state, struct strbuf *message)
{
	if (!check_is_incomplete(check) || state == PLUGIN_OK)
		return;
	strbuf_adds(message, "; incomplete: ");
	warn_add_reasons(&check->session->report, message);
}

static enum status check_print_plugin(struct check *check, FILE *out)
{
	enum plugin_state state = plugin_evaluate(check->findings, check->n);
	CLEANUP(strbuf_done) struct strbuf message = { 0 }, data = { 0 };

	if (state == PLUGIN_OK && check->options->strict && check_is_incomplete(check))
		state = PLUGIN_UNKNOWN;
	plugin_add_message(&check->session->view, check->findings, check->n, &message);
	check_add_reasons(check, state, &message);
	plugin_add_data(&check->evidence, check->options->rules, check->n, &data);
	plugin_print(state, strbuf_text(&message), strbuf_text(&data), out);
	return (enum status)(STATUS_PLUGIN + state);
}

int check_run(struct session *session, FILE *out, enum status *ret_status)
{
	struct check check = {
		.session = session, .options = session->options, .n = session->options->nrules
	};
	int r = check_collect(&check);

	if (r == 0)
		r = check_evaluate(&check);
	if (r == 0)
		*ret_status = check.options->plugin ? check_print_plugin(&check, out)
						    : check_print(&check, out);
	free(check.findings);
	return r < 0 ? session_fail(session, r) : 0;
}
