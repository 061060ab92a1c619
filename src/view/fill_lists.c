// SPDX-License-Identifier: MIT
/* Cells that list or count all holders of a namespace of some kind. */
#include "column_fill.h"

FILL(pids)
{
	(void)view;
	if (!row->ns)
		return;
	cell_set_list(cell);
	for (const struct holder *h = row->ns->first; h; h = h->next)
		if (holder_is_member(h))
			cell_add_number(cell, (uint64_t)h->task->pid);
}

FILL(tids)
{
	(void)view;
	if (!row->ns)
		return;
	cell_set_list(cell);
	for (const struct holder *h = row->ns->first; h; h = h->next)
		if (h->kind == HOLDER_THREAD)
			cell_add_number(cell, (uint64_t)h->tid);
}

static void list_descriptors(const struct row *row, enum holder_kind kind, struct cell *cell)
{
	struct strbuf item;

	if (!row->ns)
		return;
	strbuf_init(&item);
	cell_set_list(cell);
	for (const struct holder *h = row->ns->first; h; h = h->next) {
		if (h->kind != kind)
			continue;
		strbuf_reset(&item);
		strbuf_addf(&item, "%d:%d", h->task->pid, h->fd);
		cell_add_item(cell, strbuf_text(&item));
	}
	strbuf_done(&item);
}

FILL(fds)
{
	(void)view;
	list_descriptors(row, HOLDER_FD, cell);
}

FILL(sockets)
{
	(void)view;
	list_descriptors(row, HOLDER_SOCKET, cell);
}

FILL(mounts)
{
	struct strbuf item;

	if (!row->ns)
		return;
	strbuf_init(&item);
	cell_set_list(cell);
	for (const struct holder *h = row->ns->first; h; h = h->next) {
		if (h->kind != HOLDER_MOUNT)
			continue;
		strbuf_reset(&item);
		holder_mount_text(h->mount, view->model->our_mnt, &item);
		cell_add_item(cell, strbuf_text(&item));
	}
	strbuf_done(&item);
}

FILL(holders)
{
	struct strbuf item;

	if (!row->ns)
		return;
	strbuf_init(&item);
	cell_set_list(cell);
	for (const struct holder *h = row->ns->first; h; h = h->next) {
		strbuf_reset(&item);
		holder_describe(h, view->model->our_mnt, &item);
		cell_add_item(cell, strbuf_text(&item));
	}
	strbuf_done(&item);
}

FILL(nholders)
{
	(void)view;
	if (row->ns)
		cell_set_number(cell, row->ns->nholders);
}

/* Threads of the members, less those that have left, and those that came from elsewhere. */
static bool count_threads(const struct ns *ns, size_t *ret_count)
{
	size_t count = 0;

	for (const struct holder *h = ns->first; h; h = h->next) {
		if (h->kind == HOLDER_THREAD)
			count++;
		else if (h->kind == HOLDER_PROCESS && !h->task->has_stat)
			return false;
		else if (h->kind == HOLDER_PROCESS)
			count += h->task->num_threads;
	}
	*ret_count = count > ns->threads_away ? count - ns->threads_away : 0;
	return true;
}

FILL(nthreads)
{
	size_t count;

	(void)view;
	if (row->kind == ROW_HOLDER) {
		if (row->holder->task && row->holder->task->has_stat)
			cell_set_number(cell, row->holder->task->num_threads);
	} else if (row->ns && count_threads(row->ns, &count)) {
		cell_set_number(cell, count);
	}
}
