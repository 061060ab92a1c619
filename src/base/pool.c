// SPDX-License-Identifier: MIT
/*
 * Workers take items and keep results; the thread that called pool_run watches them.
 *
 * The item that a worker does is atomic. Both the worker, to end the item, and the watcher, to
 * abandon it, compare and exchange it. Only one of them succeeds, and the watcher can't abandon a
 * later item, because a list has each item once.
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

/* In place of the item that a worker does. */
#define IDLE SIZE_MAX
#define ABANDONED (SIZE_MAX - 1)

struct result {
	void *found;
	bool timed_out;
};

/* One list. Owned by the caller of pool_run and by the threads that were abandoned in it. */
struct results {
	struct work work;
	atomic_size_t next; /* item that no worker has taken */
	atomic_int error;   /* the first that ends the list */
	atomic_uint owners;
	atomic_bool has_abandoned; /* threads of this list or of an earlier one */
	struct result *items;

	pthread_mutex_t lock; /* for running */
	pthread_cond_t changed;
	unsigned running; /* workers that were not abandoned and have not ended */

	/* For the watcher, and to be freed. Results of an abandoned worker's earlier items are
	 * kept. */
	struct worker *workers, *abandoned;
	unsigned max_threads; /* that may run in this list, and abandoned ones of any list */
};

/* Owned by its list, and by its thread and the pool, too, after it was abandoned. */
struct worker {
	struct worker *next; /* of its list */
	struct results *results;
	pthread_t thread;
	atomic_size_t item;
	atomic_uint progress;
	atomic_uint owners;
	void *own;
	struct arena arena;

	/* Only for the watcher: what it has seen, and how long that has not changed. */
	size_t item_seen;
	unsigned progress_seen;
	int64_t blocked; /* ns */

	/* Valid after the worker was abandoned, also when its list has been freed. */
	struct worker *next_abandoned; /* of the pool */
	int (*run_item)(
		struct worker *worker, size_t i, void **ret_found); /* NULL: without a key */
	uint64_t key; /* of the item in which the thread blocks */
	atomic_bool returned;
};

int64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* Memory */

static struct worker *worker_new(struct results *results)
{
	struct worker *worker = memory_alloc(1, sizeof(*worker));

	worker->results = results;
	worker->item = worker->item_seen = IDLE;
	worker->owners = 1;
	worker->own = memory_alloc(1, results->work.own_size);
	worker->next = results->workers;
	results->workers = worker;
	return worker;
}

static void worker_unref(struct worker *worker)
{
	if (atomic_fetch_sub(&worker->owners, 1) == 1)
		free(worker);
}

/* Frees what the workers of a list have found. */
static void free_workers(const struct work *work, struct worker *worker)
{
	while (worker) {
		struct worker *next = worker->next;

		if (work->own_done)
			work->own_done(worker->own);
		free(worker->own);
		arena_done(&worker->arena);
		worker_unref(worker);
		worker = next;
	}
}

static struct results *results_new(const struct work *work)
{
	struct results *results = memory_alloc(1, sizeof(*results));
	pthread_condattr_t attr;

	results->work = *work;
	results->owners = 1;
	results->items = memory_alloc(work->n, sizeof(*results->items));
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
	free_workers(&results->work, results->abandoned);
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
	free_workers(&results->work, results->workers);
	free(results->items);
	results_unref(results);
}

void *results_get(const struct results *results, size_t i)
{
	return results->items[i].found;
}

bool results_timed_out(const struct results *results, size_t i)
{
	return results->items[i].timed_out;
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
	atomic_fetch_add(&worker->progress, 1);
	return atomic_load(&worker->item) != ABANDONED;
}

static void keep_result(struct results *results, size_t item, void *found, int error)
{
	int none = 0;

	if (error >= 0)
		results->items[item].found = found;
	else if ((error == -EMFILE || error == -ENFILE) && atomic_load(&results->has_abandoned))
		results->items[item].timed_out = true;
	else
		atomic_compare_exchange_strong(&results->error, &none, error);
}

/* Does one item. Returns false if the worker was abandoned: then the results are not its own. */
static bool do_item(struct worker *worker, size_t item)
{
	size_t doing = item;
	void *found = NULL;
	int r;

	atomic_store(&worker->item, item);
	r = worker->results->work.run_item(worker, item, &found);
	if (!atomic_compare_exchange_strong(&worker->item, &doing, IDLE))
		return false;
	keep_result(worker->results, item, found, r);
	return true;
}

/* Does items until there are none. Returns false if the worker was abandoned. */
static bool do_items(struct worker *worker)
{
	struct results *results = worker->results;

	while (!atomic_load(&results->error)) {
		size_t item = atomic_fetch_add(&results->next, 1);

		if (item >= results->work.n)
			break;
		if (!results->items[item].timed_out && !do_item(worker, item))
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
		results->running--;
		pthread_cond_signal(&results->changed);
		pthread_mutex_unlock(&results->lock);
	} else {
		results_unref(results);
		atomic_store(&worker->returned, true);
		worker_unref(worker);
	}
	return NULL;
}

/*
 * Called with the lock held. Returns false if the system allows no more threads. All signals are
 * left to the thread that called pool_run.
 */
static bool start_worker(struct results *results)
{
	struct worker *worker = worker_new(results);
	pthread_attr_t attr;
	sigset_t all, before;
	bool started;

	if (pthread_attr_init(&attr))
		memory_fail();
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(&worker->thread, &attr, run_worker, worker) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	results->running += started;
	if (!started) {
		results->workers = worker->next;
		worker->next = NULL;
		free_workers(&results->work, worker);
	}
	return started;
}

/* The watcher */

/* Counts the abandoned threads, and forgets those that have returned. */
static unsigned count_abandoned(struct pool *pool)
{
	struct worker **at = &pool->abandoned, *worker;
	unsigned n = 0;

	while ((worker = *at)) {
		if (atomic_load(&worker->returned)) {
			*at = worker->next_abandoned;
			worker_unref(worker);
		} else {
			at = &worker->next_abandoned;
			n++;
		}
	}
	return n;
}

/* Abandons the item that was seen. Returns false if the worker has ended it. */
static bool abandon(struct pool *pool, struct results *results, struct worker *worker)
{
	const struct work *work = &results->work;
	size_t item = worker->item_seen;

	/* What the worker uses when it finds that it was abandoned has to be there before. */
	worker->owners = 3;
	atomic_fetch_add(&results->owners, 1);
	if (!atomic_compare_exchange_strong(&worker->item, &item, ABANDONED)) {
		atomic_fetch_sub(&results->owners, 1);
		worker->owners = 1;
		return false;
	}
	results->items[item].timed_out = true;
	if (work->key) {
		worker->run_item = work->run_item;
		worker->key = work->key(work->shared, item);
	}
	worker->next_abandoned = pool->abandoned;
	pool->abandoned = worker;
	atomic_store(&results->has_abandoned, true);
	results->running--;
	pthread_detach(worker->thread);
	return true;
}

/* Adds the time since the last tick to that for which the worker has made no progress. */
static void update_blocked(struct worker *worker, int64_t elapsed)
{
	size_t item = atomic_load(&worker->item);
	unsigned progress = atomic_load(&worker->progress);
	bool same = item == worker->item_seen && progress == worker->progress_seen;

	worker->blocked = same && item != IDLE ? worker->blocked + elapsed : 0;
	worker->item_seen = item;
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
		if (!start_worker(results))
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
		do_items(worker_new(results));
		return;
	}
	/* The calling thread could block, too. */
	for (size_t i = atomic_load(&results->next); i < results->work.n; i++)
		results->items[i].timed_out = true;
}

/* Marks the items in which an abandoned thread blocks: another one would block, too. */
static void skip_blocked(const struct pool *pool, struct results *results)
{
	const struct work *work = &results->work;
	CLEANUP(u64map_done) struct u64map keys = { 0 };

	for (struct worker *w = pool->abandoned; w; w = w->next_abandoned)
		if (w->run_item == work->run_item)
			u64map_put(&keys, w->key, w);
	for (size_t i = 0; keys.used && work->key && i < work->n; i++)
		results->items[i].timed_out = u64map_get(&keys, work->key(work->shared, i)) != NULL;
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
		struct worker *worker = pool->abandoned;

		pool->abandoned = worker->next_abandoned;
		worker_unref(worker);
	}
}

bool pool_has_abandoned(struct pool *pool)
{
	return count_abandoned(pool) > 0;
}
