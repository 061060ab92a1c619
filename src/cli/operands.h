/* SPDX-License-Identifier: MIT */
/*
 * The namespaces that the command line names, by operands, by processes (--task) or by what these
 * are of (--of, of.h). Operands are resolved before the scan, so that a wrong one costs nothing,
 * and looked up in the model after it. Functions return 0, or -errno after a line for each word
 * that is wrong.
 */
#ifndef NSLS_OPERANDS_H
#define NSLS_OPERANDS_H

#include "nsls/base/u64map.h"
#include "nsls/base/workers.h"
#include "nsls/cli/options.h"
#include "nsls/cli/target.h"
#include "nsls/model/report.h"

struct operands {
	const struct options *options;
	FILE *err;
	struct target *targets; /* one per operand */
	struct ns_ref *refs;    /* what is named; sorted once all are found */
	size_t nrefs, refs_size;
	struct ns_ref *fixed; /* nfixed of them, that further looks need not find; NULL: one look */
	size_t nfixed;
	struct u64map chosen; /* PIDs of the processes that are meant, see operands_choose() */
};

void operands_init(struct operands *operands, const struct options *options, FILE *err);
void operands_done(struct operands *operands);

/* ours says that the procfs shows our own world, in which our paths mean what they say. */
int operands_parse(struct operands *operands, const struct kernel *kernel, bool ours);

/* Adds a namespace that is meant, or a process. */
void operands_add(struct operands *operands, struct ns_ref ref);
void operands_choose(struct operands *operands, const struct task *task);

/* The types that they may be of: bits 1 << enum nstype. */
unsigned operands_types(const struct operands *operands);

/* Adds the namespaces of the tasks. */
int operands_find_tasks(
	struct operands *operands, const struct procfs *procfs, struct workers *workers);

/* Adds the namespaces of the operands, or those that an earlier look has found. */
int operands_find(struct operands *operands, const struct procfs *procfs, const struct model *model,
	const struct report *report);

/*
 * For another look: tasks and operands go on to mean the namespaces that they meant at first,
 * though these may end.
 */
void operands_fix(struct operands *operands);
void operands_forget(struct operands *operands);

/* Puts what was added in order, for a query. */
void operands_sort(struct operands *operands);

/* Chooses the processes that are named, or are in a namespace that is. */
void operands_choose_named(struct operands *operands, const struct model *model);

#endif
