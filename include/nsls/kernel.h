/* SPDX-License-Identifier: MIT */
/*
 * All system calls that need a namespace descriptor, a pidfd or a socket, as a table of functions
 * that a test can replace.
 *
 * A descriptor is valid only in calls of the same table; close() releases it. The functions are
 * thread-safe, and return a descriptor or 0, or -errno: -ENOTTY, -ENOSYS and -EINVAL where the
 * kernel does not support the call, -EPERM where the caller lacks permission.
 */
#ifndef NSLS_KERNEL_H
#define NSLS_KERNEL_H

#include "nsls/base.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/types.h>

/* Bytes of paths that are read per mount namespace, which may have a hundred thousand mounts. */
#define KERNEL_MOUNT_PATHS_MAX ((size_t)64 * 1024 * 1024)

/* In place of a path beyond such a bound or longer than 64 KiB; of one that is not reported. */
#define KERNEL_MOUNT_TOO_LONG "(path too long)"
#define KERNEL_MOUNT_UNKNOWN "(path unknown)"

/* Whether -errno shows that the kernel does not support the call, or not for this object. */
static inline bool kernel_unsupported(int error)
{
	return error == -ENOTTY || error == -ENOSYS || error == -EINVAL;
}

/* Mounts that are looked for besides those of namespace files: any of what is not NULL. */
struct mount_filter {
	char *device; /* of the file system, "8:17" */
	char *root;   /* only with this root directory in the file system; NULL: any */
	char *point;  /* mount point */
	char *source; /* "/dev/sda1", "server:/export" */
	char *typed;  /* the same */
};

/* Returns the key of a file system by its device, as in the records of the BPF programs. */
static inline uint64_t superblock_key(uint64_t major, uint64_t minor)
{
	return major << 20 | minor;
}

#define KERNEL_DEVICE_MAX 24 /* "4294967295:4294967295" */

/* A mount in a mount namespace: one that holds a namespace, or one that is looked for. */
struct kernel_mount {
	struct ns_ref ref; /* inode 0: none */
	bool file_system;  /* ref is held by the file system: it is no namespace file */
	bool wanted;       /* matches the filter */
	char device[KERNEL_DEVICE_MAX]; /* of the file system, if wanted */
	uint32_t id;                    /* as in mountinfo; 0: unknown */
	char *path;      /* from the root of that mount namespace; the caller frees it */
	uint32_t parent; /* id of the mount that it is on; 0: unknown */
	char *file;      /* as in struct mount_point; NULL: unknown; the caller frees it */
	uint32_t peers, master;
};

/* Mounts that hold a namespace, and those that are looked for, in a mount namespace. */
struct kernel_mounts {
	struct kernel_mount *at;
	size_t n;
	bool whole;     /* the list is complete: it has as many mounts as the kernel counts */
	bool has_paths; /* each has a path, which may be KERNEL_MOUNT_TOO_LONG */
};

/* What another process's descriptor refers to. */
struct fd_target {
	enum {
		FD_OTHER,
		FD_PATH, /* its link is a path: it may be of any of these kinds */
		FD_NAMESPACE,
		FD_SOCKET,    /* a socket, or O_PATH of a socket file; dev distinguishes them */
		FD_TUN,       /* an open tun device, which contains a socket */
		FD_ANONYMOUS, /* an anonymous file, such as a ring: only its link names the kind */
		FD_RING,      /* a ring of io_uring(7) */
	} kind;
	uint64_t dev, ino; /* of a namespace, socket or ring */
	bool mount_root;   /* the file is the root of a mount; Linux 5.8 */
	uint64_t mount_id; /* of that mount, as in mountinfo; 0: unknown */
};

struct kernel {
	bool has_self; /* namespace files can be recognised and opened; see kernel_live_init() */
	bool names_ring_files; /* fdinfo names the files that a ring has registered; Linux 6.15 */
	bool shows_children_pidns; /* the link ns/pid_for_children exists; Linux 4.12 */

	void (*close)(const struct kernel *kernel, int fd); /* ignores a negative one */

	/*
	 * Open the namespace at path, -ENOTTY if path leads to anything else. open_below() takes an
	 * absolute path below the root directory of another process, and never leaves that, nor
	 * waits for a file system: -EAGAIN instead.
	 */
	int (*open)(const struct kernel *kernel, int dirfd, const char *path);
	int (*open_below)(
		const struct kernel *kernel, int dirfd, const char *root, const char *path);

	/* Reads what a link of /proc/PID/fd refers to, without opening it. */
	int (*fd_target)(const struct kernel *kernel, int dirfd, const char *link,
		struct fd_target *ret_target);

	/* Reads type and inode of a namespace. -ENOTTY if fd is anything else. */
	int (*ref)(const struct kernel *kernel, int fd, struct ns_ref *ret_ref);

	/* Return a descriptor of the owner, or of the parent of a PID or user namespace. */
	int (*owner)(const struct kernel *kernel, int fd);
	int (*parent)(const struct kernel *kernel, int fd);

	/* Reads the user who created a user namespace, as a UID of our user namespace. */
	int (*owner_uid)(const struct kernel *kernel, int fd, uid_t *ret_uid);

	/* Reads the 64-bit id, Linux 6.18 (mount namespaces: 6.11). */
	int (*id)(const struct kernel *kernel, int fd, uint64_t *ret_id);

	/* Reads the id of a network namespace in ours, rtnetlink(7). -ENODATA if it has none. */
	int (*netnsid)(const struct kernel *kernel, int fd, int *ret_id);

	/*
	 * Lists at most n ids, ascending and greater than after, of namespaces of the given types
	 * (bits 1 << enum nstype). Returns how many: listns(2), Linux 6.19. open_id() opens the
	 * namespace with an id, Linux 6.18.
	 */
	ssize_t (*list)(const struct kernel *kernel, unsigned types, uint64_t after, uint64_t *ids,
		size_t n);
	int (*open_id)(const struct kernel *kernel, uint64_t id);

	/*
	 * Returns a descriptor of the mount namespace with the next higher (up) or lower id, and
	 * reads that id, Linux 6.12. -ENOENT: there is none.
	 */
	int (*step_mnt)(const struct kernel *kernel, int fd, bool up, uint64_t *ret_id);

	/*
	 * Lists mounts of a mount namespace, Linux 6.11: of namespace files, of the file systems in
	 * superblocks, which maps superblock_key() to the struct ns_ref that the file system holds,
	 * and, unless filter is NULL, those that match it, except by their source. The caller frees
	 * them with kernel_free_mounts().
	 */
	int (*mounts)(const struct kernel *kernel, int fd, const struct u64map *superblocks,
		const struct mount_filter *filter, struct kernel_mounts *ret_mounts);

	/* Counts the mounts of a mount namespace except its first, Linux 6.12. */
	int (*count_mounts)(const struct kernel *kernel, int fd, size_t *ret_n);

	/*
	 * Returns a pidfd of thread tid of process pid, Linux 5.6. Before Linux 6.9, -EINVAL for a
	 * thread other than the first.
	 */
	int (*pidfd)(const struct kernel *kernel, pid_t pid, pid_t tid);

	/*
	 * Returns a descriptor of the PID namespace for future children of thread tid of process
	 * pid, Linux 6.11. No path leads to that namespace before its first process has started.
	 */
	int (*children_pidns)(const struct kernel *kernel, pid_t pid, pid_t tid);

	/*
	 * Returns a copy of descriptor fd of the process: the socket with this inode number, or
	 * with inode 0 a tun device. -EBADF if the descriptor is closed or another file by now,
	 * -EBUSY after too many copies of other files.
	 */
	int (*copy_socket)(const struct kernel *kernel, int pidfd, int fd, uint64_t inode);

	/*
	 * Read the cookie of a socket's network namespace, or of our own: a number that is never
	 * reused, Linux 5.14.
	 */
	int (*socket_cookie)(const struct kernel *kernel, int socket, uint64_t *ret_cookie);
	int (*own_cookie)(const struct kernel *kernel, uint64_t *ret_cookie);

	/* Returns a descriptor of a socket's network namespace. Requires CAP_NET_ADMIN in it. */
	int (*socket_netns)(const struct kernel *kernel, int socket);

	/* Read the inode of our own namespace of a type, or open it. -ENOENT: no such type. */
	int (*own)(const struct kernel *kernel, enum nstype type, uint32_t *ret_ino);
	int (*open_own)(const struct kernel *kernel, enum nstype type);

	/* Returns true if this process has a capability (CAP_*) in the initial user namespace. */
	bool (*capable)(const struct kernel *kernel, int cap);

	/* Orders the descriptor tables of two threads, kcmp(2). 0: they share one. */
	int (*order_files)(const struct kernel *kernel, pid_t tid, pid_t other, int *ret_order);
};

void kernel_free_mounts(struct kernel_mount *mounts, size_t n);

/*
 * Reads which namespace path leads to: from the text of the link, which is enough in a plain
 * directory, or by opening the namespace. -ENOTTY: path leads to something else.
 */
int kernel_identify(
	const struct kernel *kernel, int dirfd, const char *path, struct ns_ref *ret_ref);

/* The table of the running kernel. */
struct kernel_live {
	struct kernel kernel;
	int self;              /* O_PATH of our own directory in some procfs, or -1 */
	unsigned major, minor; /* device of the nsfs file system */
	struct unclosed *unclosed;
};

/*
 * Namespace files are recognised by their file system, and opened through our own directory in a
 * procfs: that of procfs_fd, /proc, or one that is mounted privately. kernel.has_self is false if
 * there is none.
 */
void kernel_live_init(struct kernel_live *live, int procfs_fd);
void kernel_live_done(struct kernel_live *live);

#endif
