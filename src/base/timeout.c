// SPDX-License-Identifier: MIT
/*
 * What happens to work that does not respond in time: it is left to the thread or the child process
 * that it blocks.
 *
 * Workers of a pool take items and keep results; the thread that called pool_run watches them.
 *
 * The item that a worker does is atomic. Both the worker, to end the item, and the watcher, to
 * abandon it, compare and exchange it. Only one of them succeeds, and the watcher can't abandon a
 * later item, because a list has each item once.
 */
#include "nsls/timeout.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS ((int64_t)1000 * 1000)
#define NS_PER_S (1000 * NS_PER_MS)
#define TICK (10 * NS_PER_MS)
#define BLOCKED (50 * NS_PER_MS) /* without progress: another worker is started */

/*
 * Upper bound of the time that one tick adds to the time without progress. If a tick took longer,
 * all of nsls was stopped (SIGSTOP, a frozen cgroup) or got no processor: no worker could go on.
 */
#define TICK_MAX (50 * NS_PER_MS)

#define CHILD_TICK_MS 50
#define FDS_CHECKED 1024

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

/* A list that is run. Owned by pool_run and by the threads that were abandoned in it. */
struct list {
	struct work work;
	atomic_size_t next; /* item that no worker has taken */
	atomic_int error;   /* the first that ends the list */
	atomic_uint owners;
	atomic_bool has_abandoned; /* threads of this list or of an earlier one */
	struct result *results;    /* only until pool_run returns */

	pthread_mutex_t lock; /* for running */
	pthread_cond_t changed;
	unsigned running; /* threads that were not abandoned and have not ended */

	/* For the watcher, and to be freed. Results of an abandoned worker's earlier items are
	 * kept. */
	struct thread *threads, *abandoned;
	unsigned max_threads; /* that may run in this list, and abandoned ones of any list */
};

/* A worker. Owned by its list, and by itself and the pool, too, after it was abandoned. */
struct thread {
	struct worker worker; /* the first member: an item's function gets its address */
	struct thread *next;  /* of its list */
	struct list *list;
	pthread_t handle;
	atomic_size_t item;
	atomic_uint progress;
	atomic_uint owners;

	/* Only for the watcher: what it has seen, and how long that has not changed. */
	size_t item_seen;
	unsigned progress_seen;
	int64_t blocked; /* ns */

	/* Valid after the thread was abandoned, also when its list has been freed. */
	struct thread *next_abandoned; /* of the pool */
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

static void thread_unref(struct thread *thread)
{
	if (atomic_fetch_sub(&thread->owners, 1) == 1)
		free(thread);
}

/* Frees what the threads of a list have found. */
static void free_threads(const struct work *work, struct thread *thread)
{
	while (thread) {
		struct thread *next = thread->next;

		if (work->own_done)
			work->own_done(thread->worker.own);
		free(thread->worker.own);
		arena_done(&thread->worker.arena);
		thread_unref(thread);
		thread = next;
	}
}

static void list_unref(struct list *list)
{
	if (atomic_fetch_sub(&list->owners, 1) > 1)
		return;
	free_threads(&list->work, list->abandoned);
	if (list->work.shared_done)
		list->work.shared_done(list->work.shared);
	pthread_cond_destroy(&list->changed);
	pthread_mutex_destroy(&list->lock);
	free(list);
}

unsigned pool_count_abandoned(struct pool *pool)
{
	struct thread **at = &pool->abandoned, *thread;
	unsigned n = 0;

	while ((thread = *at)) {
		if (atomic_load(&thread->returned)) {
			*at = thread->next_abandoned;
			thread_unref(thread);
		} else {
			at = &thread->next_abandoned;
			n++;
		}
	}
	return n;
}

/* Workers */

bool worker_progress(struct worker *worker)
{
	struct thread *thread = (struct thread *)worker;

	atomic_fetch_add(&thread->progress, 1);
	return atomic_load(&thread->item) != ABANDONED;
}

/*
 * Does items until there are none. Returns false if the thread was abandoned: then the results are
 * not its own any more.
 */
static bool do_items(struct thread *thread)
{
	struct list *list = thread->list;

	while (!atomic_load(&list->error)) {
		size_t item = atomic_fetch_add(&list->next, 1), doing = item;
		void *found = NULL;
		int r, none = 0;

		if (item >= list->work.n)
			break;
		if (list->results[item].timed_out)
			continue;
		atomic_store(&thread->item, item);
		r = list->work.run_item(&thread->worker, item, &found);
		if (!atomic_compare_exchange_strong(&thread->item, &doing, IDLE))
			return false;
		if (r >= 0)
			list->results[item].found = found;
		else if ((r == -EMFILE || r == -ENFILE) && atomic_load(&list->has_abandoned))
			list->results[item].timed_out = true;
		else
			atomic_compare_exchange_strong(&list->error, &none, r);
	}
	return true;
}

static void *run_thread(void *arg)
{
	struct thread *thread = arg;
	struct list *list = thread->list;

	if (do_items(thread)) {
		pthread_mutex_lock(&list->lock);
		list->running--;
		pthread_cond_signal(&list->changed);
		pthread_mutex_unlock(&list->lock);
	} else {
		list_unref(list);
		atomic_store(&thread->returned, true);
		thread_unref(thread);
	}
	return NULL;
}

static struct thread *thread_new(struct list *list)
{
	struct thread *thread = memory_alloc(1, sizeof(*thread));

	thread->worker.shared = list->work.shared;
	thread->worker.own = memory_alloc(1, list->work.own_size);
	thread->list = list;
	thread->item = thread->item_seen = IDLE;
	thread->owners = 1;
	thread->next = list->threads;
	list->threads = thread;
	return thread;
}

/*
 * Called with the lock held. Returns false if the system allows no more threads. All signals are
 * left to the thread that called pool_run.
 */
static bool start_thread(struct list *list)
{
	struct thread *thread = thread_new(list);
	pthread_attr_t attr;
	sigset_t all, before;
	bool started;

	if (pthread_attr_init(&attr))
		memory_fail();
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(&thread->handle, &attr, run_thread, thread) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	list->running += started;
	if (!started) {
		list->threads = thread->next;
		thread->next = NULL;
		free_threads(&list->work, thread);
	}
	return started;
}

/* The watcher */

/* Abandons the item that was seen. Returns false if the thread has ended it. */
static bool abandon(struct pool *pool, struct list *list, struct thread *thread)
{
	const struct work *work = &list->work;
	size_t item = thread->item_seen;

	/* What the thread uses when it finds that it was abandoned has to be there before. */
	thread->owners = 3;
	atomic_fetch_add(&list->owners, 1);
	if (!atomic_compare_exchange_strong(&thread->item, &item, ABANDONED)) {
		atomic_fetch_sub(&list->owners, 1);
		thread->owners = 1;
		return false;
	}
	list->results[item].timed_out = true;
	if (work->key) {
		thread->run_item = work->run_item;
		thread->key = work->key(work->shared, item);
	}
	thread->next_abandoned = pool->abandoned;
	pool->abandoned = thread;
	atomic_store(&list->has_abandoned, true);
	list->running--;
	pthread_detach(thread->handle);
	return true;
}

/* Abandons threads that have timed out. Returns how many of the others block. */
static unsigned check_threads(struct pool *pool, struct list *list, int64_t elapsed)
{
	struct thread **at = &list->threads, *thread;
	unsigned blocked = 0;

	while ((thread = *at)) {
		size_t item = atomic_load(&thread->item);
		unsigned progress = atomic_load(&thread->progress);
		bool same = item == thread->item_seen && progress == thread->progress_seen;

		thread->blocked = same && item != IDLE ? thread->blocked + elapsed : 0;
		thread->item_seen = item;
		thread->progress_seen = progress;
		if (thread->blocked && thread->blocked >= pool->timeout &&
			abandon(pool, list, thread)) {
			*at = thread->next;
			thread->next = list->abandoned;
			list->abandoned = thread;
			continue;
		}
		blocked += thread->blocked >= BLOCKED;
		at = &thread->next;
	}
	return blocked;
}

/* Whether there are items that no thread has taken. */
static bool has_items(const struct list *list)
{
	return atomic_load(&list->next) < list->work.n && !atomic_load(&list->error);
}

/*
 * Starts threads, and returns when all of them have ended or were abandoned.
 *
 * Where all threads block their number is doubled: hundreds of items that block, which any user can
 * make, shall take little longer than one.
 */
static void watch(struct pool *pool, struct list *list)
{
	size_t grain = list->work.grain ? list->work.grain : 1;
	size_t worth = (list->work.n + grain - 1) / grain;
	unsigned jobs = worth < pool->jobs ? (unsigned)worth : pool->jobs;
	unsigned wanted = jobs, abandoned = pool_count_abandoned(pool);
	int64_t before = monotonic_ns();

	pthread_mutex_lock(&list->lock);
	for (;;) {
		int64_t now, until;
		struct timespec ts;
		unsigned blocked;

		while (list->running < wanted && list->running + abandoned < list->max_threads &&
			has_items(list))
			if (!start_thread(list))
				break; /* the next tick tries again */
		if (!list->running)
			break;

		until = monotonic_ns() + TICK;
		ts = (struct timespec){ until / NS_PER_S, (long)(until % NS_PER_S) };
		pthread_cond_timedwait(&list->changed, &list->lock, &ts);
		now = monotonic_ns();
		blocked = check_threads(
			pool, list, now - before < TICK_MAX ? now - before : TICK_MAX);
		before = now;
		abandoned = pool_count_abandoned(pool);
		wanted = blocked + jobs;
		if (blocked == list->running && blocked + abandoned > jobs)
			wanted = 2 * blocked + abandoned;
	}
	pthread_mutex_unlock(&list->lock);
}

int pool_run(struct pool *pool, const struct work *work)
{
	unsigned abandoned = pool_count_abandoned(pool);
	struct list *list = memory_alloc(1, sizeof(*list));
	CLEANUP(u64map_done) struct u64map keys = { 0 };
	pthread_condattr_t attr;
	int r;

	list->work = *work;
	list->owners = 1;
	list->has_abandoned = abandoned;
	list->max_threads = abandoned + (pool->max_threads - abandoned + 1) / 2;
	list->results = memory_alloc(work->n, sizeof(*list->results));
	pthread_mutex_init(&list->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&list->changed, &attr);
	pthread_condattr_destroy(&attr);

	/* Mark the items in which an abandoned thread blocks: another one would block, too. */
	for (struct thread *t = pool->abandoned; t; t = t->next_abandoned)
		if (t->run_item == work->run_item)
			u64map_put(&keys, t->key, t);
	for (size_t i = 0; keys.used && work->key && i < work->n; i++)
		list->results[i].timed_out = u64map_get(&keys, work->key(work->shared, i)) != NULL;

	watch(pool, list);
	for (struct thread *t = list->threads; t; t = t->next)
		pthread_join(t->handle, NULL);

	/* There are no threads (any more). If others have blocked, the calling one could, too. */
	if (has_items(list) && !atomic_load(&list->has_abandoned))
		do_items(thread_new(list));
	for (; has_items(list); list->next++)
		list->results[list->next].timed_out = true;

	r = atomic_load(&list->error);
	for (size_t i = 0; r == 0 && work->take_result && i < work->n; i++)
		work->take_result(work->taker, work->shared, i, list->results[i].found,
			list->results[i].timed_out);

	/* Abandoned threads keep only what they may still use. */
	free_threads(work, list->threads);
	free(list->results);
	list_unref(list);
	return r;
}

/* The pool */

/* Half of the descriptors are for threads, and abandoned ones keep theirs. */
void pool_init(struct pool *pool, unsigned jobs, unsigned timeout_ms)
{
	struct rlimit files = { .rlim_cur = RLIM_INFINITY };
	unsigned max;
	cpu_set_t set;
	rlim_t n;

	/* The soft limit is low for the sake of programs that use select(2). */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		/* EPERM if the hard limit is above /proc/sys/fs/nr_open. */
		if (setrlimit(RLIMIT_NOFILE, &files) < 0)
			getrlimit(RLIMIT_NOFILE, &files);
	}
	n = files.rlim_cur / FDS_PER_THREAD / 2;
	max = n > MAX_THREADS ? MAX_THREADS : n ? (unsigned)n : 1;

	/* sched_getaffinity(2) fails with more than 1024 processors; 64 is plenty. */
	if (!jobs)
		jobs = sched_getaffinity(0, sizeof(set), &set) < 0 ? 64 : (unsigned)CPU_COUNT(&set);
	*pool = (struct pool){
		.jobs = jobs < max ? jobs : max,
		.max_threads = max,
		.timeout = timeout_ms * NS_PER_MS,
	};
}

void pool_done(struct pool *pool)
{
	while (pool->abandoned) {
		struct thread *thread = pool->abandoned;

		pool->abandoned = thread->next_abandoned;
		thread_unref(thread);
	}
}

/* Child processes */

int write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		bytes += n < 0 ? 0 : n;
		len -= n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

/*
 * Reads one item. Returns false at the end, or where nothing comes for so long. A wait that took
 * longer than it should counts no more than that: both processes were stopped, or got no processor.
 */
static bool read_item(int fd, char *item, size_t size, int timeout_ms)
{
	int left = timeout_ms;

	while (size && left > 0) {
		struct pollfd in = { .fd = fd, .events = POLLIN };
		int tick = left < CHILD_TICK_MS ? left : CHILD_TICK_MS;
		int ready = poll(&in, 1, tick);
		ssize_t n = ready > 0 ? read(fd, item, size) : -1;

		if (ready == 0) {
			left -= tick;
		} else if (n > 0) {
			item += n;
			size -= (size_t)n;
			left = timeout_ms;
		} else if (n == 0 || errno != EINTR) {
			return false;
		}
	}
	return !size;
}

size_t child_run(
	child_fill *fill, const void *data, void *items, size_t n, size_t size, unsigned timeout_ms)
{
	int fds[2] = { -1, -1 };
	pid_t pid = pipe2(fds, O_CLOEXEC) < 0 ? -1 : fork();
	size_t done = 0;

	/*
	 * Close inherited descriptors, such as standard output (the reader of a pipe waits for its
	 * end) or a lock file. Descriptors of our own have FD_CLOEXEC.
	 */
	for (int fd = 0; pid == 0 && fd < FDS_CHECKED; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			close(fd);
	}
	/* In the child or, if there is none, here. */
	for (size_t i = 0; pid <= 0 && i < n; i++) {
		char *item = (char *)items + i * size;

		fill(data, i, item);
		if (pid == 0 && write_all(fds[1], item, size) < 0)
			break;
		done++;
	}
	if (pid == 0)
		_exit(0);
	if (fds[1] >= 0)
		close(fds[1]);
	while (done < n && read_item(fds[0], (char *)items + done * size, size, (int)timeout_ms))
		done++;
	if (fds[0] >= 0)
		close(fds[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, done < n ? WNOHANG : 0);
	}
	return done;
}
