// SPDX-License-Identifier: MIT
/*
 * Makes many processes that do nothing, some in namespaces of their own, and processes that hold
 * many threads, descriptors, sockets or bind mounts. Prints READY when all of them exist, and ends
 * them when its standard input ends. None outlives it, however it ends: each gets SIGKILL with
 * the end of its parent.
 */
#include "nsls/base.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Options with a number; those from threads on are what one further process holds. */
enum number { PROCESSES, OWN, THREADS, FILES, NSFILES, SOCKETS, AWAY, MOUNTS, NUMBERS };

struct load {
	unsigned long n[NUMBERS];
	uint64_t types; /* CLONE_NEW* flags of those with namespaces of their own */
	int parent;     /* pidfd of the first process */
	int ready[2];   /* a byte a process that is as it should be */
	pid_t *children;
	size_t nchildren;
};

static void *sleep_on(void *unused)
{
	for (;;)
		pause();
	return NULL;
}

static int hold_threads(unsigned long n)
{
	pthread_attr_t attr;
	pthread_t thread;
	int r = pthread_attr_init(&attr);

	if (r == 0)
		r = pthread_attr_setstacksize(&attr, (size_t)PTHREAD_STACK_MIN);
	for (; r == 0 && n; n--)
		r = pthread_create(&thread, &attr, sleep_on, NULL);
	return -r;
}

/* Makes room for n descriptors; beyond the hard limit that takes CAP_SYS_RESOURCE. */
static int allow_files(unsigned long n)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	limit.rlim_cur = n + 16;
	if (limit.rlim_max < limit.rlim_cur)
		limit.rlim_max = limit.rlim_cur;
	return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : 0;
}

/* The soft limit is often far below the hard one, and below what a benchmark needs. */
static void allow_processes(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NPROC, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NPROC, &limit);
	}
}

static int hold_open(const char *path, unsigned long n)
{
	int r = allow_files(n);

	for (; r == 0 && n; n--)
		if (open(path, O_RDONLY | O_CLOEXEC) < 0)
			r = -errno;
	return r;
}

static int hold_files(unsigned long n)
{
	return hold_open("/dev/null", n);
}

static int hold_nsfiles(unsigned long n)
{
	return hold_open("/proc/self/ns/uts", n);
}

static int hold_sockets(unsigned long n)
{
	int r = allow_files(n);

	for (; r == 0 && n; n--)
		if (socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0)
			r = -errno;
	return r;
}

/* Sockets that stay in the network namespace that their process leaves. */
static int hold_away(unsigned long n)
{
	int r = hold_sockets(n);

	return r == 0 && unshare(CLONE_NEWNET) < 0 ? -errno : r;
}

/* In a mount namespace of its own, so that nothing of it is left behind. */
static int hold_mounts(unsigned long n)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("none", "/tmp", "tmpfs", 0, NULL) < 0)
		return -errno;
	for (; n; n--) {
		char path[32];
		int fd;

		snprintf(path, sizeof(path), "/tmp/%lu", n);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0400);
		if (fd < 0)
			return -errno;
		close(fd);
		if (mount("/proc/self/ns/uts", path, NULL, MS_BIND, NULL) < 0)
			return -errno;
	}
	return 0;
}

static const struct {
	const char *name, *help;
	int (*hold)(unsigned long n);
} numbers[NUMBERS] = {
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

/*
 * The parent may have ended before PR_SET_PDEATHSIG: then there is no signal. getppid(2) can't
 * tell in a PID namespace of one's own.
 */
static bool parent_lives(const struct load *load)
{
	struct pollfd pfd = { .fd = load->parent, .events = POLLIN };

	return poll(&pfd, 1, 0) == 0;
}

/* Makes a copy of this process as fork(2) does. Returns 0 in it. */
static pid_t spawn(struct load *load, uint64_t flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || !parent_lives(load))
			_exit(1);
		return 0;
	}
	load->children[load->nchildren++] = pid;
	return pid;
}

/* Says that this process is as it should be, and stays so: three descriptors and what it holds. */
static _Noreturn void settle(const struct load *load)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		_exit(1);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	close(null);
	close(load->parent);
	close(load->ready[0]);
	if (write(load->ready[1], "", 1) != 1)
		_exit(1);
	close(load->ready[1]);
	sleep_on(NULL);
	_exit(1);
}

static int message_print(const char *what, unsigned long i, int error)
{
	fprintf(stderr, "load: %s %lu: %s\n", what, i, strerror(-error));
	if (error == -EAGAIN)
		fputs("load: see ulimit -u, /proc/sys/kernel/pid_max and threads-max\n", stderr);
	return error;
}

static int spawn_processes(struct load *load)
{
	for (unsigned long i = 0; i < load->n[PROCESSES]; i++) {
		pid_t pid = spawn(load, i < load->n[OWN] ? load->types : 0);

		if (pid < 0)
			return message_print("process", i + 1, pid);
		if (pid == 0)
			settle(load);
	}
	return 0;
}

static int spawn_holds(struct load *load)
{
	for (enum number h = THREADS; h < NUMBERS; h++) {
		unsigned long n = load->n[h];
		int r = n ? spawn(load, 0) : 1;

		if (r < 0)
			return message_print(numbers[h].name, n, r);
		if (r > 0)
			continue;
		r = numbers[h].hold(n);
		if (r < 0)
			_exit(message_print(numbers[h].name, n, r) < 0);
		settle(load);
	}
	return 0;
}

/* Waits until every process has settled; the pipe ends early if one of them did not. */
static int await(struct load *load)
{
	size_t left = load->nchildren;
	char buf[4096];

	close(load->ready[1]);
	while (left) {
		ssize_t n = read(load->ready[0], buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			fprintf(stderr, "load: %zu processes did not come up\n", left);
			return -ECHILD;
		}
		left -= (size_t)n;
	}
	return 0;
}

/* Waits, too, so that nothing of the load is there any more when this program ends. */
static void end_all(const struct load *load)
{
	for (size_t i = 0; i < load->nchildren; i++)
		kill(load->children[i], SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

static int run(struct load *load)
{
	int r;

	/* What we were given further would be in each of the processes. */
	syscall(__NR_close_range, STDERR_FILENO + 1, ~0U, 0);
	allow_processes();
	load->children = calloc(load->n[PROCESSES] + NUMBERS, sizeof(*load->children));
	load->parent = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (!load->children || load->parent < 0 || pipe2(load->ready, O_CLOEXEC) < 0)
		return message_print("process", 0, -errno);
	r = spawn_holds(load);
	if (r == 0)
		r = spawn_processes(load);
	if (r == 0)
		r = await(load);
	if (r == 0) {
		char buf[64];

		puts("READY");
		fflush(stdout);
		while (read(STDIN_FILENO, buf, sizeof(buf)) > 0)
			;
	}
	end_all(load);
	free(load->children);
	return r;
}

static int parse_types(const char *list, uint64_t *ret_flags)
{
	*ret_flags = 0;
	for (;;) {
		size_t len = strcspn(list, ",");
		enum nstype type;

		if (nstype_by_name(list, len, &type) < 0)
			return -EINVAL;
		*ret_flags |= nstype_info(type)->clone_flag;
		if (!list[len])
			return 0;
		list += len + 1;
	}
}

static int parse_count(const char *text, unsigned long *ret_count)
{
	char *end;

	errno = 0;
	*ret_count = strtoul(text, &end, 10);
	return errno || end == text || *end || *ret_count > INT_MAX ? -EINVAL : 0;
}

static void print_help(void)
{
	puts("usage: load [OPTION...]\n"
	     "Makes processes, prints READY, ends them at the end of standard input.\n");
	for (enum number i = 0; i < NUMBERS; i++) {
		printf("  --%s=N%*s %s\n", numbers[i].name, 10 - (int)strlen(numbers[i].name), "",
			numbers[i].help);
		if (i == OWN)
			puts("  --types=LIST   of these types, comma-separated (all)");
	}
}

/* Returns the exit status, or -1 to go on. */
static int parse_options(int argc, char **argv, struct load *load)
{
	struct option options[NUMBERS + 3] = {
		[NUMBERS] = { "types", required_argument, NULL, NUMBERS },
		[NUMBERS + 1] = { "help", no_argument, NULL, NUMBERS + 1 },
	};
	int option, r;

	for (int i = 0; i < NUMBERS; i++)
		options[i] = (struct option){ numbers[i].name, required_argument, NULL, i };
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == NUMBERS + 1) {
			print_help();
			return EXIT_SUCCESS;
		}
		r = option == '?'       ? -EINVAL
		    : option == NUMBERS ? parse_types(optarg, &load->types)
					: parse_count(optarg, &load->n[option]);
		if (r < 0) {
			fputs("load: a wrong option or value; see --help\n", stderr);
			return 2;
		}
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct load load = { .n[PROCESSES] = 10000 };
	int status;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		load.types |= nstype_info(t)->clone_flag;
	status = parse_options(argc, argv, &load);
	if (status >= 0)
		return status;
	return run(&load) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
