// SPDX-License-Identifier: MIT
/*
 * Workers take items and keep results; the thread that called pool_run watches them.
 *
 * Each worker has a turn, an atomic number: even while the worker is idle, odd while it does an
 * item, so that each item has a turn of its own. Both the worker, to end an item, and the watcher,
 * to abandon it, compare and exchange the turn of that item. Only one of them succeeds, and the
 * watcher can't abandon a later item.
 */
#include "nsls/base.h"
#include "nsls/pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define NS_PER_MS ((int64_t)1000 * 1000)
#define NS_PER_S (1000 * NS_PER_MS)
#define TICK (10 * NS_PER_MS)
#define BLOCKED (50 * NS_PER_MS) /* without progress: another worker is started */

/*
 * Upper bound of the time that one tick adds to the time without progress. If a tick took longer,
 * all of nsls was stopped (SIGSTOP, a frozen cgroup) or got no processor: no worker could go on.
 */
#define TICK_MAX (50 * NS_PER_MS)

#define STACK_SIZE ((size_t)512 * 1024) /* a directory is read 32 KiB at a time */
#define MAX_THREADS 256
#define FDS_PER_THREAD 8

#define TURN_ABANDONED UINT64_MAX

/* A thread that was abandoned. Owned by the thread and by the pool. */
struct abandoned {
	struct abandoned *next;
	int (*run_item)(
		struct worker *worker, size_t i, void **ret_found); /* NULL: without a key */
	uint64_t key; /* of the item in which the thread blocks */
	atomic_bool returned;
	atomic_uint owners;
};

/* One list. Owned by the caller of pool_run and by the threads that were abandoned in it. */
struct results {
	struct work work;
	atomic_size_t next; /* item that no worker has taken */
	atomic_int error;   /* the first that ends the list */
	atomic_uint owners;
	atomic_bool has_abandoned; /* threads of this list or of an earlier one */
	void **found;
	bool *timed_out;

	pthread_mutex_t lock; /* for running, and ended of each worker */
	pthread_cond_t changed;
	unsigned running; /* workers that were not abandoned and have not ended */

	/* For the watcher, and to be freed. Results of an abandoned worker's earlier items are
	 * kept. */
	struct worker *workers, *abandoned;
	unsigned max_threads; /* that may run in this list, and abandoned ones of any list */
};

struct worker {
	struct worker *next;
	struct results *results;
	pthread_t thread;
	atomic_uint_least64_t turn;
	atomic_size_t item; /* of the turn, while that is odd */
	atomic_uint progress;
	void *own;
	struct arena arena;
	struct abandoned *abandoned; /* valid for the worker after it was abandoned */
	bool ended;

	/* Only for the watcher: what it has seen, and how long that has not changed. */
	uint64_t turn_seen;
	unsigned progress_seen;
	int64_t blocked; /* ns */
};

static int64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* Memory */

static void abandoned_unref(struct abandoned *abandoned)
{
	if (atomic_fetch_sub(&abandoned->owners, 1) == 1)
		free(abandoned);
}

static struct worker *worker_new(struct results *results)
{
	struct worker *worker = memory_alloc(1, sizeof(*worker));

	worker->results = results;
	worker->own = memory_alloc(1, results->work.own_size);
	return worker;
}

static void worker_free(struct worker *worker)
{
	const struct work *work = &worker->results->work;

	if (work->own_done)
		work->own_done(worker->own);
	free(worker->own);
	arena_done(&worker->arena);
	free(worker);
}

static void free_workers(struct worker *worker)
{
	while (worker) {
		struct worker *next = worker->next;

		worker_free(worker);
		worker = next;
	}
}

static struct results *results_new(const struct work *work)
{
	struct results *results = memory_alloc(1, sizeof(*results));
	pthread_condattr_t attr;

	results->work = *work;
	results->owners = 1;
	results->found = memory_alloc(work->n, sizeof(*results->found));
	results->timed_out = memory_alloc(work->n, sizeof(*results->timed_out));
	pthread_mutex_init(&results->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&results->changed, &attr);
	pthread_condattr_destroy(&attr);
	return results;
}

static void results_unref(struct results *results)
{
	if (atomic_fetch_sub(&results->owners, 1) > 1)
		return;
	free_workers(results->abandoned);
	if (results->work.shared_done)
		results->work.shared_done(results->work.shared);
	pthread_cond_destroy(&results->changed);
	pthread_mutex_destroy(&results->lock);
	free(results);
}

/* Abandoned threads keep only what they may still use. */
void results_free(struct results *results)
{
	if (!results)
		return;
	free_workers(results->workers);
	free(results->found);
	free(results->timed_out);
	results->workers = NULL;
	results->found = NULL;
	results->timed_out = NULL;
	results_unref(results);
}

void *results_get(const struct results *results, size_t i)
{
	return results->found[i];
}

bool results_timed_out(const struct results *results, size_t i)
{
	return results->timed_out[i];
}

/* Workers */

void *worker_own(const struct worker *worker)
{
	return worker->own;
}

const void *worker_shared(const struct worker *worker)
{
	return worker->results->work.shared;
}

struct arena *worker_arena(struct worker *worker)
{
	return &worker->arena;
}

bool worker_progress(struct worker *worker)
{
	atomic_fetch_add_explicit(&worker->progress, 1, memory_order_relaxed);
	return atomic_load_explicit(&worker->turn, memory_order_relaxed) != TURN_ABANDONED;
}

static void keep_result(struct results *results, size_t item, void *found, int error)
{
	int none = 0;

	if (error >= 0)
		results->found[item] = found;
	else if ((error == -EMFILE || error == -ENFILE) && atomic_load(&results->has_abandoned))
		results->timed_out[item] = true;
	else
		atomic_compare_exchange_strong(&results->error, &none, error);
}

/* Does one item. Returns false if the worker was abandoned: then the results are not its own. */
static bool do_item(struct worker *worker, size_t item)
{
	struct results *results = worker->results;
	uint64_t turn = atomic_load_explicit(&worker->turn, memory_order_relaxed) + 1;
	uint64_t seen = turn;
	void *found = NULL;
	int r;

	atomic_store_explicit(&worker->item, item, memory_order_relaxed);
	atomic_store_explicit(&worker->turn, turn, memory_order_release);
	r = results->work.run_item(worker, item, &found);
	if (!atomic_compare_exchange_strong(&worker->turn, &seen, turn + 1))
		return false;
	keep_result(results, item, found, r);
	return true;
}

/* Does items until there are none. Returns false if the worker was abandoned. */
static bool do_items(struct worker *worker)
{
	struct results *results = worker->results;

	while (!atomic_load_explicit(&results->error, memory_order_relaxed)) {
		size_t item = atomic_fetch_add(&results->next, 1);

		if (item >= results->work.n)
			break;
		if (!results->timed_out[item] && !do_item(worker, item))
			return false;
	}
	return true;
}

static void *run_worker(void *arg)
{
	struct worker *worker = arg;
	struct results *results = worker->results;

	if (do_items(worker)) {
		pthread_mutex_lock(&results->lock);
		worker->ended = true;
		results->running--;
		pthread_cond_signal(&results->changed);
		pthread_mutex_unlock(&results->lock);
	} else {
		struct abandoned *abandoned = worker->abandoned;

		results_unref(results); /* may free the worker */
		atomic_store(&abandoned->returned, true);
		abandoned_unref(abandoned);
	}
	return NULL;
}

/* All signals are left to the thread that called pool_run. Returns 0, or -errno. */
static int start_thread(struct worker *worker)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int r = pthread_attr_init(&attr);

	if (r)
		return -r;
	sigfillset(&all);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&worker->thread, &attr, run_worker, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -r;
}

/* Called with the lock held. Returns 0, or -errno of pthread_create(3). */
static int start_worker(struct results *results)
{
	struct worker *worker = worker_new(results);
	int r = start_thread(worker);

	if (r < 0) {
		worker_free(worker);
		return r;
	}
	worker->next = results->workers;
	results->workers = worker;
	results->running++;
	return 0;
}

/* Does the items in the calling thread. */
static void work_alone(struct results *results)
{
	struct worker *worker = worker_new(results);

	worker->next = results->workers;
	results->workers = worker;
	do_items(worker);
}

/* The watcher */

/* Counts the abandoned threads, and forgets those that have returned. */
static unsigned count_abandoned(struct pool *pool)
{
	struct abandoned **at = &pool->abandoned;
	unsigned n = 0;

	while (*at) {
		struct abandoned *abandoned = *at;

		if (atomic_load(&abandoned->returned)) {
			*at = abandoned->next;
			abandoned_unref(abandoned);
		} else {
			at = &abandoned->next;
			n++;
		}
	}
	return n;
}

/* Abandons the item of the turn that was seen. Returns false if the worker has ended it. */
static bool abandon(struct pool *pool, struct results *results, struct worker *worker)
{
	const struct work *work = &results->work;
	struct abandoned *abandoned = memory_alloc(1, sizeof(*abandoned));
	uint64_t turn = worker->turn_seen;
	size_t item;

	/* What the worker uses when it finds that it was abandoned has to be there before. */
	abandoned->owners = 2;
	worker->abandoned = abandoned;
	atomic_fetch_add(&results->owners, 1);
	if (!atomic_compare_exchange_strong(&worker->turn, &turn, TURN_ABANDONED)) {
		atomic_fetch_sub(&results->owners, 1);
		free(abandoned);
		return false;
	}
	item = atomic_load_explicit(&worker->item, memory_order_relaxed);
	results->timed_out[item] = true;
	if (work->key) {
		abandoned->run_item = work->run_item;
		abandoned->key = work->key(work->shared, item);
	}
	abandoned->next = pool->abandoned;
	pool->abandoned = abandoned;
	atomic_store(&results->has_abandoned, true);
	results->running--;
	pthread_detach(worker->thread);
	return true;
}

/* Adds the time since the last tick to that for which the worker has made no progress. */
static void update_blocked(struct worker *worker, int64_t elapsed)
{
	uint64_t turn = atomic_load(&worker->turn);
	unsigned progress = atomic_load_explicit(&worker->progress, memory_order_relaxed);
	bool same = turn == worker->turn_seen && progress == worker->progress_seen;

	worker->blocked = same && turn % 2 && !worker->ended ? worker->blocked + elapsed : 0;
	worker->turn_seen = turn;
	worker->progress_seen = progress;
}

/* Abandons workers that have timed out. Returns how many of the others block. */
static unsigned check_workers(struct pool *pool, struct results *results, int64_t elapsed)
{
	struct worker **at = &results->workers;
	unsigned blocked = 0;

	while (*at) {
		struct worker *worker = *at;

		update_blocked(worker, elapsed);
		if (worker->blocked && worker->blocked >= pool->timeout &&
			abandon(pool, results, worker)) {
			*at = worker->next;
			worker->next = results->abandoned;
			results->abandoned = worker;
			continue;
		}
		blocked += worker->blocked >= BLOCKED;
		at = &worker->next;
	}
	return blocked;
}

/* Whether there are items that no worker has taken. */
static bool has_items(const struct results *results)
{
	return atomic_load(&results->next) < results->work.n && !atomic_load(&results->error);
}

/* Starts workers until so many run, as far as that is possible. */
static void start_workers(struct results *results, unsigned wanted, unsigned abandoned)
{
	while (results->running < wanted && results->running + abandoned < results->max_threads &&
		has_items(results))
		if (start_worker(results) < 0)
			return; /* the next tick tries again */
}

static void wait_for_tick(struct results *results)
{
	int64_t until = monotonic_ns() + TICK;
	struct timespec ts = { until / NS_PER_S, (long)(until % NS_PER_S) };

	pthread_cond_timedwait(&results->changed, &results->lock, &ts);
}

/*
 * Called with the lock held; returns when all workers have ended or were abandoned.
 *
 * Where all workers block the number of threads is doubled: hundreds of items that block, which any
 * user can make, shall take little longer than one.
 */
static void watch(struct pool *pool, struct results *results, unsigned jobs)
{
	int64_t before = monotonic_ns();

	start_workers(results, jobs, count_abandoned(pool));
	while (results->running) {
		int64_t now, elapsed;
		unsigned blocked, abandoned, idle = jobs;

		wait_for_tick(results);
		now = monotonic_ns();
		elapsed = now - before < TICK_MAX ? now - before : TICK_MAX;
		before = now;
		blocked = check_workers(pool, results, elapsed);
		abandoned = count_abandoned(pool);
		if (blocked == results->running && blocked + abandoned > jobs)
			idle = blocked + abandoned;
		start_workers(results, blocked + idle, abandoned);
	}
}

static unsigned count_jobs(const struct pool *pool, const struct work *work)
{
	size_t grain = work->grain ? work->grain : 1;
	size_t jobs = (work->n + grain - 1) / grain;

	return jobs < pool->jobs ? (unsigned)jobs : pool->jobs;
}

/* Ends a list for which there are no threads (any more). */
static void end_without_threads(struct results *results)
{
	if (!atomic_load(&results->has_abandoned)) {
		work_alone(results);
		return;
	}
	/* The calling thread could block, too. */
	for (size_t i = atomic_load(&results->next); i < results->work.n; i++)
		results->timed_out[i] = true;
}

/* Marks the items in which an abandoned thread blocks: another one would block, too. */
static void skip_blocked(const struct pool *pool, struct results *results)
{
	const struct work *work = &results->work;
	CLEANUP(u64map_done) struct u64map keys = { 0 };

	for (struct abandoned *a = pool->abandoned; a; a = a->next)
		if (a->run_item == work->run_item)
			u64map_put(&keys, a->key, a);
	for (size_t i = 0; keys.used && work->key && i < work->n; i++)
		results->timed_out[i] = u64map_get(&keys, work->key(work->shared, i)) != NULL;
}

int pool_run(struct pool *pool, const struct work *work, struct results **ret_results)
{
	struct results *results = results_new(work);
	unsigned abandoned = count_abandoned(pool);
	int r;

	results->max_threads = abandoned + (pool->max_threads - abandoned + 1) / 2;
	results->has_abandoned = abandoned;
	skip_blocked(pool, results);
	pthread_mutex_lock(&results->lock);
	watch(pool, results, count_jobs(pool, work));
	pthread_mutex_unlock(&results->lock);
	for (struct worker *w = results->workers; w; w = w->next)
		pthread_join(w->thread, NULL);
	if (has_items(results))
		end_without_threads(results);
	r = atomic_load(&results->error);
	if (r < 0) {
		results_free(results);
		return r;
	}
	*ret_results = results;
	return 0;
}

/* The pool */

static unsigned count_processors(void)
{
	cpu_set_t set;

	/* Fails on machines with more than 1024; those have plenty. */
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 64;
	return (unsigned)CPU_COUNT(&set);
}

/*
 * Returns how many descriptors we may have. The soft limit is low for the sake of programs that use
 * select(2), and abandoned threads keep theirs.
 */
static rlim_t raise_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return RLIM_INFINITY;
	files.rlim_cur = files.rlim_max;
	/* EPERM if the hard limit is above /proc/sys/fs/nr_open. */
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		getrlimit(RLIMIT_NOFILE, &files);
	return files.rlim_cur;
}

/* Half of the descriptors are for threads. */
static unsigned count_threads(void)
{
	rlim_t n = raise_limit() / FDS_PER_THREAD / 2;

	return n > MAX_THREADS ? MAX_THREADS : n ? (unsigned)n : 1;
}

void pool_init(struct pool *pool, unsigned jobs, unsigned timeout_ms)
{
	unsigned max = count_threads();

	jobs = jobs ? jobs : count_processors();
	*pool = (struct pool){
		.jobs = jobs < max ? jobs : max,
		.max_threads = max,
		.timeout = timeout_ms * NS_PER_MS,
	};
}

void pool_done(struct pool *pool)
{
	while (pool->abandoned) {
		struct abandoned *next = pool->abandoned->next;

		abandoned_unref(pool->abandoned);
		pool->abandoned = next;
	}
}

bool pool_has_abandoned(struct pool *pool)
{
	return count_abandoned(pool) > 0;
}
