/* SPDX-License-Identifier: MIT */
/*
 * The shapes of control group paths by which container managers can be told: one table, and how
 * its patterns are compared with a path.
 *
 * A pattern is one or more whole parts of a path, what is between slashes. It may stand anywhere
 * in the path; one that begins with a slash only at the root, or as far up as the path leads. <id>
 * and the like stand for text of that form, never for a slash; identity_match.c has their list.
 */
#ifndef NSLS_ENRICH_IDENTITY_SHAPES_H
#define NSLS_ENRICH_IDENTITY_SHAPES_H

#include "nsls/model/identity.h"

#include <stddef.h>

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

#endif
