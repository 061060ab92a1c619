// SPDX-License-Identifier: MIT
/* Bind mounts in the test's own mount namespace: there, gone, and detached. */
#include "hold.h"

void bind_fd(int fd, const char *path)
{
	int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	char from[64];

	MUST(file >= 0);
	close(file);
	snprintf(from, sizeof(from), "/proc/thread-self/fd/%d", fd);
	MUST(mount(from, path, NULL, MS_BIND, NULL) == 0);
}

void hold_by_mount(const char *type, const char *path)
{
	int fd = live_namespace(type);

	expect(fd, "mount %s", path);
	bind_fd(fd, path);
	close(fd);
}

void hold_by_two_mounts(const char *type, const char *path)
{
	int fd = live_namespace(type);
	char other[256];

	snprintf(other, sizeof(other), "%s-too", path);
	expect(fd, "mount %s, mount %s", path, other);
	bind_fd(fd, path);
	bind_fd(fd, other);
	close(fd);
}

void hold_by_fd_of_gone_mount(const char *type, const char *path)
{
	int fd = live_namespace(type), again;

	bind_fd(fd, path);
	close(fd);
	again = open(path, O_RDONLY | O_CLOEXEC);
	MUST(again >= 0);
	MUST(umount2(path, MNT_DETACH) == 0);
	expect(again, "fd %d:%d", getpid(), again);
}

void hold_by_detached_mount(const char *type, const char *path)
{
	int fd = live_namespace(type), tree;

	bind_fd(fd, path);
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | O_CLOEXEC);
	MUST(tree >= 0);
	MUST(umount2(path, MNT_DETACH) == 0);
	expect(fd, "fd %d:%d", getpid(), tree);
	close(fd);
}
