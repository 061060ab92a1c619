/* SPDX-License-Identifier: MIT */
/*
 * Reads what only shown rows need: command lines, users, start times, limits. A process that ended
 * since the scan leaves its fields empty.
 */
#ifndef NSLS_ENRICH_ENRICH_H
#define NSLS_ENRICH_ENRICH_H

#include "nsls/base/workers.h"
#include "nsls/kernel/procfs.h"
#include "nsls/model/report.h"
#include "nsls/select/query.h"

/*
 * Fills the tasks of the rows in the model. Counts those that timed out in the report.
 * Returns 0 or -errno, an error_is_fatal().
 */
int enrich_rows(const struct procfs *procfs, struct workers *workers, struct model *model,
	unsigned needs, struct rows *rows, struct report *report);

/* The same for all tasks of the model: who is meant by a name is known once each one is. */
int enrich_tasks(const struct procfs *procfs, struct workers *workers, struct model *model,
	unsigned needs, struct report *report);

#endif
