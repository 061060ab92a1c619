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

/*
 * Adds to the world: a process ("4", or "4 net:[70]" in another namespace), a directory
 * ("4/task/5/"), a link ("4/fd/3 socket:[900]") or a file ("=4/mountinfo and its text").
 */
#define world_has(...) world_add((const char *const[]){ __VA_ARGS__, NULL })
void world_add(const char *const *items);

/*
 * Checks what the scan has found: "net:[70] process 1, fd 2:3" is a namespace and its holders,
 * "!net:[70]" one that is not there, and "complete" or "incomplete" is the answer.
 */
#define assert_found(...)                                                                          \
	check_found((const char *const[]){ __VA_ARGS__, NULL }, __FILE__, __LINE__)
void check_found(const char *const *expected, const char *file, int line);

/* The same of a scan of all sources but those in without. */
#define scan_finds(without, ...)                                                                   \
	do {                                                                                       \
		scan(without);                                                                     \
		assert_found(__VA_ARGS__);                                                         \
	} while (0)

/* Why the answer is incomplete, a line for each reason. */
const char *reasons(void);

#endif
