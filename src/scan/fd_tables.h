/* SPDX-License-Identifier: MIT */
/*
 * Tables of descriptors, each known by one thread that has it, in the order of kcmp(2). Tasks share
 * one after clone(2) with CLONE_FILES: the threads of a process as well as whole processes.
 */
#ifndef NSLS_FD_TABLES_H
#define NSLS_FD_TABLES_H

#include "nsls/kernel/kernel.h"
#include "nsls/kernel/procfs.h"

/*
 * Returns 0 where tid is now in tables, 1 where a thread in there, *ret_sharer, has the same table,
 * or -errno of kcmp(2): -ESRCH where tid has ended.
 */
int fd_tables_insert(
	const struct kernel *kernel, struct numbers *tables, pid_t tid, pid_t *ret_sharer);

#endif
