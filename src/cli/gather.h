/* SPDX-License-Identifier: MIT */
/*
 * From the command line to rows: what is open for the whole run, and what one look at the system
 * found. Nothing here writes an answer. Functions return 0, or -errno after a line that says what
 * is wrong.
 */
#ifndef NSLS_GATHER_H
#define NSLS_GATHER_H

#include "operands.h"

#include "nsls/cli/plan.h"
#include "nsls/select/group.h"
#include "nsls/select/use.h"
#include "nsls/view/filter.h"

struct gather {
	const struct options *options;
	FILE *err;
	struct plan plan;
	struct kernel_live kernel;
	struct workers workers;
	struct procfs procfs;
	struct operands operands;
	struct filter *filter;

	/* of one scan */
	struct model model;
	uint64_t scan_us; /* how long the scan took, in microseconds */
	struct report report;
	struct groups groups;
	struct uses uses; /* where they are wanted; rows of types refer to them */
	struct rows rows;
	struct view view;
};

/* It refers to itself: it is filled where it stays. */
void gather_init(struct gather *gather, const struct options *options, FILE *err);
void gather_done(struct gather *gather);

/* Makes the plan, opens the procfs and looks at the words of the command line. */
int gather_prepare(struct gather *gather, bool terminal);

/*
 * Forgets a look, so that the next can be taken. Threads that were left behind don't mind: what
 * they look at is theirs, or is open for the whole run.
 */
void gather_forget(struct gather *gather);

/* Scans the system: fills the model and the report. */
int gather_scan(struct gather *gather);

/* Finds in them what the command line names: fills the rows, in the model's order. */
int gather_rows(struct gather *gather);

/* Reads what a view wants of the rows (enum need). Writes no line itself: see gather_fail(). */
int gather_enrich(struct gather *gather, unsigned needs, struct rows *rows);

/*
 * Finds whom the kernel charges with how many namespaces of these types. Needs a scan for
 * relations. Writes no line itself.
 */
int gather_uses(struct gather *gather, unsigned types);

/* Resolves the namespaces on the command line. */
struct query gather_query(const struct gather *gather);

/* Prints an error that no argument caused, such as a lack of descriptors; returns error. */
int gather_fail(const struct gather *gather, int error);

#endif
