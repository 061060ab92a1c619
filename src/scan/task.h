/* SPDX-License-Identifier: MIT */
/* The parts of a look at one process; phase_tasks.c calls them in order. */
#ifndef NSLS_TASK_H
#define NSLS_TASK_H

#include "look.h"

/* What a worker keeps from process to process: room for numbers, and what it learnt. */
struct task_scratch {
	struct numbers tids, fds;
	struct numbers tables; /* threads, one for each table of descriptors, in kcmp(2)'s order */
	uint64_t socket_dev;   /* of the kernel's socket file system; 0: not met yet */
	uint64_t anonymous;    /* inode that anonymous files share; 0: not met yet */
};

struct task_look {
	struct look look;
	struct task_scratch *scratch;
	struct fact *task; /* FACT_TASK */
	int fd;            /* its directory, O_PATH */
	int thread_fd;     /* that of the thread in fact task, where it is not the first; else -1 */
};

/* The directory of the thread by which the process is read. */
static inline int task_dirfd(const struct task_look *task)
{
	return task->thread_fd >= 0 ? task->thread_fd : task->fd;
}

/*
 * Reads the namespaces of the process. Returns 0, 1 where it is gone or may not be read, or -errno
 * that ends the scan.
 */
int task_read_links(struct task_look *task);

/* The namespaces that a task or thread, whose directory is dirfd, has made for its children. */
int task_read_children(
	struct look *look, int dirfd, pid_t tid, const uint32_t *own, enum source source);

/* Finds the descriptors of the process and its threads that namespaces or sockets are behind. */
int task_look_at_fds(struct task_look *task);

#endif
