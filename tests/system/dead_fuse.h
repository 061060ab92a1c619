/* SPDX-License-Identifier: MIT */
/*
 * A FUSE file system whose server stops answering when told to: what a dead network file system
 * is, made by hand on /dev/fuse (linux/fuse.h). It has a root with a file in it, "file", of a page,
 * and what says that it is the device of tun devices, "tun". It lets nothing be cached, so that
 * whoever asks for anything has to wait for the server.
 *
 * The server is a child of the test, and the only process with the device open. However the test
 * ends, the kernel kills that child, aborts the connection and frees all who wait.
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

/* From here on the server answers nothing. Once only. */
void dead_fuse_die(struct dead_fuse *fuse);

/*
 * From here on the server takes each request and answers none. A process that waits for the answer
 * to one that was taken is ended by no signal. Once only.
 */
void dead_fuse_swallow(struct dead_fuse *fuse);

/*
 * Waits until somebody asks the dead server for that (enum fuse_opcode). What comes later stays in
 * the kernel's queue, where a signal that kills the one who waits still reaches him.
 */
void dead_fuse_await(struct dead_fuse *fuse, uint32_t opcode);

/* Ends the server: who waits for it gets an error. Nothing to do for one that was not started. */
void dead_fuse_end(struct dead_fuse *fuse);

#endif
