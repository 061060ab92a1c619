// SPDX-License-Identifier: MIT
/*
 * Runs commands in turn, round by round, and prints a line about each run, for table.awk. Taking
 * turns, what else happens on the machine happens to all of them.
 *
 *   measure LOAD SECONDS {NAME ROUNDS COMMAND [ARGUMENT...] ';'}...
 *
 * LOAD is a word that each line begins with. After SECONDS the run at hand is ended and none is
 * started.
 *
 * Fields, separated by tabs: load, name, round, milliseconds, milliseconds of processor time,
 * peak memory in KiB, lines of output, status as of wait(2).
 */
#include "../system/live.h"

#include <sys/resource.h>
#include <time.h>

#define ROUNDS_MAX 1000

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
static _Noreturn void become(char **command, int out, double left)
{
	int null = live_open_file("/dev/null", O_RDWR);

	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	alarm((unsigned)(left / 1e3) + 1);
	execvp(command[0], command);
	_exit(127);
}

static size_t count_lines(int fd)
{
	size_t lines = 0;
	char buf[65536];
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	return lines;
}

/* The output goes to memory, so that it can be seen that there was some. */
static void run_once(const char *load, char **command, unsigned long round, double end)
{
	int status, out = memfd_create("output", MFD_CLOEXEC);
	double start = clock_now(), took;
	struct rusage usage;
	pid_t pid;

	MUST(out >= 0 && (pid = fork()) >= 0);
	if (pid == 0)
		become(command + 2, out, end - start);
	MUST(wait4(pid, &status, 0, &usage) == pid);
	took = clock_now() - start;
	printf("%s\t%s\t%lu\t%.3f\t%.3f\t%ld\t%zu\t%d\n", load, command[0], round, took,
		to_milliseconds(usage.ru_utime) + to_milliseconds(usage.ru_stime), usage.ru_maxrss,
		count_lines(out), status);
	fflush(stdout);
	close(out);
}

/* Returns what follows the ';' of a command, which becomes its NULL. */
static char **end_command(char **command)
{
	MUST(command[1] && command[2]);
	while (*command && strcmp(*command, ";") != 0)
		command++;
	MUST(*command);
	*command = NULL;
	return command + 1;
}

int main(int argc, char **argv)
{
	char **commands[64];
	size_t n = 0;
	double end;

	MUST(argc > 3);
	for (char **at = argv + 3; *at; at = end_command(at)) {
		MUST(n < COUNT(commands));
		commands[n++] = at;
	}
	end = clock_now() + strtod(argv[2], NULL) * 1e3;
	for (unsigned long round = 0; round < ROUNDS_MAX; round++)
		for (size_t i = 0; i < n && clock_now() < end; i++)
			if (round < strtoul(commands[i][1], NULL, 10))
				run_once(argv[1], commands[i], round, end);
	return EXIT_SUCCESS;
}
