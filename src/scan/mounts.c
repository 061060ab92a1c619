// SPDX-License-Identifier: MIT
/*
 * Which namespace files are mounted in a mount namespace: by the kernel's own list of its mounts,
 * by the mountinfo of members, or by both. Each may be a part and succeed: the kernel's list up to
 * Linux 6.12, and a process shows what is below its own root and no more. So each is compared with
 * the number of mounts that the kernel counts there.
 */
#include "mounts.h"

#include "mount_table.h"

#include "nsls/base/cleanup.h"
#include "nsls/base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * Whether the mount point, as the viewer sees it, leads to the namespace: something else may be
 * mounted over it, or over a directory above.
 */
static int check_path(
	struct look *look, const struct kernel_mount *mount, const struct viewer *viewer)
{
	const struct kernel *kernel = look->scene->kernel;
	struct doors doors = { .n = 1 };
	char root[64];
	int fd;

	if (viewer->tid == viewer->pid)
		snprintf(root, sizeof(root), "%d/root", viewer->pid);
	else
		snprintf(root, sizeof(root), "%d/task/%d/root", viewer->pid, viewer->tid);
	doors.at[0] = (struct door){ .root = root, .path = mount->path };
	fd = doors_open(look->scene, &doors, mount->ref);
	if (fd < 0) {
		doors_judge(look, fd);
		return fd;
	}
	kernel->close(kernel, fd);
	return 0;
}

/* Those through whose roots mount points may be reached. */
struct ways {
	struct viewer at[VIEWERS_MOST];
	size_t n;
};

/* The first way by which the mount point leads to the namespace. Returns 0 or -errno: none. */
static int find_way(struct look *look, const struct kernel_mount *mount, const struct ways *ways,
	struct viewer *ret_viewer)
{
	int r = -ENOENT;

	if (mount->path[0] != '/')
		return r;
	for (size_t i = 0; i < ways->n && !error_is_fatal(r); i++) {
		r = look->scene->paths ? check_path(look, mount, &ways->at[i]) : 0;
		if (r == 0) {
			*ret_viewer = ways->at[i];
			return 0;
		}
	}
	return r;
}

static int say(struct look *look, uint32_t mntns, const struct kernel_mount *mount,
	const struct ways *ways)
{
	struct fact *fact = look_add(look, FACT_MOUNT);
	struct viewer viewer = { 0 };
	int r = find_way(look, mount, ways, &viewer);

	if (error_is_fatal(r))
		return r;
	fact->ref = mount->ref;
	fact->pid = viewer.pid;
	fact->tid = viewer.tid;
	fact->mount.mntns = mntns;
	fact->mount.id = mount->id;
	fact->mount.path = arena_strdup(worker_arena(look->worker), mount->path);
	return 0;
}

static int say_all(struct look *look, uint32_t mntns, const struct kernel_mount *mounts, size_t n,
	const struct ways *ways)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = say(look, mntns, &mounts[i], ways);
	return r;
}

/* The last fact about a mount namespace: whether all of its mounts were said. */
static void emit_coverage(struct look *look, uint32_t mntns, bool all)
{
	struct fact *fact = look_add(look, all ? FACT_MOUNTS_TOLD : FACT_MOUNTS_PART);

	fact->ref = (struct ns_ref){ NS_MNT, mntns };
}

/* Why the kernel did not tell. Returns 1, or -errno that ends the scan. */
static int explain(struct look *look, int error)
{
	int r = 0;

	if (kernel_lacks(error))
		look_gap(look, REPORT_GAP_STATMOUNT);
	else if (error == -EPERM)
		look_gap(look, REPORT_GAP_PRIVILEGE);
	else
		r = look_trouble(look, SOURCE_MOUNTS, -1, error);
	return r < 0 ? r : 1;
}

/* By a descriptor (-1: none). Returns 1 where the kernel does not list them. */
static int list_by_kernel(struct look *look, int fd, struct kernel_mounts *ret_mounts)
{
	const struct kernel *kernel = look->scene->kernel;
	int r = fd < 0 ? 1 : kernel->mounts(kernel, fd, ret_mounts);

	return r < 0 ? explain(look, r) : r;
}

static int open_viewer(const struct scene *scene, const struct viewer *viewer)
{
	int fd = procfs_open_task(&scene->procfs, viewer->pid), thread;

	if (fd < 0 || viewer->tid == viewer->pid)
		return fd;
	thread = procfs_open_thread(fd, viewer->tid);
	close(fd);
	return thread;
}

/* Whether its root is written "/": only then can that be the root of the mount namespace. */
static bool has_usual_root(int dirfd)
{
	char root[8];
	int r = procfs_read_link(dirfd, "root", root, sizeof(root));

	return r == -ENOENT || (r == 0 && !strcmp(root, "/"));
}

/* The members whose root is the usual one; the first will do where ways are not tried. */
static void choose_ways(
	const struct scene *scene, const struct mounts_item *item, struct ways *ret_ways)
{
	size_t wanted = scene->paths ? item->nviewers : 1;

	ret_ways->n = 0;
	for (size_t i = 0; i < item->nviewers && ret_ways->n < wanted; i++) {
		CLEANUP_FD int fd = open_viewer(scene, &item->viewers[i]);

		if (fd >= 0 && has_usual_root(fd))
			ret_ways->at[ret_ways->n++] = item->viewers[i];
	}
}

/* Still in there: the table that was read is that of the namespace. */
static bool is_in(int dirfd, uint32_t mntns)
{
	uint32_t ino;

	return procfs_read_ns(dirfd, nstype_info(NS_MNT)->link, NS_MNT, &ino) == 0 && ino == mntns;
}

/*
 * Whether what a process showed is all. Its root may read "/" and still be another: open_tree(2)
 * makes trees of their own, in which nothing of the namespace is mounted on "/", and root
 * directories may be mounted on each other. Before Linux 6.12 nothing counts the mounts.
 */
static bool is_whole(const struct look *look, int dirfd, const struct mount_table *table, int fd)
{
	const struct kernel *kernel = look->scene->kernel;
	size_t n;

	if (!has_usual_root(dirfd) || (!table->has_root && look->scene->procfs.kernel))
		return false;
	return fd < 0 || kernel->count_mounts(kernel, fd, &n) < 0 || table->mounts >= n;
}

enum showed { NOTHING, A_PART, ALL };

/* What one member shows: enum showed, or -errno that ends the scan. */
static int ask_viewer(struct look *look, uint32_t mntns, const struct viewer *viewer, int mnt_fd)
{
	CLEANUP_FD int fd = open_viewer(look->scene, viewer);
	const struct ways way = { .at = { *viewer }, .n = 1 };
	struct mount_table table;
	int r;

	if (fd < 0)
		return look_trouble(look, SOURCE_MOUNTS, -1, fd);
	r = mount_table_read(fd, &table);
	if (r < 0)
		return look_trouble(look, SOURCE_MOUNTS, fd, r);
	if (is_in(fd, mntns)) {
		r = say_all(look, mntns, table.at, table.n, &way);
		if (r == 0 && table.bad)
			r = look_trouble(look, SOURCE_MOUNTS, -1, -EBADMSG);
		if (r == 0)
			r = is_whole(look, fd, &table, mnt_fd) ? ALL : A_PART;
	}
	kernel_free_mounts(table.at, table.n);
	return r;
}

/* One after the other, until one shows all: enum showed, or -errno that ends the scan. */
static int ask_viewers(struct look *look, const struct mounts_item *item, int mnt_fd)
{
	int most = NOTHING;

	for (size_t i = 0; i < item->nviewers && worker_beat(look->worker); i++) {
		int r;

		look->pid = item->viewers[i].pid;
		look->troubled = 0;
		r = ask_viewer(look, item->mntns, &item->viewers[i], mnt_fd);
		if (r < 0 || r == ALL)
			return r;
		most = r > most ? r : most;
	}
	return most;
}

/* Says what is listed, which is where some member sees it unless one has shown that. */
static int say_listed(
	struct look *look, const struct mounts_item *item, const struct kernel_mounts *listed)
{
	struct ways ways = { .n = 0 };

	if (listed->n)
		choose_ways(look->scene, item, &ways);
	return say_all(look, item->mntns, listed->at, listed->n, &ways);
}

/*
 * Of our own mount namespace, members are read first: the kernel tells mount points from our own
 * root. Of others, they are read for what the kernel's list lacks.
 */
static int scan_mount_namespace(struct look *look, const struct mounts_item *item, int fd)
{
	const bool own = item->mntns == look->scene->our_mnt;
	struct kernel_mounts listed = { 0 };
	int showed = own ? ask_viewers(look, item, fd) : NOTHING, r = 1;

	if (showed >= 0 && showed != ALL)
		r = list_by_kernel(look, fd, &listed);
	if (r >= 0 && !own && !(listed.whole && listed.has_paths))
		showed = ask_viewers(look, item, fd);
	if (r == 0 && showed >= 0)
		r = say_listed(look, item, &listed);
	kernel_free_mounts(listed.at, listed.n);
	if (r < 0 || showed < 0)
		return r < 0 ? r : showed;
	if (r == 0 || showed != NOTHING) /* else explained, or all have ended */
		emit_coverage(look, item->mntns, listed.whole || showed == ALL);
	return 0;
}

int mounts_look_at(struct look *look, const struct mounts_item *item)
{
	const struct kernel *kernel = look->scene->kernel;
	int fd = doors_open(look->scene, &item->doors, (struct ns_ref){ NS_MNT, item->mntns });
	int r = error_is_fatal(fd) ? fd : scan_mount_namespace(look, item, fd);

	if (fd >= 0)
		kernel->close(kernel, fd);
	return r;
}

int mounts_look_at_fd(struct look *look, struct ns_ref ref, int fd)
{
	const struct mounts_item item = { .mntns = ref.ino };

	if (ref.type != NS_MNT || !scene_wants(look->scene, SOURCE_MOUNTS))
		return 0;
	return scan_mount_namespace(look, &item, fd);
}
