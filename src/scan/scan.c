// SPDX-License-Identifier: MIT
/* The walk: opens each process once, lets the sources look at it, then relates what was found. */
#include "nsls/scan/scan.h"

#include "nsls/base/cleanup.h"
#include "source.h"

#include <errno.h>
#include <stdio.h>

static int look_at_task(struct scan_task *st)
{
	static int (*const look[])(
		struct scan_task *) = { source_process, source_thread, scan_fds, source_mount };
	int r = scan_read_links(st);

	for (size_t i = 0; r == 0 && i < sizeof(look) / sizeof(*look); i++)
		r = look[i](st);
	return r < 0 ? r : 0;
}

static int walk_task(struct scan *scan, pid_t pid)
{
	struct scan_task st = { .scan = scan, .table.copier = -1 };
	CLEANUP_FD int fd = procfs_open_task(scan->procfs, pid);
	int r;

	if (fd < 0)
		return scan_trouble(scan, SOURCE_PROCESSES, fd);
	st.fd = fd;
	r = model_add_task(scan->model, pid, &st.task);
	if (r == 0)
		r = look_at_task(&st);
	return r;
}

/* PID 1 always exists; a procfs that does not name it hides processes (proc(5), hidepid). */
static bool hides_processes(const struct scan *scan)
{
	return scan->procfs->kernel && (!scan->pids.n || scan->pids.at[0] != 1);
}

static int walk(struct scan *scan)
{
	int r = procfs_list(scan->procfs->fd, ".", &scan->pids);

	if (r < 0)
		return r;
	if (!scan->pids.n)
		return -ENODATA;
	scan->report->gaps |= hides_processes(scan) ? REPORT_GAP_HIDEPID : 0;
	for (size_t i = 0; r == 0 && i < scan->pids.n; i++)
		r = walk_task(scan, scan->pids.at[i]);
	return r;
}

/* What this process lacks, which is alive for sure, the kernel lacks. */
static void learn_self(struct scan *scan)
{
	uint32_t ino = 0;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		char path[32];
		int r;

		snprintf(path, sizeof(path), "self/%s", nstype_info(t)->link);
		r = procfs_read_ns(scan->procfs->fd, path, t, &ino);
		if (r == -ENOENT && scan->procfs->self)
			scan->unsupported |= 1u << t;
		if (r == 0 && t == NS_MNT)
			scan->model->our_mnt = ino;
	}
}

/* PIDs that are not ours can't be given to pidfd_open(2) or kcmp(2). */
static void note_foreign_pids(struct scan *scan)
{
	bool given = scan_wants(scan, SOURCE_FDS) || scan_wants(scan, SOURCE_SOCKETS);

	if (given && scan->procfs->kernel && !scan->procfs->ours)
		scan->report->gaps |= REPORT_GAP_FOREIGN;
}

static int scan_all(struct scan *scan)
{
	int r;

	learn_self(scan);
	note_foreign_pids(scan);
	r = source_socket_start(scan);
	if (r == 0)
		r = walk(scan);
	if (r == 0)
		r = relate_all(scan);
	if (r == 0)
		r = source_kernel(scan);
	return r;
}

int scan_run(const struct procfs *procfs, const struct nsfs *nsfs,
	const struct scan_options *options, struct model *model, struct report *report)
{
	struct scan scan = {
		.procfs = procfs, .nsfs = nsfs, .options = options, .model = model, .report = report
	};
	int r;

	*report = (struct report){ 0 };
	r = scan_all(&scan);
	numbers_done(&scan.pids);
	numbers_done(&scan.tids);
	numbers_done(&scan.fds);
	u64map_done(&scan.sockets);
	u64map_done(&scan.cookies);
	u64map_done(&scan.mount_ids);
	if (r == 0)
		model_sort(model);
	return r;
}
