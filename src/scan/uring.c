// SPDX-License-Identifier: MIT
/* Scans files that are registered with a ring of io_uring(7), and hold a namespace. */
#include "internal.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

/*
 * A registered file needs no descriptor: only fdinfo of the ring names it, with one line for each
 * of up to a million files. Each ring is read once, also if several processes share it. Only the
 * first of them are listed as holders: with p processes and f files, all would be p * f holders,
 * while they cost the user only p + f.
 */

/*
 * The kernel leaves the files out while the ring is in use, because it only tries to lock it. A
 * user can keep a ring in use for ever, so the number of tries is limited, for one ring and for
 * all.
 */
#define TRIES_MAX 20
#define WAITS_MAX 200
#define WAIT_NS ((long)1000 * 1000)

/*
 * Limit for all rings together. The kernel makes the whole text, at some 30 MB per second, before
 * it returns the first byte, and any user can register a million files with long paths.
 */
#define BYTES_MAX ((size_t)64 * 1024 * 1024)

static void merge_unread_ring(struct merge *merge, const struct fact *fact)
{
	merge->report->limitations |= LIMITATION_RING_UNREAD;
	merge_unreadable(merge, fact->pid);
	u64map_add(&merge->rings_unread, file_key(fact->holder.inode, fact->tid, fact->holder.fd));
}

/*
 * Processes that share a ring share its item, unless its inode is unknown. Adds only the first
 * descriptor of a table on the ring. Does not scan a ring again that the scan before could not
 * read: another try would take as long.
 */
void merge_ring(struct merge *merge, const struct fact *fact)
{
	struct fd_holder holder = { fact->pid, fact->tid, fact->holder.fd };
	uint64_t key = file_key(fact->holder.inode, fact->tid, fact->holder.fd);
	struct work_list *list = &merge->lists[PHASE_RINGS];
	struct file_item *item = work_list_get(list, sizeof(*item), key, fact->pid);

	item->inode = fact->holder.inode;
	if (!item->n && u64map_get(&merge->rings_unread, key)) {
		merge_unread_ring(merge, fact);
		list->n--;
	}
	if (item->n == FD_HOLDERS_TRIED || (item->n && item->at[item->n - 1].pid == holder.pid &&
						   item->at[item->n - 1].tid == holder.tid))
		return;
	item->at[item->n++] = holder;
}

/* State of reading one fdinfo. A file that is registered twice is emitted once. */
struct ring_reading {
	struct emitter *emitter;
	const struct file_item *ring;
	struct ring_text text;
	struct u64map namespaces, sockets;
};

static int ring_fdinfo_line(void *data, char *line, size_t len)
{
	struct ring_reading *reading = data;
	const struct file_item *ring = reading->ring;
	const struct ctx *ctx = reading->emitter->ctx;
	struct ring_file file;
	int r;

	if (!worker_progress(reading->emitter->worker))
		return -ECANCELED;
	r = ring_take_line(&reading->text, line, &file);
	/* The descriptor or the PID may have been used again. */
	if (ring->inode && reading->text.inode && reading->text.inode != ring->inode)
		return -ENOENT;
	if (r <= 0)
		return r;
	if (file.socket ? !ctx_wants(ctx, SOURCE_SOCKETS) || !ctx->procfs.ours ||
				  !u64map_add(&reading->sockets, file.socket)
			: !u64map_add(&reading->namespaces, ns_ref_key(file.ns)))
		return 0;
	/* The processes that share the ring hold its files together. */
	for (size_t i = 0; i < ring->n; i++) {
		const struct fd_holder *holder = &ring->at[i];
		struct fact *fact = emit_descriptor(reading->emitter,
			file.socket ? merge_socket : merge_process_holder, HOLDER_URING,
			holder->tid, holder->fd, file.socket);

		fact->pid = holder->pid;
		fact->ref = file.ns;
	}
	return 0;
}

/*
 * Reads the fdinfo of a ring until it names the files, by the first of its descriptors that is
 * still open.
 */
static int scan_ring(struct emitter *emitter, void *data)
{
	static const struct timespec interval = { .tv_nsec = WAIT_NS };
	const struct file_item *ring = data;
	const struct ctx *ctx = emitter->ctx;
	struct ring_reading reading = { .emitter = emitter, .ring = ring };
	int r = -ESRCH;

	for (size_t k = 0; k < ring->n && error_class(r) == ERROR_VANISHED; k++) {
		const struct fd_holder *holder = &ring->at[k];
		CLEANUP_FD int dirfd =
			procfs_open_thread_of(&ctx->procfs, holder->pid, holder->tid);
		char path[32];

		emitter->pid = holder->pid;
		snprintf(path, sizeof(path), "fdinfo/%d", holder->fd);
		r = dirfd;
		for (unsigned try = 1; dirfd >= 0; try++) {
			size_t bytes = 0;

			r = -EFBIG;
			if (atomic_load(&ctx->spent->ring_bytes) > BYTES_MAX)
				break;
			reading.text = (struct ring_text){ 0 };
			r = procfile_each_line(dirfd, path, ring_fdinfo_line, &reading, &bytes);
			atomic_fetch_add(
				&ctx->spent->ring_bytes, r == -EFBIG ? BYTES_MAX + 1 : bytes);
			if (r < 0 || reading.text.part != RING_BEFORE)
				break;
			r = -EBUSY;
			/* A plain directory does not change. */
			if (!ctx->procfs.kernel || try >= TRIES_MAX ||
				atomic_fetch_add(&ctx->spent->ring_waits, 1) >= WAITS_MAX)
				break;
			nanosleep(&interval, NULL);
			if (!worker_progress(emitter->worker))
				break;
		}
		if (r == -EBUSY || r == -EFBIG) {
			emitter->pid = ring->at[0].pid;
			emit_descriptor(emitter, merge_unread_ring, HOLDER_URING, ring->at[0].tid,
				ring->at[0].fd, ring->inode);
		} else if (r < 0 && r != -ECANCELED && error_class(r) != ERROR_VANISHED) {
			r = emit_error(emitter, SOURCE_FDS, dirfd, r);
		}
	}
	u64map_done(&reading.namespaces);
	u64map_done(&reading.sockets);
	return error_is_fatal(r) ? r : 0;
}

const struct phase phase_rings = {
	.id = PHASE_RINGS,
	.grain = INT_MAX, /* one worker: the kernel's memory for one text */
	.scan = scan_ring,
};
