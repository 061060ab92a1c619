// SPDX-License-Identifier: MIT
/* Sockets and tun devices: the work list that they make, and who holds what once it is asked. */
#include "merge.h"

#include "nsls/base/array.h"

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
	struct socket_uses *uses = &merge->uses;
	struct socket_use use = {
		.holder = { fact->pid, fact->tid, fact->socket.fd },
		.item = get_socket(merge, fact->socket.inode),
	};

	if (use.item->n < FD_HOLDERS_ASKED)
		use.item->at[use.item->n++] = use.holder;
	*array_push(uses->at, uses->n, uses->size) = use;
}

/* A socket of the namespace that its process is in anyway says nothing new. */
static void hold_by_socket(struct merge *merge, const struct socket_use *use)
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
		return;
	merge_holder(merge, netns, &holder);
}

void merge_sockets(struct merge *merge)
{
	for (size_t i = 0; i < merge->uses.n; i++)
		hold_by_socket(merge, &merge->uses.at[i]);
	merge_ring_sockets(merge);
	merge->uses.n = merge->sockets.n = 0;
	u64map_done(&merge->by_inode);
}
