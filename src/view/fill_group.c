// SPDX-License-Identifier: MIT
/* Cells about a group of processes that share all namespaces. */
#include "fill.h"

#include "nsls/select/group.h"

static void list_types(const struct row *row, unsigned types, struct cell *cell)
{
	if (row->kind != ROW_GROUP)
		return;
	cell_set_list(cell);
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (types & 1u << t)
			cell_add_item(cell, nstype_info(t)->name);
}

void fill_own(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	list_types(row, row->group ? row->group->own : 0, cell);
}

void fill_shared(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	list_types(row, row->group ? row->group->shared : 0, cell);
}

static void set_inode(const struct row *row, enum nstype type, struct cell *cell)
{
	if (row->kind == ROW_GROUP && row->group->ino[type])
		cell_set_number(cell, row->group->ino[type]);
}

void fill_cgroupns(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	set_inode(row, NS_CGROUP, cell);
}

void fill_ipcns(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	set_inode(row, NS_IPC, cell);
}

/* Of a holder, the one that its mount point is in. */
void fill_mntns(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	set_inode(row, NS_MNT, cell);
	if (row->holder && row->holder->kind == HOLDER_MOUNT && row->holder->mount->mntns)
		cell_set_number(cell, row->holder->mount->mntns);
}

void fill_netns(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	set_inode(row, NS_NET, cell);
}

void fill_pidns(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	set_inode(row, NS_PID, cell);
}

void fill_timens(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	set_inode(row, NS_TIME, cell);
}

void fill_userns(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	set_inode(row, NS_USER, cell);
}

void fill_utsns(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	set_inode(row, NS_UTS, cell);
}
