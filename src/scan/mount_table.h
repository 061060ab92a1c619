/* SPDX-License-Identifier: MIT */
/* The mounts of namespace files that a process's mountinfo shows, proc_pid_mountinfo(5). */
#ifndef NSLS_MOUNT_TABLE_H
#define NSLS_MOUNT_TABLE_H

#include "nsls/kernel/kernel.h"

struct mount_table {
	struct kernel_mount *at; /* n mounts, freed by kernel_free_mounts() */
	size_t n, size;
	bool has_root; /* something is mounted on "/": the process's root is in that namespace */
	size_t bad;    /* lines that are not what proc(5) says */
	size_t mounts; /* of any kind, but for the first of a mount namespace, its own parent */
};

/* Reads the table of the task whose directory is dirfd. Returns 0 or -errno. */
int mount_table_read(int dirfd, struct mount_table *ret_table);

#endif
