// SPDX-License-Identifier: MIT
/*
 * Scans processes and threads as members of namespaces: reads the links in /proc/PID/ns and
 * /proc/PID/task/TID/ns.
 */
#include "internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Rereads of a process with an ended main thread, while its other threads come and go. */
#define TRIES_MAX 4

/* dirfd: the directory of the process, or that of one of its threads. */
static int read_links(struct process_reading *reading, int dirfd)
{
	const struct ctx *ctx = reading->emitter->ctx;
	uint32_t *ino = reading->fact->process.ino;

	cleanup_close(&reading->ns_fd);
	reading->ns_fd = procfs_open_directory(&ctx->procfs, dirfd, "ns", O_PATH);
	if (error_is_fatal(reading->ns_fd))
		return reading->ns_fd;
	reading->missing = 0;
	reading->denied = false;
	memset(ino, 0, sizeof(reading->fact->process.ino));
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		int r;

		if (!(ctx->links & 1u << t))
			continue;
		r = procfs_read_ns(reading->ns_fd, nstype_info[t].name, t, &ino[t]);
		if (r == 0)
			continue;
		switch (error_class(r)) {
		case ERROR_VANISHED:
			reading->missing |= 1u << t;
			break;
		case ERROR_DENIED:
			/* All links have the same access check: ptrace(2), PTRACE_MODE_READ. */
			reading->denied = true;
			return 0;
		case ERROR_ODD:
		case ERROR_FATAL:
			r = emit_error(reading->emitter, SOURCE_PROCESSES, dirfd, r);
			if (r < 0)
				return r;
		}
	}
	reading->missing &= ~ctx->unsupported;
	return 0;
}

static int emit_process_error(struct process_reading *reading, int error)
{
	int r = emit_error(reading->emitter, SOURCE_PROCESSES, -1, error);

	return r < 0 ? r : 1;
}

static bool is_ending(const struct proc_stat *stat)
{
	return stat->state == 'Z' || stat->ending;
}

/*
 * Returns whether a thread of the process runs, or may run: the list changes while it is read, if
 * each thread starts the next and ends.
 */
static bool may_have_running_thread(struct process_reading *reading)
{
	const struct procfs *procfs = &reading->emitter->ctx->procfs;
	CLEANUP(numbers_done) struct numbers tids = { 0 };
	bool runs;

	runs = procfs_list(procfs, reading->fd, "task", 0, &tids) < 0;
	for (size_t i = 0; !runs && i < tids.n; i++) {
		CLEANUP_FD int fd = procfs_open_thread(procfs, reading->fd, tids.at[i]);
		struct proc_stat stat;

		runs = fd < 0 || proctext_read_stat(fd, &stat) < 0 || !is_ending(&stat);
	}
	return runs;
}

/*
 * Reads the links of another thread: if the first has ended (pthread_exit(3) in main), the process
 * is a member of the namespaces of the others. Returns 0 if it can be read by that thread, unless
 * its links are denied, or 1.
 */
static int read_remaining_links(struct process_reading *reading)
{
	const struct procfs *procfs = &reading->emitter->ctx->procfs;
	struct proc_stat stat;
	pid_t tid;
	int fd = procfs_open_remaining_thread(procfs, reading->fd, reading->emitter->pid, &tid);
	bool readable;
	int r;

	if (fd < 0)
		return error_is_fatal(fd) ? fd : 1;
	r = read_links(reading, fd);
	readable = r == 0 && !reading->missing;
	if (r == 0 && reading->denied) { /* so are those of a thread that has ended meanwhile */
		int error = proctext_read_stat(fd, &stat);

		readable = error < 0 ? error_class(error) != ERROR_VANISHED : !is_ending(&stat);
	}
	if (readable) {
		reading->dirfd = fd;
		reading->fact->tid = tid;
		return 0;
	}
	close(fd);
	return r < 0 ? r : 1;
}

/*
 * Reads the namespaces of the process. Returns 0, 1 if it has ended or access is denied, or -errno,
 * which ends the scan. Repeats, because another thread that calls execve(2) becomes the main
 * thread, and then the links of the process can be read again.
 */
static int read_process_links(struct process_reading *reading)
{
	const struct ctx *ctx = reading->emitter->ctx;
	struct fact *fact = reading->fact;
	struct proc_stat stat;
	int r, error;

	for (int tries = TRIES_MAX;; tries--) {
		r = read_links(reading, reading->fd);
		if (r < 0 || (!reading->missing && !reading->denied))
			return r;
		error = proctext_read_stat(reading->fd, &stat);
		if (error_is_fatal(error))
			return error;
		if (error < 0 || reading->denied || tries == 0 ||
			(is_ending(&stat) && stat.num_threads <= 1))
			break;
		r = read_remaining_links(reading);
		if (r == 0 && reading->denied)
			return emit_process_error(reading, -EACCES);
		if (r <= 0)
			return r;
	}
	/* Links can't be read. A plain directory may have no stat file. */
	if (error_class(error) == ERROR_VANISHED &&
		(ctx->procfs.kernel || reading->missing == ctx->links))
		return emit_process_error(reading, -ESRCH);
	if (reading->denied)
		return emit_process_error(reading, error == 0 && stat.ending ? -ESRCH : -EACCES);
	if (error < 0 || !is_ending(&stat))
		return 0;
	/*
	 * A zombie, and a process in the middle of exit(2), keeps only its user and PID namespace.
	 * Threads that stat still counts are ending, too: in process 1 of a PID namespace, any of
	 * them may be the one that waits for the other processes in it.
	 */
	if (stat.num_threads > 1 && may_have_running_thread(reading))
		return emit_process_error(reading, -EAGAIN);
	fact->process.kind =
		stat.state != 'Z' || stat.num_threads > 1 ? HOLDER_EXITING : HOLDER_ZOMBIE;
	/* The others were read before it left them. */
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (!(holder_kind_info[fact->process.kind].types & 1u << t))
			fact->process.ino[t] = 0;
	return 0;
}

/*
 * Reads a PID namespace in which no process has started yet: reading pid_for_children fails with
 * ENOENT, and only a pidfd leads there. If the process still has a stat file afterwards, its PID
 * was not used again meanwhile, and the pidfd was its own.
 */
static int read_new_pidns(struct emitter *emitter, int dirfd, pid_t tid, uint32_t own)
{
	const struct ctx *ctx = emitter->ctx;
	const struct kernel *kernel = ctx->kernel;
	struct proc_stat stat;
	struct fact *fact;
	struct ns_ref ref;
	int fd = -ENOSYS, r;

	if (!kernel->shows_children_pidns || !(ctx->procfs.kernel || ctx->procfs.ours))
		return 0;
	if (ctx->procfs.ours)
		fd = kernel->children_pidns(kernel, emitter->pid, tid);
	if (error_is_fatal(fd))
		return fd;
	r = proctext_read_stat(dirfd, &stat);
	if (r == 0 && !is_ending(&stat) && fd >= 0) {
		r = kernel->ref(kernel, fd, &ref);
		if (r == 0 && ref.ino != own)
			emit_holder(emitter, ref, HOLDER_CHILDREN, tid, 0);
	} else if (r == 0 && !is_ending(&stat) && error_class(fd) != ERROR_VANISHED) {
		fact = emit_fact(emitter, merge_new_pidns);
		fact->tid = tid;
		fact->ref.type = NS_USER;
		procfs_read_own_ns(&ctx->procfs, dirfd, NS_USER, &fact->ref.ino);
	}
	kernel->close(kernel, fd);
	return r;
}

/* Reads the namespaces for children of the process or thread with directory dirfd, and ns in it. */
static int read_child_namespaces(struct emitter *emitter, int dirfd, int ns_fd, pid_t tid,
	const uint32_t *own, enum source source)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		const char *link = nstype_info[t].children;
		uint32_t ino;
		int r;

		if (!link || !(emitter->ctx->options.types & 1u << t))
			continue;
		r = procfs_read_ns(ns_fd, link, t, &ino);
		if (r == 0 && ino != own[t])
			emit_holder(emitter, (struct ns_ref){ t, ino }, HOLDER_CHILDREN, tid, 0);
		else if (r == -ENOENT)
			r = t == NS_PID ? read_new_pidns(emitter, dirfd, tid, own[t]) : 0;
		if (r < 0)
			r = emit_error(emitter, source, dirfd, r);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Lists the threads, if there are several. phase_started finds those that start later. */
static int list_threads(struct process_reading *reading)
{
	struct emitter *emitter = reading->emitter;
	const struct ctx *ctx = emitter->ctx;
	struct numbers *tids = &reading->scratch->tids;
	unsigned count;
	int *copy, r;

	if (!ctx_wants(ctx, SOURCE_THREADS) && !ctx_wants(ctx, SOURCE_FDS) &&
		!ctx_wants(ctx, SOURCE_SOCKETS))
		return 0;
	r = procfs_count_threads(reading->fd, &count);
	if (r == 0 && count == 1)
		return 0;
	if (r == 0)
		r = procfs_list(&ctx->procfs, reading->fd, "task", count, tids);
	if (r < 0)
		return emit_error(emitter, SOURCE_THREADS, reading->fd, r);
	if (tids->n < count) /* threads have ended meanwhile, which can cut the list short */
		r = emit_error(emitter, SOURCE_THREADS, -1, -ESRCH);
	if (r < 0 || !tids->n) /* a plain directory may have no tasks */
		return r;
	copy = arena_alloc(&emitter->worker->arena, tids->n * sizeof(*copy));
	reading->fact->process.tids = memcpy(copy, tids->at, tids->n * sizeof(*copy));
	reading->fact->process.ntids = tids->n;
	return 0;
}

static void process_reading_done(struct process_reading *reading)
{
	if (reading->dirfd != reading->fd)
		cleanup_close(&reading->dirfd);
	cleanup_close(&reading->fd);
	cleanup_close(&reading->ns_fd);
}

int scan_process(struct emitter *emitter, void *item)
{
	const struct ctx *ctx = emitter->ctx;
	const struct procfs *procfs = &ctx->procfs;
	const int process_fd = procfs_open_process(procfs, emitter->pid);
	CLEANUP(process_reading_done)
	struct process_reading reading = {
		.emitter = emitter,
		.scratch = emitter->worker->own,
		.fd = process_fd,
		.dirfd = process_fd,
		.ns_fd = -1,
	};
	struct fact *fact;
	uint32_t ino;
	int r;

	if (process_fd < 0)
		return emit_error(emitter, SOURCE_PROCESSES, -1, process_fd);
	emitter->process = reading.fact = fact = emit_fact(emitter, merge_process);
	fact->tid = emitter->pid;
	r = read_process_links(&reading);
	if (r > 0) /* drop links that were read before the process ended */
		memset(fact->process.ino, 0, sizeof(fact->process.ino));
	if (r == 0)
		r = list_threads(&reading);
	if (r == 0 && ctx_wants(ctx, SOURCE_PROCESSES) && fact->process.kind == HOLDER_PROCESS)
		r = read_child_namespaces(emitter, reading.dirfd, reading.ns_fd, fact->tid,
			fact->process.ino, SOURCE_PROCESSES);
	if (r == 0)
		r = scan_process_fds(&reading);
	if (r < 0)
		return r;
	/*
	 * Another procfs than our own does not show the whole system if its PID 1 is not in the
	 * initial PID namespace.
	 */
	if (emitter->pid == 1 && !procfs->ours && procfs->kernel &&
		procfs_read_own_ns(procfs, process_fd, NS_PID, &ino) == 0 &&
		ino != nstype_info[NS_PID].initial_ino)
		emit_limitation(emitter, LIMITATION_PIDNS);
	if (emitter->known && fact->process.ntids && ctx_wants(ctx, SOURCE_THREADS)) {
		const struct thread_item threads = thread_item_of(fact);

		r = scan_threads(
			emitter, &threads, process_fd, fact->process.tids, fact->process.ntids);
	}
	return r < 0 ? r : 0;
}

void process_scratch_done(void *own)
{
	struct process_scratch *scratch = own;

	numbers_done(&scratch->tids);
	numbers_done(&scratch->fds);
	numbers_done(&scratch->tables);
}

static void processes_fill(struct scan *scan, struct work_list *list)
{
	const struct numbers *pids = &scan->pids;

	for (size_t i = 0; i < pids->n; i++)
		work_list_add(list, sizeof(struct item), (uint64_t)pids->at[i], pids->at[i]);
}

const struct phase phase_processes = {
	.id = PHASE_PROCESSES,
	.grain = 16,
	.fill = processes_fill,
	.scan = scan_process,
	.own_size = sizeof(struct process_scratch),
	.own_done = process_scratch_done,
};

/*
 * Threads may be members of other namespaces than their process: setns(2) and unshare(2) move only
 * the calling thread. The threads of one process are several items, so that all workers share a
 * process with thousands of threads.
 */

static void merge_unopened(struct merge *merge, const struct fact *fact)
{
	u64map_add(&merge->unopened, thread_key(fact->pid, fact->tid));
}

/*
 * Returns 0, 1 if the thread can't be opened, or -errno, which ends the scan. A new thread is
 * listed a moment before its directory can be opened: copy_process() of kernel/fork.c adds it first
 * to the list of threads, then to that of PIDs.
 */
static int scan_thread(
	struct emitter *emitter, const struct thread_item *item, int process_fd, pid_t tid)
{
	const struct ctx *ctx = emitter->ctx;
	const unsigned types = ctx->links & ~ctx->unsupported;
	CLEANUP_FD int fd = procfs_open_thread(&ctx->procfs, process_fd, tid);
	CLEANUP_FD int ns_fd = -1;
	int r;

	if (fd < 0) {
		r = emit_error(emitter, SOURCE_THREADS, -1, fd);
		if (r < 0 || error_class(fd) != ERROR_VANISHED)
			return r;
		emit_fact(emitter, merge_unopened)->tid = tid;
		return 1;
	}
	ns_fd = procfs_open_directory(&ctx->procfs, fd, "ns", O_PATH);
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		const struct ns_type_info *info = &nstype_info[t];
		enum error_class class;
		uint32_t ino;

		if (!(types & 1u << t) || (item->ino[t] && !info->thread_may_differ))
			continue;
		r = procfs_read_ns(ns_fd, info->name, t, &ino);
		if (r == 0 && ino != item->ino[t])
			emit_holder(emitter, (struct ns_ref){ t, ino }, HOLDER_THREAD, tid, 0);
		if (r == 0)
			continue;
		class = error_class(r);
		r = emit_error(emitter, SOURCE_THREADS, fd, r);
		if (r < 0 || class == ERROR_DENIED)
			return r;
	}
	return read_child_namespaces(emitter, fd, ns_fd, tid, item->ino, SOURCE_THREADS);
}

int scan_threads(struct emitter *emitter, const struct thread_item *item, int process_fd,
	const int *tids, size_t n)
{
	struct u64map *known = emitter->known;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n && worker_progress(emitter->worker); i++) {
		uint64_t key = thread_key(item->head.pid, tids[i]);

		if (tids[i] == item->head.pid || tids[i] == item->tid ||
			(known && u64map_get(known, key)))
			continue;
		r = scan_thread(emitter, item, process_fd, tids[i]);
		if (r == 0 && known)
			u64map_add(known, key);
	}
	return r < 0 ? r : 0;
}

static void threads_fill(struct scan *scan, struct work_list *list)
{
	const struct thread_list *threads = &scan->merge.threads;

	for (size_t i = 0; i < threads->n; i++) {
		struct thread_item *item = work_list_add(list, sizeof(*item), 0, 0);

		*item = threads->at[i];
	}
}

static int scan_thread_item(struct emitter *emitter, void *data)
{
	const struct thread_item *item = data;
	CLEANUP_FD int fd = procfs_open_process(&emitter->ctx->procfs, item->head.pid);

	return fd < 0 ? emit_error(emitter, SOURCE_THREADS, -1, fd)
		      : scan_threads(emitter, item, fd, item->tids, item->n);
}

const struct phase phase_threads = {
	.id = PHASE_THREADS,
	.grain = 2,
	.fill = threads_fill,
	.scan = scan_thread_item,
};
