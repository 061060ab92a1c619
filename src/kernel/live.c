// SPDX-License-Identifier: MIT
/*
 * The table of functions of the running kernel, and its ioctls on namespace descriptors. Larger
 * families of calls are in nsfs.c and mounts.c.
 */
#include "internal.h"

#include "nsls/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/kcmp.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

int live_result(long r)
{
	return r < 0 ? -errno : (int)r;
}

static void live_close(const struct kernel *kernel, int fd)
{
	cleanup_close(&fd);
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

/*
 * The process of nsls: its directory in a procfs.
 *
 * /proc may be of another PID namespace (nsenter --mount) or missing. Then a procfs that shows this
 * process is mounted privately.
 */

/* The tree that our own directory is in: a mount may cover directories there, too. */
static const struct procfs own_procfs = { .fd = -1, .kernel = true };

/* Opens our own directory in a procfs, or returns -1: its fd/ has an entry for the directory. */
static int open_own_directory(int dirfd, const char *path)
{
	int self = openat(dirfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP_FD int fds = -1;
	struct stat mine, shown;
	struct statfs sfs;
	char link[16];

	if (self < 0)
		return -1;
	if (fstatfs(self, &sfs) == 0 && sfs.f_type == PROC_SUPER_MAGIC)
		fds = procfs_open_directory(&own_procfs, self, "fd", O_PATH);
	snprintf(link, sizeof(link), "%d", self);
	if (fds >= 0 && fstat(self, &mine) == 0 && fstatat(fds, link, &shown, 0) == 0 &&
		mine.st_dev == shown.st_dev && mine.st_ino == shown.st_ino)
		return self;
	close(self);
	return -1;
}

static int live_find_self(int procfs_fd)
{
	CLEANUP_FD int fs = -1;
	CLEANUP_FD int mount = -1;
	int self = open_own_directory(AT_FDCWD, "/proc/self");

	if (self < 0)
		self = open_own_directory(procfs_fd, "self");
	if (self >= 0)
		return self;
	/* fsmount(2), Linux 5.2: a mount outside of all directory trees. Requires CAP_SYS_ADMIN. */
	fs = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);
	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
		return -1;
	mount = (int)syscall(
		SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	return mount < 0 ? -1 : open_own_directory(mount, "self");
}

static int live_own(const struct kernel *kernel, enum nstype type, uint32_t *ret_ino)
{
	int self = live_of(kernel)->self;

	return self < 0 ? -EOPNOTSUPP : procfs_read_own_ns(&own_procfs, self, type, ret_ino);
}

static bool live_capable(const struct kernel *kernel, int cap)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	uint32_t user;

	if (live_own(kernel, NS_USER, &user) < 0 || user != nstype_info[NS_USER].initial_ino)
		return false;
	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	return data[CAP_TO_INDEX(cap)].effective & CAP_TO_MASK(cap);
}

static int live_open_own(const struct kernel *kernel, enum nstype type)
{
	int self = live_of(kernel)->self;
	CLEANUP_FD int ns_fd = -1;

	if (self < 0)
		return -EOPNOTSUPP;
	ns_fd = procfs_open_directory(&own_procfs, self, "ns", O_PATH);
	return ns_fd < 0 ? ns_fd
			 : live_result(openat(ns_fd, nstype_info[type].name, O_RDONLY | O_CLOEXEC));
}

void kernel_live_init(struct kernel_live *live, int procfs_fd)
{
	struct stat st;

	*live = (struct kernel_live){
		.kernel = {
			/*
			 * Before Linux 6.14, fdinfo shows only the last component of a path, which
			 * any user may name "net:[1]", and nothing of a namespace file. 6.14 may
			 * silently leave out all names. Only the version distinguishes these.
			 */
			.names_ring_files = kernel_is_since(6, 15),
			.close = live_close,
			.ref = live_ref,
			.owner = live_owner,
			.parent = live_parent,
			.owner_uid = live_owner_uid,
			.id = live_id,
			.pidfd = live_pidfd,
			.children_pidns = live_children_pidns,
			.own = live_own,
			.open_own = live_open_own,
			.capable = live_capable,
			.order_files = live_order_files,
		},
		.self = live_find_self(procfs_fd),
	};
	live_add_nsfs(live);
	live_add_mounts(&live->kernel);
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

/* The mount options of a procfs, from our own mount table. */

struct hidepid_search {
	char id[32]; /* the first field of its line */
	bool has;
};

static int hidepid_read_line(void *data, char *line, size_t len)
{
	struct hidepid_search *search = data;
	const char *option = strstr(line, "hidepid=");

	if (strncmp(line, search->id, strlen(search->id)) != 0)
		return 0;
	search->has = option && strncmp(option, "hidepid=off", 11) != 0 &&
		      strncmp(option, "hidepid=0", 9) != 0;
	return 0;
}

int procfs_has_hidepid(const struct procfs *procfs, bool *ret_has)
{
	struct hidepid_search search = { 0 };
	struct statx stx;
	char path[32];
	int r;

	*ret_has = false;
	if (!procfs->self || statx(procfs->fd, "", AT_EMPTY_PATH, ABI_STATX_MNT_ID, &stx) < 0 ||
		!(stx.stx_mask & ABI_STATX_MNT_ID))
		return 0;
	snprintf(search.id, sizeof(search.id), "%llu ", (unsigned long long)abi_stx_mnt_id(&stx));
	snprintf(path, sizeof(path), "%d/mountinfo", procfs->self);
	r = procfile_each_line(procfs->fd, path, hidepid_read_line, &search, NULL);
	*ret_has = search.has;
	return r;
}
