/* SPDX-License-Identifier: MIT */
/* What is read of one process. */
#ifndef NSLS_READ_TASK_H
#define NSLS_READ_TASK_H

#include "nsls/base/arena.h"
#include "nsls/kernel/procfs.h"
#include "nsls/kernel/proctext.h"
#include "nsls/model/identity.h"

#include <stdbool.h>

/* Which process, and what of it. */
struct task_item {
	pid_t pid, tid;              /* as in the model's task */
	unsigned needs;              /* of enum need */
	uint64_t scan_ticks;         /* when the scan began */
	uint32_t ino[NS_TYPE_COUNT]; /* by which it is known again; 0: that type does not matter */
};

struct task_facts {
	bool has_stat, has_status, has_identity;
	bool unsure; /* nothing was read: whether it is the process that was scanned is not known */
	struct proc_stat stat;
	struct proc_status status;
	const char *command;      /* in the worker's arena; NULL: none */
	const char *comm;         /* the same */
	struct identity identity; /* its texts, too */
};

/* Returns 0 also where it has ended, or -errno that ends the run. */
int read_task(const struct procfs *procfs, const struct task_item *item, struct arena *arena,
	struct task_facts *facts);

#endif
