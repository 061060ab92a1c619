/* SPDX-License-Identifier: MIT */
/* Reads data that only the rows shown need, and identifies processes by their control groups. */
#ifndef NSLS_ENRICH_H
#define NSLS_ENRICH_H

#include "nsls/base.h"
#include "nsls/model.h"
#include "nsls/pool.h"
#include "nsls/procfs.h"
#include "nsls/query.h"
#include "nsls/report.h"

#include <stddef.h>

/* Identities from the text of /proc/PID/cgroup, cgroups(7). Pure: reads nothing. */

/*
 * Parses the len bytes of the file: a line for the unified hierarchy, a line per hierarchy of
 * version 1, or both. The texts of the identity are owned by the arena. Unknown fields are empty.
 */
void identity_parse(
	const char *bytes, size_t len, struct arena *arena, struct identity *ret_identity);

/*
 * The shapes of control group paths of container managers: one table, and matching of its patterns.
 *
 * A pattern is one or more whole components of a path. It matches anywhere in the path. A pattern
 * with a slash at its start matches only at the root or, in a path that leads out of a cgroup
 * namespace, at its top. <id> and the like match text of that form without slashes; cgroup.c lists
 * them.
 */

struct identity_shape {
	const char *pattern;
	enum runtime runtime;
	bool outside;        /* a program that starts and supervises a container, outside of it */
	const char *example; /* an example path; a test checks its name and runtime */
	const char *name;    /* NULL: none */
	const char *source;  /* origin of the shape: the system that has it, or a document */
};

/* Returns the n-th shape, or NULL after the last. The first one that matches counts. */
const struct identity_shape *identity_shape(size_t n);

/* A part of another text, without a NUL at its end. */
struct span {
	const char *at; /* NULL: none */
	size_t len;
};

/* The kinds of text that a pattern leaves open. */
enum identity_field {
	FIELD_CONTAINER,
	FIELD_POD,
	FIELD_MACHINE,
	FIELD_APP,
	FIELD_USER,
	FIELD_COUNT,
	FIELD_NONE = FIELD_COUNT, /* the text is of no use */
};

/*
 * Returns how many bytes the pattern matches, as whole components from the start of text; 0 if it
 * does not match. Sets the fields found, leaves the others.
 */
size_t identity_match(const char *pattern, struct span text, struct span fields[FIELD_COUNT]);

/*
 * Enriching: reads data that only the rows shown need, such as command lines, users, start times,
 * limits. A process that has ended since the scan keeps empty fields.
 */

/*
 * Enriches the processes of the rows. Counts those that timed out in the report. Returns 0 or a
 * -errno for which error_is_fatal() is true.
 */
int enrich_rows(const struct procfs *procfs, struct pool *pool, struct model *model, unsigned needs,
	struct rows *rows, struct report *report);

/*
 * Enriches all processes of the model, as resolving a name requires. Otherwise like enrich_rows().
 */
int enrich_processes(const struct procfs *procfs, struct pool *pool, struct model *model,
	unsigned needs, struct report *report);

#endif
