/* SPDX-License-Identifier: MIT */
/* What was found of rules, for people, for jq(1), and for a monitoring system. */
#ifndef NSLS_VIEW_CHECK_H
#define NSLS_VIEW_CHECK_H

#include "nsls/select/verdict.h"
#include "nsls/view/column.h"

#include <stdio.h>

/* What has to be read of the suspects, of enum need. */
#define CHECK_NEEDS (NEED_IDENTITY | NEED_COMM)

/*
 * Append a sentence without a full stop and unescaped: how a rule is broken, such as
 * "net.persistent<=0: 2 network namespaces without a process, such as net:[4026532475] (netns
 * blue), kept by mount /run/netns/blue"; the figure alone; why it can't be told whether it holds.
 */
void check_add_broken(struct view *view, const struct finding *finding, struct strbuf *out);
void check_add_figure(struct view *view, const struct finding *finding, struct strbuf *out);
void check_add_doubt(struct view *view, const struct finding *finding, struct strbuf *out);

/* Print a line for each broken rule; and {"checks": […]}. */
void check_print_broken(struct view *view, const struct finding *findings, size_t n,
	enum text_target target, FILE *out);
void check_print_json(struct view *view, const struct finding *findings, size_t n, FILE *out);

#endif
