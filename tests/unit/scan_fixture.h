/* SPDX-License-Identifier: MIT */
/* What tests of a scan share: one world, one kernel and what the last scan found, fresh for each.
 */
#ifndef SCAN_FIXTURE_H
#define SCAN_FIXTURE_H

#include "small_world.h"

extern struct world world;
extern struct fake_kernel kernel;
extern struct scanned scanned;

/* An empty world, and a kernel without namespaces. */
void fixture_new(void);

/* For cmocka: what set-up made is freed. */
int fixture_tear_down(void **state);

/* Scans the world with all sources but those in without (bits 1 << enum source). */
void scan(unsigned without);

#endif
