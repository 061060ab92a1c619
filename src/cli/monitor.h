/* SPDX-License-Identifier: MIT */
/* --monitor: looks at the system again and again, and tells what has changed. */
#ifndef NSLS_MONITOR_H
#define NSLS_MONITOR_H

#include "gather.h"

#include "nsls/select/change.h"

struct monitor {
	struct gather *gather;
	struct snapshot last; /* what the last look found */
	struct strbuf lines;  /* what it has to tell */
	unsigned said;        /* kinds of what is missing that were told (report_lacks()) */
	bool incomplete;      /* any look was */
};

/* What was gathered is prepared, and nothing was scanned yet. */
void monitor_init(struct monitor *monitor, struct gather *gather);
void monitor_done(struct monitor *monitor);

/* Looks once. Returns 0, or -errno after a line that says what is wrong. */
int monitor_look(struct monitor *monitor);

/*
 * Looks until it is told to end, by SIGINT or SIGTERM or because nobody reads out any more, and
 * writes what each look has to tell at once. Returns 0, or -errno after a line that says what is
 * wrong.
 */
int monitor_run(struct monitor *monitor, FILE *out);

#endif
