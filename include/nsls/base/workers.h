/* SPDX-License-Identifier: MIT */
/*
 * Threads that share a work list, and the patience with them.
 *
 * The items of a list are numbered; each worker takes the next one that nobody has taken, and
 * writes what it finds to memory of its own. Findings come back by item, so their order does not
 * depend on how many workers there were.
 *
 * Any read below /proc may block for ever, because some process's memory or files are on a file
 * system whose server is dead. A worker that is stuck is replaced at once; when nothing else is
 * left to do it is waited for, as long as patience lasts, and then left behind.
 */
#ifndef NSLS_BASE_WORKERS_H
#define NSLS_BASE_WORKERS_H

#include "nsls/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stuck;

/* How many threads, and how long they are waited for. One for all lists of a run. */
struct workers {
	unsigned jobs;       /* that work at a time */
	unsigned most;       /* threads in all, those that are stuck included */
	int64_t patience;    /* ns that are left for those who don't answer */
	int64_t least;       /* ns that a list has in any case */
	int64_t whole;       /* the patience that it began with */
	bool left_behind;    /* some thread was: it may still run when the answer is ready */
	struct stuck *stuck; /* items whose thread was left behind and has not come back */
};

/*
 * jobs 0: as many as processors that we may use, sched_getaffinity(2). Never more than what the
 * limit of open descriptors leaves room for, of which the soft one is raised to the hard one.
 */
void workers_init(struct workers *workers, unsigned jobs, unsigned patience_ms);

/* Threads that were left behind stay there. */
void workers_done(struct workers *workers);

/*
 * Gives all of the patience again, to who looks at the same things another time. Those that a
 * thread still waits for are late at once: so each costs patience, a thread and the memory of that
 * once, however often it is looked at.
 */
void workers_renew(struct workers *workers);

struct worker;

/* A work list. What it points to may be looked at until shared_done is called, not only as long
 * as workers_run runs: a thread that was left behind may come back. */
struct work {
	size_t n;     /* items */
	size_t grain; /* items that are worth a thread of their own */

	/*
	 * Looks at item i. *ret_found, in the worker's arena, is kept for who asked. Returns 0,
	 * or -errno, which ends the whole list.
	 */
	int (*look)(struct worker *worker, size_t i, void **ret_found);

	/* What item i is about, in every list with this look. NULL: not known in another list. */
	uint64_t (*key)(const void *shared, size_t i);

	void *shared; /* only read by the workers */
	void (*shared_done)(void *shared);
	size_t own_size; /* of memory that each worker has to itself, zeroed */
	void (*own_done)(void *own);
};

/* All who work on one list, and what the items came to. */
struct crew;

/* Looks at all items. Takes over work->shared. Returns 0, or the first -errno of an item. */
int workers_run(struct workers *workers, const struct work *work, struct crew **ret_crew);

/* What was found for item i; NULL also for one that was left behind. */
void *crew_found(const struct crew *crew, size_t i);
bool crew_is_late(const struct crew *crew, size_t i);

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
