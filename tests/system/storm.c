// SPDX-License-Identifier: MIT
/* See the header. A failed clone(2) is no failure of the test: there is less wind then. */
#include "storm.h"

#include "live.h"

#include <pthread.h>
#include <sys/socket.h>

#define HELPERS 4
#define COMMAND_END STORMS /* any other command is an enum storm */

static struct {
	pid_t pid;
	int control;
	bool blows;
} master;

/* Lives of different length, or all would begin and end at once. */
static void live_a_while(unsigned n)
{
	usleep(3000 + n * 7919 % 11000);
}

/* A child in new namespaces that ends after a while. */
static void bear(uint64_t flags, unsigned n, void (*life)(unsigned n))
{
	if (live_try_fork(flags) == 0) {
		life(n);
		_exit(0);
	}
}

static void bury(int n)
{
	while (n--)
		wait(NULL);
}

static void blow_processes(unsigned n)
{
	for (unsigned i = 0; i < 8; i++)
		bear(0, n + i, live_a_while);
	bury(8);
}

static void *be_thread(void *data)
{
	unsigned n = *(const unsigned *)data;

	if (n % 3 == 0)
		unshare(CLONE_NEWUTS);
	if (n % 5 == 0)
		unshare(CLONE_FILES);
	live_a_while(n);
	return NULL;
}

static void blow_threads(unsigned n)
{
	unsigned numbers[6];
	pthread_t threads[6];
	int started = 0;

	for (unsigned i = 0; i < 6; i++) {
		numbers[i] = n * 6 + i;
		if (pthread_create(&threads[started], NULL, be_thread, &numbers[i]) == 0)
			started++;
	}
	while (started)
		pthread_join(threads[--started], NULL);
}

static void blow_namespaces(unsigned n)
{
	bear(live_types[n % LIVE_TYPES].flag, n, live_a_while);
	bury(1);
}

/* Starts in the namespaces of others, and moves on while a scan may read it. */
static void move_on(unsigned n)
{
	static const int flags[] = { CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWNS, CLONE_NEWIPC };

	for (unsigned i = 0; i < 4; i++) {
		live_a_while(n + i);
		unshare(flags[i]);
	}
	live_a_while(n);
}

static void blow_unshare(unsigned n)
{
	bear(0, n, move_on);
	bury(1);
}

static const char exec_word[] = "--storm-of-execs";

static void execute(unsigned n)
{
	char times[] = { (char)('2' + n % 5), '\0' };

	execl("/proc/self/exe", "storm", exec_word, times, (char *)NULL);
}

static void blow_execs(unsigned n)
{
	bear(0, n, execute);
	bury(1);
}

void storm_be_executed(int argc, char **argv)
{
	if (argc != 3 || strcmp(argv[1], exec_word) != 0)
		return;
	/* One digit: how often it has yet to run itself. */
	live_a_while((unsigned char)*argv[2]);
	if (--*argv[2] >= '0')
		execv("/proc/self/exe", argv);
	_exit(0);
}

static void (*const blow[STORMS])(unsigned n) = {
	[STORM_PROCESSES] = blow_processes,
	[STORM_THREADS] = blow_threads,
	[STORM_NAMESPACES] = blow_namespaces,
	[STORM_UNSHARE] = blow_unshare,
	[STORM_EXECS] = blow_execs,
};

static pid_t start_helper(uint32_t storm, unsigned start)
{
	pid_t pid = live_fork(0);

	if (pid != 0)
		return pid;
	for (unsigned n = start;; n += HELPERS)
		blow[storm](n);
}

static _Noreturn void be_master(int control)
{
	pid_t helpers[HELPERS] = { 0 };
	uint32_t command;

	while (read(control, &command, sizeof(command)) == sizeof(command)) {
		for (unsigned i = 0; i < HELPERS; i++)
			if (command == COMMAND_END)
				live_end(helpers[i]);
			else
				helpers[i] = start_helper(command, i);
		MUST(write(control, "x", 1) == 1);
	}
	_exit(0);
}

void storm_start_master(void)
{
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	fflush(NULL);
	master.pid = live_fork(0);
	if (master.pid == 0) {
		close(pair[0]);
		be_master(pair[1]);
	}
	close(pair[1]);
	master.control = pair[0];
}

void storm_end_master(void)
{
	if (master.pid)
		live_end(master.pid);
	master.pid = 0;
}

static void command_master(uint32_t command)
{
	char byte;

	MUST(write(master.control, &command, sizeof(command)) == sizeof(command));
	MUST(read(master.control, &byte, 1) == 1);
}

void storm_begin(enum storm storm)
{
	command_master(storm);
	master.blows = true;
}

void storm_end(void)
{
	if (master.blows)
		command_master(COMMAND_END);
	master.blows = false;
}
