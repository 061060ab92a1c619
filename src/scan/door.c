// SPDX-License-Identifier: MIT
#include "door.h"

#include "nsls/base/error.h"

#include <errno.h>
#include <stdio.h>

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
