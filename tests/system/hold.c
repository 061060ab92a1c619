// SPDX-License-Identifier: MIT
/* What all holders share; processes, what they will be for their children, and descriptors. */
#include "hold.h"

#include <inttypes.h>
#include <sys/ioctl.h>

int holder_report;

__attribute__((format(printf, 2, 0))) static void report_change(
	int fd, const char *format, va_list args)
{
	struct live_relations truth = live_relations(fd);
	char line[8192];
	int len = snprintf(line, sizeof(line), "%s:[%" PRIu64 "]\t%s %s %s %s\t", truth.type,
		truth.ino, truth.parent, truth.owner, truth.owner_uid, truth.id);

	len += vsnprintf(line + len, sizeof(line) - (size_t)len - 1, format, args);
	MUST(len < (int)sizeof(line) - 1);
	line[len++] = '\n';
	MUST(write(holder_report, line, (size_t)len) == len);
}

void expect(int fd, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_change(fd, format, args);
	va_end(args);
}

void expect_link(const char *link, const char *format, ...)
{
	int fd = open(link, O_RDONLY | O_CLOEXEC);
	va_list args;

	MUST(fd >= 0);
	va_start(args, format);
	report_change(fd, format, args);
	va_end(args);
	close(fd);
}

void expect_end(void)
{
	MUST(write(holder_report, ".\n", 2) == 2);
}

const char *holder_name(int fd)
{
	return live_fd_text(fd, live_relations(fd).type);
}

void hold_by_process(const char *type, const char *path)
{
	pid_t pid = live_clone(live_flag(type));

	expect_link(live_ns_path(pid, type), "process %d", pid);
}

void hold_by_zombie(const char *type, const char *path)
{
	pid_t pid = live_clone(live_flag(type));
	siginfo_t info;

	expect_link(live_ns_path(pid, type), "zombie %d", pid);
	MUST(kill(pid, SIGKILL) == 0);
	MUST(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
}

void hold_by_children(const char *type, const char *path)
{
	MUST(unshare((int)live_flag(type)) == 0);
	if (!strcmp(type, "pid")) {
		/* The link reads once a first process has been in there. */
		live_end(live_clone(0));
	}
	expect_link(live_ns_path(getpid(), strf("%s_for_children", type)), "children %d", getpid());
}

static int open_new_pidns(pid_t tid, unsigned flags)
{
	int pidfd = (int)syscall(SYS_pidfd_open, tid, flags), fd;

	if (pidfd < 0)
		return -1;
	fd = ioctl(pidfd, _IO(0xff, 6), 0); /* PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE */
	close(pidfd);
	return fd;
}

const char *holder_new_pidns_lacks(void)
{
	int fd = open_new_pidns(getpid(), 0);

	if (fd < 0)
		return "PID namespaces without a first process can be opened since Linux 6.11";
	close(fd);
	return NULL;
}

void hold_by_new_pidns(const char *type, const char *path)
{
	pid_t tid = (pid_t)syscall(SYS_gettid);
	int fd;

	MUST(unshare(CLONE_NEWPID) == 0);
	fd = open_new_pidns(tid, tid == getpid() ? 0 : O_EXCL);
	MUST(fd >= 0);
	if (tid == getpid())
		expect(fd, "children %d", tid);
	else
		expect(fd, "children %d/%d", getpid(), tid);
	close(fd);
}

void hold_by_fd(const char *type, const char *path)
{
	int fd = live_namespace(type);

	expect(fd, "fd %d:%d", getpid(), fd);
}

/* Opened with O_PATH, which is enough to keep what it refers to. */
void hold_by_path_fd(const char *type, const char *path)
{
	int fd = live_namespace(type);
	int path_fd = live_open_file(strf("/proc/self/fd/%d", fd), O_PATH);

	expect(fd, "fd %d:%d", getpid(), path_fd);
	close(fd);
}

/* One open file, in two processes and twice in one of them. */
void hold_by_shared_fd(const char *type, const char *path)
{
	int fd = live_namespace(type), again = dup(fd);
	struct ready ready = ready_new();
	pid_t us = getpid(), child = live_fork(0);

	MUST(again > fd);
	if (child == 0) {
		close(fd);
		ready_and_wait(&ready);
	}
	ready_await(&ready);
	/* By PID, and a child's may be the lower one when the numbers have wrapped around. */
	if (us < child)
		expect(fd, "fd %d:%d, fd %d:%d, fd %d:%d", us, fd, us, again, child, again);
	else
		expect(fd, "fd %d:%d, fd %d:%d, fd %d:%d", child, again, us, fd, us, again);
}
