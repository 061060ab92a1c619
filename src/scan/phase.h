/* SPDX-License-Identifier: MIT */
/*
 * The phases, in the order in which they run. Each makes a work list of what the model and the
 * facts before it say, and ends when all its facts are in the model. All return 0, or -errno that
 * ends the scan.
 */
#ifndef NSLS_PHASE_H
#define NSLS_PHASE_H

#include "look.h"
#include "merge.h"

#include "nsls/base/workers.h"

struct scan {
	struct scene scene;
	struct workers *workers;
	struct merge merge;
	size_t descriptors_most; /* as in scan_options */
	size_t related;          /* namespaces of the model, from the first on, that were asked */
};

/* Processes: links, threads, descriptors. */
int phase_tasks(struct scan *scan, const struct numbers *pids);

/* Big tables of descriptors, each once, however many processes share it. */
int phase_tables(struct scan *scan);

/* The threads of the processes that have several; phase_started() takes their list over. */
int phase_threads(struct scan *scan);

/* Processes and threads that are not in the list, which was made before: they started since. */
int phase_started(struct scan *scan, const struct numbers *listed);

/* Each ring of io_uring(7) once: which files are registered with it? Before sockets are asked. */
int phase_rings(struct scan *scan);

/* Each socket once: which network namespace is it of? */
int phase_sockets(struct scan *scan);

/* The mounts in each mount namespace that was not read yet. */
int phase_mounts(struct scan *scan);

/* Owner, parent and ids of each namespace that was not asked yet. */
int phase_relations(struct scan *scan);

/*
 * Inode numbers are used again at once, for any type. Of two namespaces that were found with the
 * same number, one has ended: it is found out which.
 */
int phase_reused(struct scan *scan);

/* What the kernel lists and nothing else has shown: as facts that say no more than that... */
int phase_list(struct scan *scan);

/* ...and for those that are left when all others have been explained, what they are. */
int phase_unseen(struct scan *scan);

/* The process that item i of the work list is about. */
typedef pid_t (*phase_whose)(const void *shared, size_t i);

/*
 * Runs a phase: merges the facts, which are what the items came to, in the order of the list.
 * Of items that were left behind the processes are counted instead; whose may be NULL.
 */
int phase_run(struct scan *scan, const struct work *work, phase_whose whose);

#endif
