/* SPDX-License-Identifier: MIT */
/*
 * Finds namespaces and everything that holds them, in phases. A phase maps a work list to facts, on
 * several threads, and merges the facts into the model in the order of the list.
 */
#ifndef NSLS_SCAN_H
#define NSLS_SCAN_H

#include "nsls/bpf.h"
#include "nsls/kernel.h"
#include "nsls/model.h"
#include "nsls/timeout.h"
#include "nsls/procfs.h"
#include "nsls/report.h"

struct scan_options {
	/*
	 * Reads processes, threads, descriptors and sockets by the BPF programs; then the procfs
	 * has to be that of the initial PID namespace. NULL: reads them in the procfs.
	 */
	const struct bpf *bpf;

	unsigned sources; /* bits 1 << enum source */
	unsigned types; /* wanted types, bits 1 << enum nstype; other types may be found as well */
	bool relations; /* read owners, parents and ids of all namespaces found */
	bool netnsid;   /* also read the ids of network namespaces in ours */
	bool paths;     /* check the paths of mounts, keep only those that lead to the namespaces */
	bool pidns;  /* also read the PID namespaces of all processes, whatever types are wanted */
	bool points; /* read the files that mounts are on, and find locked mounts */

	const struct mount_filter *mounted; /* mounts to look for; NULL: none */

	/*
	 * The directory in which network namespaces of our own mount namespace have their names
	 * (ip-netns(8)), such as /run/netns; NULL: not read. Used until the process exits.
	 */
	const char *names_dir;

	/*
	 * Approximate maximum number of descriptors read from big tables. 0: the default, which
	 * takes half a minute and half a gigabyte if all of them are of namespaces.
	 */
	size_t descriptors_max;

	/*
	 * Approximate maximum number of bytes of mount points of namespace files that are kept. 0:
	 * the default, 128 MiB.
	 */
	size_t mount_points_max;
};

/*
 * Finds what is mounted at filter->point in the mount namespace of the process: sets the device
 * and, of a namespace file, the root, because all namespace files have the same device. Leaves both
 * NULL if nothing is mounted there. Returns 0 or -errno.
 */
int mount_filter_find(const struct procfs *procfs, pid_t pid, struct mount_filter *filter);
void mount_filter_done(struct mount_filter *filter);

/*
 * Fills an initialised model, and sorts it. Returns 0, also if processes could not be read (see
 * *report). Returns -errno if the procfs itself cannot be listed (-ENODATA: it has no process), or
 * memory or descriptors run out.
 */
int scan_run(const struct procfs *procfs, const struct kernel *kernel, struct pool *pool,
	const struct scan_options *options, struct model *model, struct report *report);

#endif
