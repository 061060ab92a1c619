/* SPDX-License-Identifier: MIT */
/* The control groups of a task, cgroups(7). What they tell is read by enrich/identity.h. */
#ifndef NSLS_KERNEL_CGROUP_FILE_H
#define NSLS_KERNEL_CGROUP_FILE_H

#include "nsls/base/strbuf.h"

/*
 * Reads the cgroup file of a task's directory, at most as much as procfs_read_file() does. A file
 * cut there lacks its last newline. Returns 0 or -errno: -ENOENT where the kernel has no control
 * groups, -ENAMETOOLONG where a path is too long for it to write.
 */
int cgroup_file_read(int task_fd, struct strbuf *out);

#endif
