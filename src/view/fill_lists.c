// SPDX-License-Identifier: MIT
/* Cells that list or count all holders of a namespace of some kind. */
#include "fill.h"

#include "nsls/select/group.h"

void fill_pids(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->kind != ROW_GROUP && !row->ns)
		return;
	cell_set_list(cell);
	for (size_t i = 0; row->kind == ROW_GROUP && i < row->group->n; i++)
		cell_add_number(cell, (uint64_t)row->group->members[i]->pid);
	for (const struct holder *h = row->ns ? row->ns->first : NULL; h; h = h->next)
		if (holder_is_member(h))
			cell_add_number(cell, (uint64_t)h->task->pid);
}

void fill_tids(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (!row->ns)
		return;
	cell_set_list(cell);
	for (const struct holder *h = row->ns->first; h; h = h->next)
		if (h->kind == HOLDER_THREAD)
			cell_add_number(cell, (uint64_t)h->tid);
}

/* One item a holder of the kinds (bits 1 << enum holder_kind), as describe words it. */
static void list_holders(const struct view *view, const struct row *row, unsigned kinds,
	void (*describe)(const struct holder *, uint32_t, struct strbuf *), struct cell *cell)
{
	if (!row->ns)
		return;
	cell_set_list(cell);
	for (const struct holder *h = row->ns->first; h; h = h->next) {
		if (!(kinds & 1u << h->kind))
			continue;
		describe(h, view->model->our_mnt, cell_open_item(cell));
		cell_close_item(cell);
	}
}

static void describe_descriptor(const struct holder *holder, uint32_t our_mnt, struct strbuf *out)
{
	(void)our_mnt;
	strbuf_addf(out, "%d:%d", holder->task->pid, holder->fd);
}

static void describe_mount(const struct holder *holder, uint32_t our_mnt, struct strbuf *out)
{
	holder_mount_text(holder->mount, our_mnt, out);
}

void fill_fds(struct view *view, const struct row *row, struct cell *cell)
{
	list_holders(view, row, 1u << HOLDER_FD, describe_descriptor, cell);
}

void fill_sockets(struct view *view, const struct row *row, struct cell *cell)
{
	list_holders(view, row, 1u << HOLDER_SOCKET | 1u << HOLDER_TUN, describe_descriptor, cell);
}

void fill_mounts(struct view *view, const struct row *row, struct cell *cell)
{
	list_holders(view, row, 1u << HOLDER_MOUNT, describe_mount, cell);
}

void fill_holders(struct view *view, const struct row *row, struct cell *cell)
{
	list_holders(view, row, ~0u, holder_describe, cell);
}

void fill_nholders(struct view *view, const struct row *row, struct cell *cell)
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

void fill_nthreads(struct view *view, const struct row *row, struct cell *cell)
{
	size_t count;

	if (row->kind == ROW_HOLDER) {
		if (row->holder->task && row->holder->task->has_stat)
			cell_set_number(cell, row->holder->task->num_threads);
	} else if (row->ns && count_threads(row->ns, &count)) {
		view_seen(view, count, cell);
	}
}
