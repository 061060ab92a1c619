// SPDX-License-Identifier: MIT
/* Scans the descriptors of processes: those on namespaces, sockets and rings of io_uring(7). */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/*
 * Descriptor tables, each identified by one thread that has it, in the order of kcmp(2). Processes
 * share a table after clone(2) with CLONE_FILES: the threads of a process, or whole processes.
 */

/*
 * Returns 0 if tid was inserted, 1 if *ret_sharer, a thread in tables, has the same table, or
 * -errno of kcmp(2): -ESRCH if tid has ended.
 */
static int fd_tables_insert(
	const struct kernel *kernel, struct numbers *tables, pid_t tid, pid_t *ret_sharer)
{
	size_t low = 0, high = tables->n;
	int *at = tables->at;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order, r = kernel->order_files(kernel, tid, at[middle], &order);

		if (r < 0 && r != -ESRCH)
			return r;
		if (r == -ESRCH) {
			r = kernel->order_files(kernel, tid, tid, &order);
			if (r < 0)
				return r;
			/* The thread in tables has ended. */
			high = --tables->n;
			memmove(at + middle, at + middle + 1, (high - middle) * sizeof(*at));
			low = 0;
		} else if (order < 0) {
			high = middle;
		} else if (order > 0) {
			low = middle + 1;
		} else {
			*ret_sharer = at[middle];
			return 1;
		}
	}
	at = tables->at = array_reserve(tables->at, tables->n, &tables->size, sizeof(*at));
	memmove(at + low + 1, at + low, (tables->n - low) * sizeof(*at));
	at[low] = tid;
	tables->n++;
	return 0;
}

/*
 * A table of at least so many descriptors is compared with the others before it is read, because
 * many processes may share it at no cost to the user. Smaller tables are read for each process: a
 * copy for each of them would cost the user only a few KiB more.
 */
#define BIG_TABLE 512

/*
 * Descriptors are listed once. The target of each link decides whether more is read of it, so that
 * most descriptors cost one system call.
 */

/* Emits an error of reading descriptors, or of reading sockets if only these are wanted. */
static int emit_fds_error(struct process_reading *reading, int dirfd, int error)
{
	struct emitter *emitter = reading->emitter;

	return emit_error(emitter,
		ctx_wants(emitter->ctx, SOURCE_FDS) ? SOURCE_FDS : SOURCE_SOCKETS, dirfd, error);
}

/*
 * A detached tree of mounts, made by open_tree(2) or fsmount(2), lives as long as a descriptor on
 * its root. The link of that descriptor is "/", but its mount is not the root mount of the process.
 * Counts a descriptor on the root of another mount namespace, too, which appears the same.
 */
static void detect_detached_mount(
	struct process_reading *reading, const char *link, uint64_t mount_id)
{
	const struct ctx *ctx = reading->emitter->ctx;
	struct fd_target root;
	char text[4];

	if (reading->scratch->detached || !(ctx->options.types & 1u << NS_MNT))
		return;
	if (procfs_read_link(reading->table.fds, link, text, sizeof(text)) < 0 ||
		strcmp(text, "/") != 0 ||
		ctx->kernel->fd_target(ctx->kernel, reading->table.dirfd, "root", &root) < 0 ||
		root.mount_id == mount_id)
		return;
	reading->scratch->detached = true;
	emit_fact(reading->emitter, merge_detached);
}

/*
 * Reads what a descriptor refers to. stat(2) alone does not distinguish
 * - an open socket from a socket file that was opened with O_PATH, which is on another file system.
 *   All open sockets are on one file system. The first of them shows its device.
 * - a ring from other anonymous files. Most of these share one inode, which is the lowest: it was
 *   made when the system started. A ring has an inode of its own.
 */
static int read_fd_target(
	struct process_reading *reading, const char *link, struct fd_target *target)
{
	const struct ctx *ctx = reading->emitter->ctx;
	uint64_t *sockets = &reading->scratch->socket_dev, *shared = &reading->scratch->anonymous;
	const int fds = reading->table.fds;
	struct fd_target linked;
	int r;

	if (ctx->procfs.kernel) {
		r = ctx->kernel->fd_target(ctx->kernel, fds, link, target);
	} else { /* in a plain directory only a link that is a path has a target */
		r = fd_link_read(fds, link, target);
		if (r == 0 && target->kind == FD_PATH &&
			ctx->kernel->fd_target(ctx->kernel, fds, link, target) < 0)
			target->kind = FD_OTHER; /* a dangling link */
	}
	if (r < 0 ||
		!((target->kind == FD_SOCKET && target->dev != *sockets) ||
			(target->kind == FD_ANONYMOUS && (!*shared || target->ino != *shared))))
		return r;
	r = fd_link_read(fds, link, &linked);
	if (r < 0)
		return r;
	if (target->kind == FD_SOCKET && linked.kind != FD_SOCKET)
		target->kind = FD_OTHER;
	else if (target->kind == FD_SOCKET && target->dev)
		*sockets = target->dev;
	else if (target->kind == FD_ANONYMOUS && linked.kind == FD_RING)
		target->kind = FD_RING;
	else if (target->kind == FD_ANONYMOUS && (!*shared || target->ino < *shared))
		*shared = target->ino;
	return 0;
}

static int scan_fd(struct process_reading *reading, int fd)
{
	struct emitter *emitter = reading->emitter;
	const struct ctx *ctx = emitter->ctx;
	const struct fd_table *table = &reading->table;
	struct fd_target target;
	struct ns_ref ref;
	char link[16];
	int r;

	snprintf(link, sizeof(link), "%d", fd);
	r = read_fd_target(reading, link, &target);
	if (r == 0 && target.mount_root && target.mount_id)
		detect_detached_mount(reading, link, target.mount_id);
	if (r == -ENOENT)
		return 0; /* closed meanwhile */
	if (r < 0)
		return emit_fds_error(reading, table->dirfd, r);
	switch (target.kind) {
	case FD_NAMESPACE:
		if (!ctx_wants(ctx, SOURCE_FDS))
			break;
		/*
		 * The link of a descriptor that was opened through a bind mount, or that is a
		 * detached mount, is a path. Its type is read each time, never remembered by inode,
		 * because inodes are used again.
		 */
		r = kernel_identify(ctx->kernel, table->fds, link, &ref);
		if (r == 0)
			emit_holder(emitter, ref, HOLDER_FD, table->tid, fd);
		else if (r != -ENOTTY && r != -ENOENT) /* another file by now, or none */
			return emit_fds_error(reading, table->dirfd, r);
		break;
	case FD_SOCKET:
	case FD_TUN:
		if (ctx_wants(ctx, SOURCE_SOCKETS) && ctx->procfs.ours)
			emit_descriptor(emitter, merge_socket,
				target.kind == FD_TUN ? HOLDER_TUN : HOLDER_SOCKET, table->tid, fd,
				target.kind == FD_TUN ? 0 : target.ino);
		break;
	case FD_RING:
		if (!ctx_wants(ctx, SOURCE_FDS))
			break;
		if (ctx->procfs.kernel && !ctx->kernel->names_ring_files)
			emit_limitation(emitter, LIMITATION_RING_FILES);
		else
			emit_descriptor(
				emitter, merge_ring, HOLDER_URING, table->tid, fd, target.ino);
		break;
	case FD_ANONYMOUS:
	case FD_PATH:
	case FD_OTHER:
		break;
	}
	return 0;
}

static void merge_table(struct merge *merge, const struct fact *fact)
{
	work_list_add(
		&merge->lists[PHASE_COMPARE], sizeof(struct item), (uint64_t)fact->tid, fact->pid);
}

/*
 * Scans the descriptors of a table. count: their number; 0: unknown. Defers a table of at least max
 * to phase_compare.
 */
static int scan_fd_table(
	struct process_reading *reading, int dirfd, pid_t tid, size_t count, size_t max)
{
	struct emitter *emitter = reading->emitter;
	struct numbers *fds = &reading->scratch->fds;
	CLEANUP_FD int list = -1;
	int r = 0;

	if (count < max) {
		/* Only a big table counts as progress: one in a plain directory may be endless. */
		list = procfs_open_list(&emitter->ctx->procfs, dirfd, "fd", count ? count : max,
			max == BIG_TABLE ? NULL : emitter->worker, fds);
		if (list < 0)
			return emit_fds_error(reading, dirfd, list);
	}
	if (count >= max || fds->n >= max) {
		emit_fact(emitter, merge_table)->tid = tid;
		return 0;
	}
	reading->table = (struct fd_table){ list, dirfd, tid };
	for (size_t i = 0; r == 0 && i < fds->n && worker_progress(emitter->worker); i++)
		r = scan_fd(reading, fds->at[i]);
	return r;
}

int scan_process_fds(struct process_reading *reading)
{
	const struct ctx *ctx = reading->emitter->ctx;
	const struct fact *fact = reading->fact;
	struct numbers *tables = &reading->scratch->tables;
	pid_t pid = fact->pid, tid = fact->tid, sharer;
	size_t count = 0;
	int r = 0;

	if (!ctx_wants(ctx, SOURCE_FDS) && !ctx_wants(ctx, SOURCE_SOCKETS))
		return 0;
	if (pid == ctx->procfs.self)
		return 0; /* descriptors of nsls itself are closed before its output is read */
	tables->n = 0;
	if (fact->process.kind == HOLDER_PROCESS) {
		r = procfs_count_fds(&ctx->procfs, reading->dirfd, &count);
		if (r < 0 || count)
			r = scan_fd_table(reading, reading->dirfd, tid, count, BIG_TABLE);
	}
	/* A thread has its own table after unshare(2) with CLONE_FILES. Reads each table once. */
	if (r == 0 && fact->process.ntids && ctx->procfs.ours)
		r = fd_tables_insert(ctx->kernel, tables, tid, &sharer);
	for (size_t i = 0; r == 0 && ctx->procfs.ours && i < fact->process.ntids; i++) {
		pid_t other = fact->process.tids[i];
		CLEANUP_FD int fd = -1;

		if (other == pid || other == tid)
			continue;
		if (!worker_progress(reading->emitter->worker))
			break;
		r = fd_tables_insert(ctx->kernel, tables, other, &sharer);
		if (r == 0)
			r = fd = procfs_open_thread(&ctx->procfs, reading->fd, other);
		if (r < 0)
			r = emit_fds_error(reading, reading->fd, r);
		else
			r = fd < 0 ? 0 : scan_fd_table(reading, fd, other, 0, BIG_TABLE);
	}
	return r;
}

/*
 * Big descriptor tables. Any user can make processes that share one (clone(2) with CLONE_FILES) at
 * little cost, so each table is read once, for the first process that has it.
 *
 * First one worker compares the tables, in the order of the list. Then the first of the processes
 * that share a table is an item for all of them. Processes may stop sharing meanwhile, so each is
 * compared again before its table is skipped. If kcmp(2) is denied, or the procfs has other PIDs
 * than ours, each process is an item of its own.
 *
 * A descriptor costs the user 8 bytes, and nsls 15 times as much, so their number is limited.
 */

struct table_sharer {
	pid_t pid, tid;
	bool alone; /* kcmp(2) failed: its table may be that of another process */
	struct table_sharer *next;
};

/* A table, and the processes that share it, the first on the list first. */
struct shared_table {
	struct item head;
	struct table_sharer *first, **end;
};

static void merge_table_sharer(struct merge *merge, const struct fact *fact)
{
	struct work_list *list = &merge->lists[PHASE_TABLES];
	struct shared_table *table =
		work_list_get(list, sizeof(*table), (uint64_t)fact->table.sharer, fact->pid);
	struct table_sharer *sharer = arena_alloc(&list->arena, sizeof(*sharer));

	if (!table->end)
		table->end = &table->first;
	*sharer = (struct table_sharer){ fact->pid, fact->tid, fact->table.alone, NULL };
	*table->end = sharer;
	table->end = &sharer->next;
}

/* Emits the first thread that has the same table as that of the item: itself, or an earlier one. */
static int compare_table(struct emitter *emitter, void *data)
{
	const struct item *item = data;
	const struct ctx *ctx = emitter->ctx;
	struct process_scratch *scratch = emitter->worker->own;
	pid_t tid = (pid_t)item->key, sharer = tid;
	int r = ctx->procfs.ours ? fd_tables_insert(ctx->kernel, &scratch->tables, tid, &sharer)
				 : -EPERM;
	struct fact *fact;

	if (error_is_fatal(r) || r == -ESRCH)
		return r == -ESRCH ? 0 : r;
	fact = emit_fact(emitter, merge_table_sharer);
	fact->tid = tid;
	fact->table.sharer = sharer;
	fact->table.alone = r < 0;
	return 0;
}

/* Reads the table of each process, unless it was read for another process before. */
static int scan_shared_table(struct emitter *emitter, void *data)
{
	const struct shared_table *table = data;
	const struct ctx *ctx = emitter->ctx;
	struct process_scratch *scratch = emitter->worker->own;
	struct process_reading reading = { .emitter = emitter, .scratch = scratch };
	int r = 0;

	scratch->tables.n = 0;
	for (const struct table_sharer *sharer = table->first;
		r == 0 && sharer && worker_progress(emitter->worker); sharer = sharer->next) {
		CLEANUP_FD int fd = -1;
		pid_t other;

		emitter_next(emitter, sharer->pid);
		if (!sharer->alone)
			r = fd_tables_insert(ctx->kernel, &scratch->tables, sharer->tid, &other);
		if (r == 0)
			r = fd = procfs_open_thread_of(&ctx->procfs, sharer->pid, sharer->tid);
		if (r < 0) {
			r = emit_fds_error(&reading, -1, r);
			continue;
		}
		r = 0;
		if (fd < 0)
			continue; /* it is that of a process before */
		if (atomic_load(&ctx->spent->descriptors) >= ctx->options.descriptors_max) {
			emit_limitation(emitter, LIMITATION_DESCRIPTORS);
			continue;
		}
		scratch->fds.n = 0;
		r = scan_fd_table(&reading, fd, sharer->tid, 0, SIZE_MAX);
		atomic_fetch_add(&ctx->spent->descriptors, scratch->fds.n);
	}
	return r;
}

const struct phase phase_compare = {
	.id = PHASE_COMPARE,
	.grain = INT_MAX, /* one worker: it alone knows what it has compared */
	.scan = compare_table,
	.own_size = sizeof(struct process_scratch),
	.own_done = process_scratch_done,
};

const struct phase phase_tables = {
	.id = PHASE_TABLES,
	.scan = scan_shared_table,
	.own_size = sizeof(struct process_scratch),
	.own_done = process_scratch_done,
};
