// SPDX-License-Identifier: MIT
/* Reads each file of a shown process at most once. */
#include "read_task.h"

#include "nsls/base/cleanup.h"
#include "nsls/base/error.h"
#include "nsls/enrich/identity.h"
#include "nsls/kernel/procfile.h"
#include "nsls/select/query.h"

#include <errno.h>

#define CGROUPS_MOST ((size_t)128 * 1024)

/* -ESTALE where it is in another namespace than when it was scanned. */
static int compare_links(int dirfd, const struct task_item *item)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		uint32_t ino;
		int r;

		if (!item->ino[t])
			continue;
		r = procfs_read_ns(dirfd, nstype_info(t)->link, t, &ino);
		if (r < 0 || ino != item->ino[t])
			return r < 0 ? r : -ESTALE;
	}
	return 0;
}

static bool ran_before(int fd, const struct task_item *item)
{
	struct proc_stat stat;

	return proctext_read_stat(fd, &stat) == 0 && stat.start_ticks < item->scan_ticks;
}

static int read_text(int fd, int (*read)(int task_fd, struct strbuf *out), struct arena *arena,
	const char **ret_text)
{
	struct strbuf text;
	int r;

	strbuf_init(&text);
	r = read(fd, &text);
	if (r == 0 && text.len)
		*ret_text = arena_strdup(arena, text.text);
	strbuf_done(&text);
	return r;
}

/* The user is that of a thread that runs; only the first thread's ID is that of the process. */
static int read_status(int fd, int dirfd, struct task_facts *facts)
{
	struct proc_status thread;
	int r = proctext_read_status(fd, &facts->status);

	facts->has_status = r == 0;
	if (r == 0 && dirfd != fd && proctext_read_status(dirfd, &thread) == 0)
		facts->status.uid = thread.uid;
	return r;
}

/* A control group may be nested as deep as its path is long: what is beyond the bound is cut. */
static int read_identity(int fd, struct arena *arena, struct task_facts *facts)
{
	struct strbuf text;
	int r;

	strbuf_init(&text);
	r = procfile_read_start(fd, "cgroup", CGROUPS_MOST, &text);
	if (r >= 0) {
		identity_parse(strbuf_text(&text), text.len, arena, &facts->identity);
		facts->has_identity = true;
	}
	strbuf_done(&text);
	return r;
}

/* Some things are those of the thread by which the process is read: an ended one lacks them. */
static int read_files(int fd, int thread_fd, const struct task_item *item, struct arena *arena,
	struct task_facts *facts)
{
	int dirfd = thread_fd < 0 ? fd : thread_fd, r = 0;

	if (item->needs & NEED_STAT) {
		r = proctext_read_stat(fd, &facts->stat);
		facts->has_stat = r == 0;
	}
	if (item->needs & NEED_STATUS && !error_is_fatal(r))
		r = read_status(fd, dirfd, facts);
	if (item->needs & NEED_COMMAND && !error_is_fatal(r))
		r = read_text(dirfd, proctext_read_command, arena, &facts->command);
	if (item->needs & NEED_COMM && !error_is_fatal(r))
		r = read_text(fd, proctext_read_comm, arena, &facts->comm);
	if (item->needs & NEED_IDENTITY && !error_is_fatal(r))
		r = read_identity(dirfd, arena, facts);
	return error_is_fatal(r) ? r : 0;
}

/*
 * Its PID may have been given to another process since. What is in the same namespaces of the types
 * that are shown will do, because what is read is true of the rows; and so will a process that ran
 * already when the scan began, wherever it has gone since.
 */
int read_task(const struct procfs *procfs, const struct task_item *item, struct arena *arena,
	struct task_facts *facts)
{
	CLEANUP_FD int fd = procfs_open_task(procfs, item->pid);
	CLEANUP_FD int thread_fd = -1;
	int r = fd < 0 ? fd : compare_links(fd, item);
	pid_t tid;

	if (fd >= 0 && (item->tid != item->pid || r == -ENOENT))
		thread_fd = procfs_open_remaining_thread(procfs, fd, item->pid, &tid);
	if (thread_fd >= 0)
		r = compare_links(thread_fd, item);
	if (fd < 0 || error_is_fatal(thread_fd) || error_is_fatal(r))
		return error_is_fatal(thread_fd) ? thread_fd : error_is_fatal(r) ? r : 0;
	if (r == 0 || ran_before(fd, item))
		return read_files(fd, thread_fd, item, arena, facts);
	facts->unsure = error_class(r) != ERROR_VANISHED;
	return 0;
}
