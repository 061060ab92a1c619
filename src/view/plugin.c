// SPDX-License-Identifier: MIT
/* The one line of a monitoring plugin. Its performance data is plugin_data.c's. */
#include "nsls/view/plugin.h"

#include "nsls/view/check.h"

#include <string.h>

static bool has(
	const struct finding *findings, size_t n, enum rule_severity severity, enum verdict verdict)
{
	for (size_t i = 0; i < n; i++)
		if (findings[i].rule->severity == severity && findings[i].verdict == verdict)
			return true;
	return false;
}

enum plugin_state plugin_judge(const struct finding *findings, size_t n)
{
	if (has(findings, n, RULE_CRITICAL, VERDICT_BROKEN))
		return PLUGIN_CRITICAL;
	if (has(findings, n, RULE_WARNING, VERDICT_BROKEN))
		return PLUGIN_WARNING;
	return has(findings, n, RULE_CRITICAL, VERDICT_UNKNOWN) ||
			       has(findings, n, RULE_WARNING, VERDICT_UNKNOWN)
		       ? PLUGIN_UNKNOWN
		       : PLUGIN_OK;
}

/* Of rules about one figure that are as bad, the most severe is told; all that are broken as
 * severely, because each says another bound. */
static bool is_told(const struct finding *findings, size_t i, size_t n)
{
	enum rule_severity severity = findings[i].rule->severity;

	for (size_t k = 0; k < n; k++) {
		if (findings[k].verdict != findings[i].verdict ||
			!rule_is_of_same(findings[k].rule, findings[i].rule))
			continue;
		if (findings[k].rule->severity > severity)
			return true;
		if (k < i && findings[k].rule->severity == severity &&
			findings[i].verdict != VERDICT_BROKEN)
			return true;
	}
	return false;
}

/*
 * Monitoring systems cut a long line (Nagios one of 8 KB), and others choose the names in it: none
 * may push out what is behind it, such as the performance data.
 */
#define FINDING_MOST 600

static void add(struct view *view, const struct finding *finding, struct strbuf *out)
{
	switch (finding->verdict) {
	case VERDICT_HOLDS:
		check_add_figure(view, finding, out);
		break;
	case VERDICT_UNKNOWN:
		check_add_doubt(view, finding, out);
		break;
	case VERDICT_BROKEN:
		check_add_broken(view, finding, out);
		break;
	}
}

static void add_cut(struct view *view, const struct finding *finding, struct strbuf *out)
{
	struct strbuf text;
	size_t len;

	strbuf_init(&text);
	add(view, finding, &text);
	len = text.len < FINDING_MOST ? text.len : FINDING_MOST;
	strbuf_add(out, strbuf_text(&text), len);
	strbuf_adds(out, len < text.len ? "..." : "");
	strbuf_done(&text);
}

static void add_all(struct view *view, const struct finding *findings, size_t n,
	enum verdict verdict, enum rule_severity severity, struct strbuf *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct finding *finding = &findings[i];

		if (finding->verdict != verdict || finding->rule->severity != severity ||
			is_told(findings, i, n))
			continue;
		strbuf_adds(out, out->len ? "; " : "");
		add_cut(view, finding, out);
	}
}

void plugin_add_message(
	struct view *view, const struct finding *findings, size_t n, struct strbuf *out)
{
	for (enum verdict v = VERDICT_BROKEN; v > VERDICT_HOLDS; v--) {
		add_all(view, findings, n, v, RULE_CRITICAL, out);
		add_all(view, findings, n, v, RULE_WARNING, out);
	}
	if (out->len)
		return;
	add_all(view, findings, n, VERDICT_HOLDS, RULE_CRITICAL, out);
	add_all(view, findings, n, VERDICT_HOLDS, RULE_WARNING, out);
}

void plugin_print(enum plugin_state state, const char *message, const char *data, FILE *out)
{
	static const char *const names[] = {
		[PLUGIN_OK] = "OK",
		[PLUGIN_WARNING] = "WARNING",
		[PLUGIN_CRITICAL] = "CRITICAL",
		[PLUGIN_UNKNOWN] = "UNKNOWN",
	};
	struct strbuf safe;

	strbuf_init(&safe);
	text_escape(&safe, message, strlen(message), TEXT_PLUGIN);
	fprintf(out, "NSLS %s - %s%s%s\n", names[state], strbuf_text(&safe), *data ? "|" : "",
		data);
	strbuf_done(&safe);
}
