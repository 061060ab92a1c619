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

void work_list_done(struct work_list *list)
{
	arena_done(&list->arena);
	free(list->at);
	u64map_done(&list->by_key);
	*list = (struct work_list){ 0 };
}

/* What the workers of a phase share. */
struct phase {
	const struct scanner *scanner;
	struct work_list list;
	struct ctx ctx;
	struct spent spent;
};

static void phase_done(void *data)
{
	struct phase *phase = data;

	for (size_t i = 0; phase->scanner->item_done && i < phase->list.n; i++)
		phase->scanner->item_done(phase->list.at[i]);
	work_list_done(&phase->list);
	free(phase);
}

/* No key has more than 56 bits, because inodes of sockets and rings are counted up from 1. */
static uint64_t item_key(const void *shared, size_t i)
{
	const struct phase *phase = shared;

	return (uint64_t)phase->scanner->id << 56 ^ phase->list.at[i]->key;
}

static int scan_item(struct worker *worker, size_t i, void **ret_found)
{
	const struct phase *phase = worker->shared;
	const struct item *item = phase->list.at[i];
	struct emitter emitter = { .worker = worker, .ctx = &phase->ctx, .pid = item->pid };
	int r;

	emitter.end = &emitter.first;
	r = phase->scanner->scan(&emitter, item);
	*ret_found = emitter.first;
	return r < 0 ? r : 0;
}

/* Copies the file systems that hold namespaces to the memory of a list. */
static struct superblocks copy_superblocks(const struct superblocks *all, struct work_list *list)
{
	struct superblocks copy = { .at = arena_alloc(&list->arena, all->n * sizeof(*all->at)),
		.n = all->n };

	if (all->n)
		memcpy(copy.at, all->at, all->n * sizeof(*all->at));
	superblocks_sort(&copy);
	return copy;
}

/* Merges the facts of an item. */
static void take_facts(void *taker, const void *shared, size_t i, const void *found, bool timed_out)
{
	const struct phase *phase = shared;
	struct merge *merge = &((struct scan *)taker)->merge;

	if (timed_out) {
		merge_timed_out(merge, phase->list.at[i]->pid);
		merge->report->limitations |= phase->scanner->timeout_limitation;
	}
	for (const struct fact *fact = found; fact; fact = fact->next)
		fact->merge(merge, fact);
}

int phase_scan(struct scan *scan, const struct scanner *scanner, struct work_list *list)
{
	struct phase *phase;
	struct work work = {
		.n = list->n,
		.grain = scanner->grain,
		.run_item = scan_item,
		.key = item_key,
		.shared_done = phase_done,
		.own_size = scanner->own_size,
		.own_done = scanner->own_done,
		.take_result = take_facts,
		.taker = scan,
	};

	if (!list->n) {
		work_list_done(list);
		return 0;
	}
	work.shared = phase = memory_alloc(1, sizeof(*phase));
	phase->scanner = scanner;
	phase->list = *list;
	*list = (struct work_list){ 0 };
	phase->ctx = scan->ctx;
	phase->ctx.spent = &phase->spent;
	phase->ctx.superblocks = copy_superblocks(&scan->merge.superblocks, &phase->list);
	atomic_init(&phase->spent.mount_points, scan->merge.mount_points);
	return pool_run(scan->pool, &work);
}

#define DESCRIPTORS_DEFAULT ((size_t)4 * 1024 * 1024)
#define MOUNT_POINTS_DEFAULT ((size_t)128 * 1024 * 1024)

#define SCANS_MAX 6
#define MOVED_SCANS_MAX 3

static int scan_processes(struct scan *scan)
{
	static int (*const phases[])(struct scan * scan) = { phase_processes, phase_threads,
		phase_started, phase_tables, phase_rings, phase_sockets };
	const struct procfs *procfs = &scan->ctx.procfs;
	int r;

	if (scan->ctx.options.bpf)
		return phase_bpf(scan);
	r = procfs_list(procfs, procfs->fd, ".", 0, &scan->pids);
	if (r == 0 && !scan->pids.n)
		r = -ENODATA;
	for (size_t i = 0; r == 0 && i < sizeof(phases) / sizeof(*phases); i++)
		r = phases[i](scan);
	return r;
}

/*
 * Repeats, because a mount may show a mount namespace, which may contain such a mount, or it may be
 * the only path to a mount namespace since a process has ended.
 */
static int scan_namespaces(struct scan *scan)
{
	const struct merge *merge = &scan->merge;
	size_t known;
	int r;

	do {
		known = merge->model->n + merge->mount_ids.used;
		r = phase_mounts(scan);
		if (r == 0 && scan->ctx.relations)
			r = phase_relations(scan);
	} while (r == 0 && merge->model->n + merge->mount_ids.used > known);
	return r;
}

/* Drops what a scan before has found, except which rings could not be read. */
static void scan_begin(struct scan *scan)
{
	struct merge *merge = &scan->merge;
	struct model *model = merge->model;
	struct report *report = merge->report;
	struct u64map rings_unread = merge->rings_unread;
	int cap;

	*report = (struct report){
		.narrowed = scan->ctx.options.sources != SOURCES_ALL,
		.bpf = scan->ctx.options.bpf,
		.no_members = !(scan->ctx.options.sources & 1u << SOURCE_PROCESSES),
		.limitations = scan->limitations,
		.in_userns = scan->ctx.own[NS_USER] &&
			     scan->ctx.own[NS_USER] != nstype_info(NS_USER)->initial_ino,
	};
	for (size_t i = 0; (cap = report_capability(i)) >= 0; i++)
		if (!scan->ctx.kernel->capable(scan->ctx.kernel, cap))
			report->lacks |= 1u << cap;
	model_done(model);
	model->scan_ticks = proctext_now_ticks();
	model->fixed_initial = scan->ctx.fixed_initial;
	model->our_mnt = scan->ctx.own[NS_MNT];
	model->our_user = scan->ctx.own[NS_USER];
	model->our_pids = scan->ctx.procfs.ours;
	model->self = scan->ctx.procfs.self;
	merge->rings_unread = (struct u64map){ 0 };
	merge_done(merge);
	*merge = (struct merge){
		.model = model,
		.report = report,
		.ctx = &scan->ctx,
		.rings_unread = rings_unread,
	};
	scan->related = 0;
}

/*
 * A namespace that the kernel lists and that has no known holder is mostly new, as is the process
 * that holds it. So everything is scanned again, until each namespace without a holder had none in
 * the scan before either. Namespaces that end meanwhile leave the kernel's list.
 */
static int scan_until_stable(struct scan *scan)
{
	/* ids of listed namespaces without holder */
	CLEANUP(u64map_done) struct u64map before = { 0 };
	bool dropped = true;
	int r = 0;

	for (int n = 0; r == 0 && dropped && n < SCANS_MAX; n++) {
		scan_begin(scan);
		r = scan_processes(scan);
		if (r == 0)
			r = scan_namespaces(scan);
		if (r == 0 && ctx_wants(&scan->ctx, SOURCE_KERNEL) && scan->ctx.procfs.kernel)
			r = phase_list(scan, false);
		dropped = r == 0 && merge_keep_listed_before(&scan->merge, &before);
	}
	if (r == 0 && dropped)
		scan->merge.report->limitations |= LIMITATION_TURNOVER;
	return r;
}

/* Reads the names of processes that could not be read completely. Any user may read these. */
static void name_examples(const struct procfs *procfs, struct report *report)
{
	CLEANUP(strbuf_done) struct strbuf name = { 0 };
	struct examples *examples;

	for (size_t i = 0; (examples = report_examples(report, i)); i++)
		for (size_t j = 0; j < EXAMPLES_MAX && examples->at[j].pid; j++) {
			struct example *example = &examples->at[j];
			CLEANUP_FD int fd = procfs_open_process(procfs, example->pid);

			if (fd >= 0 && proctext_read_comm(fd, &name) == 0)
				snprintf(example->name, sizeof(example->name), "%s",
					strbuf_text(&name));
		}
}

/*
 * Repeats if a process was found in a namespace that has ended, as its number shows: it is in
 * another one, which may be new.
 */
static int scan_all(struct scan *scan)
{
	int n = 0, r;

	do {
		r = scan_until_stable(scan);
		if (r == 0 && scan->merge.listed.n) {
			r = phase_list(scan, true);
			if (r == 0)
				r = scan_namespaces(scan);
			if (r == 0)
				merge_kernel_holders(&scan->merge);
		}
		if (r == 0 && scan->ctx.procfs.kernel)
			r = phase_reused(scan);
	} while (r == 0 && scan->merge.moved && ++n < MOVED_SCANS_MAX);
	if (scan->merge.moved)
		scan->merge.report->limitations |= LIMITATION_TURNOVER;
	return r == 0 ? phase_names(scan) : r;
}

static void choose_sources(struct ctx *ctx, const struct scan_options *options)
{
	/* Their parents may be namespaces that nothing else shows. */
	const unsigned types_with_parents = 1u << NS_USER | 1u << NS_PID;

	ctx->sources = options->sources;
	ctx->types = options->types;
	if (ctx->types & 1u << NS_USER)
		ctx->types = NS_TYPES_ALL; /* each namespace holds its owner */
	if (!(ctx->types & 1u << NS_NET))
		ctx->sources &= ~(1u << SOURCE_SOCKETS);
	if (ctx_wants(ctx, SOURCE_PROCESSES) || ctx_wants(ctx, SOURCE_THREADS))
		ctx->links = ctx->types;
	if (ctx_wants(ctx, SOURCE_SOCKETS))
		ctx->links |= 1u << NS_NET;
	if (ctx_wants(ctx, SOURCE_MOUNTS))
		ctx->links |= 1u << NS_MNT; /* a mount may hold a namespace of any type */
	if (options->pidns)
		ctx->links |= 1u << NS_PID;
	ctx->relations = options->relations || options->types & types_with_parents;
	ctx->ids = options->relations || options->sources & 1u << SOURCE_KERNEL;
	ctx->paths = options->paths && ctx->procfs.kernel;
	ctx->options = *options;
	if (!options->descriptors_max)
		ctx->options.descriptors_max = DESCRIPTORS_DEFAULT;
	if (!options->mount_points_max)
		ctx->options.mount_points_max = MOUNT_POINTS_DEFAULT;
}

/* What the privileges and namespaces of nsls hide from it. */

/* Reads our own namespace. A plain directory may show another system, with a self of its own. */
static int read_own_ns(const struct ctx *ctx, enum nstype type, uint32_t *ret_ino)
{
	CLEANUP_FD int ns_fd = -1;

	if (ctx->procfs.kernel)
		return ctx->kernel->own(ctx->kernel, type, ret_ino);
	ns_fd = procfs_open_directory(&ctx->procfs, ctx->procfs.fd, "self/ns");
	return ns_fd < 0 ? ns_fd : procfs_read_ns(ns_fd, nstype_info(type)->name, type, ret_ino);
}

/* Finds the types that this kernel lacks and our own namespaces. Returns 0 or -errno. */
static int visibility_detect(struct ctx *ctx)
{
	const struct kernel *kernel = ctx->kernel;
	int fd = ctx->procfs.kernel ? kernel->open_own(kernel, NS_USER) : -1;
	uint64_t id;

	if (fd >= 0) {
		ctx->fixed_initial = kernel->id(kernel, fd, &id) == 0;
		kernel->close(kernel, fd);
	}
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		int r;

		if (t != NS_MNT && t != NS_USER && !(ctx->links & 1u << t))
			continue;
		r = read_own_ns(ctx, t, &ctx->own[t]);
		if (error_is_fatal(r))
			return r;
		/* We are alive, so a link that we do not have is one that the kernel lacks. */
		if (r == -ENOENT && (ctx->procfs.kernel || ctx->procfs.self))
			ctx->unsupported |= 1u << t;
	}
	return 0;
}

/* PID 1 always exists: a procfs that does not show it hides processes (proc(5), hidepid). */
static bool hides_pid_1(const struct ctx *ctx)
{
	int fd = procfs_open_process(&ctx->procfs, 1);

	if (fd >= 0)
		close(fd);
	return fd == -ENOENT;
}

/*
 * Finds the limitations (enum report_limitation) that follow from our privileges and namespaces.
 * Returns 0 or -errno.
 */
static int visibility_limitations(const struct ctx *ctx, unsigned *ret_limitations)
{
	const struct kernel *kernel = ctx->kernel;
	bool may_trace = kernel->capable(kernel, CAP_SYS_PTRACE), hidepid = false;
	unsigned limitations = 0;
	uint32_t pidns;
	int r = 0;

	if (!ctx->procfs.kernel)
		return 0;
	if (!may_trace)
		r = procfs_has_hidepid(&ctx->procfs, &hidepid);
	if (error_is_fatal(r))
		return r;
	if (hidepid || (!may_trace && hides_pid_1(ctx)))
		limitations |= LIMITATION_HIDEPID;
	if (!kernel->has_self)
		limitations |= LIMITATION_SELF;
	if (!ctx->procfs.ours)
		limitations |= LIMITATION_FOREIGN;
	else if (kernel->own(kernel, NS_PID, &pidns) == 0 &&
		 pidns != nstype_info(NS_PID)->initial_ino)
		limitations |= LIMITATION_PIDNS;
	if (!may_trace || !kernel->capable(kernel, CAP_SYS_ADMIN))
		limitations |= LIMITATION_PRIVILEGE;
	*ret_limitations = limitations;
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
	int r;

	*report = (struct report){ 0 };
	choose_sources(&scan.ctx, options);
	clock_gettime(CLOCK_REALTIME, &scan.ctx.start);
	r = visibility_detect(&scan.ctx);
	if (r == 0)
		r = visibility_limitations(&scan.ctx, &scan.limitations);
	if (options->bpf)
		scan.limitations &= ~(unsigned)LIMITATION_HIDEPID;
	if (r == 0)
		r = scan_all(&scan);
	if (procfs->kernel) /* other directories may be on a file system that does not respond */
		name_examples(procfs, report);
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

/* Returns true if a process is in another namespace than this one, in which it was found. */
static bool has_moved(const struct procfs *procfs, const struct ns_item *item)
{
	for (size_t i = 0; i < item->paths.n; i++) {
		const struct ns_path *path = &item->paths.at[i];
		uint32_t ino;

		if (!path->root &&
			procfs_read_ns(procfs->fd, path->path, item->ref.type, &ino) == 0 &&
			ino != item->ref.ino)
			return true;
	}
	return false;
}

static void merge_gone(struct merge *merge, const struct fact *fact)
{
	model_release(model_find(merge->model, fact->ref));
	merge->moved |= fact->moved;
}

static int scan_reused(struct emitter *emitter, const void *data)
{
	const struct ns_item *item = data;
	const struct kernel *kernel = emitter->ctx->kernel;
	int fd = ns_paths_open(emitter->ctx, &item->paths, item->ref);
	struct fact *fact;

	if (fd >= 0)
		kernel->close(kernel, fd);
	if (fd != -ENOENT)
		return error_is_fatal(fd) ? fd : 0;
	fact = emit_fact(emitter, merge_gone);
	fact->ref = item->ref;
	fact->moved = has_moved(&emitter->ctx->procfs, item);
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

int phase_reused(struct scan *scan)
{
	static const struct scanner scanner = { .id = 'u', .scan = scan_reused };
	const struct model *model = scan->merge.model;
	struct work_list list = { 0 };
	CLEANUP(u64map_done) struct u64map by_ino = { 0 };

	for (size_t i = 0; i < model->n; i++) {
		struct ns *ns = model->at[i], *other = u64map_get(&by_ino, ns->ref.ino);

		if (other && is_held_by_paths_only(other))
			work_list_add_ns(&list, other);
		if (other && is_held_by_paths_only(ns))
			work_list_add_ns(&list, ns);
		u64map_put(&by_ino, ns->ref.ino, ns);
	}
	return phase_scan(scan, &scanner, &list);
}
