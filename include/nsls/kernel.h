/* SPDX-License-Identifier: MIT */
/*
 * Every system call that needs a descriptor on a namespace, a pidfd or a socket, behind a table of
 * functions, so that a test can answer in the kernel's place.
 *
 * A descriptor is an int that only the same table understands and that its close() releases.
 * All functions return a descriptor or 0 on success, else -errno. -ENOTTY, -ENOSYS and -EINVAL say
 * that this kernel has no such call, -EPERM that the caller may not know. They may be called from
 * several threads at a time.
 */
#ifndef NSLS_KERNEL_H
#define NSLS_KERNEL_H

#include "nsls/nstype.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/types.h>

/* In place of a path that is longer than 64 KiB, or one of too many long ones. */
#define KERNEL_MOUNT_FAR "(path too long)"

/* In place of a path that the kernel does not tell. */
#define KERNEL_MOUNT_UNKNOWN "(path unknown)"

/* Whether an error says that this kernel has no such call, or not for such a thing. */
static inline bool kernel_lacks(int error)
{
	return error == -ENOTTY || error == -ENOSYS || error == -EINVAL;
}

/* A namespace file that is mounted somewhere in a mount namespace. */
struct kernel_mount {
	struct ns_ref ref;
	uint32_t id; /* as in mountinfo; 0: unknown */
	char *path;  /* from the root of that mount namespace; the caller frees it */
};

/* The namespace files that are mounted in a mount namespace. */
struct kernel_mounts {
	struct kernel_mount *at;
	size_t n;
	bool whole;     /* as many mounts were listed as the kernel counts */
	bool has_paths; /* each has its path, though that may be too long */
};

/* What a descriptor of another process refers to, as far as it matters here. */
struct fd_target {
	enum {
		FD_OTHER,
		FD_PATH, /* a path, as far as its link tells: may be any of these */
		FD_NAMESPACE,
		FD_SOCKET,    /* or the file of one, opened with O_PATH: only device dev tells */
		FD_TUN,       /* an open tun device, which is a socket inside */
		FD_ANONYMOUS, /* a file of the kernel's own, such as a ring: only its link tells */
		FD_RING,      /* of io_uring(7) */
	} kind;
	uint64_t dev, ino; /* of a namespace, socket or ring */
	bool mount_root;   /* it is the root of a mount; Linux 5.8 */
	uint64_t mount_id; /* as in mountinfo, of that mount; 0: unknown */
};

struct kernel {
	/* Whether namespace files can be recognised and opened; see kernel_live_init(). */
	bool has_self;

	/* Whether fdinfo names the files that are registered with a ring; Linux 6.15. */
	bool names_ring_files;

	/* Whether there is a link ns/pid_for_children; Linux 4.12. */
	bool shows_children_pidns;

	void (*close)(const struct kernel *kernel, int fd);

	/* Opens a path that leads to a namespace. -ENOTTY where it is anything else. */
	int (*open)(const struct kernel *kernel, int dirfd, const char *path);

	/*
	 * The same for an absolute path below directory root of another process. Never leaves
	 * root, and never touches a file system that could make it wait (-EAGAIN).
	 */
	int (*open_below)(
		const struct kernel *kernel, int dirfd, const char *root, const char *path);

	/* What a link of /proc/PID/fd refers to, without opening that. */
	int (*peek)(const struct kernel *kernel, int dirfd, const char *link,
		struct fd_target *ret_target);

	int (*ref)(const struct kernel *kernel, int fd, struct ns_ref *ret_ref);

	/* The owning user namespace; the parent of a PID or user namespace: a descriptor. */
	int (*owner)(const struct kernel *kernel, int fd);
	int (*parent)(const struct kernel *kernel, int fd);

	/* Who created a user namespace, as our user namespace numbers users. */
	int (*owner_uid)(const struct kernel *kernel, int fd, uid_t *ret_uid);

	/* The 64-bit id, Linux 6.18 (mount namespaces: 6.11). */
	int (*id)(const struct kernel *kernel, int fd, uint64_t *ret_id);

	/* The id of a network namespace in ours, rtnetlink(7). -ENODATA where it has none. */
	int (*netnsid)(const struct kernel *kernel, int fd, int *ret_id);

	/*
	 * At most n ids above after of namespaces of the given types (bits 1 << enum nstype),
	 * ascending, and how many: listns(2), Linux 6.19.
	 */
	ssize_t (*list)(const struct kernel *kernel, unsigned types, uint64_t after, uint64_t *ids,
		size_t n);
	int (*open_id)(const struct kernel *kernel, uint64_t id);

	/* The neighbour of a mount namespace by id, Linux 6.12. -ENOENT at either end. */
	int (*next_mnt)(const struct kernel *kernel, int fd, uint64_t *ret_id);
	int (*previous_mnt)(const struct kernel *kernel, int fd, uint64_t *ret_id);

	/*
	 * The namespace files mounted in a mount namespace, Linux 6.11. Free with
	 * kernel_free_mounts().
	 */
	int (*mounts)(const struct kernel *kernel, int fd, struct kernel_mounts *ret_mounts);

	/* How many mounts there are in it, without its first, Linux 6.12. */
	int (*count_mounts)(const struct kernel *kernel, int fd, size_t *ret_n);

	/*
	 * A pidfd of thread tid of process pid, Linux 5.6. A thread other than the first wants
	 * Linux 6.9: -EINVAL before.
	 */
	int (*pidfd)(const struct kernel *kernel, pid_t pid, pid_t tid);

	/*
	 * The PID namespace for future children of thread tid of process pid, Linux 6.11: a
	 * descriptor. Before a first process has started in it, no path leads there.
	 */
	int (*children_pidns)(const struct kernel *kernel, pid_t pid, pid_t tid);

	/*
	 * A copy of its descriptor fd. -EBADF where that is not the socket with this inode; -EBUSY
	 * where too many were something else.
	 */
	int (*copy_socket)(const struct kernel *kernel, int pidfd, int fd, uint64_t inode);

	/* The same for a tun device. -EBADF where it is none. */
	int (*copy_tun)(const struct kernel *kernel, int pidfd, int fd);

	/* Number of a socket's network namespace, never used twice, Linux 5.14. */
	int (*socket_cookie)(const struct kernel *kernel, int socket, uint64_t *ret_cookie);

	/* A socket's network namespace: a descriptor. Wants CAP_NET_ADMIN over that. */
	int (*socket_netns)(const struct kernel *kernel, int socket);

	/* The cookie of our own network namespace. */
	int (*own_cookie)(const struct kernel *kernel, uint64_t *ret_cookie);

	/* Our own namespace of a type, by inode and as a descriptor. -ENOENT: not this kernel. */
	int (*own)(const struct kernel *kernel, enum nstype type, uint32_t *ret_ino);
	int (*open_own)(const struct kernel *kernel, enum nstype type);

	/* Whether we have a capability (CAP_*) in the initial user namespace. */
	bool (*capable)(const struct kernel *kernel, int cap);

	/*
	 * An order of tables of descriptors, kcmp(2): *ret_order is 0 where both threads share
	 * one, else below or above 0.
	 */
	int (*order_files)(const struct kernel *kernel, pid_t tid, pid_t other, int *ret_order);
};

void kernel_free_mounts(struct kernel_mount *mounts, size_t n);

/*
 * Which namespace path leads to: by the text of the link or, where that is none or the path of a
 * mount, by opening the namespace. The link alone will do in a plain directory. Returns 0 or
 * -errno; -ENOTTY: it leads to something else.
 */
int kernel_identify(
	const struct kernel *kernel, int dirfd, const char *path, struct ns_ref *ret_ref);

/* Answers from the running kernel. */
struct kernel_live {
	struct kernel kernel;
	int self;              /* O_PATH on our own directory in some procfs, or -1 */
	unsigned major, minor; /* device of the nsfs file system */
	struct unclosed *unclosed;
};

/*
 * A namespace file is known by its file system, and opened by way of our own directory in a
 * procfs: that of procfs_fd, /proc, or one that is mounted for ourselves alone. Without any,
 * kernel.has_self is false.
 */
void kernel_live_init(struct kernel_live *live, int procfs_fd);
void kernel_live_done(struct kernel_live *live);

#endif
