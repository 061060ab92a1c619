/* SPDX-License-Identifier: MIT */
/* What the files of the layer query share. */
#ifndef NSLS_QUERY_INTERNAL_H
#define NSLS_QUERY_INTERNAL_H

#include "nsls/diff.h"

/* Room for all namespaces of both looks, and what the later one could not see. */
void snapshot_begin(struct snapshot *snapshot, const struct snapshot *before,
	const struct model *model, const struct report *report);

/* A namespace that is seen. */
struct seen *snapshot_add(struct snapshot *snapshot, const struct ns *ns);

/* One that is out of sight: what was known of it. */
void snapshot_carry(struct snapshot *snapshot, const struct seen *old);

/* What was known of that namespace, or NULL. */
const struct seen *snapshot_find(const struct snapshot *snapshot, struct ns_ref ref);

#endif
