// SPDX-License-Identifier: MIT
/* The table of the kinds of holders; path and text of a holder; and which mounts are locked. */
#include "nsls/base.h"
#include "nsls/model.h"
#include "nsls/report.h"

#include <string.h>

#define PID_AND_USER (1u << NS_PID | 1u << NS_USER)
/* All threads of a process are in the same instance of these. */
#define NOT_OF_THREADS (PID_AND_USER | 1u << NS_TIME)

const struct holder_kind_info holder_kind_info[HOLDER_KIND_COUNT] = {
	[HOLDER_PROCESS] = { "process", .has_path = true },
	/* They hold no others any more. */
	[HOLDER_ZOMBIE] = { "zombie", .has_path = true, .types = PID_AND_USER },
	[HOLDER_EXITING] = { "exiting", .has_path = true, .types = PID_AND_USER },
	[HOLDER_THREAD] = { "thread", .has_path = true, .types = NS_TYPES_ALL & ~NOT_OF_THREADS },
	[HOLDER_CHILDREN] = { "children", .has_path = true, .types = 1u << NS_PID | 1u << NS_TIME },
	[HOLDER_FD] = { "fd", .has_path = true, .has_fd = true },
	[HOLDER_SOCKET] = { "socket", .has_fd = true, .types = 1u << NS_NET,
		.limitations = LIMITATION_PIDFD },
	[HOLDER_TUN] = { "tun", .has_fd = true, .types = 1u << NS_NET,
		.limitations = LIMITATION_PIDFD },
	[HOLDER_URING] = { "uring", .has_fd = true,
		.limitations =
			LIMITATION_RING_FILES | LIMITATION_RING_SOCKETS | LIMITATION_RING_UNREAD },
	[HOLDER_QUEUE] = { "queue", .has_fd = true, .needs_bpf = true },
	[HOLDER_PEER] = { "peer", .has_fd = true, .needs_bpf = true, .types = PID_AND_USER },
	[HOLDER_PIDFD] = { "pidfd", .has_fd = true, .needs_bpf = true, .types = 1u << NS_PID },
	[HOLDER_CRED] = { "cred", .has_fd = true, .needs_bpf = true, .types = 1u << NS_USER },
	[HOLDER_SUPERBLOCK] = { "superblock", .has_fd = true, .needs_bpf = true,
		.types = PID_AND_USER },
	[HOLDER_FILE] = { "file", .has_fd = true, .needs_bpf = true,
		.types = 1u << NS_NET | 1u << NS_CGROUP },
	[HOLDER_TREE] = { "tree", .has_fd = true, .needs_bpf = true },
	[HOLDER_MOUNT] = { "mount", .has_path = true,
		.limitations = LIMITATION_MNT_WALK | LIMITATION_STATMOUNT },
	[HOLDER_OWNED] = { "owned", .types = 1u << NS_USER },
	[HOLDER_CHILD] = { "child", .types = PID_AND_USER },
	[HOLDER_KERNEL] = { "kernel", .limitations = LIMITATION_LISTNS },
};

bool holder_is_member(const struct holder *holder)
{
	return holder->kind == HOLDER_PROCESS || holder->kind == HOLDER_ZOMBIE ||
	       holder->kind == HOLDER_EXITING;
}

const struct process *holder_process(const struct holder *holder)
{
	if (holder->kind != HOLDER_MOUNT)
		return holder->process;
	return holder->mount->ours ? NULL : holder->mount->process;
}

const struct ns *holder_ns(const struct holder *holder)
{
	return holder->kind == HOLDER_OWNED || holder->kind == HOLDER_CHILD ? holder->ns : NULL;
}

static void holder_add_proc_dir(const struct process *process, pid_t tid, struct strbuf *out)
{
	strbuf_addf(out, "%d/", process->pid);
	if (tid != process->pid)
		strbuf_addf(out, "task/%d/", tid);
}

bool holder_has_path(const struct holder *holder)
{
	return holder_kind_info[holder->kind].has_path &&
	       (holder->kind != HOLDER_MOUNT || (holder->mount->process && !holder->mount->hidden &&
							!holder->mount->file_system));
}

bool holder_root(const struct holder *holder, struct strbuf *out)
{
	if (holder->kind != HOLDER_MOUNT || !holder_has_path(holder))
		return false;
	holder_add_proc_dir(holder->mount->process, holder->mount->tid, out);
	strbuf_adds(out, "root");
	return true;
}

void holder_path(const struct holder *holder, enum nstype type, struct strbuf *out)
{
	const struct ns_type_info *info = &nstype_info[type];

	if (!holder_has_path(holder))
		return;
	if (holder->kind == HOLDER_MOUNT) {
		holder_root(holder, out);
		strbuf_adds(out, holder->mount->path);
		return;
	}
	holder_add_proc_dir(holder->process, holder->tid, out);
	if (holder->kind == HOLDER_FD)
		strbuf_addf(out, "fd/%d", holder->fd);
	else
		strbuf_addf(out, "ns/%s",
			holder->kind == HOLDER_CHILDREN ? info->children : info->name);
}

void holder_mount_text(const struct holder_mount *mount, struct strbuf *out)
{
	if (!mount->ours)
		strbuf_addf(out, "%u:", mount->mntns);
	strbuf_adds(out, mount->path);
}

static void holder_add_ns(const struct holder *holder, struct strbuf *out)
{
	char text[NSTYPE_TEXT_MAX];

	if (holder_ns(holder))
		strbuf_addf(out, " %s", nstype_format(holder_ns(holder)->ref, text));
}

void holder_describe(const struct holder *holder, struct strbuf *out)
{
	strbuf_adds(out, holder_kind_info[holder->kind].name);
	if (holder->process)
		strbuf_addf(out, " %d", holder->process->pid);
	if (holder->process && holder->tid != holder->process->pid)
		strbuf_addf(out, "/%d", holder->tid);
	if (holder_kind_info[holder->kind].has_fd)
		strbuf_addf(out, ":%d", holder->fd);
	if (holder->kind == HOLDER_MOUNT) {
		strbuf_adds(out, " ");
		holder_mount_text(holder->mount, out);
	}
	holder_add_ns(holder, out);
}

/*
 * The process that has the mount may be a single thread, with its process in another mount
 * namespace: /proc/TID exists as well, and is that of the thread.
 */
void holder_summarise(const struct holder *holder, struct strbuf *out)
{
	const struct holder_mount *mount = holder->kind == HOLDER_MOUNT ? holder->mount : NULL;

	strbuf_adds(out, holder_kind_info[holder->kind].name);
	if (holder->process && holder->tid != holder->process->pid)
		strbuf_addf(out, " %d", holder->tid);
	if (holder_kind_info[holder->kind].has_fd)
		strbuf_addf(out, " %d", holder->fd);
	if (mount)
		strbuf_addf(out, " %s", mount->path);
	if (mount && !mount->ours) {
		strbuf_addf(out, " in %u", mount->mntns);
		if (mount->process)
			strbuf_addf(out, " (PID %d)", mount->tid);
		if (mount->locked_by)
			strbuf_addf(out, ", locked: a copy of that in %u", mount->locked_by->mntns);
	}
	holder_add_ns(holder, out);
}

void holder_explain(const struct holder *holder, struct strbuf *out)
{
	if (!holder->process) {
		holder_summarise(holder, out);
		return;
	}
	holder_describe(holder, out);
	if (holder->process->comm)
		strbuf_addf(out, " (%s)", holder->process->comm);
}

/*
 * Finds mounts that are locked, mount_namespaces(7): a mount namespace that is made in a new user
 * namespace gets copies of all mounts, and umount(2) of one of these fails with EINVAL.
 *
 * No kernel file shows the lock. A mount on the same file, of the same namespace, in a mount
 * namespace of a user namespace above shows that this one is a copy. A copy that receives from
 * there may have arrived later, and then is not locked: it does not count as locked.
 */

static const struct ns *mount_owner(const struct model *model, const struct holder_mount *mount)
{
	const struct ns *mnt = model_find(model, (struct ns_ref){ NS_MNT, mount->mntns });

	return mnt ? mnt->owner : NULL;
}

static bool is_above(const struct ns *user, const struct ns *below)
{
	for (below = below->parent; below; below = below->parent)
		if (below == user)
			return true;
	return false;
}

bool mount_is_on_same_file(const struct holder_mount *a, const struct holder_mount *b)
{
	return a->point.file && b->point.file && !strcmp(a->point.file, b->point.file);
}

uint64_t mount_file_key(const struct holder_mount *mount)
{
	return mount->point.file ? text_hash(mount->point.file) : 0;
}

void model_find_locked_mounts(struct model *model)
{
	for (size_t i = 0; i < model->n; i++) {
		CLEANUP(u64map_done) struct u64map originals = { 0 };
		const struct holder *first = model->at[i]->first;

		/* The original of a file: a mount of ours, else of a user namespace above. */
		for (const struct holder *h = first; h; h = h->next) {
			struct holder_mount *mount = h->kind == HOLDER_MOUNT ? h->mount : NULL,
					    *known;
			const struct ns *owner = mount ? mount_owner(model, mount) : NULL;

			if (!owner || !mount->point.file)
				continue;
			known = u64map_get(&originals, mount_file_key(mount));
			if (!known || mount->ours ||
				(!known->ours && is_above(owner, mount_owner(model, known))))
				u64map_put(&originals, mount_file_key(mount), mount);
		}
		for (const struct holder *h = first; h; h = h->next) {
			struct holder_mount *mount = h->kind == HOLDER_MOUNT ? h->mount : NULL,
					    *known;
			const struct ns *owner = mount ? mount_owner(model, mount) : NULL;

			known = owner ? u64map_get(&originals, mount_file_key(mount)) : NULL;
			if (known && mount_is_on_same_file(known, mount) &&
				(!mount->point.master ||
					mount->point.master != known->point.peers) &&
				is_above(mount_owner(model, known), owner))
				mount->locked_by = known;
		}
	}
}
