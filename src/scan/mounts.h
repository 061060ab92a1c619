/* SPDX-License-Identifier: MIT */
/* Says which namespace files are mounted in one mount namespace. */
#ifndef NSLS_MOUNTS_H
#define NSLS_MOUNTS_H

#include "door.h"
#include "look.h"

/* Members that are asked, of one mount namespace. */
#define VIEWERS_MOST 8

/* A task that is in a mount namespace and shows what is below its own root. */
struct viewer {
	pid_t pid, tid;
};

/* A mount namespace, and who may tell of it. */
struct mounts_item {
	uint32_t mntns;
	struct doors doors;
	struct viewer viewers[VIEWERS_MOST];
	size_t nviewers;
};

/* Both return 0, or -errno that ends the scan. */
int mounts_look_at(struct look *look, const struct mounts_item *item);

/*
 * The same for a namespace that no path leads to, by a descriptor; nothing where it is of another
 * type.
 */
int mounts_look_at_fd(struct look *look, struct ns_ref ref, int fd);

#endif
