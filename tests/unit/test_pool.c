// SPDX-License-Identifier: MIT
/* Lists of work: results don't depend on the workers, and no item is waited for without end. */
#include "nsls/timeout.h"

#include "small_world.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define ITEMS_MAX 1000

static int gate[2];             /* a pipe */
static unsigned made;           /* shared memories of lists */
static atomic_uint freed;       /* of these */
static atomic_uint own_freed;   /* own memories of workers that were freed */
static atomic_uint passed;      /* the gate */
static atomic_uint begun;       /* items */
static atomic_int more_threads; /* that pthread_create(3) will make before it fails */
static atomic_uint ticks;       /* of the watcher */
static size_t threads_before;   /* the first test */
static struct pool pool;        /* of the test */

/* Of the last list: a letter per item, '-' if it timed out, and what the first result calls. */
static char outcome[ITEMS_MAX + 1];
static void (*at_first_result)(void);

/* The tick in which an item times out against the end of that item. */
static struct {
	int tick; /* ticks take no time, and items time out in this one only; 0: off */
	atomic_bool item_waits; /* which the first tick waits for */
	atomic_int ticks;       /* that have begun since */
	unsigned spins_of_watcher, spins_of_item;
} race;

/* glibc has another function where time_t would have 32 bits without _TIME_BITS. */
#if defined(__TIMESIZE) && __TIMESIZE == 32
#define OF_TIME64(name) __asm__(name)
#else
#define OF_TIME64(name)
#endif

int __real_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int __wrap_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int __real_pthread_cond_timedwait(pthread_cond_t *, pthread_mutex_t *, const struct timespec *)
	OF_TIME64("__real___pthread_cond_timedwait64");
int __wrap_pthread_cond_timedwait(pthread_cond_t *, pthread_mutex_t *, const struct timespec *)
	OF_TIME64("__wrap___pthread_cond_timedwait64");

int __wrap_pthread_create(
	pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *data)
{
	if (atomic_load(&more_threads) <= 0)
		return EAGAIN;
	atomic_fetch_sub(&more_threads, 1);
	return __real_pthread_create(thread, attr, start, data);
}

static void spin(unsigned n)
{
	for (volatile unsigned i = 0; i < n; i++)
		;
}

static int tick_in_race(pthread_mutex_t *mutex)
{
	pthread_mutex_unlock(mutex);
	sched_yield();
	while (!race.item_waits)
		sched_yield();
	pthread_mutex_lock(mutex);
	pool.timeout = race.ticks + 1 == race.tick ? 1 : INT64_MAX;
	if (++race.ticks == race.tick)
		spin(race.spins_of_watcher);
	return ETIMEDOUT;
}

int __wrap_pthread_cond_timedwait(
	pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until)
{
	int r = race.tick ? tick_in_race(mutex) : __real_pthread_cond_timedwait(cond, mutex, until);

	ticks++;
	return r;
}

static int pass_gate(void)
{
	char byte;
	int r = read(gate[0], &byte, 1) == 1 ? 0 : -EIO;

	passed++;
	return r;
}

static void open_gate(size_t n)
{
	static const char bytes[ITEMS_MAX];

	assert_int_equal(write(gate[1], bytes, n), n);
}

/*
 * Does an item of its kind: '.' is done at once, 's' takes 0.3 s, 'b' blocks until a byte is
 * written to the gate, 'd' fails with EMFILE, 'm' with ENOMEM.
 */
static int square(struct worker *worker, size_t i, void **ret_found)
{
	const char *kinds = worker->shared;
	size_t *items = worker->own, *found = arena_alloc(&worker->arena, sizeof(*found));

	++*items;
	begun++;
	if (kinds[i] == 'd')
		return -EMFILE;
	if (kinds[i] == 'm')
		return -ENOMEM;
	if (kinds[i] == 's')
		usleep(300 * 1000);
	if (kinds[i] == 'b' && pass_gate() < 0)
		return -EIO;
	*found = i * i;
	*ret_found = found;
	return 0;
}

static void shared_done(void *data)
{
	free(data);
	freed++;
}

static void own_done(void *data)
{
	assert_true(*(size_t *)data <= ITEMS_MAX);
	own_freed++;
}

/* Each item has either a result or timed out. */
static void note_result(
	void *taker, const void *shared, size_t i, const void *found, bool timed_out)
{
	if (i == 0 && at_first_result)
		at_first_result();
	assert_int_equal(timed_out, !found);
	assert_int_equal(strlen(outcome), i);
	if (found)
		assert_int_equal(*(const size_t *)found, i * i);
	outcome[i] = found ? '.' : '-';
}

/* A list with an item per letter. */
static struct work list(const char *kinds)
{
	made++;
	return (struct work){
		.n = strlen(kinds),
		.run_item = square,
		.shared = memory_copy(kinds),
		.shared_done = shared_done,
		.own_size = sizeof(size_t),
		.own_done = own_done,
		.take_result = note_result,
	};
}

/* A list of n items, the first of which block. */
static struct work list_of(size_t n, size_t nblocked)
{
	struct work work = list(strf("%*s", (int)n, ""));

	memset(work.shared, '.', n);
	memset(work.shared, 'b', nblocked);
	return work;
}

/* The list, the items of which that function runs. */
static struct work run_by(
	int (*run_item)(struct worker *worker, size_t i, void **ret_found), struct work work)
{
	work.run_item = run_item;
	return work;
}

static int run(struct work work)
{
	memset(outcome, 0, sizeof(outcome));
	return pool_run(&pool, &work);
}

static void assert_outcome(struct work work, const char *expected)
{
	assert_int_equal(run(work), 0);
	assert_string_equal(outcome, expected);
}

/* Runs the items, of which that many must time out. */
static void assert_timed_out(struct work work, size_t expected)
{
	size_t timed_out = 0;

	assert_int_equal(run(work), 0);
	assert_int_equal(strlen(outcome), work.n);
	for (const char *at = outcome; *at; at++)
		timed_out += *at == '-';
	assert_int_equal(timed_out, expected);
}

static void assert_fails(struct work work, int error)
{
	assert_int_equal(run(work), error);
	assert_string_equal(outcome, "");
}

static size_t count_threads(void)
{
	return test_count_entries("/proc/self/task");
}

/* Until the abandoned threads have ended: the next test may fork, which needs a single thread. */
static void await_threads(void)
{
	while (count_threads() > threads_before)
		sched_yield();
}

static void await_freed(unsigned n)
{
	while (freed < n)
		sched_yield();
}

static void *do_nothing(void *data)
{
	return data;
}

/* Once: a thread of an earlier test that was joined may still be listed for a moment. */
static void count_threads_before(void)
{
	pthread_t thread; /* a sanitizer starts a thread of its own with our first one */

	assert_int_equal(pthread_create(&thread, NULL, do_nothing, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	threads_before = count_threads();
}

static int set_up(void **state)
{
	pool_init(&pool, 1, 60);
	made = 0;
	freed = 0;
	own_freed = 0;
	begun = 0;
	ticks = 0;
	race.tick = 0;
	at_first_result = NULL;
	more_threads = INT_MAX;
	if (!threads_before)
		count_threads_before();
	return pipe(gate);
}

static int tear_down(void **state)
{
	pool_done(&pool);
	open_gate(ITEMS_MAX); /* for the abandoned threads */
	race.ticks = 2;
	await_threads();
	assert_int_equal(freed, made);
	(void)passed; /* orders the closes after the reads, for ThreadSanitizer */
	close(gate[1]);
	close(gate[0]);
	return 0;
}

TEST_FIXTURE(set_up, tear_down);

TEST(any_number_of_jobs_gives_the_same_results)
{
	for (unsigned jobs = 1; jobs <= 7; jobs += 3) {
		pool_init(&pool, jobs, 2000);
		assert_timed_out(list_of(1000, 0), 0);
		assert_false(pool_count_abandoned(&pool));
	}
}

TEST(empty_list_needs_no_worker)
{
	pool_init(&pool, 3, 2000);
	assert_outcome(list(""), "");
	assert_int_equal(own_freed, 0);
}

TEST(error_of_an_item_ends_the_list)
{
	pool_init(&pool, 2, 2000);
	assert_fails(list(".........m"), -ENOMEM);
	assert_fails(list("..d."), -EMFILE);
}

TEST(without_descriptors_beside_an_abandoned_thread_the_item_times_out)
{
	assert_outcome(list("b"), "-");
	assert_outcome(list("b.d."), "-.-.");
}

TEST(blocked_items_time_out_and_all_others_are_done)
{
	pool_init(&pool, 1, 200);
	assert_outcome(list("...b.........b.........b..b.........b..."),
		"...-.........-.........-..-.........-...");
	assert_true(pool_count_abandoned(&pool));
}

TEST(abandoned_thread_that_returns_frees_everything)
{
	pool_init(&pool, 2, 60);
	assert_outcome(list("bb........"), "--........");
	assert_int_equal(freed, 0);
	open_gate(1);
	while (own_freed < 1 && count_threads() > threads_before + 1)
		sched_yield();
	assert_int_equal(freed, 0);
	open_gate(1);
	await_freed(1);
	await_threads();
	assert_false(pool_count_abandoned(&pool));
	assert_true(own_freed >= 3);
	assert_null(pool.abandoned);
}

static void let_the_thread_return(void)
{
	open_gate(1);
	await_threads();
	assert_int_equal(freed, 0);
}

TEST(results_of_an_abandoned_worker_are_kept)
{
	at_first_result = let_the_thread_return;
	assert_outcome(list(".....b"), ".....-");
	assert_int_equal(freed, 1);
}

/* A timeout of the list, shortened after each blocked item, would hit them. */
TEST(slow_items_beside_and_after_a_blocked_one_are_done)
{
	pool_init(&pool, 1, 1000);
	assert_outcome(list("bssss"), "-....");
	assert_outcome(list("ssss"), "....");
}

static uint64_t key(const void *shared, size_t i)
{
	return i;
}

static void run_with_keys(const char *kinds, const char *expected)
{
	struct work work = list(kinds);

	work.key = key;
	assert_outcome(work, expected);
}

TEST(later_list_gives_a_blocked_key_no_thread)
{
	for (int pass = 0; pass < 100; pass++)
		run_with_keys(".....b....", ".....-....");
	assert_int_equal(begun, 10 + 99 * 9);
	assert_int_equal(freed, 99); /* all lists but the first, which the thread may still use */
	open_gate(1);
	await_threads();
	run_with_keys("..........", ".........."); /* it has returned, and is done again */
	assert_int_equal(freed, 101);
	assert_null(pool.abandoned);
}

static int fail_item_5(struct worker *worker, size_t i, void **ret_found)
{
	return i == 5 ? -EINVAL : 0;
}

TEST(same_key_in_a_list_of_another_function_is_done)
{
	run_with_keys(".....b....", ".....-....");
	assert_fails((struct work){ .n = 6, .run_item = fail_item_5, .key = key }, -EINVAL);
}

TEST(thousand_blocked_items_begin_no_more_threads_than_the_limit)
{
	pool_init(&pool, 2, 100);
	pool.max_threads = 256;
	assert_timed_out(list_of(1000, 1000), 1000);
	assert_int_equal(begun, 128);         /* a list gets half of the threads */
	assert_timed_out(list_of(100, 1), 1); /* and the next one has the other half */
	for (int pass = 0; pass < 9; pass++)
		assert_timed_out(list_of(1000, 1000), 1000);
	assert_int_equal(count_threads(), threads_before + 256);
}

TEST(returned_threads_no_longer_count)
{
	pool.max_threads = 1;
	assert_outcome(list("b.."), "---");
	open_gate(1);
	await_threads();
	assert_outcome(list("..."), "...");
}

static int require_own_thread(struct worker *worker, size_t i, void **ret_found)
{
	return gettid() == getpid() ? -EDEADLK : square(worker, i, ret_found);
}

TEST(fewer_threads_than_jobs_do_all_items_and_without_any_the_caller_does)
{
	pool_init(&pool, 4, 2000);
	more_threads = 2;
	assert_timed_out(run_by(require_own_thread, list_of(100, 0)), 0);
	more_threads = 0;
	assert_timed_out(list_of(100, 0), 0);
	assert_fails(run_by(require_own_thread, list(".")), -EDEADLK);
}

TEST(without_more_threads_the_items_after_blocked_ones_time_out)
{
	for (unsigned jobs = 1; jobs <= 4; jobs++) {
		begun = 0;
		more_threads = 6;
		pool_init(&pool, jobs, 60);
		pool.max_threads = 256;
		assert_timed_out(list_of(100, 50), 100);
		assert_int_equal(begun, 6);
		/* Not in the calling thread: */
		assert_timed_out(list_of(100, 0), 100);
		pool_done(&pool);
		open_gate(6);
		await_threads();
	}
}

#define RACES 500
#define SPINS 1000 /* longer than the watcher takes to abandon an item */

static int end_in_race(struct worker *worker, size_t i, void **ret_found)
{
	int r = square(worker, i, ret_found);

	if (i == 0) {
		race.item_waits = true;
		while (race.ticks < 2)
			;
		spin(race.spins_of_item);
	}
	return r;
}

/* Item 0 ends in the second tick, in which it times out. The others have more time. */
static bool item_times_out_in_race(unsigned n)
{
	race.item_waits = false;
	race.ticks = 0;
	race.spins_of_item = n * 37 % SPINS;
	race.spins_of_watcher = n * 91 % SPINS;
	assert_int_equal(run(run_by(end_in_race, list_of(100, 0))), 0);
	assert_null(strchr(outcome + 1, '-'));
	return outcome[0] == '-';
}

TEST(item_that_ends_when_it_times_out_does_not_harm_the_next)
{
	unsigned timed_out = 0;

	race.tick = 2;
	for (unsigned n = 0; n < RACES; n++) {
		timed_out += item_times_out_in_race(n);
		await_freed(n + 1);
	}
	print_message("%u of %u timed out\n", timed_out, RACES);
	await_threads();
	assert_false(pool_count_abandoned(&pool));
}

TEST(first_item_does_not_time_out_in_the_first_tick_after_it_began)
{
	race.tick = 1;
	assert_false(item_times_out_in_race(0));
}

static int progress_at_each_tick(struct worker *worker, size_t i, void **ret_found)
{
	for (int step = 0; step < 60; step++) {
		unsigned start = ticks;

		while (ticks == start)
			usleep(500);
		if (!worker_progress(worker))
			return 0;
	}
	return square(worker, i, ret_found);
}

TEST(item_that_makes_progress_may_take_longer_than_the_timeout)
{
	pool_init(&pool, 2, 200);
	assert_outcome(run_by(progress_at_each_tick, list("..")), "..");
}

static atomic_bool saw_abandoned;

static int work_until_abandoned(struct worker *worker, size_t i, void **ret_found)
{
	pass_gate();
	saw_abandoned = !worker_progress(worker);
	return -EIO;
}

TEST(abandoned_item_sees_that_and_its_error_does_not_count)
{
	assert_outcome(run_by(work_until_abandoned, list(".")), "-");
	open_gate(1);
	await_threads();
	assert_true(saw_abandoned);
}

TEST(time_while_all_are_stopped_does_not_count)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		pool_init(&pool, 1, 1000);
		_exit(run(list("b")) || outcome[0] != '.');
	}
	while (test_count_entries(strf("/proc/%d/task", pid)) < 2)
		sched_yield();
	usleep(100 * 1000); /* some ticks */
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	usleep(1200 * 1000); /* longer than the timeout */
	assert_int_equal(kill(pid, SIGCONT), 0);
	usleep(100 * 1000);
	open_gate(1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

TEST(jobs_are_never_more_than_descriptors_allow)
{
	pool_init(&pool, 1000, 2000);
	assert_true(pool.jobs <= pool.max_threads && pool.max_threads <= 256);
	pool_init(&pool, 0, 2000);
	assert_true(pool.jobs >= 1);
}

static void in_child_with_limits(rlim_t soft, rlim_t hard, unsigned threads)
{
	struct rlimit files = { soft, hard };
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		setrlimit(RLIMIT_NOFILE, &files);
		pool_init(&pool, 1000, 2000);
		getrlimit(RLIMIT_NOFILE, &files);
		_exit(files.rlim_cur != hard || pool.max_threads != threads);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

TEST(hard_limit_of_descriptors_bounds_the_threads)
{
	in_child_with_limits(64, 800, 50);
	in_child_with_limits(64, 64, 4);
	in_child_with_limits(8, 8, 1);
}
