// SPDX-License-Identifier: MIT
/* Cells about the row's process: a holder's, or the namespace's member with the lowest PID. */
#include "fill.h"

#include "nsls/select/group.h"
#include "nsls/select/use.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

void fill_pid(struct view *view, const struct row *row, struct cell *cell)
{
	const struct task *task = row_task(row);

	(void)view;
	if (task)
		cell_set_number(cell, (uint64_t)task->pid);
}

void fill_ppid(struct view *view, const struct row *row, struct cell *cell)
{
	const struct task *task = row_task(row);

	(void)view;
	if (task && task->has_stat)
		cell_set_number(cell, (uint64_t)task->ppid);
}

/* What holds it first, and how many more holders there are: a number that is never cut. */
static void explain(const struct view *view, const struct ns *ns, struct cell *cell)
{
	struct strbuf *out = cell_open_label(cell);
	size_t len;

	holder_explain(ns->first, view->model->our_mnt, out);
	len = out->len;
	if (ns->nholders > 1)
		strbuf_addf(out, " (+%zu)", ns->nholders - 1);
	cell->end = out->len - len;
}

void fill_command(struct view *view, const struct row *row, struct cell *cell)
{
	const struct task *task = row_task(row);

	if (task && task->command)
		cell_set_text(cell, task->command);
	/* Nobody is in it: say at once why it is there. */
	if (!task && view->labels && row->kind == ROW_NS && row->ns->first)
		explain(view, row->ns, cell);
}

/*
 * Of the row's process, or whose use it is of. A namespace without a process is whose user
 * namespace it is in, as in lsns(8).
 */
static bool find_user(const struct row *row, uid_t *ret_uid)
{
	const struct task *task = row_task(row);
	const struct ns *owner;

	if (task) {
		*ret_uid = task->uid;
		return task->has_status;
	}
	if (row->kind == ROW_TYPE && row->use) {
		*ret_uid = row->use->uid;
		return true;
	}
	if (row->kind != ROW_NS)
		return false;
	owner = row->type == NS_USER ? row->ns : row->ns->owner;
	if (!owner || !owner->has_owner_uid)
		return false;
	*ret_uid = owner->owner_uid;
	return true;
}

void fill_uid(struct view *view, const struct row *row, struct cell *cell)
{
	uid_t uid;

	(void)view;
	if (find_user(row, &uid))
		cell_set_number(cell, uid);
}

void fill_user(struct view *view, const struct row *row, struct cell *cell)
{
	uid_t uid;

	if (find_user(row, &uid))
		view_user(view, uid, cell);
}

void fill_nspid(struct view *view, const struct row *row, struct cell *cell)
{
	const struct task *task = row_task(row);

	(void)view;
	if (task && task->nspid)
		cell_set_number(cell, (uint64_t)task->nspid);
}

static void take_start(const struct task *task, bool *found, uint64_t *ticks)
{
	if (!task->has_stat)
		return;
	if (!*found || task->start_ticks < *ticks)
		*ticks = task->start_ticks;
	*found = true;
}

/* The start of the holder or, for a namespace or a group, of its oldest member. */
static bool find_start(const struct row *row, uint64_t *ret_ticks)
{
	bool found = false;

	if (row->kind == ROW_HOLDER) {
		if (!row->holder->task || !row->holder->task->has_stat)
			return false;
		*ret_ticks = row->holder->task->start_ticks;
		return true;
	}
	for (size_t i = 0; row->kind == ROW_GROUP && i < row->group->n; i++)
		take_start(row->group->members[i], &found, ret_ticks);
	for (const struct holder *h = row->ns ? row->ns->first : NULL; h; h = h->next)
		if (holder_is_member(h))
			take_start(h->task, &found, ret_ticks);
	return found;
}

/* ISO 8601 and RFC 3339 want +01:00 where strftime(3) writes +0100. */
void view_local_time(time_t seconds, struct strbuf *out)
{
	struct tm local;
	char text[64];
	size_t len;

	if (!localtime_r(&seconds, &local))
		return;
	len = strftime(text, sizeof(text), "%FT%T%z", &local);
	if (len)
		strbuf_addf(out, "%.*s:%s", (int)len - 2, text, text + len - 2);
}

void view_utc_time(time_t seconds, struct strbuf *out)
{
	struct tm utc;
	char text[64];

	if (gmtime_r(&seconds, &utc) && strftime(text, sizeof(text), "%FT%TZ", &utc))
		strbuf_adds(out, text);
}

void fill_start(struct view *view, const struct row *row, struct cell *cell)
{
	uint64_t ticks = 0;
	time_t seconds;
	size_t len = cell->bytes.len;

	if (!view->boot_time || !find_start(row, &ticks))
		return;
	seconds = (time_t)(view->boot_time + ticks / (uint64_t)sysconf(_SC_CLK_TCK));
	view_utc_time(seconds, &cell->bytes);
	cell->present = cell->bytes.len > len;
	if (cell->present)
		view_local_time(seconds, cell_open_label(cell));
}
