// SPDX-License-Identifier: MIT
/* Sockets and tun devices: the work list that they make, and who holds what once it is asked. */
#include "merge.h"

#include "nsls/base/array.h"

#include <errno.h>

/* The item of a socket: the same for all who share it. A tun device has none to share. */
static struct socket_item *get_socket(struct merge *merge, uint64_t inode)
{
	struct socket_list *list = &merge->sockets;
	struct socket_item *item = inode ? u64map_get(&merge->by_inode, inode) : NULL, **at;

	if (item)
		return item;
	at = array_reserve(list->at, list->n, &list->size, sizeof(struct socket_item *));
	if (!at)
		return NULL;
	list->at = at;
	item = arena_alloc(&merge->arena, sizeof(*item));
	if (!item || (inode && u64map_put(&merge->by_inode, inode, item) < 0))
		return NULL;
	item->inode = inode;
	return at[list->n++] = item;
}

int merge_socket(struct merge *merge, const struct fact *fact)
{
	struct socket_uses *uses = &merge->uses;
	struct socket_use *at = array_reserve(uses->at, uses->n, &uses->size, sizeof(*at));
	struct socket_use use = {
		.holder = { fact->pid, fact->tid, fact->socket.fd },
		.item = get_socket(merge, fact->socket.inode),
	};

	if (at)
		uses->at = at;
	if (!at || !use.item)
		return -ENOMEM;
	if (use.item->n < FD_HOLDERS_ASKED)
		use.item->at[use.item->n++] = use.holder;
	at[uses->n++] = use;
	return 0;
}

/* A socket of the namespace that its process is in anyway says nothing new. */
static int hold_by_socket(struct merge *merge, const struct socket_use *use)
{
	const struct task *task = model_find_task(merge->model, use->holder.pid);
	struct ns_ref netns = use->item->netns;
	struct holder holder = {
		.kind = use->item->inode ? HOLDER_SOCKET : HOLDER_TUN,
		.task = task,
		.tid = use->holder.tid,
		.fd = use->holder.fd,
	};

	if (!task || !netns.ino || netns.ino == task->ino[NS_NET])
		return 0;
	return merge_holder(merge, netns, &holder);
}

int merge_sockets(struct merge *merge)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < merge->uses.n; i++)
		r = hold_by_socket(merge, &merge->uses.at[i]);
	if (r == 0)
		r = merge_ring_sockets(merge);
	merge->uses.n = merge->sockets.n = 0;
	u64map_done(&merge->by_inode);
	return r;
}
