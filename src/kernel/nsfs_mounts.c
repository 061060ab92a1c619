// SPDX-License-Identifier: MIT
/*
 * The mount table of a mount namespace that no process shows, by listmount(2) and statmount(2).
 * Where a process is at hand, its mountinfo is cheaper: one file instead of a call a mount.
 */
#include "nsfs_calls.h"

#include "kernel_abi.h"
#include "nsls/base/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOUNTS_A_CALL 256
#define STATMOUNT_BYTES ((size_t)16 * 1024) /* two paths of 4 KiB and what else may come */

struct list {
	struct nsfs_mount *at;
	size_t n, size;
};

void nsfs_free_mounts(struct nsfs_mount *mounts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(mounts[i].path);
	free(mounts);
}

static int add(struct list *list, struct ns_ref ref, uint32_t id, const char *path)
{
	struct nsfs_mount *at = array_reserve(list->at, list->n, &list->size, sizeof(*at));
	char *copy = strdup(path);

	if (at)
		list->at = at;
	if (!at || !copy) {
		free(copy);
		return -ENOMEM;
	}
	list->at[list->n++] = (struct nsfs_mount){ .ref = ref, .id = id, .path = copy };
	return 0;
}

/* Adds the mount if it is one of a namespace. One that is gone by now is passed over. */
static int look_at(struct list *list, __u64 mntns, __u64 mount, struct abi_statmount *st)
{
	const __u32 want = ABI_STATMOUNT_SB_BASIC | ABI_STATMOUNT_MNT_BASIC |
			   ABI_STATMOUNT_MNT_ROOT | ABI_STATMOUNT_MNT_POINT;
	struct abi_mnt_id_req req = {
		.size = sizeof(req), .mnt_id = mount, .param = want, .mnt_ns_id = mntns
	};
	struct ns_ref ref;

	if (syscall(ABI_NR_statmount, &req, st, STATMOUNT_BYTES, 0) < 0)
		return 0;
	if ((st->mask & want) != want || st->sb_magic != ABI_NSFS_MAGIC)
		return 0;
	if (nstype_parse(st->str + st->mnt_root, &ref) < 0)
		return 0;
	return add(list, ref, st->mnt_id_old, st->str + st->mnt_point);
}

static int look_at_all(struct list *list, __u64 mntns, struct abi_statmount *st)
{
	struct abi_mnt_id_req req = {
		.size = sizeof(req), .mnt_id = ABI_LSMT_ROOT, .mnt_ns_id = mntns
	};
	__u64 mounts[MOUNTS_A_CALL];
	long n;

	while ((n = syscall(ABI_NR_listmount, &req, mounts, MOUNTS_A_CALL, 0)) > 0) {
		for (long i = 0; i < n; i++) {
			int r = look_at(list, mntns, mounts[i], st);

			if (r < 0)
				return r;
		}
		if (n < MOUNTS_A_CALL)
			return 0;
		req.param = mounts[n - 1];
	}
	return n < 0 ? -errno : 0;
}

int nsfs_mounts(const struct nsfs *nsfs, int fd, struct nsfs_mount **ret_mounts, size_t *ret_n)
{
	struct abi_statmount *st;
	struct list list = { 0 };
	__u64 id;
	int r;

	(void)nsfs;
	if (ioctl(fd, ABI_NS_GET_MNTNS_ID, &id) < 0)
		return -errno;
	st = malloc(STATMOUNT_BYTES);
	if (!st)
		return -ENOMEM;
	r = look_at_all(&list, id, st);
	free(st);
	if (r < 0) {
		nsfs_free_mounts(list.at, list.n);
		return r;
	}
	*ret_mounts = list.at;
	*ret_n = list.n;
	return 0;
}
