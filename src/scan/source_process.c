// SPDX-License-Identifier: MIT
/* Member processes, and the namespaces that a process has made for its future children. */
#include "source.h"

#include "nsls/kernel/proctext.h"

#include <errno.h>
#include <sys/stat.h>

static unsigned wanted_types(const struct scan *scan)
{
	if (scan_wants(scan, SOURCE_PROCESSES) || scan_wants(scan, SOURCE_THREADS))
		return (1u << NS_TYPE_COUNT) - 1;
	return (scan_wants(scan, SOURCE_SOCKETS) ? 1u << NS_NET : 0) |
	       (scan_wants(scan, SOURCE_MOUNTS) ? 1u << NS_MNT : 0);
}

/* Reads the links of the given types. *ret_missing gets those that are not there. */
static int read_types(struct scan_task *st, unsigned types, unsigned *ret_missing)
{
	*ret_missing = 0;
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		int r;

		if (!(types & 1u << t))
			continue;
		r = procfs_read_ns(st->fd, nstype_info(t)->link, t, &st->task->ino[t]);
		if (r == -ENOENT || r == -ESRCH) {
			*ret_missing |= 1u << t;
			continue;
		}
		/* One check guards them all, ptrace(2) PTRACE_MODE_READ: the first refusal will do.
		 */
		if (r < 0 && r != -EACCES && r != -EPERM)
			r = scan_task_trouble(st, SOURCE_PROCESSES, r);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Only the process's first thread has ended; the others are alive (pthread_exit(3) in main). */
static bool has_other_threads(const struct scan_task *st)
{
	struct proc_stat stat;

	return proctext_read_stat(st->fd, &stat) == 0 && stat.num_threads > 1;
}

static bool is_ended(const struct scan_task *st, unsigned missing)
{
	struct proc_stat stat;

	/* A process in the middle of exit(2) has the same links as a zombie, but is not Z yet. */
	if (st->scan->procfs->kernel)
		return missing & (1u << NS_MNT | 1u << NS_NET);
	return proctext_read_stat(st->fd, &stat) == 0 && stat.state == 'Z';
}

/*
 * Links are missing. An ended process that nobody waited for keeps only its user and PID
 * namespace; one that is gone altogether keeps none, and what was read of it no longer counts.
 */
static int explain_missing(struct scan_task *st, unsigned missing)
{
	struct stat dir;

	if (fstatat(st->fd, "ns", &dir, 0) < 0) {
		st->scan->report->trouble[SOURCE_PROCESSES].vanished++;
		return 1;
	}
	st->task->zombie = is_ended(st, missing) && !has_other_threads(st);
	return 0;
}

/* A process that has given up its memory in exit(2) is refused to root, too, until it is gone. */
static bool is_ending(const struct scan_task *st)
{
	struct proc_stat stat;

	return proctext_read_stat(st->fd, &stat) == 0 && stat.ending;
}

int scan_read_links(struct scan_task *st)
{
	unsigned missing;
	int r = read_types(st, wanted_types(st->scan), &missing);

	if ((r == -EACCES || r == -EPERM) && is_ending(st))
		r = -ESRCH;
	if (r < 0) {
		r = scan_task_trouble(st, SOURCE_PROCESSES, r);
		return r < 0 ? r : 1;
	}
	missing &= ~st->scan->unsupported;
	return missing ? explain_missing(st, missing) : 0;
}

int source_children(struct scan_task *st, int dirfd, pid_t tid, enum source source)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		struct holder holder = { .kind = HOLDER_CHILDREN, .task = st->task, .tid = tid };
		const char *link = nstype_info(t)->children;
		uint32_t ino;
		int r;

		if (!link)
			continue;
		/* -ENOENT: not this kernel, or a PID namespace that has no process yet. */
		r = procfs_read_ns(dirfd, link, t, &ino);
		if (r == 0 && ino != st->task->ino[t])
			r = scan_hold(st->scan, (struct ns_ref){ t, ino }, &holder);
		else if (r == -ENOENT)
			r = 0;
		if (r < 0 && (r = scan_task_trouble(st, source, r)) < 0)
			return r;
	}
	return 0;
}

int source_process(struct scan_task *st)
{
	struct holder holder = {
		.kind = st->task->zombie ? HOLDER_ZOMBIE : HOLDER_PROCESS,
		.task = st->task,
		.tid = st->task->pid,
	};

	if (!scan_wants(st->scan, SOURCE_PROCESSES))
		return 0;
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		struct ns_ref ref = { t, st->task->ino[t] };
		int r = ref.ino ? scan_hold(st->scan, ref, &holder) : 0;

		if (r < 0)
			return r;
	}
	if (st->task->zombie)
		return 0;
	return source_children(st, st->fd, st->task->pid, SOURCE_PROCESSES);
}
