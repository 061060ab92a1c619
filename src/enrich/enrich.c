// SPDX-License-Identifier: MIT
/*
 * Reads what shown rows need of their processes: command lines, users, start times, control groups.
 */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/enrich.h"
#include "nsls/procfs.h"
#include "nsls/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Each file of a process is read at most once. */

#define CGROUPS_MOST ((size_t)128 * 1024)

/* -ESTALE where it is in another namespace than when it was scanned. */
static int compare_links(int dirfd, const struct process_item *item)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		uint32_t ino;
		int r;

		if (!item->ino[t])
			continue;
		r = procfs_read_ns(dirfd, nstype_info(t)->link, t, &ino);
		if (r < 0 || ino != item->ino[t])
			return r < 0 ? r : -ESTALE;
	}
	return 0;
}

static bool ran_before(int fd, const struct process_item *item)
{
	struct proc_stat stat;

	return proctext_read_stat(fd, &stat) == 0 && stat.start_ticks < item->scan_ticks;
}

static int read_text(int fd, int (*read)(int process_fd, struct strbuf *out), struct arena *arena,
	const char **ret_text)
{
	struct strbuf text;
	int r;

	strbuf_init(&text);
	r = read(fd, &text);
	if (r == 0 && text.len)
		*ret_text = arena_strdup(arena, text.text);
	strbuf_done(&text);
	return r;
}

/* The user is that of a thread that runs; only the first thread's ID is that of the process. */
static int read_status(int fd, int dirfd, struct process_facts *facts)
{
	struct proc_status thread;
	int r = proctext_read_status(fd, &facts->status);

	facts->has_status = r == 0;
	if (r == 0 && dirfd != fd && proctext_read_status(dirfd, &thread) == 0)
		facts->status.uid = thread.uid;
	return r;
}

/* A control group may be nested as deep as its path is long: what is beyond the bound is cut. */
static int read_identity(int fd, struct arena *arena, struct process_facts *facts)
{
	struct strbuf text;
	int r;

	strbuf_init(&text);
	r = procfile_read_start(fd, "cgroup", CGROUPS_MOST, &text);
	if (r >= 0) {
		identity_parse(strbuf_text(&text), text.len, arena, &facts->identity);
		facts->has_identity = true;
	}
	strbuf_done(&text);
	return r;
}

/* Some things are those of the thread by which the process is read: an ended one lacks them. */
static int read_files(int fd, int thread_fd, const struct process_item *item, struct arena *arena,
	struct process_facts *facts)
{
	int dirfd = thread_fd < 0 ? fd : thread_fd, r = 0;

	if (item->needs & NEED_STAT) {
		r = proctext_read_stat(fd, &facts->stat);
		facts->has_stat = r == 0;
	}
	if (item->needs & NEED_STATUS && !error_is_fatal(r))
		r = read_status(fd, dirfd, facts);
	if (item->needs & NEED_COMMAND && !error_is_fatal(r))
		r = read_text(dirfd, proctext_read_command, arena, &facts->command);
	if (item->needs & NEED_COMM && !error_is_fatal(r))
		r = read_text(fd, proctext_read_comm, arena, &facts->comm);
	if (item->needs & NEED_IDENTITY && !error_is_fatal(r))
		r = read_identity(dirfd, arena, facts);
	return error_is_fatal(r) ? r : 0;
}

/*
 * Its PID may have been given to another process since. What is in the same namespaces of the types
 * that are shown will do, because what is read is true of the rows; and so will a process that ran
 * already when the scan began, wherever it has gone since.
 */
int read_process(const struct procfs *procfs, const struct process_item *item, struct arena *arena,
	struct process_facts *facts)
{
	CLEANUP_FD int fd = procfs_open_process(procfs, item->pid);
	CLEANUP_FD int thread_fd = -1;
	int r = fd < 0 ? fd : compare_links(fd, item);
	pid_t tid;

	if (fd >= 0 && (item->tid != item->pid || r == -ENOENT))
		thread_fd = procfs_open_remaining_thread(procfs, fd, item->pid, &tid);
	if (thread_fd >= 0)
		r = compare_links(thread_fd, item);
	if (fd < 0 || error_is_fatal(thread_fd) || error_is_fatal(r))
		return error_is_fatal(thread_fd) ? thread_fd : error_is_fatal(r) ? r : 0;
	if (r == 0 || ran_before(fd, item))
		return read_files(fd, thread_fd, item, arena, facts);
	facts->unsure = error_class(r) != ERROR_VANISHED;
	return 0;
}

/* The work list of shown processes. */

/* What can be read of a process, of enum need. */
#define OF_PROCESSES                                                                               \
	((unsigned)(NEED_STAT | NEED_STATUS | NEED_COMMAND | NEED_IDENTITY | NEED_COMM))

struct list {
	struct procfs procfs;
	struct process_item *at;
	size_t n, size;
};

struct enrichment {
	struct model *model;
	struct list *list;
	unsigned types;               /* of the rows */
	uint32_t host[NS_TYPE_COUNT]; /* namespaces that nobody is known by, or 0 */
};

static void add_process(struct enrichment *e, const struct process *shown, unsigned needs)
{
	struct process *process = shown ? model_find_process(e->model, shown->pid) : NULL;
	struct list *list = e->list;
	struct process_item *at;

	needs &= OF_PROCESSES;
	if (!process || !(needs & ~process->attempted))
		return;
	at = array_push(list->at, list->n, list->size);
	*at = (struct process_item){
		.pid = process->pid,
		.tid = process->tid,
		.needs = needs & ~process->attempted,
		.scan_ticks = e->model->scan_ticks,
	};
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (e->types & 1u << t && process->ino[t] != e->host[t])
			at->ino[t] = process->ino[t];
	process->attempted |= needs;
}

static void add_members(struct enrichment *e, const struct ns *ns)
{
	for (const struct holder *h = ns->first; h; h = h->next)
		if (holder_is_member(h))
			add_process(e, h->process, NEED_STAT);
}

/* Any member may tell whose the group is. */
static void add_group(struct enrichment *e, unsigned needs, const struct group *group)
{
	unsigned of_members = needs & NEED_IDENTITY;

	of_members |= needs & NEED_MEMBERS_STAT ? NEED_STAT : 0;
	for (size_t i = 0; of_members && i < group->n; i++)
		add_process(e, group->members[i], i ? of_members : of_members | needs);
}

static void add_row(struct enrichment *e, unsigned needs, const struct row *row)
{
	unsigned of_process = needs & ~(unsigned)NEED_COMM;

	if (row->kind == ROW_GROUP)
		add_group(e, of_process, row->group);
	of_process |= needs & NEED_MEMBER_COMM ? NEED_COMM : 0;
	add_process(e, row_process(row), of_process);
	if (row->kind == ROW_NS && !row->ns->leader)
		add_process(e, row->ns->first->process, needs & NEED_COMM);
	if (needs & NEED_IDENTITY)
		add_process(e, row_representative(row), NEED_IDENTITY);
	if (row->kind == ROW_NS && needs & NEED_MEMBERS_STAT)
		add_members(e, row->ns);
}

/* Who is whose ancestor is known once the parent of every process is. */
static void add_all(struct enrichment *e, unsigned needs)
{
	for (size_t i = 0; i < e->model->nprocesses; i++)
		add_process(e, e->model->processes[i], needs);
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

static int scan_enrich_item(struct worker *worker, size_t i, void **ret_found)
{
	const struct list *list = worker_shared(worker);
	struct arena *arena = worker_arena(worker);
	struct process_facts *facts = arena_alloc(arena, sizeof(*facts));

	*ret_found = facts;
	return read_process(&list->procfs, &list->at[i], arena, facts);
}

static uint64_t enrich_key(const void *shared, size_t i)
{
	return (uint64_t)((const struct list *)shared)->at[i].pid;
}

static void merge(struct model *model, pid_t pid, const struct process_facts *facts)
{
	struct process *process = model_find_process(model, pid);

	if (facts->has_stat) {
		process->has_stat = true;
		process->kthread = facts->stat.kthread;
		process->ppid = facts->stat.ppid;
		process->num_threads = facts->stat.num_threads;
		process->start_ticks = facts->stat.start_ticks;
	}
	if (facts->has_status) {
		process->has_status = true;
		process->admin = facts->status.admin;
		process->uid = facts->status.uid;
		process->nspid = facts->status.nspid;
	}
	if (facts->command)
		process->command = arena_strdup(&model->arena, facts->command);
	if (facts->comm)
		process->comm = arena_strdup(&model->arena, facts->comm);
	if (facts->has_identity)
		process->identity = identity_copy(&model->arena, &facts->identity);
}

static void merge_all(struct model *model, const struct list *list, const struct results *results,
	struct report *report)
{
	for (size_t i = 0; i < list->n; i++)
		if (results_timed_out(results, i)) {
			model_find_process(model, list->at[i].pid)->attempted = OF_PROCESSES;
			report->timed_out++;
		} else {
			const struct process_facts *facts = results_get(results, i);

			if (facts->unsure && list->at[i].needs & NEED_IDENTITY)
				report->limitations |= LIMITATION_MOVED;
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
	struct pool *pool, struct model *model, struct list *list, struct report *report)
{
	struct work work = {
		.n = list->n,
		.grain = 32,
		.scan = scan_enrich_item,
		.key = enrich_key,
		.shared = list,
		.shared_done = list_free,
	};
	struct results *results = NULL;
	int r;

	if (!list->n) {
		list_free(list);
		return 0;
	}
	r = pool_run(pool, &work, &results);
	if (r == 0)
		merge_all(model, list, results, report);
	results_free(results);
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

int enrich_rows(const struct procfs *procfs, struct pool *pool, struct model *model, unsigned needs,
	struct rows *rows, struct report *report)
{
	struct enrichment e = { .model = model, .list = list_new(procfs) };
	int r;

	make_list(&e, needs, rows);
	r = read_list(pool, model, e.list, report);
	return r == 0 && needs & NEED_LIMITS ? read_limits(procfs, rows) : r;
}

int enrich_processes(const struct procfs *procfs, struct pool *pool, struct model *model,
	unsigned needs, struct report *report)
{
	struct enrichment e = { .model = model, .list = list_new(procfs) };

	know_by_own(&e);
	add_all(&e, needs);
	return read_list(pool, model, e.list, report);
}
