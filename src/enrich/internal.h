/* SPDX-License-Identifier: MIT */
/* What the files of the layer enrich share. */
#ifndef NSLS_ENRICH_INTERNAL_H
#define NSLS_ENRICH_INTERNAL_H

#include "nsls/base.h"
#include "nsls/enrich.h"
#include "nsls/model.h"
#include "nsls/procfs.h"

#include <stdbool.h>

/* What a cgroup file tells, before it becomes texts of their own. */

/* Parts of the file's text; at is NULL for what is not told. */
struct found {
	struct span path, unit;
	struct span fields[FIELD_COUNT];
	enum runtime runtime;
};

/* Reads the text of the whole file, in which there is no NUL. */
void identity_find(struct span text, struct found *ret_found);

/* What is read of one process. */

/* Which process, and what of it. */
struct process_item {
	pid_t pid, tid;              /* as in the model's process */
	unsigned needs;              /* of enum need */
	uint64_t scan_ticks;         /* when the scan began */
	uint32_t ino[NS_TYPE_COUNT]; /* by which it is known again; 0: that type does not matter */
};

struct process_facts {
	bool has_stat, has_status, has_identity;
	bool unsure; /* nothing was read: whether it is the process that was scanned is not known */
	struct proc_stat stat;
	struct proc_status status;
	const char *command;      /* in the worker's arena; NULL: none */
	const char *comm;         /* the same */
	struct identity identity; /* its texts, too */
};

/* Returns 0 also where it has ended, or -errno that ends the run. */
int read_process(const struct procfs *procfs, const struct process_item *item, struct arena *arena,
	struct process_facts *facts);

#endif
