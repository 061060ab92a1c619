// SPDX-License-Identifier: MIT
/* Workers and their memory: taking items, keeping what was found. Who watches is workers.c's. */
#include "internal.h"

#include "nsls/base.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S ((int64_t)1000 * 1000 * 1000)
#define STACK_SIZE ((size_t)512 * 1024) /* a directory is read 32 KiB at a time */

int64_t crew_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

void *worker_own(const struct worker *worker)
{
	return worker->own;
}

const void *worker_shared(const struct worker *worker)
{
	return worker->crew->work.shared;
}

struct arena *worker_arena(struct worker *worker)
{
	return &worker->arena;
}

bool worker_beat(struct worker *worker)
{
	atomic_fetch_add_explicit(&worker->beats, 1, memory_order_relaxed);
	return atomic_load_explicit(&worker->state, memory_order_relaxed) != LEFT;
}

struct stuck *stuck_new(struct worker *worker, struct stuck *next)
{
	const struct work *work = &worker->crew->work;
	struct stuck *stuck;

	if (!work->key)
		return next;
	stuck = memory_alloc(1, sizeof(*stuck));
	stuck->next = next;
	stuck->emitter = work->emitter;
	stuck->key = work->key(work->shared, worker->item);
	atomic_init(&stuck->is_back, false);
	atomic_init(&stuck->owners, 2);
	worker->stuck = stuck;
	return stuck;
}

void stuck_unref(struct stuck *stuck)
{
	if (stuck && atomic_fetch_sub(&stuck->owners, 1) == 1)
		free(stuck);
}

static void worker_free(struct worker *worker)
{
	const struct work *work = &worker->crew->work;

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

static void crew_unref(struct crew *crew)
{
	if (atomic_fetch_sub(&crew->owners, 1) > 1)
		return;
	free_workers(crew->left);
	if (crew->work.shared_done)
		crew->work.shared_done(crew->work.shared);
	pthread_cond_destroy(&crew->changed);
	pthread_mutex_destroy(&crew->lock);
	free(crew);
}

static void crew_fail(struct crew *crew, int error)
{
	int none = 0;

	atomic_compare_exchange_strong(&crew->error, &none, error);
}

/* Looks at one item. False where the worker was left behind with it. */
static bool look_at(struct worker *worker, size_t item)
{
	struct crew *crew = worker->crew;
	int busy = BUSY;
	void *found = NULL;
	int r;

	worker->item = item;
	atomic_store(&worker->state, BUSY);
	worker_beat(worker);
	r = crew->work.emitter(worker, item, &found);
	if (!atomic_compare_exchange_strong(&worker->state, &busy, IDLE))
		return false;
	if (r < 0)
		crew_fail(crew, r);
	crew->found[item] = found;
	return true;
}

/* Takes items until there are none. False where the worker was left behind. */
static bool take_items(struct worker *worker)
{
	struct crew *crew = worker->crew;

	while (!atomic_load_explicit(&crew->error, memory_order_relaxed)) {
		size_t item = atomic_fetch_add(&crew->next, 1);

		if (item >= crew->work.n)
			return true;
		if (!crew->timed_out[item] && !look_at(worker, item))
			return false;
	}
	return true;
}

/* Whoever leaves a worker behind holds the lock while he looks at it. */
static void come_back(struct worker *worker)
{
	struct crew *crew = worker->crew;
	struct stuck *stuck;

	pthread_mutex_lock(&crew->lock);
	stuck = worker->stuck;
	pthread_mutex_unlock(&crew->lock);
	crew_unref(crew);
	if (stuck)
		atomic_store(&stuck->is_back, true);
	stuck_unref(stuck);
}

static void *run_worker(void *arg)
{
	struct worker *worker = arg;
	struct crew *crew = worker->crew;

	atomic_store(&worker->tid, (int)gettid());
	if (!take_items(worker)) {
		come_back(worker);
		return NULL;
	}
	pthread_mutex_lock(&crew->lock);
	worker->ended = true;
	crew->running--;
	pthread_cond_signal(&crew->changed);
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

static struct worker *worker_new(struct crew *crew)
{
	struct worker *worker = memory_alloc(1, sizeof(*worker));

	arena_init(&worker->arena);
	worker->crew = crew;
	worker->own = memory_alloc(1, crew->work.own_size);
	worker->beat_time = crew_time();
	return worker;
}

/* A thread that no signal ends in: they are for the one that called. */
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

int crew_add_worker(struct crew *crew)
{
	struct worker *worker = worker_new(crew);
	int r = start_thread(worker);

	if (r < 0) {
		worker_free(worker);
		return r;
	}
	worker->next = crew->workers;
	crew->workers = worker;
	crew->running++;
	return 0;
}

bool crew_waits_by_stat(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[256];
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *end;

	if (fd >= 0)
		close(fd);
	text[len < 0 ? 0 : len] = '\0';
	end = strrchr(text, ')'); /* proc_pid_stat(5): the state follows the name */
	return !end || strncmp(end, ") R", 3) != 0;
}

bool crew_is_waiting(const struct worker *worker)
{
	int tid = atomic_load(&worker->tid);
	char path[48];

	if (!tid)
		return false;
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	return crew_waits_by_stat(path);
}

bool crew_has_items(const struct crew *crew)
{
	return atomic_load(&crew->next) < crew->work.n && !atomic_load(&crew->error);
}

void crew_work_alone(struct crew *crew)
{
	struct worker *worker = worker_new(crew);

	worker->next = crew->workers;
	worker->ended = true;
	crew->workers = worker;
	take_items(worker);
}

/* All others have ended: who was left behind keeps no more than what it may still look at. */
static void free_findings(struct crew *crew)
{
	free_workers(crew->workers);
	free(crew->found);
	free(crew->timed_out);
	crew->workers = NULL;
	crew->found = NULL;
	crew->timed_out = NULL;
}

void crew_free(struct crew *crew)
{
	if (!crew)
		return;
	free_findings(crew);
	crew_unref(crew);
}

struct crew *crew_new(const struct work *work)
{
	struct crew *crew = memory_alloc(1, sizeof(*crew));
	pthread_condattr_t attr;

	crew->work = *work;
	crew->owners = 1;
	crew->found = memory_alloc(work->n, sizeof(*crew->found));
	crew->timed_out = memory_alloc(work->n, sizeof(*crew->timed_out));
	pthread_mutex_init(&crew->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&crew->changed, &attr);
	pthread_condattr_destroy(&attr);
	return crew;
}

void *crew_found(const struct crew *crew, size_t i)
{
	return crew->found[i];
}

bool crew_timed_out(const struct crew *crew, size_t i)
{
	return crew->timed_out[i];
}
