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
#include "../system/live.h"

#include <sys/resource.h>
#include <time.h>

#define COMMANDS_MAX 64
#define ROUNDS_MAX 1000

struct command {
	const char *name;
	char **argv;
	unsigned long rounds;
};

static struct command commands[COMMANDS_MAX];
static size_t ncommands;

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
	int null = live_open_file("/dev/null", O_RDWR);

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
static void run_once(
	const char *load, const struct command *command, unsigned long round, double end)
{
	int status, out = memfd_create("output", MFD_CLOEXEC);
	double start = clock_now(), took;
	struct rusage usage;
	pid_t pid;

	MUST(out >= 0 && (pid = fork()) >= 0);
	if (pid == 0)
		become(command, out, end - start);
	MUST(wait4(pid, &status, 0, &usage) == pid);
	took = clock_now() - start;
	printf("%s\t%s\t%lu\t%.3f\t%.3f\t%ld\t%zu\t%d\n", load, command->name, round, took,
		to_milliseconds(usage.ru_utime) + to_milliseconds(usage.ru_stime), usage.ru_maxrss,
		count_lines(out), status);
	fflush(stdout);
	close(out);
}

/* Splits argv into commands, in place: the ';' that ends each becomes its NULL. */
static int parse(char **argv)
{
	unsigned long rounds = 5;

	for (; *argv; ncommands++) {
		for (; *argv && **argv == '-'; argv += 2) {
			if (strcmp(*argv, "-r") != 0 || !argv[1])
				return -EINVAL;
			rounds = strtoul(argv[1], NULL, 10);
		}
		if (!argv[0] || !argv[1] || !strcmp(argv[1], ";") || ncommands == COMMANDS_MAX)
			return -EINVAL;
		commands[ncommands] = (struct command){ argv[0], argv + 1, rounds };
		for (argv++; *argv && strcmp(*argv, ";") != 0;)
			argv++;
		if (*argv)
			*argv++ = NULL;
	}
	return ncommands ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	double end = clock_now();

	if (argc < 4 || parse(argv + 3) < 0) {
		fputs("usage: measure LOAD SECONDS {[-r ROUNDS] NAME COMMAND [ARGUMENT...] ';'}"
		      "...\n",
			stderr);
		return 2;
	}
	end += strtod(argv[2], NULL) * 1e3;
	for (unsigned long round = 0; round < ROUNDS_MAX; round++)
		for (size_t i = 0; i < ncommands; i++) {
			if (clock_now() >= end)
				return EXIT_SUCCESS;
			if (round < commands[i].rounds)
				run_once(argv[1], &commands[i], round, end);
		}
	return EXIT_SUCCESS;
}
