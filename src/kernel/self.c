// SPDX-License-Identifier: MIT
/* The process of nsls: its directory in a procfs, and the mount options of that procfs. */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

/*
 * /proc may be of another PID namespace (nsenter --mount) or missing. Then a procfs that shows this
 * process is mounted privately.
 */

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The tree that our own directory is in: a mount may cover directories there, too. */
static const struct procfs own_procfs = { .fd = -1, .kernel = true };

/* Returns true if self is our own directory in a procfs: its fd/ has an entry for self. */
static bool is_own_directory(int self)
{
	struct stat mine, shown;
	CLEANUP_FD int fds = -1;
	struct statfs sfs;
	char link[16];

	if (fstatfs(self, &sfs) < 0 || sfs.f_type != PROC_SUPER_MAGIC)
		return false;
	fds = procfs_open_directory(&own_procfs, self, "fd");
	snprintf(link, sizeof(link), "%d", self);
	return fds >= 0 && fstat(self, &mine) == 0 && fstatat(fds, link, &shown, 0) == 0 &&
	       is_same_file(&mine, &shown);
}

static int open_own_directory(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && !is_own_directory(fd)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* fsmount(2), Linux 5.2: a mount outside of all directory trees. Requires CAP_SYS_ADMIN. */
static int mount_private_procfs(void)
{
	int fs = (int)syscall(ABI_NR_fsopen, "proc", FSOPEN_CLOEXEC), fd = -1;

	if (fs < 0)
		return -1;
	if (syscall(ABI_NR_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		fd = (int)syscall(
			ABI_NR_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	close(fs);
	return fd;
}

int live_find_self(int procfs_fd)
{
	int self = open_own_directory(AT_FDCWD, "/proc/self"), mount;

	if (self < 0)
		self = open_own_directory(procfs_fd, "self");
	if (self >= 0)
		return self;
	mount = mount_private_procfs();
	if (mount < 0)
		return -1;
	self = open_own_directory(mount, "self");
	close(mount);
	return self;
}

int live_own(const struct kernel *kernel, enum nstype type, uint32_t *ret_ino)
{
	int self = live_of(kernel)->self;

	return self < 0 ? -EOPNOTSUPP : procfs_read_own_ns(&own_procfs, self, type, ret_ino);
}

/*
 * Before Linux 6.14, fdinfo shows only the last component of a path, which any user may name
 * "net:[1]", and nothing of a namespace file. 6.14 may silently leave out all names. Only the
 * version distinguishes these kernels.
 */
bool live_names_ring_files(void)
{
	struct utsname name;
	uint64_t major, minor;
	const char *rest = uname(&name) < 0 ? NULL : number_take(name.release, INT_MAX, &major);

	if (!rest || *rest != '.' || !number_take(rest + 1, INT_MAX, &minor))
		return false;
	return major > 6 || (major == 6 && minor >= 15);
}

bool live_capable(const struct kernel *kernel, int cap)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	uint32_t user;

	if (live_own(kernel, NS_USER, &user) < 0 || user != nstype_info(NS_USER)->initial_ino)
		return false;
	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	return data[CAP_TO_INDEX(cap)].effective & CAP_TO_MASK(cap);
}

int live_open_own(const struct kernel *kernel, enum nstype type)
{
	int self = live_of(kernel)->self;
	CLEANUP_FD int ns_fd = -1;

	if (self < 0)
		return -EOPNOTSUPP;
	ns_fd = procfs_open_ns(&own_procfs, self);
	return ns_fd < 0
		       ? ns_fd
		       : live_result(openat(ns_fd, nstype_info(type)->name, O_RDONLY | O_CLOEXEC));
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
	r = procfile_each_line(procfs->fd, path, hidepid_read_line, &search);
	*ret_has = search.has;
	return r;
}
