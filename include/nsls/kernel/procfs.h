/* SPDX-License-Identifier: MIT */
/*
 * The layout of a proc tree, reached through one directory fd: the live /proc, another system's
 * procfs, or a plain directory that looks like one. proc(5) describes every file named here.
 * All functions return 0 or -errno unless they say otherwise.
 */
#ifndef NSLS_KERNEL_PROCFS_H
#define NSLS_KERNEL_PROCFS_H

#include "nsls/base/nstype.h"
#include "nsls/base/strbuf.h"

#include <sys/types.h>

struct procfs {
	int fd;          /* O_PATH on the top directory */
	bool kernel;     /* a procfs, not a plain directory (statfs(2), PROC_SUPER_MAGIC) */
	bool ours;       /* its PIDs are those of this process's own PID namespace */
	pid_t self;      /* what this process is called there; 0: it is not in there */
	bool counts_fds; /* the size of a directory of descriptors is their number, Linux 6.2 */
};

/* Opens dir. -ENOTDIR or -ENOENT where it is no directory, -EINVAL where it has no ns links. */
int procfs_open(const char *dir, struct procfs *ret_procfs);
void procfs_close(struct procfs *procfs);

/*
 * Whether it was mounted with hidepid, which hides the processes of others, proc(5). False also
 * where that can't be told.
 */
int procfs_has_hidepid(const struct procfs *procfs, bool *ret_has);

/* Numbers that a directory names: PIDs, TIDs, fds. Reused from call to call. */
struct numbers {
	int *at;
	size_t n;
	size_t size;
};

void numbers_init(struct numbers *numbers);
void numbers_done(struct numbers *numbers);

/*
 * The numeric entries of directory path below dirfd, ascending. known says how many there are, as
 * far as that was told before, else 0: with so many of a procfs its end need not be asked for.
 */
int procfs_list(const struct procfs *procfs, int dirfd, const char *path, size_t known,
	struct numbers *numbers);

/* The same, and the open directory, in which each entry is one step away. */
int procfs_open_list(const struct procfs *procfs, int dirfd, const char *path, size_t known,
	struct numbers *numbers);

/*
 * Opens the list of processes to be read in small steps: each process can then be read before the
 * next one is listed.
 */
int procfs_open_processes(const struct procfs *procfs);

/*
 * Appends the PIDs that the next step brings. Returns 1, 0 at the end of the list, where all of
 * numbers is sorted, or -errno.
 */
int procfs_list_next(int fd, struct numbers *numbers);

/*
 * Opens the directory of one task, O_PATH: what is read through it is this task's or fails
 * (ENOENT, ESRCH), also when its PID is used again.
 */
int procfs_open_task(const struct procfs *procfs, pid_t pid);

/*
 * How many open descriptors the task has, of which kernel threads have none: this costs less than
 * to list them. -EOPNOTSUPP where procfs.counts_fds is false.
 */
int procfs_count_fds(const struct procfs *procfs, int task_fd, size_t *ret_count);

/* Opens the directory of one of its threads, O_PATH. */
int procfs_open_thread(int task_fd, pid_t tid);

/*
 * Opens the directory of the lowest thread, other than the first, whose namespaces can be read.
 * Those of a process whose first thread has ended (pthread_exit(3) in main) can be read there
 * alone. -ESRCH where there is none. *ret_tid is its ID.
 */
int procfs_open_remaining_thread(
	const struct procfs *procfs, int task_fd, pid_t pid, pid_t *ret_tid);

/* The same by the PID of its process; that of the process where tid is pid. */
int procfs_open_thread_of(const struct procfs *procfs, pid_t pid, pid_t tid);

/* The target of a link as text. -ENAMETOOLONG where it does not fit: buf has its beginning. */
int procfs_read_link(int dirfd, const char *path, char *buf, size_t size);

/* A link such as ns/net. -EINVAL where its text is not "type:[inode]" of that type. */
int procfs_read_ns(int dirfd, const char *path, enum nstype type, uint32_t *ret_ino);

/*
 * How many threads the task has, by the link count of its task directory, which saves reading
 * stat. 0 where the directory cannot tell (a plain directory on some file systems).
 */
int procfs_count_threads(int task_fd, unsigned *ret_count);

#endif
