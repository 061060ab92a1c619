/* SPDX-License-Identifier: MIT */
/* Processes at each place where a dead file system could hold up who looks at them. */
#ifndef DEAD_PLACES_H
#define DEAD_PLACES_H

#include "dead_fuse.h"

#include <sys/types.h>

enum place {
	DESCRIPTOR,
	ROOT,
	MOUNT_POINT,
	MEMORY, /* nobody can read its command line */
	EXEC,   /* nobody can read its links */
	PLACES,
};

#define ALL_PLACES ((1u << PLACES) - 1)

struct dead_places {
	char work[32], dir[64], file[80], beside[64]; /* dir: where the file system is mounted */
	struct dead_fuse fuse;
	pid_t processes[PLACES]; /* each in a UTS namespace of its own; 0: none */

	/* Of MOUNT_POINT: two network namespaces that only mounts hold, on file and beside, and
	 * the inode number of the mount namespace that these mounts are in. */
	char below_ns[64], beside_ns[64];
	unsigned long mount_ns;
};

extern struct dead_places places;

/* The directory, in a mount namespace of the test's own. */
void places_set_up(void);
void places_tear_down(void);

/* A living server, and a process at a place. */
void places_start_fuse(uid_t uid, bool for_all);
void places_start(enum place place);

/* What makes the process of EXEC stuck once the server has died. */
void places_stick_in_exec(void);

/* All of it, at each of the places (1 << enum place). */
void places_die(unsigned which);

/* Whether those that are to be stuck have been so since: nobody could get an answer of theirs. */
bool places_are_stuck(void);

/* Ends it all, if it was started. */
void places_end(void);

/* For a process of the test's own. */
int places_open_file(void);

#endif
