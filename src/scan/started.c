// SPDX-License-Identifier: MIT
/*
 * Scans processes and threads that started during the scan. If each process of a chain starts the
 * next one and exits, their namespace has a member at any time, but a different one in each list.
 *
 * A child has a higher PID than its parent and starts before the parent exits, and procfs lists
 * processes in ascending order. So if a list is read in small steps, the namespaces of a process
 * that vanishes (exits before it is read) pass only to processes further down the list. A list of
 * which every new process could be read proves that no namespace was missed. Threads of a process
 * behave the same way.
 *
 * Lists are read until one of them is such a proof. One worker does all of it, because each new
 * process has to be read as soon as it is listed.
 */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LISTS_MAX 32

/* Bytes of the list of processes, some 40 entries, after which the listed processes are read. */
#define LIST_STEP 1024

/* Limit of processes that are read, in addition to the number in the first list. */
#define EXTRA_READS_MAX 1024

/* The only item. */
struct started {
	struct item head;
	struct numbers listed;        /* processes that were read */
	struct numbers vanished;      /* listed ones that vanished; PIDs may be used again */
	struct thread_list unsettled; /* processes in which a thread vanished; tids are not used */
	struct u64map known;          /* threads of these that were read */
	size_t reads, reads_max;
	bool missed; /* something in the current list vanished */
};

/*
 * Reads a process and its threads: these may have ended before phase_threads. A zombie counts as
 * missed, because it no longer holds most of its namespaces. A process that had vanished in the
 * first list does not: it ended before this list. Returns 0, 1 if the process can't be opened, or
 * -errno, which ends the scan.
 */
static int read_new_process(struct started *started, struct emitter *emitter, pid_t pid)
{
	struct thread_list *unsettled = &started->unsettled;
	const struct fact *fact;
	int r;

	started->reads++;
	emitter_next(emitter, pid);
	r = scan_process(emitter, NULL);
	fact = emitter->process;
	if (r == 0 && emitter->vanished && fact && fact->process.ntids &&
		ctx_wants(emitter->ctx, SOURCE_THREADS))
		*array_push(unsettled->at, unsettled->n, unsettled->size) = thread_item_of(fact);
	if (!numbers_contain(&started->vanished, pid))
		started->missed |=
			emitter->vanished || (fact && fact->process.kind != HOLDER_PROCESS);
	return r < 0 ? r : !fact;
}

/*
 * Leaves a process that can't be opened out of the list, so that it is tried again with the next
 * one: a process, like a thread, is listed a moment before that.
 */
static int read_new_processes(struct started *started, struct emitter *emitter)
{
	const struct procfs *procfs = &emitter->ctx->procfs;
	struct numbers now = { 0 };
	CLEANUP_FD int dir = procfs_open_directory(procfs, procfs->fd, ".", PROCFS_LIST);
	int more = dir < 0 ? dir : 1, r = 0;
	size_t done = 0;

	while (r >= 0 && more > 0 && started->reads < started->reads_max &&
		worker_progress(emitter->worker)) {
		more = procfs_list_next(dir, LIST_STEP, &now);
		while (r >= 0 && done < now.n && started->reads < started->reads_max) {
			r = numbers_contain(&started->listed, now.at[done])
				    ? 0
				    : read_new_process(started, emitter, now.at[done]);
			if (r > 0)
				memmove(&now.at[done], &now.at[done + 1],
					(--now.n - done) * sizeof(*now.at));
			else
				done++;
		}
	}
	numbers_done(&started->listed);
	started->listed = now;
	return more < 0 ? more : r < 0 ? r : 0;
}

/*
 * Reads the new threads of a process. Returns 0, 1 if another one vanished, or -errno, which ends
 * the scan.
 *
 * procfs ends a list of threads early at one that exits while it is listed (next_tid() of
 * fs/proc/base.c). A list is complete if at least as many of its threads as the process has are
 * also in a second list: all of these existed when the threads were counted.
 */
static int read_unsettled(
	struct started *started, struct emitter *emitter, const struct thread_item *item)
{
	const struct procfs *procfs = &emitter->ctx->procfs;
	CLEANUP(numbers_done) struct numbers tids = { 0 }, again = { 0 };
	CLEANUP_FD int fd = procfs_open_process(procfs, item->head.pid);
	int r = fd < 0 ? fd : procfs_list(procfs, fd, "task", 0, &tids);
	unsigned count = 0, common = 0;

	emitter_next(emitter, item->head.pid);
	if (r == 0)
		r = scan_threads(emitter, item, fd, tids.at, tids.n);
	if (r == 0 && !emitter->vanished) {
		r = procfs_count_threads(fd, &count);
		if (r == 0)
			r = procfs_list(procfs, fd, "task", 0, &again);
		for (size_t i = 0; r == 0 && i < tids.n; i++)
			common += numbers_contain(&again, tids.at[i]);
		if (r == 0 && common < count)
			r = -ESRCH;
	}
	if (r < 0)
		r = emit_error(emitter, SOURCE_THREADS, -1, r);
	started->missed |= emitter->vanished;
	return r == 0 && fd >= 0 && emitter->vanished ? 1 : r;
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
static int scan_started(struct emitter *emitter, void *item)
{
	struct started *started = item;
	struct thread_list *unsettled = &started->unsettled;
	pid_t last = read_last_pid(&emitter->ctx->procfs);
	int r = 0;

	emitter->known = &started->known;
	started->missed = true;
	for (int i = 0; r == 0 && started->missed && i < LISTS_MAX; i++) {
		pid_t before = last;
		size_t left = 0;

		started->missed = false;
		for (size_t k = 0; r >= 0 && k < unsettled->n; k++) {
			r = read_unsettled(started, emitter, &unsettled->at[k]);
			if (r > 0)
				unsettled->at[left++] = unsettled->at[k];
		}
		unsettled->n = left;
		if (r >= 0)
			r = read_new_processes(started, emitter);
		last = read_last_pid(&emitter->ctx->procfs);
		started->missed |= last < before;
		if (started->reads >= started->reads_max) {
			started->missed = true;
			break;
		}
	}
	if (r == 0 && started->missed)
		emit_limitation(emitter, LIMITATION_TURNOVER);
	return r;
}

static void started_item_done(void *item)
{
	struct started *started = item;

	numbers_done(&started->listed);
	numbers_done(&started->vanished);
	free(started->unsettled.at);
	u64map_done(&started->known);
}

static void started_fill(struct scan *scan, struct work_list *list)
{
	struct started *started = work_list_add(list, sizeof(*started), 0, 0);
	struct thread_list *unsettled = &started->unsettled;
	const struct merge *merge = &scan->merge;
	pid_t last = 0;

	/* Processes in which a thread vanished, and their known threads. */
	for (size_t i = 0; i < merge->threads.n; i++) {
		const struct thread_item *item = &merge->threads.at[i];

		if (!merge_has_vanished(merge, SOURCE_THREADS, item->head.pid))
			continue;
		for (size_t k = 0; k < item->n; k++) {
			uint64_t key = thread_key(item->head.pid, item->tids[k]);

			if (!u64map_get(&merge->unopened, key))
				u64map_add(&started->known, key);
		}
		if (item->head.pid != last)
			*array_push(unsettled->at, unsettled->n, unsettled->size) = *item;
		last = item->head.pid;
	}
	for (size_t i = 0; i < scan->pids.n; i++) {
		int pid = scan->pids.at[i];
		bool vanished = merge_has_vanished(merge, SOURCE_PROCESSES, pid);
		struct numbers *to = vanished ? &started->vanished : &started->listed;

		*array_push(to->at, to->n, to->size) = pid;
	}
	started->reads_max = started->listed.n + EXTRA_READS_MAX;
}

const struct phase phase_started = {
	.id = PHASE_STARTED,
	.fill = started_fill,
	.scan = scan_started,
	.timeout_limitation = LIMITATION_TURNOVER,
	.own_size = sizeof(struct process_scratch),
	.own_done = process_scratch_done,
	.item_done = started_item_done,
};
