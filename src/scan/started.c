// SPDX-License-Identifier: MIT
/*
 * Processes and threads that started during the scan. Where each of a chain of processes starts the
 * next one and exits, the namespace that they pass on has a member at any time, and another one in
 * each list.
 *
 * A child has a higher PID than its parent and exists before that exits, and procfs lists in
 * ascending order. So when a list is read in small steps, a process that exits unread leaves its
 * namespaces only to processes that are still to come in the list, and one list of which all new
 * processes could be read shows that none was missed. The same holds for the threads of a process.
 * Lists are made until there is such a one. One worker does all of it, because each new process has
 * to be read the moment it is seen.
 */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/procfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LISTS_MOST 32

/* Processes that are read at most, besides as many as there were in the first list. */
#define READS_MOST 1024

struct started_shared {
	struct ctx ctx;
	struct numbers listed;   /* processes that were read */
	struct numbers vanished; /* those listed that ended unread: their PIDs may be used again */
	struct thread_list threads; /* those known of processes that lost a thread unread */
	struct u64map unopened;     /* of these, those that could not be opened */
};

struct started_own {
	struct process_scratch scratch;
	struct numbers listed, now, tids, again;
	struct u64map known;          /* threads of the processes in unsettled */
	struct thread_list unsettled; /* processes that lost a thread unread; items without tids */
};

struct pass {
	struct worker *worker;
	const struct started_shared *shared;
	struct started_own *own;
	struct fact *first, **end;
	size_t reads;
	bool missed; /* by the list at hand: something ended unread */
};

static size_t most_reads(const struct pass *pass)
{
	return pass->shared->listed.n + READS_MOST;
}

static void append(struct pass *pass, const struct emitter *emitter)
{
	if (!emitter->first)
		return;
	*pass->end = emitter->first;
	pass->end = emitter->end;
}

static void add_unsettled(struct started_own *own, const struct thread_item *item)
{
	struct thread_list *list = &own->unsettled;
	struct thread_item *at = array_push(list->at, list->n, list->size);

	*at = *item;
	at->n = 0;
}

static int read_new_threads(struct pass *pass, struct emitter *emitter,
	const struct thread_item *item, int process_fd, const int *tids, size_t n)
{
	struct u64map *known = &pass->own->known;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n && worker_progress(pass->worker); i++) {
		uint64_t key = thread_key(item->pid, tids[i]);

		if (tids[i] == item->pid || tids[i] == item->tid || u64map_get(known, key))
			continue;
		r = scan_thread(emitter, item, process_fd, tids[i]);
		if (r == 0)
			u64map_put(known, key, pass);
	}
	return r < 0 ? r : 0;
}

/* Here instead of in phase_threads(): they may be gone by then. */
static int read_own_threads(struct pass *pass, struct process_scan *process)
{
	struct fact *fact = process->process;
	struct thread_item item = { .pid = fact->pid, .tid = fact->process.tid };
	int r;

	if (!fact->process.ntids || !ctx_wants(process->emitter.ctx, SOURCE_THREADS))
		return 0;
	memcpy(item.ino, fact->process.ino, sizeof(item.ino));
	r = read_new_threads(pass, &process->emitter, &item, process->fd, fact->process.tids,
		fact->process.ntids);
	fact->process.ntids = 0;
	if (r == 0 && process->emitter.vanished)
		add_unsettled(pass->own, &item);
	return r;
}

static int by_value(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static bool has_number(const struct numbers *numbers, int n)
{
	return bsearch(&n, numbers->at, numbers->n, sizeof(*numbers->at), by_value);
}

/*
 * A process that has ended and was not waited for has let go of most of its namespaces. One that
 * could not be read before, either, has ended long ago.
 */
static int read_process(struct pass *pass, pid_t pid, bool *ret_opened)
{
	const struct ctx *ctx = &pass->shared->ctx;
	CLEANUP_FD int fd = procfs_open_process(&ctx->procfs, pid);
	struct process_scan process = { .scratch = &pass->own->scratch, .fd = fd, .thread_fd = -1 };
	int r;

	pass->reads++;
	emitter_init(&process.emitter, pass->worker, ctx, pid);
	*ret_opened = fd >= 0;
	r = scan_process(&process);
	if (r == 0 && process.process)
		r = read_own_threads(pass, &process);
	append(pass, &process.emitter);
	if (!has_number(&pass->shared->vanished, pid))
		pass->missed |= process.emitter.vanished ||
				(process.process && process.process->process.zombie);
	return r;
}

/* In place of a PID. */
#define UNOPENED (-1)

/* They are tried again if they are in the next list: as a thread, a process is listed too early. */
static void drop_unopened(struct numbers *pids)
{
	size_t n = 0;

	for (size_t i = 0; i < pids->n; i++)
		if (pids->at[i] != UNOPENED)
			pids->at[n++] = pids->at[i];
	pids->n = n;
}

static int read_new_processes(struct pass *pass)
{
	const struct procfs *procfs = &pass->shared->ctx.procfs;
	struct numbers *now = &pass->own->now, swap = pass->own->listed;
	CLEANUP_FD int dir = procfs_open_processes(procfs);
	int more = dir < 0 ? dir : 1, r = 0;

	now->n = 0;
	for (size_t done = 0; r == 0 && more > 0 && worker_progress(pass->worker);) {
		more = procfs_list_next(dir, now);
		for (; r == 0 && done < now->n && pass->reads < most_reads(pass); done++) {
			bool opened = true;

			if (!has_number(&pass->own->listed, now->at[done]))
				r = read_process(pass, now->at[done], &opened);
			if (!opened)
				now->at[done] = UNOPENED;
		}
		if (pass->reads >= most_reads(pass))
			break;
	}
	drop_unopened(now);
	pass->own->listed = *now;
	*now = swap;
	return more < 0 ? more : r;
}

static size_t count_common(const struct numbers *a, const struct numbers *b)
{
	size_t n = 0;

	for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
		n += a->at[i] == b->at[k];
		if (a->at[i] <= b->at[k])
			i++;
		else
			k++;
	}
	return n;
}

/*
 * procfs ends a list of threads at one that exits the moment it is listed, as if none followed
 * (next_tid() of fs/proc/base.c). The list is whole if it has as many as the process had at a time
 * when all of them existed, which a second list shows.
 */
static int check_threads(struct pass *pass, struct emitter *emitter, int process_fd)
{
	const struct procfs *procfs = &pass->shared->ctx.procfs;
	struct numbers *again = &pass->own->again;
	unsigned count;
	int r = procfs_count_threads(process_fd, &count);

	if (r == 0)
		r = procfs_list(procfs, process_fd, "task", 0, again);
	if (r == 0 && count_common(&pass->own->tids, again) < count)
		r = -ESRCH;
	return r < 0 ? emit_error(emitter, SOURCE_THREADS, -1, r) : 0;
}

/* Returns 1 where another one of its threads ended unread, or as read_process(). */
static int read_unsettled(struct pass *pass, const struct thread_item *item)
{
	const struct ctx *ctx = &pass->shared->ctx;
	struct numbers *tids = &pass->own->tids;
	CLEANUP_FD int fd = procfs_open_process(&ctx->procfs, item->pid);
	struct emitter emitter;
	int r = fd < 0 ? fd : procfs_list(&ctx->procfs, fd, "task", 0, tids);

	emitter_init(&emitter, pass->worker, ctx, item->pid);
	if (r == 0)
		r = read_new_threads(pass, &emitter, item, fd, tids->at, tids->n);
	if (r == 0 && !emitter.vanished)
		r = check_threads(pass, &emitter, fd);
	if (r < 0)
		r = emit_error(&emitter, SOURCE_THREADS, -1, r);
	append(pass, &emitter);
	pass->missed |= emitter.vanished;
	return r == 0 && fd >= 0 && emitter.vanished ? 1 : r;
}

static int read_all_unsettled(struct pass *pass)
{
	struct thread_list *list = &pass->own->unsettled;
	size_t left = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < list->n; i++) {
		r = read_unsettled(pass, &list->at[i]);
		if (r > 0)
			list->at[left++] = list->at[i];
	}
	list->n = left;
	return r < 0 ? r : 0;
}

/* 0: unknown. */
static pid_t read_last_pid(const struct procfs *procfs)
{
	pid_t pid;

	return procfs->ours && proctext_read_last_pid(procfs, &pid) == 0 ? pid : 0;
}

/*
 * Threads first: what one that ended unread has passed on to a process is in the list that follows.
 * Where PIDs began anew from the lowest meanwhile, a child may stand before its parent.
 */
static int make_lists(struct pass *pass)
{
	const struct procfs *procfs = &pass->shared->ctx.procfs;
	pid_t last = read_last_pid(procfs);
	int r = 0;

	pass->missed = true;
	for (int i = 0; r == 0 && pass->missed && i < LISTS_MOST; i++) {
		pid_t before = last;

		pass->missed = false;
		r = read_all_unsettled(pass);
		if (r == 0)
			r = read_new_processes(pass);
		last = read_last_pid(procfs);
		pass->missed |= last < before;
		if (pass->reads >= most_reads(pass)) {
			pass->missed = true;
			break;
		}
	}
	return r;
}

static struct numbers copy_numbers(const struct numbers *from)
{
	struct numbers copy = {
		.at = memory_alloc(from->n, sizeof(*copy.at)), .n = from->n, .size = from->n
	};

	if (from->n)
		memcpy(copy.at, from->at, from->n * sizeof(*copy.at));
	return copy;
}

static void begin(struct pass *pass)
{
	const struct thread_list *threads = &pass->shared->threads;
	struct started_own *own = pass->own;
	pid_t last = 0;

	own->listed = copy_numbers(&pass->shared->listed);
	for (size_t i = 0; i < threads->n; i++) {
		const struct thread_item *item = &threads->at[i];

		for (size_t k = 0; k < item->n; k++) {
			uint64_t key = thread_key(item->pid, item->tids[k]);

			if (!u64map_get(&pass->shared->unopened, key))
				u64map_put(&own->known, key, own);
		}
		if (item->pid != last)
			add_unsettled(own, item);
		last = item->pid;
	}
}

static int scan_started_item(struct worker *worker, size_t i, void **ret_found)
{
	struct pass pass = {
		.worker = worker,
		.shared = worker_shared(worker),
		.own = worker_own(worker),
		.end = &pass.first,
	};
	int r;

	(void)i;
	begin(&pass);
	r = make_lists(&pass);
	if (r == 0 && pass.missed) {
		struct emitter emitter;

		emitter_init(&emitter, worker, &pass.shared->ctx, 0);
		emit_limitation(&emitter, LIMITATION_TURNOVER);
		append(&pass, &emitter);
	}
	*ret_found = pass.first;
	return r;
}

static void started_own_done(void *data)
{
	struct started_own *own = data;

	process_scratch_done(&own->scratch);
	numbers_done(&own->listed);
	numbers_done(&own->now);
	numbers_done(&own->tids);
	numbers_done(&own->again);
	u64map_done(&own->known);
	free(own->unsettled.at);
}

static void started_shared_done(void *data)
{
	struct started_shared *shared = data;

	numbers_done(&shared->listed);
	numbers_done(&shared->vanished);
	free(shared->threads.at);
	u64map_done(&shared->unopened);
	free(shared);
}

static uint64_t started_key(const void *shared, size_t i)
{
	(void)shared;
	return i;
}

/* Of the threads that were read, those of processes that lost one unread. */
static void keep_unsettled(const struct merge *merge, struct thread_list *threads)
{
	size_t n = 0;

	for (size_t i = 0; i < threads->n; i++)
		if (merge_has_vanished(merge, SOURCE_THREADS, threads->at[i].pid))
			threads->at[n++] = threads->at[i];
	threads->n = n;
}

/* Both begin as all that were listed. */
static void part_vanished(const struct merge *merge, struct started_shared *shared)
{
	struct numbers *read = &shared->listed, *vanished = &shared->vanished;
	size_t n = read->n;

	read->n = vanished->n = 0;
	for (size_t i = 0; i < n; i++) {
		int pid = read->at[i];
		struct numbers *to =
			merge_has_vanished(merge, SOURCE_PROCESSES, pid) ? vanished : read;

		to->at[to->n++] = pid;
	}
}

int phase_started(struct scan *scan, const struct numbers *listed)
{
	struct started_shared *shared = memory_alloc(1, sizeof(*shared));
	struct report *report = scan->merge.report;
	struct work work = {
		.n = 1,
		.scan = scan_started_item,
		.key = started_key,
		.shared = shared,
		.shared_done = started_shared_done,
		.own_size = sizeof(struct started_own),
		.own_done = started_own_done,
	};
	size_t timed_out = report->timed_out;
	int r;

	shared->ctx = scan->ctx;
	shared->threads = scan->merge.threads;
	scan->merge.threads = (struct thread_list){ 0 };
	shared->unopened = scan->merge.unopened;
	u64map_init(&scan->merge.unopened);
	keep_unsettled(&scan->merge, &shared->threads);
	shared->listed = copy_numbers(listed);
	shared->vanished = copy_numbers(listed);
	part_vanished(&scan->merge, shared);
	report->limitations &=
		~(unsigned)LIMITATION_TURNOVER; /* of an earlier pass over all processes */
	r = phase_run(scan, &work, NULL);
	if (report->timed_out > timed_out) /* what its worker found is lost */
		report->limitations |= LIMITATION_TURNOVER;
	return r;
}
