// SPDX-License-Identifier: MIT
/* Reads each file of a shown process at most once. */
#include "nsls/enrich/enrich.h"

#include "nsls/base/cleanup.h"
#include "nsls/base/error.h"
#include "nsls/kernel/proctext.h"

#include <errno.h>

/* What is read, and for rows of which types. */
struct reading {
	const struct procfs *procfs;
	struct model *model;
	unsigned needs, types;
};

/*
 * Opens the process that was scanned. Its PID may have been given to another since: either that is
 * in another namespace of a shown type, or what is read is true of the rows all the same.
 */
static int open_same(const struct reading *reading, const struct task *task)
{
	int fd = procfs_open_task(reading->procfs, task->pid);

	for (enum nstype t = 0; fd >= 0 && t < NS_TYPE_COUNT; t++) {
		uint32_t ino;
		int r;

		if (!task->ino[t] || !(reading->types & 1u << t))
			continue;
		r = procfs_read_ns(fd, nstype_info(t)->link, t, &ino);
		if (r < 0 || ino != task->ino[t]) {
			close(fd);
			return r < 0 ? r : -ESRCH;
		}
	}
	return fd;
}

static int read_command(struct model *model, int fd, struct task *task)
{
	struct strbuf command;
	int r;

	strbuf_init(&command);
	r = proctext_read_command(fd, &command);
	if (r == 0 && command.len) {
		task->command = arena_strdup(&model->arena, strbuf_text(&command));
		r = task->command ? 0 : -ENOMEM;
	}
	strbuf_done(&command);
	return r;
}

static int read_stat(int fd, struct task *task)
{
	struct proc_stat stat;
	int r = proctext_read_stat(fd, &stat);

	if (r < 0)
		return r;
	task->has_stat = true;
	task->ppid = stat.ppid;
	task->num_threads = stat.num_threads;
	task->start_ticks = stat.start_ticks;
	return 0;
}

static int read_status(int fd, struct task *task)
{
	struct proc_status status;
	int r = proctext_read_status(fd, &status);

	if (r < 0)
		return r;
	task->has_status = true;
	task->uid = status.uid;
	task->nspid = status.nspid;
	return 0;
}

static int enrich_task(const struct reading *reading, unsigned needs, struct task *task)
{
	unsigned have = (task->stat_read ? NEED_STAT : 0) | (task->status_read ? NEED_STATUS : 0) |
			(task->command_read ? NEED_COMMAND : 0);
	CLEANUP_FD int fd = -1;
	int r = 0;

	needs &= (NEED_STAT | NEED_STATUS | NEED_COMMAND) & ~have;
	if (!needs)
		return 0;
	task->stat_read |= (needs & NEED_STAT) != 0;
	task->status_read |= (needs & NEED_STATUS) != 0;
	task->command_read |= (needs & NEED_COMMAND) != 0;
	fd = open_same(reading, task);
	if (fd < 0)
		return error_is_fatal(fd) ? fd : 0;
	if (needs & NEED_STAT)
		r = read_stat(fd, task);
	if (needs & NEED_STATUS && !error_is_fatal(r))
		r = read_status(fd, task);
	if (needs & NEED_COMMAND && !error_is_fatal(r))
		r = read_command(reading->model, fd, task);
	return error_is_fatal(r) ? r : 0;
}

static int enrich_members(const struct reading *reading, const struct ns *ns)
{
	int r = 0;

	for (const struct holder *h = ns->first; r == 0 && h; h = h->next)
		if (holder_is_member(h))
			r = enrich_task(
				reading, NEED_STAT, model_find_task(reading->model, h->task->pid));
	return r;
}

/* Stops at a process that was read before: its ancestors were, too. */
static int enrich_ancestors(const struct reading *reading, struct task *task)
{
	int r = 0;

	while (r == 0 && task) {
		bool known = task->stat_read;

		r = enrich_task(reading, NEED_STAT, task);
		if (known)
			break;
		task = task->has_stat ? model_find_task(reading->model, task->ppid) : NULL;
	}
	return r;
}

static int read_limit(const struct reading *reading, struct row *row)
{
	int r = proctext_read_limit(reading->procfs, row->type, &row->limit);

	if (r < 0)
		row->limit = 0;
	return error_is_fatal(r) ? r : 0;
}

static int enrich_row(const struct reading *reading, struct row *row)
{
	const struct task *shown = row_task(row);
	struct task *task = shown ? model_find_task(reading->model, shown->pid) : NULL;
	unsigned needs = reading->needs;
	int r = 0;

	if (row->kind == ROW_TYPE && needs & NEED_LIMITS)
		r = read_limit(reading, row);
	/* Ancestors first: they stop where the stat of a task has been read. */
	if (r == 0 && task && needs & NEED_ANCESTRY)
		r = enrich_ancestors(reading, task);
	if (r == 0 && task)
		r = enrich_task(reading, needs, task);
	if (r == 0 && row->kind == ROW_NS && needs & NEED_MEMBERS_STAT)
		r = enrich_members(reading, row->ns);
	return r;
}

int enrich_rows(const struct procfs *procfs, struct model *model, unsigned needs, struct rows *rows)
{
	struct reading reading = { .procfs = procfs, .model = model, .needs = needs };
	int r = 0;

	for (size_t i = 0; i < rows->n; i++)
		reading.types |= 1u << rows->at[i].type;
	for (size_t i = 0; r == 0 && i < rows->n; i++)
		r = enrich_row(&reading, &rows->at[i]);
	return r;
}
