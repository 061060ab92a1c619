/* SPDX-License-Identifier: MIT */
/*
 * A thread pool that gives up on items that block.
 *
 * The items of a list are numbered; each worker takes the next one that nobody has taken, and
 * writes what it finds to memory of its own. Findings come back by item, so their order does not
 * depend on how many workers there were.
 *
 * Any read below /proc may block for ever, because some process's memory or files are on a file
 * system whose server is dead. A worker that is stuck is replaced at once. When nothing else is
 * left to do, the pool waits for it until the timeout, and then leaves it behind.
 */
#ifndef NSLS_WORKERS_H
#define NSLS_WORKERS_H

#include "nsls/base.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crew;
struct stuck;
struct worker;

/* How many threads, and how long they are waited for. One for all lists of a run. */
struct workers {
	unsigned jobs;       /* that work at a time */
	unsigned most;       /* threads in all, those that are stuck included */
	int64_t time_left;   /* ns until the workers that are stuck time out */
	int64_t least;       /* ns that every list has to itself */
	int64_t timeout;     /* ns; time_left starts with it */
	bool left_behind;    /* some thread was: it may still run when the answer is ready */
	struct stuck *stuck; /* items whose thread was left behind and has not come back */
};

/*
 * jobs 0: as many as processors that we may use, sched_getaffinity(2). Never more than what the
 * limit of open descriptors leaves room for, of which the soft one is raised to the hard one.
 */
void workers_init(struct workers *workers, unsigned jobs, unsigned timeout_ms);

/* Threads that were left behind stay there. */
void workers_done(struct workers *workers);

/*
 * Resets the timeout for the next pass. Items that a thread still waits for time out at once: each
 * costs the timeout, a thread and its memory only once, in however many passes.
 */
void workers_renew(struct workers *workers);

/* A work list. What it points to may be looked at until shared_done is called, not only as long
 * as workers_run runs: a thread that was left behind may come back. */
struct work {
	size_t n;     /* items */
	size_t grain; /* items that are worth a thread of their own */

	/*
	 * Looks at item i. *ret_found, in the worker's arena, is kept for who asked. Returns 0,
	 * or -errno, which ends the whole list.
	 */
	int (*emitter)(struct worker *worker, size_t i, void **ret_found);

	/* What item i is about, in every list with this look. NULL: not known in another list. */
	uint64_t (*key)(const void *shared, size_t i);

	void *shared; /* only read by the workers */
	void (*shared_done)(void *shared);
	size_t own_size; /* of memory that each worker has to itself, zeroed */
	void (*own_done)(void *own);
};

/* All who work on one list, and what the items came to. */
/* Looks at all items. Takes over work->shared. Returns 0, or the first -errno of an item. */
int workers_run(struct workers *workers, const struct work *work, struct crew **ret_crew);

/* What was found for item i; NULL also for one that timed out. */
void *crew_found(const struct crew *crew, size_t i);
bool crew_timed_out(const struct crew *crew, size_t i);

/* Frees what was found. Accepts NULL. */
void crew_free(struct crew *crew);

/* For the functions of a work list. */
void *worker_own(const struct worker *worker);
const void *worker_shared(const struct worker *worker);
struct arena *worker_arena(struct worker *worker);

/*
 * Says that the worker is getting on: to be called wherever an item takes many steps. False where
 * it was left behind; then all that is left to do is to return.
 */
bool worker_beat(struct worker *worker);

#endif
