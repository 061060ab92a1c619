// SPDX-License-Identifier: MIT
/* --check, and --warning and --critical as a monitoring plugin. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* Leaves out quotes, which would have to be escaped. */
static void message_add_unquoted(const char *text, size_t len, struct strbuf *out)
{
	for (size_t i = 0; i < len; i++)
		strbuf_add(out, text + i, text[i] != '\'');
}

/* Joins messages to one line, each without the program's name. */
static void messages_join(const char *messages, struct strbuf *out)
{
	while (*messages) {
		size_t len = strcspn(messages, "\n"), skipped = strlen(MESSAGE_PREFIX);

		if (strncmp(messages, MESSAGE_PREFIX, skipped) != 0)
			skipped = 0;
		strbuf_adds(out, out->len ? "; " : "");
		message_add_unquoted(messages + skipped, len - skipped, out);
		messages += len + (messages[len] == '\n');
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

/* Returns the types of rules with a percentage and, if counts is true, of those that count all. */
static unsigned check_types(const struct check *check, bool counts)
{
	unsigned types = 0;

	for (size_t i = 0; i < check->n; i++) {
		const struct rule *rule = &check->options->rules[i];

		if (rule->percent || (counts && rule->subject == RULE_COUNT))
			types |= rule->scope == RULE_OF_TYPE ? 1u << rule->type
							     : check->evidence.types;
	}
	return types;
}

static int check_read_limits(struct check *check)
{
	unsigned types = check_types(check, check->options->plugin); /* for performance data */
	CLEANUP(rows_done) struct rows rows = { 0 };
	int r = 0;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		struct row row = { .kind = ROW_TYPE, .type = t };

		if (types & 1u << t)
			rows_add(&rows, &row);
	}
	if (rows.n)
		r = session_enrich(check->session, NEED_LIMITS, &rows);
	for (size_t i = 0; r == 0 && i < rows.n; i++)
		if (rows.at[i].has_limit) {
			check->evidence.limited |= 1u << rows.at[i].type;
			check->evidence.limits[rows.at[i].type] = rows.at[i].limit;
		}
	return r;
}

static int check_collect(struct check *check)
{
	struct session *session = check->session;
	struct query query = session_query(session);
	unsigned types;
	int r;

	check->evidence = (struct evidence){
		.model = &session->model,
		.rows = &session->rows,
		.report = &session->report,
		.types = query.types,
		.persistent = query.persistent,
		.filtered = check->options->filter,
		.usages = &check->session->usages,
	};
	types = check_types(check, false);
	r = check_read_limits(check);
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

static bool check_has(const struct check *check, enum verdict verdict)
{
	for (size_t i = 0; i < check->n; i++)
		if (check->findings[i].verdict == verdict)
			return true;
	return false;
}

static bool check_is_incomplete(const struct check *check)
{
	return !report_is_complete(&check->session->report);
}

static enum status check_status(const struct check *check)
{
	if (check_has(check, VERDICT_BROKEN))
		return STATUS_NO;
	if (check_has(check, VERDICT_UNKNOWN) ||
		(check->options->strict && check_is_incomplete(check)))
		return STATUS_INCOMPLETE;
	return STATUS_DONE;
}

static void check_warn_unknown(const struct check *check, const struct finding *finding)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	check_add_unknown(&check->session->view, finding, &text);
	message_print(check->session->err, "%s", strbuf_text(&text));
}

static void check_warn(const struct check *check, enum status status)
{
	const struct session *session = check->session;

	for (size_t i = 0; i < check->n; i++)
		if (check->findings[i].verdict == VERDICT_UNKNOWN)
			check_warn_unknown(check, &check->findings[i]);
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
