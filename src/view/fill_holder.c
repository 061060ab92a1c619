// SPDX-License-Identifier: MIT
/* Cells about one holder, and the path by which a namespace is reached. */
#include "fill.h"

void fill_path(struct view *view, const struct row *row, struct cell *cell)
{
	/* A namespace's own path is that of its first holder that has one. */
	const struct holder *holder = row->kind == ROW_NS ? row->ns->first : row->holder;

	while (holder && !holder_has_path(holder))
		holder = row->kind == ROW_NS ? holder->next : NULL;
	if (!holder)
		return;
	strbuf_addf(cell_open_text(cell), "%s/", view->procfs_path);
	holder_path(holder, row->type, cell_open_text(cell));
}

void fill_kind(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->holder)
		cell_set_text(cell, holder_kind_name(row->holder->kind));
}

void fill_holder(struct view *view, const struct row *row, struct cell *cell)
{
	if (row->holder)
		holder_summarise(row->holder, view->model->our_mnt, cell_open_text(cell));
}

void fill_tid(struct view *view, const struct row *row, struct cell *cell)
{
	const struct holder *holder = row->holder;

	(void)view;
	if (holder && holder->task && holder->tid != holder->task->pid)
		cell_set_number(cell, (uint64_t)holder->tid);
}

void fill_fd(struct view *view, const struct row *row, struct cell *cell)
{
	const struct holder *holder = row->holder;

	(void)view;
	if (holder && holder_has_fd(holder))
		cell_set_number(cell, (uint64_t)holder->fd);
}

void fill_mount(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->holder && row->holder->kind == HOLDER_MOUNT)
		cell_set_text(cell, row->holder->mount->path);
}

void fill_hns(struct view *view, const struct row *row, struct cell *cell)
{
	const struct ns *ns = row->holder ? holder_ns(row->holder) : NULL;

	(void)view;
	if (ns)
		cell_set_number(cell, ns->ref.ino);
}

void fill_release(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->holder)
		cell_set_text(cell, holder_kind_release(row->holder->kind));
}
