/* SPDX-License-Identifier: MIT */
/*
 * Finds namespaces and everything that holds them, in phases: each maps a work list to facts, on
 * several threads, and the facts go into the model in the order of the list.
 */
#ifndef NSLS_SCAN_H
#define NSLS_SCAN_H

#include "nsls/kernel.h"
#include "nsls/model.h"
#include "nsls/pool.h"
#include "nsls/procfs.h"
#include "nsls/report.h"

struct scan_options {
	unsigned sources; /* bits 1 << enum source */
	unsigned types;   /* bits 1 << enum nstype: what is wanted; others may be found as well */
	bool relations;   /* owners, parents and ids are wanted of all that is found */
	bool netnsid;     /* the ids of network namespaces in ours, too */
	bool paths;       /* of mounts only those paths that lead to them */

	/*
	 * How many descriptors of big tables are read, give or take a table; 0: the
	 * default, which takes half a minute and half a gigabyte where all are on namespaces.
	 */
	size_t descriptors_most;
};

/*
 * Fills a model that was just initialised, and sorts it. Returns 0, also when processes could not
 * be read (*report tells), or -errno when the procfs itself can't be listed (-ENODATA: it has no
 * process) or memory or file descriptors run out.
 */
int scan_run(const struct procfs *procfs, const struct kernel *kernel, struct pool *pool,
	const struct scan_options *options, struct model *model, struct report *report);

#endif
