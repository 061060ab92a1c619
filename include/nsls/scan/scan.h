/* SPDX-License-Identifier: MIT */
/*
 * Finds namespaces and their holders. One walk over the processes opens each once and lets every
 * source look at it; then each namespace is asked once for its relations, which may reveal more.
 */
#ifndef NSLS_SCAN_SCAN_H
#define NSLS_SCAN_SCAN_H

#include "nsls/kernel/nsfs.h"
#include "nsls/kernel/procfs.h"
#include "nsls/model/model.h"
#include "nsls/model/report.h"

struct scan_options {
	unsigned sources;     /* bits 1 << enum source */
	bool netnsid;         /* ask for the ids of network namespaces too */
	unsigned jobs;        /* threads; 0: as many as there are processors for us */
	unsigned patience_ms; /* milliseconds that one task may take to answer */
};

/*
 * Fills a model that was just initialised, and sorts it. Returns 0, also when tasks could not be
 * read (*report tells), or -errno when the procfs itself can't be listed (-ENODATA: it has no
 * process) or memory or file descriptors run out.
 */
int scan_run(const struct procfs *procfs, const struct nsfs *nsfs,
	const struct scan_options *options, struct model *model, struct report *report);

#endif
