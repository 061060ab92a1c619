// SPDX-License-Identifier: MIT
/* Sockets that keep a network namespace alive, although their process is not in it. */
#include "internal.h"

#include "nsls/base.h"

#include <errno.h>
#include <stdlib.h>

/*
 * Each socket inode is scanned once, however many processes share it. The cookie of its namespace
 * says whether that is a known one, so that only the first socket of each namespace costs a
 * descriptor.
 */

struct socket_shared {
	struct ctx ctx;
	uint64_t own_cookie; /* 0: unknown */
	struct ns_ref own;
	struct socket_item at[];
};

struct socket_own {
	const struct kernel *kernel;
	struct relate relate;
	struct u64map cookies; /* network namespace cookie to its struct ns_ref, in the arena */
	int pidfd;             /* of the process asked last; below 0: -errno */
	pid_t pid, tid;
};

static void remember(
	struct emitter *emitter, struct socket_own *own, uint64_t cookie, struct ns_ref ref)
{
	struct ns_ref *copy;

	if (!cookie)
		return;
	copy = arena_alloc(worker_arena(emitter->worker), sizeof(*copy));
	*copy = ref;
	u64map_put(&own->cookies, cookie, copy);
}

/* A network namespace whose cookie is not known, or a kernel without cookies. */
static int ask_namespace(
	struct emitter *emitter, struct socket_own *own, int sock, struct ns_ref *ret_ref)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	int fd = kernel->socket_netns(kernel, sock);
	int r;

	if (fd < 0)
		return fd;
	r = kernel->ref(kernel, fd, ret_ref);
	/* No path may lead there: now is the time to ask whose it is. */
	if (r == 0)
		r = relate(emitter, &own->relate, *ret_ref, fd);
	kernel->close(kernel, fd);
	return r;
}

static int namespace_of(
	struct emitter *emitter, struct socket_own *own, int sock, struct ns_ref *ret_ref)
{
	const struct socket_shared *shared = worker_shared(emitter->worker);
	const struct kernel *kernel = emitter->ctx->kernel;
	const struct ns_ref *known;
	uint64_t cookie = 0;
	int r = kernel->socket_cookie(kernel, sock, &cookie);

	if (error_is_fatal(r))
		return r;
	known = r == 0 && cookie == shared->own_cookie ? &shared->own
		: r == 0                               ? u64map_get(&own->cookies, cookie)
						       : NULL;
	if (known) {
		*ret_ref = *known;
		return 0;
	}
	r = ask_namespace(emitter, own, sock, ret_ref);
	if (r == 0)
		remember(emitter, own, cookie, *ret_ref);
	return r;
}

/* The sockets of one process follow one another. */
static int open_pidfd(
	const struct kernel *kernel, struct socket_own *own, const struct fd_holder *h)
{
	if (own->pid == h->pid && own->tid == h->tid)
		return own->pidfd;
	if (own->pidfd >= 0)
		kernel->close(kernel, own->pidfd);
	own->pid = h->pid;
	own->tid = h->tid;
	own->pidfd = kernel->pidfd(kernel, h->pid, h->tid);
	return own->pidfd;
}

static int ask_holder(struct emitter *emitter, struct socket_own *own,
	const struct socket_item *item, const struct fd_holder *holder, struct ns_ref *ret_ref)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	int pidfd = open_pidfd(kernel, own, holder), sock, r;

	if (pidfd < 0)
		return pidfd;
	sock = item->inode ? kernel->copy_socket(kernel, pidfd, holder->fd, item->inode)
			   : kernel->copy_tun(kernel, pidfd, holder->fd);
	if (sock < 0)
		return sock;
	r = namespace_of(emitter, own, sock, ret_ref);
	kernel->close(kernel, sock);
	return r;
}

static void say_namespace(struct emitter *emitter, size_t item, struct ns_ref ref)
{
	struct fact *fact = emit_fact(emitter, FACT_NETNS);

	fact->ref = ref;
	fact->netns.item = item;
}

/* Closed meanwhile, or whoever had it has ended. */
static bool is_gone(int error)
{
	return error == -EBADF || error_class(error) == ERROR_VANISHED;
}

/* Asks those who have it, until one tells. Another may answer for one that we may not ask. */
static int ask_holders(struct emitter *emitter, struct socket_own *own,
	const struct socket_item *item, struct ns_ref *ret_ref)
{
	int result = -EBADF;

	for (size_t k = 0; k < item->n; k++) {
		int r = ask_holder(emitter, own, item, &item->at[k], ret_ref);

		if (r == 0 || error_is_fatal(r))
			return r;
		if (is_gone(r))
			continue;
		result = r;
		emitter->pid = item->at[k].pid;
	}
	return result;
}

static int look_at_socket(struct worker *worker, size_t i, void **ret_found)
{
	const struct socket_shared *shared = worker_shared(worker);
	const struct socket_item *item = &shared->at[i];
	struct socket_own *own = worker_own(worker);
	struct ns_ref ref;
	struct emitter emitter;
	int r, error = 0;

	if (!own->kernel) {
		own->kernel = shared->ctx.kernel;
		own->pidfd = -1;
	}
	emitter_init(&emitter, worker, &shared->ctx, item->at[0].pid);
	r = ask_holders(&emitter, own, item, &ref);
	if (r == 0)
		say_namespace(&emitter, i, ref);
	else if (kernel_unsupported(r))
		emit_limitation(&emitter, LIMITATION_PIDFD);
	else if (!is_gone(r))
		error = emit_error(&emitter, SOURCE_SOCKETS, -1, r);
	*ret_found = emitter.first;
	return error;
}

static pid_t socket_pid(const void *shared, size_t i)
{
	return ((const struct socket_shared *)shared)->at[i].at[0].pid;
}

/* A tun device has no inode of its own: it is known by one who has it open. */
static uint64_t socket_key(const void *shared, size_t i)
{
	const struct socket_item *item = &((const struct socket_shared *)shared)->at[i];

	return item->inode ? item->inode
			   : (uint64_t)item->at[0].pid << 32 | (uint32_t)item->at[0].fd;
}

static void socket_own_done(void *data)
{
	struct socket_own *own = data;

	if (own->kernel && own->pidfd >= 0)
		own->kernel->close(own->kernel, own->pidfd);
	relate_done(&own->relate);
	u64map_done(&own->cookies);
}

/* Our own network namespace needs no privilege, and is that of most sockets. */
static void learn_own(struct socket_shared *shared)
{
	const struct kernel *kernel = shared->ctx.kernel;

	shared->own.type = NS_NET;
	if (kernel->own(kernel, NS_NET, &shared->own.ino) < 0 ||
		kernel->own_cookie(kernel, &shared->own_cookie) < 0)
		shared->own_cookie = 0;
}

int phase_sockets(struct scan *scan)
{
	struct socket_shared *shared;
	struct work work = {
		.n = scan->merge.sockets.n,
		.grain = 64,
		.scan = look_at_socket,
		.key = socket_key,
		.shared_done = free,
		.own_size = sizeof(struct socket_own),
		.own_done = socket_own_done,
	};
	int r;

	if (!work.n) {
		merge_sockets(&scan->merge);
		return 0;
	}
	/* A copy, because an abandoned worker may still read it after the scan. */
	shared = memory_alloc(1, sizeof(*shared) + work.n * sizeof(*shared->at));
	shared->ctx = scan->ctx;
	for (size_t i = 0; i < work.n; i++)
		shared->at[i] = *scan->merge.sockets.at[i];
	learn_own(shared);
	work.shared = shared;
	r = phase_run(scan, &work, socket_pid);
	if (r == 0)
		merge_sockets(&scan->merge);
	return r;
}

/* Sockets and tun devices: their work list, and the holders that their results become. */

/* The item of a socket: the same for all who share it. A tun device has none to share. */
static struct socket_item *get_socket(struct merge *merge, uint64_t inode)
{
	struct socket_list *list = &merge->sockets;
	struct socket_item *item = inode ? u64map_get(&merge->by_inode, inode) : NULL;

	if (item)
		return item;
	item = arena_alloc(&merge->arena, sizeof(*item));
	if (inode)
		u64map_put(&merge->by_inode, inode, item);
	item->inode = inode;
	*array_push(list->at, list->n, list->size) = item;
	return item;
}

void merge_socket(struct merge *merge, const struct fact *fact)
{
	struct socket_holders *usages = &merge->usages;
	struct socket_holder usage = {
		.holder = { fact->pid, fact->tid, fact->socket.fd },
		.item = get_socket(merge, fact->socket.inode),
	};

	if (usage.item->n < FD_HOLDERS_TRIED)
		usage.item->at[usage.item->n++] = usage.holder;
	*array_push(usages->at, usages->n, usages->size) = usage;
}

/* A socket of the namespace that its process is in anyway says nothing new. */
static void hold_by_socket(struct merge *merge, const struct socket_holder *usage)
{
	const struct process *process = model_find_process(merge->model, usage->holder.pid);
	struct ns_ref netns = usage->item->netns;
	struct holder holder = {
		.kind = usage->item->inode ? HOLDER_SOCKET : HOLDER_TUN,
		.process = process,
		.tid = usage->holder.tid,
		.fd = usage->holder.fd,
	};

	if (!process || !netns.ino || netns.ino == process->ino[NS_NET])
		return;
	merge_holder(merge, netns, &holder);
}

void merge_sockets(struct merge *merge)
{
	for (size_t i = 0; i < merge->usages.n; i++)
		hold_by_socket(merge, &merge->usages.at[i]);
	merge_ring_sockets(merge);
	merge->usages.n = merge->sockets.n = 0;
	u64map_done(&merge->by_inode);
}
