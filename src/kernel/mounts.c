// SPDX-License-Identifier: MIT
/*
 * The mount table of a mount namespace, by listmount(2) and statmount(2). A process's mountinfo
 * shows only what is below that process's root.
 *
 * The first mount of a mount namespace has no parent, and all others are below it. It is mostly
 * hidden by the one mount on it that holds the root directory. Asked for the root of another mount
 * namespace, Linux 6.12 means the first of the mounts on that first mount: where there are several
 * (an initramfs is the root directory), it lists what is below one of them, and mount points from
 * there. So the list is made from the first mount, and is whole where its length is what the kernel
 * counts.
 */
#include "internal.h"

#include "nsls/base.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOUNTS_A_CALL 256
#define FIRST_BYTES ((size_t)4 * 1024)

/*
 * Paths of any length can be made, step by step, and one directory may have a hundred thousand
 * mounts in it: both bounds are far from what people do.
 */
#define MOST_BYTES ((size_t)64 * 1024)
#define MOST_PATHS ((size_t)64 * 1024 * 1024)

/* How often a list is made that does not agree with the count: somebody mounts meanwhile. */
#define ATTEMPTS 3

struct table {
	__u64 mntns;
	__u64 first;             /* the mount that has no parent; ABI_LSMT_ROOT: unknown */
	size_t listed, children; /* mounts; those of them that are mounted on the first */
	struct abi_statmount *buffer;
	size_t size;  /* bytes of the buffer */
	size_t paths; /* bytes of all paths */
	struct kernel_mounts mounts;
	size_t room;
};

static void add(struct table *table, struct ns_ref ref, uint32_t id, const char *path)
{
	struct kernel_mounts *mounts = &table->mounts;

	*array_push(mounts->at, mounts->n, table->room) =
		(struct kernel_mount){ .ref = ref, .id = id, .path = memory_copy(path) };
}

/* statmount(2) into the table's buffer. */
static int stat_mount(const struct table *table, __u64 mount, __u64 want)
{
	struct abi_mnt_id_req req = {
		.size = sizeof(req), .mnt_id = mount, .param = want, .mnt_ns_id = table->mntns
	};

	return live_result(syscall(ABI_NR_statmount, &req, table->buffer, table->size, 0));
}

/* The same for what may be longer than the buffer: paths of a deep directory. */
static int stat_paths(struct table *table, __u64 mount, __u64 want)
{
	int r;

	while ((r = stat_mount(table, mount, want)) == -EOVERFLOW && table->size < MOST_BYTES) {
		table->size *= 2;
		table->buffer = memory_resize(table->buffer, table->size, 1);
	}
	return r;
}

/* The wish is for less where the path goes beyond a bound. */
static int stat_wanted(struct table *table, __u64 mount, __u64 *want)
{
	int r = -EOVERFLOW;

	if (table->paths < MOST_PATHS)
		r = stat_paths(table, mount, *want);
	if (r != -EOVERFLOW)
		return r;
	*want &= ~(__u64)ABI_STATMOUNT_MNT_POINT;
	return stat_mount(table, mount, *want);
}

/* Linux 6.12 has an empty mount point for what is not below the root that it means. */
static bool has_point(const struct abi_statmount *st)
{
	return st->mask & ABI_STATMOUNT_MNT_POINT && st->str[st->mnt_point];
}

/* Adds the mount if it is one of a namespace. */
static int look_at(struct table *table, __u64 mount)
{
	__u64 want = ABI_STATMOUNT_MNT_BASIC | ABI_STATMOUNT_MNT_ROOT | ABI_STATMOUNT_MNT_POINT;
	const struct abi_statmount *st = table->buffer;
	const char *path = KERNEL_MOUNT_UNKNOWN;
	struct ns_ref ref;
	/* Most mounts are of other file systems, and paths are what takes time. */
	int r = stat_mount(table, mount, ABI_STATMOUNT_SB_BASIC | ABI_STATMOUNT_MNT_BASIC);

	if (r < 0)
		return r;
	table->children += st->mnt_parent_id == table->first;
	if (st->sb_magic != ABI_NSFS_MAGIC)
		return 0;
	r = stat_wanted(table, mount, &want);
	if (r < 0)
		return r;
	st = table->buffer;
	if (~st->mask & ABI_STATMOUNT_MNT_ROOT)
		return -EBADMSG;
	if (nstype_parse(st->str + st->mnt_root, &ref) < 0)
		return nstype_is_newer(st->str + st->mnt_root) ? 0 : -EBADMSG;
	if (~want & ABI_STATMOUNT_MNT_POINT)
		path = KERNEL_MOUNT_FAR;
	else if (has_point(st))
		path = st->str + st->mnt_point;
	else
		table->mounts.has_paths = false;
	table->paths += strlen(path);
	add(table, ref, st->mnt_id_old, path);
	return 0;
}

/* From any mount up to the first one. Stays unknown where what is above our root is not told. */
static int find_first(struct table *table, __u64 mount)
{
	const struct abi_statmount *st = table->buffer;
	int r;

	while ((r = stat_mount(table, mount, ABI_STATMOUNT_MNT_BASIC)) == 0) {
		if (st->mnt_parent_id == mount) {
			table->first = mount;
			return 0;
		}
		mount = st->mnt_parent_id;
	}
	return error_is_fatal(r) ? r : 0;
}

/* At most n mounts below one, with ids above after, and how many; or -errno. */
static long list_mounts(
	const struct table *table, __u64 below, __u64 after, __u64 *ret_mounts, size_t n)
{
	struct abi_mnt_id_req req = {
		.size = sizeof(req), .mnt_id = below, .param = after, .mnt_ns_id = table->mntns
	};
	long r = syscall(ABI_NR_listmount, &req, ret_mounts, n, 0);

	return r < 0 ? -errno : r;
}

static int look_at_all(struct table *table)
{
	__u64 mounts[MOUNTS_A_CALL], after = 0;
	long n;

	while ((n = list_mounts(table, table->first, after, mounts, MOUNTS_A_CALL)) > 0) {
		table->listed += (size_t)n;
		for (long i = 0; i < n; i++) {
			int r = look_at(table, mounts[i]);

			if (r < 0 && r != -ENOENT) /* unmounted meanwhile */
				return r;
		}
		if (n < MOUNTS_A_CALL)
			return 0;
		after = mounts[n - 1];
	}
	return (int)n;
}

/*
 * Whether mount points are told from the root directory: that is the first mount, or in the only
 * mount on that. Of several nobody knows from which of them the kernel counts.
 */
static bool is_from_root(const struct table *table)
{
	return table->children <= 1 ||
	       (stat_mount(table, table->first, ABI_STATMOUNT_MNT_POINT) == 0 &&
		       has_point(table->buffer));
}

static void forget_paths(struct kernel_mounts *mounts)
{
	for (size_t i = 0; i < mounts->n; i++) {
		free(mounts->at[i].path);
		mounts->at[i].path = memory_copy(KERNEL_MOUNT_UNKNOWN);
	}
	mounts->has_paths = !mounts->n;
}

static void table_reset(struct table *table)
{
	kernel_free_mounts(table->mounts.at, table->mounts.n);
	table->mounts = (struct kernel_mounts){ .has_paths = true };
	table->listed = table->children = table->paths = table->room = 0;
}

/*
 * Makes the list, between two counts: what is mounted meanwhile may be in it or not. Returns 0, or
 * 1: it agrees with neither.
 */
static int make_list(struct table *table, const struct kernel *kernel, int fd)
{
	size_t before, after;
	bool counted = live_count_mounts(kernel, fd, &before) == 0;
	__u64 any;
	long n;
	int r;

	table_reset(table);
	table->first = ABI_LSMT_ROOT;
	n = list_mounts(table, ABI_LSMT_ROOT, 0, &any, 1);
	/* ENOENT: nothing is mounted on the first, or our root was unmounted. */
	r = n > 0 ? find_first(table, any) : n == -ENOENT ? 0 : (int)n;
	if (r == 0 && n > 0)
		r = look_at_all(table);
	if (r == 0 && !is_from_root(table))
		forget_paths(&table->mounts);
	if (r < 0 || !counted || live_count_mounts(kernel, fd, &after) < 0)
		return r;
	table->mounts.whole = table->listed >= before || table->listed >= after;
	return !table->mounts.whole;
}

int live_mounts(const struct kernel *kernel, int fd, struct kernel_mounts *ret_mounts)
{
	struct table table = { .size = FIRST_BYTES };
	int r = 1;

	if (ioctl(fd, ABI_NS_GET_MNTNS_ID, &table.mntns) < 0)
		return -errno;
	table.buffer = memory_resize(NULL, table.size, 1);
	for (int i = 0; r > 0 && i < ATTEMPTS; i++)
		r = make_list(&table, kernel, fd);
	free(table.buffer);
	if (r < 0) {
		table_reset(&table);
		return r;
	}
	*ret_mounts = table.mounts;
	return 0;
}

int live_count_mounts(const struct kernel *kernel, int fd, size_t *ret_n)
{
	struct abi_mnt_ns_info info = { .size = sizeof(info) };
	int r = live_result(ioctl(fd, ABI_NS_MNT_GET_INFO, &info));

	(void)kernel;
	if (r >= 0)
		*ret_n = info.nr_mounts;
	return r < 0 ? r : 0;
}
