// SPDX-License-Identifier: MIT
/* The work list of shown processes: what is needed of each, and where it goes. */
#include "nsls/enrich/enrich.h"

#include "read_task.h"

#include "nsls/base/array.h"
#include "nsls/base/error.h"
#include "nsls/base/memory.h"
#include "nsls/select/group.h"

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
	unsigned types;               /* of the rows */
	uint32_t host[NS_TYPE_COUNT]; /* namespaces that nobody is known by, or 0 */
};

static void add_task(struct enrichment *e, const struct task *shown, unsigned needs)
{
	struct task *task = shown ? model_find_task(e->model, shown->pid) : NULL;
	struct list *list = e->list;
	struct task_item *at;

	needs &= OF_TASKS;
	if (!task || !(needs & ~task->asked))
		return;
	at = array_push(list->at, list->n, list->size);
	*at = (struct task_item){
		.pid = task->pid,
		.tid = task->tid,
		.needs = needs & ~task->asked,
		.scan_ticks = e->model->scan_ticks,
	};
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (e->types & 1u << t && task->ino[t] != e->host[t])
			at->ino[t] = task->ino[t];
	task->asked |= needs;
}

static void add_members(struct enrichment *e, const struct ns *ns)
{
	for (const struct holder *h = ns->first; h; h = h->next)
		if (holder_is_member(h))
			add_task(e, h->task, NEED_STAT);
}

/* Any member may tell whose the group is. */
static void add_group(struct enrichment *e, unsigned needs, const struct group *group)
{
	unsigned of_members = needs & NEED_IDENTITY;

	of_members |= needs & NEED_MEMBERS_STAT ? NEED_STAT : 0;
	for (size_t i = 0; of_members && i < group->n; i++)
		add_task(e, group->members[i], i ? of_members : of_members | needs);
}

static void add_row(struct enrichment *e, unsigned needs, const struct row *row)
{
	unsigned of_task = needs & ~(unsigned)NEED_COMM;

	if (row->kind == ROW_GROUP)
		add_group(e, of_task, row->group);
	of_task |= needs & NEED_MEMBER_COMM ? NEED_COMM : 0;
	add_task(e, row_task(row), of_task);
	if (row->kind == ROW_NS && !row->ns->leader)
		add_task(e, row->ns->first->task, needs & NEED_COMM);
	if (needs & NEED_IDENTITY)
		add_task(e, row_whose(row), NEED_IDENTITY);
	if (row->kind == ROW_NS && needs & NEED_MEMBERS_STAT)
		add_members(e, row->ns);
}

/* Who is whose ancestor is known once the parent of every process is. */
static void add_all(struct enrichment *e, unsigned needs)
{
	for (size_t i = 0; i < e->model->ntasks; i++)
		add_task(e, e->model->tasks[i], needs);
}

/* By which namespaces processes are known again: those that they do not share with the host. */
static void know_by_own(struct enrichment *e)
{
	e->types = NS_TYPES_ALL;
	model_host(e->model, e->host);
}

static void make_list(struct enrichment *e, unsigned needs, const struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		e->types |= 1u << rows->at[i].type;
	if (rows->n && rows->at[0].kind == ROW_GROUP)
		know_by_own(e);
	for (size_t i = 0; i < rows->n; i++)
		add_row(e, needs, &rows->at[i]);
	if (needs & NEED_ANCESTRY)
		add_all(e, NEED_STAT);
}

static int look(struct worker *worker, size_t i, void **ret_found)
{
	const struct list *list = worker_shared(worker);
	struct arena *arena = worker_arena(worker);
	struct task_facts *facts = arena_alloc(arena, sizeof(*facts));

	*ret_found = facts;
	return read_task(&list->procfs, &list->at[i], arena, facts);
}

static uint64_t key(const void *shared, size_t i)
{
	return (uint64_t)((const struct list *)shared)->at[i].pid;
}

static void merge(struct model *model, pid_t pid, const struct task_facts *facts)
{
	struct task *task = model_find_task(model, pid);

	if (facts->has_stat) {
		task->has_stat = true;
		task->kthread = facts->stat.kthread;
		task->ppid = facts->stat.ppid;
		task->num_threads = facts->stat.num_threads;
		task->start_ticks = facts->stat.start_ticks;
	}
	if (facts->has_status) {
		task->has_status = true;
		task->admin = facts->status.admin;
		task->uid = facts->status.uid;
		task->nspid = facts->status.nspid;
	}
	if (facts->command)
		task->command = arena_strdup(&model->arena, facts->command);
	if (facts->comm)
		task->comm = arena_strdup(&model->arena, facts->comm);
	if (facts->has_identity)
		task->identity = identity_copy(&model->arena, &facts->identity);
}

static void merge_all(struct model *model, const struct list *list, const struct crew *crew,
	struct report *report)
{
	for (size_t i = 0; i < list->n; i++)
		if (crew_timed_out(crew, i)) {
			model_find_task(model, list->at[i].pid)->asked = OF_TASKS;
			report->timed_out++;
		} else {
			const struct task_facts *facts = crew_found(crew, i);

			if (facts->unsure && list->at[i].needs & NEED_IDENTITY)
				report->gaps |= REPORT_GAP_MOVED;
			merge(model, list->at[i].pid, facts);
		}
}

static void list_free(void *data)
{
	struct list *list = data;

	free(list->at);
	free(list);
}

/* Takes over the list. */
static int read_list(
	struct workers *workers, struct model *model, struct list *list, struct report *report)
{
	struct work work = {
		.n = list->n,
		.grain = 32,
		.look = look,
		.key = key,
		.shared = list,
		.shared_done = list_free,
	};
	struct crew *crew = NULL;
	int r;

	if (!list->n) {
		list_free(list);
		return 0;
	}
	r = workers_run(workers, &work, &crew);
	if (r == 0)
		merge_all(model, list, crew, report);
	crew_free(crew);
	return r;
}

static struct list *list_new(const struct procfs *procfs)
{
	struct list *list = memory_alloc(1, sizeof(*list));

	list->procfs = *procfs;
	return list;
}

static int read_limits(const struct procfs *procfs, struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->at[i];
		int r = row->kind == ROW_TYPE ? proctext_read_limit(procfs, row->type, &row->limit)
					      : 0;

		if (error_is_fatal(r))
			return r;
		row->has_limit = row->kind == ROW_TYPE && r == 0;
	}
	return 0;
}

int enrich_rows(const struct procfs *procfs, struct workers *workers, struct model *model,
	unsigned needs, struct rows *rows, struct report *report)
{
	struct enrichment e = { .model = model, .list = list_new(procfs) };
	int r;

	make_list(&e, needs, rows);
	r = read_list(workers, model, e.list, report);
	return r == 0 && needs & NEED_LIMITS ? read_limits(procfs, rows) : r;
}

int enrich_tasks(const struct procfs *procfs, struct workers *workers, struct model *model,
	unsigned needs, struct report *report)
{
	struct enrichment e = { .model = model, .list = list_new(procfs) };

	know_by_own(&e);
	add_all(&e, needs);
	return read_list(workers, model, e.list, report);
}
