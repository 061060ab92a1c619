/* SPDX-License-Identifier: MIT */
/* What a monitoring plugin says, by the Monitoring Plugins Development Guidelines. */
#ifndef NSLS_VIEW_PLUGIN_H
#define NSLS_VIEW_PLUGIN_H

#include "nsls/select/verdict.h"
#include "nsls/view/column.h"

#include <stdio.h>

/* In the order of their exit statuses. */
enum plugin_state {
	PLUGIN_OK,
	PLUGIN_WARNING,
	PLUGIN_CRITICAL,
	PLUGIN_UNKNOWN,
};

/* What is proven counts: a broken rule is worse than one that nobody can tell. */
enum plugin_state plugin_judge(const struct finding *findings, size_t n);

/* Append what is broken, worst first, and what can't be told; or where nothing is, all figures. */
void plugin_add_message(
	struct view *view, const struct finding *findings, size_t n, struct strbuf *out);

/* Appends "net=12;500;1000;0;96365": an entry per figure that a rule is about. */
void plugin_add_data(
	const struct evidence *evidence, const struct rule *rules, size_t n, struct strbuf *out);

/* Prints the line: the message is escaped, data may be empty. */
void plugin_print(enum plugin_state state, const char *message, const char *data, FILE *out);

#endif
