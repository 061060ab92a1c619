// SPDX-License-Identifier: MIT
/* Opens namespaces: by path, by another process's descriptor, by the kernel's own lists. */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * What a path or another process's descriptor leads to is chosen by others: nothing is opened
 * before it is known to be a namespace, and no call waits for another process.
 */

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

/* The kernel's own lists: listns(2), and the walk from mount namespace to mount namespace. */

static __u32 clone_flags(unsigned types)
{
	__u32 flags = 0;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (types & 1u << t)
			flags |= nstype_info(t)->clone_flag;
	return flags;
}

ssize_t live_list(
	const struct kernel *kernel, unsigned types, uint64_t after, uint64_t *ids, size_t n)
{
	struct abi_ns_id_req req = {
		.size = sizeof(req), .ns_id = after, .ns_type = clone_flags(types)
	};
	long r = syscall(ABI_NR_listns, &req, ids, n, 0);

	(void)kernel;
	if (r < 0)
		return errno == ENOENT ? 0 : -errno;
	return r;
}

int live_open_id(const struct kernel *kernel, uint64_t id)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + sizeof(struct abi_nsfs_file_handle)];
	} h = { .handle.handle_bytes = sizeof(struct abi_nsfs_file_handle),
		.handle.handle_type = ABI_FILEID_NSFS };
	struct abi_nsfs_file_handle payload = { .ns_id = id };

	(void)kernel;
	memcpy(h.bytes + offsetof(struct file_handle, f_handle), &payload, sizeof(payload));
	return live_result(open_by_handle_at(ABI_FD_NSFS_ROOT, &h.handle, O_RDONLY | O_CLOEXEC));
}

static int step(int fd, unsigned long request, uint64_t *ret_id)
{
	struct abi_mnt_ns_info info = { .size = sizeof(info) };
	int r = live_result(ioctl(fd, request, &info));

	if (r >= 0)
		*ret_id = info.mnt_ns_id;
	return r;
}

int live_next_mnt(const struct kernel *kernel, int fd, uint64_t *ret_id)
{
	(void)kernel;
	return step(fd, ABI_NS_MNT_GET_NEXT, ret_id);
}

int live_previous_mnt(const struct kernel *kernel, int fd, uint64_t *ret_id)
{
	(void)kernel;
	return step(fd, ABI_NS_MNT_GET_PREV, ret_id);
}

/*
 * Copies of another process's descriptors that turned out not to be sockets. close(2) of a file on
 * FUSE waits for the server's answer to FUSE_FLUSH, and so does the exit of a process that has it
 * open: if the server is dead, no signal ends that process any more.
 *
 * So such a copy stays open, and the first one starts a process that shares our table of
 * descriptors (CLONE_FILES). The table outlives us in that process, and only that process waits.
 */

#define UNCLOSED_MOST 512
#define THREADS_MOST 256 /* that may be copying a descriptor at a time */
#define STACK_SIZE ((size_t)16 * 1024)

/* In memory that both processes share. */
struct unclosed {
	atomic_uint n;
	atomic_int fds[UNCLOSED_MOST + THREADS_MOST]; /* plus 1; 0: none */
	int pidfd;                                    /* of this process */
};

struct unclosed *live_unclosed_new(void)
{
	struct unclosed *unclosed = mmap(
		NULL, sizeof(*unclosed), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return unclosed == MAP_FAILED ? NULL : unclosed;
}

void live_unclosed_free(struct unclosed *unclosed)
{
	if (unclosed)
		munmap(unclosed, sizeof(*unclosed));
}

bool live_unclosed_is_full(const struct unclosed *unclosed)
{
	return !unclosed || atomic_load(&unclosed->n) >= UNCLOSED_MOST;
}

static bool is_unclosed(const struct unclosed *unclosed, int fd)
{
	for (unsigned i = 0; i < atomic_load(&unclosed->n); i++)
		if (atomic_load(&unclosed->fds[i]) == fd + 1)
			return true;
	return false;
}

/* The process that remains closes everything else first: a reader waits for the end of a pipe. */
static int close_when_alone(void *data)
{
	const struct unclosed *unclosed = data;
	struct pollfd end = { .fd = unclosed->pidfd, .events = POLLIN };
	int last = 0;

	prctl(PR_SET_NAME, "nsls-close");
	setsid();
	while (poll(&end, 1, -1) < 0)
		;
	for (unsigned i = 0; i < atomic_load(&unclosed->n); i++)
		if (atomic_load(&unclosed->fds[i]) > last)
			last = atomic_load(&unclosed->fds[i]);
	for (int fd = 0; fd < last; fd++)
		if (!is_unclosed(unclosed, fd))
			close(fd);
	syscall(SYS_close_range, last, ~0u, 0);
	_exit(0);
}

/* Where there is no such process to be had, we are the one that has to wait. */
static void start_process(struct unclosed *unclosed)
{
	_Alignas(16) char stack[STACK_SIZE];
	sigset_t all, before;

	unclosed->pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (unclosed->pidfd < 0)
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* a terminal's signals would end it first */
	clone(close_when_alone, stack + sizeof(stack), CLONE_FILES, unclosed);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* No file server has to do with pipes, sockets and the kernel's anonymous files, nor with O_PATH.
 */
static bool may_be_closed(int fd)
{
	struct statx stx;
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && flags & O_PATH)
		return true;
	return live_statx(fd, "", STATX_TYPE, &stx) == 0 &&
	       (S_ISFIFO(stx.stx_mode) || S_ISSOCK(stx.stx_mode) || !(stx.stx_mode & S_IFMT));
}

void live_close_unknown(struct unclosed *unclosed, int fd)
{
	unsigned i;

	if (may_be_closed(fd)) {
		close(fd);
		return;
	}
	i = atomic_fetch_add(&unclosed->n, 1);
	atomic_store(&unclosed->fds[i], fd + 1);
	if (i == 0)
		start_process(unclosed);
}
