// SPDX-License-Identifier: MIT
/* Bind mounts in the test's own mount namespace: there, gone, and detached. */
#include "hold.h"

void hold_by_mount(const char *type, const char *path)
{
	int fd = live_namespace(type);

	expect(fd, "mount %s", path);
	live_bind(fd, path);
	close(fd);
}

void hold_by_two_mounts(const char *type, const char *path)
{
	const char *other = strf("%s-too", path);
	int fd = live_namespace(type);

	expect(fd, "mount %s, mount %s", path, other);
	live_bind(fd, path);
	live_bind(fd, other);
	close(fd);
}

void hold_by_fd_of_gone_mount(const char *type, const char *path)
{
	int fd = live_namespace(type), again;

	live_bind(fd, path);
	close(fd);
	again = live_open_file(path, O_RDONLY);
	MUST(umount2(path, MNT_DETACH) == 0);
	expect(again, "fd %d:%d", getpid(), again);
}

void hold_by_detached_mount(const char *type, const char *path)
{
	int fd = live_namespace(type), tree;

	live_bind(fd, path);
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | O_CLOEXEC);
	MUST(tree >= 0);
	MUST(umount2(path, MNT_DETACH) == 0);
	expect(fd, "fd %d:%d", getpid(), tree);
	close(fd);
}
