// SPDX-License-Identifier: MIT
/*
 * Runs commands in turn, round by round, and prints a line about each run, for table.awk. Taking
 * turns, what else happens on the machine happens to all of them.
 *
 *   measure LOAD SECONDS {[-r ROUNDS] NAME COMMAND [ARGUMENT...] ';'}...
 *
 * LOAD is a word that each line begins with. After SECONDS the run at hand is ended and none is
 * started. A name can't begin with '-'; -r holds for what follows it.
 *
 * Fields, separated by tabs: load, name, round, milliseconds, milliseconds of processor time,
 * peak memory in KiB, lines of output, status as of wait(2).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 64
#define ROUNDS_MAX 1000

struct command {
	const char *name;
	char **argv;
	unsigned long rounds;
};

struct measure {
	const char *load;
	double end; /* of what clock_now() counts */
	struct command commands[COMMANDS_MAX];
	size_t n;
};

static double clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double to_milliseconds(struct timeval time)
{
	return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

/* SIGALRM ends the command in time: an alarm lives through exec, alarm(2). */
static _Noreturn void become(const struct command *command, int out, double left)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		_exit(127);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	alarm((unsigned)(left / 1e3) + 1);
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
static int run_once(
	const struct measure *measure, const struct command *command, unsigned long round)
{
	int status, out = memfd_create("output", MFD_CLOEXEC);
	double start = clock_now(), took;
	pid_t pid = out < 0 ? -1 : fork();
	struct rusage usage;

	if (pid == 0)
		become(command, out, measure->end - start);
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0) {
		perror("measure");
		return -1;
	}
	took = clock_now() - start;
	printf("%s\t%s\t%lu\t%.3f\t%.3f\t%ld\t%zu\t%d\n", measure->load, command->name, round, took,
		to_milliseconds(usage.ru_utime) + to_milliseconds(usage.ru_stime), usage.ru_maxrss,
		count_lines(out), status);
	fflush(stdout);
	close(out);
	return 0;
}

static int run_all(const struct measure *measure)
{
	for (unsigned long round = 0; round < ROUNDS_MAX; round++)
		for (size_t i = 0; i < measure->n; i++) {
			const struct command *command = &measure->commands[i];

			if (clock_now() >= measure->end)
				return 0;
			if (round < command->rounds && run_once(measure, command, round) < 0)
				return -1;
		}
	return 0;
}

/* Splits argv into commands, in place: the ';' that ends each becomes its NULL. */
static int parse(char **argv, struct measure *measure)
{
	unsigned long rounds = 5;

	for (; *argv; measure->n++) {
		for (; *argv && **argv == '-'; argv += 2) {
			if (strcmp(*argv, "-r") != 0 || !argv[1])
				return -EINVAL;
			rounds = strtoul(argv[1], NULL, 10);
		}
		if (!argv[0] || !argv[1] || !strcmp(argv[1], ";") || measure->n == COMMANDS_MAX)
			return -EINVAL;
		measure->commands[measure->n] = (struct command){ argv[0], argv + 1, rounds };
		for (argv++; *argv && strcmp(*argv, ";") != 0;)
			argv++;
		if (*argv)
			*argv++ = NULL;
	}
	return measure->n ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	struct measure measure = { 0 };

	if (argc < 4 || parse(argv + 3, &measure) < 0) {
		fputs("usage: measure LOAD SECONDS {[-r ROUNDS] NAME COMMAND [ARGUMENT...] ';'}"
		      "...\n",
			stderr);
		return 2;
	}
	measure.load = argv[1];
	measure.end = clock_now() + strtod(argv[2], NULL) * 1e3;
	return run_all(&measure) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
