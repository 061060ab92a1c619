// SPDX-License-Identifier: MIT
/*
 * How to release a namespace from each of its holders, and from all. What ends a process is not a
 * command, so that nobody pastes it unread. Words and commands are safe to paste into a shell, see
 * shell_add_command().
 */
#include "nsls/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Depth of PID namespaces, pid_namespaces(7). */
#define PIDNS_DEPTH_MAX 32

/* The name is quoted with its parentheses: fish(1) takes these for a command to run. */
static void add_process(struct strbuf *out, const struct process *process)
{
	CLEANUP(strbuf_done) struct strbuf name = { 0 };

	strbuf_addf(out, "process %d", process->pid);
	if (!process->comm)
		return;
	strbuf_addf(&name, "(%s)", process->comm);
	strbuf_adds(out, " ");
	shell_add_word(out, strbuf_text(&name));
}

/* Appends words about a process and, unless it is NULL, another one. */
static void add_processes(struct strbuf *out, const char *words, const struct process *process,
	const char *between, const struct process *other)
{
	strbuf_adds(out, words);
	add_process(out, process);
	strbuf_adds(out, between);
	if (other)
		add_process(out, other);
}

static void add_ns(struct strbuf *out, const char *words, struct ns_ref ref)
{
	char text[NSTYPE_TEXT_MAX];

	strbuf_addf(out, "%s %s", words, nstype_format(ref, text));
}

/* A zombie ends when its parent waits for it, or ends itself: then its new parent waits. */
static void release_zombie(
	const struct model *model, const struct process *zombie, struct strbuf *out)
{
	const struct process *parent =
		zombie->has_stat ? model_find_process(model, zombie->ppid) : NULL;

	if (parent)
		add_processes(out, "end ", parent, " or let it wait for ", zombie);
	else
		add_processes(out, "no command: the parent that has to wait for ", zombie,
			zombie->has_stat ? " is not in this procfs" : " is not known", NULL);
}

/* Returns a member of the PID namespace or of one below, a zombie if there is one; or NULL. */
static const struct process *find_member(
	const struct ns *pidns, const struct process *except, int depth)
{
	const struct process *found = NULL, *below;

	for (const struct holder *h = pidns->first; h; h = h->next) {
		if (holder_is_member(h) && h->process != except) {
			if (h->kind == HOLDER_ZOMBIE)
				return h->process;
			found = found ? found : h->process;
		} else if (h->kind == HOLDER_CHILD && depth < PIDNS_DEPTH_MAX) {
			below = find_member(h->ns, except, depth + 1);
			found = found && !(below && below->zombie) ? found : below;
		}
	}
	return found;
}

/*
 * Returns the process that an exiting one waits for, or NULL: process 1 of a PID namespace waits
 * until all others in it are gone, zap_pid_ns_processes() of kernel/pid_namespace.c. Of these, it
 * waits itself for its children. A zombie with a parent outside remains until that waits for it.
 */
static const struct process *find_awaited(const struct model *model, const struct process *exiting)
{
	const struct ns_ref ref = { NS_PID, exiting->ino[NS_PID] };
	const struct ns *pidns = exiting->nspid == 1 ? model_find(model, ref) : NULL;

	return pidns ? find_member(pidns, exiting, 0) : NULL;
}

/*
 * Returns true if the file that the mount is on may be removed: it was made to be mounted on, as
 * below /run, but not where users may put links. The removal detaches every mount on the file in
 * other mount namespaces, locked or not; so all of them are gone at once.
 */
static bool releases_copies(const struct model *model, const struct holder_mount *mount)
{
	return model->our_pids && mount->ours && mount->process && !mount->hidden &&
	       mount->point.file && !strncmp(mount->path, "/run/", 5) &&
	       strncmp(mount->path, "/run/user/", 10) != 0;
}

/* Returns true if a command unmounts it. */
static bool has_umount(const struct model *model, const struct holder_mount *mount)
{
	return model->our_pids && mount->process && !mount->hidden && !mount->locked_by &&
	       (mount->ours || mount->below_root);
}

/*
 * Returns true if it is not known where it is mounted. If its mount namespace has no member, that
 * does not matter: it can only be released with that.
 */
static bool lacks_mount_point(const struct model *model, const struct holder_mount *mount)
{
	const struct ns *mnt = model_find(model, (struct ns_ref){ NS_MNT, mount->mntns });

	return mount->path[0] != '/' && (!mnt || mnt->nprocs || mount->ours || !model->our_pids);
}

static void release_mount(
	const struct model *model, const struct holder_mount *mount, struct strbuf *out)
{
	const struct holder_mount *copy = mount->locked_by;
	const struct ns_ref mnt = { NS_MNT, mount->mntns };
	char command[64];
	const char *name;

	if (!copy || !releases_copies(model, copy))
		copy = releases_copies(model, mount) ? mount : NULL;
	name = copy ? ns_name_at(copy->path) : NULL;
	if (name && shell_is_plain(name)) {
		shell_add_command(out, "ip netns del", name);
	} else if (copy) {
		shell_add_command(out, "umount", copy->path);
		strbuf_adds(out, " && ");
		shell_add_command(out, "rm", copy->path);
	} else if (has_umount(model, mount) && mount->ours) {
		shell_add_command(out, "umount", mount->path);
	} else if (has_umount(model, mount)) {
		/* -i and -n keep umount(8) from running and writing what is in that namespace. */
		snprintf(command, sizeof(command), "umount -i -n -N %d", mount->tid);
		shell_add_command(out, command, mount->path);
	} else if (lacks_mount_point(model, mount)) {
		strbuf_adds(out, "no command: its mount point is not known");
	} else if (!model->our_pids) {
		strbuf_adds(out, "no command: unmount ");
		shell_add_word(out, mount->path);
		add_ns(out, " in", mnt);
	} else if (mount->ours) {
		strbuf_adds(out, "no command: another mount hides the mount point");
	} else {
		add_ns(out, "disappears with", mnt);
	}
}

void release_holder(const struct model *model, const struct holder *holder, struct strbuf *out)
{
	const struct process *process = holder->process, *awaited = NULL;

	if (holder->kind == HOLDER_EXITING)
		awaited = find_awaited(model, process);
	if (holder->kind == HOLDER_ZOMBIE || (awaited && awaited->zombie)) {
		release_zombie(model, awaited ? awaited : process, out);
	} else if (holder->kind == HOLDER_EXITING) {
		add_processes(out, "no command: ", process,
			awaited ? " is exiting, and waits for " : " is exiting", awaited);
	} else if (holder->kind == HOLDER_MOUNT) {
		release_mount(model, holder->mount, out);
	} else if (process && (process->pid == model->self || process->kthread)) {
		strbuf_addf(out, "no command: process %d is %s", process->pid,
			process->kthread ? "a kernel thread" : "nsls itself");
	} else if (process) {
		add_processes(out, "end ", process, "", NULL);
	} else if (holder_ns(holder)) {
		add_ns(out, "disappears with", holder_ns(holder)->ref);
	} else { /* HOLDER_KERNEL */
		strbuf_adds(out, "no command: probably a descriptor in flight has to be received");
	}
}

/* Namespaces that have to be released for one: those that hold it, and those that hold these. */

void releases_done(struct releases *releases)
{
	free(releases->at);
	u64map_done(&releases->seen);
	u64map_done(&releases->files);
	u64map_done(&releases->groups);
	u64map_done(&releases->ended);
	u64map_done(&releases->ending);
	u64map_done(&releases->inits);
	u64map_done(&releases->waits);
}

/* Returns true if the command for another mount releases this one, too. */
static bool is_on_released_file(const struct releases *releases, const struct holder_mount *mount)
{
	const struct holder_mount *released = u64map_get(&releases->files, mount_file_key(mount));

	return released && released != mount && mount_is_on_same_file(released, mount);
}

/* Returns the namespace that the holder disappears with, or NULL. */
static const struct ns *holder_goes_with(
	const struct releases *releases, const struct holder *holder)
{
	const struct model *model = releases->model;
	const struct holder_mount *mount = holder->mount;
	const struct ns *mnt;

	if (holder->kind != HOLDER_MOUNT)
		return holder_ns(holder);
	if (lacks_mount_point(model, mount) || mount->ours || !model->our_pids ||
		has_umount(model, mount) || is_on_released_file(releases, mount))
		return NULL;
	mnt = model_find(model, (struct ns_ref){ NS_MNT, mount->mntns });
	return mnt && ns_can_be_released(model, mnt) ? mnt : NULL;
}

/*
 * Limit of holders of the namespaces that one disappears with. A user can make as many namespaces
 * disappear with one that has many holders, and each row of the list has commands of its own.
 */
#define HOLDERS_MAX 1000

/* holders: how many to count towards the limit. */
static void releases_add_ns(struct releases *releases, const struct ns *ns, size_t holders)
{
	if (u64map_get(&releases->seen, ns_ref_key(ns->ref)))
		return;
	releases->holders += holders;
	if (releases->holders > HOLDERS_MAX) {
		releases->cut = true;
		return;
	}
	u64map_add(&releases->seen, ns_ref_key(ns->ref));
	*array_push(releases->at, releases->n, releases->size) = ns;
	for (const struct holder *h = ns->first; h; h = h->next)
		if (h->kind == HOLDER_MOUNT && releases_copies(releases->model, h->mount))
			u64map_put(&releases->files, mount_file_key(h->mount), h->mount);
}

void releases_add(struct releases *releases, const struct ns *ns)
{
	size_t next = releases->n;

	releases->holders = 0;
	releases_add_ns(releases, ns, 0);
	for (; next < releases->n; next++)
		for (const struct holder *h = releases->at[next]->first; h; h = h->next) {
			const struct ns *with = holder_goes_with(releases, h);

			if (with)
				releases_add_ns(releases, with, with->nholders);
		}
}

bool ns_can_be_released(const struct model *model, const struct ns *ns)
{
	uint32_t host[NS_TYPE_COUNT];

	model_host(model, host);
	return ns->ref.ino != host[ns->ref.type] &&
	       !(model_knows_initial(model, ns->ref.type) &&
		       ns->ref.ino == nstype_info[ns->ref.type].initial_ino);
}

/* When process 1 of a PID namespace ends, the kernel ends all others in it and in those below. */
static bool ends_with_init(const struct releases *list, const struct process *process)
{
	const struct ns *pid =
		model_find(list->model, (struct ns_ref){ NS_PID, process->ino[NS_PID] });

	for (int depth = 0; pid && depth <= PIDNS_DEPTH_MAX; depth++, pid = pid->parent) {
		const struct holder *init = u64map_get(&list->inits, pid->ref.ino);

		if (init && init->process->pid != process->pid)
			return true;
	}
	return false;
}

static bool needs_wait(struct releases *list, const struct process *zombie)
{
	uint64_t parent = (uint64_t)zombie->ppid;

	return !u64map_get(&list->ending, parent) && u64map_add(&list->waits, parent);
}

/* A mount is also released by umount(2) of another one on the same file in the same peer group. */
static bool needs_mount(struct releases *list, struct holder_mount *mount)
{
	uint64_t key = mount_file_key(mount) ^ mount->point.peers * 0x9e3779b97f4a7c15;
	const struct holder_mount *peer = u64map_get(&list->groups, key);

	if (is_on_released_file(list, mount))
		return false;
	if (!mount->point.peers || mount->locked_by || !has_umount(list->model, mount))
		return true;
	if (peer && peer->point.peers == mount->point.peers && mount_is_on_same_file(peer, mount))
		return false;
	u64map_put(&list->groups, key, mount);
	return true;
}

static bool list_needs(struct releases *list, const struct holder *holder)
{
	const struct process *process = holder->process, *awaited;

	if (holder_goes_with(list, holder))
		return false;
	if (holder->kind == HOLDER_MOUNT)
		return needs_mount(list, holder->mount);
	if (holder->kind == HOLDER_ZOMBIE)
		return needs_wait(list, process);
	if (holder->kind == HOLDER_EXITING) {
		awaited = find_awaited(list->model, process);
		return !awaited || !awaited->zombie || needs_wait(list, awaited);
	}
	return !process || (process->pid != list->model->self && !ends_with_init(list, process) &&
				   u64map_add(&list->ended, (uint64_t)process->pid));
}

size_t release_ns(const struct model *model, const struct ns *ns, struct strbuf *out)
{
	struct releases list = { .model = model };
	size_t n = 0;

	if (!ns_can_be_released(model, ns))
		return 0;
	releases_add(&list, ns);
	for (size_t i = 0; i < list.n; i++)
		for (struct holder *h = list.at[i]->first; h; h = h->next) {
			if (!h->process || h->kind == HOLDER_ZOMBIE)
				continue;
			if (h->kind != HOLDER_EXITING)
				u64map_put(&list.ending, (uint64_t)h->process->pid, h);
			if (holder_is_member(h) && h->process->nspid == 1 &&
				h->process->ino[NS_PID])
				u64map_put(&list.inits, h->process->ino[NS_PID], h);
		}
	for (size_t i = 0; i < list.n; i++)
		for (const struct holder *h = list.at[i]->first; h; h = h->next) {
			if (!list_needs(&list, h))
				continue;
			release_holder(model, h, out);
			strbuf_end_item(out, &n);
		}
	if (list.cut) {
		strbuf_adds(out, "no command: too many others hold it to list them all");
		strbuf_end_item(out, &n);
	}
	releases_done(&list);
	return n;
}
