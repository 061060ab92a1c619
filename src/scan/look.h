/* SPDX-License-Identifier: MIT */
/* What all phases share: the scene that they look at, and how they say what they found. */
#ifndef NSLS_LOOK_H
#define NSLS_LOOK_H

#include "fact.h"

#include "nsls/base/workers.h"
#include "nsls/kernel/kernel.h"
#include "nsls/kernel/procfs.h"

/* The same for a whole scan; only read. */
struct scene {
	struct procfs procfs;
	const struct kernel *kernel;
	unsigned sources;     /* bits 1 << enum source, that are wanted */
	unsigned types;       /* bits 1 << enum nstype, that are wanted */
	unsigned links;       /* those that are read of each task */
	unsigned unsupported; /* those that this kernel lacks */
	bool relations;       /* owners and parents are asked for */
	bool ids;             /* and ids, and who created a user namespace */
	bool netnsid;
	bool paths;                 /* of mounts are to be checked */
	uint32_t our_mnt, our_user; /* namespaces that we are in; 0: unknown */
};

static inline bool scene_wants(const struct scene *scene, enum source source)
{
	return scene->sources & 1u << source;
}

/* An item while a worker looks at it. */
struct look {
	struct worker *worker;
	const struct scene *scene;
	pid_t pid;         /* of the process that it is about, or 0 */
	unsigned troubled; /* bits of sources that said so already */
	bool vanished;     /* something of it ended before it could be read */
	struct fact *first, **end;
};

void look_init(struct look *look, struct worker *worker, const struct scene *scene, pid_t pid);

/* Adds a fact about the look's process, to be filled. */
struct fact *look_add(struct look *look, enum fact_kind kind);

/* A task (tid 0: none) holds ref. */
void look_hold(struct look *look, struct ns_ref ref, enum holder_kind kind, pid_t tid, int fd);

void look_gap(struct look *look, enum report_gap gap);

/*
 * The one place where errors are judged. Returns the error where it ends the scan, else says that
 * the source could not read all of the process, once, and returns 0. dirfd is the directory of the
 * task that the error is about, or -1: one that has ended meanwhile explains any error, such as
 * the EINVAL of its mountinfo.
 */
int look_trouble(struct look *look, enum source source, int dirfd, int error);

#endif
