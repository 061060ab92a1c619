// SPDX-License-Identifier: MIT
/*
 * The thread that called only watches: it starts workers, replaces those that got stuck, and
 * decides when to stop waiting for them.
 */
#include "internal.h"

#include "nsls/base.h"

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#define MS ((int64_t)1000 * 1000)
#define TICK (10 * MS)  /* how often the watcher looks while it waits */
#define STUCK (50 * MS) /* without a beat */

#define MOST_THREADS 256
#define FDS_OF_A_WORKER 8

static unsigned count_processors(void)
{
	cpu_set_t set;

	/* Fails on machines with more than 1024; those have plenty. */
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 64;
	return (unsigned)CPU_COUNT(&set);
}

/*
 * How many descriptors we may have. The soft limit is low for the sake of programs that use
 * select(2), and threads that are left behind keep theirs.
 */
static rlim_t raise_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return RLIM_INFINITY;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	return files.rlim_max;
}

/* Half of the descriptors are for threads that are not left behind. */
static unsigned most_threads(void)
{
	rlim_t most = raise_limit() / FDS_OF_A_WORKER / 2;

	return most > MOST_THREADS ? MOST_THREADS : most ? (unsigned)most : 1;
}

void workers_init(struct workers *workers, unsigned jobs, unsigned timeout_ms)
{
	int64_t timeout = timeout_ms * MS;
	unsigned most = most_threads();

	jobs = jobs ? jobs : count_processors();
	*workers = (struct workers){
		.jobs = jobs < most ? jobs : most,
		.most = most,
		.time_left = timeout,
		.timeout = timeout,
		.least = timeout / 8,
	};
}

void workers_done(struct workers *workers)
{
	while (workers->stuck) {
		struct stuck *next = workers->stuck->next;

		stuck_unref(workers->stuck);
		workers->stuck = next;
	}
}

void workers_renew(struct workers *workers)
{
	workers->time_left = workers->timeout;
	workers->least = workers->timeout / 8;
}

static bool is_stuck(struct worker *worker, int64_t time)
{
	unsigned beats = atomic_load_explicit(&worker->beats, memory_order_relaxed);

	if (beats != worker->beats_seen) {
		worker->beats_seen = beats;
		worker->beat_time = time;
		worker->waits = false;
	}
	if (atomic_load(&worker->state) != BUSY || time - worker->beat_time < STUCK)
		return false;
	/* Asked once, not at every look: that of one who waits costs more than the look. */
	if (!worker->waits && !crew_is_waiting(worker))
		worker->beat_time = time;
	else
		worker->waits = true;
	return worker->waits;
}

static unsigned count_stuck(struct crew *crew)
{
	unsigned n = 0;
	int64_t time = crew_time();

	for (struct worker *w = crew->workers; w; w = w->next)
		n += !w->ended && is_stuck(w, time);
	return n;
}

/* Gives up the items of those who are stuck, and the threads with them. */
static void leave_stuck(struct workers *workers, struct crew *crew)
{
	struct worker **at = &crew->workers;
	int64_t time = crew_time();

	while (*at) {
		struct worker *worker = *at;
		int busy = BUSY;

		if (worker->ended || !is_stuck(worker, time) || !crew_is_waiting(worker) ||
			!atomic_compare_exchange_strong(&worker->state, &busy, LEFT)) {
			at = &worker->next;
			continue;
		}
		*at = worker->next;
		worker->next = crew->left;
		crew->left = worker;
		atomic_fetch_add(&crew->owners, 1);
		crew->timed_out[worker->item] = true;
		workers->stuck = stuck_new(worker, workers->stuck);
		crew->running--;
		workers->left_behind = true;
		pthread_detach(worker->thread);
	}
}

static void sleep_a_tick(struct crew *crew)
{
	int64_t until = crew_time() + TICK;
	struct timespec ts = { until / (1000 * MS), until % (1000 * MS) };

	pthread_cond_timedwait(&crew->changed, &crew->lock, &ts);
}

/* Adds workers while there are items to take and fewer than so many who run. */
static void add_workers(const struct workers *workers, struct crew *crew, unsigned most)
{
	while (crew->running < most && crew->running < workers->most && crew_has_items(crew))
		if (crew_add_worker(crew) < 0)
			return;
}

/*
 * How much of the time since the last tick counts against the timeout. In a tick that took long,
 * all of nsls was stopped (SIGSTOP, a frozen cgroup), and no worker could get on.
 */
static int64_t cost_of(int64_t time)
{
	return time < STUCK ? time : STUCK;
}

/*
 * Called with the lock held, until all have ended or were left behind. Time counts against
 * the timeout only while every worker is stuck: waiting costs nothing while others get on.
 *
 * Stuck workers are replaced by as many new ones: their number doubles from tick to tick, and
 * hundreds of items that block, which any user can make, take little longer than one.
 */
static void watch(struct workers *workers, struct crew *crew)
{
	int64_t before = crew_time();

	while (crew->running) {
		unsigned stuck = count_stuck(crew);
		unsigned fresh = stuck < workers->jobs ? workers->jobs : stuck;
		int64_t time = crew_time();

		if (stuck)
			add_workers(workers, crew, stuck + fresh);
		if (stuck == crew->running)
			workers->time_left -= cost_of(time - before);
		before = time;
		if (stuck && workers->time_left <= 0) {
			leave_stuck(workers, crew);
			workers->least /= 2; /* waiting did not help */
			workers->time_left = workers->least;
			add_workers(workers, crew, fresh);
		}
		if (crew->running)
			sleep_a_tick(crew);
	}
}

static unsigned count_wanted(const struct workers *workers, const struct work *work)
{
	size_t grain = work->grain ? work->grain : 1;
	size_t most = (work->n + grain - 1) / grain;

	return most < workers->jobs ? (unsigned)most : workers->jobs;
}

static void join_all(struct crew *crew)
{
	for (struct worker *w = crew->workers; w; w = w->next)
		if (w->thread) /* not one that works alone */
			pthread_join(w->thread, NULL);
}

static int run_crew(struct workers *workers, struct crew *crew)
{
	pthread_mutex_lock(&crew->lock);
	if (workers->time_left < workers->least)
		workers->time_left = workers->least;
	add_workers(workers, crew, count_wanted(workers, &crew->work));
	watch(workers, crew);
	pthread_mutex_unlock(&crew->lock);
	join_all(crew);
	/* No thread to be had. Where others got stuck, the calling thread could block for ever. */
	if (crew_has_items(crew)) {
		if (workers->left_behind)
			return -EAGAIN;
		crew_work_alone(crew);
	}
	return atomic_load(&crew->error);
}

/* Forgets items whose thread has come back: they can be read again. */
static void forget_unblocked(struct workers *workers)
{
	struct stuck **at = &workers->stuck;

	while (*at) {
		struct stuck *stuck = *at;

		if (!atomic_load(&stuck->is_back)) {
			at = &stuck->next;
			continue;
		}
		*at = stuck->next;
		stuck_unref(stuck);
	}
}

/* Marks items as timed out that a thread still waits for: another thread would block, too. */
static void skip_stuck(const struct workers *workers, struct crew *crew)
{
	const struct work *work = &crew->work;
	struct u64map keys;

	u64map_init(&keys);
	for (struct stuck *s = workers->stuck; s; s = s->next)
		if (s->emitter == work->emitter)
			u64map_put(&keys, s->key, s);
	for (size_t i = 0; keys.used && work->key && i < work->n; i++)
		crew->timed_out[i] = u64map_get(&keys, work->key(work->shared, i)) != NULL;
	u64map_done(&keys);
}

int workers_run(struct workers *workers, const struct work *work, struct crew **ret_crew)
{
	struct crew *crew = crew_new(work);
	int r;

	forget_unblocked(workers);
	skip_stuck(workers, crew);
	r = run_crew(workers, crew);
	if (r < 0) {
		crew_free(crew);
		return r;
	}
	*ret_crew = crew;
	return 0;
}
