// SPDX-License-Identifier: MIT
/*
 * Namespaces without a member that only another namespace holds, which they own or are the parent
 * of. In each case a descriptor, socket or mount holds one of the others.
 */
#include "hold.h"

#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define OTHER_USER 65534

/* Reports the user namespace that owns what fd is on. */
static void expect_owner(int fd)
{
	int owner = ioctl(fd, NS_GET_USERNS);

	MUST(owner >= 0);
	expect(owner, "owned %s", holder_name(fd));
	close(owner);
}

static int open_and_end(pid_t pid, const char *type)
{
	int fd = live_open_ns(pid, type);

	live_end(pid);
	return fd;
}

void hold_by_owned(const char *type, const char *path)
{
	int fd = open_and_end(live_clone(CLONE_NEWUSER | live_flag(type)), type);

	expect(fd, "fd %d:%d", getpid(), fd);
	expect_owner(fd);
}

/* The same, made by another user, who is the owner. */
void hold_by_owned_of_user(const char *type, const char *path)
{
	struct ready ready = ready_new();
	pid_t pid = live_fork(0);
	int fd;

	if (pid == 0) {
		live_become(OTHER_USER);
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* forgotten with the user id */
		MUST(unshare(CLONE_NEWUSER | (int)live_flag(type)) == 0);
		ready_and_wait(&ready);
	}
	ready_await(&ready);
	fd = open_and_end(pid, type);
	expect(fd, "fd %d:%d", getpid(), fd);
	expect_owner(fd);
}

/* What it owns is a network namespace that a socket keeps. */
void hold_by_owned_of_socket(const char *type, const char *path)
{
	int pair[2], device, ns;
	pid_t pid;

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	pid = live_fork(CLONE_NEWUSER | live_flag(type));
	if (pid == 0) {
		live_send_fd(pair[1], make_socket());
		live_wait();
	}
	device = live_receive_fd(pair[0]);
	ns = open_and_end(pid, type);
	close(pair[0]);
	close(pair[1]);
	expect(ns, "socket %d:%d", getpid(), device);
	expect_owner(ns);
	close(ns);
}

/* What it owns is mounted somewhere. */
void hold_by_owned_of_mount(const char *type, const char *path)
{
	int fd = open_and_end(live_clone(CLONE_NEWUSER | live_flag(type)), type);

	expect(fd, "mount %s", path);
	expect_owner(fd);
	live_bind(fd, path);
	close(fd);
}

/* Nests three namespaces, writes the PID of the process in the innermost to fd, and waits. */
static void nest(const char *type, int fd)
{
	char pid[16] = "";

	for (int i = 0; i < 3; i++) {
		MUST(unshare((int)live_flag(type)) == 0);
		if (!strcmp(type, "user")) {
			/* Its root may make the next one: user_namespaces(7). */
			live_write("/proc/self/uid_map", "0 0 1");
			live_write("/proc/self/setgroups", "deny");
			live_write("/proc/self/gid_map", "0 0 1");
		} else if (live_fork(0) != 0) {
			live_wait();
		}
	}
	/* The PID in the PID namespace that /proc was mounted from. */
	MUST(readlink("/proc/self", pid, sizeof(pid) - 1) > 0);
	MUST(write(fd, pid, sizeof(pid)) == sizeof(pid));
	live_wait();
}

/* A descriptor on the innermost of three nested namespaces, which nothing else keeps. */
static int open_nested(const char *type)
{
	char text[16];
	int report[2], fd;
	pid_t pid;

	/* A process without a parent becomes our child, so that none stays a zombie. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	MUST(pipe2(report, O_CLOEXEC) == 0);
	pid = live_fork(0);
	if (pid == 0)
		nest(type, report[1]);
	MUST(read(report[0], text, sizeof(text)) == sizeof(text));
	fd = live_open_ns((pid_t)atol(text), type);
	kill(pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	close(report[0]);
	close(report[1]);
	return fd;
}

/* Reports the two that the innermost is nested in. */
static void expect_parents(int fd)
{
	int middle = ioctl(fd, NS_GET_PARENT), outer = ioctl(middle, NS_GET_PARENT);

	MUST(middle >= 0 && outer >= 0);
	expect(middle, "child %s", holder_name(fd));
	expect(outer, "child %s", holder_name(middle));
	close(middle);
	close(outer);
}

void hold_by_child(const char *type, const char *path)
{
	int fd = open_nested(type);

	expect(fd, "fd %d:%d", getpid(), fd);
	expect_parents(fd);
}

void hold_by_child_of_mount(const char *type, const char *path)
{
	int fd = open_nested(type);

	expect(fd, "mount %s", path);
	expect_parents(fd);
	live_bind(fd, path);
	close(fd);
}
