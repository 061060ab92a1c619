/* SPDX-License-Identifier: MIT */
/*
 * A FUSE file system, the server of which can stop responding: a dead network file system, made by
 * hand on /dev/fuse (linux/fuse.h). Its root has a file of a page, "file", and a node with the
 * device number of tun devices, "tun". Nothing of it is cached, so that each request waits for the
 * server.
 *
 * The server is a child of the test, and the only process with the device open. However the test
 * ends, the kernel kills that child, aborts the connection and ends all waiting requests.
 */
#ifndef DEAD_FUSE_H
#define DEAD_FUSE_H

#include <linux/fuse.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct dead_fuse {
	pid_t server; /* 0: not started */
	int control;
};

/* Mounts it on a directory; uid owns the mount. Without for_all no other user may use it. */
void dead_fuse_start(struct dead_fuse *fuse, const char *dir, uid_t uid, bool for_all);

/* From here on the server neither takes nor answers a request. Once only. */
void dead_fuse_die(struct dead_fuse *fuse);

/*
 * From here on the server takes each request and answers none. A process that waits for the answer
 * to one that was taken is ended by no signal. Once only.
 */
void dead_fuse_swallow(struct dead_fuse *fuse);

/*
 * Waits until the dead server gets such a request (enum fuse_opcode). Later requests stay in the
 * kernel's queue: a process that waits for one of these can still be killed.
 */
void dead_fuse_await(struct dead_fuse *fuse, uint32_t opcode);

/* Ends the server, if it was started: requests that wait for it fail. */
void dead_fuse_end(struct dead_fuse *fuse);

#endif
