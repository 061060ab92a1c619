// SPDX-License-Identifier: MIT
/*
 * A table counts only when it is known to be whole, because a process shows what is below its own
 * root and no more, and that may be any directory: the kernel's own list where it tells, else that
 * of a process whose root is the namespace's.
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
	if (fd < 0)
		return doors_judge(look, fd) < 0 ? -ENOMEM : fd;
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
	int r;

	if (!fact)
		return -ENOMEM;
	r = find_way(look, mount, ways, &viewer);
	if (error_is_fatal(r))
		return r;
	fact->ref = mount->ref;
	fact->pid = viewer.pid;
	fact->tid = viewer.tid;
	fact->mount.mntns = mntns;
	fact->mount.id = mount->id;
	fact->mount.path = arena_strdup(worker_arena(look->worker), mount->path);
	return fact->mount.path ? 0 : -ENOMEM;
}

static int say_all(struct look *look, uint32_t mntns, const struct kernel_mount *mounts, size_t n,
	const struct ways *ways)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = say(look, mntns, &mounts[i], ways);
	return r;
}

static int say_all_told(struct look *look, uint32_t mntns)
{
	struct fact *fact = look_add(look, FACT_MOUNTS_TOLD);

	if (!fact)
		return -ENOMEM;
	fact->ref = (struct ns_ref){ NS_MNT, mntns };
	return 0;
}

/* Why the kernel did not tell. Returns 1, or -errno that ends the scan. */
static int explain(struct look *look, int error)
{
	int r;

	if (kernel_lacks(error))
		r = look_gap(look, REPORT_GAP_STATMOUNT);
	else if (error == -EPERM)
		r = look_gap(look, REPORT_GAP_PRIVILEGE);
	else
		r = look_trouble(look, SOURCE_MOUNTS, -1, error);
	return r < 0 ? r : 1;
}

/* The whole table, by a descriptor. Returns 1 where the kernel does not tell. */
static int ask_kernel(struct look *look, uint32_t mntns, int fd, const struct ways *ways)
{
	const struct kernel *kernel = look->scene->kernel;
	struct kernel_mount *mounts = NULL;
	size_t n = 0;
	int r = kernel->mounts(kernel, fd, &mounts, &n);

	if (r < 0)
		return explain(look, r);
	r = say_all(look, mntns, mounts, n, ways);
	kernel_free_mounts(mounts, n);
	return r < 0 ? r : say_all_told(look, mntns);
}

int mounts_look_at_fd(struct look *look, struct ns_ref ref, int fd)
{
	static const struct ways none = { .n = 0 };
	int r = 0;

	if (ref.type == NS_MNT && scene_wants(look->scene, SOURCE_MOUNTS))
		r = ask_kernel(look, ref.ino, fd, &none);
	return r < 0 ? r : 0;
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

/* Returns 1 where the kernel does not tell, or there is no way to ask. */
static int ask_by_door(struct look *look, const struct mounts_item *item)
{
	const struct ns_ref ref = { NS_MNT, item->mntns };
	const struct scene *scene = look->scene;
	const struct kernel *kernel = scene->kernel;
	struct ways ways;
	int fd, r;

	fd = doors_open(scene, &item->doors, ref);
	if (fd < 0)
		return error_is_fatal(fd) ? fd : 1;
	choose_ways(scene, item, &ways);
	r = ask_kernel(look, item->mntns, fd, &ways);
	kernel->close(kernel, fd);
	return r;
}

/* Still in there: the table that was read is that of the namespace. */
static bool is_in(int dirfd, uint32_t mntns)
{
	uint32_t ino;

	return procfs_read_ns(dirfd, nstype_info(NS_MNT)->link, NS_MNT, &ino) == 0 && ino == mntns;
}

/*
 * Whether what a process showed is all. Its root may read "/" and still be another: open_tree(2)
 * makes trees of their own. In such a one nothing of the namespace is mounted on "/".
 */
static bool is_whole(const struct look *look, int dirfd, const struct mount_table *table)
{
	return has_usual_root(dirfd) && (table->has_root || !look->scene->procfs.kernel);
}

enum showed { NOTHING, A_PART, ALL };

/* What one member shows: enum showed, or -errno that ends the scan. */
static int ask_viewer(struct look *look, uint32_t mntns, const struct viewer *viewer)
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
			r = is_whole(look, fd, &table) ? ALL : A_PART;
	}
	kernel_free_mounts(table.at, table.n);
	return r;
}

/* One after the other, until one shows all: enum showed, or -errno that ends the scan. */
static int ask_viewers(struct look *look, const struct mounts_item *item)
{
	int most = NOTHING;

	for (size_t i = 0; i < item->nviewers && worker_beat(look->worker); i++) {
		int r;

		look->pid = item->viewers[i].pid;
		look->troubled = 0;
		r = ask_viewer(look, item->mntns, &item->viewers[i]);
		if (r < 0 || r == ALL)
			return r;
		most = r > most ? r : most;
	}
	return most;
}

/* Of our own mount namespace the kernel lists no more than what is below our root. */
static int look_at_own(struct look *look, const struct mounts_item *item)
{
	int showed = ask_viewers(look, item), r;

	if (showed < 0)
		return showed;
	if (showed == ALL)
		return say_all_told(look, item->mntns);
	r = ask_by_door(look, item);
	return r >= 0 && showed == A_PART ? look_gap(look, REPORT_GAP_ROOTS) : r;
}

static int look_at_other(struct look *look, const struct mounts_item *item)
{
	int r = ask_by_door(look, item);

	if (r <= 0)
		return r;
	r = ask_viewers(look, item);
	if (r == ALL)
		r = say_all_told(look, item->mntns);
	return r == A_PART ? look_gap(look, REPORT_GAP_ROOTS) : r;
}

int mounts_look_at(struct look *look, const struct mounts_item *item)
{
	int r = item->mntns == look->scene->our_mnt ? look_at_own(look, item)
						    : look_at_other(look, item);

	return r < 0 ? r : 0;
}
