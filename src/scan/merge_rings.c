// SPDX-License-Identifier: MIT
/* Rings of io_uring(7): the work list that they make, and what those who have one open hold by it.
 */
#include "merge.h"

#include "nsls/base/array.h"

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

	if (item->n == FD_HOLDERS_ASKED || (item->n && item->at[item->n - 1].pid == holder.pid &&
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
			.task = model_find_task(merge->model, item->at[i].pid),
			.tid = item->at[i].tid,
			.fd = item->at[i].fd,
		};

		if (holder.task && !(is_socket && holder.task->ino[NS_NET] == ref.ino))
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
			merge->report->gaps |= REPORT_GAP_RING_SOCKETS;
	}
	merge->ring_sockets.n = merge->rings.n = 0;
	u64map_done(&merge->ring_by_inode);
}
