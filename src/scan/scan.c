// SPDX-License-Identifier: MIT
/*
 * Runs the phases of a scan in order. The facts of each phase are in the model before the next
 * phase makes its work list.
 */
#include "internal.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *work_list_add(struct work_list *list, size_t size, uint64_t key, pid_t pid)
{
	struct item *item = arena_alloc(&list->arena, size);

	*item = (struct item){ key, pid };
	*array_push(list->at, list->n, list->size) = item;
	return item;
}

void *work_list_get(struct work_list *list, size_t size, uint64_t key, pid_t pid)
{
	void *item = u64map_get(&list->by_key, key);

	if (!item) {
		item = work_list_add(list, size, key, pid);
		u64map_put(&list->by_key, key, item);
	}
	return item;
}

void work_list_add_one(struct scan *scan, struct work_list *list)
{
	work_list_add(list, sizeof(struct item), 0, 0);
}

void work_list_done(struct work_list *list)
{
	arena_done(&list->arena);
	free(list->at);
	u64map_done(&list->by_key);
	*list = (struct work_list){ 0 };
}

/* What the workers of a phase share. */
struct shared {
	const struct phase *phase;
	struct work_list list;
	struct ctx ctx;
	struct spent spent;
};

static void shared_done(void *data)
{
	struct shared *shared = data;

	for (size_t i = 0; shared->phase->item_done && i < shared->list.n; i++)
		shared->phase->item_done(shared->list.at[i]);
	work_list_done(&shared->list);
	u64map_done(&shared->ctx.superblocks);
	free(shared);
}

/* No key has more than 56 bits, because inodes of sockets and rings are counted up from 1. */
static uint64_t item_key(const void *data, size_t i)
{
	const struct shared *shared = data;

	return (uint64_t)shared->phase->id << 56 ^ shared->list.at[i]->key;
}

static int scan_item(struct worker *worker, size_t i, void **ret_found)
{
	const struct shared *shared = worker->shared;
	struct item *item = shared->list.at[i];
	struct emitter emitter = { .worker = worker, .ctx = &shared->ctx, .pid = item->pid };
	int r;

	emitter.end = &emitter.first;
	r = shared->phase->scan(&emitter, item);
	*ret_found = emitter.first;
	return r < 0 ? r : 0;
}

/* Merges the facts of an item. */
static void take_facts(void *taker, const void *data, size_t i, const void *found, bool timed_out)
{
	const struct shared *shared = data;
	struct merge *merge = taker;

	if (timed_out) {
		merge_timed_out(merge, shared->list.at[i]->pid);
		merge->report->limitations |= shared->phase->timeout_limitation;
	}
	for (const struct fact *fact = found; fact; fact = fact->next)
		fact->merge(merge, fact);
}

int phase_run(struct scan *scan, const struct phase *phase)
{
	struct merge *merge = &scan->merge;
	struct work_list *list = &merge->lists[phase->id];
	const struct u64map *superblocks = &merge->superblocks;
	struct shared *shared;
	struct work work = {
		.grain = phase->grain,
		.run_item = scan_item,
		.key = item_key,
		.shared_done = shared_done,
		.own_size = phase->own_size,
		.own_done = phase->own_done,
		.take_result = take_facts,
		.taker = merge,
	};

	if (phase->fill)
		phase->fill(scan, list);
	if (!list->n) {
		work_list_done(list);
		return 0;
	}
	work.n = list->n;
	work.shared = shared = memory_alloc(1, sizeof(*shared));
	shared->phase = phase;
	shared->list = *list;
	*list = (struct work_list){ 0 };
	shared->ctx = scan->ctx;
	shared->ctx.spent = &shared->spent;
	atomic_init(&shared->spent.mount_points, merge->mount_points);
	for (size_t i = 0; i < superblocks->size; i++)
		if (superblocks->slots[i].value)
			ns_ref_put(&shared->ctx.superblocks, superblocks->slots[i].key,
				*(const struct ns_ref *)superblocks->slots[i].value,
				&shared->list.arena);
	return pool_run(scan->pool, &work);
}

/* The order of phases. */

#define SCANS_MAX 6
#define MOVED_SCANS_MAX 3

/*
 * Repeats, because a mount may show a mount namespace, which may contain such a mount, or it may be
 * the only path to a mount namespace since a process has ended.
 */
static int scan_mounts_and_relations(struct scan *scan)
{
	const struct merge *merge = &scan->merge;
	size_t known;
	int r = 0;

	do {
		known = merge->model->n + merge->mount_ids.used;
		if (ctx_wants(&scan->ctx, SOURCE_MOUNTS))
			r = phase_run(scan, &phase_mounts);
		if (r == 0 && scan->ctx.options.relations)
			r = phase_relations(scan);
	} while (r == 0 && merge->model->n + merge->mount_ids.used > known);
	return r;
}

/* Scans everything once. Drops what a scan before has found, except which rings are unread. */
static int scan_once(struct scan *scan)
{
	static const struct phase *const phases[] = { &phase_processes, &phase_threads,
		&phase_started, &phase_compare, &phase_tables, &phase_rings, &phase_sockets, NULL };
	const struct procfs *procfs = &scan->ctx.procfs;
	struct merge *merge = &scan->merge;
	struct model *model = merge->model;
	struct merge begun = {
		.model = model,
		.report = merge->report,
		.ctx = &scan->ctx,
		.rings_unread = merge->rings_unread,
	};
	int r;

	merge->rings_unread = (struct u64map){ 0 };
	merge_done(merge);
	*merge = begun;
	*merge->report = scan->visibility;
	model_done(model);
	model->scan_ticks = proctext_now_ticks();
	model->fixed_initial = scan->ctx.fixed_initial;
	model->our_mnt = scan->ctx.own[NS_MNT];
	model->our_user = scan->ctx.own[NS_USER];
	model->our_pids = procfs->ours;
	model->self = procfs->self;
	scan->related = 0;

	if (scan->ctx.options.bpf) {
		r = phase_run(scan, &phase_bpf);
	} else {
		r = procfs_list(procfs, procfs->fd, ".", 0, &scan->pids);
		if (r == 0 && !scan->pids.n)
			r = -ENODATA;
		for (size_t i = 0; r == 0 && phases[i]; i++)
			r = phase_run(scan, phases[i]);
	}
	if (r == 0)
		r = scan_mounts_and_relations(scan);
	if (r == 0 && ctx_wants(&scan->ctx, SOURCE_KERNEL) && procfs->kernel)
		r = phase_run(scan, &phase_listed);
	return r;
}

/*
 * A namespace that the kernel lists and that has no known holder is mostly new, as is the process
 * that holds it. So everything is scanned again, until each namespace without a holder had none in
 * the scan before either. Namespaces that end meanwhile leave the kernel's list.
 *
 * All of this repeats if a process was found in a namespace that has ended, as its number shows: it
 * is in another one, which may be new.
 */
static int scan_until_stable(struct scan *scan)
{
	static const struct holder by_kernel = { .kind = HOLDER_KERNEL };
	struct merge *merge = &scan->merge;
	int moved_scans = 0, r;

	do {
		/* ids of listed namespaces without holder */
		CLEANUP(u64map_done) struct u64map before = { 0 };
		bool dropped = true;

		r = 0;
		for (int n = 0; r == 0 && dropped && n < SCANS_MAX; n++) {
			r = scan_once(scan);
			dropped = r == 0 && merge_keep_listed_before(merge, &before);
		}
		if (dropped)
			merge->report->limitations |= LIMITATION_TURNOVER;
		if (r == 0 && merge->nlisted) {
			r = phase_run(scan, &phase_listed);
			if (r == 0)
				r = scan_mounts_and_relations(scan);
		}
		for (size_t i = 0; r == 0 && i < merge->nlisted; i++) {
			struct ns *ns = model_find(merge->model, merge->listed[i].ref);

			if (ns && !ns->first)
				model_hold(merge->model, ns, &by_kernel);
		}
		if (r == 0 && scan->ctx.procfs.kernel)
			r = phase_run(scan, &phase_reused);
	} while (r == 0 && merge->moved && ++moved_scans < MOVED_SCANS_MAX);
	if (merge->moved)
		merge->report->limitations |= LIMITATION_TURNOVER;
	return r;
}

/* What the options mean, and what the privileges and namespaces of nsls hide from it. */

#define DESCRIPTORS_DEFAULT ((size_t)4 * 1024 * 1024)
#define MOUNT_POINTS_DEFAULT ((size_t)128 * 1024 * 1024)

static void ctx_set_options(struct ctx *ctx, const struct scan_options *given)
{
	struct scan_options *options = &ctx->options;

	*options = *given;
	if (options->types & 1u << NS_USER)
		options->types = NS_TYPES_ALL; /* each namespace holds its owner */
	if (!(options->types & 1u << NS_NET))
		options->sources &= ~(1u << SOURCE_SOCKETS);
	if (ctx_wants(ctx, SOURCE_PROCESSES) || ctx_wants(ctx, SOURCE_THREADS))
		ctx->links = options->types;
	if (ctx_wants(ctx, SOURCE_SOCKETS))
		ctx->links |= 1u << NS_NET;
	if (ctx_wants(ctx, SOURCE_MOUNTS))
		ctx->links |= 1u << NS_MNT; /* a mount may hold a namespace of any type */
	if (options->pidns)
		ctx->links |= 1u << NS_PID;
	/* The parents of these types may be namespaces that nothing else shows. */
	options->relations |= (given->types & (1u << NS_USER | 1u << NS_PID)) != 0;
	ctx->ids = given->relations || ctx_wants(ctx, SOURCE_KERNEL);
	options->paths &= ctx->procfs.kernel;
	if (!options->descriptors_max)
		options->descriptors_max = DESCRIPTORS_DEFAULT;
	if (!options->mount_points_max)
		options->mount_points_max = MOUNT_POINTS_DEFAULT;
}

/* Finds the types that this kernel lacks and our own namespaces. Returns 0 or -errno. */
static int ctx_detect(struct ctx *ctx)
{
	const struct kernel *kernel = ctx->kernel;
	const struct procfs *procfs = &ctx->procfs;
	int fd = procfs->kernel ? kernel->open_own(kernel, NS_USER) : -1;
	uint64_t id;

	if (fd >= 0) {
		ctx->fixed_initial = kernel->id(kernel, fd, &id) == 0;
		kernel->close(kernel, fd);
	}
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		int r;

		if (t != NS_MNT && t != NS_USER && !(ctx->links & 1u << t))
			continue;
		if (procfs->kernel) {
			r = kernel->own(kernel, t, &ctx->own[t]);
		} else {
			/* A plain directory may show another system, with a self of its own. */
			CLEANUP_FD int ns =
				procfs_open_directory(procfs, procfs->fd, "self/ns", O_PATH);

			r = procfs_read_ns(ns, nstype_info[t].name, t, &ctx->own[t]);
		}
		if (error_is_fatal(r))
			return r;
		/* We are alive, so a link that we do not have is one that the kernel lacks. */
		if (r == -ENOENT && (procfs->kernel || procfs->self))
			ctx->unsupported |= 1u << t;
	}
	return 0;
}

/* Fills the report as it is before the first phase. Returns 0 or -errno. */
static int find_visibility(
	const struct ctx *ctx, const struct scan_options *options, struct report *report)
{
	const struct kernel *kernel = ctx->kernel;
	bool may_trace = kernel->capable(kernel, CAP_SYS_PTRACE), hidepid = false;
	uint32_t pidns;
	int cap, r;

	report->narrowed = options->sources != SOURCES_ALL;
	report->bpf = options->bpf;
	report->no_members = !(options->sources & 1u << SOURCE_PROCESSES);
	report->in_userns =
		ctx->own[NS_USER] && ctx->own[NS_USER] != nstype_info[NS_USER].initial_ino;
	for (size_t i = 0; (cap = report_capability(i)) >= 0; i++)
		if (!kernel->capable(kernel, cap))
			report->lacks |= 1u << cap;
	if (!ctx->procfs.kernel)
		return 0;

	if (!may_trace) {
		CLEANUP_FD int fd = -1;

		r = procfs_has_hidepid(&ctx->procfs, &hidepid);
		if (error_is_fatal(r))
			return r;
		/* PID 1 always exists: a procfs that does not show it hides processes (proc(5)). */
		fd = procfs_open_process(&ctx->procfs, 1);
		hidepid |= fd == -ENOENT;
	}
	if (hidepid && !options->bpf)
		report->limitations |= LIMITATION_HIDEPID;
	if (!kernel->has_self)
		report->limitations |= LIMITATION_SELF;
	if (!ctx->procfs.ours)
		report->limitations |= LIMITATION_FOREIGN;
	else if (kernel->own(kernel, NS_PID, &pidns) == 0 &&
		 pidns != nstype_info[NS_PID].initial_ino)
		report->limitations |= LIMITATION_PIDNS;
	if (!may_trace || !kernel->capable(kernel, CAP_SYS_ADMIN))
		report->limitations |= LIMITATION_PRIVILEGE;
	return 0;
}

int scan_run(const struct procfs *procfs, const struct kernel *kernel, struct pool *pool,
	const struct scan_options *options, struct model *model, struct report *report)
{
	struct scan scan = {
		.ctx = { .procfs = *procfs, .kernel = kernel },
		.pool = pool,
		.merge = { .model = model, .report = report },
	};
	CLEANUP(strbuf_done) struct strbuf name = { 0 };
	int r;

	*report = (struct report){ 0 };
	ctx_set_options(&scan.ctx, options);
	clock_gettime(CLOCK_REALTIME, &scan.ctx.start);
	r = ctx_detect(&scan.ctx);
	if (r == 0)
		r = find_visibility(&scan.ctx, options, &scan.visibility);
	if (r == 0)
		r = scan_until_stable(&scan);
	if (r == 0 && options->names_dir && scan.ctx.options.types & 1u << NS_NET &&
		ctx_wants(&scan.ctx, SOURCE_MOUNTS))
		r = phase_run(&scan, &phase_names);
	/* Any user may read names. Other directories may be on a file system that does not respond.
	 */
	for (size_t i = 0; procfs->kernel && i <= SOURCE_COUNT; i++)
		for (size_t j = 0; j < EXAMPLES_MAX && report->examples[i].at[j].pid; j++) {
			struct example *example = &report->examples[i].at[j];
			CLEANUP_FD int fd = procfs_open_process(procfs, example->pid);

			if (fd >= 0 && proctext_read_comm(fd, &name) == 0)
				snprintf(example->name, sizeof(example->name), "%s",
					strbuf_text(&name));
		}
	merge_report_partial_mounts(&scan.merge);
	merge_done(&scan.merge);
	numbers_done(&scan.pids);
	if (r == 0)
		model_sort(model);
	if (r == 0 && options->points)
		model_find_locked_mounts(model);
	return r;
}

/*
 * Two namespaces never have the same inode at the same time. If the model has two, the inode was
 * used again during the scan. The one that has ended is released: none of its paths leads to it.
 */

static void merge_gone(struct merge *merge, const struct fact *fact)
{
	model_release(model_find(merge->model, fact->ref));
	merge->moved |= fact->moved;
}

static int scan_reused(struct emitter *emitter, void *data)
{
	const struct ns_item *item = data;
	const struct kernel *kernel = emitter->ctx->kernel;
	int fd = ns_paths_open(emitter->ctx, &item->paths, item->ref);
	struct fact *fact;

	kernel->close(kernel, fd);
	if (fd != -ENOENT)
		return error_is_fatal(fd) ? fd : 0;
	fact = emit_fact(emitter, merge_gone);
	fact->ref = item->ref;
	for (size_t i = 0; i < item->paths.n; i++) {
		const struct ns_path *path = &item->paths.at[i];
		uint32_t ino;

		if (!path->root && procfs_read_ns(emitter->ctx->procfs.fd, path->path,
					   item->ref.type, &ino) == 0)
			fact->moved |= ino != item->ref.ino;
	}
	return 0;
}

/* A namespace that has other holders may live on when its paths are gone. */
static bool is_held_by_paths_only(const struct ns *ns)
{
	for (const struct holder *h = ns->first; h; h = h->next)
		if (!holder_has_path(h))
			return false;
	return ns->first && ns->nholders <= NS_PATHS_MAX;
}

static void reused_fill(struct scan *scan, struct work_list *list)
{
	const struct model *model = scan->merge.model;
	CLEANUP(u64map_done) struct u64map by_ino = { 0 };

	for (size_t i = 0; i < model->n; i++) {
		struct ns *ns = model->at[i], *other = u64map_get(&by_ino, ns->ref.ino);

		if (other && is_held_by_paths_only(other))
			work_list_add_ns(list, other);
		if (other && is_held_by_paths_only(ns))
			work_list_add_ns(list, ns);
		u64map_put(&by_ino, ns->ref.ino, ns);
	}
}

const struct phase phase_reused = {
	.id = PHASE_REUSED,
	.fill = reused_fill,
	.scan = scan_reused,
};
