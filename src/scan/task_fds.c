// SPDX-License-Identifier: MIT
/*
 * Walks the open descriptors once for two sources: those on namespace files and rings, and those on
 * sockets. What a link leads to decides who looks closer, so that most descriptors cost one system
 * call.
 */
#include "fd_tables.h"
#include "task.h"

#include "nsls/base/cleanup.h"
#include "nsls/kernel/fd_link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* One table of descriptors, in the directory of a thread that has it. */
struct fd_table {
	int fds, dirfd;
	pid_t tid;
};

/*
 * A descriptor that was opened through a bind mount, or that is a detached mount, reads back as a
 * path. Its type is never taken from an earlier find, because inode numbers are used again.
 */
static int look_at_namespace(
	struct task_look *task, const struct fd_table *table, int fd, const char *link)
{
	struct ns_ref ref;
	int r = kernel_identify(task->look.scene->kernel, table->fds, link, &ref);

	if (r == 0)
		look_hold(&task->look, ref, HOLDER_FD, table->tid, fd);
	else if (r != -ENOTTY && r != -ENOENT) /* another file by now, or none */
		return look_trouble(&task->look, SOURCE_FDS, table->dirfd, r);
	return 0;
}

static void add_socket(struct task_look *task, const struct fd_table *table, int fd,
	const struct fd_target *target)
{
	struct fact *fact;

	if (!scene_wants(task->look.scene, SOURCE_SOCKETS) || !task->look.scene->procfs.ours)
		return;
	fact = look_add(&task->look, FACT_SOCKET);
	fact->tid = table->tid;
	fact->socket.fd = fd;
	fact->socket.inode = target->kind == FD_TUN ? 0 : target->ino;
}

static void add_ring(struct task_look *task, const struct fd_table *table, int fd, uint64_t inode)
{
	const struct scene *scene = task->look.scene;
	struct fact *fact;

	if (!scene_wants(scene, SOURCE_FDS))
		return;
	if (scene->procfs.kernel && !scene->kernel->names_ring_files) {
		look_gap(&task->look, REPORT_GAP_RING_FILES);
		return;
	}
	fact = look_add(&task->look, FACT_RING);
	fact->tid = table->tid;
	fact->ring.fd = fd;
	fact->ring.inode = inode;
}

/*
 * Tells an open socket from the file of one that was opened with O_PATH, which is on some other
 * file system. Sockets are all on one, which the first of them shows.
 */
static int confirm_socket(
	struct task_look *task, int fds, const char *link, struct fd_target *target)
{
	uint64_t *dev = &task->scratch->socket_dev;
	struct fd_target told;
	int r;

	if (target->dev == *dev)
		return 0;
	r = fd_link_read(fds, link, &told);
	if (r < 0)
		return r;
	if (told.kind == FD_SOCKET && target->dev)
		*dev = target->dev;
	target->kind = told.kind == FD_SOCKET ? FD_SOCKET : FD_OTHER;
	return 0;
}

/*
 * Most anonymous files share one inode, which is the first of them, made when the system started. A
 * ring has one of its own.
 */
static int confirm_ring(struct task_look *task, int fds, const char *link, struct fd_target *target)
{
	uint64_t *shared = &task->scratch->anonymous;
	struct fd_target told;
	int r;

	if (*shared && target->ino == *shared)
		return 0;
	r = fd_link_read(fds, link, &told);
	if (r < 0)
		return r;
	if (told.kind == FD_RING)
		target->kind = FD_RING;
	else if (!*shared || target->ino < *shared)
		*shared = target->ino;
	return 0;
}

/* Where a file's inode does not tell all, its link tells the rest. */
static int confirm(struct task_look *task, int fds, const char *link, struct fd_target *target)
{
	if (target->kind == FD_SOCKET)
		return confirm_socket(task, fds, link, target);
	return target->kind == FD_ANONYMOUS ? confirm_ring(task, fds, link, target) : 0;
}

/*
 * A detached tree of mounts, as open_tree(2) and fsmount(2) make it, lives as long as a descriptor
 * on its root, which reads "/". Its mount is not that which the process has as its root. Nor is it
 * where the descriptor came from another mount namespace: those are taken for detached ones, too.
 */
static void look_for_detached(
	struct task_look *task, const struct fd_table *table, const char *link, uint64_t mount_id)
{
	const struct scene *scene = task->look.scene;
	struct fd_target root;
	char text[4];

	if (task->scratch->detached || !(scene->types & 1u << NS_MNT))
		return;
	if (procfs_read_link(table->fds, link, text, sizeof(text)) < 0 || strcmp(text, "/") != 0 ||
		scene->kernel->peek(scene->kernel, table->dirfd, "root", &root) < 0 ||
		root.mount_id == mount_id)
		return;
	task->scratch->detached = true;
	look_add(&task->look, FACT_DETACHED);
}

/* In a plain directory a link is all that there is, unless it is a path. */
static int peek(const struct scene *scene, int fds, const char *link, struct fd_target *ret_target)
{
	int r;

	if (scene->procfs.kernel)
		return scene->kernel->peek(scene->kernel, fds, link, ret_target);
	r = fd_link_read(fds, link, ret_target);
	if (r == 0 && ret_target->kind == FD_PATH &&
		scene->kernel->peek(scene->kernel, fds, link, ret_target) < 0)
		ret_target->kind = FD_OTHER; /* it leads nowhere */
	return r;
}

static int look_at_fd(struct task_look *task, const struct fd_table *table, int fd)
{
	const struct scene *scene = task->look.scene;
	struct fd_target target;
	char link[16];
	int r;

	snprintf(link, sizeof(link), "%d", fd);
	r = peek(scene, table->fds, link, &target);
	if (r == 0)
		r = confirm(task, table->fds, link, &target);
	if (r == 0 && target.mount_root && target.mount_id)
		look_for_detached(task, table, link, target.mount_id);
	if (r == -ENOENT)
		return 0; /* closed meanwhile */
	if (r < 0)
		return look_trouble(&task->look, SOURCE_FDS, table->dirfd, r);
	switch (target.kind) {
	case FD_NAMESPACE:
		return scene_wants(scene, SOURCE_FDS) ? look_at_namespace(task, table, fd, link)
						      : 0;
	case FD_SOCKET:
	case FD_TUN:
		add_socket(task, table, fd, &target);
		break;
	case FD_RING:
		add_ring(task, table, fd, target.ino);
		break;
	case FD_ANONYMOUS:
	case FD_PATH:
	case FD_OTHER:
		break;
	}
	return 0;
}

static enum source table_source(const struct task_look *task)
{
	return scene_wants(task->look.scene, SOURCE_FDS) ? SOURCE_FDS : SOURCE_SOCKETS;
}

static int read_table(struct task_look *task, int list, int dirfd, pid_t tid)
{
	const struct numbers *fds = &task->scratch->fds;
	const struct fd_table table = { .fds = list, .dirfd = dirfd, .tid = tid };
	int r = 0;

	for (size_t i = 0; r == 0 && i < fds->n && worker_beat(task->look.worker); i++)
		r = look_at_fd(task, &table, fds->at[i]);
	return r;
}

int task_read_table(struct task_look *task, int dirfd, pid_t tid)
{
	CLEANUP_FD int list =
		procfs_open_list(&task->look.scene->procfs, dirfd, "fd", 0, &task->scratch->fds);

	return list < 0 ? look_trouble(&task->look, table_source(task), dirfd, list)
			: read_table(task, list, dirfd, tid);
}

static void defer_table(struct task_look *task, pid_t tid)
{
	struct fact *fact = look_add(&task->look, FACT_TABLE);

	fact->tid = tid;
}

/* Leaves a big table to phase_tables.c. count: how many descriptors there are; 0: unknown. */
static int read_small_table(struct task_look *task, int dirfd, pid_t tid, size_t count)
{
	struct numbers *fds = &task->scratch->fds;
	CLEANUP_FD int list = -1;

	if (count >= BIG_TABLE) {
		defer_table(task, tid);
		return 0;
	}
	list = procfs_open_list(
		&task->look.scene->procfs, dirfd, "fd", count ? count : BIG_TABLE, fds);
	if (list < 0)
		return look_trouble(&task->look, table_source(task), dirfd, list);
	if (fds->n < BIG_TABLE)
		return read_table(task, list, dirfd, tid);
	defer_table(task, tid);
	return 0;
}

/* A thread has a table of its own after unshare(2) of CLONE_FILES. Each table is read once. */
static int look_at_thread(struct task_look *task, pid_t tid)
{
	CLEANUP_FD int fd = -1;
	pid_t sharer;
	int r = fd_tables_insert(task->look.scene->kernel, &task->scratch->tables, tid, &sharer);

	if (r > 0)
		return 0;
	if (r < 0)
		return look_trouble(&task->look, SOURCE_FDS, task->fd, r);
	fd = procfs_open_thread(task->fd, tid);
	return fd < 0 ? look_trouble(&task->look, SOURCE_FDS, task->fd, fd)
		      : read_small_table(task, fd, tid, 0);
}

static int look_at_own_table(struct task_look *task)
{
	size_t count = 0;
	int dirfd = task_dirfd(task);
	int r = procfs_count_fds(&task->look.scene->procfs, dirfd, &count);

	return r == 0 && !count ? 0 : read_small_table(task, dirfd, task->task->task.tid, count);
}

int task_look_at_fds(struct task_look *task)
{
	const struct scene *scene = task->look.scene;
	const struct fact *fact = task->task;
	pid_t pid = fact->pid, tid = fact->task.tid, sharer;
	int r = 0;

	if (!scene_wants(scene, SOURCE_FDS) && !scene_wants(scene, SOURCE_SOCKETS))
		return 0;
	if (pid == scene->procfs.self)
		return 0; /* what nsls has open is gone with the answer */
	task->scratch->tables.n = 0;
	if (!fact->task.zombie)
		r = look_at_own_table(task);
	if (r == 0 && fact->task.ntids && scene->procfs.ours)
		r = fd_tables_insert(scene->kernel, &task->scratch->tables, tid, &sharer);
	for (size_t i = 0; r == 0 && scene->procfs.ours && i < fact->task.ntids; i++)
		if (fact->task.tids[i] != pid && fact->task.tids[i] != tid &&
			worker_beat(task->look.worker))
			r = look_at_thread(task, fact->task.tids[i]);
	return r;
}
