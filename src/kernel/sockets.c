// SPDX-License-Identifier: MIT
/* Sockets of other processes, and their network namespaces. */
#include "internal.h"

#include <errno.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* asm-generic/socket.h, 5.14 */
#endif

struct nsid_request {
	struct nlmsghdr header;
	struct rtgenmsg message;
	char padding[3]; /* rtattr is aligned to 4 (NLMSG_ALIGN) */
	struct rtattr attr;
	int fd;
};

/* Reads NETNSA_NSID from the reply to RTM_GETNSID. */
static int parse_nsid(char *bytes, size_t len, int *ret_id)
{
	struct nlmsghdr *header = (struct nlmsghdr *)bytes; /* no const: the macros drop it */
	struct rtattr *attr;
	size_t left;

	if (!NLMSG_OK(header, len))
		return -EBADMSG;
	if (header->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = NLMSG_DATA(header);

		return header->nlmsg_len >= NLMSG_LENGTH(sizeof(*error)) && error->error
			       ? error->error
			       : -EBADMSG;
	}
	if (header->nlmsg_type != RTM_NEWNSID ||
		header->nlmsg_len < NLMSG_LENGTH(sizeof(struct rtgenmsg)))
		return -EBADMSG;
	left = header->nlmsg_len - NLMSG_LENGTH(NLMSG_ALIGN(sizeof(struct rtgenmsg)));
	attr = (struct rtattr *)((char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct rtgenmsg)));
	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
		if (attr->rta_type == NETNSA_NSID && RTA_PAYLOAD(attr) == sizeof(int)) {
			memcpy(ret_id, RTA_DATA(attr), sizeof(int));
			return *ret_id == NETNSA_NSID_NOT_ASSIGNED ? -ENODATA : 0;
		}
	return -ENODATA;
}

int live_netnsid(const struct kernel *kernel, int fd, int *ret_id)
{
	CLEANUP_FD int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct nsid_request request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETNSID,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.message.rtgen_family = AF_UNSPEC,
		.attr = { .rta_len = RTA_LENGTH(sizeof(int)), .rta_type = NETNSA_FD },
		.fd = fd,
	};
	_Alignas(struct nlmsghdr) char reply[1024];
	ssize_t len;

	if (sock < 0 || send(sock, &request, sizeof(request), 0) < 0)
		return -errno;
	len = recv(sock, reply, sizeof(reply), 0);
	return len < 0 ? -errno : parse_nsid(reply, (size_t)len, ret_id);
}

/*
 * pidfd_getfd(2), Linux 5.6. By now the descriptor may be another file, even one of a dead file
 * server: statx(2) does not contact the server, and close(2) does not wait for it, see nsfs.c.
 */
static int copy_fd(const struct kernel *kernel, int pidfd, int fd,
	bool (*matches)(const struct statx *stx, uint64_t inode), uint64_t inode)
{
	struct unclosed *unclosed = live_of(kernel)->unclosed;
	struct statx stx;
	int copy;

	if (live_unclosed_is_full(unclosed))
		return -EBUSY;
	copy = live_result(syscall(ABI_NR_pidfd_getfd, pidfd, fd, 0));
	if (copy < 0)
		return copy;
	if (live_statx(copy, "", STATX_TYPE | STATX_INO, &stx) == 0 && matches(&stx, inode))
		return copy;
	live_close_unknown(unclosed, copy);
	return -EBADF;
}

static bool is_socket(const struct statx *stx, uint64_t inode)
{
	return S_ISSOCK(stx->stx_mode) && stx->stx_ino == inode;
}

int live_copy_socket(const struct kernel *kernel, int pidfd, int fd, uint64_t inode)
{
	return copy_fd(kernel, pidfd, fd, is_socket, inode);
}

/*
 * Misc device 200, admin-guide/devices.txt of the kernel. It supports SIOCGSKNS as a socket does.
 */
bool live_is_tun(unsigned major, unsigned minor)
{
	return major == 10 && minor == 200;
}

static bool is_tun(const struct statx *stx, uint64_t inode)
{
	return S_ISCHR(stx->stx_mode) && live_is_tun(stx->stx_rdev_major, stx->stx_rdev_minor);
}

int live_copy_tun(const struct kernel *kernel, int pidfd, int fd)
{
	return copy_fd(kernel, pidfd, fd, is_tun, 0);
}

int live_socket_cookie(const struct kernel *kernel, int socket, uint64_t *ret_cookie)
{
	socklen_t len = sizeof(*ret_cookie);

	return getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, ret_cookie, &len) < 0 ? -errno : 0;
}

int live_socket_netns(const struct kernel *kernel, int socket)
{
	int fd = ioctl(socket, SIOCGSKNS);

	return fd < 0 ? -errno : fd;
}

int live_own_cookie(const struct kernel *kernel, uint64_t *ret_cookie)
{
	CLEANUP_FD int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return sock < 0 ? -errno : live_socket_cookie(kernel, sock, ret_cookie);
}
