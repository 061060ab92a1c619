// SPDX-License-Identifier: MIT
/*
 * Runs beside chains: each process, or thread, starts the next one in its namespace and exits, so
 * that the namespace has a member all the time and a different one in each list. An answer has all
 * of these namespaces or is incomplete. Beside ordinary short-lived processes it is complete, but
 * for what could not be read of the quiet system, either.
 *
 * NSLS_CHAIN_RUNS in the environment is how often, 20 if it is not there.
 */
#include "live.h"

#include <time.h>

static int runs;
static long step_ns; /* that each process or thread of a chain lives */

static void live_one_step(void)
{
	const struct timespec step = { 0, step_ns };

	if (step_ns)
		nanosleep(&step, NULL);
}

/* Writes the inode number of its UTS namespace, which is new. */
static void enter_new_namespace(int report)
{
	unsigned long ino;

	MUST(unshare(CLONE_NEWUTS) == 0);
	ino = live_inode("/proc/thread-self/ns/uts");
	MUST(write(report, &ino, sizeof(ino)) == sizeof(ino));
}

/* No process waits for those that exit. */
static void be_chain_of_processes(int report)
{
	signal(SIGCHLD, SIG_IGN);
	enter_new_namespace(report);
	for (;;) {
		pid_t child;

		live_one_step();
		while ((child = fork()) < 0)
			sched_yield();
		if (child > 0)
			_exit(0);
	}
}

static void start_thread(void *(*run)(void *), void *data)
{
	pthread_t thread;

	while (pthread_create(&thread, NULL, run, data) != 0)
		sched_yield();
	pthread_detach(thread);
}

static void *be_link(void *unused)
{
	live_one_step();
	start_thread(be_link, unused);
	return NULL;
}

static void *be_first_link(void *report)
{
	enter_new_namespace(*(int *)report);
	return be_link(NULL);
}

/* The main thread stays in the namespace of all others. */
static void be_chain_of_threads(int report)
{
	start_thread(be_first_link, &report);
	live_wait();
}

static void execute_again_and_again(int report)
{
	enter_new_namespace(report);
	for (;;)
		if (system("/bin/true; /bin/echo | /bin/cat >/dev/null") < 0)
			_exit(1);
}

/*
 * So many processes that run such a function, each of which reports a number. They and all that
 * come of them end with the first process of their PID namespace, which it returns.
 */
static pid_t start_many(void (*run)(int report), int n, unsigned long *numbers)
{
	int report[2];
	pid_t first;

	MUST(pipe2(report, O_CLOEXEC) == 0);
	first = live_fork(CLONE_NEWPID);
	if (first == 0) {
		for (int i = 0; i < n; i++)
			if (live_fork(0) == 0)
				run(report[1]);
		signal(SIGCHLD, SIG_IGN); /* nobody else waits for what a chain leaves */
		live_wait();
	}
	close(report[1]);
	for (int i = 0; i < n; i++)
		MUST(read(report[0], &numbers[i], sizeof(*numbers)) == sizeof(*numbers));
	close(report[0]);
	return first;
}

/* How many answers were incomplete, and how many lacked a namespace without a warning. */
struct outcome {
	int incomplete, silent;
};

#define MANY 10

static struct outcome run_beside(void (*run)(int report), int n, const char *types)
{
	struct answer quiet = nsls("-t", types, "-n");
	struct outcome outcome = { 0 };
	unsigned long ns[MANY];
	pid_t first = start_many(run, n, ns);
	int missing = 0;

	for (int i = 0; i < runs; i++) {
		struct answer answer = nsls("-t", types, "-n", "-r", "-o", "NS");
		const char *lines = strf("\n%s", output_of(answer));
		int before = missing;

		for (int k = 0; k < n; k++)
			missing += !strstr(lines, strf("\n%lu\n", ns[k]));
		if (strcmp(answer.err, quiet.err) != 0)
			outcome.incomplete++;
		else
			outcome.silent += missing > before;
	}
	live_end(first);
	print_message(
		"# %d of %d answers incomplete, %d namespaces missing, %d answers silently wrong\n",
		outcome.incomplete, runs, missing, outcome.silent);
	return outcome;
}

/* Beside chains of each pace. */
static void assert_rarely_silent(void (*be_chain)(int report), int most)
{
	static const long steps[] = { 0, 200 * 1000, 1000 * 1000 };

	for (size_t i = 0; i < COUNT(steps); i++) {
		step_ns = steps[i];
		assert_true(run_beside(be_chain, MANY, "uts").silent <= most);
	}
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST_CALL(namespaces_of_process_chains_are_listed_or_the_answer_is_incomplete,
	assert_rarely_silent(be_chain_of_processes, 0));

/*
 * Of threads the kernel's list can lack one that starts while another ends. Some 1 in 100 answers
 * was incomplete without a warning; nine in ten were before lists were repeated.
 */
TEST_CALL(namespaces_of_thread_chains_are_rarely_missing,
	assert_rarely_silent(be_chain_of_threads, runs / 10));

TEST(answers_beside_ordinary_short_lived_processes_are_complete)
{
	struct outcome outcome =
		run_beside(execute_again_and_again, 4, "cgroup,ipc,mnt,net,pid,time,user,uts");

	assert_true(outcome.incomplete <= runs / 10);
	assert_int_equal(outcome.silent, 0);
}

int main(void)
{
	runs = live_number("NSLS_CHAIN_RUNS", 20);
	return live_run_tests("chains", true, NULL, NULL);
}
