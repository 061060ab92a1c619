// SPDX-License-Identifier: MIT
/*
 * The running kernel's answers on a namespace descriptor. The one place that knows which kernel
 * has which call; nsfs_mounts.c and netns.c hold two larger families of them.
 */
#include "nsls/kernel/nsfs.h"

#include "kernel_abi.h"
#include "nsfs_calls.h"
#include "nsls/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

static int result(long r)
{
	return r < 0 ? -errno : (int)r;
}

static void close_fd(const struct nsfs *nsfs, int fd)
{
	(void)nsfs;
	close(fd);
}

/*
 * What path leads to may change before the open, so the check is on an O_PATH descriptor, which
 * opens nothing, and the real open goes through that: a FIFO or device is never opened.
 */
static int reopen(int path_fd)
{
	struct statfs sfs;
	char name[32];

	if (path_fd < 0)
		return path_fd;
	if (fstatfs(path_fd, &sfs) < 0)
		return -errno;
	if (sfs.f_type != ABI_NSFS_MAGIC)
		return -ENOTTY;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", path_fd);
	return result(open(name, O_RDONLY | O_CLOEXEC));
}

static int open_path(const struct nsfs *nsfs, int dirfd, const char *path)
{
	CLEANUP_FD int fd = result(openat(dirfd, path, O_PATH | O_CLOEXEC));

	(void)nsfs;
	return reopen(fd);
}

static int open_below(const struct nsfs *nsfs, int dirfd, const char *root, const char *path)
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
	CLEANUP_FD int root_fd = result(openat(dirfd, root, O_PATH | O_DIRECTORY | O_CLOEXEC));
	CLEANUP_FD int fd = -1;

	(void)nsfs;
	if (root_fd < 0)
		return root_fd;
	fd = result(syscall(SYS_openat2, root_fd, path, &how, sizeof(how)));
	return reopen(fd);
}

static bool is_on_nsfs(const struct nsfs_kernel *kernel, const struct statx *stx)
{
	return kernel->has_dev && stx->stx_dev_major == kernel->dev_major &&
	       stx->stx_dev_minor == kernel->dev_minor;
}

static int peek(const struct nsfs *nsfs, int dirfd, const char *link, struct fd_target *ret_target)
{
	const struct nsfs_kernel *kernel = (const struct nsfs_kernel *)nsfs;
	struct statx stx;

	/* DONT_SYNC: a file of a dead server would otherwise be asked for there. */
	if (statx(dirfd, link, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_INO, &stx) <
		0)
		return -errno;
	*ret_target = (struct fd_target){
		.dev = (uint64_t)stx.stx_dev_major << 32 | stx.stx_dev_minor,
		.ino = stx.stx_ino,
	};
	if (is_on_nsfs(kernel, &stx))
		ret_target->kind = FD_NAMESPACE;
	else if (S_ISSOCK(stx.stx_mode))
		ret_target->kind = FD_SOCKET;
	else if (S_ISCHR(stx.stx_mode) && nsfs_is_tun(stx.stx_rdev_major, stx.stx_rdev_minor))
		ret_target->kind = FD_TUN;
	return 0;
}

static int get_ref(const struct nsfs *nsfs, int fd, struct ns_ref *ret_ref)
{
	int flag = ioctl(fd, NS_GET_NSTYPE);
	struct ns_ref ref;
	struct stat st;

	(void)nsfs;
	if (flag < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (nstype_by_clone_flag((uint32_t)flag, &ref.type) < 0)
		return -ENOTTY;
	ref.ino = (uint32_t)st.st_ino;
	*ret_ref = ref;
	return 0;
}

static int get_owner(const struct nsfs *nsfs, int fd)
{
	(void)nsfs;
	return result(ioctl(fd, NS_GET_USERNS));
}

static int get_parent(const struct nsfs *nsfs, int fd)
{
	(void)nsfs;
	return result(ioctl(fd, NS_GET_PARENT));
}

static int get_owner_uid(const struct nsfs *nsfs, int fd, uid_t *ret_uid)
{
	(void)nsfs;
	return result(ioctl(fd, NS_GET_OWNER_UID, ret_uid));
}

static int get_id(const struct nsfs *nsfs, int fd, uint64_t *ret_id)
{
	__u64 id = 0;

	(void)nsfs;
	if (ioctl(fd, ABI_NS_GET_ID, &id) < 0 && ioctl(fd, ABI_NS_GET_MNTNS_ID, &id) < 0)
		return -errno;
	*ret_id = id;
	return 0;
}

static ssize_t list(const struct nsfs *nsfs, uint64_t after, uint64_t *ids, size_t n)
{
	struct abi_ns_id_req req = { .size = sizeof(req), .ns_id = after };
	long r = syscall(ABI_NR_listns, &req, ids, n, 0);

	(void)nsfs;
	if (r < 0)
		return errno == ENOENT ? 0 : -errno;
	return r;
}

static int open_id(const struct nsfs *nsfs, uint64_t id)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + sizeof(struct abi_nsfs_file_handle)];
	} h = { .handle.handle_bytes = sizeof(struct abi_nsfs_file_handle),
		.handle.handle_type = ABI_FILEID_NSFS };
	struct abi_nsfs_file_handle payload = { .ns_id = id };

	(void)nsfs;
	memcpy(h.bytes + offsetof(struct file_handle, f_handle), &payload, sizeof(payload));
	return result(open_by_handle_at(ABI_FD_NSFS_ROOT, &h.handle, O_RDONLY | O_CLOEXEC));
}

static int next_mnt(const struct nsfs *nsfs, int fd)
{
	struct abi_mnt_ns_info info = { .size = sizeof(info) };

	(void)nsfs;
	return result(ioctl(fd, ABI_NS_MNT_GET_NEXT, &info));
}

static int previous_mnt(const struct nsfs *nsfs, int fd)
{
	struct abi_mnt_ns_info info = { .size = sizeof(info) };

	(void)nsfs;
	return result(ioctl(fd, ABI_NS_MNT_GET_PREV, &info));
}

static int same_files(const struct nsfs *nsfs, pid_t pid, pid_t tid)
{
	long r = syscall(SYS_kcmp, pid, tid, KCMP_FILES, 0, 0);

	(void)nsfs;
	return r < 0 ? -errno : r == 0;
}

void nsfs_kernel_init(struct nsfs_kernel *kernel)
{
	struct statx stx;

	*kernel = (struct nsfs_kernel){
		.nsfs = {
			.close = close_fd,
			.open = open_path,
			.open_below = open_below,
			.peek = peek,
			.ref = get_ref,
			.owner = get_owner,
			.parent = get_parent,
			.owner_uid = get_owner_uid,
			.id = get_id,
			.netnsid = nsfs_netnsid,
			.list = list,
			.open_id = open_id,
			.next_mnt = next_mnt,
			.previous_mnt = previous_mnt,
			.mounts = nsfs_mounts,
			.task = nsfs_task,
			.task_socket = nsfs_task_socket,
			.socket_cookie = nsfs_socket_cookie,
			.socket_netns = nsfs_socket_netns,
			.own_cookie = nsfs_own_cookie,
			.same_files = same_files,
		},
	};
	if (statx(AT_FDCWD, "/proc/self/ns/user", 0, STATX_INO, &stx) == 0) {
		kernel->dev_major = stx.stx_dev_major;
		kernel->dev_minor = stx.stx_dev_minor;
		kernel->has_dev = true;
	}
}
