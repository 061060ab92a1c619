/* SPDX-License-Identifier: MIT */
/*
 * The namespaces that the command line names, by operands or by processes (--task). Operands are
 * resolved before the scan, so that a wrong one costs nothing, and looked up in the model after it.
 * Functions return 0, or -errno after a line for each word that is wrong.
 */
#ifndef NSLS_OPERANDS_H
#define NSLS_OPERANDS_H

#include "nsls/base/workers.h"
#include "nsls/cli/options.h"
#include "nsls/cli/target.h"
#include "nsls/model/report.h"

struct operands {
	const struct options *options;
	FILE *err;
	struct target *targets; /* one per operand */
	struct ns_ref *refs;    /* what is named, each once */
	size_t nrefs;
};

void operands_init(struct operands *operands, const struct options *options, FILE *err);
void operands_done(struct operands *operands);

int operands_parse(struct operands *operands, const struct kernel *kernel);

/* The types that they may be of: bits 1 << enum nstype. */
unsigned operands_types(const struct operands *operands);

/* Adds the namespaces of the tasks. */
int operands_find_tasks(
	struct operands *operands, const struct procfs *procfs, struct workers *workers);

/* Adds the namespaces of the operands. */
int operands_find(struct operands *operands, const struct procfs *procfs, const struct model *model,
	const struct report *report);

#endif
