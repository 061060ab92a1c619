// SPDX-License-Identifier: MIT
/* Work lists: the answer does not depend on who works, and nobody is waited for without end. */
#include "../../src/base/internal.h"

#include "small_world.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STUCK_FOREVER 'x'

static int gate[2];           /* a pipe: who reads it is stuck until something is written */
static atomic_uint freed;     /* lists whose memory was let go */
static atomic_uint owners;    /* workers whose own memory was let go */
static size_t threads_before; /* the test */

struct shared {
	size_t n;
	char kinds[1000]; /* of items: 0, or STUCK_FOREVER */
	int error;        /* of the last item */
};

struct own {
	size_t items;
};

static int emitter(struct worker *worker, size_t i, void **ret_found)
{
	const struct shared *shared = worker_shared(worker);
	struct own *own = worker_own(worker);
	size_t *found = arena_alloc(worker_arena(worker), sizeof(*found));
	char byte;

	own->items++;
	if (shared->kinds[i] == STUCK_FOREVER && read(gate[0], &byte, 1) < 0)
		return -errno;
	*found = i * i;
	*ret_found = found;
	return i + 1 == shared->n ? shared->error : 0;
}

static void shared_done(void *data)
{
	free(data);
	freed++;
}

static void own_done(void *data)
{
	struct own *own = data;

	assert_true(own->items <= 1000);
	owners++;
}

static struct shared *shared_new(size_t n)
{
	struct shared *shared = calloc(1, sizeof(*shared));

	assert_non_null(shared);
	shared->n = n;
	return shared;
}

static int run_list(struct workers *workers, struct shared *shared, struct crew **ret_crew)
{
	const struct work work = {
		.n = shared->n,
		.emitter = emitter,
		.shared = shared,
		.shared_done = shared_done,
		.own_size = sizeof(struct own),
		.own_done = own_done,
	};

	return workers_run(workers, &work, ret_crew);
}

static size_t count_threads(void)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc/self/task");
	size_t n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

static int set_up(void **state)
{
	(void)state;
	freed = owners = 0;
	threads_before = count_threads();
	return pipe(gate);
}

/* Each test lets go whom it left behind: the next one may fork, which wants no other threads. */
static void await_all(void)
{
	while (count_threads() > threads_before)
		sched_yield();
}

static int tear_down(void **state)
{
	(void)state;
	await_all();
	close(gate[0]);
	close(gate[1]);
	return 0;
}

TEST_FIXTURE(set_up, tear_down);

TEST(what_is_found_comes_back_in_the_order_of_the_list)
{
	for (unsigned jobs = 1; jobs <= 7; jobs += 3) {
		struct workers workers;
		struct crew *crew = NULL;

		workers_init(&workers, jobs, 2000);
		assert_int_equal(run_list(&workers, shared_new(1000), &crew), 0);
		for (size_t i = 0; i < 1000; i++) {
			assert_false(crew_timed_out(crew, i));
			assert_int_equal(*(size_t *)crew_found(crew, i), i * i);
		}
		crew_free(crew);
		assert_false(workers.left_behind);
	}
	assert_int_equal(freed, 3);
}

TEST(an_empty_list_is_no_work)
{
	struct workers workers;
	struct crew *crew = NULL;

	workers_init(&workers, 3, 2000);
	assert_int_equal(run_list(&workers, shared_new(0), &crew), 0);
	crew_free(crew);
	assert_int_equal(owners, 0);
	assert_int_equal(freed, 1);
}

TEST(an_error_ends_the_list_and_frees_it)
{
	struct shared *shared = shared_new(10);
	struct workers workers;
	struct crew *crew = NULL;

	shared->error = -ENOMEM;
	workers_init(&workers, 2, 2000);
	assert_int_equal(run_list(&workers, shared, &crew), -ENOMEM);
	assert_null(crew);
	assert_int_equal(freed, 1);
}

TEST(who_is_stuck_is_left_behind_and_all_others_answer)
{
	struct shared *shared = shared_new(100);
	struct workers workers;
	struct crew *crew = NULL;

	for (size_t i = 3; i < 100; i += 20)
		shared->kinds[i] = STUCK_FOREVER;
	workers_init(&workers, 1, 200);
	assert_int_equal(run_list(&workers, shared, &crew), 0);
	assert_true(workers.left_behind);
	for (size_t i = 0; i < 100; i++) {
		bool stuck = i % 20 == 3;

		assert_int_equal(crew_timed_out(crew, i), stuck);
		assert_int_equal(crew_found(crew, i) != NULL, !stuck);
	}
	crew_free(crew);
	assert_int_equal(freed, 0); /* those five may still look at it */
	assert_int_equal(write(gate[1], "12345", 5), 5);
	while (freed < 1)
		sched_yield();
	assert_int_equal(owners >= 6, 1);
}

TEST(more_who_are_stuck_than_there_may_be_threads_end_all_the_same)
{
	struct shared *shared = shared_new(100);
	struct workers workers;
	struct crew *crew = NULL;
	char bytes[100] = { 0 };
	size_t timed_out = 0;

	memset(shared->kinds, STUCK_FOREVER, 50);
	workers_init(&workers, 2, 100);
	workers.most = 8;
	assert_int_equal(run_list(&workers, shared, &crew), 0);
	for (size_t i = 0; i < 100; i++)
		timed_out += crew_timed_out(crew, i);
	assert_int_equal(timed_out, 50);
	crew_free(crew);
	assert_int_equal(write(gate[1], bytes, 50), 50);
	while (freed < 1)
		sched_yield();
}

TEST(what_was_found_before_getting_stuck_is_kept)
{
	struct shared *shared = shared_new(6);
	struct workers workers;
	struct crew *crew = NULL;

	shared->kinds[5] = STUCK_FOREVER;
	workers_init(&workers, 1, 60);
	assert_int_equal(run_list(&workers, shared, &crew), 0);
	assert_true(crew_timed_out(crew, 5));
	assert_int_equal(write(gate[1], "x", 1), 1);
	await_all();
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(*(size_t *)crew_found(crew, i), i * i);
	crew_free(crew);
	assert_int_equal(freed, 1);
}

static uint64_t key(const void *shared, size_t i)
{
	(void)shared;
	return i;
}

static void run_with_keys(struct workers *workers, char kind, size_t stuck)
{
	struct shared *shared = shared_new(10);
	const struct work work = {
		.n = shared->n,
		.emitter = emitter,
		.key = key,
		.shared = shared,
		.shared_done = shared_done,
		.own_size = sizeof(struct own),
		.own_done = own_done,
	};
	struct crew *crew = NULL;

	shared->kinds[5] = kind;
	assert_int_equal(workers_run(workers, &work, &crew), 0);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(crew_timed_out(crew, i), i == stuck);
	crew_free(crew);
}

TEST(who_looks_again_gives_what_is_stuck_no_second_thread)
{
	size_t before = count_threads();
	struct workers workers;

	workers_init(&workers, 1, 60);
	for (int again = 0; again < 100; again++) {
		workers_renew(&workers);
		run_with_keys(&workers, STUCK_FOREVER, 5);
	}
	assert_int_equal(count_threads(), before + 1);
	assert_int_equal(freed, 99); /* all lists but the one that is looked at */
	assert_int_equal(write(gate[1], "x", 1), 1);
	while (count_threads() > before)
		sched_yield();
	run_with_keys(&workers, 0, 10); /* it has answered */
	assert_int_equal(freed, 101);
	assert_null(workers.stuck);
	workers_done(&workers);
}

TEST(one_who_stays_behind_keeps_only_what_it_looks_at)
{
	struct workers workers;

	workers_init(&workers, 3, 60);
	run_with_keys(&workers, STUCK_FOREVER, 5);
	assert_int_equal(freed, 0);
	workers_done(&workers);
	assert_int_equal(write(gate[1], "x", 1), 1);
	while (freed < 1)
		sched_yield();
}

#define SECONDS 10.0 /* one by one they would take 25 */

TEST(hundreds_who_are_stuck_take_little_longer_than_one)
{
	struct shared *shared = shared_new(1000);
	static const char bytes[500];
	struct timespec start, end;
	struct workers workers;
	struct crew *crew = NULL;

	memset(shared->kinds, STUCK_FOREVER, 500);
	workers_init(&workers, 1, 1000);
	workers.most = 256;
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_int_equal(run_list(&workers, shared, &crew), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(crew_timed_out(crew, i), i < 500);
	crew_free(crew);
	assert_int_equal(write(gate[1], bytes, 500), 500);
	while (freed < 1)
		sched_yield();
	assert_true(difftime(end.tv_sec, start.tv_sec) < SECONDS);
}

static int started[2]; /* a pipe: says that the item is being looked at */

static int look_and_say_so(struct worker *worker, size_t i, void **ret_found)
{
	char byte;

	(void)worker;
	(void)i;
	(void)ret_found;
	return write(started[1], "x", 1) == 1 && read(gate[0], &byte, 1) == 1 ? 0 : -EIO;
}

/* In a process of its own, which others stop. */
static _Noreturn void work_while_stopped(void)
{
	const struct work work = { .n = 1, .emitter = look_and_say_so };
	struct workers workers;
	struct crew *crew = NULL;

	workers_init(&workers, 1, 1000);
	if (workers_run(&workers, &work, &crew) < 0)
		_exit(2);
	_exit(crew_timed_out(crew, 0));
}

TEST(while_all_are_stopped_nobody_is_expected_to_answer)
{
	const struct timespec longer_than_timeout = { .tv_sec = 1, .tv_nsec = 200L * 1000 * 1000 };
	const struct timespec some_ticks = { .tv_nsec = 100L * 1000 * 1000 };
	char byte;
	int status;
	pid_t pid;

	assert_int_equal(pipe(started), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		work_while_stopped();
	assert_int_equal(read(started[0], &byte, 1), 1);
	nanosleep(&some_ticks, NULL);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	nanosleep(&longer_than_timeout, NULL);
	assert_int_equal(kill(pid, SIGCONT), 0);
	nanosleep(&some_ticks, NULL);
	assert_int_equal(write(gate[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(started[0]);
	close(started[1]);
}

/* Comes back at the very moment when it is left behind. */
static int look_until_left(struct worker *worker, size_t i, void **ret_found)
{
	(void)i;
	(void)ret_found;
	/* Nearly always waiting, as who is stuck: but at once back. */
	while (atomic_load_explicit(&worker->state, memory_order_relaxed) != LEFT)
		usleep(500);
	return 0;
}

TEST(who_comes_back_while_he_is_left_behind_takes_nothing_with_him)
{
	const struct work work = {
		.n = 2,
		.emitter = look_until_left,
		.shared = shared_new(2),
		.shared_done = shared_done,
		.own_size = sizeof(struct own),
		.own_done = own_done,
	};
	struct workers workers;
	struct crew *crew = NULL;

	workers_init(&workers, 2, 60);
	assert_int_equal(workers_run(&workers, &work, &crew), 0);
	assert_true(crew_timed_out(crew, 0) && crew_timed_out(crew, 1));
	crew_free(crew);
	while (freed < 1)
		sched_yield();
	assert_int_equal(owners, 2);
}

static int look_slowly(struct worker *worker, size_t i, void **ret_found)
{
	(void)i;
	/* Half a second in all, and never out of sight for long. */
	for (int step = 0; step < 50 && worker_beat(worker); step++)
		usleep(10 * 1000);
	*ret_found = worker;
	return 0;
}

TEST(who_gets_on_is_waited_for_however_long_it_takes)
{
	const struct work work = { .n = 2, .emitter = look_slowly };
	struct workers workers;
	struct crew *crew = NULL;

	workers_init(&workers, 2, 100);
	assert_int_equal(workers_run(&workers, &work, &crew), 0);
	assert_false(crew_timed_out(crew, 0) || crew_timed_out(crew, 1));
	crew_free(crew);
}

TEST(there_are_never_more_workers_than_descriptors_allow)
{
	struct workers workers;

	workers_init(&workers, 1000, 2000);
	assert_true(workers.jobs <= workers.most && workers.most <= 256);
	workers_init(&workers, 0, 2000);
	assert_true(workers.jobs >= 1);
}

static void in_child_with_limits(rlim_t soft, rlim_t hard, unsigned threads)
{
	struct rlimit files = { soft, hard };
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct workers workers;

		setrlimit(RLIMIT_NOFILE, &files);
		workers_init(&workers, 1000, 2000);
		getrlimit(RLIMIT_NOFILE, &files);
		_exit(files.rlim_cur != hard || workers.most != threads);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

TEST(the_hard_limit_of_descriptors_counts)
{
	in_child_with_limits(64, 800, 50);
	in_child_with_limits(64, 64, 4);
	in_child_with_limits(8, 8, 1);
}

static void *do_nothing(void *data)
{
	return data;
}

/* A sanitizer starts a thread of its own with our first one. */
static int start_first_thread(void **state)
{
	pthread_t thread;

	(void)state;
	return pthread_create(&thread, NULL, do_nothing, NULL) || pthread_join(thread, NULL);
}

int main(void)
{
	return test_run("workers", start_first_thread, NULL);
}
