// SPDX-License-Identifier: MIT
/*
 * load PROCESSES OWN THREADS: makes so many processes that do nothing, the first OWN of them in a
 * namespace of each type of their own, and one of so many further threads. Prints READY when all of
 * them exist, and ends them when its standard input ends. None outlives it, however it ends: each
 * gets SIGKILL with the end of its parent.
 */
#include "../system/live.h"

#include <limits.h>
#include <sys/resource.h>

static int ready[2];        /* a byte a process that is as it should be */
static pid_t pids[1 << 22]; /* PID_MAX_LIMIT of the kernel */

static void *sleep_on(void *unused)
{
	live_wait();
}

static void hold_threads(unsigned long n)
{
	pthread_attr_t attr;
	pthread_t thread;

	MUST(pthread_attr_init(&attr) == 0);
	MUST(pthread_attr_setstacksize(&attr, (size_t)PTHREAD_STACK_MIN) == 0);
	while (n--)
		MUST((errno = pthread_create(&thread, &attr, sleep_on, NULL)) == 0);
}

/* The soft limit is often far below the hard one, and below what a benchmark needs. */
static void allow_processes(void)
{
	struct rlimit limit;

	MUST(getrlimit(RLIMIT_NPROC, &limit) == 0);
	limit.rlim_cur = limit.rlim_max;
	MUST(setrlimit(RLIMIT_NPROC, &limit) == 0);
}

/* Starts a process of three descriptors and these threads, which signals that it is so. */
static pid_t start(uint64_t flags, unsigned long threads)
{
	pid_t pid = live_try_fork(flags);
	int null;

	if (pid < 0 && errno == EAGAIN)
		fputs("load: see ulimit -u, /proc/sys/kernel/pid_max and threads-max\n", stderr);
	MUST(pid >= 0);
	if (pid > 0)
		return pid;
	hold_threads(threads);
	null = live_open_file("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	close(null);
	close(ready[0]); /* a parent that has ended ends it by SIGPIPE */
	if (write(ready[1], "", 1) != 1)
		_exit(1);
	close(ready[1]);
	live_wait();
}

/* Waits until so many have signalled; the pipe ends early if one of them did not. */
static void await(size_t left)
{
	char buf[4096];

	close(ready[1]);
	while (left) {
		ssize_t n = read(ready[0], buf, sizeof(buf));

		if (n <= 0)
			fprintf(stderr, "load: %zu processes did not come up\n", left);
		MUST(n > 0);
		left -= (size_t)n;
	}
}

int main(int argc, char **argv)
{
	unsigned long numbers[3] = { 0 };
	uint64_t types = 0;
	size_t n = 0;

	for (int i = 0; i < 3 && i + 1 < argc; i++)
		numbers[i] = strtoul(argv[i + 1], NULL, 10);
	for (int i = 0; i < LIVE_TYPES; i++)
		types |= live_types[i].flag;
	/* What we were given further would be in each of the processes. */
	syscall(__NR_close_range, STDERR_FILENO + 1, ~0U, 0);
	allow_processes();
	MUST(numbers[0] < COUNT(pids) && pipe2(ready, O_CLOEXEC) == 0);
	if (numbers[2])
		pids[n++] = start(0, numbers[2]);
	for (unsigned long i = 0; i < numbers[0]; i++)
		pids[n++] = start(i < numbers[1] ? types : 0, 0);
	await(n);
	puts("READY");
	fflush(stdout);
	live_read(STDIN_FILENO);
	/* Waits, too, so that nothing of the load is there any more when this program ends. */
	while (n--)
		live_end(pids[n]);
	return EXIT_SUCCESS;
}
