// SPDX-License-Identifier: MIT
/*
 * Bind mounts in a mount namespace other than the test's: with a process that is a member of it,
 * with one that sees nothing of the mount, and without any process.
 */
#include "hold.h"

/* Moves to a new mount namespace and keeps a new namespace of the type by a mount in there. */
static void mount_elsewhere(const char *type, const char *path)
{
	int fd;

	MUST(unshare(CLONE_NEWNS) == 0);
	/* After the move: a mount namespace can't be mounted in a younger one. */
	fd = live_namespace(type);
	expect(fd, "mount %lu:%s", live_inode("/proc/self/ns/mnt"), path);
	live_bind(fd, path);
	close(fd);
}

/* A process in a new mount namespace with that mount; jail, if given, becomes its root. */
static pid_t start_elsewhere(const char *type, const char *path, const char *jail)
{
	struct ready ready = ready_new();
	pid_t pid = live_fork(0);

	if (pid == 0) {
		mount_elsewhere(type, path);
		MUST(!jail || (chroot(jail) == 0 && chdir("/") == 0));
		ready_and_wait(&ready);
	}
	ready_await(&ready);
	return pid;
}

void hold_by_mount_of_others(const char *type, const char *path)
{
	pid_t pid = start_elsewhere(type, path, NULL);

	expect_link(live_ns_path(pid, "mnt"), "process %d", pid);
}

/* Its process has changed its root to an empty directory: its mountinfo shows nothing. */
void hold_by_mount_outside_root(const char *type, const char *path)
{
	const char *jail = strf("%s.jail", path);
	pid_t pid;

	MUST(mkdir(jail, 0700) == 0);
	pid = start_elsewhere(type, path, jail);
	expect_link(live_ns_path(pid, "mnt"), "process %d", pid);
}

void hold_by_mount_of_fd(const char *type, const char *path)
{
	pid_t pid = start_elsewhere(type, path, NULL);
	int mnt = live_open_ns(pid, "mnt");

	live_end(pid);
	expect(mnt, "fd %d:%d", getpid(), mnt);
}

/* Binds the mount namespace of a process to path, and ends the process. */
static void mount_and_end(pid_t pid, const char *path, unsigned long mntns)
{
	int mnt = live_open_ns(pid, "mnt");

	if (mntns)
		expect(mnt, "mount %lu:%s", mntns, path);
	else
		expect(mnt, "mount %s", path);
	live_bind(mnt, path);
	close(mnt);
	live_end(pid);
}

void hold_by_mount_of_mount(const char *type, const char *path)
{
	mount_and_end(start_elsewhere(type, path, NULL), strf("%s.mnt", path), 0);
}

/* A mount in a mount namespace that only a mount in another one keeps, which a descriptor keeps. */
void hold_by_mount_two_deep(const char *type, const char *path)
{
	struct ready ready = ready_new();
	pid_t pid = live_fork(0);
	int mnt;

	if (pid == 0) {
		MUST(unshare(CLONE_NEWNS) == 0);
		mount_and_end(start_elsewhere(type, path, NULL), strf("%s.mnt", path),
			live_inode("/proc/self/ns/mnt"));
		ready_and_wait(&ready);
	}
	ready_await(&ready);
	mnt = live_open_ns(pid, "mnt");
	live_end(pid);
	expect(mnt, "fd %d:%d", getpid(), mnt);
}
