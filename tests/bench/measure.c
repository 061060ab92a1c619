// SPDX-License-Identifier: MIT
/*
 * Runs commands in turn, round by round, and prints what each took. Taking turns, a disturbance
 * from outside hits all of them. Prints and never judges: exits 0 also when a command fails.
 *
 *   measure [-r ROUNDS] [-b] NAME COMMAND [ARGUMENT...] ';' [-r ROUNDS] [-b] NAME ...
 *
 * A name can't begin with '-'. -r holds for what follows it; -b makes the next command one that
 * all are compared with, by the fastest run of each, which others on the machine disturb least,
 * and by processor time, which they disturb less still.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 32
#define ROUNDS_MAX 1000

struct command {
	const char *name;
	char **argv;
	size_t rounds;
	double *wall, *cpu; /* milliseconds of each run so far */
	size_t n;
	long peak;    /* KiB, highest of all runs */
	size_t lines; /* of the last run's output */
	size_t failed;
	int status; /* of the last run that failed, as of wait(2) */
	bool base;
};

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double to_milliseconds(struct timeval time)
{
	return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

static _Noreturn void become(const struct command *command, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || !command->argv[0])
		_exit(127);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execvp(command->argv[0], command->argv);
	_exit(127);
}

static size_t count_lines(int fd)
{
	char buf[64 * 1024];
	size_t lines = 0;
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	return lines;
}

/* The output goes to memory, so that it can be seen that there was some. */
static int run_once(struct command *command)
{
	int status, out = memfd_create("output", MFD_CLOEXEC);
	double start = milliseconds();
	pid_t pid = out < 0 ? -1 : fork();
	struct rusage usage;

	if (pid == 0)
		become(command, out);
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0) {
		perror("measure");
		return -1;
	}
	command->wall[command->n] = milliseconds() - start;
	command->cpu[command->n] =
		to_milliseconds(usage.ru_utime) + to_milliseconds(usage.ru_stime);
	command->n++;
	if (usage.ru_maxrss > command->peak)
		command->peak = usage.ru_maxrss;
	if (status) {
		command->failed++;
		command->status = status;
	}
	command->lines = count_lines(out);
	close(out);
	return 0;
}

static int run_all(struct command *commands, size_t n)
{
	for (size_t round = 0; round < ROUNDS_MAX; round++)
		for (size_t i = 0; i < n; i++)
			if (round < commands[i].rounds && run_once(&commands[i]) < 0)
				return -1;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *sorted, size_t n)
{
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

static void print_ratio(double value, double base)
{
	char text[32];

	if (base > 0)
		snprintf(text, sizeof(text), "%.3f", value / base);
	printf(" %11s", base > 0 ? text : "-");
}

static void print_row(const struct command *command, const struct command *commands, size_t n)
{
	printf("%-28s %5zu %10.1f %10.1f %10.1f %8ld %8zu", command->name, command->n,
		command->wall[0], median(command->wall, command->n), command->cpu[0], command->peak,
		command->lines);
	for (size_t i = 0; i < n; i++)
		if (commands[i].base && commands[i].n) {
			print_ratio(command->wall[0], commands[i].wall[0]);
			print_ratio(command->cpu[0], commands[i].cpu[0]);
		}
	putchar('\n');
}

static void print_failures(const struct command *command)
{
	if (!command->failed)
		return;
	printf("%s: %zu of %zu runs failed, ", command->name, command->failed, command->n);
	if (WIFSIGNALED(command->status))
		printf("signal %d\n", WTERMSIG(command->status));
	else
		printf("status %d\n", WEXITSTATUS(command->status));
}

static void print_table(struct command *commands, size_t n)
{
	printf("%-28s %5s %10s %10s %10s %8s %8s", "command", "runs", "min ms", "median ms",
		"cpu ms", "peak KiB", "lines");
	for (size_t i = 0; i < n; i++)
		if (commands[i].base && commands[i].n)
			printf("  min/%-6.6s  cpu/%-6.6s", commands[i].name, commands[i].name);
	putchar('\n');
	for (size_t i = 0; i < n; i++) {
		qsort(commands[i].wall, commands[i].n, sizeof(double), by_value);
		qsort(commands[i].cpu, commands[i].n, sizeof(double), by_value);
	}
	for (size_t i = 0; i < n; i++)
		if (commands[i].n)
			print_row(&commands[i], commands, n);
	for (size_t i = 0; i < n; i++)
		print_failures(&commands[i]);
}

/* Splits argv into commands, in place: the ';' that ends each becomes its NULL. */
static int parse(char **argv, struct command *commands, size_t *ret_n)
{
	size_t rounds = 5, n = 0;

	for (; *argv; n++) {
		struct command *command = &commands[n];
		bool base = false;

		for (; *argv && **argv == '-'; argv++) {
			if (!strcmp(*argv, "-b"))
				base = true;
			else if (!strcmp(*argv, "-r") && argv[1])
				rounds = strtoul(*++argv, NULL, 10);
			else
				return -EINVAL;
		}
		if (!argv[0] || !argv[1] || !strcmp(argv[1], ";") || n == COMMANDS_MAX ||
			rounds > ROUNDS_MAX)
			return -EINVAL;
		*command = (struct command){
			.name = argv[0], .argv = argv + 1, .base = base, .rounds = rounds
		};
		command->wall = calloc(rounds + 1, sizeof(double));
		command->cpu = calloc(rounds + 1, sizeof(double));
		if (!command->wall || !command->cpu)
			return -ENOMEM;
		for (argv++; *argv && strcmp(*argv, ";") != 0;)
			argv++;
		if (*argv)
			*argv++ = NULL;
	}
	*ret_n = n;
	return n ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	struct command commands[COMMANDS_MAX] = { 0 };
	size_t n = 0;
	int r;

	(void)argc;
	r = parse(argv + 1, commands, &n);
	if (r < 0) {
		fputs("usage: measure {[-r ROUNDS] [-b] NAME COMMAND [ARGUMENT...] ';'}...\n",
			stderr);
	} else {
		r = run_all(commands, n);
		print_table(commands, n);
	}
	for (size_t i = 0; i < COMMANDS_MAX; i++) {
		free(commands[i].wall);
		free(commands[i].cpu);
	}
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
