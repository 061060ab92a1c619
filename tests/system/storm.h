/* SPDX-License-Identifier: MIT */
/*
 * Storms: processes, threads and namespaces that come and go all the time, for nsls to run beside.
 *
 * A master that is started first blows them, so that they have no part in what the test makes
 * later (a copy of its mount namespace would hold all that is mounted there). It ends with the
 * test, and all others end with it.
 */
#ifndef STORM_H
#define STORM_H

enum storm {
	STORM_PROCESSES,
	STORM_THREADS,
	STORM_NAMESPACES, /* with a short-lived process in each */
	STORM_UNSHARE,    /* one after the other of the same process, as unshare(1) makes them */
	STORM_EXECS,
	STORMS,
};

void storm_start_master(void);
void storm_end_master(void);

void storm_begin(enum storm storm);
void storm_end(void); /* also where there is none */

/* What the test program is to do when the storm of execs runs it: returns if that is not so. */
void storm_be_executed(int argc, char **argv);

#endif
