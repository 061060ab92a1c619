/* SPDX-License-Identifier: MIT */
/*
 * The BPF programs that write records of all threads and of what descriptors hold, from inside the
 * kernel. They need no permission to read a process, and nothing in a process can block them.
 */
#ifndef NSLS_BPF_H
#define NSLS_BPF_H

#include <stddef.h>

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
