/* SPDX-License-Identifier: MIT */
/* What a cgroup file tells, before it becomes texts of their own. */
#ifndef NSLS_IDENTITY_FIND_H
#define NSLS_IDENTITY_FIND_H

#include "nsls/enrich/identity_shapes.h"

/* Parts of the file's text; at is NULL for what is not told. */
struct found {
	struct span path, unit;
	struct span fields[FIELD_COUNT];
	enum runtime runtime;
};

/* Reads the text of the whole file, in which there is no NUL. */
void identity_find(struct span text, struct found *ret_found);

#endif
