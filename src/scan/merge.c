// SPDX-License-Identifier: MIT
/*
 * Puts facts into the model, in the order of the work lists, and keeps the paths by which
 * namespaces can be opened.
 */
#include "internal.h"

#include "nsls/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Paths by which namespaces can be opened. */

static void add(struct doors *doors, const char *root, const char *path, struct arena *arena)
{
	doors->at[doors->n++] = (struct door){
		.root = root ? arena_strdup(arena, root) : NULL,
		.path = arena_strdup(arena, path),
	};
}

static void add_holder(
	struct doors *doors, const struct holder *holder, enum nstype type, struct arena *arena)
{
	struct strbuf path;

	strbuf_init(&path);
	if (holder_root(holder, &path)) {
		add(doors, strbuf_text(&path), holder->mount->path, arena);
	} else {
		holder_path(holder, type, &path);
		add(doors, NULL, strbuf_text(&path), arena);
		if (holder->kind == HOLDER_CHILDREN && type == NS_PID) {
			doors->at[doors->n - 1].pid = holder->task->pid;
			doors->at[doors->n - 1].tid = holder->tid;
		}
	}
	strbuf_done(&path);
}

void doors_of(const struct ns *ns, struct arena *arena, struct doors *ret_doors)
{
	ret_doors->n = 0;
	for (const struct holder *h = ns->first; h && ret_doors->n < DOORS_MOST; h = h->next)
		if (holder_has_path(h))
			add_holder(ret_doors, h, ns->ref.type, arena);
}

void doors_add_task(
	struct doors *doors, pid_t pid, pid_t tid, enum nstype type, struct arena *arena)
{
	char path[64];

	if (doors->n == DOORS_MOST)
		return;
	if (tid == pid)
		snprintf(path, sizeof(path), "%d/%s", pid, nstype_info(type)->link);
	else
		snprintf(path, sizeof(path), "%d/task/%d/%s", pid, tid, nstype_info(type)->link);
	add(doors, NULL, path, arena);
}

static int open_door(const struct scene *scene, const struct door *door)
{
	const struct kernel *kernel = scene->kernel;
	int fd;

	if (door->root)
		return kernel->open_below(kernel, scene->procfs.fd, door->root, door->path);
	fd = kernel->open(kernel, scene->procfs.fd, door->path);
	/* No process has started in there yet. */
	if (fd == -ENOENT && door->pid && scene->procfs.ours)
		fd = kernel->children_pidns(kernel, door->pid, door->tid);
	return fd;
}

int doors_open(const struct scene *scene, const struct doors *doors, struct ns_ref ref)
{
	const struct kernel *kernel = scene->kernel;
	int error = -ENOENT;

	for (size_t i = 0; i < doors->n; i++) {
		int fd = open_door(scene, &doors->at[i]);
		struct ns_ref found;

		if (error_is_fatal(fd))
			return fd;
		if (fd < 0) {
			error = error_class(fd) == ERROR_VANISHED ? error : fd;
			continue;
		}
		/* A PID, a descriptor or a mount point may lead elsewhere by now. */
		if (kernel->ref(kernel, fd, &found) == 0 && ns_ref_key(found) == ns_ref_key(ref))
			return fd;
		kernel->close(kernel, fd);
	}
	return error;
}

void doors_judge(struct look *look, int error)
{
	if (error == -ENOSYS || error == -EINVAL)
		look_gap(look, REPORT_GAP_OPENAT2);
}

/* Work lists of namespaces that are opened by such paths. */

struct door_list *door_list_new(const struct scene *scene)
{
	struct door_list *list = memory_alloc(1, sizeof(*list));

	list->scene = *scene;
	return list;
}

void door_list_add(struct door_list *list, const struct ns *ns)
{
	struct door_item *at = array_push(list->at, list->n, list->size);

	at->ref = ns->ref;
	doors_of(ns, &list->arena, &at->doors);
	if (!at->doors.n)
		list->n--;
}

static void path_list_shared_done(void *data)
{
	struct door_list *list = data;

	arena_done(&list->arena);
	free(list->at);
	free(list);
}

static uint64_t path_list_key(const void *shared, size_t i)
{
	return ns_ref_key(((const struct door_list *)shared)->at[i].ref);
}

int door_list_run(struct scan *scan, struct door_list *list, struct work work)
{
	work.n = list->n;
	work.shared = list;
	work.key = path_list_key;
	work.shared_done = path_list_shared_done;
	return phase_run(scan, &work, NULL);
}

void merge_init(struct merge *merge, struct model *model, struct report *report, unsigned sources)
{
	*merge = (struct merge){ .model = model, .report = report, .sources = sources };
	arena_init(&merge->arena);
}

void merge_done(struct merge *merge)
{
	arena_done(&merge->arena);
	free(merge->threads.at);
	free(merge->tables.at);
	free(merge->sockets.at);
	free(merge->uses.at);
	free(merge->rings.at);
	free(merge->ring_sockets.at);
	free(merge->listed.at);
	u64map_done(&merge->troubled);
	u64map_done(&merge->timed_out);
	u64map_done(&merge->by_inode);
	u64map_done(&merge->ring_by_inode);
	u64map_done(&merge->mounts_read);
	u64map_done(&merge->mounts_partly);
	u64map_done(&merge->unopened);
	u64map_done(&merge->mount_ids);
	u64map_done(&merge->unseen);
	u64map_done(&merge->unseen_ids);
}

static void add_thread(struct merge *merge, const struct fact *fact, int tid)
{
	struct thread_list *list = &merge->threads;
	struct thread_item *last = list->n ? &list->at[list->n - 1] : NULL;

	if (!last || last->pid != fact->pid || last->n == THREADS_OF_AN_ITEM) {
		last = array_push(list->at, list->n, list->size);
		*last = (struct thread_item){ .pid = fact->pid, .tid = fact->task.tid };
		memcpy(last->ino, fact->task.ino, sizeof(last->ino));
	}
	last->tids[last->n++] = tid;
}

static void merge_table(struct merge *merge, const struct fact *fact)
{
	struct table_list *list = &merge->tables;

	*array_push(list->at, list->n, list->size) = (struct table_item){ fact->pid, fact->tid };
}

static void hold_members(struct merge *merge, const struct fact *fact, const struct task *task)
{
	const struct holder holder = {
		.kind = fact->task.zombie ? HOLDER_ZOMBIE : HOLDER_PROCESS,
		.task = task,
		.tid = fact->task.tid,
	};

	if (!(merge->sources & 1u << SOURCE_PROCESSES))
		return;
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (fact->task.ino[t])
			merge_holder(merge, (struct ns_ref){ t, fact->task.ino[t] }, &holder);
}

static void merge_task(struct merge *merge, const struct fact *fact)
{
	struct task *task = model_find_task(merge->model, fact->pid);

	if (!task) {
		task = model_add_task(merge->model, fact->pid);
		task->is_new = merge->again;
		merge->news += merge->again;
	}
	if (!merge->again || task->is_new) {
		task->tid = fact->task.tid;
		task->zombie = fact->task.zombie;
		memcpy(task->ino, fact->task.ino, sizeof(task->ino));
	}
	if (merge->sources & 1u << SOURCE_THREADS)
		for (size_t i = 0; i < fact->task.ntids; i++)
			if (fact->task.tids[i] != fact->task.tid)
				add_thread(merge, fact, fact->task.tids[i]);
	hold_members(merge, fact, task);
}

/* A thread that has left its process's namespace does not count there. */
static void count_away(struct merge *merge, const struct task *task, enum nstype type)
{
	struct ns_ref left = { type, task->ino[type] };
	struct ns *ns = left.ino ? model_find(merge->model, left) : NULL;

	if (ns && merge_is_news(merge, task, left))
		ns->threads_away++;
}

static void merge_hold(struct merge *merge, const struct fact *fact)
{
	struct holder holder = {
		.kind = fact->hold.kind,
		.task = model_find_task(merge->model, fact->pid),
		.tid = fact->tid,
		.fd = fact->hold.fd,
	};

	if (holder.kind == HOLDER_THREAD && holder.task)
		count_away(merge, holder.task, fact->ref.type);
	if (holder.task)
		merge_holder(merge, fact->ref, &holder);
}

static void merge_new_pidns(struct merge *merge, const struct fact *fact)
{
	/* Beside the keys of trouble. */
	uint64_t key = (uint64_t)(SOURCE_COUNT << 1) << 32 | (uint32_t)fact->tid;
	struct task *task = model_find_task(merge->model, fact->pid);

	if (!task || u64map_get(&merge->troubled, key))
		return;
	task->new_pidns++;
	if (!task->ino[NS_USER])
		task->ino[NS_USER] = fact->ref.ino;
	merge->report->new_pidns++;
	u64map_put(&merge->troubled, key, merge);
}

/* A table may be read twice: a mount that is known by its id says nothing new. */
static void merge_mount(struct merge *merge, const struct fact *fact)
{
	uint64_t id = (uint64_t)fact->mount.mntns << 32 | fact->mount.id;
	struct arena *arena = &merge->model->arena;
	struct holder holder = { .kind = HOLDER_MOUNT };
	struct holder_mount *mount;

	if (fact->mount.id && u64map_get(&merge->mount_ids, id))
		return;
	mount = arena_alloc(arena, sizeof(*mount));
	if (fact->mount.id)
		u64map_put(&merge->mount_ids, id, mount);
	mount->mntns = fact->mount.mntns;
	mount->task = fact->pid ? model_find_task(merge->model, fact->pid) : NULL;
	mount->tid = fact->tid;
	mount->path = arena_strdup(arena, fact->mount.path);
	holder.mount = mount;
	merge->news += merge->again;
	model_hold(merge->model, model_get(merge->model, fact->ref), &holder);
}

/* An edge of the graph of namespaces, upwards: who is above exists as long as who is below. */
static struct ns *relate_to(
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
	struct ns *ns = model_get(merge->model, fact->ref);

	if (ns->related)
		return;
	ns->related = true;
	ns->id = fact->relations.id;
	ns->has_owner_uid = fact->relations.has_owner_uid;
	ns->owner_uid = fact->relations.owner_uid;
	ns->has_netnsid = fact->relations.has_netnsid;
	ns->netnsid = fact->relations.netnsid;
	ns->owner = relate_to(merge, ns, owner, HOLDER_OWNED);
	ns->parent = relate_to(merge, ns, parent, HOLDER_CHILD);
	if (fact->ref.type == NS_USER)
		ns->owner = ns->parent;
}

static uint64_t trouble_key(enum source source, bool vanished, pid_t pid)
{
	return (uint64_t)(source << 1 | vanished) << 32 | (uint32_t)pid;
}

/* What a thread that ended hides of its process is nothing: so that counts apart. */
static uint64_t fact_trouble_key(const struct fact *fact)
{
	bool vanished = error_class(fact->trouble.error) == ERROR_VANISHED;

	return trouble_key(fact->trouble.source, vanished, fact->pid);
}

bool merge_has_vanished(const struct merge *merge, enum source source, pid_t pid)
{
	return u64map_get(&merge->troubled, trouble_key(source, true, pid));
}

static void mark_unread(const struct merge *merge, pid_t pid)
{
	struct task *task = model_find_task(merge->model, pid);

	if (task)
		task->unread = true;
}

static void merge_trouble(struct merge *merge, const struct fact *fact)
{
	if (fact->pid && u64map_get(&merge->troubled, fact_trouble_key(fact)))
		return;
	if (error_class(fact->trouble.error) != ERROR_VANISHED)
		mark_unread(merge, fact->pid);
	report_count(merge->report, fact->trouble.source, fact->trouble.error);
	if (fact->pid)
		u64map_put(&merge->troubled, fact_trouble_key(fact), merge);
}

/* Keeps a process that is new from being read later in the scan: that would time out again. */
static void add_timed_out(struct merge *merge, pid_t pid)
{
	struct task *task = model_find_task(merge->model, pid);

	if (!task) {
		task = model_add_task(merge->model, pid);
		task->asked = ~0u;
	}
	task->unread = true;
	u64map_put(&merge->timed_out, (uint64_t)pid, merge);
}

void merge_timed_out(struct merge *merge, pid_t pid)
{
	if (merge_timed_out_before(merge, pid))
		return;
	merge->report->timed_out++;
	if (pid)
		add_timed_out(merge, pid);
}

bool merge_timed_out_before(const struct merge *merge, pid_t pid)
{
	return u64map_get(&merge->timed_out, (uint64_t)pid);
}

static void merge_gap(struct merge *merge, const struct fact *fact)
{
	merge->report->gaps |= fact->gap;
	if (fact->gap == REPORT_GAP_RING_UNREAD || fact->gap == REPORT_GAP_DESCRIPTORS)
		mark_unread(merge, fact->pid);
	if (fact->gap == REPORT_GAP_DESCRIPTORS)
		report_crowded(merge->report, fact->pid);
}

void merge_fact(struct merge *merge, const struct fact *fact)
{
	switch (fact->kind) {
	case FACT_TASK:
		merge_task(merge, fact);
		break;
	case FACT_HOLD:
		merge_hold(merge, fact);
		break;
	case FACT_NEW_PIDNS:
		merge_new_pidns(merge, fact);
		break;
	case FACT_MOUNT:
		merge_mount(merge, fact);
		break;
	case FACT_DETACHED:
		merge->model->detached_mounts = true;
		break;
	case FACT_TABLE:
		merge_table(merge, fact);
		break;
	case FACT_SOCKET:
		merge_socket(merge, fact);
		break;
	case FACT_RING:
		merge_ring(merge, fact);
		break;
	case FACT_RING_FILE:
		merge_ring_file(merge, fact);
		break;
	case FACT_NETNS:
		merge->sockets.at[fact->netns.item]->netns = fact->ref;
		break;
	case FACT_RELATIONS:
		merge_relations(merge, fact);
		break;
	case FACT_LISTED:
		merge_listed(merge, fact);
		break;
	case FACT_LIST_END:
		merge->report->listed = true;
		break;
	case FACT_GONE:
		model_release(model_find(merge->model, fact->ref));
		break;
	case FACT_MOUNTS_TOLD:
		model_get(merge->model, fact->ref)->mounts_whole = true;
		break;
	case FACT_MOUNTS_PART:
		u64map_put(&merge->mounts_partly, fact->ref.ino, merge);
		break;
	case FACT_UNOPENED:
		u64map_put(&merge->unopened, thread_key(fact->pid, fact->tid), merge);
		break;
	case FACT_TROUBLE:
		merge_trouble(merge, fact);
		break;
	case FACT_GAP:
		merge_gap(merge, fact);
		break;
	}
}

void merge_mounts_read(struct merge *merge, uint32_t ino)
{
	u64map_put(&merge->mounts_read, ino, merge);
}

void merge_mounts_partly(struct merge *merge)
{
	const struct u64map *partly = &merge->mounts_partly;

	for (size_t i = 0; i < partly->size; i++) {
		const struct u64map_slot *slot = &partly->slots[i];
		const struct ns_ref ref = { NS_MNT, (uint32_t)slot->key };
		const struct ns *ns = slot->value ? model_find(merge->model, ref) : NULL;

		if (slot->value && !(ns && ns->mounts_whole))
			report_partial_mounts(merge->report, (uint32_t)slot->key);
	}
}
