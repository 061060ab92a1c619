// SPDX-License-Identifier: MIT
/* The work list of shown processes: what is needed of each, and where it goes. */
#include "nsls/enrich/enrich.h"

#include "read_task.h"

#include "nsls/base/array.h"
#include "nsls/base/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What can be read of a process, of enum need. */
#define OF_TASKS ((unsigned)(NEED_STAT | NEED_STATUS | NEED_COMMAND | NEED_IDENTITY | NEED_COMM))

struct list {
	struct procfs procfs;
	struct task_item *at;
	size_t n, size;
};

struct enrichment {
	struct model *model;
	struct list *list;
	unsigned types; /* of the rows */
};

static int add_task(struct enrichment *e, const struct task *shown, unsigned needs)
{
	struct task *task = shown ? model_find_task(e->model, shown->pid) : NULL;
	struct list *list = e->list;
	struct task_item *at;

	needs &= OF_TASKS;
	if (!task || !(needs & ~task->asked))
		return 0;
	at = array_reserve(list->at, list->n, &list->size, sizeof(*at));
	if (!at)
		return -ENOMEM;
	list->at = at;
	at += list->n++;
	*at = (struct task_item){ .pid = task->pid, .needs = needs & ~task->asked };
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		at->ino[t] = e->types & 1u << t ? task->ino[t] : 0;
	task->asked |= needs;
	return 0;
}

static int add_members(struct enrichment *e, const struct ns *ns)
{
	int r = 0;

	for (const struct holder *h = ns->first; r == 0 && h; h = h->next)
		if (holder_is_member(h))
			r = add_task(e, h->task, NEED_STAT);
	return r;
}

static int add_row(struct enrichment *e, unsigned needs, const struct row *row)
{
	int r = add_task(e, row_task(row), needs & ~(unsigned)NEED_COMM);

	if (r == 0 && row->kind == ROW_NS && !row->ns->leader)
		r = add_task(e, row->ns->first->task, needs & NEED_COMM);
	if (r == 0 && needs & NEED_IDENTITY)
		r = add_task(e, row_whose(row), NEED_IDENTITY);
	if (r == 0 && row->kind == ROW_NS && needs & NEED_MEMBERS_STAT)
		r = add_members(e, row->ns);
	return r;
}

/* Who is whose ancestor is known once the parent of every process is. */
static int add_all(struct enrichment *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < e->model->ntasks; i++)
		r = add_task(e, e->model->tasks[i], NEED_STAT);
	return r;
}

static int make_list(struct enrichment *e, unsigned needs, const struct rows *rows)
{
	int r = 0;

	for (size_t i = 0; i < rows->n; i++)
		e->types |= 1u << rows->at[i].type;
	for (size_t i = 0; r == 0 && i < rows->n; i++)
		r = add_row(e, needs, &rows->at[i]);
	return r == 0 && needs & NEED_ANCESTRY ? add_all(e) : r;
}

static int look(struct worker *worker, size_t i, void **ret_found)
{
	const struct list *list = worker_shared(worker);
	struct arena *arena = worker_arena(worker);
	struct task_facts *facts = arena_alloc(arena, sizeof(*facts));

	if (!facts)
		return -ENOMEM;
	*ret_found = facts;
	return read_task(&list->procfs, &list->at[i], arena, facts);
}

static int merge_identity(struct model *model, struct task *task, const struct identity *identity)
{
	struct identity *copy = arena_alloc(&model->arena, sizeof(*copy));

	if (!copy || identity_copy(&model->arena, identity, copy) < 0)
		return -ENOMEM;
	task->identity = copy;
	return 0;
}

static int merge(struct model *model, pid_t pid, const struct task_facts *facts)
{
	struct task *task = model_find_task(model, pid);

	if (facts->has_stat) {
		task->has_stat = true;
		task->ppid = facts->stat.ppid;
		task->num_threads = facts->stat.num_threads;
		task->start_ticks = facts->stat.start_ticks;
	}
	if (facts->has_status) {
		task->has_status = true;
		task->uid = facts->status.uid;
		task->nspid = facts->status.nspid;
	}
	if (facts->command) {
		task->command = arena_strdup(&model->arena, facts->command);
		if (!task->command)
			return -ENOMEM;
	}
	if (facts->comm) {
		task->comm = arena_strdup(&model->arena, facts->comm);
		if (!task->comm)
			return -ENOMEM;
	}
	return facts->has_identity ? merge_identity(model, task, &facts->identity) : 0;
}

static int merge_all(struct model *model, const struct list *list, const struct crew *crew,
	struct report *report)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->n; i++)
		if (crew_is_late(crew, i)) {
			model_find_task(model, list->at[i].pid)->asked = OF_TASKS;
			report->late++;
		} else {
			r = merge(model, list->at[i].pid, crew_found(crew, i));
		}
	return r;
}

static void list_free(void *data)
{
	struct list *list = data;

	free(list->at);
	free(list);
}

static int read_tasks(struct workers *workers, struct model *model, unsigned needs,
	const struct rows *rows, struct list *list, struct report *report)
{
	struct enrichment e = { .model = model, .list = list };
	struct work work = { .grain = 32, .look = look, .shared = list, .shared_done = list_free };
	struct crew *crew = NULL;
	int r = make_list(&e, needs, rows);

	if (r < 0 || !list->n) {
		list_free(list);
		return r;
	}
	work.n = list->n;
	r = workers_run(workers, &work, &crew);
	if (r == 0)
		r = merge_all(model, list, crew, report);
	crew_free(crew);
	return r;
}

static int read_limits(const struct procfs *procfs, struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->at[i];
		int r = row->kind == ROW_TYPE ? proctext_read_limit(procfs, row->type, &row->limit)
					      : 0;

		if (error_is_fatal(r))
			return r;
		if (r < 0)
			row->limit = 0;
	}
	return 0;
}

int enrich_rows(const struct procfs *procfs, struct workers *workers, struct model *model,
	unsigned needs, struct rows *rows, struct report *report)
{
	struct list *list = calloc(1, sizeof(*list));
	int r;

	if (!list)
		return -ENOMEM;
	list->procfs = *procfs;
	r = read_tasks(workers, model, needs, rows, list, report);
	return r == 0 && needs & NEED_LIMITS ? read_limits(procfs, rows) : r;
}
