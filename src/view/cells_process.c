// SPDX-License-Identifier: MIT
/*
 * Cell functions of columns about processes: the row's process, its control group, its container.
 */
#include "internal.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

/* Columns about the row's process: that of the holder, or the member with the lowest PID. */

void pid_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct process *process = row_process(row);

	if (process)
		cell_set_number(cell, (uint64_t)process->pid);
}

void ppid_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct process *process = row_process(row);

	if (process && process->has_stat)
		cell_set_number(cell, (uint64_t)process->ppid);
}

void command_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct process *process = row_user_process(row);
	const struct ns *ns = row->ns;

	cell_set_text(cell, process ? process->command : NULL);
	/* Without a member, show what holds the namespace. */
	if (process || !view->labels || row->kind != ROW_NS || !ns->first)
		return;
	if (ns->nholders > 1) /* first, where a long text can't hide it */
		strbuf_addf(&cell->label, "%zu holders: ", ns->nholders);
	holder_explain(ns->first, &cell->label);
}

/*
 * The user of the row's process, or the user of a row of the summary or of a rule. A namespace
 * without a process has the user who created its owner, as in lsns(8).
 */
void user_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const bool creator = cell->column->arg; /* always the user who created the owner */
	const struct process *process = creator ? NULL : row_user_process(row);
	const struct ns *userns = row->ns ? row->ns->owner : NULL;
	const uid_t *uid = NULL;

	if (row->type == NS_USER && !creator)
		userns = row->ns;
	if (process)
		uid = process->has_status ? &process->uid : NULL;
	else if (row->usage && !creator)
		uid = &row->usage->uid;
	else if ((creator || row->kind == ROW_NS) && userns && userns->has_owner_uid)
		uid = &userns->owner_uid;
	if (uid && cell->column->type == VALUE_NUMBER)
		cell_set_number(cell, *uid);
	else if (uid)
		cell_set_text(cell, view_user(view, *uid));
}

void nspid_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct process *process = row_process(row);

	if (process && process->nspid)
		cell_set_number(cell, (uint64_t)process->nspid);
}

void view_add_time(time_t seconds, bool utc, struct strbuf *out)
{
	struct tm tm = { 0 };
	char text[64];
	size_t len;

	if (!(utc ? gmtime_r : localtime_r)(&seconds, &tm))
		return;
	len = strftime(text, sizeof(text), utc ? "%FT%TZ" : "%FT%T%z", &tm);
	/* ISO 8601 and RFC 3339 have +01:00, for which strftime(3) writes +0100. */
	if (len && !utc)
		strbuf_addf(out, "%.*s:%s", (int)len - 2, text, text + len - 2);
	else
		strbuf_add(out, text, len);
}

static uint64_t earlier_start(uint64_t ticks, const struct process *process)
{
	bool earlier = process && process->has_stat && process->start_ticks < ticks;

	return earlier ? process->start_ticks : ticks;
}

/* The start of the holder, or of the oldest member of a namespace or group. */
void start_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct holder *first = row->kind == ROW_NS ? row->ns->first : NULL;
	uint64_t ticks = UINT64_MAX;
	time_t seconds;

	if (row->kind == ROW_HOLDER)
		ticks = earlier_start(ticks, row->holder->process);
	for (size_t i = 0; row->group && i < row->group->n; i++)
		ticks = earlier_start(ticks, row->group->members[i]);
	for (const struct holder *h = first; h; h = h->next)
		if (holder_is_member(h))
			ticks = earlier_start(ticks, h->process);
	if (!view->boot_time || ticks == UINT64_MAX)
		return;
	seconds = (time_t)(view->boot_time + ticks / (uint64_t)sysconf(_SC_CLK_TCK));
	view_add_time(seconds, true, &cell->bytes);
	cell->present = cell->bytes.len;
	if (cell->present)
		view_add_time(seconds, false, &cell->label);
}

/* Columns about the control group of the row's representative. */

static const struct identity *row_identity(const struct row *row)
{
	const struct process *process = row_representative(row);

	return process ? process->identity : NULL;
}

/* A holder has the name of its process or namespace, a mount elsewhere of a process there. */
void name_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct ns *ns = row->kind == ROW_HOLDER ? holder_ns(row->holder) : row->ns;
	const struct identity *identity = row_identity(row);

	if (row->group)
		group_name(row->group, view->model, &cell->bytes);
	else if (ns)
		ns_name(ns, view->model->our_mnt, &cell->bytes);
	else if (identity && identity->name)
		strbuf_adds(&cell->bytes, identity->name);
	cell->present = cell->bytes.len;
	if (row->group && row->group->above && view->labels)
		group_difference(row->group, &cell->label);
}

void identity_text_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct identity *identity = row_identity(row);

	if (identity)
		cell_set_text(
			cell, *(const char *const *)((const char *)identity + cell->column->arg));
}

void container_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct identity *identity = row_identity(row);
	const char *id = identity ? identity->container : NULL;

	cell_set_text(cell, id);
	if (id && !view->whole)
		strbuf_addf(&cell->label, "%.*s", identity_short(id), id);
}

void runtime_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct identity *identity = row_identity(row);

	cell_set_text(cell, identity ? runtime_names[identity->runtime] : NULL);
}

/* Groups of processes that share all their namespaces. */

/*
 * The label is the types that are missing if that is shorter, to leave room for COMMAND, and if it
 * is known of each type whether the group differs from the host.
 */
void type_list_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct group *group = row->group;
	unsigned types, others, unknown = 0;

	if (!group)
		return;
	memcpy(&types, (const char *)group + cell->column->arg, sizeof(types));
	others = (group->own | group->shared) & ~types;
	cell->present = true;
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		if (types & 1u << t)
			cell_add_item(cell, nstype_info[t].name);
		else if (group->ino[t] && !(others & 1u << t))
			unknown |= 1u << t;
	}
	if (!view->labels || unknown || __builtin_popcount(types) <= __builtin_popcount(others) + 3)
		return;
	strbuf_adds(&cell->label, others ? "all but " : "all");
	group_add_types(others, &cell->label);
}

/* For a holder, only of the mount namespace of its mount point. */
void inode_cell(struct view *view, const struct row *row, struct cell *cell)
{
	uint32_t ino = 0;

	if (row->group)
		ino = row->group->ino[cell->column->arg];
	else if (row->holder && row->holder->kind == HOLDER_MOUNT)
		ino = row->holder->mount->mntns;
	if (ino)
		cell_set_number(cell, ino);
}
