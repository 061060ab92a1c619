// SPDX-License-Identifier: MIT
/* Files that are registered with a ring of io_uring(7). */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/procfs.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/*
 * The descriptors of registered files may be closed. Only the ring's fdinfo names the files, with
 * one line for each of up to a million. Each ring is read once, however many processes share it.
 */

/*
 * A ring that its owner uses at this moment tells nothing (the kernel only tries its lock), and
 * whoever wants to can keep it so for ever. So there is an end to asking again: for one ring, and
 * for all of them.
 */
#define TRIES_MOST 20
#define WAITS_MOST 200
#define WAIT_NS ((long)1000 * 1000)

/*
 * The kernel makes the whole text before it gives us a byte of it, some 30 MB a second, and anybody
 * can register a million files that have a long path. When so much was read, no more is.
 */
#define BYTES_MOST ((size_t)64 * 1024 * 1024)

/* What all workers together have spent so far. */
struct spent {
	atomic_uint waits;
	atomic_size_t bytes;
};

struct ring_shared {
	struct ctx ctx;
	struct spent *spent;
	struct ring_item at[];
};

/* One fdinfo while it is read. What is registered twice is said once. */
struct reading {
	struct emitter *emitter;
	const struct ring_item *ring;
	struct spent *spent;
	size_t item;
	struct ring_text text;
	struct u64map namespaces, sockets;
};

static void emit_file(struct reading *reading, const struct ring_file *file)
{
	struct u64map *said = file->socket ? &reading->sockets : &reading->namespaces;
	uint64_t key = file->socket ? file->socket : ns_ref_key(file->ns);
	struct fact *fact;

	if (u64map_get(said, key))
		return;
	fact = emit_fact(reading->emitter, FACT_RING_FILE);
	fact->ref = file->ns;
	fact->ring_file.item = reading->item;
	fact->ring_file.socket = file->socket;
	u64map_put(said, key, fact);
}

static bool asks_sockets(const struct ctx *ctx)
{
	return ctx_wants(ctx, SOURCE_SOCKETS) && ctx->procfs.ours;
}

static int take_line(void *data, char *line, size_t len)
{
	struct reading *reading = data;
	struct ring_file file;
	int r;

	(void)len;
	if (!worker_progress(reading->emitter->worker))
		return -ECANCELED;
	r = ring_take_line(&reading->text, line, &file);
	/* The descriptor may be another file by now, or its number another process's. */
	if (reading->ring->inode && reading->text.inode &&
		reading->text.inode != reading->ring->inode)
		return -ENOENT;
	if (r > 0 && !(file.socket && !asks_sockets(reading->emitter->ctx)))
		emit_file(reading, &file);
	return r < 0 ? r : 0;
}

/* Returns 0, -EBUSY where the ring has told nothing, -EFBIG where it is too much, or -errno. */
static int read_once(struct reading *reading, int dirfd, int fd)
{
	size_t bytes = 0;
	char path[32];
	int r;

	if (atomic_load(&reading->spent->bytes) > BYTES_MOST)
		return -EFBIG;
	snprintf(path, sizeof(path), "fdinfo/%d", fd);
	reading->text = (struct ring_text){ 0 };
	r = procfile_each_line_start(dirfd, path, take_line, reading, &bytes);
	atomic_fetch_add(&reading->spent->bytes, r == -EFBIG ? BYTES_MOST + 1 : bytes);
	return r == 0 && reading->text.part == RING_BEFORE ? -EBUSY : r;
}

/* Not in a plain directory, which will say the same again. */
static bool wait_a_little(const struct reading *reading, unsigned try)
{
	static const struct timespec a_little = { .tv_nsec = WAIT_NS };

	if (!reading->emitter->ctx->procfs.kernel || try >= TRIES_MOST ||
		atomic_fetch_add(&reading->spent->waits, 1) >= WAITS_MOST)
		return false;
	nanosleep(&a_little, NULL);
	return worker_progress(reading->emitter->worker);
}

/* Returns 0, 1 where this holder has it no more and another may, or -errno that ends the scan. */
static int ask_holder(struct reading *reading, const struct fd_holder *holder)
{
	struct emitter *emitter = reading->emitter;
	CLEANUP_FD int dirfd =
		procfs_open_thread_of(&emitter->ctx->procfs, holder->pid, holder->tid);
	int r = dirfd;

	emitter->pid = holder->pid;
	for (unsigned try = 1; dirfd >= 0; try++) {
		r = read_once(reading, dirfd, holder->fd);
		if (r != -EBUSY || !wait_a_little(reading, try))
			break;
	}
	if (r == -EBUSY || r == -EFBIG) {
		emit_limitation(emitter, LIMITATION_RING_UNREAD);
		return 0;
	}
	if (r == -ECANCELED)
		return 0; /* abandoned */
	if (r == 0 || error_class(r) == ERROR_VANISHED)
		return r < 0;
	return emit_error(emitter, SOURCE_FDS, dirfd, r);
}

static int look_at_ring(struct worker *worker, size_t i, void **ret_found)
{
	const struct ring_shared *shared = worker_shared(worker);
	const struct ring_item *ring = &shared->at[i];
	struct emitter emitter;
	struct reading reading = {
		.emitter = &emitter, .ring = ring, .spent = shared->spent, .item = i
	};
	int r = 1;

	emitter_init(&emitter, worker, &shared->ctx, ring->at[0].pid);
	for (size_t k = 0; r > 0 && k < ring->n; k++)
		r = ask_holder(&reading, &ring->at[k]);
	u64map_done(&reading.namespaces);
	u64map_done(&reading.sockets);
	*ret_found = emitter.first;
	return r < 0 ? r : 0;
}

static pid_t ring_pid(const void *shared, size_t i)
{
	return ((const struct ring_shared *)shared)->at[i].at[0].pid;
}

static uint64_t ring_key(const void *shared, size_t i)
{
	const struct ring_item *ring = &((const struct ring_shared *)shared)->at[i];

	return (uint64_t)ring->at[0].pid << 32 | (uint32_t)ring->at[0].fd;
}

static void ring_shared_done(void *data)
{
	struct ring_shared *shared = data;

	free(shared->spent);
	free(shared);
}

/* A copy, because an abandoned worker may still read it after the scan. */
static struct ring_shared *ring_shared_new(const struct scan *scan)
{
	const struct ring_list *rings = &scan->merge.rings;
	struct ring_shared *shared =
		memory_alloc(1, sizeof(*shared) + rings->n * sizeof(*shared->at));

	shared->ctx = scan->ctx;
	shared->spent = memory_alloc(1, sizeof(*shared->spent));
	for (size_t i = 0; i < rings->n; i++)
		shared->at[i] = *rings->at[i];
	return shared;
}

int phase_rings(struct scan *scan)
{
	struct work work = {
		.n = scan->merge.rings.n,
		.grain = scan->merge.rings.n, /* one worker: the kernel's memory for one text */
		.scan = look_at_ring,
		.key = ring_key,
		.shared_done = ring_shared_done,
	};

	/* While looking again: what was too much once would be so each time. */
	if (!work.n || scan->merge.report->limitations & LIMITATION_RING_UNREAD)
		return 0;
	work.shared = ring_shared_new(scan);
	return phase_run(scan, &work, ring_pid);
}

/* Rings: their work list, and the holders that their results become. */

/* A ring whose inode is not known is one that nobody shares. */
static struct ring_item *get_ring(struct merge *merge, uint64_t inode)
{
	struct ring_list *list = &merge->rings;
	struct ring_item *item = inode ? u64map_get(&merge->ring_by_inode, inode) : NULL;

	if (item)
		return item;
	item = arena_alloc(&merge->arena, sizeof(*item));
	if (inode)
		u64map_put(&merge->ring_by_inode, inode, item);
	item->inode = inode;
	*array_push(list->at, list->n, list->size) = item;
	return item;
}

/* A table of descriptors counts once, with the first of those that are on the ring. */
void merge_ring(struct merge *merge, const struct fact *fact)
{
	struct fd_holder holder = { fact->pid, fact->tid, fact->ring.fd };
	struct ring_item *item = get_ring(merge, fact->ring.inode);

	if (item->n == FD_HOLDERS_TRIED || (item->n && item->at[item->n - 1].pid == holder.pid &&
						   item->at[item->n - 1].tid == holder.tid))
		return;
	item->at[item->n++] = holder;
}

/* A socket of the namespace that a process is in anyway says nothing new. */
static void hold_by_ring(
	struct merge *merge, const struct ring_item *item, struct ns_ref ref, bool is_socket)
{
	for (size_t i = 0; i < item->n; i++) {
		struct holder holder = {
			.kind = HOLDER_URING,
			.process = model_find_process(merge->model, item->at[i].pid),
			.tid = item->at[i].tid,
			.fd = item->at[i].fd,
		};

		if (holder.process && !(is_socket && holder.process->ino[NS_NET] == ref.ino))
			merge_holder(merge, ref, &holder);
	}
}

static void keep_socket(struct merge *merge, const struct ring_item *ring, uint64_t inode)
{
	struct ring_sockets *list = &merge->ring_sockets;

	*array_push(list->at, list->n, list->size) = (struct ring_socket){ ring, inode };
}

void merge_ring_file(struct merge *merge, const struct fact *fact)
{
	const struct ring_item *ring = merge->rings.at[fact->ring_file.item];

	if (fact->ring_file.socket)
		keep_socket(merge, ring, fact->ring_file.socket);
	else
		hold_by_ring(merge, ring, fact->ref, false);
}

/* Of a socket, fdinfo tells the inode alone: who has a descriptor on it may tell the rest. */
void merge_ring_sockets(struct merge *merge)
{
	for (size_t i = 0; i < merge->ring_sockets.n; i++) {
		const struct ring_socket *at = &merge->ring_sockets.at[i];
		const struct socket_item *socket = u64map_get(&merge->by_inode, at->inode);

		if (socket && socket->netns.ino)
			hold_by_ring(merge, at->ring, socket->netns, true);
		else
			merge->report->limitations |= LIMITATION_RING_SOCKETS;
	}
	merge->ring_sockets.n = merge->rings.n = 0;
	u64map_done(&merge->ring_by_inode);
}
