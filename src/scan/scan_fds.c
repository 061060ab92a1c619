// SPDX-License-Identifier: MIT
/*
 * Walks the open descriptors once for two sources: those on namespace files and those on sockets.
 * What a link leads to decides who looks closer, so that most descriptors cost one system call.
 */
#include "source.h"

#include "nsls/base/cleanup.h"
#include "nsls/base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* "socket:[INODE]", as links of /proc/PID/fd read, proc(5). */
static bool parse_socket(const char *text, uint64_t *ret_inode)
{
	size_t len = strlen(text);

	return !strncmp(text, "socket:[", 8) && text[len - 1] == ']' &&
	       number_parse(text + 8, len - 9, UINT64_MAX, ret_inode) == 0;
}

/* In a plain directory a link is all that there is: its text tells. */
static int peek_at_text(struct scan *scan, int table, const char *link, struct fd_target *target)
{
	struct ns_ref ref;
	char text[64];
	int r = procfs_read_link(table, link, text, sizeof(text));

	*target = (struct fd_target){ .kind = FD_OTHER };
	if (r < 0 && r != -ENAMETOOLONG)
		return r;
	if (nstype_parse(text, &ref) == 0)
		*target = (struct fd_target){ .kind = FD_NAMESPACE, .ino = ref.ino };
	else if (parse_socket(text, &target->ino))
		target->kind = FD_SOCKET;
	else if (!strcmp(text, "/dev/net/tun"))
		target->kind = FD_TUN;
	else if (text[0] == '/')
		return scan->nsfs->peek(scan->nsfs, table, link, target);
	return 0;
}

/*
 * Tells an open socket from the file of one that was opened with O_PATH, which is on some other
 * file system. Sockets are all on one, which the first of them shows.
 */
static int confirm_socket(struct scan *scan, int table, const char *link, struct fd_target *target)
{
	uint64_t inode;
	char text[64];
	int r;

	if (target->kind != FD_SOCKET || target->dev == scan->socket_dev)
		return 0;
	r = procfs_read_link(table, link, text, sizeof(text));
	if (r == 0 && parse_socket(text, &inode))
		scan->socket_dev = target->dev;
	else
		target->kind = FD_OTHER;
	return r == -ENAMETOOLONG ? 0 : r;
}

static int look_at_fd(struct scan_task *st, int fd)
{
	struct scan *scan = st->scan;
	int table = st->table.fds;
	struct fd_target target;
	char link[16];
	int r;

	snprintf(link, sizeof(link), "%d", fd);
	r = scan->procfs->kernel ? scan->nsfs->peek(scan->nsfs, table, link, &target)
				 : peek_at_text(scan, table, link, &target);
	if (r == 0 && scan_wants(scan, SOURCE_SOCKETS))
		r = confirm_socket(scan, table, link, &target);
	if (r == -ENOENT)
		return 0; /* closed meanwhile */
	if (r < 0)
		return scan_task_trouble(st, SOURCE_FDS, r);
	if (target.kind == FD_NAMESPACE && scan_wants(scan, SOURCE_FDS))
		return source_fd(st, fd, (uint32_t)target.ino);
	if (!scan_wants(scan, SOURCE_SOCKETS))
		return 0;
	if (target.kind == FD_TUN)
		return source_socket(st, fd, 0);
	if (target.kind == FD_SOCKET)
		return source_socket(st, fd, target.ino);
	return 0;
}

static int look_at_table(struct scan_task *st, int dirfd, pid_t tid)
{
	enum source source = scan_wants(st->scan, SOURCE_FDS) ? SOURCE_FDS : SOURCE_SOCKETS;
	struct numbers *fds = &st->scan->fds;
	CLEANUP_FD int table = procfs_open_list(dirfd, "fd", fds);
	int r = 0;

	if (table < 0)
		return scan_task_trouble(st, source, table);
	st->table = (struct fd_table){ .tid = tid, .task = dirfd, .fds = table, .copier = -1 };
	for (size_t i = 0; r == 0 && i < fds->n; i++)
		r = look_at_fd(st, fds->at[i]);
	source_socket_end(st);
	return r;
}

/*
 * Threads that have a descriptor table of their own, by unshare(CLONE_FILES), or whose process's
 * first thread has ended. *seen is the thread whose table was walked last.
 */
static int look_at_thread(struct scan_task *st, pid_t tid, pid_t *seen)
{
	const struct nsfs *nsfs = st->scan->nsfs;
	CLEANUP_FD int fd = -1;
	char path[32];
	int same = nsfs->same_files(nsfs, *seen, tid);

	if (same == 0 && *seen != st->task->pid)
		same = nsfs->same_files(nsfs, st->task->pid, tid);
	if (same < 0)
		return scan_task_trouble(st, SOURCE_FDS, same);
	if (same)
		return 0;
	*seen = tid;
	snprintf(path, sizeof(path), "task/%d", tid);
	fd = openat(st->fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? scan_task_trouble(st, SOURCE_FDS, -errno) : look_at_table(st, fd, tid);
}

int scan_fds(struct scan_task *st)
{
	struct scan *scan = st->scan;
	pid_t pid = st->task->pid, seen = pid;
	int r;

	if (!scan_wants(scan, SOURCE_FDS) && !scan_wants(scan, SOURCE_SOCKETS))
		return 0;
	if (pid == scan->procfs->self)
		return 0; /* what nsls has open is gone with the answer */
	r = st->task->zombie ? 0 : look_at_table(st, st->fd, pid);
	if (r == 0 && scan->procfs->ours)
		r = scan_list_threads(st, SOURCE_FDS);
	for (size_t i = 0; r == 0 && scan->procfs->ours && i < scan->tids.n; i++)
		if (scan->tids.at[i] != pid)
			r = look_at_thread(st, scan->tids.at[i], &seen);
	return r;
}
