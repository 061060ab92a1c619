/* SPDX-License-Identifier: MIT */
/* Processes, each with a use of a dead file system on which a program that reads it could block. */
#ifndef DEAD_PLACES_H
#define DEAD_PLACES_H

#include "dead_fuse.h"

#include <sys/types.h>

enum place {
	DESCRIPTOR,
	ROOT,
	MOUNT_POINT,
	MEMORY, /* no program can read its command line */
	EXEC,   /* no program can read its links */
	PLACES,
};

#define ALL_PLACES ((1u << PLACES) - 1)

struct dead_places {
	char dir[64], file[80], beside[64]; /* dir: where the file system is mounted */
	struct dead_fuse fuse;
	pid_t processes[PLACES]; /* each in a UTS namespace of its own; 0: none */

	/* Of MOUNT_POINT: two network namespaces that only mounts hold, on file and beside, and
	 * the inode number of the mount namespace that these mounts are in. */
	char below_ns[64], beside_ns[64];
	unsigned long mount_ns;
};

extern struct dead_places places;

/* The directory, in live_work. */
void places_set_up(void);

/* Starts the server; starts a process at a place. */
void places_start_fuse(uid_t uid, bool for_all);
void places_start(enum place place);

/* Makes the process of EXEC block, after the server has died. */
void places_block_in_exec(void);

/* Does all of this for these places (1 << enum place). */
void places_die(unsigned which);

/* Whether all that have to block still do: no program could read them since. */
bool places_are_blocked(void);

/* Ends it all, if it was started. */
void places_end(void);

/* For a process of the test's own. */
int places_open_file(void);

#endif
