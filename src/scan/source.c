// SPDX-License-Identifier: MIT
/* What the sources share: their names, the judgement of errors, and the door to the model. */
#include "source.h"

#include "nsls/fatal.h"

#include <errno.h>

static const struct source_info sources[SOURCE_COUNT] = {
	[SOURCE_PROCESSES] = { "processes", "/proc/PID/ns/*", "namespaces" },
	[SOURCE_THREADS] = { "threads", "/proc/PID/task/TID/ns/*", "threads" },
	[SOURCE_FDS] = { "fds", "/proc/PID/fd/* that are namespace files", "descriptors" },
	[SOURCE_SOCKETS] = { "sockets", "sockets of other network namespaces", "sockets" },
	[SOURCE_MOUNTS] = { "mounts", "namespace files mounted in any mount namespace", "mounts" },
	[SOURCE_KERNEL] = { "kernel", "what the kernel itself lists, listns(2)", "kernel list" },
};

const struct source_info *source_info(enum source source)
{
	return &sources[source];
}

static bool is_vanished(int error)
{
	return error == -ENOENT || error == -ESRCH;
}

int scan_trouble(struct scan *scan, enum source source, int error)
{
	struct source_trouble *trouble = &scan->report->trouble[source];

	if (is_fatal(error))
		return error;
	if (is_vanished(error))
		trouble->vanished++;
	else if (error == -EACCES || error == -EPERM)
		trouble->denied++;
	else
		trouble->odd++;
	return 0;
}

static bool is_gone(const struct scan_task *st)
{
	char text[64];
	int r;

	if (!st->task->ino[NS_MNT])
		return false;
	r = procfs_read_link(st->fd, nstype_info(NS_MNT)->link, text, sizeof(text));
	return r == -ENOENT || r == -ESRCH;
}

int scan_task_trouble(struct scan_task *st, enum source source, int error)
{
	if (!is_fatal(error) && !is_vanished(error)) {
		if (st->troubled & 1u << source)
			return 0;
		if (is_gone(st))
			error = -ESRCH;
		else
			st->troubled |= 1u << source;
	}
	return scan_trouble(st->scan, source, error);
}

int scan_hold(struct scan *scan, struct ns_ref ref, const struct holder *holder)
{
	struct ns *ns;
	int r = model_get(scan->model, ref, &ns);

	return r < 0 ? r : model_hold(scan->model, ns, holder);
}

int scan_list_threads(struct scan_task *st, enum source source)
{
	struct numbers *tids = &st->scan->tids;
	unsigned count;
	int r;

	if (st->tids_listed)
		return 0;
	st->tids_listed = true;
	tids->n = 0;
	r = procfs_count_threads(st->fd, &count);
	if (r == 0 && count != 1)
		r = procfs_list(st->fd, "task", tids);
	return r < 0 ? scan_task_trouble(st, source, r) : 0;
}
