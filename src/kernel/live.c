// SPDX-License-Identifier: MIT
/*
 * The table of functions of the running kernel, and its ioctls on namespace descriptors. Larger
 * families of calls are in nsfs.c, mounts.c, sockets.c and self.c.
 */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/kernel.h"
#include "nsls/procfs.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <linux/nsfs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int live_result(long r)
{
	return r < 0 ? -errno : (int)r;
}

static void live_close(const struct kernel *kernel, int fd)
{
	close(fd);
}

static int live_ref(const struct kernel *kernel, int fd, struct ns_ref *ret_ref)
{
	int flag = ioctl(fd, NS_GET_NSTYPE);
	struct ns_ref ref;
	struct stat st;

	if (flag < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (nstype_by_clone_flag((uint32_t)flag, &ref.type) < 0)
		return -ENOTTY;
	ref.ino = (uint32_t)st.st_ino;
	*ret_ref = ref;
	return 0;
}

static int live_owner(const struct kernel *kernel, int fd)
{
	return live_result(ioctl(fd, NS_GET_USERNS));
}

static int live_parent(const struct kernel *kernel, int fd)
{
	return live_result(ioctl(fd, NS_GET_PARENT));
}

static int live_owner_uid(const struct kernel *kernel, int fd, uid_t *ret_uid)
{
	return live_result(ioctl(fd, NS_GET_OWNER_UID, ret_uid));
}

static int live_id(const struct kernel *kernel, int fd, uint64_t *ret_id)
{
	__u64 id = 0;

	if (ioctl(fd, ABI_NS_GET_ID, &id) < 0 && ioctl(fd, ABI_NS_GET_MNTNS_ID, &id) < 0)
		return -errno;
	*ret_id = id;
	return 0;
}

static int live_pidfd(const struct kernel *kernel, pid_t pid, pid_t tid)
{
	int fd = live_result(syscall(SYS_pidfd_open, tid, tid == pid ? 0 : ABI_PIDFD_THREAD));

	return fd == -EPERM ? -ENOSYS : fd; /* a seccomp filter refuses unknown, newer calls so */
}

static int live_children_pidns(const struct kernel *kernel, pid_t pid, pid_t tid)
{
	CLEANUP_FD int pidfd = live_pidfd(kernel, pid, tid);

	return pidfd < 0 ? pidfd
			 : live_result(ioctl(pidfd, ABI_PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE, 0));
}

static int live_order_files(const struct kernel *kernel, pid_t tid, pid_t other, int *ret_order)
{
	long r = syscall(SYS_kcmp, tid, other, KCMP_FILES, 0, 0);

	if (r < 0)
		return -errno;
	*ret_order = r == 0 ? 0 : r == 1 ? -1 : 1;
	return 0;
}

void kernel_live_init(struct kernel_live *live, int procfs_fd)
{
	struct stat st;

	*live = (struct kernel_live){
		.kernel = {
			.names_ring_files = live_names_ring_files(),
			.close = live_close,
			.open = live_open,
			.open_below = live_open_below,
			.fd_target = live_fd_target,
			.ref = live_ref,
			.owner = live_owner,
			.parent = live_parent,
			.owner_uid = live_owner_uid,
			.id = live_id,
			.netnsid = live_netnsid,
			.list = live_list,
			.open_id = live_open_id,
			.next_mnt = live_next_mnt,
			.previous_mnt = live_previous_mnt,
			.mounts = live_mounts,
			.count_mounts = live_count_mounts,
			.pidfd = live_pidfd,
			.children_pidns = live_children_pidns,
			.copy_socket = live_copy_socket,
			.copy_tun = live_copy_tun,
			.socket_cookie = live_socket_cookie,
			.socket_netns = live_socket_netns,
			.own_cookie = live_own_cookie,
			.own = live_own,
			.open_own = live_open_own,
			.capable = live_capable,
			.order_files = live_order_files,
		},
		.self = live_find_self(procfs_fd),
		.unclosed = live_unclosed_new(),
	};
	if (live->self < 0 || fstatat(live->self, "ns/user", &st, 0) < 0)
		return;
	live->major = major(st.st_dev);
	live->minor = minor(st.st_dev);
	live->kernel.has_self = true;
	live->kernel.shows_children_pidns =
		fstatat(live->self, "ns/pid_for_children", &st, AT_SYMLINK_NOFOLLOW) == 0;
}

void kernel_live_done(struct kernel_live *live)
{
	if (live->self >= 0)
		close(live->self);
	live->self = -1;
	live_unclosed_free(live->unclosed);
	live->unclosed = NULL;
}

void kernel_free_mounts(struct kernel_mount *mounts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(mounts[i].path);
		free(mounts[i].file);
	}
	free(mounts);
}

int kernel_identify(
	const struct kernel *kernel, int dirfd, const char *path, struct ns_ref *ret_ref)
{
	char text[64];
	int fd, r = procfs_read_link(dirfd, path, text, sizeof(text));

	if (r < 0 && r != -ENAMETOOLONG && r != -EINVAL) /* too long, or no link: open it */
		return r;
	if (r == 0 && nstype_parse(text, ret_ref) == 0)
		return 0;
	fd = kernel->open(kernel, dirfd, path);
	if (fd < 0) /* neither link nor file: the link could not be read */
		return r == -EINVAL && fd == -ENOENT ? r : fd;
	r = kernel->ref(kernel, fd, ret_ref);
	kernel->close(kernel, fd);
	return r;
}
