/* SPDX-License-Identifier: MIT */
/*
 * Reads data that only the rows shown need, identifies processes by their control groups, and reads
 * the names that people gave their containers.
 */
#ifndef NSLS_ENRICH_H
#define NSLS_ENRICH_H

#include "nsls/base.h"
#include "nsls/model.h"
#include "nsls/timeout.h"
#include "nsls/procfs.h"
#include "nsls/query.h"
#include "nsls/report.h"

struct enrich_ctx {
	const struct procfs *procfs;
	struct pool *pool;
	struct model *model;
	struct report *report; /* counts those that timed out */
};

/*
 * Parses the text of /proc/PID/cgroup, cgroups(7): a line for the unified hierarchy, a line per
 * hierarchy of version 1, or both. The arena owns the texts. Unknown fields are empty.
 */
void identity_parse(const char *text, struct arena *arena, struct identity *ret_identity);

/* Returns the best name for display, owned by the arena or the identity, or NULL. */
const char *identity_make_name(struct arena *arena, const struct identity *identity);

/*
 * Enriches the processes of the rows; rows NULL: all processes of the model, as resolving a name
 * requires. A process that has ended since the scan keeps empty fields. Returns 0 or a -errno for
 * which error_is_fatal() is true.
 */
int enrich_rows(const struct enrich_ctx *ctx, unsigned needs, struct rows *rows);

/*
 * Reasons why the kernel refuses new namespaces of the types (bits 1 << enum nstype) although USED
 * is less than LIMIT: limits of 0, settings of the system, nesting. Appends sentences without a
 * full stop, each with a NUL at its end, and adds to *n how many. Nesting requires relations.
 * Returns 0 or a -errno for which error_is_fatal() is true.
 */
int refusals_find(const struct procfs *procfs, const struct model *model, unsigned types,
	struct strbuf *out, size_t *n);

/*
 * Reads the names that people gave containers and pods, for each process of the model with an
 * identity: once per container. Those who can write what it reads are root and the user whose
 * container it is. root: the directory below which the engines have their files; NULL if the
 * processes are of another system. Returns like enrich_rows().
 */
int enrich_given_names(const struct enrich_ctx *ctx, const char *root);

#endif
