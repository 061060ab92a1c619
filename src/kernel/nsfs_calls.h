/* SPDX-License-Identifier: MIT */
/* The parts of the kernel's table of functions that have files of their own; see nsls/nsfs.h. */
#ifndef NSLS_NSFS_CALLS_H
#define NSLS_NSFS_CALLS_H

#include "nsls/kernel/nsfs.h"

/* nsfs_mounts.c */
int nsfs_mounts(const struct nsfs *nsfs, int fd, struct nsfs_mount **ret_mounts, size_t *ret_n);

/* netns.c */
int nsfs_netnsid(const struct nsfs *nsfs, int fd, int *ret_id);
/* Whether a character device is the one that tun devices are opened by. */
bool nsfs_is_tun(unsigned major, unsigned minor);

int nsfs_task(const struct nsfs *nsfs, int task_fd, pid_t pid, pid_t tid);
int nsfs_task_socket(const struct nsfs *nsfs, int task, int fd, uint64_t inode);
int nsfs_socket_cookie(const struct nsfs *nsfs, int socket, uint64_t *ret_cookie);
int nsfs_socket_netns(const struct nsfs *nsfs, int socket);
int nsfs_own_cookie(const struct nsfs *nsfs, uint64_t *ret_cookie);

#endif
