/* SPDX-License-Identifier: MIT */
/* The parts of the running kernel's table that have files of their own; see kernel/kernel.h. */
#ifndef NSLS_LIVE_H
#define NSLS_LIVE_H

#include "nsls/kernel/kernel.h"

struct statx;

/* A system call's return value, with -errno for -1. */
int live_result(long r);

static inline const struct kernel_live *live_of(const struct kernel *kernel)
{
	return (const struct kernel_live *)kernel;
}

/* live_open.c: from paths and descriptors of others to namespace files */
int live_open(const struct kernel *kernel, int dirfd, const char *path);
int live_open_below(const struct kernel *kernel, int dirfd, const char *root, const char *path);
int live_peek(
	const struct kernel *kernel, int dirfd, const char *link, struct fd_target *ret_target);
int live_statx(int fd, const char *path, unsigned mask, struct statx *ret_stx);

/* live_unclosed.c: descriptors that it is not safe to close */
struct unclosed *live_unclosed_new(void);
void live_unclosed_free(struct unclosed *unclosed);
bool live_unclosed_is_full(const struct unclosed *unclosed);
void live_close_unknown(struct unclosed *unclosed, int fd);

/* live_list.c: what the kernel lists of itself */
ssize_t live_list(
	const struct kernel *kernel, unsigned types, uint64_t after, uint64_t *ids, size_t n);
int live_open_id(const struct kernel *kernel, uint64_t id);
int live_next_mnt(const struct kernel *kernel, int fd, uint64_t *ret_id);
int live_previous_mnt(const struct kernel *kernel, int fd, uint64_t *ret_id);

/* live_mounts.c */
int live_mounts(const struct kernel *kernel, int fd, struct kernel_mounts *ret_mounts);
int live_count_mounts(const struct kernel *kernel, int fd, size_t *ret_n);

/* live_sockets.c */
int live_netnsid(const struct kernel *kernel, int fd, int *ret_id);
int live_copy_socket(const struct kernel *kernel, int pidfd, int fd, uint64_t inode);
int live_copy_tun(const struct kernel *kernel, int pidfd, int fd);
int live_socket_cookie(const struct kernel *kernel, int socket, uint64_t *ret_cookie);
int live_socket_netns(const struct kernel *kernel, int socket);
int live_own_cookie(const struct kernel *kernel, uint64_t *ret_cookie);

/* Whether a character device is the one that tun devices are opened by. */
bool live_is_tun(unsigned major, unsigned minor);

/* live_self.c: our own place */
int live_find_self(int procfs_fd);
int live_own(const struct kernel *kernel, enum nstype type, uint32_t *ret_ino);
int live_open_own(const struct kernel *kernel, enum nstype type);
bool live_names_ring_files(void);
bool live_capable(const struct kernel *kernel, int cap);

#endif
