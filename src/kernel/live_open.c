// SPDX-License-Identifier: MIT
/*
 * From paths and other processes' descriptors to namespace files. What they lead to is chosen by
 * others: nothing is opened before it is known to be a namespace, and nothing is waited for.
 */
#include "live.h"

#include "kernel_abi.h"
#include "nsls/base/cleanup.h"
#include "nsls/kernel/fd_link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/*
 * statx(2) of a descriptor (path "") or link, without asking a file server: one that is dead, or
 * belongs to an attacker, would block the thread forever, and no signal ends that.
 */
int live_statx(int fd, const char *path, unsigned mask, struct statx *ret_stx)
{
	const int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;

	return live_result(statx(fd, path, flags, mask, ret_stx));
}

static bool is_on_nsfs(const struct kernel *kernel, const struct statx *stx)
{
	return kernel->has_self && stx->stx_dev_major == live_of(kernel)->major &&
	       stx->stx_dev_minor == live_of(kernel)->minor;
}

/*
 * What path leads to may change before the open, so the check is on an O_PATH descriptor, which
 * opens nothing, and the real open goes through that: a FIFO or device is never opened.
 */
static int reopen(const struct kernel *kernel, int path_fd)
{
	struct statx stx;
	char link[32];
	int r;

	if (path_fd < 0)
		return path_fd;
	if (!kernel->has_self)
		return -EOPNOTSUPP;
	/* Nothing but the device is wanted: that alone every file system gives to anybody. */
	r = live_statx(path_fd, "", 0, &stx);
	if (r < 0)
		return r;
	if (!is_on_nsfs(kernel, &stx))
		return -ENOTTY;
	/* Not the "fd" of self, which is the parent's directory in a child process. */
	snprintf(link, sizeof(link), "../self/fd/%d", path_fd);
	return live_result(openat(live_of(kernel)->self, link, O_RDONLY | O_CLOEXEC));
}

int live_open(const struct kernel *kernel, int dirfd, const char *path)
{
	CLEANUP_FD int fd = live_result(openat(dirfd, path, O_PATH | O_CLOEXEC));

	return reopen(kernel, fd);
}

/*
 * EAGAIN says that the path is not in the cache, or only that some mount, anywhere on the system,
 * changed while it was walked: beside a storm of mount namespaces, once in some 150 walks. Asking
 * again tells which, and waits for nobody.
 */
#define WALKS_MOST 16

static int open_cached(int root_fd, const char *path, struct open_how *how)
{
	int fd = -EAGAIN;

	for (int i = 0; i < WALKS_MOST && fd == -EAGAIN; i++)
		fd = live_result(syscall(SYS_openat2, root_fd, path, how, sizeof(*how)));
	return fd;
}

int live_open_below(const struct kernel *kernel, int dirfd, const char *root, const char *path)
{
	/*
	 * A mount point and all above it stay in the dentry cache. RESOLVE_CACHED (5.12) takes
	 * them from there and refuses where a dead network file system would have to be asked.
	 */
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
			   RESOLVE_CACHED,
	};
	CLEANUP_FD int root_fd = live_result(openat(dirfd, root, O_PATH | O_DIRECTORY | O_CLOEXEC));
	CLEANUP_FD int fd = -1;

	if (root_fd < 0)
		return root_fd;
	fd = open_cached(root_fd, path, &how);
	if (fd == -EPERM) /* as filters of system calls refuse one that is newer */
		return -ENOSYS;
	return reopen(kernel, fd);
}

int live_peek(
	const struct kernel *kernel, int dirfd, const char *link, struct fd_target *ret_target)
{
	struct statx stx;

	int r = live_statx(dirfd, link, STATX_TYPE | STATX_INO | STATX_MNT_ID, &stx);

	/* A file system may refuse even root (fuse(4) without allow_other): its link is the
	 * kernel's own text. */
	if (r < 0)
		return r == -EACCES ? fd_link_read(dirfd, link, ret_target) : r;
	*ret_target = (struct fd_target){
		.dev = (uint64_t)stx.stx_dev_major << 32 | stx.stx_dev_minor,
		.ino = stx.stx_ino,
		.mount_root = stx.stx_attributes & STATX_ATTR_MOUNT_ROOT,
		.mount_id = stx.stx_mask & STATX_MNT_ID ? stx.stx_mnt_id : 0,
	};
	if (is_on_nsfs(kernel, &stx))
		ret_target->kind = FD_NAMESPACE;
	else if (S_ISSOCK(stx.stx_mode))
		ret_target->kind = FD_SOCKET;
	else if (S_ISCHR(stx.stx_mode) && live_is_tun(stx.stx_rdev_major, stx.stx_rdev_minor))
		ret_target->kind = FD_TUN;
	else if (!(stx.stx_mode & S_IFMT))
		ret_target->kind = FD_ANONYMOUS;
	return 0;
}
