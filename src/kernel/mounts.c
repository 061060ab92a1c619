// SPDX-License-Identifier: MIT
/*
 * The mount table of a mount namespace, by listmount(2) and statmount(2). The mountinfo of a
 * process shows only mounts below the root directory of that process.
 *
 * The first mount of a mount namespace has no parent, and all others are below it. Usually exactly
 * one mount, that of the root directory, is mounted on it and hides it. Linux 6.12 takes the first
 * of the mounts on it as the root of another mount namespace. If there are several (the root
 * directory is an initramfs), it lists only the mounts below one of them, and their mount points
 * from there. Therefore the list starts at the first mount, and is complete if its length is the
 * number that the kernel counts.
 */
#include "internal.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOUNTS_PER_CALL 256
#define BUFFER_FIRST ((size_t)4 * 1024)

/* Paths can be made of any length, step by step. The bound is far above normal use. */
#define BUFFER_MAX ((size_t)64 * 1024)

/* How often a list is read that differs from the count because mounts change at the same time. */
#define ATTEMPTS 3

struct table {
	const struct u64map *superblocks;
	const struct mount_filter *filter; /* or NULL */
	__u64 mntns;
	__u64 first;            /* the mount that has no parent; ABI_LSMT_ROOT: unknown */
	size_t count, children; /* mounts; those that are mounted on the first */
	struct abi_statmount *buffer;
	size_t size;  /* bytes of the buffer */
	size_t paths; /* bytes of all paths */
	struct kernel_mounts mounts;
	size_t room;
};

/* Calls statmount(2). Enlarges the buffer as needed: a deep directory has a long path. */
static int stat_mount(struct table *table, __u64 mount, __u64 want)
{
	struct abi_mnt_id_req req = {
		.size = sizeof(req), .mnt_id = mount, .param = want, .mnt_ns_id = table->mntns
	};

	for (;;) {
		long r = syscall(ABI_NR_statmount, &req, table->buffer, table->size, 0);

		if (r >= 0 || errno != EOVERFLOW || table->size >= BUFFER_MAX)
			return live_result(r);
		table->size *= 2;
		table->buffer = memory_resize(table->buffer, table->size, 1);
	}
}

/* Linux 6.12 reports an empty mount point for a mount that is not below its root. */
static bool has_mount_point(const struct abi_statmount *st)
{
	return st->mask & ABI_STATMOUNT_MNT_POINT && st->str[st->mnt_point];
}

/* Returns true if the mount, of which the buffer has root and mount point, is looked for. */
static bool is_wanted(const struct table *table, const char *device)
{
	const struct mount_filter *filter = table->filter;
	const struct abi_statmount *st = table->buffer;

	if (!filter)
		return false;
	if (filter->device && !strcmp(filter->device, device))
		return !filter->root || (st->mask & ABI_STATMOUNT_MNT_ROOT &&
						!strcmp(filter->root, st->str + st->mnt_root));
	return filter->point && has_mount_point(st) &&
	       !strcmp(filter->point, st->str + st->mnt_point);
}

/* Adds the mount if it holds a namespace, or is looked for. */
static int read_mount(struct table *table, __u64 id)
{
	const __u64 want = ABI_STATMOUNT_MNT_BASIC | ABI_STATMOUNT_MNT_ROOT;
	struct kernel_mount mount = { 0 };
	const char *path = KERNEL_MOUNT_UNKNOWN;
	const struct abi_statmount *st;
	const struct ns_ref *held;
	bool nsfs, too_long;
	/* Most mounts are of other file systems, and reading paths is slow. */
	int r = stat_mount(table, id, ABI_STATMOUNT_SB_BASIC | ABI_STATMOUNT_MNT_BASIC);

	if (r < 0)
		return r;
	st = table->buffer;
	table->children += st->mnt_parent_id == table->first;
	nsfs = st->sb_magic == NSFS_MAGIC;
	held = u64map_get(table->superblocks, superblock_key(st->sb_dev_major, st->sb_dev_minor));
	mount.file_system = held;
	if (held)
		mount.ref = *held;
	if (!nsfs && !held && !table->filter)
		return 0;
	snprintf(mount.device, sizeof(mount.device), "%u:%u", st->sb_dev_major, st->sb_dev_minor);

	/* Leave out a mount point that exceeds a bound. */
	r = -EOVERFLOW;
	if (table->paths < KERNEL_MOUNT_PATHS_MAX)
		r = stat_mount(table, id, want | ABI_STATMOUNT_MNT_POINT);
	too_long = r == -EOVERFLOW;
	if (too_long)
		r = stat_mount(table, id, want);
	if (r < 0)
		return r;
	st = table->buffer;
	mount.id = st->mnt_id_old;
	mount.wanted = is_wanted(table, mount.device);
	if (!nsfs && !mount.ref.ino && !mount.wanted)
		return 0;
	if (~st->mask & ABI_STATMOUNT_MNT_ROOT)
		return -EBADMSG;
	if (nsfs && nstype_parse(st->str + st->mnt_root, &mount.ref) < 0)
		return nstype_is_newer(st->str + st->mnt_root) ? 0 : -EBADMSG;
	if (too_long)
		path = KERNEL_MOUNT_TOO_LONG;
	else if (has_mount_point(st))
		path = st->str + st->mnt_point;
	else
		table->mounts.has_paths = false;
	mount.path = memory_copy(path);
	table->paths += strlen(path);
	*array_push(table->mounts.at, table->mounts.n, table->room) = mount;
	return 0;
}

/* Lists at most n mounts below one, with ids greater than after. Returns how many, or -errno. */
static int list_mounts(
	const struct table *table, __u64 below, __u64 after, __u64 *ret_mounts, size_t n)
{
	struct abi_mnt_id_req req = {
		.size = sizeof(req), .mnt_id = below, .param = after, .mnt_ns_id = table->mntns
	};

	return live_result(syscall(ABI_NR_listmount, &req, ret_mounts, n, 0));
}

static int read_mounts(struct table *table)
{
	__u64 mounts[MOUNTS_PER_CALL], after = 0;
	int n;

	while ((n = list_mounts(table, table->first, after, mounts, MOUNTS_PER_CALL)) > 0) {
		table->count += (size_t)n;
		for (int i = 0; i < n; i++) {
			int r = read_mount(table, mounts[i]);

			if (r < 0 && r != -ENOENT) /* -ENOENT: unmounted since it was listed */
				return r;
		}
		if (n < MOUNTS_PER_CALL)
			return 0;
		after = mounts[n - 1];
	}
	return n;
}

static void table_reset(struct table *table)
{
	kernel_free_mounts(table->mounts.at, table->mounts.n);
	table->mounts = (struct kernel_mounts){ .has_paths = true };
	table->count = table->children = table->paths = table->room = 0;
}

static int live_count_mounts(const struct kernel *kernel, int fd, size_t *ret_n)
{
	struct abi_mnt_ns_info info = { .size = sizeof(info) };
	int r = live_result(ioctl(fd, ABI_NS_MNT_GET_INFO, &info));

	if (r == 0)
		*ret_n = info.nr_mounts;
	return r;
}

/*
 * Reads the list between two counts: it may include mounts that appear or vanish in between.
 * Returns 0, or 1 if it agrees with neither count.
 */
static int read_list(struct table *table, const struct kernel *kernel, int fd)
{
	struct kernel_mounts *mounts = &table->mounts;
	size_t before = 0, after = 0;
	bool counted = live_count_mounts(kernel, fd, &before) == 0;
	__u64 mount;
	int n, r = 0;

	table_reset(table);
	n = list_mounts(table, ABI_LSMT_ROOT, 0, &mount, 1);
	if (n < 0 && n != -ENOENT) /* nothing is mounted on the first, or our root was unmounted */
		return n;

	/* Follow the parents up to the first mount. The kernel may report none above our root. */
	while (n > 0 && (r = stat_mount(table, mount, ABI_STATMOUNT_MNT_BASIC)) == 0 &&
		table->buffer->mnt_parent_id != mount)
		mount = table->buffer->mnt_parent_id;
	if (error_is_fatal(r))
		return r;
	table->first = n > 0 && r == 0 ? mount : ABI_LSMT_ROOT;
	r = n > 0 ? read_mounts(table) : 0;

	/*
	 * Mount points are relative to the root directory, which is the first mount or the only
	 * mount on it. If there are several, it is unknown from which of them the kernel counts.
	 */
	if (r == 0 && table->children > 1 &&
		(stat_mount(table, table->first, ABI_STATMOUNT_MNT_POINT) < 0 ||
			!has_mount_point(table->buffer))) {
		for (size_t i = 0; i < mounts->n; i++) {
			free(mounts->at[i].path);
			mounts->at[i].path = memory_copy(KERNEL_MOUNT_UNKNOWN);
		}
		mounts->has_paths = !mounts->n;
	}
	if (r < 0 || !counted || live_count_mounts(kernel, fd, &after) < 0)
		return r;
	mounts->whole = table->count >= before || table->count >= after;
	return !mounts->whole;
}

static int live_mounts(const struct kernel *kernel, int fd, const struct u64map *superblocks,
	const struct mount_filter *filter, struct kernel_mounts *ret_mounts)
{
	struct table table = { .size = BUFFER_FIRST, .superblocks = superblocks, .filter = filter };
	int r = 1;

	if (ioctl(fd, ABI_NS_GET_MNTNS_ID, &table.mntns) < 0)
		return -errno;
	table.buffer = memory_resize(NULL, table.size, 1);
	for (int i = 0; r > 0 && i < ATTEMPTS; i++)
		r = read_list(&table, kernel, fd);
	free(table.buffer);
	if (r < 0) {
		table_reset(&table);
		return r;
	}
	*ret_mounts = table.mounts;
	return 0;
}

void live_add_mounts(struct kernel *kernel)
{
	kernel->mounts = live_mounts;
	kernel->count_mounts = live_count_mounts;
}
