// SPDX-License-Identifier: MIT
/*
 * Walks the open descriptors once for two sources: those on namespace files and those on sockets.
 * The text of a link decides who looks closer, so that most descriptors cost one readlink(2).
 */
#include "source.h"

#include "nsls/cleanup.h"
#include "nsls/number.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* A socket by its inode number, or 0 for an open tun device, which is a socket inside. */
static bool parse_socket(const char *text, uint64_t *ret_inode)
{
	size_t len = strlen(text);

	*ret_inode = 0;
	if (!strcmp(text, "/dev/net/tun"))
		return true;
	if (strncmp(text, "socket:[", 8) != 0 || text[len - 1] != ']')
		return false;
	return number_parse(text + 8, len - 9, UINT64_MAX, ret_inode) == 0;
}

static int look_at_fd(struct scan_task *st, int dirfd, pid_t tid, int fd)
{
	char path[32], text[64];
	uint64_t inode;
	int r;

	snprintf(path, sizeof(path), "fd/%d", fd);
	r = procfs_read_link(dirfd, path, text, sizeof(text));
	if (r == -ENOENT)
		return 0; /* closed meanwhile */
	if (r < 0 && r != -ENAMETOOLONG)
		return scan_task_trouble(st, SOURCE_FDS, r);
	if (parse_socket(text, &inode))
		return scan_wants(st->scan, SOURCE_SOCKETS)
			       ? source_socket(st, dirfd, tid, fd, inode)
			       : 0;
	return scan_wants(st->scan, SOURCE_FDS) ? source_fd(st, dirfd, tid, fd, text) : 0;
}

static int look_at_table(struct scan_task *st, int dirfd, pid_t tid)
{
	enum source source = scan_wants(st->scan, SOURCE_FDS) ? SOURCE_FDS : SOURCE_SOCKETS;
	struct numbers *fds = &st->scan->fds;
	int r = procfs_list(dirfd, "fd", fds);

	if (r < 0)
		return scan_task_trouble(st, source, r);
	for (size_t i = 0; r == 0 && i < fds->n; i++)
		r = look_at_fd(st, dirfd, tid, fds->at[i]);
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

	if (nsfs->same_files(nsfs, *seen, tid) != 0 ||
		(*seen != st->task->pid && nsfs->same_files(nsfs, st->task->pid, tid) != 0))
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
