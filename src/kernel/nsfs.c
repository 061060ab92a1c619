// SPDX-License-Identifier: MIT
/*
 * Opens namespaces: by path, from the kernel's lists, by sockets of other processes. Reads what a
 * descriptor of another process refers to.
 *
 * Other users choose what a path or another process's descriptor leads to: it is opened only once
 * it is known to be a namespace, and no call waits for another process.
 */
#include "internal.h"

#include "nsls/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/net_namespace.h>
#include <linux/openat2.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* asm-generic/socket.h, 5.14 */
#endif

/*
 * statx(2) of a descriptor (path "") or link, without a request to a file server: a dead or
 * malicious one would block the thread, and a blocked thread does not react to signals.
 */
static int live_statx(int fd, const char *path, unsigned mask, struct statx *ret_stx)
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
 * Another file may replace path at any time. So an O_PATH descriptor, which opens nothing, is
 * checked and then opened: a FIFO or device is never opened.
 */
static int open_checked_nsfs(const struct kernel *kernel, int path_fd)
{
	struct statx stx;
	char link[32];
	int r;

	if (path_fd < 0)
		return path_fd;
	if (!kernel->has_self)
		return -EOPNOTSUPP;
	/* Request only the device: every file system reports that to everybody. */
	r = live_statx(path_fd, "", 0, &stx);
	if (r < 0)
		return r;
	if (!is_on_nsfs(kernel, &stx))
		return -ENOTTY;
	/* Not self/fd: in a child process, self is the directory of the parent. */
	snprintf(link, sizeof(link), "../self/fd/%d", path_fd);
	return live_result(openat(live_of(kernel)->self, link, O_RDONLY | O_CLOEXEC));
}

static int live_open(const struct kernel *kernel, int dirfd, const char *path)
{
	CLEANUP_FD int fd = live_result(openat(dirfd, path, O_PATH | O_CLOEXEC));

	return open_checked_nsfs(kernel, fd);
}

#define WALKS_MAX 16

static int live_open_below(
	const struct kernel *kernel, int dirfd, const char *root, const char *path)
{
	/*
	 * A mount point and its ancestors stay in the dentry cache. RESOLVE_CACHED (5.12) reads
	 * only that cache, and fails where a network file system, possibly dead, would be needed.
	 */
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
			   ABI_RESOLVE_CACHED,
	};
	CLEANUP_FD int root_fd = live_result(openat(dirfd, root, O_PATH | O_DIRECTORY | O_CLOEXEC));
	CLEANUP_FD int fd = -EAGAIN;

	if (root_fd < 0)
		return root_fd;
	/*
	 * EAGAIN: the path is not in the cache, or any mount of the system changed during the walk,
	 * which happens once in some 150 walks while many mount namespaces are made. Retrying
	 * distinguishes the two, and does not block.
	 */
	for (int i = 0; i < WALKS_MAX && fd == -EAGAIN; i++)
		fd = live_result(syscall(ABI_NR_openat2, root_fd, path, &how, sizeof(how)));
	if (fd == -EPERM) /* a seccomp filter refuses unknown, newer calls so */
		return -ENOSYS;
	return open_checked_nsfs(kernel, fd);
}

/*
 * Misc device 200, admin-guide/devices.txt of the kernel. It supports SIOCGSKNS as a socket does.
 */
static bool is_tun(const struct statx *stx)
{
	return S_ISCHR(stx->stx_mode) && stx->stx_rdev_major == 10 && stx->stx_rdev_minor == 200;
}

static int live_fd_target(
	const struct kernel *kernel, int dirfd, const char *link, struct fd_target *ret_target)
{
	struct statx stx;

	int r = live_statx(dirfd, link, STATX_TYPE | STATX_INO | ABI_STATX_MNT_ID, &stx);

	/*
	 * A file system may refuse even root (fuse(4) without allow_other). The kernel itself makes
	 * the text of the link.
	 */
	if (r < 0)
		return r == -EACCES ? fd_link_read(dirfd, link, ret_target) : r;
	*ret_target = (struct fd_target){
		.dev = (uint64_t)stx.stx_dev_major << 32 | stx.stx_dev_minor,
		.ino = stx.stx_ino,
		.mount_root = stx.stx_attributes & ABI_STATX_ATTR_MOUNT_ROOT,
		.mount_id = stx.stx_mask & ABI_STATX_MNT_ID ? abi_stx_mnt_id(&stx) : 0,
	};
	if (is_on_nsfs(kernel, &stx))
		ret_target->kind = FD_NAMESPACE;
	else if (S_ISSOCK(stx.stx_mode))
		ret_target->kind = FD_SOCKET;
	else if (is_tun(&stx))
		ret_target->kind = FD_TUN;
	else if (!(stx.stx_mode & S_IFMT))
		ret_target->kind = FD_ANONYMOUS;
	return 0;
}

/* The kernel's lists: listns(2), and the steps from mount namespace to mount namespace. */

static ssize_t live_list(
	const struct kernel *kernel, unsigned types, uint64_t after, uint64_t *ids, size_t n)
{
	struct abi_ns_id_req req = { .size = sizeof(req), .ns_id = after };
	long r;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (types & 1u << t)
			req.ns_type |= nstype_info[t].clone_flag;
	r = syscall(ABI_NR_listns, &req, ids, n, 0);
	if (r < 0)
		return errno == ENOENT ? 0 : -errno;
	return r;
}

static int live_open_id(const struct kernel *kernel, uint64_t id)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + sizeof(struct abi_nsfs_file_handle)];
	} h = { .handle.handle_bytes = sizeof(struct abi_nsfs_file_handle),
		.handle.handle_type = ABI_FILEID_NSFS };
	struct abi_nsfs_file_handle payload = { .ns_id = id };

	memcpy(h.bytes + offsetof(struct file_handle, f_handle), &payload, sizeof(payload));
	return live_result(open_by_handle_at(ABI_FD_NSFS_ROOT, &h.handle, O_RDONLY | O_CLOEXEC));
}

static int live_step_mnt(const struct kernel *kernel, int fd, bool up, uint64_t *ret_id)
{
	struct abi_mnt_ns_info info = { .size = sizeof(info) };
	int r = live_result(ioctl(fd, up ? ABI_NS_MNT_GET_NEXT : ABI_NS_MNT_GET_PREV, &info));

	if (r >= 0)
		*ret_id = info.mnt_ns_id;
	return r;
}

/*
 * Copies of another process's descriptors that turned out not to be sockets. close(2) of a file on
 * FUSE waits until the server has replied to FUSE_FLUSH, and so does the exit of a process that has
 * the file open. If the server is dead, signals no longer end that process.
 *
 * Therefore such a copy stays open. The first one starts a helper process that shares our table of
 * descriptors (CLONE_FILES): the table then outlives nsls, and only the helper waits.
 */

#define UNCLOSED_MAX 512
#define THREADS_MAX 256 /* threads that may copy a descriptor at the same time */
#define STACK_SIZE ((size_t)16 * 1024)

/* Shared memory of both processes. */
struct unclosed {
	atomic_uint n;
	atomic_int fds[UNCLOSED_MAX + THREADS_MAX]; /* descriptor plus 1; 0: none */
	int pidfd;                                  /* of nsls */
};

void live_unclosed_free(struct unclosed *unclosed)
{
	if (unclosed)
		munmap(unclosed, sizeof(*unclosed));
}

/* The helper closes all other descriptors first: the reader of a pipe waits for its end. */
static int close_when_alone(void *data)
{
	const struct unclosed *unclosed = data;
	struct pollfd end = { .fd = unclosed->pidfd, .events = POLLIN };
	unsigned n;
	int last = 0;

	prctl(PR_SET_NAME, "nsls-close");
	setsid();
	while (poll(&end, 1, -1) < 0)
		;
	n = atomic_load(&unclosed->n);
	for (unsigned i = 0; i < n; i++)
		if (atomic_load(&unclosed->fds[i]) > last)
			last = atomic_load(&unclosed->fds[i]);
	for (int fd = 0; fd < last; fd++) {
		unsigned i = 0;

		while (i < n && atomic_load(&unclosed->fds[i]) != fd + 1)
			i++;
		if (i == n)
			close(fd);
	}
	syscall(ABI_NR_close_range, last, ~0u, 0);
	_exit(0);
}

/* Without the helper, the exit of nsls itself waits. */
static void start_closer(struct unclosed *unclosed)
{
	_Alignas(16) char stack[STACK_SIZE];
	sigset_t all, before;

	unclosed->pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (unclosed->pidfd < 0)
		return;
	sigfillset(&all);
	/* Signals of the terminal would end the helper before it has closed anything. */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	clone(close_when_alone, stack + sizeof(stack), CLONE_FILES, unclosed);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Sockets of other processes, and their network namespaces. */

static int live_netnsid(const struct kernel *kernel, int fd, int *ret_id)
{
	CLEANUP_FD int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	const struct {
		struct nlmsghdr header;
		struct rtgenmsg message;
		char padding[3]; /* rtattr is aligned to 4 (NLMSG_ALIGN) */
		struct rtattr attr;
		int fd;
	} request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETNSID,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.message.rtgen_family = AF_UNSPEC,
		.attr = { .rta_len = RTA_LENGTH(sizeof(int)), .rta_type = NETNSA_FD },
		.fd = fd,
	};
	_Alignas(struct nlmsghdr) char bytes[1024];
	struct nlmsghdr *reply = (struct nlmsghdr *)bytes;
	const size_t start = NLMSG_ALIGN(sizeof(struct rtgenmsg));
	struct rtattr *attr; /* no const: the macros drop it */
	size_t left;
	ssize_t len;

	if (sock < 0 || send(sock, &request, sizeof(request), 0) < 0)
		return -errno;
	len = recv(sock, bytes, sizeof(bytes), 0);
	if (len < 0)
		return -errno;
	if (!NLMSG_OK(reply, (size_t)len))
		return -EBADMSG;
	if (reply->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = NLMSG_DATA(reply);

		return reply->nlmsg_len >= NLMSG_LENGTH(sizeof(*error)) && error->error
			       ? error->error
			       : -EBADMSG;
	}
	if (reply->nlmsg_type != RTM_NEWNSID || reply->nlmsg_len < NLMSG_LENGTH(start))
		return -EBADMSG;
	left = reply->nlmsg_len - NLMSG_LENGTH(start);
	attr = (struct rtattr *)((char *)NLMSG_DATA(reply) + start);
	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
		if (attr->rta_type == NETNSA_NSID && RTA_PAYLOAD(attr) == sizeof(int)) {
			memcpy(ret_id, RTA_DATA(attr), sizeof(int));
			return *ret_id == NETNSA_NSID_NOT_ASSIGNED ? -ENODATA : 0;
		}
	return -ENODATA;
}

/*
 * pidfd_getfd(2), Linux 5.6. By now the descriptor may be another file, even one of a dead file
 * server: statx(2) does not contact the server, and close(2) does not wait for it, see above.
 */
static int live_copy_socket(const struct kernel *kernel, int pidfd, int fd, uint64_t inode)
{
	struct unclosed *unclosed = live_of(kernel)->unclosed;
	struct statx stx = { 0 };
	int copy, flags;
	bool known;
	unsigned i;

	if (!unclosed || atomic_load(&unclosed->n) >= UNCLOSED_MAX)
		return -EBUSY;
	copy = live_result(syscall(ABI_NR_pidfd_getfd, pidfd, fd, 0));
	if (copy < 0)
		return copy;
	known = live_statx(copy, "", STATX_TYPE | STATX_INO, &stx) == 0;
	if (inode ? S_ISSOCK(stx.stx_mode) && stx.stx_ino == inode : is_tun(&stx))
		return copy;

	/* Pipes, sockets, anonymous files and O_PATH descriptors have no file server. */
	flags = fcntl(copy, F_GETFL);
	if ((flags >= 0 && flags & O_PATH) ||
		(known && (S_ISFIFO(stx.stx_mode) || S_ISSOCK(stx.stx_mode) ||
				  !(stx.stx_mode & S_IFMT)))) {
		close(copy);
		return -EBADF;
	}
	i = atomic_fetch_add(&unclosed->n, 1);
	atomic_store(&unclosed->fds[i], copy + 1);
	if (i == 0)
		start_closer(unclosed);
	return -EBADF;
}

static int live_socket_cookie(const struct kernel *kernel, int socket, uint64_t *ret_cookie)
{
	socklen_t len = sizeof(*ret_cookie);

	return live_result(getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, ret_cookie, &len));
}

static int live_socket_netns(const struct kernel *kernel, int socket)
{
	return live_result(ioctl(socket, SIOCGSKNS));
}

static int live_own_cookie(const struct kernel *kernel, uint64_t *ret_cookie)
{
	CLEANUP_FD int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return sock < 0 ? -errno : live_socket_cookie(kernel, sock, ret_cookie);
}

void live_add_nsfs(struct kernel_live *live)
{
	struct kernel *kernel = &live->kernel;
	void *unclosed = mmap(NULL, sizeof(*live->unclosed), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	live->unclosed = unclosed == MAP_FAILED ? NULL : unclosed;
	kernel->open = live_open;
	kernel->open_below = live_open_below;
	kernel->fd_target = live_fd_target;
	kernel->list = live_list;
	kernel->open_id = live_open_id;
	kernel->step_mnt = live_step_mnt;
	kernel->netnsid = live_netnsid;
	kernel->copy_socket = live_copy_socket;
	kernel->socket_cookie = live_socket_cookie;
	kernel->socket_netns = live_socket_netns;
	kernel->own_cookie = live_own_cookie;
}
