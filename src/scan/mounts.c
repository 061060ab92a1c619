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

/* Members of a mount namespace, each of which sees the mounts below its own root. */
struct viewers {
	const struct ns_path *at[NS_PATHS_MAX];
	size_t n;
	bool at_root; /* their root directory is that of the mount namespace */
};

static void set_mount(struct merge *merge, struct holder_mount *mount, const struct fact *fact)
{
	struct model *model = merge->model;
	const struct holder_mount *at = fact->mount.at;
	const char *file = mount->point.file;

	*mount = *at;
	mount->process = fact->pid ? model_find_process(model, fact->pid) : NULL;
	mount->ours = at->mntns == model->our_mnt;
	mount->path = arena_strdup(&model->arena, at->path);
	merge->mount_points += strlen(at->path);
	/* The kernel's list has no files. */
	mount->point.file = at->point.file ? arena_strdup(&model->arena, at->point.file) : file;
	merge->mount_points += at->point.file ? strlen(at->point.file) : 0;
}

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

/*
 * Skips a mount with a known id: mountinfo of a namespace may be read more than once. Prefers a
 * process with the root directory of the mount namespace.
 */
static void merge_mount(struct merge *merge, const struct fact *fact)
{
	const struct holder_mount *at = fact->mount.at;
	uint64_t id = fact->mount.id ? (uint64_t)at->mntns << 32 | fact->mount.id : 0;
	struct holder holder = { .kind = HOLDER_MOUNT };
	struct holder_mount *mount;
	const char *name;

	if (fact->mount.device)
		merge_mounted(merge, fact, id);
	if (!fact->ref.ino)
		return;
	mount = id ? u64map_get(&merge->mount_ids, id) : NULL;
	if (mount) {
		if (fact->pid && at->below_root && !mount->below_root)
			set_mount(merge, mount, fact);
		return;
	}
	holder.mount = mount = arena_alloc(&merge->model->arena, sizeof(*mount));
	if (id)
		u64map_put(&merge->mount_ids, id, mount);
	set_mount(merge, mount, fact);
	name = ns_name_at(mount->path);
	if (name && mount->ours && !mount->file_system)
		u64map_add(&merge->mounted_names, text_hash(name));
	model_hold(merge->model, model_get(merge->model, fact->ref), &holder);
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

/* Which mounts in the namespace ref were emitted. */
static void merge_coverage(struct merge *merge, const struct fact *fact)
{
	if (fact->coverage == COVERAGE_FULL)
		model_get(merge->model, fact->ref)->mounts_whole = true;
	else if (fact->coverage == COVERAGE_PARTIAL)
		get_mount_table(merge, fact->ref.ino)->partial = true;
	else /* it could not be opened */
		get_mount_table(merge, fact->ref.ino)->read = false;
}

/*
 * Finds the first viewer for which the mount point leads to the namespace below its root: something
 * else may be mounted over it, or over a directory above. Returns 0 or -errno, and then sets the
 * first viewer of all, if the mount point is a path.
 */
static int find_viewer(struct emitter *emitter, const struct kernel_mount *mount,
	const struct viewers *viewers, const struct ns_path **ret_viewer)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	struct ns_paths point = { .n = 1 };
	char root[64];
	int r = -ENOENT;

	if (mount->path[0] != '/' || !viewers->n)
		return r;
	*ret_viewer = viewers->at[0];
	if (!emitter->ctx->options.paths || mount->file_system)
		return 0;
	point.at[0] = (struct ns_path){ .root = root, .path = mount->path };
	for (size_t i = 0; i < viewers->n && !error_is_fatal(r); i++) {
		const struct ns_path *viewer = viewers->at[i];

		if (viewer->tid == viewer->pid)
			snprintf(root, sizeof(root), "%d/root", viewer->pid);
		else
			snprintf(root, sizeof(root), "%d/task/%d/root", viewer->pid, viewer->tid);
		r = ns_paths_open(emitter->ctx, &point, mount->ref);
		if (r >= 0) {
			kernel->close(kernel, r);
			*ret_viewer = viewer;
			return 0;
		}
		ns_paths_emit_error(emitter, r);
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

static int emit_mounts(struct emitter *emitter, uint32_t mntns, const struct kernel_mount *mounts,
	size_t n, const struct viewers *viewers)
{
	static const struct ns_path none;
	struct arena *arena = &emitter->worker->arena;

	for (size_t i = 0; i < n && worker_progress(emitter->worker); i++) {
		const struct kernel_mount *mount = &mounts[i];
		const struct ns_path *viewer = &none;
		struct holder_mount *at;
		struct fact *fact;
		int r = -ENOENT;
		bool fits;

		if (!mount->wanted && !mount->ref.ino)
			continue;
		fits = mount_point_fits(emitter, mount->path);
		fact = emit_fact(emitter, merge_mount);
		if (fits && mount->ref.ino)
			r = find_viewer(emitter, mount, viewers, &viewer);
		if (error_is_fatal(r))
			return r;
		fact->ref = mount->ref;
		fact->pid = viewer->pid;
		fact->mount.id = mount->id;
		fact->mount.device = mount->wanted ? arena_strdup(arena, mount->device) : NULL;
		fact->mount.at = at = arena_alloc(arena, sizeof(*at));
		*at = (struct holder_mount){
			.file_system = mount->file_system,
			.path = fits ? arena_strdup(arena, mount->path) : KERNEL_MOUNT_TOO_LONG,
			.mntns = mntns,
			.tid = viewer->tid,
			.below_root = viewers->at_root,
			.hidden = r < 0,
			.point = { .peers = mount->peers, .master = mount->master },
		};
		if (mount->ref.ino && mount->file && mount_point_fits(emitter, mount->file))
			at->point.file = arena_strdup(arena, mount->file);
	}
	return 0;
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
	const struct ctx *ctx, const struct ns_paths *paths, struct viewers *ret_viewers)
{
	size_t wanted = ctx->options.paths ? paths->n : 1;

	*ret_viewers = (struct viewers){ .at_root = true };
	for (size_t i = 0; i < paths->n && ret_viewers->n < wanted; i++) {
		const struct ns_path *path = &paths->at[i];
		CLEANUP_FD int fd = procfs_open_thread_of(&ctx->procfs, path->pid, path->tid);

		if (fd >= 0 && root_is_slash(fd))
			ret_viewers->at[ret_viewers->n++] = path;
	}
}

/*
 * Emits the mounts that members see, until one sees all. Returns the best enum coverage, or -errno,
 * which ends the scan.
 *
 * A root link "/" does not prove that mountinfo shows every mount of the namespace: open_tree(2)
 * makes separate trees, in which no mount of the namespace is on "/", and root directories may be
 * mounted on each other. Before Linux 6.12 the kernel has no count.
 */
static int read_viewers(struct emitter *emitter, const struct ns_item *item, int mnt_fd)
{
	const struct ctx *ctx = emitter->ctx;
	const struct kernel *kernel = ctx->kernel;
	int r = 0, best = COVERAGE_NONE;

	for (size_t i = 0; r == 0 && i < item->paths.n && worker_progress(emitter->worker); i++) {
		const struct ns_path *path = &item->paths.at[i];
		struct viewers viewers = { .at = { path }, .n = 1 };
		struct mount_table table = { 0 };
		CLEANUP_FD int fd = -1;
		uint32_t ino = 0;
		size_t n;

		emitter_next(emitter, path->pid);
		fd = procfs_open_thread_of(&ctx->procfs, path->pid, path->tid);
		r = fd < 0 ? fd : mount_table_read(ctx, fd, &table);
		if (r == 0)
			r = procfs_read_own_ns(&ctx->procfs, fd, NS_MNT, &ino);
		/* Still a member: then this is the table of the mount namespace. */
		if (r < 0) {
			r = emit_error(emitter, SOURCE_MOUNTS, fd, r);
		} else if (ino == item->ref.ino) {
			emitter->cut |= table.points > KERNEL_MOUNT_PATHS_MAX;
			viewers.at_root = root_is_slash(fd);
			r = emit_mounts(emitter, ino, table.at, table.n, &viewers);
			if (r == 0 && table.bad)
				r = emit_error(emitter, SOURCE_MOUNTS, -1, -EBADMSG);
			best = COVERAGE_PARTIAL;
			if (r == 0 && viewers.at_root && (table.has_root || !ctx->procfs.kernel) &&
				(mnt_fd < 0 || kernel->count_mounts(kernel, mnt_fd, &n) < 0 ||
					table.mounts >= n))
				best = COVERAGE_FULL;
		}
		kernel_free_mounts(table.at, table.n);
		if (best == COVERAGE_FULL)
			break;
	}
	return r < 0 ? r : best;
}

/*
 * In our own mount namespace, members are read first: statmount(2) returns mount points relative to
 * our own root. So they are if the files that mounts are on or their sources are wanted, which only
 * mountinfo shows at once. Otherwise, members are read if the kernel's list is incomplete.
 */
static int scan_mount_namespace(struct emitter *emitter, const struct ns_item *item, int fd)
{
	const struct ctx *ctx = emitter->ctx;
	const struct mount_filter *wanted = ctx->options.mounted;
	const bool first = ctx->options.points || wanted || item->ref.ino == ctx->own[NS_MNT];
	struct kernel_mounts listed = { 0 };
	struct viewers viewers;
	int coverage = first ? read_viewers(emitter, item, fd) : COVERAGE_NONE, r = 1;
	struct fact *fact;

	/* r: 0, 1 if the kernel lists no mounts, or -errno */
	if (coverage >= 0 && coverage != COVERAGE_FULL) {
		emitter_next(emitter, 0); /* the list is no process's */
		if (fd >= 0)
			r = ctx->kernel->mounts(
				ctx->kernel, fd, &ctx->superblocks, wanted, &listed);
		if (kernel_unsupported(r))
			emit_limitation(emitter, LIMITATION_STATMOUNT);
		else if (r == -EPERM)
			emit_limitation(emitter, LIMITATION_PRIVILEGE);
		else if (r < 0 && emit_error(emitter, SOURCE_MOUNTS, -1, r) < 0)
			return r;
		r = r == 0 ? 0 : 1;
	}
	if (r >= 0 && !first && !(listed.whole && listed.has_paths))
		coverage = read_viewers(emitter, item, fd);
	if (r == 0 && coverage >= 0 && listed.n) {
		select_viewers(ctx, &item->paths, &viewers);
		r = emit_mounts(emitter, item->ref.ino, listed.at, listed.n, &viewers);
	}
	kernel_free_mounts(listed.at, listed.n);
	if (r < 0 || coverage < 0)
		return r < 0 ? r : coverage;
	if (coverage == COVERAGE_FULL || (listed.whole && !(wanted && wanted->source)))
		coverage = emitter->cut ? COVERAGE_PARTIAL : COVERAGE_FULL;
	else if (r == 0)
		coverage = COVERAGE_PARTIAL;
	else if (coverage == COVERAGE_NONE && fd >= 0)
		return 0; /* an error was emitted, or all have ended */
	fact = emit_fact(emitter, merge_coverage);
	fact->ref = item->ref;
	fact->coverage = (enum coverage)coverage;
	return 0;
}

struct mounts_item {
	struct ns_item ns;      /* its paths are those of member processes and threads */
	struct ns_paths others; /* of other holders, which do not see its mounts */
};

static int scan_mounts(struct emitter *emitter, void *data)
{
	const struct mounts_item *item = data;
	const struct kernel *kernel = emitter->ctx->kernel;
	int fd = ns_paths_open(emitter->ctx, &item->ns.paths, item->ns.ref), r;

	if (fd < 0 && !error_is_fatal(fd))
		fd = ns_paths_open(emitter->ctx, &item->others, item->ns.ref);
	r = error_is_fatal(fd) ? fd : scan_mount_namespace(emitter, &item->ns, fd);
	kernel->close(kernel, fd);
	return r;
}

int scan_mounts_by_fd(struct emitter *emitter, struct ns_ref ref, int fd)
{
	const struct ns_item item = { .ref = ref };

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

/*
 * Adds paths of member processes first, also if they are not wanted as holders, unless they could
 * not be opened before. nsls itself comes last of them: paths below its root are of no use once it
 * has exited.
 */
static void mounts_fill(struct scan *scan, struct work_list *list)
{
	const struct u64map *tables = &scan->merge.mount_tables;
	const struct model *model = scan->merge.model;
	const struct process *self = model_find_process(model, scan->ctx.procfs.self);

	for (size_t i = 0; i <= model->nprocesses; i++) {
		const struct process *process = i < model->nprocesses ? model->processes[i] : self;
		struct holder member = { .kind = HOLDER_PROCESS, .process = process };

		if (!process || (process == self && i < model->nprocesses) || process->zombie ||
			!process->ino[NS_MNT] || u64map_get(tables, process->ino[NS_MNT]))
			continue;
		member.tid = process->tid;
		ns_paths_add(&mounts_get_item(list, process->ino[NS_MNT])->ns.paths, &member,
			NS_MNT, &list->arena);
	}
	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i];
		const struct mount_table_state *state = u64map_get(tables, ns->ref.ino);
		struct mounts_item *item;

		if (ns->ref.type != NS_MNT || (state && state->read))
			continue;
		item = mounts_get_item(list, ns->ref.ino);
		for (const struct holder *h = ns->first; h; h = h->next)
			if (!holder_is_member(h))
				ns_paths_add(
					h->kind == HOLDER_THREAD ? &item->ns.paths : &item->others,
					h, NS_MNT, &list->arena);
	}
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
