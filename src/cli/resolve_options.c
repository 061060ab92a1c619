// SPDX-License-Identifier: MIT
/* Resolves processes (--task) to namespaces, a path or device (--mounted) to mounts. */
#include "internal.h"

#include "nsls/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Processes (--task), which a child process reads, because that may block. */

static int read_namespace_refs(const struct procfs *procfs, int dirfd, struct ns_ref *ret_refs)
{
	CLEANUP_FD int ns_fd = procfs_open_ns(procfs, dirfd);
	int n = 0, error = -ESRCH;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		uint32_t ino;
		int r = ns_fd < 0 ? ns_fd : procfs_read_ns(ns_fd, nstype_info(t)->name, t, &ino);

		if (r == 0)
			ret_refs[n++] = (struct ns_ref){ t, ino };
		else if (r != -ENOENT)
			error = r;
	}
	return n ? n : error;
}

int target_of_process(const struct procfs *procfs, pid_t pid, struct ns_ref *ret_refs)
{
	CLEANUP_FD int fd = procfs_open_process(procfs, pid);
	CLEANUP_FD int thread_fd = -1;
	uint32_t ino;
	pid_t tid;

	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	/* The process has ended, or only its main thread. */
	if (procfs_read_own_ns(procfs, fd, NS_MNT, &ino) == -ENOENT)
		thread_fd = procfs_open_remaining_thread(procfs, fd, pid, &tid);
	if (error_is_fatal(thread_fd))
		return thread_fd;
	return read_namespace_refs(procfs, thread_fd < 0 ? fd : thread_fd, ret_refs);
}

struct process_refs {
	int n; /* of target_of_process() */
	struct ns_ref at[NS_TYPE_COUNT];
};

static void read_process_refs(const void *data, size_t i, void *item)
{
	const struct session *session = data;
	struct process_refs *refs = item;

	refs->n = target_of_process(&session->procfs, session->options->processes[i], refs->at);
}

static int add_process(struct session *session, pid_t pid, const struct process_refs *refs)
{
	if (!refs)
		return message_fail(session->err, -ETIMEDOUT, "timed out reading process %d", pid);
	if (error_is_fatal(refs->n))
		return session_fail(session, refs->n);
	if (refs->n == -ESRCH)
		return message_fail(
			session->err, -ESRCH, "no process %d in %s", pid, session->options->procfs);
	if (refs->n < 0)
		return message_fail(session->err, refs->n,
			"could not read the namespaces of process %d: %s", pid, strerror(-refs->n));
	for (int i = 0; i < refs->n; i++)
		ns_refs_add(&session->resolver.named, refs->at[i]);
	return 0;
}

int resolver_find_processes(struct session *session)
{
	const struct options *options = session->options;
	size_t n = options->nprocesses, done;
	struct process_refs *refs = memory_alloc(n, sizeof(*refs));
	const struct child_work work = { .run = read_process_refs,
		.data = session,
		.items = refs,
		.n = n,
		.size = sizeof(*refs) };
	int r = 0;

	done = n ? child_run(&work, options->timeout_ms) : 0;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_process(session, options->processes[i], i < done ? &refs[i] : NULL);
	free(refs);
	return r;
}

/* Mounts (--mounted). */

/* What a path leads to. */
struct found_path {
	bool block_device;
	unsigned major, minor; /* of a block device */
	char path[PATH_MAX];   /* without links; empty: unknown */
};

static char *device_text(unsigned major, unsigned minor)
{
	char text[KERNEL_DEVICE_MAX];

	snprintf(text, sizeof(text), "%u:%u", major, minor);
	return memory_copy(text);
}

/* O_PATH opens neither a device nor a file, and does not ask the server of a mount point. */
static void find_path(const void *data, size_t i, void *item)
{
	CLEANUP_FD int fd = open(data, O_PATH | O_CLOEXEC);
	struct found_path *found = item;
	struct statx stx;
	char link[40];

	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &stx) < 0)
		return;
	found->block_device = S_ISBLK(stx.stx_mode);
	found->major = stx.stx_rdev_major;
	found->minor = stx.stx_rdev_minor;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (procfs_read_link(AT_FDCWD, link, found->path, sizeof(found->path)) < 0)
		found->path[0] = '\0';
}

bool mounted_parse_number(const char *text, char **ret_device)
{
	uint64_t major, minor;
	const char *colon = number_take(text, UINT32_MAX, &major);
	const char *end =
		colon && *colon == ':' ? number_take(colon + 1, UINT32_MAX, &minor) : NULL;

	if (!end || *end)
		return false;
	if (ret_device)
		*ret_device = device_text((unsigned)major, (unsigned)minor);
	return true;
}

/*
 * Finds out which mounts to look for. A path of another system is looked up only in the mount table
 * of that. One that does not exist may still be a mount point elsewhere, or the source of a mount.
 */
int mounted_resolve(struct session *session)
{
	struct mount_filter *filter = &session->mounted;
	const char *text = session->options->mounted;
	bool ours = session->procfs.ours;
	struct found_path found = { 0 };
	const struct child_work work = {
		.run = find_path, .data = text, .items = &found, .n = 1, .size = sizeof(found)
	};
	int r;

	if (!text || mounted_parse_number(text, &filter->device))
		return 0;
	if (ours && child_run(&work, session->options->timeout_ms) < 1)
		return message_fail(session->err, -ETIMEDOUT, "timed out reading %s", text);
	filter->typed = memory_copy(text);
	filter->source = memory_copy(found.path[0] == '/' ? found.path : text);
	for (size_t len = strlen(filter->source); len > 1 && filter->source[len - 1] == '/'; len--)
		filter->source[len - 1] = '\0';
	if (found.block_device) {
		filter->device = device_text(found.major, found.minor);
		return 0;
	}
	filter->point = memory_copy(filter->source);
	r = mount_filter_find(&session->procfs, ours ? session->procfs.self : 1, filter);
	if (filter->device) { /* which says more than a text that any user may choose */
		free(filter->point);
		free(filter->source);
		free(filter->typed);
		filter->point = filter->source = filter->typed = NULL;
	}
	return error_is_fatal(r) ? session_fail(session, r) : 0;
}

int mounted_check(const struct session *session)
{
	const struct mount_filter *filter = &session->mounted;
	const char *text = session->options->mounted;
	const char *rest =
		report_is_complete(&session->report) ? "" : ", but not everything could be read";

	if (!text || session->options->quiet || session->options->count)
		return 0;
	for (size_t i = 0; i < session->model.n; i++)
		if (session->model.at[i]->mounted)
			return 0;
	if (!filter->device)
		return message_fail(session->err, -ENOENT,
			"nothing is mounted on %s, or from it, in any mount namespace%s", text,
			rest);
	if (!strcmp(filter->device, text))
		return message_fail(session->err, -ENOENT,
			"no mount namespace has device %s mounted%s", text, rest);
	return message_fail(session->err, -ENOENT,
		"no mount namespace has %s (device %s) mounted%s", text, filter->device, rest);
}
