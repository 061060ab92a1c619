/* SPDX-License-Identifier: MIT */
/* Work that may not respond: on a pool of threads, or in a child process, with a timeout. */
#ifndef NSLS_TIMEOUT_H
#define NSLS_TIMEOUT_H

#include "nsls/base.h"

/*
 * Any read below /proc may block for ever: the memory or the files of a process may be on a file
 * system whose server is dead. The thread that runs a list watches the workers, and starts another
 * beside one that blocks. One that blocks longer than the timeout is abandoned: its item has timed
 * out, and its thread is left to itself.
 */

/* The settings of all lists of a session, and the threads that were abandoned in any of them. */
struct pool {
	unsigned jobs;            /* threads that work at the same time */
	unsigned max_threads;     /* abandoned ones that have not returned included */
	int64_t timeout;          /* ns that an item may take without progress */
	struct thread *abandoned; /* threads that may not have returned yet */
};

/*
 * jobs 0 means one per processor that we may use, sched_getaffinity(2). Raises the soft limit of
 * open descriptors to the hard one, which bounds the number of threads: at most 256, at 8
 * descriptors per thread out of half of the limit.
 */
void pool_init(struct pool *pool, unsigned jobs, unsigned timeout_ms);

/* Abandoned threads stay, and free their memory when they return. */
void pool_done(struct pool *pool);

/* Counts abandoned threads that still run: they may use what they were given. Frees the others. */
unsigned pool_count_abandoned(struct pool *pool);

/* What an item's function gets from the thread that calls it. */
struct worker {
	const void *shared; /* of the list */
	void *own;          /* memory that this worker has to itself */
	struct arena arena; /* for results */
};

/*
 * Starts the timeout again: to be called between the steps of a long item. Returns false if the
 * worker was abandoned. Its item is lost then, and the function should return.
 */
bool worker_progress(struct worker *worker);

/* A list of work. Each worker takes the next item that no other has taken. */
struct work {
	size_t n;     /* items */
	size_t grain; /* items that are worth a thread of their own */

	/*
	 * Does item i. *ret_found, in the worker's arena, is its result. Returns 0, or -errno,
	 * which ends the whole list.
	 */
	int (*run_item)(struct worker *worker, size_t i, void **ret_found);

	/*
	 * Identifies item i in all lists with the same item function. While an abandoned thread
	 * blocks in an item, items with its key time out at once. NULL: items have no key.
	 */
	uint64_t (*key)(const void *shared, size_t i);

	/*
	 * What all workers read. Lives until shared_done is called, at the end of the list or by
	 * the last abandoned thread that returns. What it points to and does not own has to live as
	 * long: at the end of a run, until pool_count_abandoned() is 0 or the process exits.
	 */
	void *shared;
	void (*shared_done)(void *shared);

	size_t own_size; /* of the memory of each worker, zeroed */
	void (*own_done)(void *own);

	/*
	 * Takes the result of item i, which is valid during the call; NULL also if the item timed
	 * out. Called for each item in order, by the thread that runs the list, unless that fails.
	 */
	void (*take_result)(
		void *taker, const void *shared, size_t i, const void *found, bool timed_out);
	void *taker;
};

/*
 * Runs a list and takes over work->shared. Returns 0, or the first -errno of an item.
 *
 * Items that block never make it fail. If no thread is left to work, because so many were abandoned
 * or because the system allows no more, the remaining items time out. An item that fails with
 * EMFILE or ENFILE while there are abandoned threads, which hold descriptors, times out, too. If no
 * thread can be made although none was abandoned, the calling thread does the work, without a
 * timeout.
 *
 * A list gets at most half of the threads that are left, so that later ones can be run, too.
 */
int pool_run(struct pool *pool, const struct work *work);

/*
 * Work in a child process, for paths on any file system. A thread that waits for a dead file server
 * does not react to signals, and keeps its process from ending; a child process can be abandoned.
 *
 * Fills n items of size bytes each, in order, by calls of fill(). Returns how many: fewer than n if
 * one took longer than timeout_ms or the child was killed. Only the item's own bytes reach the
 * caller, so its pointers must point to memory that the caller had before. Must be called while
 * there are no other threads. Runs in the caller's process if no child can be created.
 */
typedef void child_fill(const void *data, size_t i, void *item);
size_t child_run(child_fill *fill, const void *data, void *items, size_t n, size_t size,
	unsigned timeout_ms);

/* Writes len bytes, in several parts if need be. Returns 0 or -errno. */
int write_all(int fd, const char *bytes, size_t len);

/* Returns the time of CLOCK_MONOTONIC in nanoseconds. */
int64_t monotonic_ns(void);

#endif
