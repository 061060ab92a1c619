/* SPDX-License-Identifier: MIT */
/*
 * A holder is a reason for which a namespace exists. Every fact that nsls finds has the form
 * "this holder holds that namespace". A new way of holding is a row of the table of kinds.
 */
#ifndef NSLS_MODEL_HOLDER_H
#define NSLS_MODEL_HOLDER_H

#include "nsls/base/nstype.h"
#include "nsls/base/strbuf.h"

#include <sys/types.h>

struct ns;
struct task;

enum holder_kind {
	HOLDER_PROCESS,  /* a member process */
	HOLDER_ZOMBIE,   /* a member process that has ended and was not waited for */
	HOLDER_THREAD,   /* a member thread whose process is in another instance */
	HOLDER_CHILDREN, /* a task whose future children will be members */
	HOLDER_FD,       /* an open file descriptor on the namespace */
	HOLDER_SOCKET, /* an open socket of this network namespace, held by a process of another */
	HOLDER_TUN, /* an open tun device of this network namespace, held by a process of another */
	HOLDER_URING,  /* a ring that the namespace file, or a socket of it, is registered with */
	HOLDER_MOUNT,  /* a bind mount of the namespace file */
	HOLDER_OWNED,  /* a namespace that this user namespace owns */
	HOLDER_CHILD,  /* a child PID or user namespace */
	HOLDER_KERNEL, /* nothing that can be seen: only the kernel lists the namespace */
	HOLDER_KIND_COUNT,
};

/* A bind mount and from where it can be seen. */
struct holder_mount {
	const char *path;        /* below the root of the task that it was read from */
	uint32_t mntns;          /* mount namespace that it is in, 0: unknown */
	const struct task *task; /* process whose mount table shows it, or NULL */
	pid_t tid;               /* its thread that does, or its own PID */
};

struct holder {
	struct holder *next;
	const struct task *task; /* the task that holds, where it is one; else NULL */
	union {
		int fd;                           /* fd, socket, tun, uring: of the ring */
		const struct holder_mount *mount; /* mount */
		const struct ns *ns;              /* owned, child */
	};
	enum holder_kind kind;
	pid_t tid; /* where there is a task: the thread, or the task's own PID */
};

/* "process", "fd" … */
const char *holder_kind_name(enum holder_kind kind);

/*
 * What makes a holder of this kind let go. PID, MOUNT, MNTNS and HNS stand for themselves: a
 * command with a mount point in it, which others have chosen, would be pasted into somebody's
 * shell.
 */
const char *holder_kind_release(enum holder_kind kind);

/* A member process, ended or not. */
bool holder_is_member(const struct holder *holder);

/* Whether it is a descriptor, with a number in fd. */
bool holder_has_fd(const struct holder *holder);

/* The namespace that holds, where it is one; else NULL. */
const struct ns *holder_ns(const struct holder *holder);

/* Whether the namespace can be reached through it: a socket, say, has no path. */
bool holder_has_path(const struct holder *holder);

/*
 * Appends the path of the namespace through this holder below a proc directory, such as
 * "12/ns/net", "12/fd/3" or "12/root/run/netns/blue". Appends nothing where there is none.
 */
void holder_path(const struct holder *holder, enum nstype type, struct strbuf *out);

/*
 * Appends the path, below a proc directory, of the root directory below which a mount point is
 * seen, such as "12/root". False where the holder is no mount, or one that no process sees.
 */
bool holder_root(const struct holder *holder, struct strbuf *out);

/*
 * Appends what the holder is in words, such as "fd 12:3" or "mount /run/netns/blue". A mount
 * point that is not in our_mnt is preceded by the inode of its mount namespace.
 */
void holder_describe(const struct holder *holder, uint32_t our_mnt, struct strbuf *out);

/*
 * Appends what the holder is for a table that has a column for the process: "fd 3". A mount point
 * that is not in our_mnt is followed by its mount namespace and a process that sees it, such as
 * "mount /x in 4026532208 (PID 12)".
 */
void holder_summarise(const struct holder *holder, uint32_t our_mnt, struct strbuf *out);

/* Appends what the holder is for a line that stands alone: "socket 12:3 (python3)". */
void holder_explain(const struct holder *holder, uint32_t our_mnt, struct strbuf *out);

/* Appends the mount point, as holder_describe does. */
void holder_mount_text(const struct holder_mount *mount, uint32_t our_mnt, struct strbuf *out);

#endif
