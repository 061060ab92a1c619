// SPDX-License-Identifier: MIT
/* Cells about a namespace itself. */
#include "fill.h"

#include <stdio.h>

void fill_ns(struct view *view, const struct row *row, struct cell *cell)
{
	char label[64];

	(void)view;
	if (row->ns) {
		cell_set_number(cell, row->ns->ref.ino);
		return;
	}
	snprintf(label, sizeof(label), "%s (%zu)", nstype_info(row->type)->name, row->count);
	cell_set_label(cell, label);
}

void fill_type(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	cell_set_text(cell, nstype_info(row->type)->name);
}

void fill_nprocs(struct view *view, const struct row *row, struct cell *cell)
{
	view_seen(view, row->ns ? row->ns->nprocs : row->nprocs, cell);
}

void fill_netnsid(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (!row->ns || row->ns->ref.type != NS_NET)
		return;
	if (row->ns->has_netnsid)
		cell_set_number(cell, (uint64_t)row->ns->netnsid);
	else
		cell_set_label(cell, "unassigned");
}

void fill_nsfs(struct view *view, const struct row *row, struct cell *cell)
{
	if (!row->ns)
		return;
	cell_set_list(cell);
	for (const struct holder *h = row->ns->first; h; h = h->next)
		if (h->kind == HOLDER_MOUNT && view->model->our_mnt &&
			h->mount->mntns == view->model->our_mnt)
			cell_add_item(cell, h->mount->path);
}

void fill_pns(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->ns && row->ns->parent)
		cell_set_number(cell, row->ns->parent->ref.ino);
}

void fill_ons(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->ns && row->ns->owner)
		cell_set_number(cell, row->ns->owner->ref.ino);
}

void fill_onsuid(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->ns && row->ns->owner && row->ns->owner->has_owner_uid)
		cell_set_number(cell, row->ns->owner->owner_uid);
}

void fill_onsuser(struct view *view, const struct row *row, struct cell *cell)
{
	if (row->ns && row->ns->owner && row->ns->owner->has_owner_uid)
		view_user(view, row->ns->owner->owner_uid, cell);
}

void fill_initial(struct view *view, const struct row *row, struct cell *cell)
{
	if (row->ns && model_knows_initial(view->model, row->type))
		cell_set_bool(cell, row->ns->ref.ino == nstype_info(row->type)->initial_ino);
}

void fill_id(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->ns && row->ns->id)
		cell_set_number(cell, row->ns->id);
}
