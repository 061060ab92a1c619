/* SPDX-License-Identifier: MIT */
/*
 * Counts as metrics, in a text that both OpenMetrics 1.0 and the older format of Prometheus (0.0.4,
 * which is what node_exporter reads files in) allow: gauges only, since their names have no suffix
 * in either. What is not known has no sample; a sample of 0 is a fact.
 */
#ifndef NSLS_VIEW_METRICS_H
#define NSLS_VIEW_METRICS_H

#include "nsls/model/report.h"
#include "nsls/select/query.h"

#include <stdio.h>

/* What has to be read for them, of enum need. */
#define METRICS_NEEDS (NEED_LIMITS | NEED_RELATIONS)

/* What the metrics are of. */
struct metrics {
	const struct model *model;
	const struct rows *rows; /* the types, as enriched */
	const struct report *report;
	uint64_t scan_us;    /* how long the scan took, in microseconds */
	const char *version; /* of this program */
};

/* Writes to out, whose errors the caller checks. */
void metrics_print(const struct metrics *metrics, FILE *out);

#endif
