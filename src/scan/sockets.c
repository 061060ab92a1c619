// SPDX-License-Identifier: MIT
/* Scans sockets and tun devices, which hold the network namespace that they were opened in. */
#include "internal.h"

#include <errno.h>

/*
 * Processes that share a socket share its item. Each descriptor on a tun device has its own. A ring
 * shows only the inode of a socket, which is no help if no descriptor on it was found.
 */
void merge_socket(struct merge *merge, const struct fact *fact)
{
	uint64_t key = file_key(fact->holder.inode, fact->tid, fact->holder.fd);
	struct work_list *list = &merge->lists[PHASE_SOCKETS];
	struct file_item *item;
	struct holder *holder;

	if (fact->holder.kind == HOLDER_URING && !u64map_get(&list->by_key, key)) {
		merge->report->limitations |= LIMITATION_RING_SOCKETS;
		return;
	}
	item = work_list_get(list, sizeof(*item), key, fact->pid);
	item->inode = fact->holder.inode;
	if (!item->end)
		item->end = &item->first;
	holder = arena_alloc(&merge->arena, sizeof(*holder));
	*holder = (struct holder){
		.kind = fact->holder.kind,
		.process = model_find_process(merge->model, fact->pid),
		.tid = fact->tid,
		.fd = fact->holder.fd,
	};
	*item->end = holder;
	item->end = &holder->next;
	if (holder->kind != HOLDER_URING && item->n < FD_HOLDERS_TRIED)
		item->at[item->n++] = (struct fd_holder){ fact->pid, fact->tid, fact->holder.fd };
}

/* Skips a socket in the network namespace of its process, which is a member already. */
static void merge_netns(struct merge *merge, const struct fact *fact)
{
	const struct file_item *item = (const struct file_item *)fact->item;
	uint32_t ino = fact->ref.ino;

	/* Reading its relations may have added the namespace before. */
	for (const struct holder *h = item->first; h; h = h->next) {
		if (!ino && h->kind == HOLDER_URING)
			merge->report->limitations |= LIMITATION_RING_SOCKETS;
		if (ino && h->process && h->process->ino[NS_NET] != ino)
			model_hold(merge->model, model_get(merge->model, fact->ref), h);
	}
}

/*
 * Each socket is scanned once, also if several processes share it. The cookie of its namespace
 * (SO_NETNS_COOKIE) identifies a known namespace, so that only the first socket of each namespace
 * costs a descriptor.
 */

struct socket_own {
	const struct kernel *kernel; /* NULL: nothing is set yet */
	struct u64map relations;     /* for read_relations() */
	struct u64map cookies;       /* network namespace cookie to its struct ns_ref */
	int pidfd;                   /* of the last process, pid and tid; below 0: -errno */
	pid_t pid, tid;
};

/* Keeps the last pidfd open: the sockets of one process are neighbours in the list. */
static int socket_read(struct emitter *emitter, struct socket_own *own,
	const struct file_item *item, const struct fd_holder *holder, struct ns_ref *ret_ref)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	const struct ns_ref *known;
	uint64_t cookie = 0;
	int sock, fd, r;

	if (own->pid != holder->pid || own->tid != holder->tid) {
		kernel->close(kernel, own->pidfd);
		own->pid = holder->pid;
		own->tid = holder->tid;
		own->pidfd = kernel->pidfd(kernel, holder->pid, holder->tid);
	}
	if (own->pidfd < 0)
		return own->pidfd;
	sock = kernel->copy_socket(kernel, own->pidfd, holder->fd, item->inode);
	if (sock < 0)
		return sock;
	r = kernel->socket_cookie(kernel, sock, &cookie);
	known = r == 0 ? u64map_get(&own->cookies, cookie) : NULL;
	if (known) {
		*ret_ref = *known;
	} else if (!error_is_fatal(r)) { /* the cookie is unknown, or the kernel has no cookies */
		r = fd = kernel->socket_netns(kernel, sock);
		if (fd >= 0)
			r = kernel->ref(kernel, fd, ret_ref);
		/* This may be the only way to open it, so its relations are read here. */
		if (r == 0)
			r = read_relations(emitter, &own->relations, *ret_ref, fd);
		kernel->close(kernel, fd);
		if (r == 0 && cookie)
			ns_ref_put(&own->cookies, cookie, *ret_ref, &emitter->worker->arena);
	}
	kernel->close(kernel, sock);
	return r;
}

static int scan_socket(struct emitter *emitter, void *data)
{
	const struct file_item *item = data;
	const struct kernel *kernel = emitter->ctx->kernel;
	const struct ns_ref ours = { NS_NET, emitter->ctx->own[NS_NET] };
	struct socket_own *own = emitter->worker->own;
	struct ns_ref ref = { NS_NET, 0 };
	struct fact *fact;
	uint64_t cookie;
	int r = -EBADF;

	if (!own->kernel) {
		own->kernel = kernel;
		own->pidfd = -1;
		/* Most are in our own network namespace, which can be read without privileges. */
		if (ours.ino && kernel->own_cookie(kernel, &cookie) == 0)
			ns_ref_put(&own->cookies, cookie, ours, &emitter->worker->arena);
	}
	/* Tries processes that have the socket open, because access to some may be denied. */
	for (size_t k = 0; k < item->n && r < 0 && !error_is_fatal(r); k++) {
		int tried = socket_read(emitter, own, item, &item->at[k], &ref);

		if (tried == -EBADF || error_class(tried) == ERROR_VANISHED)
			continue; /* the descriptor was closed, or its process has ended */
		r = tried;
		if (r < 0)
			emitter->pid = item->at[k].pid;
	}
	fact = emit_fact(emitter, merge_netns);
	fact->item = &item->head;
	fact->ref = ref;
	if (kernel_unsupported(r))
		emit_limitation(emitter, LIMITATION_PIDFD);
	else if (r < 0 && r != -EBADF)
		return emit_error(emitter, SOURCE_SOCKETS, -1, r);
	return 0;
}

static void socket_own_done(void *data)
{
	struct socket_own *own = data;

	if (own->kernel)
		own->kernel->close(own->kernel, own->pidfd);
	u64map_done(&own->relations);
	u64map_done(&own->cookies);
}

const struct phase phase_sockets = {
	.id = PHASE_SOCKETS,
	.grain = 64,
	.scan = scan_socket,
	.own_size = sizeof(struct socket_own),
	.own_done = socket_own_done,
};
