/* SPDX-License-Identifier: MIT */
/* --monitor: scans repeatedly, and prints what has changed. */
#ifndef NSLS_MONITOR_H
#define NSLS_MONITOR_H

#include "gather.h"

#include "nsls/select/change.h"

struct monitor {
	struct gather *gather;
	struct snapshot last; /* of the last scan */
	struct strbuf lines;  /* not written yet */
	unsigned said;        /* kinds of missing things that were reported (report_lacks()) */
	bool incomplete;      /* any scan was */
};

/* What was gathered is prepared, and nothing was scanned yet. */
void monitor_init(struct monitor *monitor, struct gather *gather);
void monitor_done(struct monitor *monitor);

/* Scans once. Returns 0, or -errno after an error message. */
int monitor_look(struct monitor *monitor);

/*
 * Looks until it is told to end, by SIGINT or SIGTERM or because nobody reads out any more, and
 * writes what each look has to tell at once. Returns 0, or -errno after a line that says what is
 * wrong.
 */
int monitor_run(struct monitor *monitor, FILE *out);

#endif
