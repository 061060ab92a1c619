/* SPDX-License-Identifier: MIT */
/* Reads what only shown rows need, and identifies processes by their control groups. */
#ifndef NSLS_ENRICH_H
#define NSLS_ENRICH_H

#include "nsls/base.h"
#include "nsls/model.h"
#include "nsls/pool.h"
#include "nsls/procfs.h"
#include "nsls/query.h"
#include "nsls/report.h"

#include <stddef.h>

/* From the text of /proc/PID/cgroup, cgroups(7), to whose process that is. Pure: reads nothing. */

/*
 * Reads the len bytes of the file: one line for the unified hierarchy, one line per hierarchy of
 * version 1, or both. The texts of the identity are the arena's. Where nothing can be told, all
 * fields are empty.
 */
void identity_parse(
	const char *bytes, size_t len, struct arena *arena, struct identity *ret_identity);

/*
 * The shapes of control group paths by which container managers can be told: one table, and how
 * its patterns are compared with a path.
 *
 * A pattern is one or more whole parts of a path, what is between slashes. It may stand anywhere
 * in the path; one that begins with a slash only at the root, or as far up as the path leads. <id>
 * and the like stand for text of that form, never for a slash; cgroup.c has their list.
 */

struct identity_shape {
	const char *pattern;
	enum runtime runtime;
	bool outside;        /* what starts a container and watches it: near it, but not in it */
	const char *example; /* a path; a test checks that it gets this name and runtime */
	const char *name;    /* NULL: none */
	const char *source;  /* where the shape comes from: the system it was seen on, or a text */
};

/* The n-th shape, or NULL behind the last. Of several that match, the first counts. */
const struct identity_shape *identity_shape(size_t n);

/* A text that is part of another one: no NUL behind it. */
struct span {
	const char *at; /* NULL: none */
	size_t len;
};

/* What the text that a pattern leaves open is. */
enum identity_field {
	FIELD_CONTAINER,
	FIELD_POD,
	FIELD_MACHINE,
	FIELD_APP,
	FIELD_USER,
	FIELD_COUNT,
	FIELD_NONE = FIELD_COUNT, /* it tells nothing */
};

/*
 * Whether the pattern matches whole parts from the start of text on. Then puts what it found into
 * fields (the others stay as they are) and returns how many bytes it covers; else returns 0.
 */
size_t identity_match(const char *pattern, struct span text, struct span fields[FIELD_COUNT]);

/*
 * Reads what only shown rows need: command lines, users, start times, limits. A process that ended
 * since the scan leaves its fields empty.
 */

/*
 * Fills the processes of the rows in the model. Counts those that timed out in the report.
 * Returns 0 or -errno, an error_is_fatal().
 */
int enrich_rows(const struct procfs *procfs, struct pool *pool, struct model *model, unsigned needs,
	struct rows *rows, struct report *report);

/* The same for all processes of the model: who is meant by a name is known once each one is. */
int enrich_processes(const struct procfs *procfs, struct pool *pool, struct model *model,
	unsigned needs, struct report *report);

#endif
