// SPDX-License-Identifier: MIT
/*
 * Makes many processes that do nothing, some in namespaces of their own, and processes that hold
 * many threads, descriptors, sockets or bind mounts. Prints READY when all of them exist, and ends
 * them when its standard input ends. None outlives it, however it ends: each gets SIGKILL with
 * the end of its parent.
 */
#include "../system/live.h"

#include <getopt.h>
#include <limits.h>
#include <sys/resource.h>

/* Options with a number; those from threads on are what one further process holds. */
enum number { PROCESSES, OWN, THREADS, FILES, NSFILES, SOCKETS, AWAY, MOUNTS, NUMBERS };

static unsigned long numbers[NUMBERS] = { [PROCESSES] = 10000 };
static pid_t *children;
static size_t nchildren;
static int ready[2]; /* a byte a process that is as it should be */

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

/* Makes room for n descriptors; beyond the hard limit that takes CAP_SYS_RESOURCE. */
static void allow_files(unsigned long n)
{
	struct rlimit limit;

	MUST(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = n + 16;
	if (limit.rlim_max < limit.rlim_cur)
		limit.rlim_max = limit.rlim_cur;
	MUST(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

/* The soft limit is often far below the hard one, and below what a benchmark needs. */
static void allow_processes(void)
{
	struct rlimit limit;

	MUST(getrlimit(RLIMIT_NPROC, &limit) == 0);
	limit.rlim_cur = limit.rlim_max;
	MUST(setrlimit(RLIMIT_NPROC, &limit) == 0);
}

static void hold_files(unsigned long n)
{
	while (n--)
		live_open_file("/dev/null", O_RDONLY);
}

static void hold_nsfiles(unsigned long n)
{
	while (n--)
		live_open_file("/proc/self/ns/uts", O_RDONLY);
}

static void hold_sockets(unsigned long n)
{
	while (n--)
		MUST(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0);
}

/* Sockets that stay in the network namespace that their process leaves. */
static void hold_away(unsigned long n)
{
	hold_sockets(n);
	MUST(unshare(CLONE_NEWNET) == 0);
}

/* In a mount namespace of its own, so that nothing of it is left behind. */
static void hold_mounts(unsigned long n)
{
	int fd = live_open_file("/proc/self/ns/uts", O_RDONLY);

	live_unshare_mounts();
	MUST(mount("none", "/tmp", "tmpfs", 0, NULL) == 0);
	for (char path[32]; n; n--) {
		snprintf(path, sizeof(path), "/tmp/%lu", n);
		live_bind(fd, path);
	}
}

static const struct {
	const char *name, *help;
	void (*hold)(unsigned long n);
} options[NUMBERS] = {
	[PROCESSES] = { "processes", "N processes (10000)", NULL },
	[OWN] = { "own", "of these, N in namespaces of their own (0)", NULL },
	[THREADS] = { "threads", "a process with N more threads", hold_threads },
	[FILES] = { "files", "a process with N descriptors on a device", hold_files },
	[NSFILES] = { "nsfiles", "a process with N descriptors on a namespace", hold_nsfiles },
	[SOCKETS] = { "sockets", "a process with N sockets", hold_sockets },
	[AWAY] = { "away", "a process with N sockets of a network namespace that it left",
		hold_away },
	[MOUNTS] = { "mounts", "a process that sees N bind mounts of a namespace", hold_mounts },
};

/* Signals that this process is as it should be, and stays so: three descriptors and what it holds.
 */
static _Noreturn void settle(void)
{
	int null = live_open_file("/dev/null", O_RDWR);

	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	close(null);
	close(ready[0]); /* a parent that has ended ends it by SIGPIPE */
	if (write(ready[1], "", 1) != 1)
		_exit(1);
	close(ready[1]);
	live_wait();
}

/* Makes a copy of this process as fork(2) does. Returns true in it. */
static bool spawn(uint64_t flags)
{
	pid_t pid = live_try_fork(flags);

	if (pid > 0)
		children[nchildren++] = pid;
	if (pid < 0 && errno == EAGAIN)
		fputs("load: see ulimit -u, /proc/sys/kernel/pid_max and threads-max\n", stderr);
	MUST(pid >= 0);
	return pid == 0;
}

static void spawn_all(uint64_t types)
{
	for (enum number i = THREADS; i < NUMBERS; i++)
		if (numbers[i] && spawn(0)) {
			live_subject = strf("--%s: ", options[i].name);
			allow_files(numbers[i]);
			options[i].hold(numbers[i]);
			settle();
		}
	for (unsigned long i = 0; i < numbers[PROCESSES]; i++)
		if (spawn(i < numbers[OWN] ? types : 0))
			settle();
}

/* Waits until every process has settled; the pipe ends early if one of them did not. */
static bool await(void)
{
	size_t left = nchildren;
	char buf[4096];

	close(ready[1]);
	while (left) {
		ssize_t n = read(ready[0], buf, sizeof(buf));

		if (n <= 0) {
			fprintf(stderr, "load: %zu processes did not come up\n", left);
			return false;
		}
		left -= (size_t)n;
	}
	return true;
}

static uint64_t parse_types(char *list)
{
	uint64_t types = 0;

	for (char *name; (name = strsep(&list, ","));)
		types |= live_flag(name);
	return types;
}

static _Noreturn void print_help(void)
{
	puts("usage: load [OPTION...]\n"
	     "Makes processes, prints READY, ends them at the end of standard input.\n");
	for (enum number i = 0; i < NUMBERS; i++)
		printf("  --%s=N%*s %s\n", options[i].name, 10 - (int)strlen(options[i].name), "",
			options[i].help);
	puts("  --types=LIST   the types of --own, comma-separated (all)");
	exit(EXIT_SUCCESS);
}

/* Returns the types of namespaces that a process may have of its own. */
static uint64_t parse_options(int argc, char **argv)
{
	struct option rows[NUMBERS + 3] = {
		[NUMBERS] = { "types", required_argument, NULL, NUMBERS },
		[NUMBERS + 1] = { "help", no_argument, NULL, NUMBERS + 1 },
	};
	uint64_t types = 0;
	char *end = NULL;
	int option;

	for (int i = 0; i < LIVE_TYPES; i++)
		types |= live_types[i].flag;
	for (int i = 0; i < NUMBERS; i++)
		rows[i] = (struct option){ options[i].name, required_argument, NULL, i };
	while ((option = getopt_long(argc, argv, "", rows, NULL)) >= 0) {
		if (option == NUMBERS + 1)
			print_help();
		else if (option == NUMBERS)
			types = parse_types(optarg);
		else if (option < NUMBERS)
			numbers[option] = strtoul(optarg, &end, 10);
		if (option == '?' || (end && *end)) {
			fputs("load: a wrong option or value; see --help\n", stderr);
			exit(2);
		}
	}
	return types;
}

int main(int argc, char **argv)
{
	uint64_t types = parse_options(argc, argv);
	bool all;

	/* What we were given further would be in each of the processes. */
	syscall(__NR_close_range, STDERR_FILENO + 1, ~0U, 0);
	allow_processes();
	children = calloc(numbers[PROCESSES] + NUMBERS, sizeof(*children));
	MUST(children && pipe2(ready, O_CLOEXEC) == 0);
	spawn_all(types);
	all = await();
	if (all) {
		puts("READY");
		fflush(stdout);
		live_read(STDIN_FILENO);
	}
	/* Waits, too, so that nothing of the load is there any more when this program ends. */
	for (size_t i = 0; i < nchildren; i++)
		kill(children[i], SIGKILL);
	while (wait(NULL) > 0)
		continue;
	free(children);
	return all ? EXIT_SUCCESS : EXIT_FAILURE;
}
