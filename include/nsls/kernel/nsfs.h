/* SPDX-License-Identifier: MIT */
/*
 * Everything that needs a file descriptor on a namespace, behind a table of functions, so that
 * a test can answer in the kernel's place: ioctl_ns(2), file handles, listns(2), mount tables.
 *
 * A descriptor is an int that only the same table understands and that its close() releases.
 * All functions return a descriptor or 0 on success, else -errno. -ENOTTY and -ENOSYS say that
 * this kernel has no such call, -EPERM that the caller may not know.
 */
#ifndef NSLS_KERNEL_NSFS_H
#define NSLS_KERNEL_NSFS_H

#include "nsls/base/nstype.h"

#include <stdbool.h>
#include <sys/types.h>

/* A namespace file that is mounted somewhere in a mount namespace. */
struct nsfs_mount {
	struct ns_ref ref;
	uint32_t id; /* as in mountinfo; 0: unknown */
	char *path;  /* from the root of that mount namespace; the caller frees it */
};

/* What a descriptor of another process refers to, as far as it matters here. */
struct fd_target {
	enum {
		FD_OTHER,
		FD_NAMESPACE,
		FD_SOCKET, /* or the file of one: only device dev tells */
		FD_TUN,    /* an open tun device, which is a socket inside */
	} kind;
	uint64_t dev, ino; /* of a namespace or socket */
};

struct nsfs {
	void (*close)(const struct nsfs *nsfs, int fd);

	/* Opens a path that leads to a namespace. -ENOTTY where it is anything else. */
	int (*open)(const struct nsfs *nsfs, int dirfd, const char *path);

	/*
	 * The same for an absolute path below directory root of another process. Never leaves
	 * root, and never touches a file system that could make it wait (-EAGAIN).
	 */
	int (*open_below)(const struct nsfs *nsfs, int dirfd, const char *root, const char *path);

	/* What a link of /proc/PID/fd refers to, without opening that. */
	int (*peek)(
		const struct nsfs *nsfs, int dirfd, const char *link, struct fd_target *ret_target);

	int (*ref)(const struct nsfs *nsfs, int fd, struct ns_ref *ret_ref);

	/* The owning user namespace; the parent of a PID or user namespace: a descriptor. */
	int (*owner)(const struct nsfs *nsfs, int fd);
	int (*parent)(const struct nsfs *nsfs, int fd);

	/* Who created a user namespace, as our user namespace numbers users. */
	int (*owner_uid)(const struct nsfs *nsfs, int fd, uid_t *ret_uid);

	/* The 64-bit id, Linux 6.18 (mount namespaces: 6.11). */
	int (*id)(const struct nsfs *nsfs, int fd, uint64_t *ret_id);

	/* The id of a network namespace in ours, rtnetlink(7). -ENOENT where it has none. */
	int (*netnsid)(const struct nsfs *nsfs, int fd, int *ret_id);

	/* At most n ids above after, ascending, and how many: listns(2), Linux 6.19. */
	ssize_t (*list)(const struct nsfs *nsfs, uint64_t after, uint64_t *ids, size_t n);
	int (*open_id)(const struct nsfs *nsfs, uint64_t id);

	/* The neighbour of a mount namespace by id, Linux 6.12. -ENOENT at either end. */
	int (*next_mnt)(const struct nsfs *nsfs, int fd);
	int (*previous_mnt)(const struct nsfs *nsfs, int fd);

	/* The namespace files mounted in a mount namespace, Linux 6.11. Free with nsfs_free_mounts.
	 */
	int (*mounts)(
		const struct nsfs *nsfs, int fd, struct nsfs_mount **ret_mounts, size_t *ret_n);

	/*
	 * Task tid of process pid, which must be the one whose directory task_fd is: a descriptor,
	 * Linux 5.6. A thread other than the first wants Linux 6.9: -EINVAL before.
	 */
	int (*task)(const struct nsfs *nsfs, int task_fd, pid_t pid, pid_t tid);

	/*
	 * A copy of its descriptor fd. -EBADF where that is not the socket with this inode number
	 * or, for inode 0, no open tun device.
	 */
	int (*task_socket)(const struct nsfs *nsfs, int task, int fd, uint64_t inode);

	/* Number of a socket's network namespace, never used twice, Linux 5.14. */
	int (*socket_cookie)(const struct nsfs *nsfs, int socket, uint64_t *ret_cookie);

	/* A socket's network namespace: a descriptor. Wants CAP_NET_ADMIN over that. */
	int (*socket_netns)(const struct nsfs *nsfs, int socket);

	/* The same of our own network namespace. */
	int (*own_cookie)(const struct nsfs *nsfs, uint64_t *ret_cookie);

	/* Whether thread tid shares the file descriptors of its process pid: 1 or 0, kcmp(2). */
	int (*same_files)(const struct nsfs *nsfs, pid_t pid, pid_t tid);
};

void nsfs_free_mounts(struct nsfs_mount *mounts, size_t n);

/* Answers from the running kernel. */
struct nsfs_kernel {
	struct nsfs nsfs;
	unsigned dev_major, dev_minor; /* of the nsfs file system */
	bool has_dev;
};

void nsfs_kernel_init(struct nsfs_kernel *kernel);

#endif
