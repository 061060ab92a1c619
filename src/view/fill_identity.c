// SPDX-License-Identifier: MIT
/* Cells about whose a namespace or a holder is, as far as control groups and mount points tell. */
#include "fill.h"

#include "nsls/model/identity.h"
#include "nsls/model/name.h"
#include "nsls/select/group.h"

static const struct identity *identity_of(const struct row *row)
{
	const struct task *task = row_whose(row);

	return task ? task->identity : NULL;
}

/* A holder is called what its process is or, where it is a namespace, as that is. */
void fill_name(struct view *view, const struct row *row, struct cell *cell)
{
	const struct ns *ns = row->kind == ROW_HOLDER ? holder_ns(row->holder) : row->ns;
	const struct identity *identity = identity_of(row);
	struct strbuf name;

	strbuf_init(&name);
	if (row->kind == ROW_GROUP)
		group_name(row->group, view->model, &name);
	else if (ns)
		ns_name(ns, view->model->our_mnt, &name);
	else if (identity && identity->name)
		strbuf_adds(&name, identity->name);
	if (name.len)
		cell_set_text(cell, name.text);
	strbuf_done(&name);
	if (row->kind == ROW_GROUP && row->group->above && view->labels)
		group_difference(row->group, cell_open_label(cell));
}

static void set_text(struct cell *cell, const char *text)
{
	if (text)
		cell_set_text(cell, text);
}

void fill_cgroup(struct view *view, const struct row *row, struct cell *cell)
{
	const struct identity *identity = identity_of(row);

	(void)view;
	set_text(cell, identity ? identity->cgroup : NULL);
}

void fill_unit(struct view *view, const struct row *row, struct cell *cell)
{
	const struct identity *identity = identity_of(row);

	(void)view;
	set_text(cell, identity ? identity->unit : NULL);
}

void fill_container(struct view *view, const struct row *row, struct cell *cell)
{
	const struct identity *identity = identity_of(row);
	const char *id = identity ? identity->container : NULL;

	set_text(cell, id);
	if (id && !view->whole)
		strbuf_addf(cell_open_label(cell), "%.*s", identity_short(id), id);
}

void fill_runtime(struct view *view, const struct row *row, struct cell *cell)
{
	const struct identity *identity = identity_of(row);

	(void)view;
	set_text(cell, identity ? runtime_name(identity->runtime) : NULL);
}

void fill_pod(struct view *view, const struct row *row, struct cell *cell)
{
	const struct identity *identity = identity_of(row);

	(void)view;
	set_text(cell, identity ? identity->pod : NULL);
}
