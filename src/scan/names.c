// SPDX-License-Identifier: MIT
/*
 * Reads the names of network namespaces, the entries of /run/netns (ip-netns(8)): mounts, symbolic
 * links such as that to /proc/PID/ns/net, and stale names, which lead to no namespace.
 */
#include "internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Skips "WORD/" and a number. Returns the text behind it, or NULL. */
static const char *skip_number_below(const char *text, const char *word)
{
	uint64_t number;

	if (!text || strncmp(text, word, strlen(word)) != 0)
		return NULL;
	return number_take(text + strlen(word), INT_MAX, &number);
}

/* Identifies the namespace of fd, a descriptor or -errno, and closes it. */
static int identify_fd(const struct kernel *kernel, int fd, struct ns_ref *ret_ref)
{
	int r = fd < 0 ? fd : kernel->ref(kernel, fd, ret_ref);

	kernel->close(kernel, fd);
	return r;
}

/*
 * A link leads anywhere, also to a file server that does not respond. So its text is read first. A
 * namespace of a process is read through our own procfs. Of other paths, only those in the dentry
 * cache are opened, without following further links.
 */
static int identify_link(
	const struct ctx *ctx, int dirfd, const char *target, struct ns_ref *ret_ref)
{
	const struct kernel *kernel = ctx->kernel;
	const char *pid = skip_number_below(target, "/proc/");
	const char *tid = skip_number_below(pid, "/task/");
	const char *rest = tid ? tid : pid, *root = "/";

	if (rest && !strcmp(rest, "/ns/net"))
		return procfs_read_ns(
			ctx->procfs.fd, target + strlen("/proc/"), NS_NET, &ret_ref->ino);
	if (!strncmp(target, "/var/run/", strlen("/var/run/")))
		target += strlen("/var"); /* a link to /run */
	else if (target[0] != '/' && !strchr(target, '/'))
		root = "."; /* another name */
	else if (target[0] != '/')
		return -EOPNOTSUPP;
	return identify_fd(kernel, kernel->open_below(kernel, dirfd, root, target), ret_ref);
}

/* A name from which a namespace was unmounted during the scan is about to be removed. */
static void merge_name(struct merge *merge, const struct fact *fact)
{
	struct model *model = merge->model;

	if (!fact->name)
		model->names_read = true;
	else if (fact->ref.ino)
		model_add_name(model, fact->ref, fact->name);
	else if (!u64map_get(&merge->mounted_names, text_hash(fact->name)))
		*array_push(model->stale_names, model->nstale, model->stale_size) =
			arena_strdup(&model->arena, fact->name);
}

/* Emits a name, maybe a stale one. Returns 0, 1 if it is unknown what it leads to, or -errno. */
static int emit_name(struct emitter *emitter, int dirfd, const char *name)
{
	const int flags = AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;
	const struct ctx *ctx = emitter->ctx;
	const struct timespec *start = &ctx->start;
	struct ns_ref ref = { NS_NET, 0 };
	struct statx stx;
	char target[PATH_MAX];
	int r = procfs_read_link(dirfd, name, target, sizeof(target));
	struct fact *fact;
	bool stale;

	if (r == -EINVAL) /* no link */
		r = identify_fd(ctx->kernel, ctx->kernel->open(ctx->kernel, dirfd, name), &ref);
	else if (r == 0)
		r = identify_link(ctx, dirfd, target, &ref);
	if (error_is_fatal(r))
		return r;
	stale = r == -ENOENT || r == -ENOTTY || (r == 0 && ref.type != NS_NET);
	if (r < 0 && !stale)
		return 1;
	/* ip(8) makes the file before it mounts the namespace: a new file is no stale name. */
	if (stale && (statx(dirfd, name, flags, STATX_MTIME, &stx) < 0 ||
			     stx.stx_mtime.tv_sec > start->tv_sec ||
			     (stx.stx_mtime.tv_sec == start->tv_sec &&
				     (long)stx.stx_mtime.tv_nsec >= start->tv_nsec)))
		return 0;
	fact = emit_fact(emitter, merge_name);
	if (!stale)
		fact->ref = ref;
	fact->name = arena_strdup(&emitter->worker->arena, name);
	return 0;
}

static int compare_entries(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_no_dot(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/*
 * Returns whether a missing directory is missing in the system, too. A container that shares the
 * host's PID namespace has another /run. A service with mounts of its own mostly has the same, so
 * the parent directory is compared with that of process 1. Needs no reply of a file server.
 */
static bool is_missing_in_system(const struct ctx *ctx, const char *dir)
{
	char copy[PATH_MAX], path[PATH_MAX];
	struct statx ours, theirs;
	const char *parent;
	uint32_t ino;

	if (!ctx->own[NS_MNT] || procfs_read_ns(ctx->procfs.fd, "1/ns/mnt", NS_MNT, &ino) < 0 ||
		ino == ctx->own[NS_MNT])
		return true;
	snprintf(copy, sizeof(copy), "%s", dir);
	parent = dirname(copy);
	snprintf(path, sizeof(path), "1/root%s", parent);
	return statx(AT_FDCWD, parent, AT_STATX_DONT_SYNC, STATX_INO, &ours) == 0 &&
	       statx(ctx->procfs.fd, path, AT_STATX_DONT_SYNC, STATX_INO, &theirs) == 0 &&
	       ours.stx_ino == theirs.stx_ino && ours.stx_dev_major == theirs.stx_dev_major &&
	       ours.stx_dev_minor == theirs.stx_dev_minor;
}

/* Emits the names in the order of their bytes. */
static int scan_names(struct emitter *emitter, void *item)
{
	const char *dir = emitter->ctx->options.names_dir;
	CLEANUP_FD int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **entries = NULL;
	int n = fd < 0 ? -1 : scandir(dir, &entries, is_no_dot, compare_entries);
	int r = n < 0 ? -errno : 0;
	bool all = n >= 0;

	for (int i = 0; i < n; i++) {
		if (r >= 0 && worker_progress(emitter->worker))
			r = emit_name(emitter, fd, entries[i]->d_name);
		all = all && r == 0;
		free(entries[i]);
	}
	free(entries);
	if (all || (fd < 0 && r == -ENOENT && is_missing_in_system(emitter->ctx, dir)))
		emit_fact(emitter, merge_name);
	return error_is_fatal(r) ? r : 0;
}

const struct phase phase_names = {
	.id = PHASE_NAMES,
	.fill = work_list_add_one,
	.scan = scan_names,
};
