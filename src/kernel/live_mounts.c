// SPDX-License-Identifier: MIT
/*
 * The whole mount table of a mount namespace, by listmount(2) and statmount(2). A process's
 * mountinfo shows only what is below that process's root.
 */
#include "live.h"

#include "kernel_abi.h"
#include "nsls/base/array.h"

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

struct table {
	__u64 mntns;
	struct abi_statmount *buffer;
	size_t size;  /* bytes of the buffer */
	size_t paths; /* bytes of all paths */
	struct kernel_mount *at;
	size_t n, room;
};

static int add(struct table *table, struct ns_ref ref, uint32_t id, const char *path)
{
	struct kernel_mount *at = array_reserve(table->at, table->n, &table->room, sizeof(*at));
	char *copy = strdup(path);

	if (at)
		table->at = at;
	if (!at || !copy) {
		free(copy);
		return -ENOMEM;
	}
	table->at[table->n++] = (struct kernel_mount){ .ref = ref, .id = id, .path = copy };
	return 0;
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
		void *buffer = realloc(table->buffer, table->size * 2);

		if (!buffer)
			return -ENOMEM;
		table->buffer = buffer;
		table->size *= 2;
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

/* Adds the mount if it is one of a namespace. */
static int look_at(struct table *table, __u64 mount)
{
	__u64 want = ABI_STATMOUNT_MNT_BASIC | ABI_STATMOUNT_MNT_ROOT | ABI_STATMOUNT_MNT_POINT;
	const struct abi_statmount *st = table->buffer;
	const char *path = KERNEL_MOUNT_FAR;
	struct ns_ref ref;
	/* Most mounts are of other file systems, and paths are what takes time. */
	int r = stat_mount(table, mount, ABI_STATMOUNT_SB_BASIC);

	if (r < 0 || st->sb_magic != ABI_NSFS_MAGIC)
		return r;
	r = stat_wanted(table, mount, &want);
	if (r < 0)
		return r;
	st = table->buffer;
	if ((st->mask & want) != want || nstype_parse(st->str + st->mnt_root, &ref) < 0)
		return -EBADMSG;
	if (want & ABI_STATMOUNT_MNT_POINT)
		path = st->str + st->mnt_point;
	table->paths += strlen(path);
	return add(table, ref, st->mnt_id_old, path);
}

static int look_at_all(struct table *table)
{
	struct abi_mnt_id_req req = {
		.size = sizeof(req), .mnt_id = ABI_LSMT_ROOT, .mnt_ns_id = table->mntns
	};
	__u64 mounts[MOUNTS_A_CALL];
	long n;

	while ((n = syscall(ABI_NR_listmount, &req, mounts, MOUNTS_A_CALL, 0)) > 0) {
		for (long i = 0; i < n; i++) {
			int r = look_at(table, mounts[i]);

			if (r < 0 && r != -ENOENT) /* unmounted meanwhile */
				return r;
		}
		if (n < MOUNTS_A_CALL)
			return 0;
		req.param = mounts[n - 1];
	}
	return n < 0 ? -errno : 0;
}

int live_mounts(
	const struct kernel *kernel, int fd, struct kernel_mount **ret_mounts, size_t *ret_n)
{
	struct table table = { .size = FIRST_BYTES };
	int r;

	(void)kernel;
	if (ioctl(fd, ABI_NS_GET_MNTNS_ID, &table.mntns) < 0)
		return -errno;
	table.buffer = malloc(table.size);
	r = table.buffer ? look_at_all(&table) : -ENOMEM;
	free(table.buffer);
	if (r < 0) {
		kernel_free_mounts(table.at, table.n);
		return r;
	}
	*ret_mounts = table.at;
	*ret_n = table.n;
	return 0;
}
