/* SPDX-License-Identifier: MIT */
/* What tests of a scan share: one world, one kernel and what the last scan found, fresh for each.
 */
#ifndef SCAN_FIXTURE_H
#define SCAN_FIXTURE_H

#include "small_world.h"

extern struct world world;
extern struct fake_kernel kernel;
extern struct scanned scanned;

/* For cmocka: an empty world or one with process 1, and a kernel without namespaces. */
int fixture_set_up(void **state);
int fixture_with_process_1(void **state);
int fixture_tear_down(void **state);

/* Scans the world with all sources but those in without (bits 1 << enum source). */
void scan(unsigned without);

/* Why the answer is incomplete, a line for each reason. */
const char *reasons(void);

#endif
