// SPDX-License-Identifier: MIT
/*
 * Puts facts into the model, in the order of the work lists, and keeps the paths by which
 * namespaces can be opened.
 */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void ns_paths_add(
	struct ns_paths *ns_paths, const char *root, const char *path, struct arena *arena)
{
	ns_paths->at[ns_paths->n++] = (struct ns_path){
		.root = arena_strdup(arena, root),
		.path = arena_strdup(arena, path),
	};
}

static void ns_paths_add_holder(struct ns_paths *ns_paths, const struct holder *holder,
	enum nstype type, struct arena *arena)
{
	CLEANUP(strbuf_done) struct strbuf path = { 0 };

	if (holder_root(holder, &path)) {
		ns_paths_add(ns_paths, strbuf_text(&path), holder->mount->path, arena);
	} else {
		holder_path(holder, type, &path);
		ns_paths_add(ns_paths, NULL, strbuf_text(&path), arena);
		if (holder->kind == HOLDER_CHILDREN && type == NS_PID) {
			ns_paths->at[ns_paths->n - 1].pid = holder->process->pid;
			ns_paths->at[ns_paths->n - 1].tid = holder->tid;
		}
	}
}

void ns_paths_of_holders(const struct ns *ns, struct arena *arena, struct ns_paths *ret_paths)
{
	ret_paths->n = 0;
	for (const struct holder *h = ns->first; h && ret_paths->n < NS_PATHS_MAX; h = h->next)
		if (holder_has_path(h))
			ns_paths_add_holder(ret_paths, h, ns->ref.type, arena);
}

void ns_paths_add_process(
	struct ns_paths *ns_paths, pid_t pid, pid_t tid, enum nstype type, struct arena *arena)
{
	char path[64];

	if (ns_paths->n == NS_PATHS_MAX)
		return;
	if (tid == pid)
		snprintf(path, sizeof(path), "%d/%s", pid, nstype_info(type)->link);
	else
		snprintf(path, sizeof(path), "%d/task/%d/%s", pid, tid, nstype_info(type)->link);
	ns_paths_add(ns_paths, NULL, path, arena);
}

static int ns_path_open(const struct ctx *ctx, const struct ns_path *ns_path)
{
	const struct kernel *kernel = ctx->kernel;
	const char *link = ns_path->root ? ns_path->root : ns_path->path;
	const char *slash = strrchr(link, '/');
	CLEANUP_FD int dirfd = -1;
	char dir[64];
	int fd;

	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - link), link);
	dirfd = procfs_open_directory(&ctx->procfs, ctx->procfs.fd, dir);
	if (dirfd < 0)
		return dirfd;
	if (ns_path->root)
		return kernel->open_below(kernel, dirfd, slash + 1, ns_path->path);
	fd = kernel->open(kernel, dirfd, slash + 1);
	/* pid_for_children is missing until a first process has started in the namespace. */
	if (fd == -ENOENT && ns_path->pid && ctx->procfs.ours)
		fd = kernel->children_pidns(kernel, ns_path->pid, ns_path->tid);
	return fd;
}

int ns_paths_open(const struct ctx *ctx, const struct ns_paths *ns_paths, struct ns_ref ref)
{
	const struct kernel *kernel = ctx->kernel;
	int error = -ENOENT;

	for (size_t i = 0; i < ns_paths->n; i++) {
		int fd = ns_path_open(ctx, &ns_paths->at[i]);
		struct ns_ref found;

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
	ns_paths_of_holders(ns, &list->arena, &item->paths);
	list->n -= !item->paths.n;
	return item->paths.n;
}

void merge_done(struct merge *merge)
{
	arena_done(&merge->arena);
	free(merge->threads.at);
	work_list_done(&merge->tables);
	work_list_done(&merge->shared_tables);
	work_list_done(&merge->sockets);
	work_list_done(&merge->rings);
	free(merge->listed.at);
	free(merge->superblocks.at);
	u64map_done(&merge->failed);
	u64map_done(&merge->timed_out);
	u64map_done(&merge->tables_by_sharer);
	u64map_done(&merge->sockets_by_key);
	u64map_done(&merge->rings_by_inode);
	u64map_done(&merge->rings_unread);
	u64map_done(&merge->mounts_read);
	u64map_done(&merge->partial_mounts);
	u64map_done(&merge->unopened);
	u64map_done(&merge->mount_ids);
	u64map_done(&merge->mounted_ids);
	u64map_done(&merge->mounted_names);
	u64map_done(&merge->known_relations);
}

static void thread_list_add(struct merge *merge, const struct fact *fact, int tid)
{
	struct thread_list *list = &merge->threads;
	struct thread_item *last = list->n ? &list->at[list->n - 1] : NULL;

	if (!last || last->head.pid != fact->pid || last->n == THREADS_PER_ITEM) {
		last = array_push(list->at, list->n, list->size);
		*last = (struct thread_item){ .head = { (uint64_t)fact->pid, fact->pid },
			.tid = fact->process.tid };
		memcpy(last->ino, fact->process.ino, sizeof(last->ino));
	}
	last->tids[last->n++] = tid;
}

static void merge_table(struct merge *merge, const struct fact *fact)
{
	struct table_item *item =
		work_list_add(&merge->tables, sizeof(*item), (uint64_t)fact->tid, fact->pid);

	item->tid = fact->tid;
}

void merge_holder(struct merge *merge, struct ns_ref ref, const struct holder *holder)
{
	model_hold(merge->model, model_get(merge->model, ref), holder);
}

static void merge_membership(
	struct merge *merge, const struct fact *fact, const struct process *process)
{
	const struct holder holder = {
		.kind = fact->process.exiting  ? HOLDER_EXITING
			: fact->process.zombie ? HOLDER_ZOMBIE
					       : HOLDER_PROCESS,
		.process = process,
		.tid = fact->process.tid,
	};

	if (!(merge->sources & 1u << SOURCE_PROCESSES))
		return;
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (fact->process.ino[t])
			merge_holder(merge, (struct ns_ref){ t, fact->process.ino[t] }, &holder);
}

static void merge_process(struct merge *merge, const struct fact *fact)
{
	struct process *process = model_find_process(merge->model, fact->pid);

	if (!process)
		process = model_add_process(merge->model, fact->pid);
	process->tid = fact->process.tid;
	process->zombie = fact->process.zombie;
	memcpy(process->ino, fact->process.ino, sizeof(process->ino));
	if (merge->sources & 1u << SOURCE_THREADS)
		for (size_t i = 0; i < fact->process.ntids; i++)
			if (fact->process.tids[i] != fact->process.tid)
				thread_list_add(merge, fact, fact->process.tids[i]);
	merge_membership(merge, fact, process);
}

static void merge_process_holder(struct merge *merge, const struct fact *fact)
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
	merge_holder(merge, fact->ref, &holder);
}

static void merge_new_pidns(struct merge *merge, const struct fact *fact)
{
	/* Differs from every error_key(). */
	uint64_t key = (uint64_t)(SOURCE_COUNT << 1) << 32 | (uint32_t)fact->tid;
	struct process *process = model_find_process(merge->model, fact->pid);

	if (!process || !u64map_add(&merge->failed, key))
		return;
	process->new_pidns++;
	if (!process->ino[NS_USER])
		process->ino[NS_USER] = fact->ref.ino;
	merge->report->new_pidns++;
}

/* A name from which a namespace was unmounted during the scan is about to be removed. */
static void merge_name(struct merge *merge, const struct fact *fact)
{
	if (!fact->name)
		merge->model->names_read = true;
	else if (fact->ref.ino)
		model_add_name(merge->model, fact->ref, fact->name);
	else if (!u64map_get(&merge->mounted_names, text_hash(fact->name)))
		model_add_stale_name(merge->model, fact->name);
}

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

void merge_mounts_read(struct merge *merge, uint32_t ino, bool read)
{
	bool *was_read = u64map_get(&merge->mounts_read, ino);

	if (!was_read) {
		was_read = arena_alloc(&merge->arena, sizeof(*was_read));
		u64map_put(&merge->mounts_read, ino, was_read);
	}
	*was_read = read;
}

static void merge_unopened(struct merge *merge, const struct fact *fact)
{
	if (fact->ref.ino)
		merge_mounts_read(merge, fact->ref.ino, false);
	else
		u64map_add(&merge->unopened, thread_key(fact->pid, fact->tid));
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

static void merge_superblock(struct merge *merge, const struct fact *fact)
{
	struct superblocks *superblocks = &merge->superblocks;

	*array_push(superblocks->at, superblocks->n, superblocks->size) =
		(struct superblock){ fact->device, fact->ref };
}

static void merge_detached(struct merge *merge, const struct fact *fact)
{
	merge->model->detached_mounts = true;
}

static void merge_mount_list(struct merge *merge, const struct fact *fact)
{
	if (fact->kind == FACT_MOUNTS_FULL)
		model_get(merge->model, fact->ref)->mounts_whole = true;
	else
		u64map_add(&merge->partial_mounts, fact->ref.ino);
}

/* Adds an edge to a parent or owner, which exists as long as the namespace below it does. */
static struct ns *merge_edge(
	struct merge *merge, struct ns *below, struct ns_ref ref, enum holder_kind kind)
{
	const struct holder holder = { .kind = kind, .ns = below };
	struct ns *above;

	if (!ref.ino)
		return NULL;
	above = model_get(merge->model, ref);
	model_hold(merge->model, above, &holder);
	return above;
}

static void merge_relations(struct merge *merge, const struct fact *fact)
{
	struct ns_ref owner = { NS_USER, fact->relations.owner };
	struct ns_ref parent = { fact->ref.type, fact->relations.parent };
	struct ns *ns;

	if (fact->relations.later) {
		struct fact *copy = arena_alloc(&merge->arena, sizeof(*copy));

		*copy = *fact;
		copy->relations.later = false;
		u64map_put(&merge->known_relations, ns_ref_key(fact->ref), copy);
		return;
	}
	ns = model_get(merge->model, fact->ref);
	if (ns->related)
		return;
	ns->related = true;
	ns->id = fact->relations.id;
	ns->has_owner_uid = fact->relations.has_owner_uid;
	ns->owner_uid = fact->relations.owner_uid;
	ns->has_netnsid = fact->relations.has_netnsid;
	ns->netnsid = fact->relations.netnsid;
	ns->owner = merge_edge(merge, ns, owner, HOLDER_OWNED);
	ns->parent = merge_edge(merge, ns, parent, HOLDER_CHILD);
	if (fact->ref.type == NS_USER)
		ns->owner = ns->parent;
}

bool merge_known_relations(struct merge *merge, const struct ns *ns)
{
	const struct fact *fact = u64map_get(&merge->known_relations, ns_ref_key(ns->ref));

	if (fact)
		merge_relations(merge, fact);
	return fact;
}

static uint64_t error_key(enum source source, bool vanished, pid_t pid)
{
	return (uint64_t)(source << 1 | vanished) << 32 | (uint32_t)pid;
}

bool merge_has_vanished(const struct merge *merge, enum source source, pid_t pid)
{
	return u64map_get(&merge->failed, error_key(source, true, pid));
}

static void mark_unreadable(const struct merge *merge, pid_t pid)
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
		mark_unreadable(merge, fact->pid);
	report_count(merge->report, fact->failure.source, fact->failure.error, fact->pid);
}

void merge_timed_out(struct merge *merge, pid_t pid)
{
	struct process *process = model_find_process(merge->model, pid);

	if (pid && !u64map_add(&merge->timed_out, (uint64_t)pid))
		return;
	report_timed_out(merge->report, pid);
	if (pid && !process) {
		process = model_add_process(merge->model, pid);
		process->attempted = ~0u; /* keeps enrich from reading it: that would time out */
	}
	mark_unreadable(merge, pid);
}

void merge_ring_unread(struct merge *merge, pid_t pid)
{
	merge->report->limitations |= LIMITATION_RING_UNREAD;
	mark_unreadable(merge, pid);
}

static void merge_limitation(struct merge *merge, const struct fact *fact)
{
	const unsigned of_process =
		LIMITATION_RING_UNREAD | LIMITATION_VISITS | LIMITATION_DESCRIPTORS;

	merge->report->limitations |= fact->limitation;
	if (fact->limitation & of_process)
		mark_unreadable(merge, fact->pid);
	if (fact->limitation == LIMITATION_DESCRIPTORS)
		report_example(merge->report, fact->limitation, (unsigned)fact->pid);
}

static void merge_gone(struct merge *merge, const struct fact *fact)
{
	model_release(model_find(merge->model, fact->ref));
	merge->moved |= fact->moved;
}

void merge_fact(struct merge *merge, const struct fact *fact)
{
	static void (*const merges[])(struct merge *, const struct fact *) = {
		[FACT_PROCESS] = merge_process,
		[FACT_HOLDER] = merge_process_holder,
		[FACT_NEW_PIDNS] = merge_new_pidns,
		[FACT_MOUNT] = merge_mount,
		[FACT_MOUNTS_FULL] = merge_mount_list,
		[FACT_MOUNTS_PARTIAL] = merge_mount_list,
		[FACT_SUPERBLOCK] = merge_superblock,
		[FACT_DETACHED] = merge_detached,
		[FACT_FD_TABLE] = merge_table,
		[FACT_TABLE_SHARER] = merge_table_sharer,
		[FACT_SOCKET] = merge_socket,
		[FACT_RING] = merge_ring,
		[FACT_RING_UNREAD] = merge_unread_ring,
		[FACT_NETNS] = merge_netns,
		[FACT_RELATIONS] = merge_relations,
		[FACT_NAME] = merge_name,
		[FACT_LISTED] = merge_listed,
		[FACT_LIST_END] = merge_listed,
		[FACT_GONE] = merge_gone,
		[FACT_UNOPENED] = merge_unopened,
		[FACT_ERROR] = merge_error,
		[FACT_LIMITATION] = merge_limitation,
	};

	merges[fact->kind](merge, fact);
}

void merge_report_partial_mounts(struct merge *merge)
{
	const struct u64map *partial = &merge->partial_mounts;

	for (size_t i = 0; i < partial->size; i++) {
		const struct u64map_slot *slot = &partial->slots[i];
		const struct ns_ref ref = { NS_MNT, (uint32_t)slot->key };
		const struct ns *ns = slot->value ? model_find(merge->model, ref) : NULL;

		if (slot->value && !(ns && ns->mounts_whole))
			report_example(merge->report, LIMITATION_ROOTS, ref.ino);
	}
}
