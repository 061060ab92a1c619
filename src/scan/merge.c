// SPDX-License-Identifier: MIT
/*
 * Facts that several scanners emit, and their merge into the model; the paths by which namespaces
 * can be opened.
 */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ns_paths_add(struct ns_paths *ns_paths, const struct holder *holder, enum nstype type,
	struct arena *arena)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	struct ns_path *path = &ns_paths->at[ns_paths->n];

	if (ns_paths->n == NS_PATHS_MAX || !holder_has_path(holder))
		return;
	ns_paths->n++;
	*path = (struct ns_path){ .kind = holder->kind, .tid = holder->tid };
	if (holder_root(holder, &text)) {
		path->root = arena_strdup(arena, strbuf_text(&text));
		path->path = arena_strdup(arena, holder->mount->path);
		return;
	}
	holder_path(holder, type, &text);
	path->path = arena_strdup(arena, strbuf_text(&text));
	path->pid = holder->process ? holder->process->pid : 0;
}

int ns_paths_open(const struct ctx *ctx, const struct ns_paths *ns_paths, struct ns_ref ref)
{
	const struct kernel *kernel = ctx->kernel;
	int error = -ENOENT;

	for (size_t i = 0; i < ns_paths->n; i++) {
		const struct ns_path *path = &ns_paths->at[i];
		const char *link = path->root ? path->root : path->path;
		const char *slash = strrchr(link, '/');
		CLEANUP_FD int dirfd = -1;
		struct ns_ref found;
		char dir[64];
		int fd;

		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - link), link);
		dirfd = fd = procfs_open_directory(&ctx->procfs, ctx->procfs.fd, dir, O_PATH);
		if (dirfd >= 0)
			fd = path->root ? kernel->open_below(kernel, dirfd, slash + 1, path->path)
					: kernel->open(kernel, dirfd, slash + 1);
		/* pid_for_children is missing until a first process has started in it. */
		if (dirfd >= 0 && fd == -ENOENT && path->kind == HOLDER_CHILDREN &&
			ref.type == NS_PID && ctx->procfs.ours)
			fd = kernel->children_pidns(kernel, path->pid, path->tid);
		if (error_is_fatal(fd))
			return fd;
		if (fd < 0) {
			error = error_class(fd) == ERROR_VANISHED ? error : fd;
			continue;
		}
		/* The PID, descriptor or mount point may have been used again. */
		if (kernel->ref(kernel, fd, &found) == 0 && ns_ref_key(found) == ns_ref_key(ref))
			return fd;
		kernel->close(kernel, fd);
	}
	return error;
}

void ns_paths_emit_error(struct emitter *emitter, int error)
{
	if (error == -ENOSYS || error == -EINVAL)
		emit_limitation(emitter, LIMITATION_OPENAT2);
}

bool work_list_add_ns(struct work_list *list, const struct ns *ns)
{
	struct ns_item *item = work_list_add(list, sizeof(*item), ns_ref_key(ns->ref), 0);

	item->ref = ns->ref;
	for (const struct holder *h = ns->first; h; h = h->next)
		ns_paths_add(&item->paths, h, ns->ref.type, &list->arena);
	list->n -= !item->paths.n;
	return item->paths.n;
}

void merge_done(struct merge *merge)
{
	arena_done(&merge->arena);
	free(merge->threads.at);
	for (size_t i = 0; i < PHASE_COUNT; i++)
		work_list_done(&merge->lists[i]);
	free(merge->listed);
	u64map_done(&merge->failed);
	u64map_done(&merge->rings_unread);
	u64map_done(&merge->mount_tables);
	u64map_done(&merge->unopened);
	u64map_done(&merge->superblocks);
	u64map_done(&merge->mount_ids);
	u64map_done(&merge->mounted_ids);
	u64map_done(&merge->mounted_names);
	u64map_done(&merge->known_relations);
}

void ns_ref_put(struct u64map *map, uint64_t key, struct ns_ref ref, struct arena *arena)
{
	struct ns_ref *copy = arena_alloc(arena, sizeof(*copy));

	*copy = ref;
	u64map_put(map, key, copy);
}

void emitter_next(struct emitter *emitter, pid_t pid)
{
	emitter->pid = pid;
	emitter->failed = 0;
	emitter->vanished = false;
	emitter->process = NULL;
}

struct fact *emit_fact(struct emitter *emitter, merge_function *merge)
{
	struct fact *fact = arena_alloc(&emitter->worker->arena, sizeof(*fact));

	fact->merge = merge;
	fact->pid = emitter->pid;
	*emitter->end = fact;
	emitter->end = &fact->next;
	return fact;
}

struct thread_item thread_item_of(const struct fact *process)
{
	struct thread_item item = { .head = { (uint64_t)process->pid, process->pid },
		.tid = process->tid };

	memcpy(item.ino, process->process.ino, sizeof(item.ino));
	return item;
}

void merge_process(struct merge *merge, const struct fact *fact)
{
	struct process *process = model_find_process(merge->model, fact->pid);
	struct holder member = { .kind = fact->process.kind, .tid = fact->tid };
	struct thread_list *threads = &merge->threads;
	struct thread_item *last = NULL;

	if (!process)
		process = model_add_process(merge->model, fact->pid);
	member.process = process;
	process->tid = fact->tid;
	process->zombie = fact->process.kind != HOLDER_PROCESS;
	memcpy(process->ino, fact->process.ino, sizeof(process->ino));
	for (enum nstype t = 0; ctx_wants(merge->ctx, SOURCE_PROCESSES) && t < NS_TYPE_COUNT; t++)
		if (process->ino[t])
			model_hold(merge->model,
				model_get(merge->model, (struct ns_ref){ t, process->ino[t] }),
				&member);
	for (size_t i = 0; ctx_wants(merge->ctx, SOURCE_THREADS) && i < fact->process.ntids; i++) {
		if (fact->process.tids[i] == fact->tid)
			continue;
		if (!last || last->n == THREADS_PER_ITEM) {
			last = array_push(threads->at, threads->n, threads->size);
			*last = thread_item_of(fact);
		}
		last->tids[last->n++] = fact->process.tids[i];
	}
}

void merge_process_holder(struct merge *merge, const struct fact *fact)
{
	struct holder holder = {
		.kind = fact->holder.kind,
		.process = model_find_process(merge->model, fact->pid),
		.tid = fact->tid,
		.fd = fact->holder.fd,
	};
	struct ns_ref own = { .type = fact->ref.type };
	struct ns *ns;

	if (!holder.process)
		return;
	own.ino = holder.process->ino[own.type];
	ns = holder.kind == HOLDER_THREAD ? model_find(merge->model, own) : NULL;
	if (ns)
		ns->threads_away++;
	model_hold(merge->model, model_get(merge->model, fact->ref), &holder);
}

void merge_detached(struct merge *merge, const struct fact *fact)
{
	merge->model->detached_mounts = true;
}

/* With SOURCE_COUNT: a process that timed out (true), a thread with a new PID namespace. */
static uint64_t error_key(enum source source, bool vanished, pid_t pid)
{
	return (uint64_t)(source << 1 | vanished) << 32 | (uint32_t)pid;
}

bool merge_has_vanished(const struct merge *merge, enum source source, pid_t pid)
{
	return u64map_get(&merge->failed, error_key(source, true, pid));
}

void merge_unreadable(struct merge *merge, pid_t pid)
{
	struct process *process = model_find_process(merge->model, pid);

	if (process)
		process->unreadable = true;
}

/* Vanished threads have keys of their own: they do not make their process unreadable. */
static void merge_error(struct merge *merge, const struct fact *fact)
{
	bool vanished = error_class(fact->failure.error) == ERROR_VANISHED;

	if (fact->pid &&
		!u64map_add(&merge->failed, error_key(fact->failure.source, vanished, fact->pid)))
		return;
	if (!vanished)
		merge_unreadable(merge, fact->pid);
	report_count(merge->report, fact->failure.source, fact->failure.error, fact->pid);
}

void merge_timed_out(struct merge *merge, pid_t pid)
{
	struct process *process = model_find_process(merge->model, pid);

	if (pid && !u64map_add(&merge->failed, error_key(SOURCE_COUNT, true, pid)))
		return;
	report_timed_out(merge->report, pid);
	if (pid && !process) {
		process = model_add_process(merge->model, pid);
		process->attempted = ~0u; /* keeps enrich from reading it: that would time out */
	}
	merge_unreadable(merge, pid);
}

static void merge_limitation(struct merge *merge, const struct fact *fact)
{
	const unsigned of_process =
		LIMITATION_RING_UNREAD | LIMITATION_VISITS | LIMITATION_DESCRIPTORS;

	merge->report->limitations |= fact->limitation;
	if (fact->limitation & of_process)
		merge_unreadable(merge, fact->pid);
	if (fact->limitation == LIMITATION_DESCRIPTORS)
		report_example(merge->report, fact->limitation, (unsigned)fact->pid);
}

void merge_new_pidns(struct merge *merge, const struct fact *fact)
{
	uint64_t key = error_key(SOURCE_COUNT, false, fact->tid);
	struct process *process = model_find_process(merge->model, fact->pid);

	if (!process || !u64map_add(&merge->failed, key))
		return;
	process->new_pidns++;
	if (!process->ino[NS_USER])
		process->ino[NS_USER] = fact->ref.ino;
	merge->report->new_pidns++;
}

struct fact *emit_descriptor(struct emitter *emitter, merge_function *merge, enum holder_kind kind,
	pid_t tid, int fd, uint64_t inode)
{
	struct fact *fact = emit_fact(emitter, merge);

	fact->tid = tid;
	fact->holder.kind = kind;
	fact->holder.fd = fd;
	fact->holder.inode = inode;
	return fact;
}

void emit_holder(
	struct emitter *emitter, struct ns_ref ref, enum holder_kind kind, pid_t tid, int fd)
{
	emit_descriptor(emitter, merge_process_holder, kind, tid, fd, 0)->ref = ref;
}

void emit_limitation(struct emitter *emitter, enum report_limitation limitation)
{
	emit_fact(emitter, merge_limitation)->limitation = limitation;
}

int emit_error(struct emitter *emitter, enum source source, int dirfd, int error)
{
	struct fact *fact;

	if (error_is_fatal(error))
		return error;
	if (emitter->failed & 1u << source)
		return 0;
	/*
	 * Once a process has given up its memory in exit(2), the kernel denies access even to root,
	 * and reads of a vanished process fail in any way. A plain directory may have no stat file.
	 */
	if (dirfd >= 0 && error_class(error) != ERROR_VANISHED) {
		struct proc_stat stat;
		int r = proctext_read_stat(dirfd, &stat);

		if (error_is_fatal(r))
			return r;
		if (r == 0 ? stat.ending || stat.state == 'Z' || stat.state == 'X'
			   : error_class(r) == ERROR_VANISHED && emitter->ctx->procfs.kernel)
			error = -ESRCH;
	}
	if (error_class(error) == ERROR_VANISHED)
		emitter->vanished = true;
	else
		emitter->failed |= 1u << source;
	fact = emit_fact(emitter, merge_error);
	fact->failure.source = source;
	fact->failure.error = error;
	return 0;
}
