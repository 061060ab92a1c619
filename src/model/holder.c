// SPDX-License-Identifier: MIT
/* The table of the kinds of holders: name, path and text of each. */
#include "nsls/model.h"

static const struct holder_kind_info {
	const char *name;
	const char *release;
	bool has_path; /* a path leads through it to the namespace */
} kinds[HOLDER_KIND_COUNT] = {
	[HOLDER_PROCESS] = {
		.name = "process",
		.release = "end the process, or let it join another namespace",
		.has_path = true,
	},
	[HOLDER_ZOMBIE] = {
		.name = "zombie",
		.release = "end its parent, or let the parent wait(2) for the process",
		.has_path = true,
	},
	[HOLDER_THREAD] = {
		.name = "thread",
		.release = "end the thread or its process",
		.has_path = true,
	},
	[HOLDER_CHILDREN] = {
		.name = "children",
		.release = "end the thread or its process",
		.has_path = true,
	},
	[HOLDER_FD] = {
		.name = "fd",
		.release = "end the process, or let it close the descriptor",
		.has_path = true,
	},
	[HOLDER_SOCKET] = {
		.name = "socket",
		.release = "end the process, or let it close the socket",
	},
	[HOLDER_TUN] = {
		.name = "tun",
		.release = "end the process, or let it close the device",
	},
	[HOLDER_URING] = {
		.name = "uring",
		.release = "end the process, or let it unregister the file",
	},
	[HOLDER_MOUNT] = {
		.name = "mount",
		.release = "umount -i -n -N PID MOUNT, PID being any process in mount namespace "
			   "MNTNS",
		.has_path = true,
	},
	[HOLDER_OWNED] = {
		.name = "owned",
		.release = "disappears with namespace HNS",
	},
	[HOLDER_CHILD] = {
		.name = "child",
		.release = "disappears with namespace HNS",
	},
	[HOLDER_KERNEL] = {
		.name = "kernel",
		.release = "probably a descriptor in flight over a UNIX socket: receive it, or "
			   "close the socket",
	},
};

const char *holder_kind_name(enum holder_kind kind)
{
	return kinds[kind].name;
}

const char *holder_kind_release(enum holder_kind kind)
{
	return kinds[kind].release;
}

bool holder_is_member(const struct holder *holder)
{
	return holder->kind == HOLDER_PROCESS || holder->kind == HOLDER_ZOMBIE;
}

bool holder_has_fd(const struct holder *holder)
{
	return holder->kind == HOLDER_FD || holder->kind == HOLDER_SOCKET ||
	       holder->kind == HOLDER_TUN || holder->kind == HOLDER_URING;
}

const struct ns *holder_ns(const struct holder *holder)
{
	return holder->kind == HOLDER_OWNED || holder->kind == HOLDER_CHILD ? holder->ns : NULL;
}

static void holder_add_process(const struct holder *holder, struct strbuf *out)
{
	strbuf_addf(out, " %d", holder->process->pid);
	if (holder->tid != holder->process->pid)
		strbuf_addf(out, "/%d", holder->tid);
}

static void holder_add_proc_dir(const struct process *process, pid_t tid, struct strbuf *out)
{
	strbuf_addf(out, "%d/", process->pid);
	if (tid != process->pid)
		strbuf_addf(out, "task/%d/", tid);
}

bool holder_root(const struct holder *holder, struct strbuf *out)
{
	if (holder->kind != HOLDER_MOUNT || !holder->mount->process)
		return false;
	holder_add_proc_dir(holder->mount->process, holder->mount->tid, out);
	strbuf_adds(out, "root");
	return true;
}

bool holder_has_path(const struct holder *holder)
{
	return kinds[holder->kind].has_path &&
	       (holder->kind != HOLDER_MOUNT || holder->mount->process);
}

void holder_path(const struct holder *holder, enum nstype type, struct strbuf *out)
{
	const struct ns_type_info *info = nstype_info(type);

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

void holder_mount_text(const struct holder_mount *mount, uint32_t our_mnt, struct strbuf *out)
{
	if (!our_mnt || mount->mntns != our_mnt)
		strbuf_addf(out, "%u:", mount->mntns);
	strbuf_adds(out, mount->path);
}

static void holder_add_ns(const struct holder *holder, struct strbuf *out)
{
	char text[NSTYPE_TEXT_MAX];

	if (holder_ns(holder))
		strbuf_addf(out, " %s", nstype_format(holder_ns(holder)->ref, text));
}

/*
 * Appends a mount point and a process that has the mount. That may be a single thread, with its
 * process in another mount namespace: /proc/TID exists as well, and is that of the thread.
 */
static void holder_add_mount(const struct holder_mount *mount, uint32_t our_mnt, struct strbuf *out)
{
	strbuf_addf(out, " %s", mount->path);
	if (our_mnt && mount->mntns == our_mnt)
		return;
	if (mount->mntns)
		strbuf_addf(out, " in %u", mount->mntns);
	if (mount->process)
		strbuf_addf(out, " (PID %d)", mount->tid);
}

void holder_describe(const struct holder *holder, uint32_t our_mnt, struct strbuf *out)
{
	strbuf_adds(out, holder_kind_name(holder->kind));
	if (holder->process)
		holder_add_process(holder, out);
	if (holder_has_fd(holder))
		strbuf_addf(out, ":%d", holder->fd);
	if (holder->kind == HOLDER_MOUNT) {
		strbuf_adds(out, " ");
		holder_mount_text(holder->mount, our_mnt, out);
	}
	holder_add_ns(holder, out);
}

void holder_summarise(const struct holder *holder, uint32_t our_mnt, struct strbuf *out)
{
	strbuf_adds(out, holder_kind_name(holder->kind));
	if (holder->process && holder->tid != holder->process->pid)
		strbuf_addf(out, " %d", holder->tid);
	if (holder_has_fd(holder))
		strbuf_addf(out, " %d", holder->fd);
	if (holder->kind == HOLDER_MOUNT)
		holder_add_mount(holder->mount, our_mnt, out);
	holder_add_ns(holder, out);
}

void holder_explain(const struct holder *holder, uint32_t our_mnt, struct strbuf *out)
{
	if (!holder->process) {
		holder_summarise(holder, our_mnt, out);
		return;
	}
	holder_describe(holder, our_mnt, out);
	if (holder->process->comm)
		strbuf_addf(out, " (%s)", holder->process->comm);
}
