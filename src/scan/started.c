// SPDX-License-Identifier: MIT
/*
 * Scans processes and threads that started during the scan. If each process of a chain starts the
 * next one and exits, their namespace has a member at any time, but a different one in each list.
 *
 * A child has a higher PID than its parent and starts before the parent exits, and procfs lists
 * processes in ascending order. So if a list is read in small steps, the namespaces of a process
 * that exits unread pass only to processes further down the list. A list of which every new process
 * could be read proves that no namespace was missed. Threads of a process behave the same way.
 *
 * Lists are read until one of them is such a proof. One worker does all of it, because each new
 * process has to be read as soon as it is listed.
 */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LISTS_MAX 32

/* Limit of processes that are read, in addition to the number in the first list. */
#define EXTRA_READS_MAX 1024

struct started_shared {
	struct ctx ctx;
	struct numbers listed;      /* processes that were read */
	struct numbers vanished;    /* listed processes that ended unread; PIDs may be used again */
	struct thread_list threads; /* known threads of processes in which one ended unread */
	struct u64map unopened;     /* threads in that list that could not be opened */
};

struct started_own {
	struct process_scratch scratch;
	struct numbers listed, now, tids, tids_again;
	struct u64map known;          /* threads of the processes in unsettled */
	struct thread_list unsettled; /* processes in which a thread ended unread; without tids */
};

struct started_pass {
	struct worker *worker;
	const struct started_shared *shared;
	struct started_own *own;
	struct fact *first, **end;
	size_t reads;
	bool missed; /* something in the current list ended unread */
};

static size_t reads_max(const struct started_pass *pass)
{
	return pass->shared->listed.n + EXTRA_READS_MAX;
}

static void started_append(struct started_pass *pass, const struct emitter *emitter)
{
	if (!emitter->first)
		return;
	*pass->end = emitter->first;
	pass->end = emitter->end;
}

static void unsettled_add(struct started_own *own, const struct thread_item *item)
{
	struct thread_list *list = &own->unsettled;
	struct thread_item *at = array_push(list->at, list->n, list->size);

	*at = *item;
	at->n = 0;
}

static int read_new_threads(struct started_pass *pass, struct emitter *emitter,
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
			u64map_add(known, key);
	}
	return r < 0 ? r : 0;
}

/* Reads threads at once instead of in phase_threads(): they may have ended by then. */
static int read_own_threads(struct started_pass *pass, struct process_scan *process)
{
	struct fact *fact = process->fact;
	struct thread_item item = { .pid = fact->pid, .tid = fact->process.tid };
	int r;

	if (!fact->process.ntids || !ctx_wants(process->emitter.ctx, SOURCE_THREADS))
		return 0;
	memcpy(item.ino, fact->process.ino, sizeof(item.ino));
	r = read_new_threads(pass, &process->emitter, &item, process->fd, fact->process.tids,
		fact->process.ntids);
	fact->process.ntids = 0;
	if (r == 0 && process->emitter.vanished)
		unsettled_add(pass->own, &item);
	return r;
}

/*
 * A zombie counts as missed, because it no longer holds most of its namespaces. A process that had
 * vanished in the first list does not: it ended before this list.
 */
static int read_new_process(struct started_pass *pass, pid_t pid, bool *ret_opened)
{
	const struct ctx *ctx = &pass->shared->ctx;
	CLEANUP_FD int fd = procfs_open_process(&ctx->procfs, pid);
	struct process_scan process = {
		.scratch = &pass->own->scratch, .fd = fd, .thread_fd = -1, .ns_fd = -1
	};
	int r;

	pass->reads++;
	emitter_init(&process.emitter, pass->worker, ctx, pid);
	*ret_opened = fd >= 0;
	r = scan_process(&process);
	if (r == 0 && process.fact)
		r = read_own_threads(pass, &process);
	started_append(pass, &process.emitter);
	if (!numbers_contain(&pass->shared->vanished, pid))
		pass->missed |=
			process.emitter.vanished || (process.fact && process.fact->process.zombie);
	return r;
}

/* Replaces a PID in a list. */
#define UNOPENED (-1)

/*
 * Lets the next list try these processes again: a process, like a thread, is listed a
 * moment before its directory can be opened.
 */
static void numbers_drop_unopened(struct numbers *pids)
{
	size_t n = 0;

	for (size_t i = 0; i < pids->n; i++)
		if (pids->at[i] != UNOPENED)
			pids->at[n++] = pids->at[i];
	pids->n = n;
}

static int read_new_processes(struct started_pass *pass)
{
	const struct procfs *procfs = &pass->shared->ctx.procfs;
	struct numbers *now = &pass->own->now, swap = pass->own->listed;
	CLEANUP_FD int dir = procfs_open_processes(procfs);
	int more = dir < 0 ? dir : 1, r = 0;

	now->n = 0;
	for (size_t done = 0; r == 0 && more > 0 && worker_progress(pass->worker);) {
		more = procfs_list_next(dir, now);
		for (; r == 0 && done < now->n && pass->reads < reads_max(pass); done++) {
			bool opened = true;

			if (!numbers_contain(&pass->own->listed, now->at[done]))
				r = read_new_process(pass, now->at[done], &opened);
			if (!opened)
				now->at[done] = UNOPENED;
		}
		if (pass->reads >= reads_max(pass))
			break;
	}
	numbers_drop_unopened(now);
	pass->own->listed = *now;
	*now = swap;
	return more < 0 ? more : r;
}

static size_t numbers_count_common(const struct numbers *a, const struct numbers *b)
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
 * Checks that own->tids is complete: procfs ends a list of threads early at one that exits while it
 * is listed (next_tid() of fs/proc/base.c). It is complete if at least as many of its threads as
 * the process has are also in a second list: all of these existed when the threads were counted.
 * Emits ESRCH if not.
 */
static int check_thread_list(struct started_pass *pass, struct emitter *emitter, int process_fd)
{
	const struct procfs *procfs = &pass->shared->ctx.procfs;
	struct numbers *tids_again = &pass->own->tids_again;
	unsigned count;
	int r = procfs_count_threads(process_fd, &count);

	if (r == 0)
		r = procfs_list(procfs, process_fd, "task", 0, tids_again);
	if (r == 0 && numbers_count_common(&pass->own->tids, tids_again) < count)
		r = -ESRCH;
	return r < 0 ? emit_error(emitter, SOURCE_THREADS, -1, r) : 0;
}

/* Returns 0, 1 if another thread of the process ended unread, or -errno, which ends the scan. */
static int read_unsettled(struct started_pass *pass, const struct thread_item *item)
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
		r = check_thread_list(pass, &emitter, fd);
	if (r < 0)
		r = emit_error(&emitter, SOURCE_THREADS, -1, r);
	started_append(pass, &emitter);
	pass->missed |= emitter.vanished;
	return r == 0 && fd >= 0 && emitter.vanished ? 1 : r;
}

static int read_all_unsettled(struct started_pass *pass)
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

/* Returns 0 if it is unknown. */
static pid_t read_last_pid(const struct procfs *procfs)
{
	pid_t pid;

	return procfs->ours && proctext_read_last_pid(procfs, &pid) == 0 ? pid : 0;
}

/*
 * Reads threads first: a process that a vanished thread has started is in the next list of
 * processes. If PIDs have wrapped around meanwhile, a child may be listed before its parent, so the
 * list proves nothing.
 */
static int read_lists(struct started_pass *pass)
{
	const struct procfs *procfs = &pass->shared->ctx.procfs;
	pid_t last = read_last_pid(procfs);
	int r = 0;

	pass->missed = true;
	for (int i = 0; r == 0 && pass->missed && i < LISTS_MAX; i++) {
		pid_t before = last;

		pass->missed = false;
		r = read_all_unsettled(pass);
		if (r == 0)
			r = read_new_processes(pass);
		last = read_last_pid(procfs);
		pass->missed |= last < before;
		if (pass->reads >= reads_max(pass)) {
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

static void started_begin(struct started_pass *pass)
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
				u64map_add(&own->known, key);
		}
		if (item->pid != last)
			unsettled_add(own, item);
		last = item->pid;
	}
}

static int scan_started_item(struct worker *worker, size_t i, void **ret_found)
{
	struct started_pass pass = {
		.worker = worker,
		.shared = worker_shared(worker),
		.own = worker_own(worker),
		.end = &pass.first,
	};
	int r;

	started_begin(&pass);
	r = read_lists(&pass);
	if (r == 0 && pass.missed) {
		struct emitter emitter;

		emitter_init(&emitter, worker, &pass.shared->ctx, 0);
		emit_limitation(&emitter, LIMITATION_TURNOVER);
		started_append(&pass, &emitter);
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
	numbers_done(&own->tids_again);
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
	return i;
}

/* Keeps the threads of processes in which a thread ended unread. */
static void thread_list_keep_unsettled(const struct merge *merge, struct thread_list *threads)
{
	size_t n = 0;

	for (size_t i = 0; i < threads->n; i++)
		if (merge_has_vanished(merge, SOURCE_THREADS, threads->at[i].pid))
			threads->at[n++] = threads->at[i];
	threads->n = n;
}

int phase_started(struct scan *scan, const struct numbers *listed)
{
	struct started_shared *shared = memory_alloc(1, sizeof(*shared));
	struct report *report = scan->merge.report;
	struct work work = {
		.n = 1,
		.run_item = scan_started_item,
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
	scan->merge.unopened = (struct u64map){ 0 };
	thread_list_keep_unsettled(&scan->merge, &shared->threads);
	for (size_t i = 0; i < listed->n; i++) {
		bool vanished = merge_has_vanished(&scan->merge, SOURCE_PROCESSES, listed->at[i]);
		struct numbers *to = vanished ? &shared->vanished : &shared->listed;

		*array_push(to->at, to->n, to->size) = listed->at[i];
	}
	r = phase_run(scan, &work, NULL);
	if (report->timed_out > timed_out) /* the facts of its worker are lost */
		report->limitations |= LIMITATION_TURNOVER;
	return r;
}
