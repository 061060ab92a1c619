// SPDX-License-Identifier: MIT
/* Cells about one holder, and the path by which a namespace is reached. */
#include "column_fill.h"

FILL(path)
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

FILL(kind)
{
	(void)view;
	if (row->holder)
		cell_set_text(cell, holder_kind_name(row->holder->kind));
}

FILL(holder)
{
	if (row->holder)
		holder_summarise(row->holder, view->model->our_mnt, cell_open_text(cell));
}

FILL(tid)
{
	const struct holder *holder = row->holder;

	(void)view;
	if (holder && holder->task && holder->tid != holder->task->pid)
		cell_set_number(cell, (uint64_t)holder->tid);
}

FILL(fd)
{
	const struct holder *holder = row->holder;

	(void)view;
	if (holder && holder_has_fd(holder))
		cell_set_number(cell, (uint64_t)holder->fd);
}

FILL(mount)
{
	(void)view;
	if (row->holder && row->holder->kind == HOLDER_MOUNT)
		cell_set_text(cell, row->holder->mount->path);
}

FILL(mntns)
{
	(void)view;
	if (row->holder && row->holder->kind == HOLDER_MOUNT && row->holder->mount->mntns)
		cell_set_number(cell, row->holder->mount->mntns);
}

FILL(hns)
{
	const struct holder *holder = row->holder;

	(void)view;
	if (holder && (holder->kind == HOLDER_OWNED || holder->kind == HOLDER_CHILD))
		cell_set_number(cell, holder->ns->ref.ino);
}
