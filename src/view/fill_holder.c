// SPDX-License-Identifier: MIT
/* Cells about one holder, and the path by which a namespace is reached. */
#include "column_fill.h"

FILL(path)
{
	const struct holder *holder = row->holder;
	struct strbuf path;

	strbuf_init(&path);
	strbuf_addf(&path, "%s/", view->procfs_path);
	/* A namespace's own path is that of its first holder that has one. */
	if (row->kind == ROW_NS)
		for (holder = row->ns->first; holder; holder = holder->next)
			if (holder_path(holder, row->type, &path))
				break;
	if (row->kind == ROW_NS ? holder != NULL : holder && holder_path(holder, row->type, &path))
		cell_set_text(cell, strbuf_text(&path));
	strbuf_done(&path);
}

FILL(kind)
{
	(void)view;
	if (row->holder)
		cell_set_text(cell, holder_kind_name(row->holder->kind));
}

FILL(holder)
{
	struct strbuf text;

	if (!row->holder)
		return;
	strbuf_init(&text);
	holder_summarise(row->holder, view->model->our_mnt, &text);
	cell_set_text(cell, strbuf_text(&text));
	strbuf_done(&text);
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
