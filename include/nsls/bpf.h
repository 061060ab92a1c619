/* SPDX-License-Identifier: MIT */
/*
 * The BPF programs that write records of all threads and of what descriptors hold, from inside the
 * kernel. They need no permission to read a process, and nothing in a process can block them. Each
 * record begins with its kind, and its size is a multiple of 8 bytes.
 */
#ifndef NSLS_BPF_H
#define NSLS_BPF_H

#include "nsls/nstype.h"

#include <linux/types.h>
#include <stddef.h>

enum record_kind {
	RECORD_TASK = 1,
	RECORD_NS,
	RECORD_FILE,
	RECORD_SUPERBLOCK,
};

/* A thread. */
struct record_task {
	__u32 kind;
	__u32 pid, tid;           /* of its process; its own */
	__u32 has_ended;          /* a zombie: not in exit(2) any more */
	__u32 ino[NS_TYPE_COUNT]; /* inode numbers of its namespaces; 0: none any more */
	__u32 pid_for_children, time_for_children;
};

/* A namespace: once in each pass, before the first record that refers to it. */
struct record_ns {
	__u32 kind;
	__u32 type, ino;
	__u32 owner;     /* the user namespace that owns it, or the parent of a user namespace */
	__u32 parent;    /* of a PID namespace; 0: none */
	__u32 owner_uid; /* of a user namespace: its creator */
	__u64 id;        /* 0: the kernel has none */
};

enum record_holder {
	RECORD_FD,     /* the descriptor is on the namespace */
	RECORD_SOCKET, /* it is a socket in it */
	RECORD_TUN,    /* it is a tun device in it */
	RECORD_RING,   /* it is a ring of io_uring(7) */
	RECORD_QUEUE,  /* it is a socket that the namespace, or a socket in it, was sent to */
	RECORD_PEER,   /* it is a socket with the credentials of a peer in the namespace */
	RECORD_PIDFD,  /* it is a pidfd of a process that was in the namespace */
	RECORD_CRED,   /* its file was opened with credentials of the user namespace */
	RECORD_SB,     /* it is on a file system that belongs to the namespace */
	RECORD_OPEN, /* it is a file of the network namespace, or opened in the cgroup namespace */
	RECORD_TREE, /* it is on a detached tree in which the namespace is mounted */
	RECORD_DETACHED, /* it is on the root of a detached tree of mounts */
	RECORD_CUT,      /* it holds more than what was written */
};

/* What a descriptor holds. */
struct record_file {
	__u32 kind;
	__u32 pid, tid, fd;
	__u32 holder;    /* enum record_holder */
	__u32 type, ino; /* the namespace; 0: none */
	__u32 ring;      /* inode number of the ring that the descriptor is; 0: it is none */
	__u64 table;     /* one number per descriptor table */
};

/* A file system that holds a namespace without a member. */
struct record_superblock {
	__u32 kind;
	__u32 type, ino; /* the namespace; 0: none */
	__u32 device;    /* major << 20 | minor */
	__u32 is_cut;    /* there are more than may be written or visited */
	__u32 unused;
};

/* Returns the size of a record of this kind, 0 for what is none. */
static inline __u32 record_size(__u32 kind)
{
	switch (kind) {
	case RECORD_TASK:
		return sizeof(struct record_task);
	case RECORD_NS:
		return sizeof(struct record_ns);
	case RECORD_FILE:
		return sizeof(struct record_file);
	case RECORD_SUPERBLOCK:
		return sizeof(struct record_superblock);
	default:
		return 0;
	}
}

/*
 * The iterator has room for 32 KiB of output, and visits an element again if its output does not
 * fit. A reader with a buffer of this size always leaves room for the most that one element writes.
 */
#define RECORDS_BUFFER 16384

/* The most that is written of one descriptor, but for its last record and namespaces above it. */
#define RECORDS_OF_DESCRIPTOR 11264

enum bpf_list {
	BPF_TASKS,       /* record_task and record_ns */
	BPF_DESCRIPTORS, /* record_file and record_ns */
};

/* A table of functions that a test can replace. */
struct bpf {
	/*
	 * Reads a list anew, and calls each for every piece of it, which has whole records. Stops
	 * when each does not return 0, and returns that. Returns 0 or -errno.
	 */
	int (*read)(const struct bpf *bpf, enum bpf_list list,
		int (*each)(void *data, const void *records, size_t size), void *data);
};

/* The programs in the running kernel. */
struct bpf_live {
	struct bpf bpf;
	struct nsls_bpf *programs; /* NULL: not loaded */
};

/*
 * Loads the programs, which stay until bpf_live_done(). Returns 0 or -errno: -ENOTSUP if nsls was
 * built without them, -EPERM without CAP_BPF and CAP_PERFMON in the initial user namespace, -ENOENT
 * if the kernel has no BTF, -ENOSYS if it is older than Linux 5.17.
 */
int bpf_live_init(struct bpf_live *live);

/* Accepts what is zeroed. */
void bpf_live_done(struct bpf_live *live);

#endif
