/* SPDX-License-Identifier: MIT */
/* What the sources share: the scan, the task that it is at, and the one door to the model. */
#ifndef NSLS_SOURCE_H
#define NSLS_SOURCE_H

#include "nsls/scan/scan.h"

struct scan {
	const struct procfs *procfs;
	const struct nsfs *nsfs;
	const struct scan_options *options;
	struct model *model;
	struct report *report;
	unsigned unsupported; /* bits of types that this kernel lacks */
	struct numbers pids, tids, fds;
	struct u64map sockets;   /* inode of a socket to its struct ns */
	struct u64map cookies;   /* network namespace cookie to its struct ns */
	uint64_t socket_dev;     /* of the kernel's socket file system; 0: not met yet */
	struct u64map mount_ids; /* mounts that were recorded, by mount namespace and id */
};

/* The descriptors that the walk is at: the process's, or those of a thread that has its own. */
struct fd_table {
	pid_t tid;
	int task;   /* directory of the process or thread */
	int fds;    /* its directory of descriptors */
	int copier; /* of nsfs, through which they are copied; -1: not opened yet */
	bool shut;  /* it could not be opened */
};

/* The task that the walk is at. */
struct scan_task {
	struct scan *scan;
	struct task *task;
	int fd; /* its directory, O_PATH */
	bool tids_listed;
	unsigned troubled; /* bits of the sources that could not read something of it */
	struct fd_table table;
};

static inline bool scan_wants(const struct scan *scan, enum source source)
{
	return scan->options->sources & 1u << source;
}

/*
 * The one place that judges errors: returns error where it ends the scan (ENOMEM, EMFILE,
 * ENFILE), else counts it for the source and returns 0. Any error may come of one task (a
 * zombie's mountinfo says EINVAL), so there is no list of those that are tolerated.
 */
int scan_trouble(struct scan *scan, enum source source, int error);

/*
 * The same for an error of the task that the walk is at, which counts once for each source. One
 * that is no longer there explains any error, such as the EINVAL of an ended process's mountinfo.
 */
int scan_task_trouble(struct scan_task *st, enum source source, int error);

/* The door: holder holds the namespace. Returns 0 or -ENOMEM. */
int scan_hold(struct scan *scan, struct ns_ref ref, const struct holder *holder);

/* The task's threads, listed once, in scan->tids; empty where there is but one. 0 or -errno. */
int scan_list_threads(struct scan_task *st, enum source source);

/* Reads the task's own namespaces that the chosen sources need. 1: the task is gone or shut. */
int scan_read_links(struct scan_task *st);

/* The sources. Each returns 0, or -errno that ends the scan. */
int source_process(struct scan_task *st);
int source_thread(struct scan_task *st);
int source_mount(struct scan_task *st);

/* The mounts in a mount namespace that a task or thread, whose directory is dirfd, is in. */
int source_mount_of(struct scan_task *st, int dirfd, pid_t tid, uint32_t mntns);

/* The future children of a task or thread whose directory is dirfd. */
int source_children(struct scan_task *st, int dirfd, pid_t tid, enum source source);

/* Walks the open descriptors of a task and its threads for the two sources below. */
int scan_fds(struct scan_task *st);
int source_fd(struct scan_task *st, int fd, uint32_t ino);
/* inode 0: an open tun device */
int source_socket(struct scan_task *st, int fd, uint64_t inode);
/* Lets go of what the sockets of a table needed. */
void source_socket_end(struct scan_task *st);

/* Learns our own network namespace, so that its sockets cost one question less. */
int source_socket_start(struct scan *scan);

/* Reads the mounts of a mount namespace that no process showed whole. */
int source_mount_unshown(struct scan *scan, struct ns *ns, int fd);

/* Adds what only the kernel lists. */
int source_kernel(struct scan *scan);

/* Asks owner, parent and ids of ns through its descriptor, once; adds ghosts on the way. */
int relate_fd(struct scan *scan, struct ns *ns, int fd);

/* The same for all namespaces that were not asked yet, also those that come up meanwhile. */
int relate_all(struct scan *scan);

#endif
