// SPDX-License-Identifier: MIT
/* See the header. What can't be set up aborts: a system test without its system proves nothing. */
#include "live.h"

#include "../json/keep_json.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const struct live_type live_types[LIVE_TYPES] = {
	{ "cgroup", CLONE_NEWCGROUP },
	{ "ipc", CLONE_NEWIPC },
	{ "mnt", CLONE_NEWNS },
	{ "net", CLONE_NEWNET },
	{ "pid", CLONE_NEWPID },
	{ "time", CLONE_NEWTIME },
	{ "user", CLONE_NEWUSER },
	{ "uts", CLONE_NEWUTS },
};

const char *live_program = NSLS_PROGRAM;
unsigned live_limit = 60;

uint64_t live_flag(const char *type)
{
	for (int i = 0; i < LIVE_TYPES; i++)
		if (!strcmp(live_types[i].name, type))
			return live_types[i].flag;
	abort();
}

void live_need_root(void)
{
	if (geteuid() == 0)
		return;
	puts("skip: making namespaces needs root");
	skip();
}

void live_become(uid_t uid)
{
	MUST(syscall(SYS_setgroups, 0, NULL) == 0 && syscall(SYS_setresgid, uid, uid, uid) == 0 &&
		syscall(SYS_setresuid, uid, uid, uid) == 0);
}

void live_take_turns(void)
{
	int lock = open(
		"/tmp/nsls-system-tests.lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	/* This process's, up to its end: fcntl(2) gives its children no part in it. */
	MUST(lock >= 0 && fcntl(lock, F_SETLKW, &(struct flock){ .l_type = F_WRLCK }) == 0);
}

void answer_done(struct answer *answer)
{
	free(answer->out);
	free(answer->err);
}

/* Reads both descriptors to their ends, so that neither fills and stops the writer. */
static void read_both(int out_fd, int err_fd, char **ret_out, char **ret_err)
{
	struct pollfd polls[2] = { { out_fd, POLLIN, 0 }, { err_fd, POLLIN, 0 } };
	char *texts[2] = { calloc(1, 1), calloc(1, 1) };
	size_t lens[2] = { 0, 0 };
	char buf[65536];

	while (polls[0].fd >= 0 || polls[1].fd >= 0) {
		MUST(poll(polls, 2, -1) > 0);
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (!polls[i].revents)
				continue;
			n = read(polls[i].fd, buf, sizeof(buf));
			if (n <= 0) {
				polls[i].fd = -1;
				continue;
			}
			MUST((texts[i] = realloc(texts[i], lens[i] + (size_t)n + 1)));
			memcpy(texts[i] + lens[i], buf, (size_t)n);
			lens[i] += (size_t)n;
			texts[i][lens[i]] = '\0';
		}
	}
	*ret_out = texts[0];
	*ret_err = texts[1];
}

static double now(void)
{
	struct timespec at;

	MUST(clock_gettime(CLOCK_MONOTONIC, &at) == 0);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static struct answer run(const char *const *argv, const char *input)
{
	struct answer answer = { 0 };
	int in[2], out[2], err[2], status;
	double start = now();
	pid_t pid;

	MUST(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0);
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		alarm(live_limit);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	signal(SIGPIPE, SIG_IGN);
	if (input)
		MUST(write(in[1], input, strlen(input)) == (ssize_t)strlen(input));
	close(in[1]);
	read_both(out[0], err[0], &answer.out, &answer.err);
	close(out[0]);
	close(err[0]);
	signal(SIGPIPE, SIG_DFL);
	MUST(waitpid(pid, &status, 0) == pid);
	answer.seconds = now() - start;
	answer.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	return answer;
}

struct answer nsls(const char *first, ...)
{
	const char *argv[16] = { live_program, first };
	struct answer answer;
	va_list args;
	int argc = 2;

	va_start(args, first);
	while (argc < 15 && (argv[argc] = va_arg(args, const char *)))
		argc++;
	va_end(args);
	answer = run(argv, NULL);
	keep_json(answer.out);
	return answer;
}

char *jq(const char *text, const char *program)
{
	/* By file: jq may start to write before it has read all. */
	char path[] = "/tmp/nsls-json-XXXXXX";
	int fd = mkstemp(path);
	const char *argv[] = { "jq", "-r", program, path, NULL };
	struct answer answer;

	MUST(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	answer = run(argv, NULL);
	unlink(path);
	if (answer.status != 0)
		fail_msg("jq: %s", answer.err);
	free(answer.err);
	return answer.out;
}

pid_t live_fork(uint64_t flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	MUST(pid >= 0);
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

pid_t live_clone(uint64_t flags)
{
	pid_t pid = live_fork(flags);

	while (pid == 0)
		pause();
	return pid;
}

void live_end(pid_t pid)
{
	MUST(kill(pid, SIGKILL) == 0);
	MUST(waitpid(pid, NULL, 0) == pid);
}

pid_t live_children[LIVE_TYPES];

int live_start_children(void **state)
{
	(void)state;
	for (int i = 0; geteuid() == 0 && i < LIVE_TYPES; i++)
		live_children[i] = live_clone(live_types[i].flag);
	return 0;
}

int live_end_children(void **state)
{
	(void)state;
	for (int i = 0; geteuid() == 0 && i < LIVE_TYPES; i++)
		live_end(live_children[i]);
	return 0;
}

const char *live_ns_path(char buf[64], pid_t pid, const char *type)
{
	snprintf(buf, 64, "/proc/%d/ns/%s", pid, type);
	return buf;
}

void live_link(pid_t pid, const char *type, char text[64])
{
	char path[64];
	ssize_t len;

	len = readlink(live_ns_path(path, pid, type), text, 63);
	MUST(len > 0);
	text[len] = '\0';
}

int live_namespace(const char *type)
{
	pid_t pid = live_clone(live_flag(type));
	char path[64];
	int fd = open(live_ns_path(path, pid, type), O_RDONLY | O_CLOEXEC);

	MUST(fd >= 0);
	live_end(pid);
	return fd;
}
