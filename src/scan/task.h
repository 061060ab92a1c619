/* SPDX-License-Identifier: MIT */
/* How one process, or one thread of it, is read: by the phases that go through all of them. */
#ifndef NSLS_TASK_H
#define NSLS_TASK_H

#include "look.h"
#include "merge.h"

/* What a worker keeps from process to process: room for numbers, and what it learnt. */
struct task_scratch {
	struct numbers tids, fds;
	struct numbers tables; /* for fd_tables_insert() */
	uint64_t socket_dev;   /* of the kernel's socket file system; 0: not met yet */
	uint64_t anonymous;    /* inode that anonymous files share; 0: not met yet */
	bool detached;         /* FACT_DETACHED was said: once is enough */
};

struct task_look {
	struct look look;
	struct task_scratch *scratch;
	struct fact *task; /* FACT_TASK */
	int fd;            /* its directory, O_PATH, or why it could not be opened */
	int thread_fd;     /* that of the thread in fact task, where it is not the first; else -1 */
};

/* The directory of the thread by which the process is read. */
static inline int task_dirfd(const struct task_look *task)
{
	return task->thread_fd >= 0 ? task->thread_fd : task->fd;
}

/*
 * Reads all that there is to see of a process; its threads are only listed. Returns 0, or -errno
 * that ends the scan.
 */
int task_read(struct task_look *task);

/*
 * Reads a thread of the process whose directory is task_fd. Returns as task_read(), or 1 where it
 * can't be opened: it has ended, or is too new.
 */
int task_read_thread(struct look *look, const struct thread_item *item, int task_fd, pid_t tid);

/*
 * Reads the namespaces of the process. Returns 0, 1 where it is gone or may not be read, or -errno
 * that ends the scan.
 */
int task_read_links(struct task_look *task);

/* The namespaces that a task or thread, whose directory is dirfd, has made for its children. */
int task_read_children(
	struct look *look, int dirfd, pid_t tid, const uint32_t *own, enum source source);

/*
 * A table of at least so many descriptors may be one that many processes share, which costs its
 * owner nothing: it is compared with the others before it is read. Whoever makes as many processes
 * with smaller ones could as well let each have a copy, of a few KiB.
 */
#define BIG_TABLE 512

/*
 * Finds the descriptors of the process and its threads that namespaces or sockets are behind. Of a
 * big table only says that it is there: FACT_TABLE.
 */
int task_look_at_fds(struct task_look *task);

/* Reads all of the table of thread tid, whose directory is dirfd. */
int task_read_table(struct task_look *task, int dirfd, pid_t tid);

void task_scratch_done(void *own);

#endif
