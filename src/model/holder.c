// SPDX-License-Identifier: MIT
/* What each kind of holder is called, its path and its text. */
#include "nsls/model/holder.h"

#include "nsls/model/model.h"

static const struct holder_kind_info {
	const char *name;
	const char *release;
	bool has_path; /* the namespace can be reached through it */
} kinds[HOLDER_KIND_COUNT] = {
	[HOLDER_PROCESS] = { "process",
		"member process; ends with it, or when it moves by setns(2)", true },
	[HOLDER_ZOMBIE] = { "zombie", "ended member process; its parent must wait(2) for it or end",
		true },
	[HOLDER_THREAD] = { "thread",
		"member thread of a process in another instance; ends with it", true },
	[HOLDER_CHILDREN] = { "children",
		"the task's next child will be a member; ends with the task", true },
	[HOLDER_FD] = { "fd", "open file descriptor; the process must close(2) it or end", true },
	[HOLDER_SOCKET] = { "socket", "open socket of this network namespace; close(2) it or end" },
	[HOLDER_TUN] = { "tun", "open tun device; close(2) it or end" },
	[HOLDER_MOUNT] = { "mount", "bind mount; umount(8) it, in its own mount namespace", true },
	[HOLDER_OWNED] = { "owned",
		"a namespace that this user namespace owns; goes with that one" },
	[HOLDER_CHILD] = { "child", "a child namespace; goes when that one is gone" },
	[HOLDER_KERNEL] = { "kernel",
		"listed by the kernel, the holder can't be seen (a descriptor in "
		"flight in a socket queue, say)" },
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
	       holder->kind == HOLDER_TUN;
}

static void add_task(const struct holder *holder, struct strbuf *out)
{
	strbuf_addf(out, " %d", holder->task->pid);
	if (holder->tid != holder->task->pid)
		strbuf_addf(out, "/%d", holder->tid);
}

static void add_task_dir(const struct task *task, pid_t tid, struct strbuf *out)
{
	strbuf_addf(out, "%d/", task->pid);
	if (tid != task->pid)
		strbuf_addf(out, "task/%d/", tid);
}

bool holder_root(const struct holder *holder, struct strbuf *out)
{
	if (holder->kind != HOLDER_MOUNT || !holder->mount->task)
		return false;
	add_task_dir(holder->mount->task, holder->mount->tid, out);
	strbuf_adds(out, "root");
	return true;
}

bool holder_has_path(const struct holder *holder)
{
	return kinds[holder->kind].has_path &&
	       (holder->kind != HOLDER_MOUNT || holder->mount->task);
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
	add_task_dir(holder->task, holder->tid, out);
	if (holder->kind == HOLDER_FD)
		strbuf_addf(out, "fd/%d", holder->fd);
	else
		strbuf_adds(out, holder->kind == HOLDER_CHILDREN ? info->children : info->link);
}

void holder_mount_text(const struct holder_mount *mount, uint32_t our_mnt, struct strbuf *out)
{
	if (!our_mnt || mount->mntns != our_mnt)
		strbuf_addf(out, "%u:", mount->mntns);
	strbuf_adds(out, mount->path);
}

/* What follows the kind and the process: a mount point, a namespace. */
static void add_detail(const struct holder *holder, uint32_t our_mnt, struct strbuf *out)
{
	char text[NSTYPE_TEXT_MAX];

	if (holder->kind == HOLDER_MOUNT) {
		strbuf_adds(out, " ");
		holder_mount_text(holder->mount, our_mnt, out);
	} else if (holder->kind == HOLDER_OWNED || holder->kind == HOLDER_CHILD) {
		strbuf_addf(out, " %s", nstype_format(holder->ns->ref, text));
	}
}

void holder_describe(const struct holder *holder, uint32_t our_mnt, struct strbuf *out)
{
	strbuf_adds(out, holder_kind_name(holder->kind));
	if (holder->task)
		add_task(holder, out);
	if (holder_has_fd(holder))
		strbuf_addf(out, ":%d", holder->fd);
	add_detail(holder, our_mnt, out);
}

void holder_summarise(const struct holder *holder, uint32_t our_mnt, struct strbuf *out)
{
	strbuf_adds(out, holder_kind_name(holder->kind));
	if (holder->task && holder->tid != holder->task->pid)
		strbuf_addf(out, " %d", holder->tid);
	if (holder_has_fd(holder))
		strbuf_addf(out, " %d", holder->fd);
	add_detail(holder, our_mnt, out);
}
