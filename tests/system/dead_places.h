/* SPDX-License-Identifier: MIT */
/*
 * A FUSE file system, the server of which can stop responding: a dead network file system, made by
 * hand on /dev/fuse (linux/fuse.h). And processes, each with a use of it on which a program that
 * reads it could block.
 *
 * Its root has a file of a page, "file", and a node with the device number of tun devices, "tun".
 * Nothing of it is cached, so that each request waits for the server. That is a child of the test,
 * and the only process with the device open. However the test ends, the kernel kills that child,
 * aborts the connection and ends all waiting requests.
 */
#ifndef DEAD_PLACES_H
#define DEAD_PLACES_H

#include <stdbool.h>
#include <stdint.h>
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
	pid_t processes[PLACES];            /* each in a UTS namespace of its own; 0: none */

	/* Of MOUNT_POINT: two network namespaces that only mounts hold, on file and beside, and
	 * the inode number of the mount namespace that these mounts are in. */
	char below_ns[64], beside_ns[64];
	unsigned long mount_ns;
};

/* In memory that processes share. */
extern struct dead_places *places;

/* The directory, in live_work. */
void places_set_up(void);

/* Mounts it, owned by uid. Without for_all no other user may use it. Returns the server's device.
 */
int places_mount(uid_t uid, bool for_all);

/* Mounts it so, and starts the server. */
void places_start_fuse(uid_t uid, bool for_all);

/*
 * What the server does from here on: it neither takes nor answers a request; or it takes each and
 * answers none, so that a process that waits for the answer is ended by no signal. Once only.
 */
#define PLACES_STOP 0
#define PLACES_SWALLOW UINT32_MAX
void places_command(uint32_t command);

/* Starts a process at a place. */
void places_start(enum place place);

/* Makes the process of EXEC block, after the server has stopped. */
void places_block_in_exec(void);

/* Does all of this for these places (1 << enum place). */
void places_die(unsigned which);

/* Whether all that have to block still do: no program could read them since. */
bool places_are_blocked(void);

/* Ends it all, the server first, if it was started: requests that wait for it fail. */
void places_end(void);

/* For a process of the test's own. */
int places_open_file(void);

#endif
