// SPDX-License-Identifier: MIT
/* Scans mounts of namespace files, in each mount namespace. */
#include "internal.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/*
 * The mounts of one mount namespace are read from statmount(2), from the mountinfo of members, or
 * from both. Either may be incomplete without an error: statmount(2) up to Linux 6.12, and
 * mountinfo of a process that has another root directory than the namespace. So both are compared
 * with the number of mounts in the namespace, according to the kernel.
 */

/* Members of one mount namespace that are read. */
#define VIEWERS_MAX 8

/* Members of a mount namespace, each of which sees the mounts below its own root. */
struct viewers {
	struct thread at[VIEWERS_MAX];
	size_t n;
	bool at_root; /* their root directory is that of the mount namespace */
};

struct mounts_item {
	struct ns_item ns;
	struct viewers viewers;
};

static void set_mount(struct merge *merge, struct holder_mount *mount, const struct fact *fact)
{
	struct model *model = merge->model;
	const char *file = mount->point.file;

	*mount = *fact->mount.at;
	mount->process = fact->pid ? model_find_process(model, fact->pid) : NULL;
	mount->ours = mount->mntns == model->our_mnt;
	mount->path = arena_strdup(&model->arena, mount->path);
	merge->mount_points += strlen(mount->path);
	if (!mount->point.file) { /* the kernel's list has none */
		mount->point.file = file;
		return;
	}
	mount->point.file = arena_strdup(&model->arena, mount->point.file);
	merge->mount_points += strlen(mount->point.file);
}

/*
 * Skips a mount with a known id: mountinfo of a namespace may be read more than once. Prefers a
 * process with the root directory of the mount namespace.
 */
static void merge_holding_mount(struct merge *merge, const struct fact *fact, uint64_t id)
{
	struct holder holder = { .kind = HOLDER_MOUNT };
	struct holder_mount *mount = id ? u64map_get(&merge->mount_ids, id) : NULL;
	const char *name;

	if (mount) {
		if (fact->pid && fact->mount.at->below_root && !mount->below_root)
			set_mount(merge, mount, fact);
		return;
	}
	mount = arena_alloc(&merge->model->arena, sizeof(*mount));
	if (id)
		u64map_put(&merge->mount_ids, id, mount);
	set_mount(merge, mount, fact);
	if (mount->ours && !mount->file_system && ns_is_named_at(mount->path, &name))
		u64map_add(&merge->mounted_names, text_hash(name));
	holder.mount = mount;
	merge_holder(merge, fact->ref, &holder);
}

/* Like merge_holding_mount(), for a mount that is looked for. */
static void merge_mounted(struct merge *merge, const struct fact *fact, uint64_t id)
{
	struct mounted *mounted = id ? u64map_get(&merge->mounted_ids, id) : NULL;
	const struct holder_mount *at = fact->mount.at;

	if (mounted && (mounted->below_root || !at->below_root))
		return;
	if (!mounted)
		mounted = model_add_mounted(merge->model,
			model_get(merge->model, (struct ns_ref){ NS_MNT, at->mntns }));
	if (id)
		u64map_put(&merge->mounted_ids, id, mounted);
	mounted->path = arena_strdup(&merge->model->arena, at->path);
	mounted->device = arena_strdup(&merge->model->arena, fact->mount.device);
	mounted->below_root = at->below_root;
	merge->mount_points += strlen(mounted->path);
}

static void merge_mount(struct merge *merge, const struct fact *fact)
{
	uint64_t mntns = fact->mount.at->mntns, id = fact->mount.id;

	if (id)
		id |= mntns << 32;
	if (fact->mount.device)
		merge_mounted(merge, fact, id);
	if (fact->ref.ino)
		merge_holding_mount(merge, fact, id);
}

/* What is known of the mount table of a mount namespace. */
struct mount_table_state {
	bool read;    /* it is not to be read again */
	bool partial; /* some mounts may be missing */
};

static struct mount_table_state *get_mount_table(struct merge *merge, uint32_t mntns)
{
	struct mount_table_state *state = u64map_get(&merge->mount_tables, mntns);

	if (!state) {
		state = arena_alloc(&merge->arena, sizeof(*state));
		u64map_put(&merge->mount_tables, mntns, state);
	}
	return state;
}

/* All mounts in mount namespace ref were emitted, some, or none because it could not be opened. */

static void merge_full_mounts(struct merge *merge, const struct fact *fact)
{
	model_get(merge->model, fact->ref)->mounts_whole = true;
}

static void merge_partial_mounts(struct merge *merge, const struct fact *fact)
{
	get_mount_table(merge, fact->ref.ino)->partial = true;
}

static void merge_no_mounts(struct merge *merge, const struct fact *fact)
{
	get_mount_table(merge, fact->ref.ino)->read = false;
}

/*
 * Checks that the mount point leads to the namespace below the viewer's root: something else may be
 * mounted over it, or over a directory above. Returns 0 or -errno.
 */
static int check_mount_path(
	struct emitter *emitter, const struct kernel_mount *mount, const struct thread *viewer)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	struct ns_paths ns_paths = { .n = 1 };
	char root[64];
	int fd;

	if (viewer->tid == viewer->pid)
		snprintf(root, sizeof(root), "%d/root", viewer->pid);
	else
		snprintf(root, sizeof(root), "%d/task/%d/root", viewer->pid, viewer->tid);
	ns_paths.at[0] = (struct ns_path){ .root = root, .path = mount->path };
	fd = ns_paths_open(emitter->ctx, &ns_paths, mount->ref);
	if (fd < 0) {
		ns_paths_emit_error(emitter, fd);
		return fd;
	}
	kernel->close(kernel, fd);
	return 0;
}

/*
 * Finds the first viewer for which the mount point leads to the namespace. Returns 0 or -errno, and
 * then sets the first viewer of all, if the mount point is a path.
 */
static int find_viewer(struct emitter *emitter, const struct kernel_mount *mount,
	const struct viewers *usable, struct thread *ret_viewer)
{
	int r = -ENOENT;

	if (mount->path[0] != '/' || !usable->n)
		return r;
	*ret_viewer = usable->at[0];
	for (size_t i = 0; i < usable->n && !error_is_fatal(r); i++) {
		r = emitter->ctx->options.paths && !mount->file_system
			    ? check_mount_path(emitter, mount, &usable->at[i])
			    : 0;
		if (r == 0) {
			*ret_viewer = usable->at[i];
			return 0;
		}
	}
	return r;
}

/*
 * A mount costs the user some 300 bytes, also as one of the copies that unshare(2) makes of all
 * mounts, while each copy has a mount point of up to 4 KiB. So the bytes of these are limited.
 */
static bool mount_point_fits(struct emitter *emitter, const char *path)
{
	const struct ctx *ctx = emitter->ctx;
	size_t len = strlen(path);
	bool fits = atomic_fetch_add(&ctx->spent->mount_points, len) + len <=
		    ctx->options.mount_points_max;

	if (!fits)
		atomic_fetch_sub(&ctx->spent->mount_points, len);
	emitter->cut |= !fits;
	return fits;
}

static int emit_mount(struct emitter *emitter, uint32_t mntns, const struct kernel_mount *mount,
	const struct viewers *usable)
{
	struct arena *arena = &emitter->worker->arena;
	struct fact *fact = emit_fact(emitter, merge_mount);
	struct holder_mount *at = arena_alloc(arena, sizeof(*at));
	bool fits = mount_point_fits(emitter, mount->path);
	struct thread viewer = { 0 };
	int r = fits && mount->ref.ino ? find_viewer(emitter, mount, usable, &viewer) : -ENOENT;

	fact->ref = mount->ref;
	fact->pid = viewer.pid;
	fact->mount.id = mount->id;
	fact->mount.at = at;
	if (mount->wanted)
		fact->mount.device = arena_strdup(arena, mount->device);
	*at = (struct holder_mount){
		.file_system = mount->file_system,
		.path = fits ? arena_strdup(arena, mount->path) : KERNEL_MOUNT_TOO_LONG,
		.mntns = mntns,
		.tid = viewer.tid,
		.below_root = usable->at_root,
		.hidden = r < 0,
		.point = { .peers = mount->peers, .master = mount->master },
	};
	if (mount->ref.ino && mount->file && mount_point_fits(emitter, mount->file))
		at->point.file = arena_strdup(arena, mount->file);
	return error_is_fatal(r) ? r : 0;
}

static int emit_mounts(struct emitter *emitter, uint32_t mntns, const struct kernel_mount *mounts,
	size_t n, const struct viewers *usable)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n && worker_progress(emitter->worker); i++)
		if (mounts[i].wanted || mounts[i].ref.ino)
			r = emit_mount(emitter, mntns, &mounts[i], usable);
	return r;
}

/* fd: the mount namespace, or -1. Returns 0, 1 if the kernel lists no mounts, or -errno. */
static int read_kernel_list(struct emitter *emitter, int fd, struct kernel_mounts *ret_mounts)
{
	const struct ctx *ctx = emitter->ctx;
	int r = 1;

	if (fd >= 0)
		r = ctx->kernel->mounts(
			ctx->kernel, fd, &ctx->superblocks, ctx->options.mounted, ret_mounts);
	if (r >= 0)
		return r;
	if (kernel_unsupported(r))
		emit_limitation(emitter, LIMITATION_STATMOUNT);
	else if (r == -EPERM)
		emit_limitation(emitter, LIMITATION_PRIVILEGE);
	else if (emit_error(emitter, SOURCE_MOUNTS, -1, r) < 0)
		return r;
	return 1;
}

/* A process with any other root link has another root directory than its mount namespace. */
static bool root_is_slash(int dirfd)
{
	char root[8];
	int r = procfs_read_link(dirfd, "root", root, sizeof(root));

	return r == -ENOENT || (r == 0 && !strcmp(root, "/"));
}

/* Selects the members that have root "/". One is enough if paths are not checked. */
static void select_viewers(
	const struct ctx *ctx, const struct mounts_item *item, struct viewers *ret_viewers)
{
	const struct viewers *all = &item->viewers;
	size_t wanted = ctx->options.paths ? all->n : 1;

	*ret_viewers = (struct viewers){ .at_root = true };
	for (size_t i = 0; i < all->n && ret_viewers->n < wanted; i++) {
		const struct thread *viewer = &all->at[i];
		CLEANUP_FD int fd = procfs_open_thread_of(&ctx->procfs, viewer->pid, viewer->tid);

		if (fd >= 0 && root_is_slash(fd))
			ret_viewers->at[ret_viewers->n++] = *viewer;
	}
}

/*
 * Returns whether mountinfo of a process shows every mount of its namespace. A root link "/" does
 * not prove that: open_tree(2) makes separate trees, in which no mount of the namespace is on "/",
 * and root directories may be mounted on each other. Before Linux 6.12 the kernel has no count.
 */
static bool shows_all_mounts(
	const struct emitter *emitter, int dirfd, const struct mount_table *table, int fd)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	size_t n;

	if (!root_is_slash(dirfd) || (!table->has_root && emitter->ctx->procfs.kernel))
		return false;
	return fd < 0 || kernel->count_mounts(kernel, fd, &n) < 0 || table->mounts >= n;
}

enum coverage { COVERAGE_NONE, COVERAGE_PARTIAL, COVERAGE_FULL };

/* Emits the mounts that one member sees. Returns enum coverage, or -errno, which ends the scan. */
static int read_viewer(
	struct emitter *emitter, uint32_t mntns, const struct thread *viewer, int mnt_fd)
{
	const struct ctx *ctx = emitter->ctx;
	CLEANUP_FD int fd = procfs_open_thread_of(&ctx->procfs, viewer->pid, viewer->tid);
	struct viewers usable = { .at = { *viewer }, .n = 1 };
	struct mount_table table;
	uint32_t ino;
	int r;

	if (fd < 0)
		return emit_error(emitter, SOURCE_MOUNTS, -1, fd);
	r = mount_table_read(ctx, fd, &table);
	if (r < 0)
		return emit_error(emitter, SOURCE_MOUNTS, fd, r);
	/* Still a member: then this is the table of the mount namespace. */
	if (procfs_read_own_ns(&ctx->procfs, fd, NS_MNT, &ino) == 0 && ino == mntns) {
		emitter->cut |= table.points > KERNEL_MOUNT_PATHS_MAX;
		usable.at_root = root_is_slash(fd);
		r = emit_mounts(emitter, mntns, table.at, table.n, &usable);
		if (r == 0 && table.bad)
			r = emit_error(emitter, SOURCE_MOUNTS, -1, -EBADMSG);
		if (r == 0)
			r = shows_all_mounts(emitter, fd, &table, mnt_fd) ? COVERAGE_FULL
									  : COVERAGE_PARTIAL;
	}
	kernel_free_mounts(table.at, table.n);
	return r;
}

/* Reads viewers until one shows all mounts. Returns the best coverage, or -errno. */
static int read_viewers(struct emitter *emitter, const struct mounts_item *item, int mnt_fd)
{
	int best = COVERAGE_NONE;

	for (size_t i = 0; i < item->viewers.n && worker_progress(emitter->worker); i++) {
		int r;

		emitter_next(emitter, item->viewers.at[i].pid);
		r = read_viewer(emitter, item->ns.ref.ino, &item->viewers.at[i], mnt_fd);
		if (r < 0 || r == COVERAGE_FULL)
			return r;
		best = r > best ? r : best;
	}
	return best;
}

/*
 * In our own mount namespace, members are read first: statmount(2) returns mount points relative to
 * our own root. So they are if the files that mounts are on or their sources are wanted, which only
 * mountinfo shows at once. Otherwise, members are read if the kernel's list is incomplete.
 */
static int scan_mount_namespace(struct emitter *emitter, const struct mounts_item *item, int fd)
{
	const struct mount_filter *wanted = emitter->ctx->options.mounted;
	const bool first = emitter->ctx->options.points || wanted ||
			   item->ns.ref.ino == emitter->ctx->own[NS_MNT];
	struct kernel_mounts listed = { 0 };
	struct viewers usable = { .n = 0 };
	int coverage = first ? read_viewers(emitter, item, fd) : COVERAGE_NONE, r = 1;
	bool full;

	if (coverage >= 0 && coverage != COVERAGE_FULL) {
		emitter_next(emitter, 0); /* the list is no process's */
		r = read_kernel_list(emitter, fd, &listed);
	}
	if (r >= 0 && !first && !(listed.whole && listed.has_paths))
		coverage = read_viewers(emitter, item, fd);
	if (r == 0 && coverage >= 0 && listed.n) {
		select_viewers(emitter->ctx, item, &usable);
		r = emit_mounts(emitter, item->ns.ref.ino, listed.at, listed.n, &usable);
	}
	kernel_free_mounts(listed.at, listed.n);
	if (r < 0 || coverage < 0)
		return r < 0 ? r : coverage;
	if (r > 0 && coverage == COVERAGE_NONE) { /* an error was emitted, or all have ended */
		if (fd < 0)
			emit_fact(emitter, merge_no_mounts)->ref = item->ns.ref;
		return 0;
	}
	full = coverage == COVERAGE_FULL || (listed.whole && !(wanted && wanted->source));
	emit_fact(emitter, full && !emitter->cut ? merge_full_mounts : merge_partial_mounts)->ref =
		item->ns.ref;
	return 0;
}

static int scan_mounts(struct emitter *emitter, void *data)
{
	const struct mounts_item *item = data;
	const struct kernel *kernel = emitter->ctx->kernel;
	int fd = ns_paths_open(emitter->ctx, &item->ns.paths, item->ns.ref);
	int r = error_is_fatal(fd) ? fd : scan_mount_namespace(emitter, item, fd);

	if (fd >= 0)
		kernel->close(kernel, fd);
	return r;
}

int scan_mounts_by_fd(struct emitter *emitter, struct ns_ref ref, int fd)
{
	const struct mounts_item item = { .ns.ref = ref };

	if (ref.type != NS_MNT || !ctx_wants(emitter->ctx, SOURCE_MOUNTS))
		return 0;
	return scan_mount_namespace(emitter, &item, fd);
}

static struct mounts_item *mounts_get_item(struct work_list *list, uint32_t mntns)
{
	struct mounts_item *item = work_list_get(list, sizeof(*item), mntns, 0);

	item->ns.ref = (struct ns_ref){ NS_MNT, mntns };
	return item;
}

static void viewers_add(struct viewers *viewers, pid_t pid, pid_t tid)
{
	if (viewers->n < VIEWERS_MAX)
		viewers->at[viewers->n++] = (struct thread){ pid, tid };
}

static void mounts_add_process(
	const struct scan *scan, struct work_list *list, const struct process *process)
{
	const struct holder member = {
		.kind = HOLDER_PROCESS, .process = process, .tid = process->tid
	};
	uint32_t mntns = process->ino[NS_MNT];
	const struct mount_table_state *state = u64map_get(&scan->merge.mount_tables, mntns);
	struct mounts_item *item;

	if (!mntns || process->zombie || (state && state->read))
		return;
	item = mounts_get_item(list, mntns);
	viewers_add(&item->viewers, process->pid, process->tid);
	ns_paths_add(&item->ns.paths, &member, NS_MNT, &list->arena);
}

/* Adds paths of other holders if no path of a member led to the namespace, or it has no member. */
static void mounts_add_namespaces(const struct scan *scan, struct work_list *list)
{
	const struct model *model = scan->merge.model;

	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i];
		const struct mount_table_state *state =
			u64map_get(&scan->merge.mount_tables, ns->ref.ino);
		struct mounts_item *item;
		bool other;

		if (ns->ref.type != NS_MNT || (state && state->read))
			continue;
		item = mounts_get_item(list, ns->ref.ino);
		if (state)
			item->ns.paths.n = 0;
		other = !item->ns.paths.n;
		for (const struct holder *h = ns->first; h; h = h->next) {
			if (h->kind == HOLDER_THREAD)
				viewers_add(&item->viewers, h->process->pid, h->tid);
			if (other)
				ns_paths_add(&item->ns.paths, h, NS_MNT, &list->arena);
		}
	}
}

static void mounts_fill(struct scan *scan, struct work_list *list)
{
	const struct model *model = scan->merge.model;
	const struct process *self = model_find_process(model, scan->ctx.procfs.self);

	/*
	 * Processes are viewers, also if they are not wanted as holders. nsls itself comes last:
	 * paths below its root are of no use once it has exited.
	 */
	for (size_t i = 0; i < model->nprocesses; i++)
		if (model->processes[i] != self)
			mounts_add_process(scan, list, model->processes[i]);
	if (self)
		mounts_add_process(scan, list, self);
	mounts_add_namespaces(scan, list);
	for (size_t i = 0; i < list->n; i++)
		get_mount_table(&scan->merge, (uint32_t)list->at[i]->key)->read = true;
}

const struct phase phase_mounts = {
	.id = PHASE_MOUNTS,
	.grain = 4,
	.fill = mounts_fill,
	.scan = scan_mounts,
};

void merge_report_partial_mounts(struct merge *merge)
{
	const struct u64map *tables = &merge->mount_tables;

	for (size_t i = 0; i < tables->size; i++) {
		const struct mount_table_state *state = tables->slots[i].value;
		const struct ns_ref ref = { NS_MNT, (uint32_t)tables->slots[i].key };
		const struct ns *ns = state ? model_find(merge->model, ref) : NULL;

		if (state && state->partial && !(ns && ns->mounts_whole))
			report_example(merge->report, LIMITATION_ROOTS, ref.ino);
	}
}
