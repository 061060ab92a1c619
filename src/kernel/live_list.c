// SPDX-License-Identifier: MIT
/* What the kernel lists of itself: listns(2), and the walk from mount namespace to mount namespace.
 */
#include "live.h"

#include "kernel_abi.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

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
