/* SPDX-License-Identifier: MIT */
/* From the text of /proc/PID/cgroup, cgroups(7), to whose process that is. Pure: reads nothing. */
#ifndef NSLS_ENRICH_IDENTITY_H
#define NSLS_ENRICH_IDENTITY_H

#include "nsls/base/arena.h"
#include "nsls/model/identity.h"

#include <stddef.h>

/*
 * Reads the len bytes of the file: one line for the unified hierarchy, one line per hierarchy of
 * version 1, or both. The texts of the identity are the arena's. Where nothing can be told, all
 * fields are empty.
 */
void identity_parse(
	const char *bytes, size_t len, struct arena *arena, struct identity *ret_identity);

#endif
