/* SPDX-License-Identifier: MIT */
/* What the files of the layer base share. */
#ifndef NSLS_BASE_INTERNAL_H
#define NSLS_BASE_INTERNAL_H

#include "nsls/workers.h"

#include <pthread.h>
#include <stdatomic.h>

struct worker;

enum state {
	IDLE,
	BUSY,
	LEFT, /* behind: its item was given up */
};

/* An item that was given up. Shared by the thread that waits for it and those who remember it. */
struct stuck {
	struct stuck *next;
	int (*emitter)(struct worker *worker, size_t i, void **ret_found);
	uint64_t key;
	atomic_bool is_back; /* the thread */
	atomic_uint owners;
};

struct crew {
	struct work work;
	atomic_size_t next; /* item that nobody has taken yet */
	atomic_int error;   /* the first that ends the list */
	atomic_uint owners; /* who asked, and the threads that were left behind */
	void **found;
	bool *timed_out;

	pthread_mutex_t lock; /* of running, for the watcher's sleep */
	pthread_cond_t changed;
	unsigned running; /* workers that are not left behind and have not ended */

	/* The watcher's. What a worker found before it was left behind counts, and is kept. */
	struct worker *workers, *left;
};

struct worker {
	struct worker *next;
	struct crew *crew;
	pthread_t thread;
	atomic_int tid; /* 0: has not started yet */
	size_t item;
	void *own;
	struct arena arena;
	atomic_int state;
	atomic_uint beats;

	/* the watcher's */
	unsigned beats_seen;
	int64_t beat_time;
	bool waits;          /* was seen to, since then */
	bool ended;          /* set by the worker under crew->lock */
	struct stuck *stuck; /* of one that was left behind, where that is remembered */
};

/* Remembers the item that the worker is left behind with, in front of next, which it returns where
 * the item has no key. Called with the lock held. */
struct stuck *stuck_new(struct worker *worker, struct stuck *next);
void stuck_unref(struct stuck *stuck);

struct crew *crew_new(const struct work *work);

/*
 * Adds a worker and its thread; called with the lock held. Returns 0, or -errno of
 * pthread_create(3) where there are no more threads to be had.
 */
int crew_add_worker(struct crew *crew);

/*
 * Whether the kernel makes its thread wait. One that could run, but gets no processor, says nothing
 * of what it looks at.
 */
bool crew_is_waiting(const struct worker *worker);

/* The same of the thread or process that a stat file below /proc is about. */
bool crew_waits_by_stat(const char *path);

/* Works in the calling thread, without a timeout. */
void crew_work_alone(struct crew *crew);

/* Whether there are items that nobody has taken and that are still wanted. */
bool crew_has_items(const struct crew *crew);

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t crew_time(void);

#endif
